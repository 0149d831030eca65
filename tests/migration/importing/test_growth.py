"""Fleets that grow: whatever is added in whatever order, nothing is lost, written twice, or loosened for others."""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envtree.core.starter import FILES as STARTER
from envtree.migration.apps.fleet import App, ProcessType
from tests.examples import examples
from tests.fleets import Rows, apps_of, codes_of, entries_in, imported, rows_of

ENVIRONMENTS = ("production", "staging", "qa")
SERVICES = tuple("abcdefgh")
NAMES = ("LOG_LEVEL", "REGION", "HOST", "FLAG", "STRIPE_SECRET_KEY", "DATABASE_URL", "X.bkp", "class", "QUEUE")
VALUES = ("1", "eu-west-1", "a longer text", "true", "sk_live_" + "aB3" * 8, "postgres://u:p@h/d", "", "no")
SLOW = examples(6)


def fleets() -> st.SearchStrategy[dict[str, dict[str, str]]]:
    """Some apps in any order, with few names and values, so that much is shared; some have nothing."""
    cells = st.sampled_from([f"{environment}/{service}" for environment in ENVIRONMENTS for service in "abcd"])
    values = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(VALUES), max_size=len(NAMES))
    shared = {
        "LOG_LEVEL": "info-level",
        "REGION": "eu-west-1",
        "QUEUE": "the queue",
        "HOST": "example.com",
        "FLAG": "yes",
    }
    alike = st.fixed_dictionaries({}, optional={name: st.just(text) for name, text in shared.items()})
    rows = st.tuples(alike, values, st.booleans()).map(lambda each: {**each[1], **each[0]} if each[2] else each[1])
    return st.dictionaries(cells, rows, min_size=1, max_size=10)


@SLOW
@given(fleets(), st.randoms(use_true_random=False))
def test_a_fleet_that_grows_in_any_order_is_what_one_import_of_all_makes(rows: Rows, random: Random) -> None:
    order = sorted(rows)
    random.shuffle(order)
    files: dict[str, bytes] = {}
    there: dict[str, dict[str, str]] = {}
    while order:
        step, order = order[: 1 + len(order) // 3], order[1 + len(order) // 3 :]
        there |= {cell: dict(rows[cell]) for cell in step}
        planned = imported(files, apps_of(there))
        files = dict(planned.source.files)
        assert rows_of(files) == there
        again = imported(files, apps_of(there))
        assert (again.files, again.deleted, again.conflicts, again.kept) == ({}, {}, (), ())
        at_once = imported({}, apps_of(there))
        assert entries_in(files) <= 1.05 * entries_in(at_once.source.files)


@SLOW
@given(fleets(), st.data())
def test_a_variable_that_every_app_of_a_service_has_can_not_be_deleted_unnoticed(
    rows: Rows, data: st.DataObject
) -> None:
    files = dict(imported({}, apps_of(rows)).source.files)
    candidates = [(cell, name) for cell, values in sorted(rows.items()) for name in sorted(values)]
    required = [
        (cell, name)
        for cell, name in candidates
        if all(name in rows[each] for each in rows if each.partition("/")[2] == cell.partition("/")[2])
    ]
    if not required:
        return
    cell, name = data.draw(st.sampled_from(required))
    environment, service = cell.split("/")
    path = f"configs/{service}/{environment}.yaml"
    text = re.sub(rf"^'?{re.escape(name)}'?: .*\n(?:  .*\n)*", "", files.get(path, b"").decode(), flags=re.MULTILINE)
    files[path] = f"{text}{name!r}: !unset\n".encode()
    assert ("missing-variable", name) in codes_of(files)


def test_an_odd_app_neither_loosens_the_schema_nor_removes_what_others_share() -> None:
    shared = {f"NAME_{number}": f"value {number}" for number in range(30)}
    rows = {f"{environment}/{service}": shared for environment in ENVIRONMENTS for service in "abc"}
    for order in ((*rows, "staging/odd"), ("staging/odd", *rows)):
        files: dict[str, bytes] = {}
        there: dict[str, dict[str, str]] = {}
        for cell in order:
            there[cell] = {**rows.get(cell, {})}
            files = dict(imported(files, apps_of(there)).source.files)
        assert rows_of(files) == there
        assert not any(b"!unset" in data for data in files.values())
        schemas = {path: data.decode() for path, data in files.items() if path.startswith("schemas/")}
        assert sorted(schemas) == ["schemas/a.py", "schemas/b.py", "schemas/c.py"]
        assert not any("None" in text for text in schemas.values())


@pytest.mark.parametrize("is_late", [False, True])
def test_an_app_that_lacks_much_of_its_service_has_a_class_of_its_own(*, is_late: bool) -> None:
    shared = {f"NAME_{number}": f"value {number}" for number in range(6)}
    rows: Rows = {"production/a": shared, "qa/a": shared, "staging/a": {"OTHER": "text"}}
    first = {} if not is_late else imported({}, apps_of({cell: rows[cell] for cell in list(rows)[:2]})).source.files
    files = dict(imported(first, apps_of(rows)).source.files)
    assert rows_of(files) == rows
    text = files["schemas/a.py"].decode()
    assert "None" not in text
    assert 'class A(Settings, environment="production"):' in text
    assert 'class AQa(A, environment="qa"):' in text
    assert 'class AStaging(Settings, environment="staging"):\n    OTHER: str\n' in text


def test_what_a_new_app_lacks_is_loosened_with_a_comment() -> None:
    rows: dict[str, dict[str, str]] = {"production/a": {"X": "one", "Y": "two"}}
    files = dict(imported({}, apps_of(rows)).source.files)
    assert "    X: str\n    Y: str\n" in files["schemas/a.py"].decode()
    rows["staging/a"] = {"X": "one"}
    files = dict(imported(files, apps_of(rows)).source.files)
    assert "    # optional: not in staging/a\n    Y: str | None = None\n" in files["schemas/a.py"].decode()


def test_a_variable_that_a_new_service_lacks_moves_to_the_classes_of_those_that_have_it() -> None:
    rows: dict[str, dict[str, str]] = {"production/a": {"X": "1", "Y": "two"}, "production/b": {"X": "1", "Y": "two"}}
    files = dict(imported({}, apps_of(rows)).source.files)
    assert "    X: int\n    Y: str\n" in files["schemas/common.py"].decode()
    assert "schemas/a.py" not in files
    rows["production/c"] = {"X": "1"}
    files = dict(imported(files, apps_of(rows)).source.files)
    assert rows_of(files) == rows
    assert "    X: int\n" in files["schemas/common.py"].decode()
    assert "Y" not in files["schemas/common.py"].decode()
    assert all("    Y: str\n" in files[f"schemas/{each}.py"].decode() for each in "ab")


def test_init_and_then_an_import_replaces_the_example() -> None:
    rows: Rows = {"production/a": {"X": "one"}, "staging/a": {"X": "one"}}
    files = {path: text.encode() for path, text in STARTER.items()}
    planned = imported(files, apps_of(rows))
    assert rows_of(planned.source.files) == rows
    assert "configs/app/service.yaml" in planned.deleted
    assert ".vscode/settings.json" in planned.source.files


def test_what_a_new_app_lacks_is_loosened_in_a_schema_by_hand_too() -> None:
    rows: Rows = {"production/a": {"X": "one"}, "staging/a": {"X": "one"}}
    files = {path: text.encode() for path, text in STARTER.items()}
    files["configs/app/service.yaml"] += b"# ours\n"
    planned = imported(files, apps_of(rows))
    assert rows_of(planned.source.files, rows) == rows
    text = planned.source.files["schemas/common.py"].decode()
    assert "LOG_LEVEL: Literal" not in text
    assert (
        'LOG_LEVEL: Literal["debug", "info", "warning", "error"]\n' in planned.source.files["schemas/app.py"].decode()
    )
    assert b"environments: [review, production]" in planned.source.files["configs/app/service.yaml"]


@pytest.mark.parametrize("seed", range(3))
def test_a_fleet_of_24_apps_takes_hardly_more_than_a_layering_by_hand(seed: int) -> None:
    layers = layering_by_hand(Random(seed))
    rows = {
        f"{environment}/{service}": {
            name: text
            for layer_id in ("common", environment, f"{service}/common", f"{service}/{environment}")
            for name, text in layers[layer_id].items()
        }
        for environment in ENVIRONMENTS
        for service in SERVICES
    }
    assert len(rows) == 24
    assert all(60 <= len(values) <= 100 for values in rows.values())
    planned = imported({}, apps_of(rows))
    files = planned.source.files
    assert rows_of(files) == rows
    assert entries_in(files) <= 1.1 * sum(map(len, layers.values()))
    across = [data.decode() for path, data in files.items() if path.endswith("common.yaml")]
    assert planned.secrets
    assert not any(f"{name}:" in text for text in across for name in planned.secrets)


def layering_by_hand(random: Random) -> dict[str, dict[str, str]]:
    """What a person would write for eight services in three environments: some 80 variables for each process."""

    def some(prefix: str, number: int) -> dict[str, str]:
        return {f"{prefix}_{each}": f"the {prefix.lower()} of {random.random()}" for each in range(number)}

    layers = {"common": some("SHARED", 25)}
    for environment in ENVIRONMENTS:
        layers[environment] = some("STAGE", 15) | {"STAGE_API_KEY": f"sk_live_{random.getrandbits(96):024x}"}
        layers[environment] |= {f"SHARED_{each}": f"other {random.random()}" for each in random.sample(range(25), 3)}
    for service in SERVICES:
        own = service.upper()
        layers[f"{service}/common"] = some(own, 25)
        for environment in ENVIRONMENTS:
            layers[f"{service}/{environment}"] = some(f"{own}_HERE", 12) | {
                f"{own}_SECRET_KEY": f"{random.getrandbits(128):032x}",
                f"{own}_{random.randrange(25)}": f"other {random.random()}",
            }
    return layers


def test_each_web_process_gets_a_port_of_its_own() -> None:
    web, worker = ProcessType("web", "serve", 1), ProcessType("worker", "work", 1)

    def fleet(*cells: str) -> list[App]:
        apps = apps_of({cell: {"X": "one"} for cell in cells})
        return [replace(app, formation=(web, worker)) for app in apps]

    first = imported({}, fleet("production/a", "staging/a", "production/c")).source.files
    files = imported(first, fleet("production/a", "staging/a", "production/c", "production/b")).source.files
    ports = {service: files[f"configs/{service}/web/common.yaml"] for service in "abc"}
    assert ports == {"a": b"PORT: 5000\n", "c": b"PORT: 5100\n", "b": b"PORT: 5200\n"}
    schemas = {path: data.decode() for path, data in files.items() if path.startswith("schemas/")}
    assert all(
        f'class {each.upper()}Web(Settings, process="web"):\n    PORT: Port\n' in schemas[f"schemas/{each}.py"]
        for each in "abc"
    )
    assert codes_of(files) == []


def test_a_port_that_an_app_has_stays_its_own() -> None:
    apps = [
        replace(app, formation=(ProcessType("web", "serve", 1),)) for app in apps_of({"production/a": {"PORT": "80"}})
    ]
    files = imported({}, apps).source.files
    assert "configs/a/web/common.yaml" not in files
    assert rows_of(files) == {"production/a": {"PORT": "80"}}


CLASS = "class A(Settings):\n    X: str\n    Y: str"
ODD_SCHEMAS = {
    "a byte order mark": f'\ufeff"""Ours."""\n\nfrom envtree import Settings\n\n\n{CLASS}\n',
    "a form feed": f'"""Ours.\x0c"""\n\nfrom envtree import Settings\n\x0c\n\n{CLASS}\n',
    "U+2028": f'"""Ours.\u2028\u2028"""\n\nfrom envtree import Settings  # \x85\n\n\n{CLASS}\n',
    "tabs": f"from envtree import Settings\n\n{CLASS}\n".replace("    ", "\t"),
    "no line end": f"from envtree import Settings\n\n{CLASS}",
    "line ends of Windows": f"from envtree import Settings\n\n{CLASS}\n".replace("\n", "\r\n"),
    "a class on one line": "from envtree import Settings\n\nclass A(Settings): X: str\nclass B(Settings): Y: str\n",
}


@pytest.mark.parametrize("name", ODD_SCHEMAS)
@pytest.mark.parametrize("is_common", [False, True])
def test_a_schema_keeps_its_lines_whatever_else_python_takes_for_a_blank(name: str, *, is_common: bool) -> None:
    rows: dict[str, dict[str, str]] = {"production/a": {"X": "one", "Y": "two"}, "production/b": {"X": "1", "Y": "two"}}
    files = dict(imported({}, apps_of(rows)).source.files)
    path = "schemas/common.py" if is_common else "schemas/a.py"
    before = ODD_SCHEMAS[name]
    files = {each: data for each, data in files.items() if not each.startswith("schemas/")} | {path: before.encode()}
    if not is_common:
        files["schemas/b.py"] = before.encode()
    rows |= {"staging/a": {**rows["production/a"], "NEW_ONE": "three"}, "production/c": {"X": "1"}, "staging/b": {}}
    after = dict(imported(files, apps_of(rows)).source.files)
    assert rows_of(after) == rows
    texts = [data.decode() for each, data in after.items() if each.startswith("schemas/")]
    assert any("NEW_ONE: str" in text for text in texts)
    for text in texts:
        assert text.startswith("\ufeff") is (before.startswith("\ufeff") and "Ours" in text)
        assert "\ufeff" not in text[1:]
