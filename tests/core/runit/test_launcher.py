"""The launcher of a service folder, run by a real /bin/sh: it keeps what the process needs of its generation."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from envtree.core.model.tree import Target
from envtree.core.runit.launcher import launcher

if TYPE_CHECKING:
    from pathlib import Path

NODES = ("common", "production", "production/a", "production/a/web")
SCRIPTS = ("finish", "control/t", "log/run")


def generation(out: Path, name: str) -> Path:
    """A generation that is current, with envdirs beside it, as a build lays them out."""
    made = out / "generations" / name
    for number, node in enumerate(NODES):
        envdir = out / f"envdirs/{name}{number}"
        envdir.mkdir(parents=True)
        (envdir / "LEVEL").write_text(f"{name} {node}\n")
        (made / node).mkdir(parents=True, exist_ok=True)
        (made / node / "env").symlink_to(envdir)
    (made / "supervision.sh").write_text("end_survivor() { :; }\n")
    target = made / NODES[-1]
    (target / "control").mkdir()
    (target / "log").mkdir()
    for script in SCRIPTS:
        (target / script).write_text(f"{name} {script}\n")
    (target / "run").write_text(f"#!/bin/sh\necho started with {name}\n")
    (target / "run").chmod(0o755)
    (target / "supervise").mkdir()
    os.mkfifo(target / "supervise/ok")  # runsv's, where somebody has linked the folder by hand
    shutil.rmtree(out / "current", ignore_errors=True)
    (out / "current").unlink(missing_ok=True)
    (out / "current").symlink_to(made)
    return made


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A service folder, with its launcher."""
    folder = tmp_path / "service's folder"
    folder.mkdir()
    (folder / "run").write_text(launcher(str(tmp_path / "o'ut"), Target("production", "a", "web"), 1))
    return folder


def start(place: Path) -> str:
    done = subprocess.run(["/bin/sh", "./run"], cwd=place, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.stdout


def test_a_start_keeps_all_that_the_process_needs_and_nothing_of_others(place: Path) -> None:
    out = place.parent / "o'ut"
    generation(out, "one")
    assert start(place) == "started with one\n"
    shutil.rmtree(out)
    assert start(place) == "started with one\n"
    tree = place / "tree"
    assert [(tree / node / "env/LEVEL").read_text() for node in NODES] == [f"one {node}\n" for node in NODES]
    assert [(tree / NODES[-1] / each).read_text() for each in SCRIPTS] == [f"one {each}\n" for each in SCRIPTS]
    assert not (tree / NODES[-1] / "supervise").exists()
    generation(out, "two")
    assert start(place) == "started with two\n"
    assert [each.name for each in (place / "kept").iterdir()] == ["two"]
    assert (tree / "common/env/LEVEL").stat().st_mode == (out / "envdirs/two0/LEVEL").stat().st_mode


def test_a_copy_that_is_cut_off_is_made_again(place: Path) -> None:
    generation(place.parent / "o'ut", "one")
    (place / "kept/new/common").mkdir(parents=True)
    assert start(place) == "started with one\n"
    assert [each.name for each in (place / "kept").iterdir()] == ["one"]


@pytest.mark.parametrize("reason", ["no room", pytest.param("another's values", marks=pytest.mark.root)])
def test_where_nothing_can_be_kept_it_says_so_and_starts_from_the_output(place: Path, reason: str) -> None:
    out = place.parent / "o'ut"
    made = generation(out, "one")
    if reason == "no room":
        (place / "kept").write_text("")
    else:
        for each in (out / "envdirs").iterdir():
            os.chown(each, 54_321, 54_321)
    *problems, said, started = start(place).splitlines()
    assert started == "started with one"
    assert said.startswith("envtree: no copy of its scripts can be kept: ")
    assert len(problems) <= 1
    assert (place / "tree").readlink() == made
    assert not (place / "kept").exists()
