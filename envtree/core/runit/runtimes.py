"""Runtimes: the folders where a version manager installs the programs of languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_MISE_NAMES = {"nodejs": "node", "golang": "go"}
"""Tools that mise installs under another name than asdf's plug-in."""
_ASDF_FOLDERS = {"golang": "go/bin"}
"""Tools whose programs asdf doesn't install into `bin`."""


def runtime_folders(directory: str, manager: str, versions: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return the programs' folder of each tool and version, in the given order, as mise(1) and asdf lay them out.

    A shim is not used: it would choose by the working directory, and run the system's program where nothing is chosen.
    """
    if manager == "mise":
        return tuple(f"{directory}/installs/{_MISE_NAMES.get(tool, tool)}/{each}/bin" for tool, each in versions)
    return tuple(f"{directory}/installs/{tool}/{each}/{_ASDF_FOLDERS.get(tool, 'bin')}" for tool, each in versions)


def path_with(folders: Iterable[str], path: str | None) -> str:
    """Return a PATH with the folders of runtimes first; without a path, these folders alone."""
    return ":".join((*folders, *(() if path is None else (path,))))
