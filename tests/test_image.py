"""examples/image as it lies there: its tree is valid, its scripts can be read; test_bake.py bakes and starts it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.builders import ROOT
from tests.cli.running import run

EXAMPLE = ROOT / "examples/image"
PROGRAMS = sorted((EXAMPLE / "app").glob("*.py"))


def test_its_tree_is_valid_and_says_so_without_a_warning(tmp_path: Path) -> None:
    tree = shutil.copytree(EXAMPLE / "tree", tmp_path / "tree", ignore=shutil.ignore_patterns("__pycache__"))
    for path in (tree, *tree.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)  # a checkout's depend on the umask
    assert run(tree, "validate", "-q") == (0, "", "")
    assert run(tree, "lint", "-q") == (0, "", "")


def test_sh_can_read_what_bakes_it() -> None:
    subprocess.run(["sh", "-n", EXAMPLE / "bake.sh"], check=True)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: str(path.name))
def test_its_programs_can_be_read(program: Path) -> None:
    compile(program.read_text(), program.name, "exec")
