"""The age identities of this user, read once: from variables, sops' own key file, and SSH keys without passphrase."""

from __future__ import annotations

import os
import shlex
import stat
from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.files.plain_file import read_plain_file
from envtree.adapters.keys import age
from envtree.adapters.keys.age import ParsedIdentities
from envtree.adapters.keys.faults import KeyFault
from envtree.adapters.keys.places import COMMANDS, KEY, KEY_FILE, SSH_KEY_FILE, KeyPlace, key_places
from envtree.core.model.diagnostic import system_reason
from envtree.core.render.mask import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

LARGEST = 1 << 20
NONE = "no age identity was found"
WHERE = "`envtree init --secrets --new-key` makes one; an existing one is named by `SOPS_AGE_KEY_FILE`"


class Identities(NamedTuple):
    """The identities that can be used, and why others can't; `has_others` says that sops may know more."""

    usable: tuple[object, ...]
    faults: tuple[KeyFault, ...] = ()
    ssh_faults: tuple[KeyFault, ...] = ()
    """What is wrong with SSH keys, which many have for something else."""
    has_others: bool = False


def read_identities(environ: Mapping[str, str]) -> Identities:
    """Read the identities from wherever sops looks; a file that others can read is not used."""
    if not age.is_installed():
        return Identities((), (age.NOT_INSTALLED,), has_others=_has_command(environ))
    places = key_places(environ)
    ssh = [_read(place) for place in places if place.is_ssh]
    parts = [_read(place) for place in places if not place.is_ssh]
    if text := environ.get(KEY):
        parts.append(age.parse_identities(os.fsencode(text), f"`{KEY}`"))
    return Identities(
        tuple(identity for part in (*parts, *ssh) for identity in part.usable),
        tuple(fault for part in parts for fault in part.faults),
        tuple(fault for part in ssh for fault in part.faults),
        _has_command(environ) or any(part.has_others for part in parts),
    )


def faults_for(recipients: Iterable[str], identities: Identities) -> Iterator[KeyFault]:
    """Return why none of the identities opens a file for these recipients."""
    if identities.usable:
        yield KeyFault(f"no age identity opens it, of {len(identities.usable)} found")
    faults = (*identities.faults, *(identities.ssh_faults if any(map(_is_ssh, recipients)) else ()))
    yield from faults
    if not identities.usable and not faults:
        yield KeyFault(NONE, WHERE)


def _is_ssh(recipient: str) -> bool:
    return recipient.startswith("ssh-")


def _has_command(environ: Mapping[str, str]) -> bool:
    """Return whether a program gives identities: sops runs it, envtree doesn't."""
    return any(environ.get(name) for name in COMMANDS)


def _read(place: KeyPlace) -> ParsedIdentities:
    origin = f"`{one_line(place.path)}`"
    try:
        data, status = read_plain_file(place.path, LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        return ParsedIdentities(faults=(_unreadable(place, origin, error),) if place.is_named else ())
    except OSError as error:
        return ParsedIdentities(faults=(_unreadable(place, origin, error),))
    if len(data) > LARGEST:
        return ParsedIdentities(faults=(KeyFault(f"{origin} is larger than {LARGEST >> 20} MiB, and no key file"),))
    if _is_exposed(status):
        advice = f"`chmod 600 {one_line(shlex.quote(place.path))}`"
        return ParsedIdentities(faults=(KeyFault(f"{origin} is not used: other users can read it", advice),))
    return age.parse_ssh_identity(data, origin) if place.is_ssh else age.parse_identities(data, origin)


def _is_exposed(status: os.stat_result) -> bool:
    """Return whether others can read a key, as ssh(1) sees it: the group's rights count in a file of one's own."""
    others = stat.S_IRWXG | stat.S_IRWXO if status.st_uid == os.geteuid() else stat.S_IRWXO
    return bool(status.st_mode & others)


def _unreadable(place: KeyPlace, origin: str, error: OSError) -> KeyFault:
    words = f"{origin} can't be read: {system_reason(error)}"
    if not place.is_named:
        return KeyFault(words, "let the user who runs envtree read it, or name another by `SOPS_AGE_KEY_FILE`")
    return KeyFault(words, f"correct `{SSH_KEY_FILE if place.is_ssh else KEY_FILE}`; `{KEY}` takes what a pipe gives")
