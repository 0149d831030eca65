"""The files of a tree that git keeps out of the working tree, on purpose: a build without them would be another one.

This module imports little, since a build that changes nothing asks it.
"""

from __future__ import annotations

import os

from envtree.adapters.git.plain import git_dir_of, refuse_special
from envtree.adapters.git.plumbing import GitError, failed, git

MARKS_MORE = 3
"""The first version of an index that has more marks of a file than "assume unchanged"; git writes 2 where none has."""
HEADER = 8
SKIPPED = b"S "


def left_out(root: str, paths: tuple[str, ...]) -> tuple[str, ...]:
    """Return the files below these paths of a folder that are tracked, and left out of the working tree by a mark.

    The mark is git's "skip-worktree", which a sparse checkout sets. Git is asked only where its index can have one.
    Raises EnvtreeError where git can't answer then.
    """
    if not _may_have_marks(root):
        return ()
    try:
        refuse_special(root)
        output = git(root, "ls-files", "-t", "-z", "--", *paths)
    except GitError as error:
        raise failed(error) from None
    skipped = (line[len(SKIPPED) :] for line in output.split(b"\0") if line.startswith(SKIPPED))
    names = (os.fsdecode(each) for each in skipped)
    return tuple(sorted(name for name in names if not os.path.lexists(f"{root}/{name}")))


def _may_have_marks(root: str) -> bool:
    """Return whether the index of the repository that a folder is in can mark files."""
    try:
        git_dir = git_dir_of(root)
        if git_dir is None:
            return False
        descriptor = os.open(f"{git_dir}/index", os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except (GitError, OSError):  # without an index, nothing is marked; what is no plain file, git is not asked of
        return False
    try:
        header = os.read(descriptor, HEADER)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return (header[:4] == b"DIRC" and int.from_bytes(header[4:], "big") >= MARKS_MORE) or _is_split(git_dir)


def _is_split(git_dir: str) -> bool:
    """Return whether a part of the index is in a file of its own, which has a version of its own."""
    return any(each.startswith("sharedindex.") for each in os.listdir(git_dir))
