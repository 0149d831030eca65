"""`envtree schema`: writes a JSON Schema of each layer file, for editors."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.files.generated import Outdated, compare, make_ignored, write_generated
from envtree.commands.tree import load_schemas, read_tree
from envtree.core.compile import check_files, read_project_of
from envtree.core.model.diagnostic import errors, in_order
from envtree.core.model.source import WORKTREE
from envtree.core.schema.json_schema import FOLDER, MARK, SCHEMA_FOLDER, editor_schemas
from envtree.core.schema.stated import StatedSchemas

if TYPE_CHECKING:
    from envtree.commands.tree import Tree
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.source import SchemaUse, Source

    Diagnostics = tuple[Diagnostic, ...]


class Generated(NamedTuple):
    """The folder of the JSON Schemas, their number, and those that are not as they would be generated now."""

    folder: str
    total: int
    outdated: Outdated


def schema(
    folder: str, out: str | None = None, revision: str = WORKTREE, schemas: SchemaUse = "run"
) -> tuple[Generated | None, Source, Diagnostics]:
    """Write the JSON Schemas of a tree that are not up to date; None where its settings or schemas are wrong.

    Raises EnvtreeError where there is no tree, or they can't be written.
    """
    tree = read_tree(folder, revision, schemas)
    files, problems = _generate(tree)
    if files is None:
        return None, tree.source, problems
    generated = _compare(tree, files, out)
    if out is None:
        make_ignored(f"{tree.root}/{FOLDER}")
    write_generated(*_root_and_folder(tree, out), files, generated.outdated)
    return generated, tree.source, problems


def check_schema(
    folder: str, out: str | None = None, revision: str = WORKTREE, schemas: SchemaUse = "run"
) -> tuple[Generated | None, Source, Diagnostics]:
    """Return what `schema` would write, without writing it."""
    tree = read_tree(folder, revision, schemas)
    files, problems = _generate(tree)
    return (None if files is None else _compare(tree, files, out)), tree.source, problems


def _generate(tree: Tree) -> tuple[dict[str, str] | None, Diagnostics]:
    """Return the JSON Schemas by path, and what is wrong with the settings and schemas that they are made from."""
    project, problems = read_project_of(tree.source)
    if errors(problems):
        return None, in_order(problems)
    schemas, faults = load_schemas(tree, project)
    if schemas is None and not errors(faults):
        faults = check_files(tree.source, project)  # a schema that can't be read is reported with the other paths
    classes = (
        () if isinstance(schemas, StatedSchemas) else schemas
    )  # of the text alone, the form is all that is certain
    return (None if classes is None else editor_schemas(project, classes)), in_order((*problems, *faults))


def _compare(tree: Tree, files: dict[str, str], out: str | None) -> Generated:
    """Compare the existing JSON Schemas with new ones."""
    root, folder = _root_and_folder(tree, out)
    where = f"{root}/{folder}" if folder else root
    return Generated(where, len(files), compare(root, folder, files, MARK))


def _root_and_folder(tree: Tree, out: str | None) -> tuple[str, str]:
    """Return a root and a path below it: the tree's own folder, where no link is allowed, or the chosen folder."""
    return (tree.root, SCHEMA_FOLDER) if out is None else (out, "")
