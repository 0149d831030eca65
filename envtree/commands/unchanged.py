"""Whether a build has anything to do. Imports are local, since the answer is most often no."""

from __future__ import annotations

from envtree.core.output.record import DEFAULT_ACCESS, record


def unchanged(
    folder: str, out: str, selectors: tuple[str, ...], access: str = DEFAULT_ACCESS, keep: int = 3
) -> str | None:
    """Return the current generation, if the last build of exactly this source finished, and nothing changed since.

    Whether the source differs from the commit follows from the two, so that a record with either answer will do.
    """
    from envtree import __version__
    from envtree.adapters.files.worktree import find_root
    from envtree.adapters.git.head import head
    from envtree.adapters.store.state import current, generation_count, is_settled
    from envtree.commands.steps.checkout import read_checkout
    from envtree.core.model.source import digest

    generation = current(out)
    root = find_root(folder) if generation else None
    if generation is None or root is None or generation_count(out) > keep + 1:
        return None
    source, commit = digest(read_checkout(root)), head(root)
    answers = (True, None if commit is None else False)
    lines = tuple(record(generation, source, access, selectors, __version__, commit, dirty) for dirty in answers)
    return generation if is_settled(out, lines) else None
