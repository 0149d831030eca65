"""Which commit, of those between two, took a line out of a layer, or brought one in that is older than both.

Neither can be blamed: one is no longer there, the other came with a file that was renamed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.adapters.git.contents import read_blobs
from envtree.adapters.git.history import commits, ids_at
from envtree.core.yaml.lines import own_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from envtree.adapters.git.repository import Repository
    from envtree.core.model.commit import Commit
    from envtree.core.model.tree import Entry


def removers(repository: Repository, before: str, after: str, entries: Iterable[Entry]) -> dict[Entry, Commit]:
    """The newest commit, of those between two, that lacks an entry's name where a parent has it.

    An entry is left out where no such commit is found: it went before, or with a merge. Raises EnvtreeError where git
    fails.
    """
    return _found(repository, before, after, entries, lambda name, here, there: name in there and name not in here)


def merged_by(repository: Repository, before: str, after: str, entries: Iterable[Entry]) -> dict[Entry, Commit]:
    """The same for the newest commit that has an entry's name where no parent has it."""
    return _found(repository, before, after, entries, lambda name, here, there: name in here and name not in there)


def _found(
    repository: Repository,
    before: str,
    after: str,
    entries: Iterable[Entry],
    is_it: Callable[[str, frozenset[str], frozenset[str]], bool],
) -> dict[Entry, Commit]:
    by_file: dict[str, list[Entry]] = {}
    for entry in entries:
        by_file.setdefault(entry.file, []).append(entry)
    found: dict[Entry, Commit] = {}
    for file, asked_for in by_file.items():
        touching = commits(repository, after, [file], without=before)
        asked = list(dict.fromkeys(each for commit in touching for each in (commit.id, *commit.parents)))
        ids = dict(zip(asked, ids_at(repository, [(each, file) for each in asked]), strict=True))
        names = _names(repository, file, {identity for identity in ids.values() if identity})
        for commit in touching:
            here = names[ids[commit.id]]
            there = frozenset[str]().union(*(names[ids[parent]] for parent in commit.parents))
            for entry in asked_for:
                if entry not in found and is_it(entry.name, here, there):
                    found[entry] = commit
    return found


def _names(repository: Repository, file: str, ids: set[str]) -> dict[str | None, frozenset[str]]:
    """The names that each version of a file sets; none where there is no such file."""
    contents = read_blobs(repository, ids)
    return {
        None: frozenset(),
        **{each: frozenset(own_lines(file, data or b"") or ()) for each, data in contents.items()},
    }
