"""`envtree schema`: what editors are told of the layer files, one JSON Schema for each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.files.generated import Outdated, compare, make_ignored, write_generated
from envtree.commands.tree import load_schemas, read_tree
from envtree.core.compile import check_files, read_project_of
from envtree.core.model.diagnostic import errors, in_order
from envtree.core.model.source import WORKTREE
from envtree.core.schema.json_schema import FOLDER, MARK, SCHEMA_FOLDER, editor_schemas

if TYPE_CHECKING:
    from envtree.commands.tree import Tree
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.source import Source

    Diagnostics = tuple[Diagnostic, ...]


class Generated(NamedTuple):
    """Where the JSON Schemas lie, how many there are, and which of them are not as they are made now."""

    folder: str
    total: int
    outdated: Outdated


def schema(
    folder: str, out: str | None = None, revision: str = WORKTREE
) -> tuple[Generated | None, Source, Diagnostics]:
    """Write the JSON Schemas of a tree that are not up to date; None where its settings or schemas are wrong.

    Raises EnvtreeError where there is no tree, or they can't be written.
    """
    tree = read_tree(folder, revision)
    files, problems = _made(tree)
    if files is None:
        return None, tree.source, problems
    generated = _compared(tree, files, out)
    if out is None:
        make_ignored(f"{tree.root}/{FOLDER}")
    write_generated(*_place(tree, out), files, generated.outdated)
    return generated, tree.source, problems


def check_schema(
    folder: str, out: str | None = None, revision: str = WORKTREE
) -> tuple[Generated | None, Source, Diagnostics]:
    """What `schema` would write, without writing it."""
    tree = read_tree(folder, revision)
    files, problems = _made(tree)
    return (None if files is None else _compared(tree, files, out)), tree.source, problems


def _made(tree: Tree) -> tuple[dict[str, str] | None, Diagnostics]:
    """The JSON Schemas by path, and what is wrong with all that they are made of."""
    project, problems = read_project_of(tree.source)
    if errors(problems):
        return None, in_order(problems)
    schemas, faults = load_schemas(tree, project)
    if schemas is None and not errors(faults):
        faults = check_files(tree.source, project)  # a schema that can't be read is reported with the other paths
    return (None if schemas is None else editor_schemas(project, schemas)), in_order((*problems, *faults))


def _compared(tree: Tree, files: dict[str, str], out: str | None) -> Generated:
    root, folder = _place(tree, out)
    where = f"{root}/{folder}" if folder else root
    return Generated(where, len(files), compare(root, folder, files, MARK))


def _place(tree: Tree, out: str | None) -> tuple[str, str]:
    """The folder of a tree's own, as a root and a path that holds no link; or the one that was asked for."""
    return (tree.root, SCHEMA_FOLDER) if out is None else (out, "")
