"""A build that has nothing to do, answered without the command line library: the plainest form of its options only."""

from __future__ import annotations


def settled(argv: list[str]) -> str | None:
    """What to say of a build that would change nothing; None where it would, or the arguments need a closer look."""
    folder, out, quiet, selectors = ".", "", False, []
    rest = iter(argv)
    for word in rest:
        if word in ("-C", "--directory"):
            folder = next(rest, "")
        elif word in ("-o", "--out"):
            out = next(rest, "")
        elif word.startswith("--out="):
            out = word.removeprefix("--out=")
        elif word in ("-q", "--quiet"):
            quiet = True
        elif word.startswith("-"):
            return None
        else:
            selectors.append(word)
    if not out or not folder:
        return None
    from envtree.commands.build import unchanged

    generation = unchanged(folder, out, "0600", tuple(selectors))
    if generation is None:
        return None
    return "" if quiet else nothing_to_do(out, generation)


def nothing_to_do(out: str, generation: str) -> str:
    """The line that a build without changes prints."""
    return f"unchanged: {out}/current -> {generation[:12]}\n"
