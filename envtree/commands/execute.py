"""`envtree exec`: runs a program with exactly what one process gets, from the tree or from an output."""

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


class ProgramInputs(NamedTuple):
    """What a target gives a program: its variables (None: removed), and the folders of its runtimes."""

    target: Target
    values: Mapping[str, str | None]
    folders: tuple[str, ...] = ()


class PreparedCommand(NamedTuple):
    """A program with everything that it needs to start, and remarks to show before."""

    program: str
    environment: Mapping[str, str]
    remarks: tuple[str, ...]


def inputs_from_tree(
    folder: str, selector: str, revision: str = WORKTREE
) -> tuple[ProgramInputs | None, Source, tuple[Diagnostic, ...]]:
    """Return what a tree gives the one target that a selector names; raises EnvtreeError where there is none."""
    from envtree.commands.tree import compile_one, faults_of_ownership, read_tree

    tree = read_tree(folder, revision).opening("require")
    if faults := faults_of_ownership(tree):
        return None, tree.source, faults
    found, problems = compile_one(tree, selector, "run")
    if found is None:
        return None, tree.source, problems
    target, compilation = found
    return ProgramInputs(target, compilation.own[target].values), tree.source, problems


def inputs_from_output(out: str, selector: str) -> ProgramInputs:
    """Return what an output gives one target, with its runtimes; raises EnvtreeError where that can't be read."""
    from envtree.adapters.store.read import read_target
    from envtree.core.output.inventory import needs

    built = read_target(out, selector)
    return ProgramInputs(built.target, built.values, needs(built.inventory, built.target).runtimes)


def prepare(inputs: ProgramInputs, word: str, keep: Sequence[str] = ()) -> PreparedCommand:
    """Find the program that a word names: by the target's PATH if it has one, otherwise by the caller's.

    Raises EnvtreeError where the program, or a runtime, does not exist.
    """
    check_folders(inputs.folders)
    kept, remarks = with_kept(inputs.values, _caller() if keep else {}, keep)
    environment = with_runtimes(kept, inputs.folders, inputs.values)
    whose = f"the `PATH` of {inputs.target}" if "PATH" in environment else "the `PATH` here"
    program = find_program(word, environment.get("PATH", os.environ.get("PATH")), whose)
    return PreparedCommand(program, environment, remarks)


def _caller() -> Mapping[str, str]:
    """Return the environment that this process started with: `os.environ` also has what Python and envtree added."""
    from envtree.adapters.process.environment import read_process

    return read_process("self")


def start(prepared: PreparedCommand, words: Sequence[str]) -> NoReturn:
    """Replace this process by the program; raises EnvtreeError where it can't be run."""
    become(prepared.program, words, prepared.environment)
