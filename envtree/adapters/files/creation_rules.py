"""Finds `.sops.yaml`, which says for whom a new sealed file of a tree is encrypted."""

from __future__ import annotations

import os
from typing import NamedTuple

from envtree.adapters.files.ownership import is_unsafe
from envtree.adapters.files.plain_file import read_plain_file
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, system_reason
from envtree.core.model.source import MAX_FILE, SEALING_RULES

REPOSITORY = ".git"


class RulesFile(NamedTuple):
    """A `.sops.yaml`: the folder that it is in, the path by which it is shown, and its bytes."""

    folder: str
    path: str
    data: bytes


def find_rules(root: str, file: str, otherwise: str = "") -> RulesFile:
    """Return the nearest `.sops.yaml`, in a tree's root or above it in its repository, for a sealed file of the tree.

    Outside of the repository, somebody else could have put one there, to read what is sealed. Raises EnvtreeError
    without one (`otherwise` is what else can be done then), for one that others can write, or that can't be read, and
    where another one is nearer to the file.
    """
    _refuse_nearer_ones(root, file)
    folder = _nearest(root)
    if folder is None:
        message = f"no `{SEALING_RULES}` says for whom `{file}` is to be sealed"
        advice = f"`envtree init --secrets` writes one{f'; {otherwise}' if otherwise else ''}"
        raise EnvtreeError(Diagnostic("cannot-edit", message, help=advice))
    path = f"{folder}/{SEALING_RULES}"
    shown = os.path.relpath(path, root)
    if is_unsafe(folder) or is_unsafe(path):
        message = f"others can write `{shown}`, and could read what is sealed by it"
        raise EnvtreeError(Diagnostic("unsafe-source", message, help=f"run `chmod go-w {shown}`, or own it"))
    try:
        return RulesFile(folder, shown, read_plain_file(path, MAX_FILE).data)
    except OSError as error:
        message = f"`{shown}` can't be read: {system_reason(error)}"
        advice = "let the user who runs envtree read it"
        raise EnvtreeError(Diagnostic("unreadable-file", message, help=advice)) from None


def has_rules(root: str) -> bool:
    """Return whether a tree has a `.sops.yaml` where `find_rules` looks for it."""
    return _nearest(root) is not None


def _nearest(root: str) -> str | None:
    """Return the nearest folder, from a tree's root upwards, that has a `.sops.yaml`."""
    folders = _folders(os.path.realpath(root))
    return next((folder for folder in folders if os.path.lexists(f"{folder}/{SEALING_RULES}")), None)


def _refuse_nearer_ones(root: str, file: str) -> None:
    """Raise EnvtreeError for a `.sops.yaml` between a tree's root and a file: sops goes by it in some folders only."""
    folder = os.path.dirname(file)
    while folder:
        if os.path.lexists(f"{root}/{folder}/{SEALING_RULES}"):
            message = f"`{folder}/{SEALING_RULES}` and one for the whole tree may name others for `{file}`"
            advice = f"keep one `{SEALING_RULES}`, beside `envtree.yaml`, with a rule for each path"
            raise EnvtreeError(Diagnostic("cannot-edit", message, help=advice))
        folder = os.path.dirname(folder)


def _folders(root: str) -> tuple[str, ...]:
    """Return a tree's root and the folders above it up to the top of its repository; just the root outside of one."""
    folders = [root]
    while not os.path.lexists(f"{folders[-1]}/{REPOSITORY}"):
        above = os.path.dirname(folders[-1])
        if above == folders[-1]:
            return (root,)
        folders.append(above)
    return tuple(folders)
