"""Finds the commit that wrote each entry of a tree: git blames the entry's own lines, and lost lines are checked too.

Blame names the commit that wrote the lines that exist. Where a later commit removed lines of a value, that commit made
the value what it is, but no remaining line names it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.adapters.git.contents import list_tree, read_blobs
from envtree.adapters.git.history import blame, commits, ids_at, latest
from envtree.core.layers.sealed import read_entries
from envtree.core.model.listing import LINK, follow, id_of
from envtree.core.model.source import Source
from envtree.core.yaml.lines import entry_lines, line_ranges

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from envtree.adapters.git.repository import Repository
    from envtree.core.model.commit import Commit
    from envtree.core.model.listing import Listing
    from envtree.core.model.tree import Entry

MAX_RANGES = 1000
"""The most line ranges of a file that are passed to git; of a file with more, one range covers all of them."""

_Lines = dict[str, bytes] | None


def authors(
    repository: Repository, commit: str, source: Source, entries: Iterable[Entry], *, without: str = ""
) -> dict[Entry, Commit | None]:
    """Return the commit that wrote each entry of a commit's source; None for an entry that is not in it.

    `without` is a commit whose own history is left out: for what it already had, the result is that commit, as a
    boundary. Raises EnvtreeError where git fails.
    """
    found: dict[Entry, Commit | None] = dict.fromkeys(entries)
    listing = list_tree(repository, commit)
    paths = _real_paths(repository, listing, {entry.file for entry in found})
    for file, path in paths.items():
        in_file = [entry for entry in found if entry.file == file]
        found.update(_blamed(repository, commit, path, source.files.get(file, b""), in_file, without))
    for entry, text in _with_lost_lines(repository, source, found, paths):
        found[entry] = (
            _commit_with_lines(repository, commit, paths[entry.file], entry.name, text, without) or found[entry]
        )
    return found


def authors_below(
    repository: Repository, commit: str, source: Source, entries: Iterable[Entry]
) -> dict[Entry, Commit | None]:
    """Return each entry's commit below a working tree or an index; None where the commit lacks it or its value."""
    found: dict[Entry, Commit | None] = dict.fromkeys(entries)
    listing = list_tree(repository, commit)
    paths = _real_paths(repository, listing, {entry.file for entry in found})
    blobs = read_blobs(repository, (listing[path].id for path in paths.values()))
    files = {file: data for file, path in paths.items() if (data := blobs[listing[path].id]) is not None}
    below = Source(files)
    before: dict[Entry, Entry] = {}
    for file in files:
        old, _ = read_entries(file, below)
        own, other = entry_lines(file, source.files[file]) or {}, entry_lines(file, files[file]) or {}
        for entry in found:
            committed = old.get(entry.name) if entry.file == file else None
            if committed and (own.get(entry.name) == other.get(entry.name) or _is_equal(entry, committed)):
                before[entry] = committed
    written = authors(repository, commit, below, before.values())
    return found | {entry: written[committed] for entry, committed in before.items()}


def authors_of_files(
    repository: Repository, commit: str, source: Source, files: Iterable[str], *, without: str = ""
) -> dict[str, Commit | None]:
    """Return the commit that gave each file of a source its content.

    It is None for a file that the commit does not have, or has with other content. What a commit that is left out
    (`without`) already had is at the boundary.
    """
    found: dict[str, Commit | None] = dict.fromkeys(files)
    if not found:
        return {}
    listing = list_tree(repository, commit)
    for file, path in _real_paths(repository, listing, found).items():
        if file in source.files and id_of(source.files[file], commit) == listing[path].id:
            inside = commits(repository, commit, [path], without=without)
            older = () if inside else commits(repository, commit, [path])
            found[file] = next(iter((*inside, *(each._replace(is_boundary=True) for each in older))), None)
    return found


def _real_paths(repository: Repository, listing: Listing, files: Iterable[str]) -> dict[str, str]:
    """Return the path that each file of the tree is read from, after following links; missing files are left out."""
    links = {path: blob.id for path, blob in listing.items() if blob.mode == LINK}
    contents = read_blobs(repository, links.values())
    goals = {path: contents[identity] for path, identity in links.items()}
    found = {}
    for file in files:
        path = follow(file, listing, goals)[0] if file in links else file
        if path in listing:
            found[file] = path
    return found


def _blamed(
    repository: Repository, commit: str, path: str, data: bytes, entries: Sequence[Entry], without: str
) -> dict[Entry, Commit]:
    """Return the commit of the newest line of each entry of a file."""
    by_start = line_ranges(path, data)
    own = {entry: by_start[start] for entry in entries if (start := (entry.name_line, entry.name_column)) in by_start}
    if not own:
        return {}
    ranges = sorted({(extent.first, extent.last) for extent in own.values()})
    if len(ranges) > MAX_RANGES:
        ranges = [(ranges[0][0], max(last for _, last in ranges))]
    lines = blame(repository, commit, path, ranges, without=without)
    found = {}
    newest: dict[frozenset[Commit], Commit] = {}
    for entry, extent in own.items():
        wrote = frozenset(lines[number] for number in range(extent.first, extent.last + 1) if number in lines)
        if wrote:
            newest[wrote] = newest.get(wrote) or latest(repository, wrote)
            found[entry] = newest[wrote]
    return found


def _with_lost_lines(
    repository: Repository, source: Source, blamed: Mapping[Entry, Commit | None], paths: Mapping[str, str]
) -> list[tuple[Entry, bytes]]:
    """Return the entries that had other lines in the commit that is blamed for them, with their present lines."""
    versions = {(each.id, entry.file): paths[entry.file] for entry, each in blamed.items() if each}
    ids = dict(zip(versions, ids_at(repository, ((each, path) for (each, _), path in versions.items())), strict=True))
    present = {file: entry_lines(file, source.files[file]) or {} for file in {file for _, file in versions}}
    earlier = _lines_of(repository, ids)
    found = []
    for entry, commit in blamed.items():
        before = earlier.get((commit.id, entry.file)) if commit else None
        text = present[entry.file].get(entry.name, b"") if commit else b""
        if before is not None and before.get(entry.name) != text:
            found.append((entry, text))
    return found


def _lines_of(repository: Repository, ids: Mapping[tuple[str, str], str | None]) -> dict[tuple[str, str], _Lines]:
    """Return the lines of each entry of layer files in commits; None where a file does not exist or is broken."""
    contents = read_blobs(repository, (identity for identity in ids.values() if identity))
    known: dict[str, _Lines] = {}
    for (_, file), identity in ids.items():
        data = contents.get(identity) if identity else None
        if identity and identity not in known:
            known[identity] = entry_lines(file, data) if data is not None else None
    return {version: known[identity] if identity else None for version, identity in ids.items()}


def _commit_with_lines(
    repository: Repository, commit: str, path: str, name: str, text: bytes, without: str
) -> Commit | None:
    """Return the commit that gave an entry its present lines, searching down while a parent has the same lines."""
    touched = {each.id: each for each in commits(repository, commit, [path], without=without)}
    ids = dict(
        zip(((each, path) for each in touched), ids_at(repository, [(each, path) for each in touched]), strict=True)
    )
    versions = _lines_of(repository, ids)

    def is_same(identity: str) -> bool:
        lines = versions[identity, path]
        return lines.get(name) == text if lines is not None else ids[identity, path] is not None

    here = next(iter(touched), None)
    while here is not None and (same := [each for each in touched[here].parents if each in touched and is_same(each)]):
        here = same[0]
    return touched[here] if here is not None else None


def _is_equal(entry: Entry, other: Entry) -> bool:
    """Return whether two entries mean the same, even if they are written differently."""
    known = not entry.opaque and not other.opaque
    return known and (entry.text, entry.parts) == (other.text, other.parts)
