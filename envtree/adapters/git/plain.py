"""The files of a repository that git opens by name: where one is a pipe or a device, git would wait without end.

Git is asked nothing in such a repository. What is checked here is what somebody may hand over; who swaps files while
git runs must own them, and then no schema of that repository is run.
"""

from __future__ import annotations

import os
import stat

from envtree.adapters.git.plumbing import GitError

MAX_TEXT = 16 << 20
"""The most bytes of a file that git, or this package, reads at once. Git maps the index and packs, or reads on."""
MAPPED = ("index", "packed-refs")
OBJECTS = "objects"
FOLDERS = (OBJECTS, "info", "refs")
"""The folders of a repository in which git opens files whenever it reads."""


def read_plain(path: str) -> bytes | None:
    """Return the bytes of a plain file of at most 16 MiB; None for anything else, also for a pipe."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return None
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_TEXT:
            return None
        data = file.read(MAX_TEXT + 1)
    return data if len(data) <= MAX_TEXT else None


def refuse_special(folder: str) -> None:
    """Raise GitError if the repository of a folder has a pipe, device or endless file where git opens files."""
    git_dir = git_dir_of(os.path.realpath(folder))
    if git_dir is None:
        return
    common = read_plain(f"{git_dir}/commondir")
    for each in dict.fromkeys((git_dir, _joined(git_dir, common) if common else git_dir)):
        _refuse_below(each, "", set())


def git_dir_of(folder: str) -> str | None:
    """Return the folder with a repository's data, for the nearest repository upwards; None without one."""
    while not os.path.lexists(f"{folder}/.git"):
        if os.path.isdir(f"{folder}/{OBJECTS}") and os.path.lexists(f"{folder}/HEAD"):
            return folder
        folder, before = os.path.dirname(folder), folder
        if folder == before:
            return None
    path = f"{folder}/.git"
    if os.path.isdir(path):
        return path
    text = read_plain(path)
    if text is None:
        raise _special(path)
    return _joined(folder, text.removeprefix(b"gitdir:"))


def _joined(folder: str, text: bytes) -> str:
    return os.path.normpath(os.path.join(folder, os.fsdecode(text.split(b"\n")[0].strip())))


def _refuse_below(top: str, folder: str, seen: set[str]) -> None:
    """Raise GitError for the first file of a repository, or of one of its folders, that is no plain one."""
    path = f"{top}/{folder}".rstrip("/")
    real = os.path.realpath(path)
    if real in seen:
        return
    seen.add(real)
    try:
        entries = list(os.scandir(path))
    except OSError:  # git says what it can't read
        return
    for entry in entries:
        below = f"{folder}/{entry.name}" if folder else entry.name
        if entry.is_dir():
            if folder or entry.name in FOLDERS:
                _refuse_below(top, below, seen)
        elif not entry.is_file(follow_symlinks=False) or _is_text(below):
            _refuse_entry(entry, below)


def _is_text(path: str) -> bool:
    """Return whether git reads a file as a whole."""
    return path not in MAPPED and (not path.startswith(f"{OBJECTS}/") or path.startswith(f"{OBJECTS}/info/"))


def _refuse_entry(entry: os.DirEntry[str], path: str) -> None:
    try:
        status = entry.stat()
    except OSError:  # a link that leads nowhere
        return
    if not stat.S_ISREG(status.st_mode) or (_is_text(path) and status.st_size > MAX_TEXT):
        raise _special(entry.path)


def _special(path: str) -> GitError:
    return GitError(f"`{path}` is no plain file, or endless")
