"""What an import knows before it writes: the apps, the tree, and what the tree will be."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.source import CONFIGS, SCHEMAS
from envtree.core.starter import FILES as STARTER
from envtree.migration.importing.decision import NO_BASES, NO_CHOICES, Bases, Choices
from envtree.migration.importing.fitting.origin import HEROKU, ValueOrigin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.adapters.keys.opening import DataKeys
    from envtree.commands.tree import Tree
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.source import SchemaUse, Source
    from envtree.core.settings.heroku import Deployment
    from envtree.migration.commands.read import Listing
    from envtree.migration.importing.carried import ImportedApp
    from envtree.migration.importing.decision import Conflict, KeptVariable
    from envtree.migration.importing.report import ChangedEntry


class ImportSurvey(NamedTuple):
    """The apps, each with its deployment, and the tree that they go into: None where there is none yet."""

    listing: Listing
    root: str
    tree: Tree | None
    data_keys: DataKeys
    """What opened the sealed layers of the tree, and opens them again."""
    schemas: SchemaUse = "run"
    origin: ValueOrigin = HEROKU
    bases: Bases = NO_BASES
    choices: Choices = NO_CHOICES
    sealed: Mapping[str, frozenset[str]] = MappingProxyType({})
    """The names that are sealed on disk, and in clear in `tree`, by layer id."""
    disk: Tree | None = None
    """The tree as its files are, where sealed layers were opened for `tree`."""

    @property
    def imported_before(self) -> frozenset[Deployment]:
        """The deployments whose config vars were imported before, by what the settings say."""
        links = self.listing.settings.apps
        return frozenset(deployment for deployment, link in links.items() if link.release is not None)

    @property
    def on_disk(self) -> Mapping[str, bytes]:
        """What the tree's files have so far, by path."""
        tree = self.disk or self.tree
        return tree.source.files if tree else {}

    @property
    def files(self) -> Mapping[str, bytes]:
        """What the tree has so far, by path."""
        return self.tree.source.files if self.tree else {}

    @property
    def has_content(self) -> bool:
        """Whether the tree has something already that an import must respect."""
        return any(path.startswith(CONFIGS) for path in self.files) and not self.is_sample

    @property
    def is_sample(self) -> bool:
        """Whether the tree has just what `envtree init` wrote below `configs/` and `schemas/`, which is an example."""
        folders = (CONFIGS, SCHEMAS)
        own = {path: data for path, data in self.files.items() if path.startswith(folders)}
        return own == {path: text.encode() for path, text in STARTER.items() if path.startswith(folders)}

    @property
    def has_variables(self) -> bool:
        """Whether it has a layer, and not just services."""
        return any(path.startswith(CONFIGS) and path.rpartition("/")[2] != "service.yaml" for path in self.files)


class ImportPlan(NamedTuple):
    """What an import would write, and has proved; nothing of it is written yet."""

    surveyed: ImportSurvey
    apps: tuple[ImportedApp, ...]
    source: Source
    """The tree as it will be."""
    entries: int
    """How many the import adds to the layers."""
    changed: tuple[ChangedEntry, ...]
    """In a tree with content: the entries that are new or different."""
    kept: tuple[KeptVariable, ...]
    secrets: frozenset[str]
    uncarried: tuple[Diagnostic, ...]
    """What can't be carried."""
    unread: tuple[Diagnostic, ...]
    notes: tuple[str, ...]
    conflicts: tuple[Conflict, ...] = ()
    """What Heroku and the tree both changed: a person decides, and until then nothing is written for these apps."""

    @property
    def created(self) -> frozenset[str]:
        """The files that are new, by path."""
        return frozenset(self.source.files.keys() - self.surveyed.on_disk.keys())

    @property
    def files(self) -> dict[str, bytes]:
        """The files that are new or different, by path."""
        before = self.surveyed.on_disk
        return {path: data for path, data in self.source.files.items() if before.get(path) != data}

    @property
    def deleted(self) -> dict[str, bytes]:
        """The files that the tree no longer has, as they were."""
        return {path: data for path, data in self.surveyed.on_disk.items() if path not in self.source.files}
