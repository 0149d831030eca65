"""What a revision contains: paths with their ids, and contents in bulk, each distinct content once."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from envtree.adapters.git.plumbing import GitError, failed, git, partial_clone, start
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, some
from envtree.core.model.listing import Blob, id_of
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
"""The id of an empty file, in SHA-1 and SHA-256."""
INTENT_TO_ADD = 0x20000000
"""The flag of an index entry whose content will not be committed yet (git's CE_INTENT_TO_ADD)."""
PIECE = 1 << 20


def list_tree(repository: Repository, commit: str) -> Listing:
    """Return the listing of a tree in a commit or in the index: everything in the tree's folders."""
    if commit == INDEX:
        return list_index(repository, index_text(repository))
    try:
        output = git(repository.where, "ls-tree", "-r", "-l", "-z", "--full-tree", commit, "--", *_paths(repository))
    except GitError as error:
        raise failed(error) from None
    prefix_length = len(repository.prefix)
    return {path[prefix_length:]: blob for path, blob in (_tree_entry(line) for line in output.split(b"\0")[:-1])}


def index_text(repository: Repository) -> bytes:
    """Return git's print of the index, which is equal where commits of the index would be equal."""
    output = _ls_files(repository, "-s")
    if not any(object_id in output for object_id in EMPTY):
        return output
    not_added = _not_added(repository)
    return b"".join(line + b"\0" for line in output.split(b"\0")[:-1] if line.partition(b"\t")[2] not in not_added)


def list_index(repository: Repository, output: bytes) -> Listing:
    """Return the listing for git's print of an index."""
    prefix_length = len(repository.prefix)
    return {path[prefix_length:]: blob for path, blob in (_index_entry(line) for line in output.split(b"\0")[:-1])}


def has_any(repository: Repository, commit: str, paths: Iterable[str]) -> bool:
    """Return whether a commit, or the index, has one of these files; paths start from the top of the repository."""
    try:
        if commit == INDEX:
            return bool(git(repository.where, "ls-files", "-z", "--", *paths, index=repository.index))
        return bool(git(repository.where, "ls-tree", "-z", "--name-only", "--full-tree", commit, "--", *paths))
    except GitError as error:
        raise failed(error) from None


def _paths(repository: Repository) -> list[str]:
    """Return the paths of the tree's parts, from the top of the repository."""
    return [f"{repository.prefix}{part.rstrip('/')}" for part in (SETTINGS, CONFIGS, SCHEMAS)]


def _tree_entry(line: bytes) -> tuple[str, Blob]:
    fields, _, path = line.partition(b"\t")
    mode, _, name, size = fields.split()
    return _path(path), Blob(mode.decode(), name.decode(), int(size) if size.isdigit() else 0)  # `-`, or `BAD`: missing


def _index_entry(line: bytes) -> tuple[str, Blob]:
    fields, _, path = line.partition(b"\t")
    mode, object_id, stage = fields.decode().split()
    return _path(path), Blob(mode, object_id, conflicting=stage != "0")


def _not_added(repository: Repository) -> set[bytes]:
    """Return the paths that `git add -N` only announced: a commit would not contain them."""
    output = _ls_files(repository, "--debug")
    found = re.finditer(rb"([^\0]+)\0(?:  [^\n]*\n){4}  size: \d+\tflags: ([0-9a-f]+)\n", output)
    return {each[1] for each in found if int(each[2], 16) & INTENT_TO_ADD}


def _ls_files(repository: Repository, *words: str) -> bytes:
    try:
        return git(repository.where, "ls-files", *words, "-z", "--", *_paths(repository), index=repository.index)
    except GitError as error:
        raise failed(error) from None


def _path(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")


def read_blobs(repository: Repository, object_ids: Iterable[str]) -> dict[str, bytes | None]:
    """Return contents by id, None for a folder or one too large; raises EnvtreeError where a content is missing.

    Git does not compare a content with its id, so that is done here: a commit's schemas are code.
    """
    wanted = sorted(set(object_ids))
    if not wanted:
        return {}
    with start(repository.where, "cat-file", "--batch", "--buffer", lines=wanted) as child:
        found = dict(_answers(child.stream))
    if wrong := [each for each, data in found.items() if data is not None and id_of(data, each) != each]:
        message = f"the repository has other content than the id says for {some(wrong)}"
        raise EnvtreeError(
            Diagnostic("git-failed", message, help="it is damaged, or was tampered with: make a new clone")
        )
    missing = [each for each in wanted if each not in found]
    if missing:
        if _is_partial(repository):
            raise partial_clone()
        message = f"the repository lacks {len(missing)} of the files of this revision"
        raise EnvtreeError(Diagnostic("git-failed", message, help="it is damaged: make a new clone"))
    return found


def _is_partial(repository: Repository) -> bool:
    """Return whether the contents of a repository were fetched with a filter: some are on its remote alone."""
    try:
        names = os.listdir(f"{repository.common_dir}/objects/pack")
    except OSError:
        return False
    return any(each.endswith(".promisor") for each in names)


def _answers(stream: IO[bytes]) -> Iterator[tuple[str, bytes | None]]:
    """Yield ids and contents from `ID blob SIZE`, then that many bytes and a line end; or `ID missing`."""
    for line in stream:
        name, kind, *size = line.split()
        if not size:
            continue
        remaining = int(size[0])
        if kind == b"blob" and remaining <= MAX_FILE:
            data = stream.read(remaining + 1)
            if len(data) == remaining + 1:  # otherwise git stopped in the middle of a damaged one
                yield name.decode(), data[:-1]
            continue
        remaining += 1
        while remaining and (piece := stream.read(min(remaining, PIECE))):
            remaining -= len(piece)
        if not remaining:
            yield name.decode(), None
