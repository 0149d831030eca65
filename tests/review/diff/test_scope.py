"""What edited files can make a difference to: never less than what does differ, and little more."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envtree.adapters.schemas import load
from envtree.core.compile import ABSENCES, compile_targets, read_project_of
from envtree.core.model.diagnostic import Diagnostic, errors
from envtree.core.model.source import Source
from envtree.core.schema.governance import hidden_names
from envtree.core.schema.ports import neighbours
from envtree.core.validity import invalid_targets
from envtree.review.diff.scope import affected_layers, affected_targets, edited, ports_of
from envtree.review.diff.views import views_of
from tests.builders import Files, source_of
from tests.comparisons import SCHEMA, SERVICE, SETTINGS, a_tree
from tests.sealed_files import sealed_layer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.core.model.tree import Project, Target
    from envtree.core.schema.rules import Schema

ONE = "processes: {web: {command: serve}}\n"
BILLING: Files = {"configs/billing/service.yaml": ONE}
BASE: Files = a_tree(common="A: 1\n", production="A: 2\n", accounts_web_staging="A: 3\n") | BILLING


def near(before: Source, after: Source) -> list[str] | None:
    """The targets that the edits reach; None for all, whatever they are."""
    targets = read_project_of(after)[0].targets
    layers = affected_layers(edited(before, after), (before, after), targets)
    return None if layers is None else [str(each) for each in affected_targets(targets, layers)]


EVERYWHERE = [str(each) for each in read_project_of(source_of(BASE))[0].targets]
REACH: dict[str, tuple[Files, list[str] | None]] = {
    "nothing": ({}, []),
    "the widest layer": ({"configs/common.yaml": "A: 2\n"}, EVERYWHERE),
    "an environment": (
        {"configs/production.yaml": "A: 3\n"},
        ["production/accounts/web", "production/accounts/worker", "production/billing/web"],
    ),
    "a service": ({"configs/billing/common.yaml": "A: 3\n"}, ["production/billing/web", "staging/billing/web"]),
    "the narrowest layer": ({"configs/accounts/web/staging.yaml": "A: 4\n"}, ["staging/accounts/web"]),
    "a sealed layer": ({"configs/accounts/web/staging.sops.yaml": sealed_layer(A="4")}, ["staging/accounts/web"]),
    "two layers": (
        {"configs/accounts/web/staging.yaml": "", "configs/billing/production.yaml": "A: 1\n"},
        ["production/billing/web", "staging/accounts/web"],
    ),
    "settings": ({"envtree.yaml": SETTINGS + "# more\n"}, None),
    "a service's settings": ({"configs/billing/service.yaml": SERVICE}, None),
    "a schema": ({"schemas/common.py": SCHEMA + "\n"}, None),
    "a new schema": ({"schemas/billing.py": ""}, None),
    "what is no layer": ({"configs/ca.pem": "a"}, None),
    "a layer of no environment": ({"configs/prodction.yaml": "A: 1\n"}, None),
    "a layer of no process": ({"configs/accounts/wbe/staging.yaml": "A: 1\n"}, None),
    "a layer of no service": ({"configs/acounts/staging.yaml": "A: 1\n"}, None),
    "settings where none belong": ({"configs/service.yaml": "A: 1\n"}, None),
}


@pytest.mark.parametrize("name", REACH)
def test_edited_files_reach_those_who_see_them(name: str) -> None:
    more, expected = REACH[name]
    assert near(source_of(BASE), source_of(BASE | more)) == expected
    assert near(source_of(BASE | more), source_of(BASE)) in (expected, None)


NAMING = {
    "plainly": "PEM: !file common.yaml\n",
    "from elsewhere": "PEM: !file ../configs/common.yaml\n",
    "by a tag in escapes": "PEM: !%66ile common.yaml\n",
    "by a tag in full": "PEM: !<!file> common.yaml\n",
    "by a tag of a handle": "%TAG !e! !fi\n---\nPEM: !e!le common.yaml\n",
    "by a name in escapes": 'PEM: !file "comm\\x6fn.yaml"\n',
    "by a name over two lines": 'PEM: !file "common.\\\n  yaml"\n',
}


@pytest.mark.parametrize("name", NAMING)
def test_a_layer_that_another_one_names_as_a_file_reaches_all(name: str) -> None:
    files: Files = a_tree(accounts_web_staging="A: 3\n") | BILLING
    narrow: Files = files | {"configs/billing/common.yaml": "A: 1\n"}
    assert near(source_of(files), source_of(narrow)) is not None
    named: Files = files | {"configs/staging.yaml": NAMING[name].replace("common.yaml", "billing/common.yaml")}
    assert near(source_of(named), source_of(named | {"configs/billing/common.yaml": "A: 1\n"})) is None


def test_a_path_that_can_be_read_no_more_is_edited() -> None:
    before = source_of(BASE)
    for path, expected in (
        ("configs/accounts/web/staging.yaml", ["staging/accounts/web"]),
        ("configs/billing", None),
        ("envtree.yaml", None),
    ):
        after = Source({each: data for each, data in before.files.items() if each != path}, {path: ("bad-link", "x")})
        assert path in edited(before, after)
        assert affected_layers(edited(before, after), (before, after), read_project_of(before)[0].targets) == (
            None if expected is None else frozenset({path.removeprefix("configs/").removesuffix(".yaml")})
        )


# Random trees: what differs is reached.

LINES = (
    *("A: a", "A: b", "A: !unset", "A: ~", "A: 1", "N: 1", "N: four", "S: x", "S: y", "X: unknown", "A:", "A: [1]"),
    *('B: !expand "${A}"', 'B: !expand "${A}${N}"', 'A: !expand "${B}"', 'N: !expand "${A}"', "B: !json {a: 1}"),
    *("PORT: 1", "PORT: 2", 'PORT: !expand "${N}"', "OTHER: 1", "OTHER: !expand '${PORT}'"),
    *("F: !file pem", "F: !file common.yaml", "F: !file ../common.yaml", 'F: !file "../comm\\x6fn.yaml"'),
    *("F: !file ../pem", "F: !%66ile staging.yaml", "# nothing"),
)
BROKEN = ("A: [\n", "- a\n", b"\xff\n", "<<<<<<< a\n=======\n>>>>>>> b\n")
PLACES = (
    *("common", "production", "staging", "accounts/common", "accounts/production", "accounts/staging"),
    *("accounts/web/common", "accounts/web/production", "accounts/worker/staging", "billing/common"),
    *("billing/production", "billing/web/production", "billing/web/staging"),
)
FIELDS = (
    "from envtree import Port, Secret, Settings\n\n\nclass C(Settings):\n"
    '    A: str = ""\n    B: str = ""\n    N: int = 1\n    F: str = ""\n    PORT: Port | None = None\n'
    "    OTHER: Port | None = None\n"
)
OTHERS: dict[str, tuple[str | None, ...]] = {
    "envtree.yaml": (
        *(SETTINGS, SETTINGS, f"# more\n{SETTINGS}", SETTINGS.replace("instance: service", "instance: together")),
        "environments: {production: {instance: service}}\n",
    ),
    "configs/accounts/service.yaml": (SERVICE, SERVICE, SERVICE.replace("worker", "jobs"), "processes: [\n"),
    "configs/billing/service.yaml": (ONE, None, f"environments: [staging]\n{SERVICE}"),
    "configs/pem": (None, "one", "two"),
    "configs/accounts/pem": (None, "three"),
    "configs/accounts/production.sops.yaml": (None, sealed_layer(S="1"), sealed_layer(A="2"), "A: [\n"),
    "configs/prodction.yaml": (None, None, "A: 1\n"),
    "configs/accounts/prodction.yaml": (None, None, "A: 1\n"),
    "schemas/common.py": (FIELDS, FIELDS, FIELDS + "    S: Secret | None = None\n", None),
    "schemas/billing.py": (None, None, FIELDS.replace("A: str", "A: Secret | str"), "x = (\n"),
}  # fmt: skip
layers = st.one_of(
    st.lists(st.sampled_from(LINES), max_size=3).map(lambda lines: "".join(f"{line}\n" for line in lines)),
    st.none(),
    st.sampled_from(BROKEN),
)
edits = st.dictionaries(
    st.sampled_from((*(f"configs/{place}.yaml" for place in PLACES), *PLACES[:4], *OTHERS)).map(
        lambda each: each if "." in each else f"configs/{each}.yaml"
    ),
    st.tuples(layers, st.integers(0, 11)),
    max_size=2,
)
trees = st.dictionaries(st.sampled_from([f"configs/{place}.yaml" for place in PLACES]), layers, max_size=6)
refusals = st.sampled_from((None, None, None, None, "configs/accounts/web", "configs/production.yaml"))


def written(files: Mapping[str, str | bytes | None], refused: str | None) -> Source:
    kept = {path: data for path, data in files.items() if data is not None and not path.startswith(refused or "\0")}
    source = source_of(kept)
    return Source(source.files, {refused: ("bad-link", "it is a link")} if refused else {})


@cache
def schemas_of(
    files: frozenset[tuple[str, bytes]], project: Project
) -> tuple[tuple[Schema, ...] | None, tuple[Diagnostic, ...]]:
    """Loaded once for all examples with the same ones."""
    schemas, faults = load(Source(dict(files)), project) if files else ((), ())
    return None if errors(faults) else schemas, faults


class Judged(NamedTuple):
    """All that there is to say of a target."""

    values: tuple[Mapping[str, str], frozenset[str], frozenset[str]]
    ports: Mapping[str, str]
    wrong: frozenset[str]


def judged(source: Source, chosen: tuple[Target, ...] | None = None) -> dict[Target, Judged]:
    project, problems = read_project_of(source)
    own = frozenset((path, data) for path, data in source.files.items() if path.startswith("schemas/"))
    schemas, faults = schemas_of(own, project)
    targets = project.targets if chosen is None else chosen
    compilation, found = compile_targets(source, project, schemas, targets)
    problems = errors((*problems, *faults, *found))
    wrong = [(each, invalid_targets((each,), targets)) for each in problems if each.code != "stray-file"]
    return {
        target: Judged(
            (
                view.values,
                view.unknown,
                hidden_names(compilation.own[target], compilation.governed[target]) & view.values.keys(),
            ),
            ports_of(view),
            # that something is absent is said of others too where nobody knows, as long as it is sure of one of them
            frozenset(each.code for each, hit in wrong if target in hit and each.code not in ABSENCES),
        )
        for target, view in views_of(compilation).items()
    }


def check(
    files: Files, more: Mapping[str, tuple[str | bytes | None, int]], refused: tuple[str | None, str | None]
) -> None:
    """What differs is reached, and what is reached is judged as if all had been looked at."""
    start = {path: choices[0] for path, choices in OTHERS.items()} | files
    changed = {
        path: OTHERS[path][number % len(OTHERS[path])] if path in OTHERS else text
        for path, (text, number) in more.items()
    }
    before, after = written(start, refused[0]), written(start | changed, refused[1])
    project = read_project_of(after)[0]
    layers = affected_layers(edited(before, after), (before, after), project.targets)
    if layers is None:
        return
    one, other = judged(before), judged(after)
    assert one.keys() == other.keys()
    found = affected_targets(project.targets, layers)
    moved = [each for each in found if one[each].ports != other[each].ports]
    reach = {*found, *(neighbours(project, moved) if moved else ())}
    assert {each for each in one if one[each] != other[each]} <= reach
    if layers:
        was, now = (judged(source, tuple(sorted(reach))) for source in (before, after))
        assert {each: now[each].values for each in now} == {each: other[each].values for each in reach}
        for each in reach:
            assert now[each].wrong - was[each].wrong == other[each].wrong - one[each].wrong
            assert was[each].wrong - now[each].wrong == one[each].wrong - other[each].wrong


@settings(max_examples=100)
@given(trees, edits, st.tuples(refusals, refusals))
def test_what_differs_is_reached(
    files: Files, more: dict[str, tuple[str | bytes | None, int]], refused: tuple[str | None, str | None]
) -> None:
    check(files, more, refused)


@pytest.mark.soak
@settings(max_examples=20_000)
@given(trees, edits, st.tuples(refusals, refusals))
def test_what_differs_is_reached_in_many_trees(
    files: Files, more: dict[str, tuple[str | bytes | None, int]], refused: tuple[str | None, str | None]
) -> None:
    check(files, more, refused)
