"""Reads the working tree as a source: every file under `configs/` and `schemas/` once; links must stay inside the tree.

This module imports little, since a build that changes nothing needs only this.
"""

from __future__ import annotations

import errno
import os

from envtree.core.model.diagnostic import system_reason
from envtree.core.model.source import IGNORED, MAX_FILE, MAX_FOLDERS, SCHEMAS, SETTINGS, Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envtree.core.model.diagnostic import Code

CHUNK = 1 << 16


def find_root(start: str) -> str | None:
    """Return the nearest folder, from `start` upwards, that contains an `envtree.yaml`."""
    folder = os.path.realpath(start)
    if not os.path.isdir(folder):
        return None
    while not os.path.lexists(os.path.join(folder, SETTINGS)):
        folder, previous = os.path.dirname(folder), folder
        if folder == previous:
            return None
    return folder


def read(root: str) -> Source:
    """Return everything that the meaning of a tree can depend on."""
    files: dict[str, bytes] = {}
    refused: dict[str, tuple[Code, str]] = {}
    if os.path.isfile(f"{root}/{SETTINGS}") or os.path.islink(f"{root}/{SETTINGS}"):
        _add_file(root, SETTINGS, files, refused)
    else:
        refused[SETTINGS] = ("special-file", f"`{SETTINGS}` is no plain file")
    for folder, ignored in IGNORED.items():
        name = folder.rstrip("/")
        if os.path.islink(f"{root}/{name}"):
            refused[name] = ("bad-link", f"`{name}` is a link, and must be a folder of the tree's own")
        elif os.path.lexists(f"{root}/{name}"):
            _add_folder(root, name, ignored, files, refused)
    return Source(files, refused)


def _add_folder(
    root: str, folder: str, ignored: tuple[str, ...], files: dict[str, bytes], refused: dict[str, tuple[Code, str]]
) -> None:
    """Add all files below a folder to `files`, except dotfiles."""
    try:
        entries = list(os.scandir(f"{root}/{folder}"))
    except OSError as error:
        refused[folder] = _refusal(root, folder, error)
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.name.endswith(ignored):
            continue
        path = f"{folder}/{entry.name}"
        if path.count("/") > MAX_FOLDERS:
            _refuse_depth(path, refused)
        elif entry.is_dir(follow_symlinks=False):
            _add_folder(root, path, ignored, files, refused)
        elif entry.is_file(follow_symlinks=False) or entry.is_symlink():
            _add_file(root, path, files, refused)
        else:
            refused[path] = ("special-file", f"`{path}` is no plain file")


def _add_file(root: str, path: str, files: dict[str, bytes], refused: dict[str, tuple[Code, str]]) -> None:
    """Add a file to `files`, or to `refused` with the reason."""
    try:
        path.encode()
        data = _read(f"{root}/{path}")
    except UnicodeEncodeError:
        _refuse_name(path, refused)
        return
    except OSError as error:
        if not os.path.islink(f"{root}/{path}"):
            refused[path] = _refusal(root, path, error)
            return
        if fault := _link_fault(root, path):
            refused[path] = "bad-link", fault
            return
        try:
            data = _read(os.path.realpath(f"{root}/{path}"))
        except OSError as error:
            refused[path] = _refusal(root, path, error)
            return
    if data is None:
        refused[path] = ("file-too-large", f"`{path}` is larger than {MAX_FILE >> 20} MiB")
    else:
        files[path] = data


def _refuse_depth(path: str, refused: dict[str, tuple[Code, str]]) -> None:
    try:
        path.encode()
    except UnicodeEncodeError:
        _refuse_name(path, refused)
        return
    refused[path] = ("stray-file", f"`{path}` lies too deep: no folder goes deeper than a process")


def _refuse_name(path: str, refused: dict[str, tuple[Code, str]]) -> None:
    refused[path.encode("utf-8", "replace").decode()] = ("stray-file", "a file's name is not UTF-8")


def _read(path: str) -> bytes | None:
    """Return a file's bytes, never through a link; None if there are more than a source file may have."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        data = os.read(descriptor, CHUNK)
        if len(data) < CHUNK:
            return data
        pieces, size = [data], len(data)
        while data and size <= MAX_FILE:
            data = os.read(descriptor, MAX_FILE + 1 - size)
            pieces.append(data)
            size += len(data)
        return b"".join(pieces) if size <= MAX_FILE else None
    finally:
        os.close(descriptor)


def _link_fault(root: str, path: str) -> str | None:
    """Return what is wrong with a link: it may lead only to a plain file in the same part of the tree."""
    part, _, rest = path.partition("/")
    if not rest:
        return f"`{path}` is a link, and must be a plain file"
    try:
        os.stat(f"{root}/{path}")
    except OSError as error:
        if error.errno == errno.ELOOP:  # a cycle, or more links than Linux follows
            return f"`{path}` is a link that leads nowhere"
    real = os.path.realpath(f"{root}/{path}")
    if not real.startswith(f"{os.path.realpath(root)}/{part}/"):
        return f"`{path}` is a link that leads out of the tree's `{part}`"
    if not os.path.exists(real):
        return f"`{path}` is a link that leads nowhere"
    if not os.path.isfile(real):
        return f"`{path}` is a link to what is no plain file"
    return None


def _refusal(root: str, path: str, error: OSError) -> tuple[Code, str]:
    """Return why a path that is no link can't be read."""
    import stat

    try:
        mode = os.lstat(f"{root}/{path}").st_mode
    except OSError:
        mode = stat.S_IFREG
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        return "special-file", f"`{path}` is no plain file"
    return "unreadable-file", f"`{path}` can't be read: {system_reason(error)}"


def unsafe_schemas(root: str) -> tuple[str, ...]:
    """Return the paths of schemas that users other than this one and root can write: code that this user would run."""
    folder = f"{root}/{SCHEMAS}"
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return ()
    paths = (SCHEMAS, *(f"{SCHEMAS}{name}" for name in names if name.endswith(".py")))
    return tuple(path for path in paths if is_unsafe(f"{root}/{path}"))


def is_unsafe(path: str) -> bool:
    """Return whether users other than this one and root can write a path."""
    status = os.stat(path)
    if status.st_uid not in (0, os.geteuid()) or status.st_mode & 0o002:
        return True
    return bool(status.st_mode & 0o020) and not _is_private(status.st_gid, status.st_uid)


def _is_private(group: int, user: int) -> bool:
    """Return whether a group has only the owner as a member.

    That is common where each user has a group and files are group-writable (umask 002).
    """
    import grp
    import pwd

    try:
        owner, entry = pwd.getpwuid(user), grp.getgrgid(group)
    except KeyError:
        return False
    return owner.pw_gid == group and entry.gr_name == owner.pw_name and set(entry.gr_mem) <= {owner.pw_name}


def write_new(folder: str, files: dict[str, str], optional: tuple[str, ...] = (), mode: int = 0o644) -> tuple[str, ...]:
    """Write new files, all or none, and return the paths written; an optional file that exists stays as it is.

    Paths are below the folder, or absolute. Scripts become executable. Raises EnvtreeError where another file exists,
    or one can't be written.
    """
    from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, some

    existing = [path for path in files if os.path.lexists(os.path.join(folder, path))]
    files = {path: text for path, text in files.items() if path not in optional or path not in existing}
    existing = [path for path in existing if path not in optional]
    if existing:
        message = f"`{folder}` already has {some(f'`{path}`' for path in existing)}"
        raise EnvtreeError(Diagnostic("tree-not-empty", message, help="nothing was written; choose another folder"))
    created: list[str] = []
    file_path = ""
    try:
        for path, text in files.items():
            file_path = os.path.join(folder, path)
            _make_folders(os.path.dirname(file_path), created)
            executable = 0o111 if text.startswith("#!") else 0
            descriptor = os.open(file_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode | executable)
            created.append(file_path)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        for each in reversed(created):
            (os.rmdir if os.path.isdir(each) else os.unlink)(each)
        message = f"`{file_path}` can't be written: {system_reason(error)}"
        raise EnvtreeError(Diagnostic("cannot-write", message, help="nothing was left behind")) from None
    return tuple(files)


def _make_folders(folder: str, created: list[str]) -> None:
    if folder and not os.path.isdir(folder):
        _make_folders(os.path.dirname(folder), created)
        os.mkdir(folder, 0o755)
        created.append(folder)
