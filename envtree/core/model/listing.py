"""What git says a revision holds, turned into a source: the same files that reading a checkout of it would give."""

from __future__ import annotations

from hashlib import sha1, sha256
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.source import CONFIGS, MAX_FILE, MAX_FOLDERS, SCHEMAS, SETTINGS, Source, is_passed_over

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.core.model.diagnostic import Code

LINK, SUBMODULE, TREE = "120000", "160000", "040000"
MAX_LINKS = 40
SHA1_DIGITS = 40


class Blob(NamedTuple):
    """One path of a revision: git's mode, the id of its content, and its bytes, where they were asked for."""

    mode: str
    id: str
    size: int = 0
    conflicting: bool = False
    """The index holds several versions of it."""


Listing = dict[str, Blob]


def wanted(listing: Listing) -> set[str]:
    """The ids of the contents that it takes to make the source."""
    has_links = any(blob.mode == LINK for blob in listing.values())
    return {
        blob.id
        for path, blob in listing.items()
        if (has_links or not is_passed_over(path))
        and blob.mode != SUBMODULE
        and not blob.conflicting
        and blob.size <= MAX_FILE
    }


def source_of(listing: Listing, contents: Mapping[str, bytes | None]) -> Source:
    """The source that a listing with these contents, by id, makes; None stands for one that is too large."""
    files: dict[str, bytes] = {}
    refused: dict[str, tuple[Code, str]] = {}
    links = _links(listing, contents)
    for path, blob in listing.items():
        if is_passed_over(_reached(path)) and not path.startswith(f"{SETTINGS}/"):
            continue
        if fault := _fault(path, blob):
            refused[fault[0]] = fault[1:]
            continue
        real, why = follow(path, listing, links) if blob.mode == LINK else (path, "")
        if real is None:
            refused[path] = ("bad-link", why)
        elif (data := contents.get(listing[real].id)) is None:
            refused[path] = ("file-too-large", f"`{path}` is larger than {MAX_FILE >> 20} MiB")
        else:
            files[path] = data
    return Source(files, refused)


def ids_of(listing: Listing, contents: Mapping[str, bytes | None]) -> dict[str, str]:
    """The id of what each path of the tree reads as, links followed."""
    links = _links(listing, contents)
    found = {}
    for path, blob in listing.items():
        real = follow(path, listing, links)[0] if blob.mode == LINK else path
        if real and not is_passed_over(path):
            found[path] = listing[real].id
    return found


def id_of(data: bytes, like: str) -> str:
    """The id that git gives to a file's content, by the algorithm of another id: SHA-1 has 40 digits, SHA-256 64."""
    total = sha1(usedforsecurity=False) if len(like) == SHA1_DIGITS else sha256()
    total.update(b"blob %d\0" % len(data))
    total.update(data)
    return total.hexdigest()


def _reached(path: str) -> str:
    """As much of a path as is looked at: what lies too deep is refused as a whole."""
    return path if path.count("/") <= MAX_FOLDERS else "/".join(path.split("/")[: MAX_FOLDERS + 2])


def _links(listing: Listing, contents: Mapping[str, bytes | None]) -> dict[str, bytes | None]:
    return {path: contents.get(blob.id) for path, blob in listing.items() if blob.mode == LINK}


def _fault(path: str, blob: Blob) -> tuple[str, Code, str] | None:
    """What keeps a path from being a file of the tree: where, which code, and in words."""
    if path.startswith(f"{SETTINGS}/"):
        return SETTINGS, "special-file", f"`{SETTINGS}` is no plain file"
    place = _reached(path)
    try:
        place.encode()
    except UnicodeEncodeError:
        return place.encode("utf-8", "replace").decode(), "stray-file", "a file's name is not UTF-8"
    if place.count("/") > MAX_FOLDERS:
        return place, "stray-file", f"`{place}` lies too deep: no folder goes deeper than a process"
    if blob.conflicting:
        return path, "merge-conflict", f"`{path}` has a merge conflict in the index"
    if blob.mode == SUBMODULE:
        return path, "special-file", f"`{path}` is a submodule, whose files are in another repository"
    if path in (CONFIGS.rstrip("/"), SCHEMAS.rstrip("/")):
        if blob.mode == LINK:
            return path, "bad-link", f"`{path}` is a link, and must be a folder of the tree's own"
        return path, "unreadable-file", f"`{path}` can't be read: not a directory"
    return None


def follow(path: str, listing: Listing, links: Mapping[str, bytes | None]) -> tuple[str | None, str]:
    """The plain file that a link stands for, in the same part of the tree; or None, and why there is none."""
    part, _, rest = path.partition("/")
    if not rest:
        return None, f"`{path}` is a link, and must be a plain file"
    real = _real(path, links)
    if real is None:
        return None, f"`{path}` is a link that leads nowhere"
    if not real.startswith(f"{part}/"):
        return None, f"`{path}` is a link that leads out of the tree's `{part}`"
    if real in listing and listing[real].mode not in (LINK, SUBMODULE):
        return real, ""
    if any(each.startswith(f"{real}/") for each in listing):
        return None, f"`{path}` is a link to what is no plain file"
    return None, f"`{path}` is a link that leads nowhere"


def _real(path: str, links: Mapping[str, bytes | None]) -> str | None:
    """Where a path leads once every link in it is followed: nothing for what is not in the tree, None in a circle."""
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
