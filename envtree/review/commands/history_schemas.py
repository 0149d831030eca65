"""The schemas of many revisions: those that may be run are loaded when they changed, the text of the others is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.commands.steps.silence import suppress_output
from envtree.commands.tree import load_schemas
from envtree.core.model.diagnostic import EnvtreeError, errors
from envtree.core.model.source import SCHEMAS
from envtree.core.model.tree import COMMON, Project
from envtree.core.schema.stated_reader import read_stated
from envtree.review.history.schema_imports import needed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.commands.tree import Tree
    from envtree.core.compile import Schemas
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.source import Source
    from envtree.core.schema.rules import Schema

NO_PROJECT = Project((), ())
Content = tuple[str, frozenset[tuple[str, bytes]]]
"""The path of a schema file, and the content of the file and of all that it may import."""


class Loaded(NamedTuple):
    """What checks a target: the classes (None: they can't be understood), or what their text says; and their errors."""

    schemas: Schemas
    faults: tuple[Diagnostic, ...]
    is_complete: bool
    """Whether everything that is declared `Secret` is known, by whichever service."""
    secret: frozenset[str] = frozenset()
    """The names that the text of other classes, which are not run, may declare `Secret`."""


class SchemaCache:
    """The schemas that were loaded, by the content of their files.

    `trusted` is the tree whose schemas may be run. Those of another commit are run only where it has the same, or if
    all are to be run (`run_old`); else their text is read.
    """

    def __init__(self, service: str, trusted: Tree, *, run_old: bool = False) -> None:
        self._service = service
        self._trusted = trusted
        self._run_old = run_old
        self.has_unrun = False
        """Whether there were schemas that could have been run, and were only read."""
        self._own: dict[str, Loaded] = {}
        self._all: dict[str, Loaded] = {}
        self._others: dict[Content, tuple[Schema, ...]] = {}
        self._trusted_contents = self._contents(trusted.source)

    def own_schemas(self, identity: str, tree: Tree) -> Loaded:
        """Return the classes that govern the service, in a tree whose schemas folder has this id."""
        if identity not in self._own:
            self._own[identity] = self._load_own(tree)
        return self._own[identity]

    def all_schemas(self, identity: str, tree: Tree) -> Loaded:
        """Return the classes of all services; only the service's own if others can't be understood."""
        if identity not in self._all:
            self._all[identity] = self._with_others(self.own_schemas(identity, tree), tree)
        return self._all[identity]

    def _load_own(self, tree: Tree) -> Loaded:
        contents = self._contents(tree.source)
        is_trusted = self._of_service(contents) == self._of_service(self._trusted_contents)
        if not (self._run_old or is_trusted or not contents) or tree.schemas == "read":
            self.has_unrun = True
            return Loaded(read_stated(tree.source), (), is_complete=True)
        schemas, faults = self._load(self._trusted if is_trusted else tree, frozenset({self._service}))
        return Loaded(schemas, errors(faults), is_complete=False)

    def _with_others(self, own: Loaded, tree: Tree) -> Loaded:
        if not isinstance(own.schemas, tuple):
            return own
        contents = self._of_others(self._contents(tree.source))
        runnable = contents if self._run_old else self._of_others(self._trusted_contents)
        missing = {path for path, content in runnable.items() if content not in self._others}
        if missing:
            services = frozenset({self._service, *map(_service, missing)})
            schemas, _ = self._load(tree if self._run_old else self._trusted, services)
            if not isinstance(schemas, tuple):
                return own
            for path in missing:
                self._others[runnable[path]] = tuple(each for each in schemas if each.path == path)
        others = (each for content in contents.values() for each in self._others.get(content, ()))
        loaded = Loaded((*own.schemas, *others), own.faults, is_complete=True)
        if all(content in self._others for content in contents.values()):
            return loaded
        self.has_unrun = True
        stated = read_stated(tree.source)
        return loaded._replace(is_complete=stated.is_certain, secret=stated.secret)

    def _of_service(self, contents: Mapping[str, Content]) -> dict[str, Content]:
        return {path: each for path, each in contents.items() if _service(path) in (COMMON, self._service)}

    def _of_others(self, contents: Mapping[str, Content]) -> dict[str, Content]:
        return {path: each for path, each in contents.items() if _service(path) not in (COMMON, self._service)}

    def _contents(self, source: Source) -> dict[str, Content]:
        """Return the schema file of each service, with all that it may import."""
        files = {path: data for path, data in source.files.items() if path.startswith(SCHEMAS) and path.endswith(".py")}
        return {
            path: (path, frozenset((each, files[each]) for each in more))
            for path, more in needed(files).items()
            if not path.startswith(f"{SCHEMAS}_")
        }

    def _load(self, tree: Tree, services: frozenset[str]) -> tuple[Schemas, tuple[Diagnostic, ...]]:
        with suppress_output():
            schemas, faults = load_schemas(tree, NO_PROJECT, services)
        if unsafe := tuple(each for each in faults if each.code == "unsafe-schema"):
            raise EnvtreeError(*unsafe)
        return schemas, faults


def _service(path: str) -> str:
    """Return the service that a schema file is for."""
    return path.removeprefix(SCHEMAS).removesuffix(".py").replace("_", "-")
