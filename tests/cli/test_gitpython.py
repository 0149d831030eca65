"""Who waits for GitPython: those who ask for history or a revision, nobody else; and what a program sees of it."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.builders import small_tree
from tests.cli.running import ENVTREE
from tests.repositories import commit, repository

if TYPE_CHECKING:
    from pathlib import Path

TARGET = "production/accounts/web"
COMMON = "configs/common.yaml"
WITHOUT = {
    "validate": 0,
    "validate --staged": 0,
    "validate --staged production --format json": 0,
    "build --out out": 0,
    "build --out out production": 0,
    "build --out out --staged": 0,
    f"show {TARGET}": 0,
    f"show {TARGET} --staged": 0,
    f"explain {TARGET} A --no-blame": 0,
    "lint": 0,
    f"exec {TARGET} -- true": 0,
    "diff dir:out dir:out": 0,
    "verify out": 0,
    "boot --out out --run run --as nothing": 2,
    "status --run run": 2,
    "down --run run": 0,
    "--help": 0,
}
"""Command lines, with their exit codes."""
WITH = {
    "validate --ref HEAD": 0,
    "build --out out --ref HEAD": 0,
    f"explain {TARGET} A": 0,
    f"history {TARGET}": 0,
    "diff HEAD~1..HEAD": 1,
    f"exec {TARGET} --ref HEAD -- true": 0,
}


@pytest.fixture(scope="module")
def top(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two commits, and an output."""
    folder = repository(tmp_path_factory.mktemp("asked") / "repository", small_tree(**{COMMON: "A: 1\n"}))
    commit(folder, {COMMON: "A: 2\n"})
    subprocess.run([*ENVTREE, "build", "--out", "out"], cwd=folder, capture_output=True, check=True)
    return folder


def imported(folder: Path, code: int, *words: str, **environment: str) -> set[str]:
    """All modules that a command line imports, which ends with an exit code."""
    command = [ENVTREE[0], "-X", "importtime", *ENVTREE[1:], *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, env={**os.environ, **environment}, check=False)
    assert done.returncode == code
    return set(re.findall(r"\| +([\w.]+)$", done.stderr.decode(), re.MULTILINE))


@pytest.mark.parametrize(("line", "code"), WITHOUT.items())
def test_what_asks_for_no_revision_does_not_wait_for_gitpython(line: str, code: int, top: Path) -> None:
    assert not imported(top, code, *line.split()) & {"git", "gitdb"}


@pytest.mark.parametrize("words", ["envtree show pro", f"envtree explain {TARGET} "])
def test_a_completion_does_not_wait_for_gitpython(words: str, top: Path) -> None:
    asked = {"_ENVTREE_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    found = imported(top, 0, **asked)
    assert found & {"yaml", "git", "gitdb"} == {"yaml"}


@pytest.mark.parametrize(("line", "code"), WITH.items())
def test_what_asks_for_history_or_a_revision_has_it_of_gitpython(line: str, code: int, top: Path) -> None:
    assert imported(top, code, *line.split()) >= {"git", "gitdb"}


def test_a_program_has_the_variables_of_the_caller_that_gitpython_has_not(top: Path) -> None:
    mine = {"GIT_AUTHOR_NAME": "Ann", "GIT_DIR": "/nowhere", "GIT_PYTHON_REFRESH": "nonsense", "LC_ALL": "C.UTF-8"}
    keep = [word for name in (*mine, "GIT_CONFIG_COUNT") for word in ("--keep", name)]
    command = [*ENVTREE, "-q", "exec", TARGET, "--ref", "HEAD", *keep, "--", "/usr/bin/env"]
    done = subprocess.run(command, cwd=top, env={**os.environ, **mine}, capture_output=True, text=True, check=True)
    assert dict(line.split("=", 1) for line in done.stdout.splitlines()) == {"A": "2", **mine}
