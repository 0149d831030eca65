"""A new age identity in sops' own key file, where only its user can read it."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.keys import age
from envtree.adapters.keys.places import own_key_file
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, system_reason
from envtree.core.render.mask import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

NEW_FILE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
OLD_FILE = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class NewKey(NamedTuple):
    """Where a new identity is, and its public part."""

    path: str
    recipient: str


def make_key(environ: Mapping[str, str]) -> NewKey:
    """Make an identity, and write it to sops' own key file; the identities that are there stay. Raises EnvtreeError."""
    path = own_key_file(environ)
    if path is None:
        raise _cannot_write("there is no place for a key: `HOME` is not set", "set `HOME`, or `XDG_CONFIG_HOME`")
    if not age.is_installed():
        raise _cannot_write(age.NOT_INSTALLED.words, age.NOT_INSTALLED.advice)
    identity, recipient = age.new_identity()
    now = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
        _append(path, f"# created: {now}\n# public key: {recipient}\n{identity}\n".encode())
    except OSError as error:
        words = f"`{one_line(path)}` can't be written: {system_reason(error)}"
        raise _cannot_write(words, "nothing was written; mend the cause, or make one with `age-keygen`") from None
    return NewKey(path, recipient)


def _append(path: str, text: bytes) -> None:
    """Add lines to a key file, or make it."""
    try:
        descriptor = os.open(path, NEW_FILE, 0o600)
    except FileExistsError:
        descriptor = os.open(path, OLD_FILE)
    with open(descriptor, "r+b", buffering=0):
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(0, "it is no plain file")
        if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise OSError(0, "other users can read it")
        if status.st_size and os.pread(descriptor, 1, status.st_size - 1) != b"\n":
            text = b"\n" + text
        if os.write(descriptor, text) != len(text):
            os.ftruncate(descriptor, status.st_size)
            raise OSError(0, "the disk is full")
        os.fsync(descriptor)


def _cannot_write(words: str, advice: str) -> EnvtreeError:
    return EnvtreeError(Diagnostic("cannot-write", words, help=advice))
