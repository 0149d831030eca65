"""The authors of a comparison: the commits that wrote or removed its lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.adapters.git.authorship.blame import authors, authors_below, authors_of_files
from envtree.adapters.git.authorship.removal import merged_by, removers
from envtree.adapters.git.head import head
from envtree.adapters.git.history import latest
from envtree.adapters.git.repository import find_repository
from envtree.core.model.diagnostic import EnvtreeError
from envtree.core.model.source import INDEX
from envtree.core.yaml.lines import LineIndex

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.adapters.git.repository import Repository
    from envtree.commands.tree import Tree
    from envtree.core.model.commit import Commit
    from envtree.core.model.source import Source
    from envtree.core.model.tree import Entry
    from envtree.review.diff.comparison import Comparison


def find_authors(
    one: Tree | None, other: Tree | None, comparison: Comparison, *, is_history: bool
) -> dict[Entry, Commit | None]:
    """Find who wrote the lines that differ, and who removed those that are gone; if git fails, nobody is named."""
    causes = [change.cause for change in comparison.changes if not change.cause.through]
    written = [cause.after for cause in causes if cause.after]
    gone = [cause.before for cause in causes if cause.before and not cause.after]
    before, after = (tree.commit or "" if tree and tree.commit != INDEX else "" for tree in (one, other))
    try:
        if not is_history:
            return _writers(other, written, "") | _writers(one, gone, "")
        found = _writers(other, written, before)
        if other is None or other.repository is None or not before or not after:
            return found
        old = {entry: None for entry, commit in found.items() if commit and commit.is_boundary}
        late = merged_by(other.repository, before, after, old) | removers(other.repository, before, after, gone)
        return {entry: commit for entry, commit in found.items() if entry not in old} | late
    except EnvtreeError:
        return {}


def _writers(tree: Tree | None, entries: list[Entry], before: str) -> dict[Entry, Commit | None]:
    """Find the commit of each line of a tree; lines of the working tree or the index may have none yet."""
    if tree is None or not entries:
        return {}
    if tree.repository and tree.commit and tree.commit != INDEX:
        found = authors(tree.repository, tree.commit, tree.source, entries, without=before)
        return found | _content_authors(tree.repository, tree.commit, tree.source, found, before)
    repository = tree.repository or find_repository(tree.root)
    commit = head(tree.root) if repository and not repository.is_bare else None
    if not repository or not commit:
        return {}
    found = authors_below(repository, commit, tree.source, entries)
    return found | _content_authors(repository, commit, tree.source, found)


def _content_authors(
    repository: Repository, commit: str, source: Source, found: Mapping[Entry, Commit | None], before: str = ""
) -> dict[Entry, Commit | None]:
    """Find who wrote the content of the files that lines name by `!file`, if that was later than the line itself."""
    lines = LineIndex(source)
    files = {entry: path for entry in found if (path := lines.referenced_file(entry))}
    contents = authors_of_files(repository, commit, source, set(files.values()), without=before)
    both = {
        entry: frozenset((line, content))
        for entry, path in files.items()
        if (line := found[entry]) and (content := contents[path])
    }
    newest = latest(repository, both.values())
    return {entry: newest[both[entry]] if entry in both else None for entry in files}
