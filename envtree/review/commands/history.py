"""`envtree history`: the commits that changed what a process gets, in whichever layer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from envtree.adapters.git.history import commits, history_ends
from envtree.adapters.git.moves import commits_following_moves, paths_in
from envtree.commands.tree import read_tree
from envtree.core.compile import read_project_of, select
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, did_you_mean, errors
from envtree.core.model.selector import only_target
from envtree.core.model.source import WORKTREE
from envtree.core.model.tree import Target
from envtree.review.commands.history_states import StateHistory
from envtree.review.commands.history_uncommitted import uncommitted
from envtree.review.history.events import Event, changes_between, hidden_today, is_listed, knows, with_hidden_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from envtree.commands.tree import Tree
    from envtree.core.model.commit import Commit
    from envtree.core.model.source import SchemaUse

PARTS = 3
"""The parts of a target: environment, service, process."""


class HistoryResult:
    """The events of a target, the newest first; `is_shallow` is known after all events have been read."""

    def __init__(
        self, target: Target, name: str, states: StateHistory, commits: tuple[Commit, ...], ends: frozenset[str]
    ) -> None:
        self.target = target
        self.name = name
        self.uncommitted: tuple[str, ...] = ()
        """The variables that differ in the working tree; the empty name is the target itself."""
        self.is_shallow = False
        self.states = states
        self.commits = commits
        self._ends = ends

    def events(self, shown: frozenset[str] | None = None) -> Iterator[Event]:
        """Yield the events of some commits (None: all). Raises EnvtreeError if no commit knows the variable."""
        hides: Callable[[str], bool] | None = None
        for commit in self.commits:
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
        states, parents = self.states, commit.parents
        if any(states.files(commit.id) == states.files(parent) for parent in parents):
            return False
        before = [states.by_own_schemas(parent) for parent in parents] or [None]
        return is_listed(self.target, states.by_own_schemas(commit.id), before, self.name)

    def _event(self, commit: Commit, hides: Callable[[str], bool]) -> Event:
        """Return what a commit changed since its first parent, by all classes of the tree, or else the target's own."""
        parent = commit.parents[0] if commit.parents else None
        for state_at in (self.states.by_all_schemas, self.states.by_own_schemas):
            before, after = state_at(parent) if parent else None, state_at(commit.id)
            change_set = changes_between(self.target, before, after, self.name)
            if change_set:
                break
        return Event(commit, with_hidden_values(change_set, before, after, hides))

    def _hidden_today(self) -> Callable[[str], bool]:
        newest = self.commits[0].id
        return hidden_today(self.target, self.states.by_all_schemas(newest), self.states.classes(newest))

    def _is_known(self) -> bool:
        return any(knows(self.states.by_own_schemas(commit.id), self.name) for commit in self.commits)

    def _unknown(self) -> EnvtreeError:
        newest = self.states.by_own_schemas(self.commits[0].id)
        known = newest.view.values if newest and newest.view else ()
        message = f"no commit has `{self.name}` for {self.target}{did_you_mean(self.name, known)}"
        advice = f"`envtree show {self.target}` lists the variables of today"
        return EnvtreeError(Diagnostic("unknown-name", message, help=advice))


def history(
    folder: str,
    selector: str,
    name: str = "",
    revision: str = WORKTREE,
    since: str = "",
    schemas: SchemaUse = "run",
    *,
    run_old_schemas: bool = False,
) -> tuple[HistoryResult, Iterator[Event]]:
    """Return the events of the one target that a selector names (`name`: of one variable), back from a revision.

    `since` is a date as git reads it. Of older commits, only schemas that the first one has as well are run, unless
    `run_old_schemas` says otherwise: the user named, or checked out, that one alone. Raises EnvtreeError if there is no
    repository, tree, or single target.
    """
    tree = read_tree(folder, revision if revision != WORKTREE else "HEAD", schemas)
    assert tree.repository is not None
    assert tree.commit is not None
    target = _target(tree, selector)
    all_commits, folders = commits_following_moves(tree.repository, tree.commit)
    states = StateHistory(tree, all_commits, folders, target, run_old_schemas=run_old_schemas)
    found = HistoryResult(target, name, states, all_commits, history_ends(tree.repository))
    if revision == WORKTREE and not tree.repository.is_bare:
        found.uncommitted = uncommitted(tree.root, target, name, states, all_commits[0].id, schemas)
    return found, found.events(_since(tree, folders, since) if since else None)


def _since(tree: Tree, folders: tuple[str, ...], date: str) -> frozenset[str]:
    """Return the commits that are not older than a date."""
    assert tree.repository is not None
    assert tree.commit is not None
    top = replace(tree.repository, prefix="")
    return frozenset(each.id for each in commits(top, tree.commit, paths_in(folders), since=date))


def _target(tree: Tree, selector: str) -> Target:
    """Return the one target that a selector names; if the settings have errors, it may be one that they lack."""
    project, problems = read_project_of(tree.source)
    parts = selector.split("/")
    try:
        targets = select(project, (selector,))
    except EnvtreeError:
        if errors(problems) and len(parts) == PARTS and all(parts):
            return Target(*parts)
        raise
    return only_target(selector, targets, "followed")
