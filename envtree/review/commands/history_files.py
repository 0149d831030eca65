"""The files that decide what a target gets, at every commit: found by their ids, each content read once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.git.contents import read_blobs
from envtree.adapters.git.history import ids_at
from envtree.adapters.git.trees import Trees
from envtree.core.layers.parse import may_name_files, parse
from envtree.core.model.listing import LINK, SUBMODULE, TREE, Blob, Links, source_of
from envtree.core.model.source import CONFIGS, SCHEMAS, SETTINGS, Source
from envtree.review.history.state import layer_files, service_file

if TYPE_CHECKING:
    from collections.abc import Iterable

    from envtree.adapters.git.repository import Repository
    from envtree.core.model.commit import Commit
    from envtree.core.model.listing import Listing
    from envtree.core.model.tree import Target

CHUNK = 400
"""Commits that are read together: enough that starting git costs little, few enough for a fast first answer."""
FOLDERS = (CONFIGS.rstrip("/"), SCHEMAS.rstrip("/"))


class Files(NamedTuple):
    """Sorted paths with modes and ids, and the folder of the schemas; equal values give a target the same."""

    paths: tuple[tuple[str, Blob], ...]
    schemas: Blob | None


class FileHistory:
    """The files that decide what a target gets, by commit."""

    def __init__(
        self, repository: Repository, commits: tuple[Commit, ...], prefixes: tuple[str, ...], target: Target
    ) -> None:
        self._repository = repository
        self._commits = commits
        self._prefixes = prefixes
        self._wanted = (SETTINGS, service_file(target), *layer_files(target), FOLDERS[1])
        self._layers = frozenset(layer_files(target))
        self._younger: dict[str, str] = {}
        self._found: dict[str, Files | None] = {}
        self._read_count = 0
        self._contents: dict[str, bytes | None] = {}
        self._schemas: dict[str, Listing] = {}
        self._sources: dict[Blob | None, Source] = {}
        self._named: dict[tuple[str, str], frozenset[str]] = {}

    def files(self, commit: str) -> Files | None:
        """Return the files that decide at a commit; None if it has no tree."""
        while commit not in self._found and self._read_count < len(self._commits):
            self._read_commits(self._commits[self._read_count : self._read_count + CHUNK])
            self._read_count += CHUNK
        return self._found.get(commit)

    def source(self, files: Files) -> Source:
        """Return the files as a source, in which the schemas that can't be read are refused."""
        read = source_of(dict(files.paths), self._contents)
        return Source(read.files, {**read.refused, **self.schemas(files).refused})

    def schemas(self, files: Files) -> Source:
        """Return the files of the schemas as a source."""
        blob = files.schemas
        if blob not in self._sources:
            listing = {} if blob is None else self._schemas.get(blob.id, {FOLDERS[1]: blob})
            self._sources[blob] = source_of(listing, self._contents)
        return self._sources[blob]

    def _read_commits(self, commits: tuple[Commit, ...]) -> None:
        trees = Trees(self._repository)
        roots = self._roots(commits)
        files = self._files(trees, tuple({root for root in roots.values() if root}))
        self._found |= {commit: files[root] if root else None for commit, root in roots.items()}

    def _roots(self, commits: tuple[Commit, ...]) -> dict[str, str | None]:
        """Return the id of the tree's folder in each commit: the same path as in a younger commit, or another one."""
        top = replace(self._repository, prefix="")
        if len(self._prefixes) == 1:
            chosen = [self._prefixes[0]] * len(commits)
        else:
            wanted = [(commit.id, f"{prefix}{SETTINGS}") for commit in commits for prefix in self._prefixes]
            existing = dict(zip(wanted, ids_at(top, wanted), strict=True))
            chosen = [
                self._prefix(commit, [each for each in self._prefixes if existing[commit.id, f"{each}{SETTINGS}"]])
                for commit in commits
            ]
        ids = ids_at(top, [(commit.id, prefix) for commit, prefix in zip(commits, chosen, strict=True)])
        return {commit.id: identity for commit, identity in zip(commits, ids, strict=True)}

    def _prefix(self, commit: Commit, existing: list[str]) -> str:
        younger = self._younger.get(commit.id, self._prefixes[0])
        prefix = younger if younger in existing or not existing else existing[0]
        for parent in commit.parents:
            self._younger.setdefault(parent, prefix)
        return prefix

    def _files(self, trees: Trees, roots: tuple[str, ...]) -> dict[str, Files | None]:
        """Return the files that decide, for each of some root folders."""
        listings = self._listings(trees, [(root, path) for root in roots for path in self._wanted])
        schemas = {root: listings[root].pop(FOLDERS[1], None) if root in listings else None for root in roots}
        for blob in schemas.values():
            if blob and blob.mode == TREE and blob.id not in self._schemas:
                self._schemas[blob.id] = trees.below(blob.id, FOLDERS[1])
        self._read(blob for listing in self._schemas.values() for blob in listing.values())
        named = [(root, path) for root, listing in listings.items() for path in sorted(self._named_by(listing))]
        for root, more in self._listings(trees, named).items():
            listings[root] |= more
        return {
            root: Files(tuple(sorted(listings[root].items())), schemas[root])
            if SETTINGS in listings.get(root, ())
            else None
            for root in roots
        }

    def _listings(self, trees: Trees, wanted: list[tuple[str, str]]) -> dict[str, Listing]:
        """List those of some paths that exist in some root folders, with links followed and contents read."""
        listings: dict[str, Listing] = {}
        for (root, _), found in zip(wanted, trees.at(wanted), strict=True):
            if found and (found[1].mode != TREE or found[0] == FOLDERS[1]):
                listings.setdefault(root, {})[found[0]] = found[1]
        for root, listing in listings.items():
            if any(blob.mode == LINK for blob in listing.values()):
                self._follow(trees, root, listing)
        self._read(blob for listing in listings.values() for blob in listing.values())
        return listings

    def _follow(self, trees: Trees, root: str, listing: Listing) -> None:
        """Replace each link by the file that it leads to; a link that leads to no file stays."""
        configs = trees.at([(root, FOLDERS[0])])[0]
        everything = trees.below(configs[1].id, FOLDERS[0]) if configs and configs[1].mode == TREE else {}
        links = {path: blob for path, blob in everything.items() if blob.mode == LINK}
        self._read(links.values())
        known = Links(everything, self._contents)
        for path in listing.keys() & links.keys():
            real, _ = known.follow(path)
            listing[path] = everything[real] if real else listing[path]

    def _read(self, blobs: Iterable[Blob]) -> None:
        wanted = {blob.id for blob in blobs if blob.mode not in (TREE, SUBMODULE) and blob.id not in self._contents}
        self._contents |= read_blobs(self._repository, wanted)

    def _named_by(self, listing: Listing) -> set[str]:
        """Return the files inside `configs/` that layers name by `!file`."""
        found: set[str] = set()
        for path in self._layers & listing.keys():
            key = (path, listing[path].id)
            data = self._contents.get(listing[path].id)
            if key not in self._named:
                used = parse(path, Source({path: data}))[1] if data and may_name_files(data) else frozenset[str]()
                self._named[key] = used
            found |= self._named[key]
        return found - listing.keys()
