"""The state of a target at each commit, computed once for the same files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from envtree.commands.tree import compile_chosen
from envtree.core.compile import Parsed, read_project_of
from envtree.core.model.diagnostic import EnvtreeError
from envtree.core.model.source import SETTINGS, Source
from envtree.core.schema.stated import StatedSchemas
from envtree.review.commands.history_files import FileHistory
from envtree.review.commands.history_schemas import SchemaCache
from envtree.review.history.state import TargetState, own_settings_faults, state_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from envtree.commands.tree import Tree
    from envtree.core.compile import Schemas
    from envtree.core.model.commit import Commit
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.tree import Project, Target
    from envtree.review.commands.history_files import Files
    from envtree.review.commands.history_schemas import Loaded

    Load = Callable[[str, Tree], Loaded]


class StateHistory:
    """The states of a target: with all classes of the tree for those that are shown, with its own for the others."""

    def __init__(
        self,
        tree: Tree,
        commits: tuple[Commit, ...],
        prefixes: tuple[str, ...],
        target: Target,
        *,
        run_old_schemas: bool = False,
    ) -> None:
        assert tree.repository is not None
        self.target = target
        self._tree = tree
        self._files = FileHistory(tree.repository, commits, prefixes, target)
        self._parents = {commit.id: commit.parents for commit in commits}
        self._schema_cache = SchemaCache(target.service, tree, run_old=run_old_schemas)
        self._parsed: Parsed = {}
        self._projects: dict[frozenset[tuple[str, bytes]], tuple[Project, tuple[Diagnostic, ...]]] = {}
        self._states_of_files: dict[tuple[Load, Files | None], TargetState | None] = {}
        self._states: dict[tuple[Load, str], TargetState | None] = {}

    @property
    def has_unrun_schemas(self) -> bool:
        """Whether there were schemas, so far, of which only the text was read."""
        return self._schema_cache.has_unrun

    def files(self, commit: str) -> Files | None:
        """Return the files that decide at a commit; None if it has no tree."""
        return self._files.files(commit)

    def by_own_schemas(self, commit: str) -> TargetState | None:
        """Return the state at a commit by the classes that govern the target: enough to see if something differs."""
        return self._state(commit, self._schema_cache.own_schemas)

    def by_all_schemas(self, commit: str) -> TargetState | None:
        """Return the same state, where all that other services declare `Secret` is known too."""
        return self._state(commit, self._schema_cache.all_schemas)

    def classes(self, commit: str) -> Schemas:
        """Return the classes of all services, or what their text says; None if not all of them can be understood."""
        files = self.files(commit)
        loaded = self._loaded(files, self._schema_cache.all_schemas)[1] if files else None
        return loaded.schemas if loaded and loaded.is_complete else None

    def source(self, commit: str) -> Source:
        """Return the files that decide at a commit, with those of the schemas."""
        files = self.files(commit)
        assert files is not None
        source = self._files.source(files)
        return Source({**source.files, **self._files.schemas(files).files}, source.refused)

    def state_in(self, tree: Tree, loaded: Loaded) -> TargetState | None:
        """Return the state of the target in a tree with at least its files; None if the tree has no such target."""
        source, target = tree.source, self.target
        try:
            project, problems = self._project(source)
        except EnvtreeError as error:
            return TargetState(None, None, error.diagnostics[0])
        faults = own_settings_faults(project, target, source, problems)
        if target not in project.targets:
            return TargetState(None, None, faults[0]) if faults else None
        compilation, found = compile_chosen(tree, project, loaded.schemas, (target,), self._parsed, today="")
        if loaded.secret:
            governance = compilation.governed[target]
            governance = replace(governance, secret=governance.secret | loaded.secret)
            compilation = replace(compilation, governed={target: governance})
        state = state_of(source, compilation, target, (*faults, *loaded.faults), found)
        is_judged = not isinstance(loaded.schemas, StatedSchemas)
        return state._replace(secrets_known=loaded.is_complete, is_judged=is_judged)

    def _project(self, source: Source) -> tuple[Project, tuple[Diagnostic, ...]]:
        settings = frozenset(
            (path, data) for path, data in source.files.items() if path.endswith(("/service.yaml", SETTINGS))
        )
        if settings not in self._projects:
            self._projects[settings] = read_project_of(source)
        return self._projects[settings]

    def _state(self, commit: str, load: Load) -> TargetState | None:
        """Return the state at a commit, with what is unknown taken from the first parent, and so on."""
        chain = [commit]
        while (load, chain[-1]) not in self._states:
            state = self._state_alone(chain[-1], load)
            parents = self._parents.get(chain[-1], ())
            if state is None or state.is_known or not parents:
                self._states[load, chain[-1]] = state
            else:
                chain.append(parents[0])
        older = self._states[load, chain.pop()]
        for each in reversed(chain):
            state = self._state_alone(each, load)
            older = self._states[load, each] = state.after(older) if state else None
        return older

    def _state_alone(self, commit: str, load: Load) -> TargetState | None:
        files = self.files(commit)
        key = (load, files)
        if key not in self._states_of_files:
            self._states_of_files[key] = self.state_in(*self._loaded(files, load)) if files else None
        return self._states_of_files[key]

    def _loaded(self, files: Files, load: Load) -> tuple[Tree, Loaded]:
        schemas = self._tree_with(self._files.schemas(files))
        return self._tree_with(self._files.source(files)), load(files.schemas.id if files.schemas else "", schemas)

    def _tree_with(self, source: Source) -> Tree:
        return self._tree.having(source)
