"""A stranger's tree: which verb runs what, as the documents say, and that `--no-schemas` runs nothing of it."""

from __future__ import annotations

import re
import subprocess
from random import Random
from typing import TYPE_CHECKING

import pytest

from envtree.cli.app import NAMES, VERBS
from envtree.cli.groups import UNRUN
from tests.builders import ENVTREE_TIMEOUT, ROOT, small_tree, write_tree
from tests.cli.running import ENVTREE, Done, run
from tests.heroku_api import FakeApp, FakeHeroku
from tests.hostile_trees import RUNS, code, made
from tests.repositories import commit, git, init, repository

if TYPE_CHECKING:
    from pathlib import Path

TARGET = "production/accounts/web"
ROW = re.compile(r"^\| `([a-z -]+)` \| (.*) \| (.*) \|$", re.MULTILINE)
TABLE = {verb: (runs, without) for verb, runs, without in ROW.findall((ROOT / "docs/explanation/trust.md").read_text())}
"""What the documents say that each verb runs, and what with `--no-schemas`."""
WORDS = {
    "init": "init new",
    "validate": "validate",
    "lint": "lint",
    "set": "set production A=b",
    "unset": "unset common A",
    "secret seal": "secret seal",
    "secret status": "secret status",
    "secret edit": "secret edit production",
    "secret rotate": "secret rotate",
    "build": "build --out ../built",
    "show": f"show {TARGET}",
    "history": f"history {TARGET}",
    "explain": f"explain {TARGET} A",
    "diff": "diff HEAD~1..HEAD",
    "schema": "schema --out ../schema",
    "codegen": "codegen accounts --lang python",
    "rule": "rule unknown-variable",
    "verify": "verify ../out",
    "rollback": "rollback ../out",
    "exec": f"exec {TARGET} -- true",
    "export": f"export {TARGET} --format json",
    "boot": "boot --out ../out --run ../run --as nothing",
    "status": "status --run ../run",
    "restart": "restart --run ../run",
    "reload": "reload --run ../run",
    "down": "down --run ../run",
    "fleet": "fleet --input ../app/answer.json",
    "import heroku": "import heroku --plan",
    "import procfile": "import procfile ../app/Procfile --plan",
    "import dotenv": "import dotenv ../app/.env.production --plan",
    "import app-json": "import app-json ../app/app.json --plan",
    "diff heroku": "diff heroku",
    "heroku snapshot": "heroku snapshot ../snapshot.json",
    "heroku status": "heroku status",
}
"""A command line of each verb, in the hostile tree."""
OF_A_TREE = tuple(verb for verb, (_, without) in TABLE.items() if without == "nothing")
REFUSING = tuple(verb for verb, (_, without) in TABLE.items() if without == "is refused")


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    """A file that is there once something has been run."""
    return tmp_path / "marker"


@pytest.fixture
def top(tmp_path: Path, marker: Path) -> Path:
    """A repository of a valid tree with an output; then its schemas come to leave a mark when they are run."""
    plain = RUNS["a statement"].replace("RUN\n", "")
    settings = "environments: {production: {instance: service}}\nheroku: {apps: {production/accounts: acme}}\n"
    files = {"configs/common.yaml": "A: a\n", "configs/production.yaml": "B: b\n", "schemas/common.py": plain}
    folder = repository(tmp_path / "tree", {**small_tree(**files), "envtree.yaml": settings})
    assert run(folder, "build", "--out", "../out").code == 1  # `B` is unknown
    (folder / "configs/production.yaml").unlink()
    assert run(folder, "build", "--out", "../out").code == 0
    commit(folder, {"schemas/common.py": RUNS["a statement"].replace("RUN", code(str(marker)))}, "hostile")
    write_tree(folder / "new", {"schemas/_other.py": "", "schemas/common.py": ""})
    write_tree(
        tmp_path / "app", {"Procfile": "web: x\n", ".env.production": "A=b\n", "app.json": '{"env": {"A": "b"}}'}
    )
    write_tree(tmp_path / "app", {"answer.json": '{"Reservations": []}'})
    (folder / "new/schemas/common.py").unlink()
    (folder / "new/schemas/extra.py").write_text(code(str(marker)))
    return folder


def ended(top: Path, verb: str, *options: str, **environment: str) -> Done:
    """Run a verb in the tree, with an API that has one app; a process of its own, since one becomes another."""
    first, *rest = WORDS[verb].split(" -- ")
    words = [*first.split(), *options, *(["--", *rest] if rest else [])]
    with FakeHeroku([FakeApp("acme", {"A": "a"})]) as heroku:
        if verb != "exec":
            return run(top, *words, env={**heroku.environ, **environment})
        done = subprocess.run([*ENVTREE, *words], cwd=top, capture_output=True, timeout=ENVTREE_TIMEOUT, check=False)
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


def test_the_documents_say_of_each_verb_what_it_runs() -> None:
    assert TABLE.keys() == {NAMES.get(verb.__name__, verb.__name__) for verb in VERBS} == WORDS.keys()


@pytest.mark.parametrize("verb", WORDS)
def test_a_verb_runs_the_schemas_of_a_tree_if_the_documents_say_so(verb: str, top: Path, marker: Path) -> None:
    done = ended(top, verb)
    assert marker.exists() == ("schemas" in TABLE[verb][0]), done.said
    assert "bug" not in done.said


@pytest.mark.parametrize("how", ["option", "variable"])
@pytest.mark.parametrize("verb", OF_A_TREE)
def test_a_strangers_tree_is_read_and_nothing_of_it_is_run(verb: str, how: str, top: Path, marker: Path) -> None:
    if verb == "init":  # it has no options of a tree
        done = ended(top, verb, ENVTREE_NO_SCHEMAS="1")
    else:
        done = ended(top, verb, "--no-schemas") if how == "option" else ended(top, verb, ENVTREE_NO_SCHEMAS="1")
    assert not marker.exists(), done.said
    assert done.code in (0, 1), done.said
    assert done.stderr.count(UNRUN) == (verb != "heroku snapshot"), done.stderr


@pytest.mark.parametrize("verb", REFUSING)
def test_a_verb_that_hands_values_on_refuses_a_strangers_tree(
    verb: str, top: Path, marker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = ended(top, verb, "--no-schemas")
    assert (done.code, "--no-schemas" in done.stderr) == (2, True)
    monkeypatch.setenv("ENVTREE_NO_SCHEMAS", "1")
    done = ended(top, verb)
    assert (done.code, "ENVTREE_NO_SCHEMAS" in done.stderr) == (2, True)
    assert not marker.exists()


@pytest.mark.parametrize("words", [("exec", TARGET, "--", "true"), ("export", TARGET, "--format", "json")])
def test_of_an_output_nothing_is_refused(words: tuple[str, ...], top: Path, marker: Path) -> None:
    command = [*ENVTREE, words[0], "--out", "../out", *words[1:]]
    done = subprocess.run(command, cwd=top, capture_output=True, env=None, timeout=ENVTREE_TIMEOUT, check=False)
    assert (done.returncode, marker.exists()) == (0, False)


@pytest.mark.parametrize("verb", [verb for verb, (_, without) in TABLE.items() if "no such" in without])
def test_a_verb_that_reads_no_tree_knows_no_such_option(verb: str, top: Path) -> None:
    assert ended(top, verb, "--no-schemas").code == 2


@pytest.mark.parametrize("text", ["", "0"])
def test_a_variable_that_says_no_changes_nothing(text: str, top: Path, marker: Path) -> None:
    ended(top, "validate", ENVTREE_NO_SCHEMAS=text)
    assert marker.exists()


def test_what_the_index_was_judged_before_is_neither_made_nor_used(top: Path, marker: Path, tmp_path: Path) -> None:
    git(top, "add", "-A", "configs", "schemas")
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = run(top, "validate", "--staged", "--no-schemas", env=cache)
    assert (done.code, (tmp_path / "cache").exists(), marker.exists()) == (0, False, False)
    assert run(top, "validate", "--staged", env=cache).code == 0
    assert (marker.exists(), (tmp_path / "cache").exists()) == (True, True)
    assert "as it was judged before" in run(top, "validate", "--staged", env=cache).stderr
    done = run(top, "validate", "--staged", "--no-schemas", env=cache)
    assert ("as it was judged before" in done.stderr, UNRUN in done.stderr) == (False, True)


def test_history_runs_no_schema_that_nobody_named(top: Path, marker: Path) -> None:
    commit(top, {"schemas/common.py": RUNS["a statement"].replace("RUN\n", "# fine\n")}, "fine again")
    commit(top, {"configs/common.yaml": "A: b\n"}, "b")
    done = run(top, "history", TARGET)
    assert (done.code, marker.exists()) == (0, False)
    assert "--run-old-schemas" in done.stderr
    assert [line.split("  ")[1] for line in done.stdout.splitlines() if "2026-03-01" in line] == [
        "b",
        "hostile",
        "first",
    ]
    assert run(top, "diff", "HEAD~1..HEAD").code == 1
    assert not marker.exists()
    run(top, "history", TARGET, "--run-old-schemas")
    assert marker.exists()


def test_a_merge_base_counts_as_named(top: Path, marker: Path) -> None:
    git(top, "checkout", "-q", "-b", "topic")
    commit(top, {"schemas/common.py": RUNS["a statement"].replace("RUN\n", "")}, "fine again")
    run(top, "diff", "main...topic")
    assert marker.exists()


@pytest.mark.parametrize("how", RUNS)
def test_each_payload_does_run_where_schemas_are_run(how: str, tmp_path: Path, marker: Path) -> None:
    schema = RUNS[how].replace("RUN", code(str(marker)).replace("'", '"') if how == "an exec" else code(str(marker)))
    folder = write_tree(tmp_path / "tree", small_tree(**{"configs/common.yaml": "A: a\n", "schemas/common.py": schema}))
    run(folder, "validate", "--no-schemas")
    assert not marker.exists()
    run(folder, "validate")
    assert marker.exists()


READING = (
    "validate",
    f"validate {TARGET} --format json",
    "lint",
    f"show {TARGET}",
    f"show {TARGET} --format json",
    f"explain {TARGET} TOKEN --no-blame",
    "diff production staging",
    "schema --check",
)


def assert_nothing_runs(number: int, folder: Path, marker: Path, lines: int) -> None:
    random = Random(number)
    write_tree(folder, made(random, str(marker)))
    for line in random.sample(READING, lines):
        done = run(folder, *line.split(), "--no-schemas")
        assert not marker.exists(), f"tree {number}: {line}"
        assert done.code in (0, 1, 2), f"tree {number}: {line}: {done.said}"
        assert "hunter2" not in done.said, f"tree {number}: {line}"


@pytest.mark.parametrize("number", range(100))
def test_a_hostile_tree_has_nothing_run(number: int, tmp_path: Path, marker: Path) -> None:
    assert_nothing_runs(number, tmp_path / "tree", marker, 2)


@pytest.mark.soak
def test_two_thousand_hostile_trees_have_nothing_run(tmp_path: Path, marker: Path) -> None:
    for number in range(2000):
        assert_nothing_runs(number, tmp_path / str(number), marker, 3)


@pytest.mark.soak
def test_two_hundred_hostile_histories_have_nothing_run(tmp_path: Path, marker: Path) -> None:
    for number in range(200):
        random, folder = Random(number), init(tmp_path / str(number))
        for _ in range(3):
            write_tree(folder, made(random, str(marker)))
            commit(folder)
        plain = {"schemas/common.py": RUNS["a statement"].replace("RUN\n", "")}
        git(folder, "rm", "-rqf", ".")
        commit(folder, {**small_tree(**{"configs/common.yaml": "A: a\n"}), **plain})
        done = run(folder, "history", TARGET)
        assert (marker.exists(), done.code in (0, 2)) == (False, True), f"history {number}: {done.said}"
