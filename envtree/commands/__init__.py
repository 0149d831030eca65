"""One verb a file: read, compute, write. Here is what every verb that compiles a tree does first."""

from __future__ import annotations

from envtree.core.source import WORKTREE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import ExitStack

    from envtree.core.compile import Compilation
    from envtree.core.diagnostic import Diagnostic, EnvtreeError
    from envtree.core.rules import Schema
    from envtree.core.source import Source
    from envtree.core.tree import Project


def root_of(folder: str) -> str:
    """The root of the tree that a folder lies in; raises EnvtreeError where there is none."""
    from envtree.adapters.worktree import find_root

    root = find_root(folder)
    if root is None:
        raise _no_tree(folder)
    return root


class Tree:
    """A tree as it stands in one revision. No dataclass, as `Source`.

    `root` is the folder that its paths start from, and `unsafe` says which of its schemas others could have written.
    """

    __slots__ = ("root", "source", "unsafe")

    def __init__(self, root: str, source: Source, unsafe: Callable[[], tuple[str, ...]]) -> None:
        self.root = root
        self.source = source
        self.unsafe = unsafe


def read_tree(folder: str, revision: str = WORKTREE) -> Tree:
    """The tree that a folder lies in, as it stands in the working tree, the index or a commit.

    Raises EnvtreeError where there is none.
    """
    from envtree.adapters.worktree import read, unsafe_schemas

    root = root_of(folder)
    return Tree(root, read(root), lambda: unsafe_schemas(root))


def compile_tree(tree: Tree, selectors: tuple[str, ...] = ()) -> tuple[Compilation | None, tuple[Diagnostic, ...]]:
    """The selected targets of a tree, and all that is wrong; no compilation where its settings can't be understood.

    Raises EnvtreeError for a selector that names nothing.
    """
    from envtree.core.compile import check_files, compile_source, read_project_of
    from envtree.core.diagnostic import errors, in_order

    project, problems = read_project_of(tree.source)
    if errors(problems):
        return None, in_order((*problems, *check_files(tree.source, project)))
    schemas, faults = _load_schemas(tree, project)
    with _in_silence():
        compilation, found = compile_source(tree.source, project, schemas, selectors)
    return compilation, in_order((*problems, *faults, *found))


def _in_silence() -> ExitStack:
    """What an author's validators print, log or warn of can hold a value, and would stand among the data."""
    import contextlib
    import io
    import sys
    import warnings

    silence = contextlib.ExitStack()
    nowhere = io.StringIO()
    silence.enter_context(contextlib.redirect_stdout(nowhere))
    silence.enter_context(contextlib.redirect_stderr(nowhere))
    silence.enter_context(warnings.catch_warnings())
    warnings.simplefilter("ignore")
    if logging := sys.modules.get("logging"):  # a schema that set it up when imported has hold of the real stderr
        silence.callback(logging.disable, logging.root.manager.disable)
        logging.disable(logging.CRITICAL)
    return silence


def _load_schemas(tree: Tree, project: Project) -> tuple[tuple[Schema, ...] | None, tuple[Diagnostic, ...]]:
    """The classes of a tree's schemas: none where it has none, None where they can't all be trusted or understood."""
    from envtree.core.diagnostic import errors
    from envtree.core.source import SCHEMAS

    source = tree.source
    if any(f"{path}/".startswith(SCHEMAS) for path in source.refused):
        return None, ()  # one that can't be read may be the one that says `Secret`; it is reported with the other paths
    if not any(path.startswith(SCHEMAS) for path in source.files):
        return (), ()
    if unsafe := tree.unsafe():
        return None, (_unsafe(unsafe),)
    from envtree.adapters.schemas import load

    schemas, faults = load(source, project)
    return None if errors(faults) else schemas, faults


def _no_tree(folder: str) -> EnvtreeError:
    import os

    from envtree.core.diagnostic import Diagnostic, EnvtreeError

    looked = os.path.realpath(folder)
    message = f"there is no envtree.yaml in `{looked}`, nor in any folder above it"
    if not os.path.isdir(looked):  # noqa: PTH112 - pathlib is imported by nothing else here
        message = f"`{folder}` is no folder"
    return EnvtreeError(
        Diagnostic("no-tree", message, help="go to a tree, name one with `-C DIR`, or start one with `envtree init`")
    )


def _unsafe(paths: tuple[str, ...]) -> Diagnostic:
    from envtree.core.diagnostic import Diagnostic, some
    from envtree.core.tree import Span

    return Diagnostic(
        "unsafe-schema",
        f"others could have written {some((f'`{path}`' for path in paths), 3)}, and schemas are code that would be run",
        Span(paths[0], 1, 1),
        help="run `chmod -R go-w schemas`, and own the files yourself or as root",
        shown=True,
    )
