"""Git's listing of a revision as a source: it has the same files that a checkout of the revision would have."""

from __future__ import annotations

from functools import cached_property
from hashlib import sha1, sha256
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.source import CONFIGS, MAX_FILE, MAX_FOLDERS, SCHEMAS, SETTINGS, Source, is_ignored

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.core.model.diagnostic import Code

LINK, SUBMODULE, TREE = "120000", "160000", "040000"
MAX_LINKS = 40
SHA1_DIGITS = 40


class Blob(NamedTuple):
    """One path of a revision: git's mode, the id of the content, and its size in bytes, if asked for."""

    mode: str
    id: str
    size: int = 0
    conflicting: bool = False
    """Whether the index holds several versions of the path."""


Listing = dict[str, Blob]


def needed_ids(listing: Listing) -> set[str]:
    """Return the ids of the contents that the source needs."""
    has_links = any(blob.mode == LINK for blob in listing.values())
    return {
        blob.id
        for path, blob in listing.items()
        if (has_links or not is_ignored(path))
        and blob.mode != SUBMODULE
        and not blob.conflicting
        and blob.size <= MAX_FILE
    }


def source_of(listing: Listing, contents: Mapping[str, bytes | None]) -> Source:
    """Return the source that a listing makes with these contents by id, where None is a content that is too large."""
    files: dict[str, bytes] = {}
    refused: dict[str, tuple[Code, str]] = {}
    links = Links(listing, contents)
    for path, blob in listing.items():
        if is_ignored(_refused_path(path)) and not path.startswith(f"{SETTINGS}/"):
            continue
        if fault := _fault(path, blob):
            refused[fault[0]] = fault[1:]
            continue
        real, why = links.follow(path) if blob.mode == LINK else (path, "")
        if real is None:
            refused[path] = ("bad-link", why)
        elif (data := contents.get(listing[real].id)) is None:
            refused[path] = ("file-too-large", f"`{path}` is larger than {MAX_FILE >> 20} MiB")
        else:
            files[path] = data
    return Source(files, refused)


def ids_of(listing: Listing, contents: Mapping[str, bytes | None]) -> dict[str, str]:
    """Return the id of each path's content, with links followed."""
    links = Links(listing, contents)
    found = {}
    for path, blob in listing.items():
        real = links.follow(path)[0] if blob.mode == LINK else path
        if real and not is_ignored(path):
            found[path] = listing[real].id
    return found


def id_of(data: bytes, like: str) -> str:
    """Return git's id of a file's content, by the algorithm of the id `like`: SHA-1 has 40 digits, SHA-256 64."""
    total = sha1(usedforsecurity=False) if len(like) == SHA1_DIGITS else sha256()
    total.update(b"blob %d\0" % len(data))
    total.update(data)
    return total.hexdigest()


def _refused_path(path: str) -> str:
    """Return the path or, if it is too deep, the first folder on it that is: such a folder is refused as a whole."""
    return path if path.count("/") <= MAX_FOLDERS else "/".join(path.split("/")[: MAX_FOLDERS + 2])


def _fault(path: str, blob: Blob) -> tuple[str, Code, str] | None:
    """Return why a path can't be a file of the tree: the path to report, the code, and the message."""
    if path.startswith(f"{SETTINGS}/"):
        return SETTINGS, "special-file", f"`{SETTINGS}` is no plain file"
    reported = _refused_path(path)
    try:
        reported.encode()
    except UnicodeEncodeError:
        return reported.encode("utf-8", "replace").decode(), "stray-file", "a file's name is not UTF-8"
    if reported.count("/") > MAX_FOLDERS:
        return reported, "stray-file", f"`{reported}` lies too deep: no folder goes deeper than a process"
    if blob.conflicting:
        return path, "merge-conflict", f"`{path}` has a merge conflict in the index"
    if blob.mode == SUBMODULE:
        return path, "special-file", f"`{path}` is a submodule, whose files are in another repository"
    if path in (CONFIGS.rstrip("/"), SCHEMAS.rstrip("/")):
        if blob.mode == LINK:
            return path, "bad-link", f"`{path}` is a link, and must be a folder of the tree's own"
        return path, "unreadable-file", f"`{path}` can't be read: not a directory"
    return None


class Links:
    """The links of a listing, with their contents by id."""

    def __init__(self, listing: Listing, contents: Mapping[str, bytes | None]) -> None:
        self._listing = listing
        self._goals = {path: contents.get(blob.id) for path, blob in listing.items() if blob.mode == LINK}

    def follow(self, path: str) -> tuple[str | None, str]:
        """Return the plain file that a link leads to, in the same top folder; or None, and why there is none."""
        top, _, rest = path.partition("/")
        if not rest:
            return None, f"`{path}` is a link, and must be a plain file"
        real = _real(path, self._goals)
        if real is None:
            return None, f"`{path}` is a link that leads nowhere"
        if not real.startswith(f"{top}/"):
            return None, f"`{path}` is a link that leads out of the tree's `{top}`"
        if real in self._listing and self._listing[real].mode not in (LINK, SUBMODULE):
            return real, ""
        if real in self._folders:
            return None, f"`{path}` is a link to what is no plain file"
        return None, f"`{path}` is a link that leads nowhere"

    @cached_property
    def _folders(self) -> frozenset[str]:
        """The folders of the listing."""
        found: set[str] = set()
        for path in self._listing:
            folder = path.rpartition("/")[0]
            while folder and folder not in found:
                found.add(folder)
                folder = folder.rpartition("/")[0]
        return frozenset(found)


def _real(path: str, links: Mapping[str, bytes | None]) -> str | None:
    """Return where a path leads after every link in it: empty outside the tree, None for a loop of links."""
    done: list[str] = []
    ahead = path.split("/")[::-1]
    followed = 0
    while ahead:
        part = ahead.pop()
        if part == ".." and not done:
            return ""
        if part == "..":
            done.pop()
        elif part not in ("", "."):
            done.append(part)
        target = links.get("/".join(done))
        if target is not None and part not in ("", ".", ".."):
            followed += 1
            if followed > MAX_LINKS:
                return None
            if target.startswith(b"/"):
                return ""
            done.pop()
            ahead += target.decode("utf-8", "surrogateescape").split("/")[::-1]
    return "/".join(done)
