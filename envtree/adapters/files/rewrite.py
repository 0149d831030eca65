"""Rewrites files of the working tree in place: each completely, none through a link, none that changed meanwhile.

A new file appears as a whole, too, and never in the place of another.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, some, system_reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
OLD_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
NO_HARD_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
"""What file systems say that have no second name for a file, such as those that share a folder with a machine."""
LINK = "the file is a link"
LINKED = "a link leads to the file"


class FileEdit(NamedTuple):
    """The bytes that a file had when it was read (None: there was none), and its new bytes."""

    path: str
    before: bytes | None
    after: bytes


class _Staged(NamedTuple):
    """An edit that is written beside its file."""

    edit: FileEdit
    temporary: str
    seen: tuple[int, ...] | None
    """What the old file was when it was read again; None if there was none."""


def linked_files(root: str, paths: Iterable[str]) -> dict[str, str]:
    """Return the links, and files that links lead to: an edit would change another layer. Each has the reason."""
    found: dict[str, str] = {}
    start = f"{os.path.realpath(root)}/"
    for path in paths:
        if os.path.islink(f"{root}/{path}"):
            found[path] = LINK
            found.setdefault(os.path.realpath(f"{root}/{path}").removeprefix(start), LINKED)
    return found


def rewrite(root: str, edits: Sequence[FileEdit]) -> None:
    """Replace the bytes of files, keeping their modes and owners, and write new ones, with their folders.

    All new files are written beside the old ones, and all old files are checked again, before the first one is
    replaced. Raises EnvtreeError where a file is not as it was read, or can't be written; the error lists the files
    that were already replaced.
    """
    done: list[str] = []
    path = ""
    with contextlib.ExitStack() as stack:
        try:
            staged = []
            for edit in edits:
                path = edit.path
                staged.append(_stage(root, edit, stack))
            for each in staged:
                path = each.edit.path
                with _folder_of(root, path) as folder:
                    _check(each, folder)
            for each in staged:
                path = each.edit.path
                with _folder_of(root, path) as folder:
                    _check(each, folder)
                    _put_in_place(each, folder)
                    done.append(path)
                    os.fsync(folder)
        except OSError as error:
            raise _failed(path, error, done) from None


def remove(root: str, files: Mapping[str, bytes]) -> None:
    """Remove files that have these bytes, and folders that are empty then; raises EnvtreeError as `rewrite` does."""
    done: list[str] = []
    path = ""
    try:
        for path in files:
            with _folder_of(root, path) as folder:
                _read_again(_name(path), folder, FileEdit(path, files[path], b""), files[path])
                os.unlink(_name(path), dir_fd=folder)
                done.append(path)
                os.fsync(folder)
    except OSError as error:
        raise _failed(path, error, done) from None
    folders = {each.rsplit("/", depth)[0] for each in files for depth in range(1, each.count("/") + 1)}
    for empty in sorted(folders, key=len, reverse=True):
        _remove_folder(root, empty)


def _stage(root: str, edit: FileEdit, stack: contextlib.ExitStack) -> _Staged:
    """Write an edit beside its file; if the new file is still there when the stack ends, it is removed."""
    name = _name(edit.path)
    temporary = f".{name[:200]}.{secrets.token_hex(4)}"  # a name that is ignored when a tree is read
    if edit.before is None:
        _make_folders(root, edit.path, stack)
    with _folder_of(root, edit.path) as folder:
        status = None if edit.before is None else _read_again(name, folder, edit, edit.before)
        if status and not os.access(name, os.W_OK, dir_fd=folder, effective_ids=True):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        descriptor = os.open(temporary, NEW_FILE, 0o600 if status else 0o644, dir_fd=folder)
        stack.callback(_remove, root, edit.path, temporary)
        with open(descriptor, "wb") as file:
            file.write(edit.after)
            file.flush()
            if status:
                _keep_access(descriptor, status)
            os.fsync(descriptor)
    return _Staged(edit, temporary, _status(status) if status else None)


def _keep_access(descriptor: int, status: os.stat_result) -> None:
    """Give a new file the owner and the mode of the one that it replaces."""
    if (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
        os.fchown(descriptor, status.st_uid, status.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(status.st_mode))


def _make_folders(root: str, path: str, stack: contextlib.ExitStack) -> None:
    """Make the missing folders above a new file; those that are empty when the stack ends are removed."""
    parts = path.split("/")
    for depth in range(1, len(parts)):
        folder = "/".join(parts[:depth])
        with _folder_of(root, folder) as above, contextlib.suppress(FileExistsError):
            os.mkdir(_name(folder), 0o755, dir_fd=above)
            stack.callback(_remove_folder, root, folder)
            os.fsync(above)


def _put_in_place(staged: _Staged, folder: int) -> None:
    """Give a file that is written beside its place its name; a new one takes no name that another has by now."""
    name = _name(staged.edit.path)
    if staged.seen is None:
        try:
            os.link(staged.temporary, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
        except OSError as error:
            if error.errno not in NO_HARD_LINKS:
                raise
        else:
            os.unlink(staged.temporary, dir_fd=folder)
            return
    os.rename(staged.temporary, name, src_dir_fd=folder, dst_dir_fd=folder)


def _read_again(name: str, folder: int, edit: FileEdit, before: bytes) -> os.stat_result:
    """Return the status of a file; raises EnvtreeError if its bytes have changed."""
    descriptor = os.open(name, OLD_FILE, dir_fd=folder)
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or file.read(len(before) + 1) != before:
            raise _changed(edit.path)
    return status


def _check(staged: _Staged, folder: int) -> None:
    """Raise EnvtreeError if a file was written since it was read again, or is there where none was."""
    try:
        seen = _status(os.stat(_name(staged.edit.path), dir_fd=folder, follow_symlinks=False))
    except FileNotFoundError:
        seen = None
    if seen != staged.seen:
        raise _changed(staged.edit.path)


@contextlib.contextmanager
def _folder_of(root: str, path: str) -> Iterator[int]:
    """Open the folder of a file, never through a link; it is closed again, since a tree may have a thousand folders."""
    descriptor = os.open(root, FOLDER)
    try:
        for each in path.split("/")[:-1]:
            inner = os.open(each, FOLDER, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        yield descriptor
    finally:
        os.close(descriptor)


def _remove(root: str, path: str, temporary: str) -> None:
    with contextlib.suppress(OSError), _folder_of(root, path) as folder:  # it has replaced the old file
        os.unlink(temporary, dir_fd=folder)


def _remove_folder(root: str, path: str) -> None:
    with contextlib.suppress(OSError), _folder_of(root, path) as above:  # something is in it
        os.rmdir(_name(path), dir_fd=above)


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _status(status: os.stat_result) -> tuple[int, ...]:
    """Return what changes whenever a file is written."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _changed(path: str) -> EnvtreeError:
    message = f"`{path}` changed while it was looked at"
    return EnvtreeError(Diagnostic("cannot-fix", message, help="nothing was written to it; try again"))


def _failed(path: str, error: OSError, done: Sequence[str]) -> EnvtreeError:
    if error.errno in (errno.ENOENT, errno.ELOOP, errno.ENOTDIR, errno.EEXIST):  # removed, or another is there
        return _changed(path)
    message = f"`{path}` can't be written: {system_reason(error)}"
    notes = (f"written before that: {some((f'`{each}`' for each in done), 6)}",) if done else ()
    return EnvtreeError(Diagnostic("cannot-write", message, notes=notes, help="mend the cause, then try again"))
