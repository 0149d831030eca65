"""`envtree exec`: a program with exactly what one process gets, from the tree or from an output."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from envtree.adapters.process.program import become, check_folders, find_program
from envtree.core.export.environment import with_kept, with_runtimes
from envtree.core.model.source import WORKTREE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.source import Source
    from envtree.core.model.tree import Target


class Given(NamedTuple):
    """What a target's chain says of each name, and the folders of its runtimes."""

    target: Target
    values: Mapping[str, str | None]
    folders: tuple[str, ...] = ()


class PreparedCommand(NamedTuple):
    """A program, with all it needs to be started, and what is to be said first."""

    program: str
    environment: Mapping[str, str]
    remarks: tuple[str, ...]


def read_given(
    folder: str, selector: str, revision: str = WORKTREE
) -> tuple[Given | None, Source, tuple[Diagnostic, ...]]:
    """What a tree gives the one target that a selector names; raises EnvtreeError where there is none."""
    from envtree.commands.tree import compile_one, read_tree
    from envtree.core.compile import sealed_faults

    tree = read_tree(folder, revision)
    found, problems = compile_one(tree, selector, "run")
    if found is None:
        return None, tree.source, problems
    target, compilation = found
    if sealed := sealed_faults(compilation):
        return None, tree.source, (*problems, *sealed)
    return Given(target, compilation.own[target].values), tree.source, problems


def read_built(out: str, selector: str) -> Given:
    """What an output gives it, with its runtimes; raises EnvtreeError where it can't be read."""
    from envtree.adapters.store.read import read_target
    from envtree.core.output.inventory import needs

    built = read_target(out, selector)
    return Given(built.target, built.values, needs(built.inventory, built.target).runtimes)


def prepare(given: Given, word: str, keep: Sequence[str] = ()) -> PreparedCommand:
    """Find the program that a word names, by the target's PATH if it has one, else by the caller's.

    Raises EnvtreeError where it, or a runtime, is not there.
    """
    check_folders(given.folders)
    kept, remarks = with_kept(given.values, _caller() if keep else {}, keep)
    environment = with_runtimes(kept, given.folders, given.values)
    whose = f"the `PATH` of {given.target}" if "PATH" in environment else "the `PATH` here"
    program = find_program(word, environment.get("PATH", os.environ.get("PATH")), whose)
    return PreparedCommand(program, environment, remarks)


def _caller() -> Mapping[str, str]:
    """The caller's environment as it was handed to us: `os.environ` has what Python and we added."""
    from envtree.adapters.process.environment import read_process

    return read_process("self")


def start(prepared: PreparedCommand, words: Sequence[str]) -> NoReturn:
    """Become the program; raises EnvtreeError where it can't be run."""
    become(prepared.program, words, prepared.environment)
