"""Reads the working tree as a source: every file under `configs/` and `schemas/` once; links must stay inside the tree.

This module imports little, since a build that changes nothing needs only this.
"""

from __future__ import annotations

import errno
import os
import stat

from envtree.adapters.files.ownership import others_can_write
from envtree.core.model.source import IGNORED, MAX_FILE, MAX_FOLDERS, SETTINGS, Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envtree.core.model.diagnostic import Code

CHUNK = 1 << 16
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


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
    """Return everything that the meaning of a tree can depend on, and which of it others could have written.

    Folders and files are opened relative to each other, never through a link, and who owns them is asked of the
    descriptor that is read: what is put in their place meanwhile is not read, or is known to be another's.
    """
    source = Source({}, {})
    try:
        top = os.open(root, FOLDER)
    except OSError as error:
        source.refused[SETTINGS] = _refusal(root, SETTINGS, error)
        return source
    try:
        _note_owner(os.fstat(top), top, ".", source)
        if os.path.isfile(f"{root}/{SETTINGS}") or os.path.islink(f"{root}/{SETTINGS}"):
            _add_file(root, top, top, SETTINGS, source)
        else:
            source.refused[SETTINGS] = ("special-file", f"`{SETTINGS}` is no plain file")
        for folder, ignored in IGNORED.items():
            name = folder.rstrip("/")
            if os.path.islink(f"{root}/{name}"):
                source.refused[name] = ("bad-link", f"`{name}` is a link, and must be a folder of the tree's own")
            elif os.path.lexists(f"{root}/{name}"):
                _add_folder(root, top, top, name, ignored, source)
    finally:
        os.close(top)
    return source


def _add_folder(root: str, top: int, parent: int, folder: str, ignored: tuple[str, ...], source: Source) -> None:
    """Add all files below a folder to a source, except dotfiles; `top` and `parent` are open folders."""
    try:
        here = os.open(_name(folder), FOLDER, dir_fd=parent)
    except OSError as error:
        source.refused[folder] = _refusal(root, folder, error)
        return
    try:
        _note_owner(os.fstat(here), here, f"{folder}/", source)
        _add_entries(root, top, here, folder, ignored, source)
    except OSError as error:
        source.refused[folder] = _refusal(root, folder, error)
    finally:
        os.close(here)


def _add_entries(root: str, top: int, here: int, folder: str, ignored: tuple[str, ...], source: Source) -> None:
    for entry in list(os.scandir(here)):
        if entry.name.startswith(".") or entry.name.endswith(ignored):
            continue
        path = f"{folder}/{entry.name}"
        if path.count("/") > MAX_FOLDERS:
            _refuse_depth(path, source.refused)
        elif entry.is_dir(follow_symlinks=False):
            _add_folder(root, top, here, path, ignored, source)
        elif entry.is_file(follow_symlinks=False) or entry.is_symlink():
            _add_file(root, top, here, path, source)
        else:
            source.refused[path] = ("special-file", f"`{path}` is no plain file")


def _add_file(root: str, top: int, here: int, path: str, source: Source) -> None:
    """Add a file to a source, or refuse it with the reason."""
    try:
        path.encode()
        data = _read(_name(path), here, path, source)
    except UnicodeEncodeError:
        _refuse_name(path, source.refused)
        return
    except OSError as error:
        if not os.path.islink(f"{root}/{path}"):
            source.refused[path] = _refusal(root, path, error)
            return
        if fault := _link_fault(root, path):
            source.refused[path] = "bad-link", fault
            return
        try:
            data = _read_below(root, top, path, source)
        except OSError as error:
            source.refused[path] = _refusal(root, path, error)
            return
    if data is None:
        source.refused[path] = ("file-too-large", f"`{path}` is larger than {MAX_FILE >> 20} MiB")
    else:
        source.files[path] = data


def _read_below(root: str, top: int, path: str, source: Source) -> bytes | None:
    """Return the bytes of the file that a link leads to, opened folder by folder from the top of the tree."""
    real = os.path.realpath(f"{root}/{path}").removeprefix(f"{os.path.realpath(root)}/")
    *folders, name = real.split("/")
    here = os.dup(top)
    try:
        for depth, folder in enumerate(folders, 1):
            inner = os.open(folder, FOLDER, dir_fd=here)
            os.close(here)
            here = inner
            _note_owner(os.fstat(here), here, f"{'/'.join(folders[:depth])}/", source)
        return _read(name, here, path, source)
    finally:
        os.close(here)


def _note_owner(status: os.stat_result, descriptor: int, path: str, source: Source) -> None:
    if others_can_write(status, descriptor):
        source.unsafe.add(path)


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _refuse_depth(path: str, refused: dict[str, tuple[Code, str]]) -> None:
    try:
        path.encode()
    except UnicodeEncodeError:
        _refuse_name(path, refused)
        return
    refused[path] = ("stray-file", f"`{path}` lies too deep: no folder goes deeper than a process")


def _refuse_name(path: str, refused: dict[str, tuple[Code, str]]) -> None:
    refused[path.encode("utf-8", "replace").decode()] = ("stray-file", "a file's name is not UTF-8")


def _read(name: str, folder: int, path: str, source: Source) -> bytes | None:
    """Return a file's bytes, never through a link; None if there are more than a source file may have.

    What is no plain file is not read, also where it has just taken the place of one: a pipe could wait without end.
    """
    descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NOCTTY, dir_fd=folder)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "no plain file")
        _note_owner(status, descriptor, path, source)
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


def read_plain(name: str, folder: int) -> bytes | None:
    """Return the bytes of a plain file in an open folder; None if it is too large, none any more, or can't be read."""
    try:
        name.encode()
        return _read(name, folder, name, Source({}))
    except (OSError, UnicodeEncodeError):
        return None


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
    if _has_link(real):  # a cycle, behind a folder that is not there
        return f"`{path}` is a link that leads nowhere"
    if not real.startswith(f"{os.path.realpath(root)}/{part}/"):
        return f"`{path}` is a link that leads out of the tree's `{part}`"
    if not os.path.exists(real):
        return f"`{path}` is a link that leads nowhere"
    if not os.path.isfile(real):
        return f"`{path}` is a link to what is no plain file"
    return None


def _has_link(real: str) -> bool:
    """Return whether a path with all links followed has one still: one of a cycle."""
    while not (is_link := os.path.islink(real)) and real != "/":
        real = os.path.dirname(real)
    return is_link


def _refusal(root: str, path: str, error: OSError) -> tuple[Code, str]:
    """Return why a path that is no link can't be read."""
    try:
        mode = os.lstat(f"{root}/{path}").st_mode
    except OSError:
        mode = stat.S_IFREG
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        return "special-file", f"`{path}` is no plain file"
    from envtree.core.model.diagnostic import system_reason

    return "unreadable-file", f"`{path}` can't be read: {system_reason(error)}"


def write_new(folder: str, files: dict[str, str], optional: tuple[str, ...] = (), mode: int = 0o644) -> tuple[str, ...]:
    """Write new files, all or none, and return the paths written; an optional file that exists stays as it is.

    Paths are below the folder, or absolute. Scripts become executable. Raises EnvtreeError where another file exists,
    or one can't be written.
    """
    from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, some, system_reason

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
