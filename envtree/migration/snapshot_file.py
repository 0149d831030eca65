"""Snapshots of a fleet on disk: every secret in clear, so only in files of their user alone, and in no repository."""

from __future__ import annotations

import contextlib
import os
import secrets
import shlex
import stat
from typing import TYPE_CHECKING

from envtree.adapters.files.plain_file import read_plain_file
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, some, system_reason
from envtree.core.model.source import SETTINGS
from envtree.core.render.mask import one_line
from envtree.migration.apps.fleet import Fleet
from envtree.migration.apps.snapshot import InvalidSnapshot, as_json, read, read_config

if TYPE_CHECKING:
    from envtree.core.model.diagnostic import Code
    from envtree.migration.apps.fleet import App

MAX_SNAPSHOT = 256 << 20
MAX_CONFIG = 4 << 20
"""Heroku takes 64 KB of config vars for an app."""
MAX_CONFIGS = 10_000
SUFFIX = ".json"
NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
FOR_OTHERS = 0o066
ELSEWHERE = "nothing was written; choose a folder outside of it that is yours alone"
WRITE_ONE = "`envtree heroku snapshot FILE` writes one"
WRITE_CONFIG = "`heroku config --json -a APP > APP.json` writes the file of an app"


def write_snapshot(path: str, fleet: Fleet) -> None:
    """Write a new file that only this user can read, all of it or nothing.

    Raises EnvtreeError where there is something already, where others could get at it, or where it can't be written.
    """
    check_path(path)
    folder, name = os.path.split(path)
    try:
        _write(os.path.realpath(folder), name, path, as_json(fleet).encode())
    except FileExistsError:
        raise _already_exists(path) from None
    except OSError as error:
        message = f"`{one_line(path)}` can't be written: {system_reason(error)}"
        raise _error("cannot-write", message, "nothing was left behind") from None


def check_path(path: str) -> None:
    """Raise EnvtreeError where a snapshot must not be: before a minute is spent on reading one."""
    folder, name = os.path.split(path)
    if not name:
        raise _error("unusable-snapshot", f"`{one_line(path)}` names no file", "name one; nothing was written")
    if os.path.lexists(path):
        raise _already_exists(path)
    _refuse_repository(os.path.realpath(folder), path)


def _refuse_repository(folder: str, path: str) -> None:
    """Raise EnvtreeError for a folder in a repository or tree: files there are soon committed or copied."""
    above = ""
    while above != folder:
        above, folder = folder, os.path.dirname(folder)
        for marker, what in ((".git", "a git repository"), (SETTINGS, "a tree")):
            if os.path.lexists(os.path.join(above, marker)):
                message = f"`{one_line(path)}` would lie in {what}, `{one_line(above)}`, with every secret in clear"
                raise _error("exposed-snapshot", message, ELSEWHERE)


def _write(folder: str, name: str, path: str, data: bytes) -> None:
    """Write a file beside, then link it: a link replaces nothing that is there."""
    temporary = f".{name[:200]}.{secrets.token_hex(4)}"
    with contextlib.ExitStack() as stack:
        descriptor = os.open(folder, FOLDER)
        stack.callback(os.close, descriptor)
        mode = os.fstat(descriptor).st_mode
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            message = f"others can write to the folder of `{one_line(path)}`, and put another file in its place"
            raise _error("exposed-snapshot", message, f"nothing was written; run `chmod o-w {_shell_word(folder)}`")
        file = os.open(temporary, NEW_FILE, 0o600, dir_fd=descriptor)
        stack.callback(os.unlink, temporary, dir_fd=descriptor)
        with open(file, "wb") as stream:
            os.fchmod(file, 0o600)  # whatever the umask
            if os.fstat(file).st_mode & FOR_OTHERS:
                message = f"`{one_line(path)}` can't be kept from others: its file system knows no access rights"
                raise _error("exposed-snapshot", message, ELSEWHERE)
            stream.write(data)
            stream.flush()
            os.fsync(file)
        os.link(temporary, name, src_dir_fd=descriptor, dst_dir_fd=descriptor)
        try:
            os.fsync(descriptor)
        except OSError:
            os.unlink(name, dir_fd=descriptor)
            raise


def read_snapshot(path: str) -> Fleet:
    """Return the fleet in a snapshot, or in a folder of `APP.json` files as `heroku config --json` prints them.

    Raises EnvtreeError where the path is neither, or where others than this user can read it.
    """
    if os.path.isdir(path):
        return _read_folder(path)
    text = _read(path, MAX_SNAPSHOT)
    try:
        return read(text)
    except InvalidSnapshot as error:
        raise _error("unusable-snapshot", f"`{one_line(path)}` can't be used: {error}", WRITE_ONE) from None


def _read_folder(folder: str) -> Fleet:
    """Return the apps of a folder, one from each file; raises EnvtreeError with all that is wrong."""
    try:
        names = sorted(name for name in os.listdir(folder) if not name.startswith("."))
    except OSError as error:
        raise _error("unusable-snapshot", f"`{one_line(folder)}` can't be read: {system_reason(error)}") from None
    if not names:
        raise _error("unusable-snapshot", f"`{one_line(folder)}` has no files", WRITE_CONFIG)
    if len(names) > MAX_CONFIGS:
        raise _error("unusable-snapshot", f"`{one_line(folder)}` has more than {MAX_CONFIGS:,} files")
    _refuse_exposed(folder, names)
    apps: list[App] = []
    faults: list[Diagnostic] = []
    for name in names:
        try:
            apps.append(_read_config(f"{folder}/{name}", name))
        except EnvtreeError as error:
            faults += error.diagnostics
    if faults:
        raise EnvtreeError(*faults)
    return Fleet(tuple(sorted(apps, key=lambda app: app.name)))


def _refuse_exposed(folder: str, names: list[str]) -> None:
    """Raise EnvtreeError with one diagnostic for all files that others can read: one umask wrote them all."""
    paths = [f"{folder}/{name}" for name in names if name.endswith(SUFFIX)]
    exposed = [f"`{one_line(path)}`" for path in paths if os.path.isfile(path) and os.stat(path).st_mode & FOR_OTHERS]
    if exposed:
        message = f"others than you can read {some(exposed)}, with every secret in clear"
        raise _error("exposed-snapshot", message, f"run `chmod 600 {_shell_word(folder)}/*{SUFFIX}`")


def _read_config(path: str, name: str) -> App:
    if not name.endswith(SUFFIX):
        message = f"`{one_line(path)}` is no file of an app: its name doesn't end in `{SUFFIX}`"
        raise _error("unusable-snapshot", message, "move it elsewhere")
    text = _read(path, MAX_CONFIG)
    try:
        return read_config(name.removesuffix(SUFFIX), text)
    except InvalidSnapshot as error:
        raise _error("unusable-snapshot", f"`{one_line(path)}` can't be used: {error}", WRITE_CONFIG) from None


def _read(path: str, limit: int) -> str:
    """Return the text of a plain file that nobody else can read."""
    try:
        data, status = read_plain_file(path, limit + 1)
    except OSError as error:
        raise _error("unusable-snapshot", f"`{one_line(path)}` can't be read: {system_reason(error)}") from None
    if status.st_mode & FOR_OTHERS:
        message = f"others than you can read `{one_line(path)}`, with every secret in clear"
        raise _error("exposed-snapshot", message, f"run `chmod 600 {_shell_word(path)}`")
    if max(len(data), status.st_size) > limit:
        raise _error("unusable-snapshot", f"`{one_line(path)}` is larger than {limit >> 20} MiB")
    with contextlib.suppress(UnicodeDecodeError):  # the error holds all of it
        return data.decode()
    raise _error("unusable-snapshot", f"`{one_line(path)}` is not UTF-8", "save it as UTF-8")


def _shell_word(path: str) -> str:
    """Return a path as a shell takes it."""
    return shlex.quote(one_line(path))


def _already_exists(path: str) -> EnvtreeError:
    return _error(
        "unusable-snapshot", f"`{one_line(path)}` is already there", "nothing was written; choose another name"
    )


def _error(code: Code, message: str, advice: str = "") -> EnvtreeError:
    return EnvtreeError(Diagnostic(code, message, help=advice))
