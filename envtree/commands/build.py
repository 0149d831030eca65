"""`envtree build`: compiles a tree to envdirs, and publishes them as one generation."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from envtree import __version__
from envtree.adapters.git.origin import origin_of_index, origin_of_worktree
from envtree.adapters.store.publish import publish
from envtree.adapters.store.state import current
from envtree.adapters.store.usage import used_generations
from envtree.adapters.store.verify import envdirs_of
from envtree.commands.steps.shell_syntax import check_commands
from envtree.commands.tree import compile_tree, faults_of_ownership, read_tree
from envtree.core.model.commit import Origin
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, errors, in_order, system_reason
from envtree.core.model.source import INDEX, WORKTREE, digest
from envtree.core.output.manifest import assemble
from envtree.core.output.plan import plan
from envtree.core.output.record import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from envtree.adapters.store.publish import Published
    from envtree.commands.tree import Tree
    from envtree.core.model.source import Source
    from envtree.core.output.manifest import Access, Output
    from envtree.core.output.plan import Plan

    Diagnostics = tuple[Diagnostic, ...]


class BuildResult(NamedTuple):
    """What a build did, and what it was made from."""

    published: Published
    files: dict[str, int]
    """The number of files in each node's envdir."""
    origin: Origin


class PreparedBuild(NamedTuple):
    """What will be published."""

    output: Output
    source: str
    """The digest of the source."""
    origin: Origin


def build(
    folder: str,
    out: str,
    selectors: tuple[str, ...],
    access: Access,
    keep: int,
    on_wait: Callable[[], None],
    on_file: Callable[[int, int], None],
    revision: str = WORKTREE,
) -> tuple[BuildResult | None, Source, Diagnostics]:
    """Compile the selected targets and make them current; nothing is written where the tree is wrong.

    Raises EnvtreeError where there is no tree, or the output can't be written.
    """
    prepared, source, problems = _prepare(folder, out, selectors, access, revision)
    if prepared is None:
        return None, source, problems
    output, source_digest, origin = prepared
    manifest = output.manifest
    line = record(manifest.generation, source_digest, str(access), selectors, __version__, *origin)
    total = sum(len(files) for files in output.envdirs.values())
    published = publish(
        out, output, line, access, keep, used_generations(out), on_wait, lambda files: on_file(files, total)
    )
    files = {node_path: len(output.envdirs[name]) for node_path, name in manifest.envdirs.items()}
    return BuildResult(published, files, origin), source, problems


def plan_build(
    folder: str, out: str, selectors: tuple[str, ...], access: Access, revision: str = WORKTREE
) -> tuple[Plan | None, Source, Diagnostics]:
    """Return what a build would do, without doing it."""
    prepared, source, problems = _prepare(folder, out, selectors, access, revision)
    if prepared is None:
        return None, source, problems
    before = envdirs_of(out, current(out))
    return plan(before, prepared.output.manifest.envdirs), source, problems


def _prepare(
    folder: str, out: str, selectors: tuple[str, ...], access: Access, revision: str
) -> tuple[PreparedBuild | None, Source, Diagnostics]:
    """Return what will be published; None where the tree is wrong."""
    tree = read_tree(folder, revision).opening("require")
    _refuse_inside(tree.root, out)
    source = tree.source
    if faults := faults_of_ownership(tree):
        return None, source, faults
    compilation, problems = compile_tree(tree, selectors)
    problems = in_order((*problems, *check_commands(compilation)))
    if compilation is None or errors(problems):
        return None, source, problems
    targets = tuple(compilation.own)
    source_digest = digest(source)
    output = assemble(source_digest, compilation.nodes, targets, compilation.project, access)
    return PreparedBuild(output, source_digest, _origin(tree)), source, problems


def _origin(tree: Tree) -> Origin:
    """Return the commit that a tree is, or is based on."""
    if tree.repository is None:
        return origin_of_worktree(tree.root, tree.source)
    if tree.commit is None or tree.commit == INDEX:
        return origin_of_index(tree.repository)
    return Origin(tree.commit, is_dirty=False)


def _refuse_inside(root: str, out: str) -> None:
    """Raise EnvtreeError for an output inside the source, which the next build would read as source."""
    try:
        real = os.path.realpath(out)
    except OSError as error:  # a link on the way was replaced while it was read
        message = f"`{out}` can't be followed: {system_reason(error)}"
        raise EnvtreeError(Diagnostic("unusable-output", message, help="build into a folder of your own")) from None
    for part in ("configs", "schemas"):
        if f"{real}/".startswith(f"{root}/{part}/"):
            message = f"`{out}` lies inside the tree's `{part}`"
            raise EnvtreeError(Diagnostic("unusable-output", message, help="build into a folder outside of the source"))
