"""The schemas of many revisions: a service's own are loaded for each, those of others only when they changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.commands.tree import load_schemas, suppress_output
from envtree.core.model.diagnostic import EnvtreeError, errors
from envtree.core.model.source import SCHEMAS
from envtree.core.model.tree import COMMON, Project
from envtree.review.history.schema_imports import needed

if TYPE_CHECKING:
    from envtree.commands.tree import Tree
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.source import Source
    from envtree.core.schema.rules import Schema

NO_PROJECT = Project((), ())
Content = tuple[str, frozenset[tuple[str, bytes]]]
"""The path of a schema file, and the content of the file and of all that it may import."""


class Loaded(NamedTuple):
    """The classes that check a target (None: they can't be understood), and their errors."""

    schemas: tuple[Schema, ...] | None
    faults: tuple[Diagnostic, ...]
    is_complete: bool
    """Whether the classes of all services are loaded, so that everything that is declared `Secret` is known."""


class SchemaCache:
    """The schemas that were loaded, by the content of their files."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._own: dict[str, Loaded] = {}
        self._all: dict[str, Loaded] = {}
        self._others: dict[Content, tuple[Schema, ...]] = {}

    def own_schemas(self, identity: str, tree: Tree) -> Loaded:
        """Return the classes that govern the service, in a tree whose schemas folder has this id."""
        if identity not in self._own:
            schemas, faults = self._load(tree, frozenset({self._service}))
            self._own[identity] = Loaded(schemas, errors(faults), is_complete=False)
        return self._own[identity]

    def all_schemas(self, identity: str, tree: Tree) -> Loaded:
        """Return the classes of all services; only the service's own if others can't be understood."""
        if identity not in self._all:
            self._all[identity] = self._with_others(self.own_schemas(identity, tree), tree)
        return self._all[identity]

    def _with_others(self, own: Loaded, tree: Tree) -> Loaded:
        if own.schemas is None:
            return own
        contents = self._contents(tree.source)
        missing = {path for path, content in contents.items() if content not in self._others}
        if missing:
            schemas, _ = self._load(tree, frozenset({self._service, *map(_service, missing)}))
            if schemas is None:
                return own
            for path in missing:
                self._others[contents[path]] = tuple(each for each in schemas if each.path == path)
        others = (each for content in contents.values() for each in self._others[content])
        return Loaded((*own.schemas, *others), own.faults, is_complete=True)

    def _contents(self, source: Source) -> dict[str, Content]:
        """Return the schema file of each other service, with all that it may import."""
        files = {path: data for path, data in source.files.items() if path.endswith(".py")}
        return {
            path: (path, frozenset((each, files[each]) for each in more))
            for path, more in needed(files).items()
            if not path.startswith(f"{SCHEMAS}_") and _service(path) not in (COMMON, self._service)
        }

    def _load(self, tree: Tree, services: frozenset[str]) -> tuple[tuple[Schema, ...] | None, tuple[Diagnostic, ...]]:
        with suppress_output():
            schemas, faults = load_schemas(tree, NO_PROJECT, services)
        if unsafe := tuple(each for each in faults if each.code == "unsafe-schema"):
            raise EnvtreeError(*unsafe)
        return schemas, faults


def _service(path: str) -> str:
    """Return the service that a schema file is for."""
    return path.removeprefix(SCHEMAS).removesuffix(".py").replace("_", "-")
