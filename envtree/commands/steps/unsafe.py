"""What is refused since others could have written it."""

from __future__ import annotations

from envtree.core.model.diagnostic import Diagnostic, some
from envtree.core.model.tree import Span


def unsafe_schemas(paths: tuple[str, ...]) -> Diagnostic:
    """Refuse schemas in the working tree that others could have written."""
    return Diagnostic(
        "unsafe-schema",
        f"others could have written {some((f'`{path}`' for path in paths), 3)}, and schemas are code that would be run",
        Span(paths[0], 1, 1),
        help="run `chmod -R go-w schemas`, and own the files yourself or as root",
        shown=True,
    )


def unsafe_source(paths: tuple[str, ...], *, in_repository: bool) -> Diagnostic:
    """Refuse settings and layers that others could have written, where what they say is started."""
    where = "it" if in_repository else "the tree"
    return Diagnostic(
        "unsafe-source",
        f"others could have written {some((f'`{path}`' for path in paths), 3)}, "
        "and programs would be started by what it says",
        None if in_repository else Span(paths[0], 1, 1, 0),
        help=f"run `chmod -R go-w` on {where}, and own it yourself or as root"
        + (", or work in a clone of your own" if in_repository else ""),
    )


def unsafe_repository(paths: tuple[str, ...]) -> Diagnostic:
    """Refuse schemas out of a repository that others could have written."""
    return Diagnostic(
        "unsafe-schema",
        f"others could have written {some((f'`{path}`' for path in paths), 3)}, and schemas are code that would be run",
        help="work in a clone of your own, or run `chmod -R go-w` on it and own it yourself or as root",
    )
