"""The commits between two that removed an entry from a layer, or added one that is older than both.

Blame can find neither: a removed entry has no line any more, and an added one came with a file that was renamed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.adapters.git.contents import read_blobs
from envtree.adapters.git.history import commits_of_each, ids_at
from envtree.core.yaml.lines import entry_digests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from envtree.adapters.git.repository import Repository
    from envtree.core.model.commit import Commit
    from envtree.core.model.tree import Entry


def removers(repository: Repository, before: str, after: str, entries: Iterable[Entry]) -> dict[Entry, Commit]:
    """Return the newest commit between two that lacks an entry's name where a parent has it.

    An entry without such a commit is left out: it was removed earlier, or by a merge. Raises EnvtreeError where git
    fails.
    """
    return _newest(repository, before, after, entries, lambda name, own, parents: name in parents and name not in own)


def merged_by(repository: Repository, before: str, after: str, entries: Iterable[Entry]) -> dict[Entry, Commit]:
    """Return the newest commit between two that has an entry's name where no parent has it."""
    return _newest(repository, before, after, entries, lambda name, own, parents: name in own and name not in parents)


def _newest(
    repository: Repository,
    before: str,
    after: str,
    entries: Iterable[Entry],
    condition: Callable[[str, frozenset[str], frozenset[str]], bool],
) -> dict[Entry, Commit]:
    """Return, for each entry, the newest commit between two that meets a condition on the entry's name."""
    by_file: dict[str, list[Entry]] = {}
    for entry in entries:
        by_file.setdefault(entry.file, []).append(entry)
    found: dict[Entry, Commit] = {}
    for file, touching in commits_of_each(repository, after, by_file, without=before).items():
        versions = list(dict.fromkeys(each for commit in touching for each in (commit.id, *commit.parents)))
        ids = dict(zip(versions, ids_at(repository, [(each, file) for each in versions]), strict=True))
        names = _names(repository, file, {blob_id for blob_id in ids.values() if blob_id})
        for commit in touching:
            own_names = names[ids[commit.id]]
            parent_names = frozenset[str]().union(*(names[ids[parent]] for parent in commit.parents))
            for entry in by_file[file]:
                if entry not in found and condition(entry.name, own_names, parent_names):
                    found[entry] = commit
    return found


def _names(repository: Repository, file: str, ids: set[str]) -> dict[str | None, frozenset[str]]:
    """Return the names that each version of a file sets; no names where the file does not exist."""
    contents = read_blobs(repository, ids)
    return {
        None: frozenset(),
        **{each: frozenset(entry_digests(file, data or b"") or ()) for each, data in contents.items()},
    }
