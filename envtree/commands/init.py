"""`envtree init`: a new tree, where none is, and what starts the processes of a machine with it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from envtree.adapters.files.worktree import write_new
from envtree.adapters.git.repository import find_repository
from envtree.core.model.diagnostic import EnvtreeError
from envtree.core.runit.boot_unit import startup_files
from envtree.core.starter import FILES, HOOKS, OPTIONAL, hook_for, hooks_with

STARTUP = "boot"
"""The folder, in the one that is asked for, of what starts and stops the processes of a machine."""


class Started(NamedTuple):
    """The files of a new tree, and those that were there already and stay as they are, by path.

    `hooks` is where pre-commit reads its configuration, and `hook` what it lacks, if that file was there already.
    """

    written: tuple[str, ...]
    kept: tuple[str, ...]
    hooks: str
    hook: str


def init(folder: str) -> Started:
    """Write a starting tree into a folder; raises EnvtreeError where a file of it is there that can't stay."""
    top, prefix = _place_of(folder)
    hook, hooks = hook_for(prefix), str(Path(top, HOOKS))
    files = {**FILES, hooks: hooks_with(hook)}
    written = write_new(folder, files, (*OPTIONAL, hooks))
    kept = tuple(path for path in files if path not in written)
    return Started(written, kept, hooks, hook if hooks in kept else "")


def init_boot(folder: str, out: str) -> tuple[str, ...]:
    """Write what boots a machine on an output folder, and the paths written; raises EnvtreeError where one is there."""
    return write_new(folder, {f"{STARTUP}/{path}": text for path, text in startup_files(out).items()})


def _place_of(folder: str) -> tuple[str, str]:
    """The top of the repository that a folder is in or will be in, and the way from there; both empty outside of one.

    Where git can't be asked, the folder is taken for its own top: a tree can be started without git.
    """
    real = Path(os.path.realpath(folder))
    there = next(each for each in (real, *real.parents) if each.is_dir())
    try:
        repository = find_repository(str(there))
    except EnvtreeError:
        return "", ""
    if repository is None or repository.is_bare:
        return "", ""
    prefix = os.path.relpath(real, repository.where)
    return ("", "") if prefix == "." else (repository.where, prefix)
