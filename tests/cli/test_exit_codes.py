"""Exit codes: 0 done, 1 the answer is no, 2 no answer, 70 a bug, 130 interrupted."""

from __future__ import annotations

import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.builders import small_tree, write_tree
from tests.cli.running import ENVTREE, run
from tests.repositories import repository
from tests.waiting import LONG, child

if TYPE_CHECKING:
    from pathlib import Path

WRONG = small_tree(**{"configs/common.yaml": "A: [b]\n"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tree(tmp_path, small_tree(**{"configs/common.yaml": "A: b\n"}))


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, ["--version"]),
        (0, ["--help"]),
        (0, ["build", "-h"]),
        (0, ["validate"]),
        (0, ["validate", "--format", "json"]),
        (0, ["show", "production/accounts/web"]),
        (0, ["build", "--out", "out"]),
        (0, ["build", "--out", "out", "--dry-run"]),
        (0, ["init", "new"]),
        (2, ["init"]),
        (2, []),
        (2, ["bild"]),
        (2, ["build"]),
        (2, ["build", "--out"]),
        (2, ["build", "--out", ""]),
        (2, ["build", "--out", "out", "--keep", "0"]),
        (2, ["build", "--out", "out", "--mode", "0777"]),
        (2, ["build", "--out", "out", "--mode", "rw"]),
        (2, ["validate", "--format", "xml"]),
        (2, ["validate", "--max", "-1"]),
        (2, ["validate", "nowhere"]),
        (2, ["show"]),
        (2, ["show", "production", "--format", "yaml"]),
        (2, ["verify"]),
        (2, ["verify", "out"]),
        (2, ["rollback", "out"]),
        (2, ["-C", "/", "validate"]),
        (2, ["-C"]),
        (2, ["--color", "blue", "validate"]),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, list) else "",
)
def test_a_command_line_ends_with_its_code(code: int, words: list[str], folder: Path) -> None:
    assert run(folder, *words).code == code


@pytest.mark.parametrize(
    "words",
    [
        ["validate"],
        ["validate", "--format", "sarif"],
        ["validate", "production"],
        ["show", "production/accounts/web"],
        ["build", "--out", "out"],
        ["build", "--out", "out", "--dry-run"],
    ],
    ids=" ".join,
)
def test_a_tree_with_an_error_makes_the_answer_no(words: list[str], tmp_path: Path) -> None:
    assert run(write_tree(tmp_path, WRONG), *words).code == 1
    assert not (tmp_path / "out").exists()


def test_a_damaged_output_makes_the_answer_no(folder: Path) -> None:
    assert run(folder, "build", "--out", "out").code == 0
    (folder / "out/current/common/env/A").write_text("c\n")
    assert run(folder, "verify", "out").code == 1
    assert run(folder, "build", "--out", "out").code == 0


@pytest.mark.parametrize(
    "words", [["validate"], ["validate", "--format", "text"], ["show", "production"]], ids=" ".join
)
def test_an_interrupt_ends_with_130_and_a_word(words: list[str], folder: Path) -> None:
    slow = "import sys, time\nprint('started', file=sys.stderr, flush=True)\ntime.sleep(1000)\n"
    write_tree(folder, {"schemas/common.py": slow})
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with child([*ENVTREE, *words], cwd=folder, text=True, **pipes) as process:
        assert process.stderr
        assert process.stderr.readline() == "started\n"
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=LONG)
    assert (process.returncode, stdout) == (130, "")
    assert stderr in ("", "\ninterrupted\n")


@pytest.mark.parametrize(("revision", "code"), [("HEAD", 0), ("nope", 2)])
def test_a_caller_that_ignores_how_its_children_end_changes_no_answer(revision: str, code: int, folder: Path) -> None:
    repository(folder, {})
    command = ["env", "--ignore-signal=CHLD", *ENVTREE, "validate", "-q", "--ref", revision]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, "error[unknown-revision]" in done.stdout + done.stderr) == (code, code == 2)


def test_usage_is_said_on_standard_error(folder: Path) -> None:
    done = run(folder, "validate", "--format", "xml")
    assert done.stdout == ""
    assert "xml" in done.stderr
