"""The places where sops looks for age identities: https://getsops.io/docs/#encrypting-using-age, in its order."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KEY = "SOPS_AGE_KEY"
KEY_FILE = "SOPS_AGE_KEY_FILE"
KEY_COMMAND = "SOPS_AGE_KEY_CMD"
SSH_KEY_FILE = "SOPS_AGE_SSH_PRIVATE_KEY_FILE"
SSH_KEY_COMMAND = "SOPS_AGE_SSH_PRIVATE_KEY_CMD"
COMMANDS = (KEY_COMMAND, SSH_KEY_COMMAND)
OWN_FILE = "sops/age/keys.txt"
SSH_NAMES = ("id_ed25519", "id_rsa")


class KeyPlace(NamedTuple):
    """A file that may hold identities; a file that no variable names may be missing."""

    path: str
    is_ssh: bool
    is_named: bool


def key_places(environ: Mapping[str, str]) -> tuple[KeyPlace, ...]:
    """Return the files in which identities are looked for."""
    return tuple(_places(environ))


def _places(environ: Mapping[str, str]) -> Iterator[KeyPlace]:
    home = environ.get("HOME", "")
    if path := environ.get(SSH_KEY_FILE):
        yield KeyPlace(path, is_ssh=True, is_named=True)
    elif home.startswith("/"):
        yield from (KeyPlace(f"{home}/.ssh/{name}", is_ssh=True, is_named=False) for name in SSH_NAMES)
    if path := environ.get(KEY_FILE):
        yield KeyPlace(path, is_ssh=False, is_named=True)
    if own := own_key_file(environ):
        yield KeyPlace(own, is_ssh=False, is_named=False)


def own_key_file(environ: Mapping[str, str]) -> str | None:
    """Return the path of sops' own key file; None if the environment names no home."""
    base = environ.get("XDG_CONFIG_HOME", "")
    home = environ.get("HOME", "")
    if not base.startswith("/"):
        base = f"{home}/.config" if home.startswith("/") else ""
    return os.path.join(base, OWN_FILE) if base else None
