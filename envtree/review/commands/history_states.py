"""What a target was at each commit: files that are the same give the same answer, found once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.commands.tree import Tree, compile_chosen
from envtree.core.compile import Parsed, read_project_of
from envtree.core.model.diagnostic import EnvtreeError
from envtree.core.model.source import SETTINGS, Source
from envtree.review.commands.history_files import History
from envtree.review.commands.history_schemas import SchemaCache
from envtree.review.history.state import TargetState, own_settings_faults, standing_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from envtree.core.model.commit import Commit
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.tree import Project, Target
    from envtree.core.schema.rules import Schema
    from envtree.review.commands.history_files import Files
    from envtree.review.commands.history_schemas import Loaded

    Load = Callable[[str, Tree], Loaded]


class StateHistory:
    """The standings of a target; those that are shown are told by all classes of the tree, others by its own."""

    def __init__(self, tree: Tree, history: tuple[Commit, ...], prefixes: tuple[str, ...], target: Target) -> None:
        assert tree.repository is not None
        self.target = target
        self._tree = tree
        self._history = History(tree.repository, history, prefixes, target)
        self._parents = {commit.id: commit.parents for commit in history}
        self._library = SchemaCache(target.service)
        self._parsed: Parsed = {}
        self._projects: dict[frozenset[tuple[str, bytes]], tuple[Project, tuple[Diagnostic, ...]]] = {}
        self._judged: dict[tuple[Load, Files | None], TargetState | None] = {}
        self._standings: dict[tuple[Load, str], TargetState | None] = {}

    def files(self, commit: str) -> Files | None:
        """What of a commit decides; None where it has no tree."""
        return self._history.files(commit)

    def own_schemas(self, commit: str) -> TargetState | None:
        """The standing at a commit, by the classes that govern the target: enough to see that something differs."""
        return self._standing(commit, self._library.own_schemas)

    def all_schemas(self, commit: str) -> TargetState | None:
        """The same, where it is known too what other services declare `Secret`."""
        return self._standing(commit, self._library.all_schemas)

    def classes(self, commit: str) -> tuple[Schema, ...] | None:
        """Those of all services; None where they can't all be understood."""
        files = self.files(commit)
        loaded = self._loaded(files, self._library.all_schemas)[1] if files else None
        return loaded.schemas if loaded and loaded.is_whole else None

    def source(self, commit: str) -> Source:
        """The files that decide, those of the schemas among them."""
        files = self.files(commit)
        assert files is not None
        source = self._history.source(files)
        return Source({**source.files, **self._history.schemas(files).files}, source.refused)

    def judge(self, tree: Tree, loaded: Loaded) -> TargetState | None:
        """The standing of the target in a tree that has its files at least; None where it has no such target."""
        source, target = tree.source, self.target
        try:
            project, problems = self._project(source)
        except EnvtreeError as error:
            return TargetState(None, None, error.diagnostics[0])
        faults = own_settings_faults(project, target, source, problems)
        if target not in project.targets:
            return TargetState(None, None, faults[0]) if faults else None
        compilation, found = compile_chosen(tree, project, loaded.schemas, (target,), self._parsed)
        standing = standing_of(source, compilation, target, (*faults, *loaded.faults), found)
        return standing._replace(trusted=loaded.is_whole)

    def _project(self, source: Source) -> tuple[Project, tuple[Diagnostic, ...]]:
        settings = frozenset(
            (path, data) for path, data in source.files.items() if path.endswith(("/service.yaml", SETTINGS))
        )
        if settings not in self._projects:
            self._projects[settings] = read_project_of(source)
        return self._projects[settings]

    def _standing(self, commit: str, load: Load) -> TargetState | None:
        """What can't be told of a commit is taken from the one before, and so on."""
        chain = [commit]
        while (load, chain[-1]) not in self._standings:
            here = self._judgement(chain[-1], load)
            parents = self._parents.get(chain[-1], ())
            if here is None or here.is_known or not parents:
                self._standings[load, chain[-1]] = here
            else:
                chain.append(parents[0])
        older = self._standings[load, chain.pop()]
        for each in reversed(chain):
            here = self._judgement(each, load)
            older = self._standings[load, each] = here.after(older) if here else None
        return older

    def _judgement(self, commit: str, load: Load) -> TargetState | None:
        files = self.files(commit)
        key = (load, files)
        if key not in self._judged:
            self._judged[key] = self.judge(*self._loaded(files, load)) if files else None
        return self._judged[key]

    def _loaded(self, files: Files, load: Load) -> tuple[Tree, Loaded]:
        schemas = self._at(self._history.schemas(files))
        return self._at(self._history.source(files)), load(files.schemas.id if files.schemas else "", schemas)

    def _at(self, source: Source) -> Tree:
        return Tree(self._tree.root, source, self._tree.unsafe, self._tree.repository, self._tree.commit)
