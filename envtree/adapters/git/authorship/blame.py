"""Finds the commit that wrote each entry of a tree: git blames the entry's own lines, and lost lines are checked too.

Blame names the commit that wrote the lines that exist. Where a later commit removed lines of a value, that commit made
the value what it is, but no remaining line names it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.adapters.git.contents import list_tree, read_blobs
from envtree.adapters.git.history import blame, commits_of_each, ids_at, latest
from envtree.core.layers.sealed import read_entries
from envtree.core.model.listing import LINK, Links, id_of
from envtree.core.model.source import Source
from envtree.core.yaml.lines import entry_digests, line_ranges

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from envtree.adapters.git.repository import Repository
    from envtree.core.model.commit import Commit
    from envtree.core.model.listing import Listing
    from envtree.core.model.tree import Entry
    from envtree.core.yaml.lines import LineRange

MAX_RANGES = 1000
"""The most line ranges of a file that are passed to git; of a file with more, one range covers all of them."""

_Lines = dict[str, bytes] | None
"""A digest of the lines of each entry of a file; None for a file that does not exist, or is broken."""


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
    found.update(_blamed(repository, commit, source, found, paths, without))
    lost = dict(_with_lost_lines(repository, source, found, paths))
    return found | _commits_with_lines(repository, commit, lost, paths, without)


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
    by_file: dict[str, list[Entry]] = {}
    for entry in found:
        by_file.setdefault(entry.file, []).append(entry)
    for file in files:
        old, _ = read_entries(file, below)
        own, other = entry_digests(file, source.files[file]) or {}, entry_digests(file, files[file]) or {}
        for entry in by_file[file]:
            committed = old.get(entry.name)
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
    paths = {
        file: path
        for file, path in _real_paths(repository, listing, found).items()
        if file in source.files and id_of(source.files[file], commit) == listing[path].id
    }
    inside = commits_of_each(repository, commit, dict.fromkeys(paths.values()), without=without)
    older = commits_of_each(repository, commit, [path for path, touched in inside.items() if not touched])
    for file, path in paths.items():
        before = (each._replace(is_boundary=True) for each in older.get(path, ()))
        found[file] = next(iter((*inside[path], *before)), None)
    return found


def _real_paths(repository: Repository, listing: Listing, files: Iterable[str]) -> dict[str, str]:
    """Return the path that each file of the tree is read from, after following links; missing files are left out."""
    links = Links(listing, read_blobs(repository, (blob.id for blob in listing.values() if blob.mode == LINK)))
    found = {}
    for file in sorted(files):
        path = links.follow(file)[0] if file in listing and listing[file].mode == LINK else file
        if path in listing:
            found[file] = path
    return found


def _blamed(
    repository: Repository,
    commit: str,
    source: Source,
    entries: Iterable[Entry],
    paths: Mapping[str, str],
    without: str,
) -> dict[Entry, Commit]:
    """Return the commit of the newest line of each entry."""
    extents = _extents(source, entries, paths)
    ranges: dict[str, set[tuple[int, int]]] = {}
    for entry, extent in extents.items():
        ranges.setdefault(paths[entry.file], set()).add((extent.first, extent.last))
    lines = blame(repository, commit, {path: _few_ranges(own) for path, own in ranges.items()}, without=without)
    wrote = {entry: _writers(lines[paths[entry.file]], extent) for entry, extent in extents.items()}
    newest = latest(repository, filter(None, wrote.values()))
    return {entry: newest[each] for entry, each in wrote.items() if each}


def _extents(source: Source, entries: Iterable[Entry], paths: Mapping[str, str]) -> dict[Entry, LineRange]:
    """Return the lines of each entry of the files that have a path."""
    by_start = {file: line_ranges(path, source.files.get(file, b"")) for file, path in paths.items()}
    return {
        entry: by_start[entry.file][start]
        for entry in entries
        if entry.file in by_start and (start := (entry.name_line, entry.name_column)) in by_start[entry.file]
    }


def _writers(lines: Mapping[int, Commit], extent: LineRange) -> frozenset[Commit]:
    """Return the commits of all lines of an entry."""
    return frozenset(lines[number] for number in range(extent.first, extent.last + 1) if number in lines)


def _few_ranges(ranges: set[tuple[int, int]]) -> list[tuple[int, int]]:
    ordered = sorted(ranges)
    return ordered if len(ordered) <= MAX_RANGES else [(ordered[0][0], max(last for _, last in ordered))]


def _with_lost_lines(
    repository: Repository, source: Source, blamed: Mapping[Entry, Commit | None], paths: Mapping[str, str]
) -> list[tuple[Entry, bytes]]:
    """Return the entries that had other lines in the commit that is blamed for them, with the present ones' digest."""
    versions = {(each.id, entry.file): paths[entry.file] for entry, each in blamed.items() if each}
    ids = dict(zip(versions, ids_at(repository, ((each, path) for (each, _), path in versions.items())), strict=True))
    present = {file: entry_digests(file, source.files[file]) or {} for file in {file for _, file in versions}}
    earlier = _lines_of(repository, ids)
    found = []
    for entry, commit in blamed.items():
        before = earlier.get((commit.id, entry.file)) if commit else None
        text = present[entry.file].get(entry.name, b"") if commit else b""
        if before is not None and before.get(entry.name) != text:
            found.append((entry, text))
    return found


def _lines_of(repository: Repository, ids: Mapping[tuple[str, str], str | None]) -> dict[tuple[str, str], _Lines]:
    """Return the digests of each entry of layer files in commits; None where a file does not exist or is broken."""
    contents = read_blobs(repository, (identity for identity in ids.values() if identity))
    known: dict[str, _Lines] = {}
    for (_, file), identity in ids.items():
        data = contents.get(identity) if identity else None
        if identity and identity not in known:
            known[identity] = entry_digests(file, data) if data is not None else None
    return {version: known[identity] if identity else None for version, identity in ids.items()}


def _commits_with_lines(
    repository: Repository, commit: str, lost: Mapping[Entry, bytes], paths: Mapping[str, str], without: str
) -> dict[Entry, Commit]:
    """Return the commit that gave each entry its present lines; none for a file that no commit touched."""
    by_path: dict[str, list[Entry]] = {}
    for entry in lost:
        by_path.setdefault(paths[entry.file], []).append(entry)
    found = {}
    for path, touched in commits_of_each(repository, commit, by_path, without=without).items():
        wanted = [(each.id, path) for each in touched]
        ids = dict(zip(wanted, ids_at(repository, wanted), strict=True))
        versions = _lines_of(repository, ids)
        for entry in by_path[path] if touched else ():
            same = {each for each, _ in wanted if _has(versions[each, path], ids[each, path], entry.name, lost[entry])}
            found[entry] = _oldest_with(same, touched)
    return found


def _has(lines: _Lines, identity: str | None, name: str, text: bytes) -> bool:
    """Return whether a version of a file has an entry's lines; one that is broken may have them."""
    return lines.get(name) == text if lines is not None else identity is not None


def _oldest_with(same: Container[str], touched: Sequence[Commit]) -> Commit:
    """Return the first of a file's commits, followed down while a parent has the same lines."""
    by_id = {each.id: each for each in touched}
    here = touched[0]
    while older := [each for each in here.parents if each in by_id and each in same]:
        here = by_id[older[0]]
    return here


def _is_equal(entry: Entry, other: Entry) -> bool:
    """Return whether two entries mean the same, even if they are written differently."""
    known = not entry.opaque and not other.opaque
    return known and (entry.text, entry.parts) == (other.text, other.parts)
