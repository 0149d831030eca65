"""What a revision holds: paths with their ids, and contents in bulk, each distinct one once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from envtree.adapters.git.plumbing import GitError, failed, git, start
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.core.model.listing import Blob
from envtree.core.model.source import CONFIGS, INDEX, MAX_FILE, SCHEMAS, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import IO

    from envtree.adapters.git.repository import Repository
    from envtree.core.model.listing import Listing

EMPTY = (
    b"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
    b"473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
)
"""The id of no bytes, in SHA-1 and SHA-256."""
INTENT_TO_ADD = 0x20000000
"""The flag of an index entry whose content is not to be committed yet (git's CE_INTENT_TO_ADD)."""
PIECE = 1 << 20


def list_tree(repository: Repository, commit: str) -> Listing:
    """What a commit, or the index, holds of a tree: all that lies in its folders."""
    if commit == INDEX:
        return list_index(repository, index_text(repository))
    try:
        said = git(repository.where, "ls-tree", "-r", "-l", "-z", "--full-tree", commit, "--", *_paths(repository))
    except GitError as error:
        raise failed(error) from None
    below = len(repository.prefix)
    return {path[below:]: blob for path, blob in (_tree_entry(line) for line in said.split(b"\0")[:-1])}


def index_text(repository: Repository) -> bytes:
    """What git prints of the index: all that `list_index` makes a listing of, and equal where commits would be."""
    said = _ls_files(repository, "-s")
    if not any(identity in said for identity in EMPTY):
        return said
    not_yet = _not_yet(repository)
    return b"".join(line + b"\0" for line in said.split(b"\0")[:-1] if line.partition(b"\t")[2] not in not_yet)


def list_index(repository: Repository, said: bytes) -> Listing:
    """The listing that git's print of an index stands for."""
    below = len(repository.prefix)
    return {path[below:]: blob for path, blob in (_index_entry(line) for line in said.split(b"\0")[:-1])}


def _paths(repository: Repository) -> list[str]:
    return [f"{repository.prefix}{part.rstrip('/')}" for part in (SETTINGS, CONFIGS, SCHEMAS)]


def _tree_entry(line: bytes) -> tuple[str, Blob]:
    about, _, path = line.partition(b"\t")
    mode, _, name, size = about.split()
    return _path(path), Blob(mode.decode(), name.decode(), int(size) if size.isdigit() else 0)  # `-`, or `BAD`: missing


def _index_entry(line: bytes) -> tuple[str, Blob]:
    about, _, path = line.partition(b"\t")
    mode, identity, stage = about.decode().split()
    return _path(path), Blob(mode, identity, conflicting=stage != "0")


def _not_yet(repository: Repository) -> set[bytes]:
    """What `git add -N` only announced: a commit would not hold it."""
    said = _ls_files(repository, "--debug")
    found = re.finditer(rb"([^\0]+)\0(?:  [^\n]*\n){4}  size: \d+\tflags: ([0-9a-f]+)\n", said)
    return {each[1] for each in found if int(each[2], 16) & INTENT_TO_ADD}


def _ls_files(repository: Repository, *words: str) -> bytes:
    try:
        return git(repository.where, "ls-files", *words, "-z", "--", *_paths(repository), index=repository.index)
    except GitError as error:
        raise failed(error) from None


def _path(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


def read_blobs(repository: Repository, identities: Iterable[str]) -> dict[str, bytes | None]:
    """Contents by id, None for what is larger than a source file may be, or a folder.

    Raises EnvtreeError where one is not there.
    """
    asked = sorted(set(identities))
    if not asked:
        return {}
    with start(repository.where, "cat-file", "--batch", "--buffer", lines=asked) as child:
        found = dict(_answers(child.stream))
    missing = [each for each in asked if each not in found]
    if missing:
        message = f"the repository lacks {len(missing)} of the files of this revision"
        raise EnvtreeError(Diagnostic("git-failed", message, help="the clone is partial or damaged: make a full one"))
    return found


def _answers(stream: IO[bytes]) -> Iterator[tuple[str, bytes | None]]:
    """`ID blob SIZE`, then as many bytes and a line end; or `ID missing`."""
    for line in stream:
        name, kind, *size = line.split()
        if not size:
            continue
        left = int(size[0])
        if kind == b"blob" and left <= MAX_FILE:
            data = stream.read(left + 1)
            if len(data) == left + 1:  # else git broke off amidst a damaged one
                yield name.decode(), data[:-1]
            continue
        left += 1
        while left and (piece := stream.read(min(left, PIECE))):
            left -= len(piece)
        if not left:
            yield name.decode(), None
