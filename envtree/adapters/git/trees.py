"""Git's tree objects, read in bulk: a few git commands find what is at a few paths of a thousand commits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from envtree.adapters.git.plumbing import start
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.core.model.listing import TREE, Blob

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from envtree.adapters.git.repository import Repository
    from envtree.core.model.listing import Listing

_TREE = b"40000"
Folder = dict[bytes, tuple[bytes, bytes]]
"""Mode and id by name, as git stores them: most are never needed, so they are not decoded."""


class Trees:
    """The tree objects of a repository by id, each read once."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self._known: dict[str, Folder] = {}

    def at(self, wanted: Sequence[tuple[str, str]]) -> list[tuple[str, Blob] | None]:
        """Return what is at each path below a tree, with the path.

        Where something other than a folder is in the way of a longer path, the result is that.
        """
        found: list[tuple[str, Blob] | None] = [None] * len(wanted)
        steps = [(number, object_id, _bytes(path).split(b"/"), 1) for number, (object_id, path) in enumerate(wanted)]
        while steps:
            self._read(object_id for _, object_id, _, _ in steps)
            next_steps = []
            for number, object_id, parts, depth in steps:
                entry = self._known[object_id].get(parts[depth - 1])
                if entry is not None and depth < len(parts) and entry[0] == _TREE:
                    next_steps.append((number, entry[1].hex(), parts, depth + 1))
                elif entry is not None:
                    found[number] = (_text(b"/".join(parts[:depth])), _blob(*entry))
            steps = next_steps
        return found

    def below(self, object_id: str, folder: str) -> Listing:
        """Return everything below a tree that is at a folder."""
        found: Listing = {}
        level = [(f"{folder}/", object_id)]
        while level:
            self._read(each for _, each in level)
            entries = [
                (f"{path}{_text(name)}", _blob(*entry))
                for path, each in level
                for name, entry in self._known[each].items()
            ]
            found.update((path, blob) for path, blob in entries if blob.mode != TREE)
            level = [(f"{path}/", blob.id) for path, blob in entries if blob.mode == TREE]
        return found

    def _read(self, object_ids: Iterable[str]) -> None:
        """Read the tree objects that are not known yet; raises EnvtreeError where the repository lacks one."""
        unknown = {each for each in object_ids if each not in self._known}
        if not unknown:
            return
        self._known.update(_folders(self.repository, sorted(unknown)))
        if missing := sum(each not in self._known for each in unknown):
            message = f"the repository lacks {missing} of the folders of its history"
            raise EnvtreeError(
                Diagnostic("git-failed", message, help="the clone is partial or damaged: make a full one")
            )


def _folders(repository: Repository, object_ids: list[str]) -> Iterator[tuple[str, Folder]]:
    """Yield the entries of each tree: `ID tree SIZE`, then that many bytes and a line end; what is no tree is empty."""
    with start(repository.where, "cat-file", "--batch", "--buffer", lines=object_ids) as child:
        for line in child.stream:
            name, kind, *size = line.split()
            if kind != b"missing":
                data = child.stream.read(int(size[0]) + 1)[:-1]
                yield name.decode(), _folder(data, len(name) // 2) if kind == b"tree" else {}


def _folder(data: bytes, width: int) -> Folder:
    """Return entries from `MODE NAME`, a NUL, and an id of `width` bytes."""
    entries = re.findall(rb"([0-7]+) ([^\0]+)\0(.{%d})" % width, data, re.DOTALL)
    return {name: (mode, object_id) for mode, name, object_id in entries}


def _blob(mode: bytes, object_id: bytes) -> Blob:
    return Blob(mode.decode().zfill(len(TREE)), object_id.hex())


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


def _bytes(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")
