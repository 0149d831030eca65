"""What is refused since others could have written it."""

from __future__ import annotations

from pathlib import Path

from envtree.adapters.files.ownership import foreign_owner
from envtree.core.model.diagnostic import Diagnostic, some
from envtree.core.model.tree import Span

_CODE = "schemas are code that would be run"
_COMMANDS = "programs would be started by what it says"


def unsafe_schemas(paths: tuple[str, ...], root: str) -> Diagnostic:
    """Refuse schemas in the working tree that others could have written."""
    message, advice = _words(paths, _CODE, root, "run `chmod -R go-w schemas`, and own the files yourself or as root")
    return Diagnostic("unsafe-schema", message, Span(paths[0], 1, 1), help=advice, shown=True)


def unsafe_source(paths: tuple[str, ...], root: str, *, in_repository: bool) -> Diagnostic:
    """Refuse settings and layers that others could have written, where what they say is started."""
    where = "it" if in_repository else "the tree"
    advice = f"run `chmod -R go-w` on {where}, and own it yourself or as root"
    advice += ", or work in a clone of your own" if in_repository else ""
    message, advice = _words(paths, _COMMANDS, root, advice)
    return Diagnostic("unsafe-source", message, None if in_repository else Span(paths[0], 1, 1, 0), help=advice)


def unsafe_repository(paths: tuple[str, ...], root: str) -> Diagnostic:
    """Refuse schemas out of a repository that others could have written."""
    advice = "work in a clone of your own, or run `chmod -R go-w` on it and own it yourself or as root"
    message, advice = _words(paths, _CODE, root, advice)
    return Diagnostic("unsafe-schema", message, help=advice)


def _words(paths: tuple[str, ...], why: str, root: str, advice: str) -> tuple[str, str]:
    """Return what is said of some paths, and what to do: a checkout of another user needs another owner, not a mode."""
    shown = some((f"`{path}`" for path in paths), 3)
    owner = next((each for path in paths if (each := foreign_owner(str(Path(root, path)))) is not None), None)
    if owner is None:
        return f"others could have written {shown}, and {why}", advice
    return (
        f"another user ({owner}) owns, and could have written, {shown}, and {why}",
        'run `chown -R "$(id -u)"` on it, or envtree as its owner: in a container of a CI service, the checkout is '
        "often another user's; `safe.directory` of git changes nothing here",
    )
