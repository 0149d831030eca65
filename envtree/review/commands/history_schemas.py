"""The schemas of many revisions: those of a target's own service for each, those of others only where they changed."""

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
"""A schema file's path, and the content of all that it may import, itself among it."""


class Loaded(NamedTuple):
    """The classes that a target is judged by (None: they can't be understood), and what is wrong with them."""

    schemas: tuple[Schema, ...] | None
    faults: tuple[Diagnostic, ...]
    is_whole: bool
    """Those of all services are among them, so that it is known what is declared `Secret`."""


class SchemaCache:
    """Schemas by the content of their files, as far as those were loaded."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._near: dict[str, Loaded] = {}
        self._whole: dict[str, Loaded] = {}
        self._others: dict[Content, tuple[Schema, ...]] = {}

    def own_schemas(self, identity: str, tree: Tree) -> Loaded:
        """The classes that govern the service, of a tree whose schemas have this id."""
        if identity not in self._near:
            schemas, faults = self._load(tree, frozenset({self._service}))
            self._near[identity] = Loaded(schemas, errors(faults), is_whole=False)
        return self._near[identity]

    def all_schemas(self, identity: str, tree: Tree) -> Loaded:
        """Those of all services; only its own, where others can't be understood."""
        if identity not in self._whole:
            self._whole[identity] = self._with_others(self.own_schemas(identity, tree), tree)
        return self._whole[identity]

    def _with_others(self, near: Loaded, tree: Tree) -> Loaded:
        if near.schemas is None:
            return near
        contents = self._contents(tree.source)
        missing = {path for path, content in contents.items() if content not in self._others}
        if missing:
            schemas, _ = self._load(tree, frozenset({self._service, *map(_service, missing)}))
            if schemas is None:
                return near
            for path in missing:
                self._others[contents[path]] = tuple(each for each in schemas if each.path == path)
        others = (each for content in contents.values() for each in self._others[content])
        return Loaded((*near.schemas, *others), near.faults, is_whole=True)

    def _contents(self, source: Source) -> dict[str, Content]:
        """Each other service's file, with all that it may import."""
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
    """The service that a schema file is for."""
    return path.removeprefix(SCHEMAS).removesuffix(".py").replace("_", "-")
