"""A folder that envtree is started in has modules of the names that envtree imports, and none of them is run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.builders import small_tree, write_tree

if TYPE_CHECKING:
    from collections.abc import Mapping

SCRIPT = Path(sys.executable).with_name("envtree")
CANARY = "import os\nwith open(os.environ['CANARY'], 'a') as file:\n    file.write(__name__ + '\\n')\n"
WITHOUT = (
    "import runpy, envtree.cli.importpath as taken\n"
    "taken.leave_out_current_folder = taken.leave_out_folder_of_module = lambda: None\n"
    "runpy.run_module('envtree', run_name='__main__', alter_sys=True)\n"
)
WORDS = ("validate", "--format", "json")


def environment(top: Path, **more: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", "CANARY": str(top / "canary"), **more}


def imported(*command: str, folder: Path, top: Path) -> set[str]:
    """The modules that a command of Python's imports."""
    words = (sys.executable, "-X", "importtime", *command)
    done = subprocess.run(words, cwd=folder, env=environment(top), capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in re.findall(r"\| +([\w.]+)$", done.stderr, re.MULTILINE)}


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A tree in a folder with a canary for each module that envtree imports, and Python not already before."""
    tree = write_tree(tmp_path / "tree", small_tree())
    write_tree(tmp_path / "clean", {"first/__main__.py": "", "first/__init__.py": ""})
    before = imported("-c", "import runpy, re", folder=tmp_path / "clean", top=tmp_path)
    before |= imported("-m", "first", folder=tmp_path / "clean", top=tmp_path)
    names = imported("-m", "envtree", *WORDS, folder=tree, top=tmp_path) - before - {"envtree", "schemas"}
    names -= set(sys.builtin_module_names)
    assert {"json", "yaml", "pydantic"} <= names, names
    for name in names:
        (tree / f"{name}.py").write_text(CANARY)
    return tree


def ran(hostile: Path, *command: str, env: Mapping[str, str]) -> list[str]:
    """The canaries that a command runs."""
    top = hostile.parent
    subprocess.run(command, cwd=hostile, env=environment(top, **env), capture_output=True, check=False, timeout=100)
    return (top / "canary").read_text().splitlines() if (top / "canary").exists() else []


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ((sys.executable, "-m", "envtree"), {}),
        ((sys.executable, "-m", "envtree"), {"PYTHONPATH": ""}),
        ((sys.executable, "-m", "envtree"), {"PYTHONPATH": ":/nowhere"}),
        ((sys.executable, "-P", "-m", "envtree"), {"PYTHONPATH": "/nowhere::/nowhere"}),
        ((sys.executable, "-P", "-m", "envtree"), {"PYTHONPATH": "/nowhere:"}),
        ((str(SCRIPT),), {}),
        ((str(SCRIPT),), {"PYTHONPATH": ":"}),
    ],
)
def test_nothing_is_imported_from_the_current_folder(
    command: tuple[str, ...], path: Mapping[str, str], hostile: Path
) -> None:
    assert ran(hostile, *command, *WORDS, env=path) == []
    done = subprocess.run(
        (*command, *WORDS), cwd=hostile, env=environment(hostile.parent, **path), capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(("options", "path"), [((), {}), (("-P",), {"PYTHONPATH": "/nowhere:"})])
def test_without_that_it_would_be(options: tuple[str, ...], path: Mapping[str, str], hostile: Path) -> None:
    assert ran(hostile, sys.executable, *options, "-c", WITHOUT, *WORDS, env=path)


@pytest.mark.parametrize("named", [".", "{tree}"])
def test_a_folder_that_is_named_is_looked_in_though_it_is_the_current_one(named: str, tmp_path: Path) -> None:
    schema = "import ours\nfrom envtree import Settings\n\n\nclass Common(Settings):\n    LEVEL: str = ours.LEVEL\n"
    files = small_tree(**{"schemas/common.py": schema, "ours.py": "LEVEL = 'info'\n"})
    tree = write_tree(tmp_path / "tree", files)
    path = {"PYTHONPATH": f":{named.format(tree=tree)}"}
    words = (sys.executable, "-P", "-m", "envtree", "validate")
    assert [
        "No module named 'ours'" in subprocess.run(words, cwd=tree, env=env, capture_output=True, text=True).stdout
        for env in (environment(tmp_path, **path), environment(tmp_path))
    ] == [False, True]
