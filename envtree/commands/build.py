"""`envtree build`: a tree to envdirs, published as one generation. Imports what it needs when it needs it."""

from __future__ import annotations

from envtree.core.record import DEFAULT_ACCESS, record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from envtree.adapters.store.publish import Published
    from envtree.core.diagnostic import Diagnostic
    from envtree.core.manifest import Access, Envdir, Manifest
    from envtree.core.plan import Plan
    from envtree.core.source import Source

    Diagnostics = tuple[Diagnostic, ...]


def unchanged(
    folder: str, out: str, selectors: tuple[str, ...], access: str = DEFAULT_ACCESS, keep: int = 3
) -> str | None:
    """The current generation, if the last build was finished, of this very source, and nothing touched since."""
    from envtree import __version__
    from envtree.adapters.store.state import current, generation_count, is_settled
    from envtree.adapters.worktree import find_root, read
    from envtree.core.source import digest

    generation = current(out)
    root = find_root(folder) if generation else None
    if generation is None or root is None or generation_count(out) > keep + 1:
        return None
    line = record(generation, digest(read(root)), access, selectors, __version__)
    return generation if is_settled(out, line) else None


def build(
    folder: str,
    out: str,
    selectors: tuple[str, ...],
    access: Access,
    keep: int,
    on_wait: Callable[[], None],
    on_file: Callable[[int, int], None],
) -> tuple[Published | None, dict[str, int], Source, Diagnostics]:
    """Compile the selected targets and make them current; nothing is written where the tree is wrong.

    With what was done comes how many files each node's envdir has. Raises EnvtreeError where there is no tree, or the
    output can't be written.
    """
    from envtree import __version__
    from envtree.adapters.store.publish import publish

    prepared, source, problems = _prepare(folder, out, selectors, access)
    if prepared is None:
        return None, {}, source, problems
    manifest, contents, source_digest = prepared
    line = record(manifest.generation, source_digest, str(access), selectors, __version__)
    total = sum(len(files) for files in contents.values())
    published = publish(out, manifest, contents, line, access, keep, on_wait, lambda files: on_file(files, total))
    files = {place: len(contents[name]) for place, name in manifest.envdirs.items()}
    return published, files, source, problems


def plan_build(
    folder: str, out: str, selectors: tuple[str, ...], access: Access
) -> tuple[Plan | None, Source, Diagnostics]:
    """What a build would do, without doing it."""
    from envtree.adapters.store.state import current
    from envtree.adapters.store.verify import manifest_of
    from envtree.core.plan import plan

    prepared, source, problems = _prepare(folder, out, selectors, access)
    if prepared is None:
        return None, source, problems
    before = manifest_of(out, current(out))
    return plan(before.envdirs if before else {}, prepared[0].envdirs), source, problems


def _prepare(
    folder: str, out: str, selectors: tuple[str, ...], access: Access
) -> tuple[tuple[Manifest, dict[str, Envdir], str] | None, Source, Diagnostics]:
    """What is to be published, with the digest of the source; nothing where the tree is wrong."""
    from envtree.commands import compile_tree, read_tree
    from envtree.core.compile import sealed_faults
    from envtree.core.diagnostic import errors
    from envtree.core.manifest import assemble
    from envtree.core.source import digest

    tree = read_tree(folder)
    _refuse_inside(tree.root, out)
    source = tree.source
    compilation, problems = compile_tree(tree, selectors)
    if compilation is None or errors(problems):
        return None, source, problems
    if sealed := sealed_faults(compilation):
        return None, source, (*problems, *sealed)
    targets = tuple(compilation.own)
    source_digest = digest(source)
    manifest, contents = assemble(source_digest, compilation.nodes, targets, compilation.project, access)
    return (manifest, contents, source_digest), source, problems


def _refuse_inside(root: str, out: str) -> None:
    """An output inside the source would be read as source by the next build."""
    import os

    from envtree.core.diagnostic import Diagnostic, EnvtreeError

    real = os.path.realpath(out)
    for part in ("configs", "schemas"):
        if f"{real}/".startswith(f"{root}/{part}/"):
            message = f"`{out}` lies inside the tree's `{part}`"
            raise EnvtreeError(Diagnostic("unusable-output", message, help="build into a folder outside of the source"))
