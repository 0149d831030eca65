"""`envtree log`: the commits at which what a process gets has changed, whichever layer did it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from envtree.adapters.git.history import commits
from envtree.adapters.git.moves import history, paths_in, shallow_ends
from envtree.commands.tree import read_tree
from envtree.core.compile import read_project_of, select
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, did_you_mean, errors, some
from envtree.core.model.source import WORKTREE
from envtree.core.model.tree import Target
from envtree.review.commands.history_states import StateHistory
from envtree.review.commands.history_uncommitted import uncommitted
from envtree.review.history.events import Event, hidden_today, is_listed, knows, news_between, withheld

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from envtree.commands.tree import Tree
    from envtree.core.model.commit import Commit

PARTS = 3
"""Of a target: environment, service, process."""


class HistoryResult:
    """The events of a target, the newest first. Whether older ones are missing is known once all were asked for."""

    def __init__(
        self, target: Target, name: str, past: StateHistory, history: tuple[Commit, ...], ends: frozenset[str]
    ) -> None:
        self.target = target
        self.name = name
        self.uncommitted: tuple[str, ...] = ()
        """What differs in the working tree: variables, and the empty name for the target itself."""
        self.is_shallow = False
        self.past = past
        self.history = history
        self._ends = ends

    def events(self, shown: frozenset[str] | None = None) -> Iterator[Event]:
        """Those of some commits (None: all); raises EnvtreeError where no commit knows the variable."""
        hides: Callable[[str], bool] | None = None
        for commit in self.history:
            if shown is not None and commit.id not in shown:
                continue
            if commit.id in self._ends:
                self.is_shallow = True
            elif self._is_listed(commit):
                hides = hides or self._hidden_today()
                yield self._event(commit, hides)
        if hides is None and self.name and not self._is_known():
            raise self._unknown()

    def _is_listed(self, commit: Commit) -> bool:
        past, parents = self.past, commit.parents
        if any(past.files(commit.id) == past.files(parent) for parent in parents):
            return False
        before = [past.own_schemas(parent) for parent in parents] or [None]
        return is_listed(self.target, past.own_schemas(commit.id), before, self.name)

    def _event(self, commit: Commit, hides: Callable[[str], bool]) -> Event:
        """What the commit changed against its first parent, told by all classes of the tree."""
        parent = commit.parents[0] if commit.parents else None
        for look in (self.past.all_schemas, self.past.own_schemas):
            before, after = look(parent) if parent else None, look(commit.id)
            news = news_between(self.target, before, after, self.name)
            if news:
                break
        return Event(commit, withheld(news, before, after, hides))

    def _hidden_today(self) -> Callable[[str], bool]:
        newest = self.history[0].id
        return hidden_today(self.target, self.past.all_schemas(newest), self.past.classes(newest))

    def _is_known(self) -> bool:
        return any(knows(self.past.own_schemas(commit.id), self.name) for commit in self.history)

    def _unknown(self) -> EnvtreeError:
        newest = self.past.own_schemas(self.history[0].id)
        known = newest.view.values if newest and newest.view else ()
        message = f"no commit has `{self.name}` for {self.target}{did_you_mean(self.name, known)}"
        advice = f"`envtree show {self.target}` lists the variables of today"
        return EnvtreeError(Diagnostic("unknown-name", message, help=advice))


def log(
    folder: str, selector: str, name: str = "", revision: str = WORKTREE, since: str = ""
) -> tuple[HistoryResult, Iterator[Event]]:
    """The events of the one target that a selector names (`name`: of one variable), down from a revision.

    `since` is a date as git reads them. Raises EnvtreeError where there is no repository, tree, or single target.
    """
    tree = read_tree(folder, revision if revision != WORKTREE else "HEAD")
    assert tree.repository is not None
    assert tree.commit is not None
    target = _target(tree, selector)
    all_of_them, folders = history(tree.repository, tree.commit)
    past = StateHistory(tree, all_of_them, folders, target)
    found = HistoryResult(target, name, past, all_of_them, shallow_ends(tree.repository))
    if revision == WORKTREE and not tree.repository.is_bare:
        found.uncommitted = uncommitted(tree.root, target, name, past, all_of_them[0].id)
    return found, found.events(_since(tree, folders, since) if since else None)


def _since(tree: Tree, folders: tuple[str, ...], date: str) -> frozenset[str]:
    """The commits that are not older than a date."""
    assert tree.repository is not None
    assert tree.commit is not None
    top = replace(tree.repository, prefix="")
    return frozenset(each.id for each in commits(top, tree.commit, paths_in(folders), since=date))


def _target(tree: Tree, selector: str) -> Target:
    """The one target that a selector names; where settings are wrong, one that they no longer tell of."""
    project, problems = read_project_of(tree.source)
    parts = selector.split("/")
    try:
        targets = select(project, (selector,))
    except EnvtreeError:
        if errors(problems) and len(parts) == PARTS and all(parts):
            return Target(*parts)
        raise
    if len(targets) > 1:
        message = f"`{selector}` names {len(targets)} processes, and the log is of one"
        raise EnvtreeError(Diagnostic("unknown-target", message, help=f"choose one: {some(targets, 6)}"))
    return targets[0]
