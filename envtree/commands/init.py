"""`envtree init`: writes a new tree where there is none, or what starts a machine's processes at boot."""

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
"""The folder, in the chosen one, for the files that start and stop the processes of a machine."""


class InitResult(NamedTuple):
    """The files of a new tree: those written, and those that existed and stay as they are, by path.

    `hooks` is pre-commit's configuration file. `hook` is what it lacks, if it existed before.
    """

    written: tuple[str, ...]
    kept: tuple[str, ...]
    hooks: str
    hook: str


def init(folder: str) -> InitResult:
    """Write a starting tree into a folder; raises EnvtreeError where a file exists that can't stay."""
    top, prefix = _repository_of(folder)
    hook, hooks = hook_for(prefix), str(Path(top, HOOKS))
    files = {**FILES, hooks: hooks_with(hook)}
    written = write_new(folder, files, (*OPTIONAL, hooks))
    kept = tuple(path for path in files if path not in written)
    return InitResult(written, kept, hooks, hook if hooks in kept else "")


def init_boot(folder: str, out: str) -> tuple[str, ...]:
    """Write what boots a machine on an output, and return the paths; raises EnvtreeError where one exists."""
    return write_new(folder, {f"{STARTUP}/{path}": text for path, text in startup_files(out).items()})


def _repository_of(folder: str) -> tuple[str, str]:
    """Return the top of the repository that a folder is in or will be in, and the path from there; empty without one.

    Where git can't be asked, the folder counts as its own top: a tree can be started without git.
    """
    real = Path(os.path.realpath(folder))
    existing = next(each for each in (real, *real.parents) if each.is_dir())
    try:
        repository = find_repository(str(existing))
    except EnvtreeError:
        return "", ""
    if repository is None or repository.is_bare:
        return "", ""
    prefix = os.path.relpath(real, repository.where)
    return ("", "") if prefix == "." else (repository.where, prefix)
