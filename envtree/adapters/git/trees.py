"""Git's tree objects, read in bulk: what lies at a few paths of a thousand commits is a handful of questions."""

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
"""Mode and id by name, as git stores them: most are never looked at."""


class Trees:
    """The tree objects of a repository by id, each read once."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self._known: dict[str, Folder] = {}

    def at(self, wanted: Sequence[tuple[str, str]]) -> list[tuple[str, Blob] | None]:
        """What lies at each path below a tree, with the path; what stands in its way, if that is no folder."""
        found: list[tuple[str, Blob] | None] = [None] * len(wanted)
        steps = [(number, identity, _bytes(path).split(b"/"), 1) for number, (identity, path) in enumerate(wanted)]
        while steps:
            self._read(identity for _, identity, _, _ in steps)
            deeper = []
            for number, identity, parts, depth in steps:
                entry = self._known[identity].get(parts[depth - 1])
                if entry is not None and depth < len(parts) and entry[0] == _TREE:
                    deeper.append((number, entry[1].hex(), parts, depth + 1))
                elif entry is not None:
                    found[number] = (_text(b"/".join(parts[:depth])), _blob(*entry))
            steps = deeper
        return found

    def below(self, identity: str, folder: str) -> Listing:
        """All that lies below a tree that is found at a folder."""
        found: Listing = {}
        level = [(f"{folder}/", identity)]
        while level:
            self._read(each for _, each in level)
            inside = [
                (f"{path}{_text(name)}", _blob(*entry))
                for path, each in level
                for name, entry in self._known[each].items()
            ]
            found.update((path, blob) for path, blob in inside if blob.mode != TREE)
            level = [(f"{path}/", blob.id) for path, blob in inside if blob.mode == TREE]
        return found

    def _read(self, identities: Iterable[str]) -> None:
        asked = {each for each in identities if each not in self._known}
        if not asked:
            return
        self._known.update(_folders(self.repository, sorted(asked)))
        if missing := sum(each not in self._known for each in asked):
            message = f"the repository lacks {missing} of the folders of its history"
            raise EnvtreeError(
                Diagnostic("git-failed", message, help="the clone is partial or damaged: make a full one")
            )


def _folders(repository: Repository, identities: list[str]) -> Iterator[tuple[str, Folder]]:
    """`ID tree SIZE`, then as many bytes and a line end; what is no tree is an empty one."""
    with start(repository.where, "cat-file", "--batch", "--buffer", lines=identities) as child:
        for line in child.stream:
            name, kind, *size = line.split()
            if kind != b"missing":
                data = child.stream.read(int(size[0]) + 1)[:-1]
                yield name.decode(), _folder(data, len(name) // 2) if kind == b"tree" else {}


def _folder(data: bytes, width: int) -> Folder:
    """Entries as `MODE NAME`, a NUL, and an id of so many bytes."""
    entries = re.findall(rb"([0-7]+) ([^\0]+)\0(.{%d})" % width, data, re.DOTALL)
    return {name: (mode, identity) for mode, name, identity in entries}


def _blob(mode: bytes, identity: bytes) -> Blob:
    return Blob(mode.decode().zfill(len(TREE)), identity.hex())


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


def _bytes(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")
