"""Off Heroku without a mistake: fleets go through import, the compiler and the real chpst, and come back whole."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from envtree.migration.apps.fleet import App, Fleet
from envtree.migration.apps.snapshot import as_json
from tests.cli.running import run
from tests.examples import examples
from tests.heroku_api import FakeApp, FakeHeroku

if TYPE_CHECKING:
    from collections.abc import Mapping

TRAPS = (
    *("NO", "0755", "1.10", "12:30:45", "2024-01-01", "~", "null", "true", "1", "", "=", "<<", "'", '"', "\\n", "a\\"),
    *("x: y", "a #b", "!unset", "&a", "*a", "- x", "|", ">", "%x", "@x", "`x`", "[", "{", "---", "${HOME}", "$$", "#b"),
    *("a\nb\n", "\n", "a\r\nb", "\r", "\ta", " a", "é", "\U0001f600", "\ufeffx", "\x1b[31m", "\u2028", "x\x85y"),
    *("postgres://u:p%40@h/d", '{"a": [1, 2]}', "sk_live_" + "aB3" * 8, "-----BEGIN X-----\nYQ==\n-----END X-----\n"),
    "x" * 20_000,
)
NAMES = ("DATABASE_URL", "LOG_LEVEL", "STRIPE_SECRET_KEY", "PORT", "class", "X.bkp", "json", "A", "no", "__b", "K_2")
ENVIRONMENTS = ("production", "staging", "qa", "demo")
CANARY = "canary-7f3a-value"


def fleets() -> st.SearchStrategy[dict[str, dict[str, str]]]:
    """The config vars of up to 30 apps in four environments, by name; few names and values, so that much is shared."""
    apps = st.sampled_from([f"shop-{service}-{each}" for service in "abcdefgh" for each in ENVIRONMENTS])
    values = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(TRAPS), max_size=8)
    return st.dictionaries(apps, values, min_size=1, max_size=30)


def snapshot(folder: Path, fleet: Mapping[str, Mapping[str, str]], release: int = 1) -> Path:
    """A snapshot that only its owner can read."""
    path = folder / f"fleet-{release}.json"
    apps = tuple(
        App(name, values=values, release=release, formation=(), attachments=()) for name, values in fleet.items()
    )
    path.write_text(as_json(Fleet(tuple(sorted(apps, key=lambda app: app.name)))))
    path.chmod(0o600)
    return path


def chpst(generation: Path, cell: str) -> dict[str, str]:
    """What the real nested chpst calls give the process web of a cell."""
    environment, service = cell.split("/")
    parts = ("common", environment, f"{environment}/{service}", f"{environment}/{service}/web")
    words = [word for part in parts for word in ("chpst", "-e", str(generation / part / "env"))]
    out = subprocess.run(["env", "-i", "PATH=/usr/bin:/bin", *words, "env", "-0"], capture_output=True, check=True)
    pairs = (each.partition("=") for each in out.stdout.decode().split("\0") if each)
    return {name: text for name, _, text in pairs if name != "PATH"}


def cell_of(links: str) -> dict[str, str]:
    """The cell of each app, from the table that an import writes."""
    rows = (line.strip().partition(": {app: ") for line in links.splitlines() if ": {app: " in line)
    return {rest.partition(",")[0]: cell for cell, _, rest in rows}


@examples(4, suppress_health_check=list(HealthCheck))
@given(fleets())
def test_a_fleet_comes_back_exactly_through_the_real_chpst(
    tmp_path_factory: pytest.TempPathFactory, fleet: dict[str, dict[str, str]]
) -> None:
    tmp_path = tmp_path_factory.mktemp("fleet")
    tree = tmp_path / "tree"
    tree.mkdir()
    path = snapshot(tmp_path, fleet)
    done = run(tree, "import", "heroku", "--clear", "--snapshot", str(path))
    assert done.code == 0, done.stderr
    assert run(tree, "build", "--out", str(tmp_path / "out")).code == 0
    for app, cell in cell_of((tree / "envtree.yaml").read_text()).items():
        assert chpst(tmp_path / "out" / "current", cell) == fleet[app]
    same = run(tree, "diff", "heroku", "--snapshot", str(path))
    assert same.code == 0, same.stdout
    planted = [(app, name) for app in sorted(fleet) for name in sorted(fleet[app])][:1]
    for app, name in planted:
        kind = "whitespace at the end" if fleet[app][name].endswith("\n") else "a final newline"
        fleet[app][name] += "\n"
        done = run(tree, "diff", "heroku", "--snapshot", str(snapshot(tmp_path, fleet)), "--format", "json")
        assert done.code == 1
        found = [(each["app"], each["name"], each["difference"]) for each in json.loads(done.stdout)["differences"]]
        assert found == [(app, name, kind)]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("info", "info\n", "a final newline"),
        ("a\nb", "a\r\nb", "line ends"),
        ("a\nb", "a\\nb", "\\n"),
        ("info", "'info'", "quotes around it"),
        ("info", "INFO", "letter case"),
        ("1", "1.0", "a number"),
        ("true", "yes", "a boolean"),
        ("a b", "a%20b", "percent"),
        ('{"a": 1}', '{"a":1}', "JSON"),
        ("abcdefgh", "abcdef", "cut short"),
    ],
)
def test_one_planted_change_is_found_with_its_kind(before: str, after: str, words: str, tmp_path: Path) -> None:
    fleet = {"shop-a-production": {"X": before, "Y": "1"}, "shop-a-staging": {"X": before}}
    tree = tmp_path / "tree"
    tree.mkdir()
    assert run(tree, "import", "heroku", "--clear", "--snapshot", str(snapshot(tmp_path, fleet))).code == 0
    fleet["shop-a-production"]["X"] = after
    done = run(tree, "diff", "heroku", "--snapshot", str(snapshot(tmp_path, fleet)), "--format", "json")
    assert done.code == 1
    found = json.loads(done.stdout)["differences"]
    assert [each["name"] for each in found] == ["X"]
    assert words in found[0]["difference"]


def test_the_api_is_only_read_and_no_value_is_shown(tmp_path: Path) -> None:
    apps = [
        FakeApp(
            f"shop-{service}-production", {f"NAME_{number}": f"{CANARY}-{service}-{number}" for number in range(340)}
        )
        for service in "abc"
    ]
    tree, path = tmp_path / "tree", tmp_path / "saved.json"
    tree.mkdir()
    with FakeHeroku(apps) as heroku:
        verbs = (("import", "heroku"), ("diff", "heroku"), ("heroku", "status"), ("heroku", "snapshot", str(path)))
        ran = [run(tree, *words, env=heroku.environ) for words in verbs]
        heroku.apps["shop-a-production"].values["NAME_1"] = f"{CANARY}-changed"
        ran.append(run(tree, "diff", "heroku", "--format", "markdown", env=heroku.environ))
        assert {request.method for request in heroku.requests} == {"GET"}
        token = heroku.environ["HEROKU_API_KEY"]
    assert [done.code for done in ran] == [0, 0, 1, 0, 1]
    assert not any(CANARY in done.stdout + done.stderr or token in done.stdout + done.stderr for done in ran)
    assert path.stat().st_mode & 0o777 == 0o600
    assert token not in path.read_text()


def test_an_import_into_a_tree_with_content_writes_when_told_to(tmp_path: Path) -> None:
    fleet = {"shop-a-production": {"X": "1"}, "shop-a-staging": {"X": "2"}}
    tree = tmp_path / "tree"
    tree.mkdir()
    assert run(tree, "import", "heroku", "--clear", "--snapshot", str(snapshot(tmp_path, fleet))).code == 0
    layer = tree / "configs/a/production.yaml"
    layer.write_text(f"# why it is so\n{layer.read_text()}")
    before = layer.read_text()
    fleet["shop-a-production"] |= {"X": "3", "NEW": "new"}
    base, path = str(tmp_path / "fleet-1.json"), str(snapshot(tmp_path, fleet, release=2))
    undecided = run(tree, "import", "heroku", "--clear", "--snapshot", path, "--write")
    assert (undecided.code, layer.read_text()) == (1, before)
    assert "error[import-conflict]: `X` of production/a" in undecided.stderr
    run(tree, "import", "heroku", "--clear", "--snapshot", path, "--base", base)
    assert layer.read_text() == before
    assert run(tree, "import", "heroku", "--clear", "--snapshot", path, "--base", base, "--write").code == 0
    assert layer.read_text() == "# why it is so\nX: 3\nNEW: new\n"
    assert run(tree, "diff", "heroku", "--snapshot", path).code == 0
    again = run(tree, "import", "heroku", "--clear", "--snapshot", path, "--write")
    assert again.code == 0
    assert "nothing is to be imported: the tree already gives every value; compiled back" in again.stderr


def test_an_app_that_was_renamed_is_known_by_its_id(tmp_path: Path) -> None:
    def saved(name: str, release: int) -> str:
        path = tmp_path / f"{name}-{release}.json"
        app = App(name, "0f3a-id", values={"X": "1"}, release=release, formation=(), attachments=())
        path.write_text(as_json(Fleet((app,))))
        path.chmod(0o600)
        return str(path)

    tree = tmp_path / "tree"
    tree.mkdir()
    assert run(tree, "import", "heroku", "--clear", "--snapshot", saved("shop-a-production", 1)).code == 0
    renamed = saved("shop-accounts", 1)
    assert run(tree, "diff", "heroku", "--snapshot", renamed).code == 0
    done = run(tree, "import", "heroku", "--clear", "--snapshot", renamed, "--write")
    assert done.code == 0, done.stderr
    settings = (tree / "envtree.yaml").read_text()
    assert "{app: shop-accounts, release: 1, id: '0f3a-id'}" in settings
    assert "shop-a-production" not in settings


def test_what_is_skipped_is_told_from_what_is_not_on_heroku(tmp_path: Path) -> None:
    fleet = {f"shop-{name}": {"X": "1"} for name in ("a-production", "a-staging", "a-qa")}
    assert run(tmp_path, "import", "heroku", "--clear", "--snapshot", str(snapshot(tmp_path, fleet))).code == 0
    settings = tmp_path / "envtree.yaml"
    rows = settings.read_text().splitlines(keepends=True)
    settings.write_text("".join(row for row in rows if "shop-a-qa" not in row))
    del fleet["shop-a-qa"]
    done = run(tmp_path, "diff", "heroku", "--snapshot", str(snapshot(tmp_path, fleet)), "--skip", "shop-a-staging")
    assert done.stderr.splitlines() == [
        "skipped, as asked: staging/a",
        "not on Heroku, so not compared: qa/a",
        "the app is the same",
    ]


def test_one_unreadable_app_is_no_answer_and_the_rest_is_shown(tmp_path: Path) -> None:
    apps = [FakeApp(f"shop-{service}-production", {"X": service}) for service in "ab"]
    with FakeHeroku(apps) as heroku:
        assert run(tmp_path, "import", "heroku", "--clear", env=heroku.environ).code == 0
        heroku.plant("/apps/shop-a-production/config-vars", status=403)
        done = run(tmp_path, "diff", "heroku", env=heroku.environ)
    assert done.code == 2
    assert "production/b  shop-b-production v1: 1 the same" in done.stdout


def test_an_app_without_a_place_leaves_the_rest_without_a_whole_answer(tmp_path: Path) -> None:
    fleet = {"shop-a-production": {"X": "1"}}
    assert run(tmp_path, "import", "heroku", "--clear", "--snapshot", str(snapshot(tmp_path, fleet))).code == 0
    path = str(snapshot(tmp_path, {**fleet, "new": {"X": "2"}}))
    done = run(tmp_path, "diff", "heroku", "--snapshot", path, "--format", "json")
    data = json.loads(done.stdout)
    assert (done.code, data["answer"]) == (2, "incomplete")
    assert data["summary"] == "the app is the same; 1 error leaves this incomplete"
    done = run(tmp_path, "heroku", "status", "--snapshot", path, "--format", "json")
    assert (done.code, json.loads(done.stdout)["percent"]) == (2, 50)


def test_files_that_are_no_tree_yet_are_not_taken_into_one(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "configs").mkdir(parents=True)
    (tree / "configs/common.yaml").write_text("X: 1\n")
    done = run(
        tree, "import", "heroku", "--clear", "--snapshot", str(snapshot(tmp_path, {"shop-a-production": {"X": "2"}}))
    )
    assert done.code == 2
    assert "has `configs/`, but no `envtree.yaml`" in done.stderr
    assert sorted(path.name for path in tree.rglob("*")) == ["common.yaml", "configs"]
