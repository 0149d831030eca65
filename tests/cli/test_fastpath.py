"""The plainest command lines are answered without the command line library, and no one can tell."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from tests.builders import small_tree, write_tree
from tests.cli.running import Done, run

if TYPE_CHECKING:
    from pathlib import Path


def slowly(folder: Path, *words: str, monkeypatch: pytest.MonkeyPatch) -> Done:
    with monkeypatch.context() as patch:
        patch.setattr("envtree.cli.fastpath.run", lambda argv: None)
        return run(folder, *words)


SCHEMA = "from envtree import Settings\n\n\nclass Common(Settings):\n    A: str\n"
COMMANDS = [
    ["--version"],
    ["validate"],
    ["validate", "-q"],
    ["validate", "production"],
    ["validate", "nowhere"],
    ["validate", "-C", "configs"],
    ["validate", "-C", "/"],
    ["-q", "validate"],
    ["-C", "configs", "validate"],
    ["build", "--out", "out"],
    ["build", "-o", "out"],
    ["build", "-o", "./out/"],
    ["build", "--out=out"],
    ["build", "--out", "out", "-q"],
    ["build", "production", "--out", "out"],
    ["build", "--out", "out", "nowhere"],
    ["build", "--out", "envtree.yaml"],
    ["build", "--out", "configs/out"],
    ["build", "--out"],
    ["build", "--out", ""],
    ["build", "--out", "-q"],
    ["build", "-C", "configs", "--out", "out"],
    ["build", "-C", "", "--out", "out"],
    ["build"],
    ["build", "--", "production", "--out", "out"],
    ["build", "--out", "out", ""],
    ["boot", "--run", "run", "--as", "production"],
    ["boot", "--out", "nowhere", "--run", "run", "--as", "production"],
    ["boot", "-o", "./nowhere/", "--run", "./run/", "-q"],
    ["boot", "--out", "nowhere", "--run", "run", "--as", ""],
    ["boot", "--out", "nowhere", "--run"],
    ["boot", "--out", "nowhere", "production"],
    ["-q", "boot", "--out", "nowhere", "--run", "run"],
    ["down", "--run", "run"],
    ["down", "--run", "configs", "-q"],
    ["down", "-o", "nowhere", "--run", "run"],
    ["status", "--run", "run"],
    ["status", "--run", "-q"],
]
LATE = (
    *(f"envtree.{name}" for name in ("adapters", "commands", "machine", "migration", "review")),
    *("yaml", "pydantic", "httpx"),
)
PLAIN = [
    (["--version"], 0),
    (["validate"], 0),
    (["build", "--out", "out"], 0),
    (["boot", "--out", "nowhere", "--run", "run", "--as", "production"], 2),
    (["down", "--run", "run", "-q"], 0),
    (["status", "--run", "run"], 2),
]


@pytest.mark.parametrize("layer", ["A: b\n", "A: [b]\n"], ids=["right", "wrong"])
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_the_quick_answer_is_the_slow_one(
    words: list[str], layer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = []
    for name in ("quick", "slow"):
        folder = tmp_path / name / "tree"
        folder.mkdir(parents=True)
        write_tree(folder, small_tree(**{"configs/common.yaml": layer, "schemas/common.py": SCHEMA}))
        runs = [
            run(folder, *words) if name == "quick" else slowly(folder, *words, monkeypatch=monkeypatch)
            for _ in range(2)
        ]
        answers.append([Done(each.code, each.stdout, each.stderr.replace(str(folder), "/tree")) for each in runs])
    assert answers[0] == answers[1]


@pytest.mark.parametrize(("words", "answer"), PLAIN, ids=[words[0] for words, _ in PLAIN])
def test_a_plain_command_line_does_without_the_library(words: list[str], answer: int, tmp_path: Path) -> None:
    write_tree(tmp_path, small_tree())
    code = (
        "import sys\n"
        f"sys.argv = ['envtree', *{words!r}]\n"
        "from envtree.cli.main import main\n"
        f"assert main() == {answer}\n"
        "sys.exit('typer' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=False).returncode == 0


def test_a_build_that_changes_nothing_imports_next_to_nothing(tmp_path: Path) -> None:
    write_tree(tmp_path / "tree", small_tree())
    code = (
        "import sys\n"
        "before = set(sys.modules)\n"
        f"sys.argv = ['envtree', 'build', '-C', {str(tmp_path / 'tree')!r}, '--out', {str(tmp_path / 'out')!r}]\n"
        "from envtree.cli.main import main\n"
        "assert main() == 0\n"
        "late = {'ast', 'dataclasses', 'inspect', 'json', 'pydantic', 'typing', 'yaml'}\n"
        "print(*(late & (set(sys.modules) - before)))\n"
    )
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True) for _ in range(2)]
    assert "yaml" in runs[0].stdout
    assert runs[1].stdout == "\n"


def test_what_few_verbs_need_is_not_imported_for_all() -> None:
    assert all(find_spec(name) for name in LATE)
    code = (
        "import sys, envtree.cli.app\n"
        f"late = {LATE!r}\n"
        "print(*(each for each in sys.modules if each.startswith(late)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"
