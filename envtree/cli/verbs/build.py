"""`build`: what was written, or would be."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from envtree.cli.terminal import Progress, show_diagnostics, tell
from envtree.cli.verbs import DEFAULT_MAX, OK, status
from envtree.commands.unchanged import unchanged_words
from envtree.core.model.source import WORKTREE
from envtree.core.render.diagnostics import counted

if TYPE_CHECKING:
    from envtree.adapters.store.publish import Published
    from envtree.core.model.commit import Origin
    from envtree.core.output.plan import Plan

DEFAULT_KEEP = 3
DEFAULT_MODE = 0o600


def run(
    folder: str,
    out: str,
    selectors: tuple[str, ...] = (),
    keep: int = DEFAULT_KEEP,
    mode: int = DEFAULT_MODE,
    owner: str = "",
    maximum: int = DEFAULT_MAX,
    color: str = "auto",
    revision: str = WORKTREE,
    *,
    quiet: bool = False,
    verbose: bool = False,
    read_back: bool = False,
) -> int:
    """Compile a tree and make it current; without `read_back`, one that looks as it was built is taken to be so."""
    from envtree.commands.build import build
    from envtree.commands.unchanged import unchanged
    from envtree.core.output.manifest import Access

    access = Access(mode, owner)
    if not read_back and revision == WORKTREE and (name := unchanged(folder, out, selectors, str(access), keep)):
        if not quiet:
            tell(unchanged_words(out, name))
        return OK
    progress = Progress(sys.stderr)
    built, source, diagnostics = build(
        folder, out, selectors, access, keep, lambda: tell(f"waiting for another build of {out}"), progress, revision
    )
    progress.clear()
    show_diagnostics(diagnostics, source, color, maximum)
    for node_path, number in built.files.items() if built and verbose else ():
        tell(f"{node_path}: {counted(number, 'file')}")
    if built and not quiet:
        tell(_built(out, built.published, built.origin))
    return status(diagnostics)


def plan(
    folder: str,
    out: str,
    selectors: tuple[str, ...],
    mode: int = DEFAULT_MODE,
    owner: str = "",
    maximum: int = DEFAULT_MAX,
    color: str = "auto",
    revision: str = WORKTREE,
) -> int:
    """Show what a build would do."""
    from envtree.commands.build import plan_build
    from envtree.core.output.manifest import Access

    planned, source, diagnostics = plan_build(folder, out, selectors, Access(mode, owner), revision)
    show_diagnostics(diagnostics, source, color, maximum)
    if planned is not None:
        sys.stdout.write(_plan_text(planned))
    return status(diagnostics)


def _built(out: str, published: Published, origin: Origin) -> str:
    if published.is_unchanged:
        return unchanged_words(out, published.generation)
    repaired = f", {published.repaired:,} repaired" if published.repaired else ""
    pruned = f", {counted(published.pruned, 'old generation')} removed" if published.pruned else ""
    written = f"{counted(published.written, 'envdir')} written ({counted(published.files, 'file')})"
    return (
        f"built {out}/current -> {published.generation[:12]} from {_words(origin)}: "
        f"{written}, {published.shared:,} shared{repaired}{pruned}"
    )


def _words(origin: Origin) -> str:
    if origin.commit is None:
        return "no commit" if origin.is_dirty else "a folder that git doesn't know"
    return f"commit {origin.commit[:12]}{' with changes' if origin.is_dirty else ''}"


def _plan_text(planned: Plan) -> str:
    marks = (("+", planned.added), ("~", planned.changed), ("-", planned.removed))
    lines = "".join(f"{mark} {node_path}\n" for mark, node_paths in marks for node_path in node_paths)
    nodes = planned.same + len(planned.added) + len(planned.changed)
    writes = counted(len(planned.writes), "envdir")
    return f"{lines}{writes} to write, {planned.same:,} of {nodes:,} nodes stay as they are\n"
