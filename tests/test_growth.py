"""What a verb does grows in proportion to its input, whichever part of that is large: counted, at two sizes.

Instructions of the package's own code are counted, at sizes where most of the work is about the input. What
Python's own functions do with a long text is not in them: the largest inputs show it, since a run would not end.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from envtree.adapters.store.read import read_current
from envtree.cli.exitcode import NO, NO_ANSWER, OK
from envtree.commands.execute import inputs_from_tree, prepare
from envtree.core.export.formats import FORMATS
from envtree.core.output.inventory import read_inventory
from envtree.machine.services.parts import process_specs
from envtree.machine.services.plan import plan
from tests.builders import SETTINGS, WEB, envtree_here, write_tree
from tests.effort import PACKAGE, instructions_of, is_in_proportion
from tests.growing import HISTORIES, KINDS, NAME, a_tree, largest, lines
from tests.growing_fleets import FLEETS, Json
from tests.repositories import series
from tests.sealed_files import KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Verb = Callable[["Grown"], object]


class Grown(NamedTuple):
    """A tree on disk, and a folder for what is built from it."""

    root: Path
    out: Path


@pytest.fixture(autouse=True)
def limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done for the first of very many only, is done here for the first of few."""
    for module in ("core.model.vocabulary", "migration.comparing.expectations"):
        monkeypatch.setattr(f"envtree.{module}.MAX_COMPARED", 500)
    monkeypatch.setattr("envtree.core.schema.rules.MAX_TRIED", 500)


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is sealed can be opened."""
    for name, text in KEY.items():
        monkeypatch.setenv(name, text)


def _command(*words: str) -> Verb:
    return lambda tree: envtree_here(*words, "-C", tree.root)


def _build(tree: Grown, *words: str) -> object:
    return envtree_here("build", "-C", tree.root, "--out", tree.out, "--max", "0", *words)


def _prepare(tree: Grown) -> object:
    inputs, _, _ = inputs_from_tree(str(tree.root), WEB)
    return prepare(inputs, "true", ("HOME",)) if inputs else None


def _plan_boot(tree: Grown) -> object:
    inventory = read_inventory(read_current(str(tree.out)).text)
    specs = process_specs(inventory, [each for each in inventory.targets if each.environment == "production"])
    return plan({each.name: each for each in specs}, specs, again={each.target for each in specs})


def _names(tree: Grown) -> list[str]:
    layer = tree.root / "configs/common.yaml"
    entries = layer.read_text().splitlines() if layer.exists() else ()
    return [entry.partition(":")[0] for entry in entries if entry.startswith("V")] or [NAME]


VERBS: dict[str, Verb] = {
    "validate": _command("validate", "--format", "json"),
    "validate as text": _command("validate", "--max", "0"),
    "validate one target": _command("validate", WEB, "--format", "sarif"),
    "build": _build,
    "show": _command("show", WEB),
    "show as JSON": _command("show", WEB, "--format", "json"),
    "explain": _command("explain", WEB, NAME),
    "diff of targets": _command("diff", "staging/accounts/web", WEB),
    "lint": _command("lint", "--format", "json"),
    "schema": _command("schema"),
    "exec": _prepare,
    "set": _command("set", "common", f"{NAME}=other", "--dry-run", "--force"),
    "set all": lambda tree: _command("set", "common", *(f"{name}=1" for name in _names(tree)), "--dry-run")(tree),
    "unset all": lambda tree: _command("unset", "common", *_names(tree), "--dry-run", "--force")(tree),
    **{f"export for {format_}": _command("export", WEB, "--format", format_) for format_ in FORMATS},
}
GIT_VERBS: dict[str, Verb] = {
    "history": _command("history", WEB),
    "history as JSON": _command("history", WEB, "--format", "json"),
    "explain": _command("explain", WEB, NAME, "--format", "json"),
    "diff": _command("diff", "HEAD~1..HEAD"),
    "diff as JSON": _command("diff", "HEAD~1:", "--format", "json"),
    "diff as Markdown": _command("diff", "HEAD~1..HEAD", "--format", "markdown"),
}
OUTPUT_VERBS: dict[str, Verb] = {
    "build again": _build,
    "build what is there anew": lambda tree: _build(tree, "--repair"),
    "show": lambda tree: envtree_here("show", WEB, "--out", tree.out),
    "export": lambda tree: envtree_here("export", WEB, "--format", "json", "--out", tree.out),
    "verify": lambda tree: envtree_here("verify", tree.out),
    "plan a boot": _plan_boot,
    "diff of an output": lambda tree: envtree_here("diff", f"dir:{tree.out}", WEB, "-C", tree.root),
    "rollback": lambda tree: envtree_here("rollback", tree.out),
    "build a change": _build,
}
"""In this order: the output has two generations, and the newer is left for the older at the end."""


def grown(folder: Path, files: Mapping[str, str | bytes]) -> Grown:
    """Write a tree without a repository."""
    return Grown(write_tree(folder / "tree", files), folder / "out")


def grown_repository(folder: Path, commits: Sequence[Mapping[str, str]]) -> Grown:
    """Write a tree and its history."""
    return Grown(series(folder / "tree", commits), folder / "out")


def out_of_proportion(half: Any, whole: Any, verbs: Mapping[str, Callable[[Any], object]]) -> dict[str, str]:
    """Return the verbs that do too much where the input is twice as large, with how much they do."""
    found = {}
    for name, verb in verbs.items():
        counts = [instructions_of(lambda tree=tree, verb=verb: verb(tree)) for tree in (half, whole)]  # type: ignore[misc]
        if not is_in_proportion(*counts):
            found[name] = "{} and {}".format(*counts)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_validated_takes_work_in_proportion(tmp_path: Path, kind: str) -> None:
    growing, size = KINDS[kind]
    half, whole = (grown(tmp_path / str(each), growing(each)) for each in (size // 2, size))
    verbs = {name: VERBS[name] for name in ("validate as text",)}
    assert out_of_proportion(half, whole, verbs) == {}


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_on_many_variables_takes_work_in_proportion(tmp_path: Path, verb: str) -> None:
    growing, size = KINDS["many variables"]
    half, whole = (grown(tmp_path / str(each), growing(each)) for each in (size // 2, size))
    assert out_of_proportion(half, whole, {verb: VERBS[verb]}) == {}


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
def test_each_verb_takes_work_in_proportion(tmp_path: Path, kind: str) -> None:
    growing, size = KINDS[kind]
    half, whole = (grown(tmp_path / str(each), growing(each)) for each in (size, 2 * size))
    assert out_of_proportion(half, whole, VERBS) == {}


def check_outputs(folder: Path, kind: str, size: int) -> None:
    """Build two generations of a tree of two sizes, and do with them whatever is done with an output."""
    trees: list[Grown] = []
    for each in (size // 2, size):
        files = KINDS[kind][0](each)
        tree = grown(folder / str(each), files)
        assert envtree_here("build", "-C", tree.root, "--out", tree.out).code == 0
        write_tree(tree.root, {path: _changed(text) for path, text in files.items() if path.endswith("common.yaml")})
        assert envtree_here("build", "-C", tree.root, "--out", tree.out).code == 0
        trees.append(tree)
    assert out_of_proportion(trees[0], trees[1], OUTPUT_VERBS) == {}


def _changed(text: str | bytes) -> str:
    assert isinstance(text, str)
    return text.replace("value", "other")


OUTPUTS = (
    ("many variables", 100),
    ("many files", 60),
    ("many removals", 100),
    ("a wide fan", 100),
    ("large environment", 100),
    ("many services", 20),
    ("many services in a row", 20),
    ("many processes", 30),
    ("many environments", 30),
)


@pytest.mark.parametrize(("kind", "size"), OUTPUTS[:1])
def test_what_is_done_with_an_output_is_in_proportion(tmp_path: Path, kind: str, size: int) -> None:
    check_outputs(tmp_path, kind, size)


@pytest.mark.soak
@pytest.mark.parametrize(("kind", "size"), OUTPUTS)
def test_what_is_done_with_a_large_output_is_in_proportion(tmp_path: Path, kind: str, size: int) -> None:
    check_outputs(tmp_path, kind, 2 * size)


def check_history(folder: Path, kind: str, size: int) -> None:
    """Commit what differs in two sizes, and ask what changed."""
    half, whole = (grown_repository(folder / str(each), HISTORIES[kind][0](each)) for each in (size // 2, size))
    assert out_of_proportion(half, whole, GIT_VERBS) == {}


@pytest.mark.parametrize("kind", ["many changed lines", "many commits"])
def test_what_is_asked_of_git_is_in_proportion(tmp_path: Path, kind: str) -> None:
    check_history(tmp_path, kind, HISTORIES[kind][1])


@pytest.mark.soak
@pytest.mark.parametrize("kind", HISTORIES)
def test_what_is_asked_of_a_long_history_is_in_proportion(tmp_path: Path, kind: str) -> None:
    check_history(tmp_path, kind, 2 * HISTORIES[kind][1])


@pytest.mark.soak
@pytest.mark.parametrize("kind", KINDS)
def test_the_history_of_a_tree_is_in_proportion(tmp_path: Path, kind: str) -> None:
    growing, size = KINDS[kind]
    commits = ([a_tree(), growing(each)] for each in (size, 2 * size))
    half, whole = (grown_repository(tmp_path / str(number), each) for number, each in enumerate(commits))
    assert out_of_proportion(half, whole, GIT_VERBS) == {}


class GrownFleet(NamedTuple):
    """A snapshot, one in which all values differ, the tree that the first gives, and a folder with nothing in it."""

    snapshot: Path
    changed: Path
    root: Path
    new: Path


def grown_fleet(folder: Path, apps: list[Json]) -> GrownFleet:
    """Write the snapshots and the tree of a fleet; each variable is expected to differ somewhere else."""
    fleet = GrownFleet(folder / "fleet.json", folder / "changed.json", folder / "tree", folder / "new")
    changed = [
        {**each, "values": {name: f"{text.strip()} too" for name, text in each["values"].items()}} for each in apps
    ]
    folder.mkdir(parents=True)
    for path, each_apps in ((fleet.snapshot, apps), (fleet.changed, changed)):
        path.write_text(json.dumps({"format": "envtree heroku snapshot 1", "host": "", "taken": "", "apps": each_apps}))
        path.chmod(0o600)
    envtree_here("import", "heroku", "--snapshot", fleet.snapshot, "-C", fleet.root)
    made = fleet.root / "envtree.yaml"
    settings = made.read_text() if made.exists() else SETTINGS  # none is made where a person must decide something
    names = enumerate(sorted({name for each in apps for name in each["values"]}))
    rows = "".join(f"    {json.dumps(name)}: {{in: producton/{number}, reason: it may}}\n" for number, name in names)
    write_tree(fleet.root, {"envtree.yaml": f"{settings}heroku:\n  expect:\n{rows}"})
    return fleet


def _heroku(*words: str, folder: str = "root", snapshot: str = "snapshot") -> Callable[[GrownFleet], object]:
    return lambda fleet: envtree_here(*words, "--snapshot", getattr(fleet, snapshot), "-C", getattr(fleet, folder))


FLEET_VERBS: dict[str, Callable[[GrownFleet], object]] = {
    "import heroku": _heroku("import", "heroku", folder="new"),
    "import heroku again": _heroku("import", "heroku", "--plan"),
    "import heroku into a tree": _heroku("import", "heroku", "--plan", snapshot="changed"),
    "diff heroku": _heroku("diff", "heroku"),
    "diff heroku as JSON": _heroku("diff", "heroku", "--format", "json", snapshot="changed"),
    "diff heroku as text": _heroku("diff", "heroku", snapshot="changed"),
    "heroku status": _heroku("heroku", "status", snapshot="changed"),
}


def check_fleet(folder: Path, kind: str, size: int) -> None:
    """Import and compare a fleet of two sizes."""
    half, whole = (grown_fleet(folder / str(each), FLEETS[kind][0](each)) for each in (size // 2, size))
    assert out_of_proportion(half, whole, FLEET_VERBS) == {}


@pytest.mark.parametrize("kind", ["many apps", "many config vars"])
def test_what_is_done_with_a_fleet_is_in_proportion(tmp_path: Path, kind: str) -> None:
    check_fleet(tmp_path, kind, FLEETS[kind][1])


@pytest.mark.soak
@pytest.mark.parametrize("kind", FLEETS)
def test_what_is_done_with_a_large_fleet_is_in_proportion(tmp_path: Path, kind: str) -> None:
    check_fleet(tmp_path, kind, 2 * FLEETS[kind][1])


IMPORTED: dict[str, tuple[str, Callable[[int], str]]] = {
    "dotenv": (".env.production", lambda size: lines(f"V{each}=value {each}" for each in range(size))),
    "procfile": ("Procfile", lambda size: lines(f"p{each}: serve {each}" for each in range(size))),
    "app-json": (
        "app.json",
        lambda size: json.dumps({"env": {f"V{each}": {"value": f"value {each}"} for each in range(size)}}),
    ),
}


@pytest.mark.parametrize("format_", IMPORTED)
@pytest.mark.parametrize("size", [100, pytest.param(400, marks=pytest.mark.soak)])
def test_what_is_imported_from_a_file_is_in_proportion(tmp_path: Path, format_: str, size: int) -> None:
    name, text_of = IMPORTED[format_]
    trees = [grown(tmp_path / str(each), {name: text_of(each)}) for each in (size // 2, size)]
    words = ("import", format_, "--service", "accounts", "--plan")
    verbs: dict[str, Verb] = {format_: lambda tree: envtree_here(*words, "-C", tree.out, tree.root / name)}
    assert out_of_proportion(trees[0], trees[1], verbs) == {}


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", KINDS)
def test_the_largest_input_of_each_kind_has_an_answer(tmp_path: Path, kind: str) -> None:
    growing = KINDS[kind][0]
    tree = grown(tmp_path, growing(largest(growing)))
    for words in (("validate", "--max", "0"), ("explain", WEB, NAME, "--no-blame"), ("lint",)):
        assert envtree_here(*words, "-C", tree.root).code in (OK, NO, NO_ANSWER)


def test_work_that_is_quadratic_is_found() -> None:
    code = compile("for a in range(size):\n  for b in range(size): pass", f"{PACKAGE}/quadratic.py", "exec")
    half, whole = (instructions_of(lambda size=size: exec(code, {"size": size})) for size in (50, 100))  # type: ignore[misc]
    assert not is_in_proportion(half, whole)
