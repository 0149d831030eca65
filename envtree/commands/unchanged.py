"""Whether a build has anything to do. Imports what it needs when it needs it: most often the answer is no."""

from __future__ import annotations

from envtree.core.output.record import DEFAULT_ACCESS, record


def unchanged(
    folder: str, out: str, selectors: tuple[str, ...], access: str = DEFAULT_ACCESS, keep: int = 3
) -> str | None:
    """The current generation, if the last build was finished, of this very source, and nothing touched since.

    Whether the source is as it was committed follows from the commit and the source, so that either answer will do.
    """
    from envtree import __version__
    from envtree.adapters.files.worktree import find_root, read
    from envtree.adapters.git.head import head
    from envtree.adapters.store.state import current, generation_count, is_settled
    from envtree.core.model.source import digest

    generation = current(out)
    root = find_root(folder) if generation else None
    if generation is None or root is None or generation_count(out) > keep + 1:
        return None
    source, commit = digest(read(root)), head(root)
    either = (True, None if commit is None else False)
    lines = tuple(record(generation, source, access, selectors, __version__, commit, dirty) for dirty in either)
    return generation if is_settled(out, lines) else None


def unchanged_words(out: str, generation: str) -> str:
    """What is said of a build that has nothing to do."""
    return f"unchanged: {out}/current -> {generation[:12]}"
