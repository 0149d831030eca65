"""What was judged good before: for each tree the last index without a fault, kept in the user's own cache folder.

Nothing here is more than a way to be quick: what can't be read or written is as if it were not there. Imports little.
"""

from __future__ import annotations

import os
import sys
from hashlib import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    import hashlib

PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
"""The folder of envtree itself: two above this one."""
FOLDER = "envtree/judged"
FORMAT = "envtree judged 1"
HEAD = 5
"""The lines between what says that a record is whole and the listing."""
MAX_RECORD = 64 << 20


class Verdict:
    """An index that was judged good. No dataclass, since it is asked about before anything is imported.

    `listing` is what git printed of it, `tools` stands for the programs that judged, `extent` says in words how much
    it is, `named` are the paths that a `!file` names, each behind the service whose layer does (`web configs/ca.pem`;
    nothing for a wider layer), `ports` those of each service that shares a machine, `secret` the names that any class
    declares secret.
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
    """What was judged good last of a tree, if anything."""
    try:
        descriptor = os.open(_path(key), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if status.st_uid != os.geteuid() or status.st_mode & 0o022:
                return None
            whole, _, record = file.read(MAX_RECORD).partition(b"\n")
        if whole != _digest(record):
            return None
        *head, listing = record.split(b"\n", HEAD)
        tools, extent, *lists = (line.decode("utf-8", "surrogateescape") for line in head)
        return Verdict(listing, tools, extent, *(frozenset(filter(None, each.split("\0"))) for each in lists))
    except (OSError, ValueError, LookupError):
        return None


def save(key: str, judged: Verdict) -> None:
    """Keep what was judged good, in place of what was kept before."""
    lists = ("\0".join(sorted(each)) for each in (judged.named, judged.ports, judged.secret))
    head = "\n".join((judged.tools, judged.extent, *lists)).encode("utf-8", "surrogateescape")
    if head.count(b"\n") != HEAD - 1:  # a path with a line end in it
        return
    record = head + b"\n" + judged.listing
    temporary = ""
    try:
        path = _path(key)
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
        temporary = f"{path}.{os.getpid()}"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(_digest(record) + b"\n" + record)
        os.rename(temporary, path)
    except (OSError, LookupError):
        if temporary:
            _remove(temporary)


def tools() -> str:
    """A digest of the programs that judge: Python, this package, and what is installed where schemas import from."""
    total = sha256(sys.version.encode())
    for folder, _, names in os.walk(PACKAGE):
        _add(total, [f"{folder}/{name}" for name in sorted(names) if name.endswith(".py")])
    _add(total, sys.path)
    return total.hexdigest()


def _add(total: hashlib._Hash, paths: list[str]) -> None:
    for path in paths:
        try:
            status = os.stat(path)
        except OSError:  # such as a folder of Python's that is on no machine
            continue
        total.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))


def _digest(record: bytes) -> bytes:
    """What a record that is cut off, damaged or of another form doesn't begin with."""
    return sha256(FORMAT.encode() + record).hexdigest().encode()


def _path(key: str) -> str:
    """Where a tree's record lies: below XDG_CACHE_HOME (XDG Base Directory Specification), else below `~/.cache`."""
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
