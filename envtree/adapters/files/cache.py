"""The last index of each tree that had no fault, in the user's own cache folder.

The cache only saves time: what can't be read or written counts as not cached. This module imports little.
"""

from __future__ import annotations

import os
import sys
from hashlib import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    import hashlib

PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
"""The folder of envtree itself, two above this module's folder."""
FOLDER = "envtree/judged"
FORMAT = "envtree judged 1"
HEAD = 5
"""The number of lines between the checksum of a record and the listing."""
MAX_RECORD = 64 << 20


class Verdict:
    """An index that was validated without a fault.

    `listing` is git's print of the index. `tools` is a digest of the programs that validated it. `extent` is a text
    that says how much was validated. `named` has the paths that a `!file` names, each after the service whose layer
    names it (`web configs/ca.pem`; no service for a wider layer). `ports` has the ports of each service that shares a
    machine, and `secret` the names that any class declares secret.

    It is no dataclass, since it is needed before anything is imported.
    """

    __slots__ = ("extent", "listing", "named", "ports", "secret", "tools")

    def __init__(
        self,
        listing: bytes,
        tools: str,
        extent: str,
        named: frozenset[str],
        ports: frozenset[str],
        secret: frozenset[str],
    ) -> None:
        self.listing = listing
        self.tools = tools
        self.extent = extent
        self.named = named
        self.ports = ports
        self.secret = secret


def load(key: str) -> Verdict | None:
    """Return the last verdict on a tree; None if there is none."""
    try:
        descriptor = os.open(_path(key), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if status.st_uid != os.geteuid() or status.st_mode & 0o022:
                return None
            checksum, _, record = file.read(MAX_RECORD).partition(b"\n")
        if checksum != _digest(record):
            return None
        *fields, listing = record.split(b"\n", HEAD)
        tools, extent, *lists = (line.decode("utf-8", "surrogateescape") for line in fields)
        return Verdict(listing, tools, extent, *(frozenset(filter(None, each.split("\0"))) for each in lists))
    except (OSError, ValueError, LookupError):
        return None


def save(key: str, verdict: Verdict) -> None:
    """Save a verdict in place of the one before."""
    lists = ("\0".join(sorted(each)) for each in (verdict.named, verdict.ports, verdict.secret))
    fields = "\n".join((verdict.tools, verdict.extent, *lists)).encode("utf-8", "surrogateescape")
    if fields.count(b"\n") != HEAD - 1:  # a path with a line end in it
        return
    record = fields + b"\n" + verdict.listing
    temporary = ""
    try:
        path = _path(key)
        _make_folders(os.path.dirname(path))
        temporary = f"{path}.{os.getpid()}"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(_digest(record) + b"\n" + record)
        os.rename(temporary, path)
    except (OSError, LookupError):
        if temporary:
            _remove(temporary)


def _make_folders(path: str) -> None:
    """Make a folder and those above it for this user alone, whatever the umask."""
    umask = os.umask(0o077)
    try:
        os.makedirs(path, exist_ok=True)
    finally:
        os.umask(umask)


def tools() -> str:
    """Return a digest of the programs that validate: Python, this package, and what schemas can import."""
    total = sha256(sys.version.encode())
    for folder, _, names in os.walk(PACKAGE):
        _add(total, [f"{folder}/{name}" for name in sorted(names) if name.endswith(".py")])
    _add(total, sys.path)
    return total.hexdigest()


def _add(total: hashlib._Hash, paths: list[str]) -> None:
    for path in paths:
        try:
            status = os.stat(path)
        except OSError:  # sys.path may name folders that don't exist
            continue
        total.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))


def _digest(record: bytes) -> bytes:
    """Return a checksum that only a complete, undamaged record of this format begins with."""
    return sha256(FORMAT.encode() + record).hexdigest().encode()


def _path(key: str) -> str:
    """Return the path of a tree's record: below XDG_CACHE_HOME (XDG Base Directory Specification), else `~/.cache`."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not base.startswith("/"):
        home = os.environ["HOME"]
        if not home.startswith("/"):
            raise LookupError(home)
        base = f"{home}/.cache"
    return f"{base}/{FOLDER}/{sha256(key.encode('utf-8', 'surrogateescape')).hexdigest()}"


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return
