"""Writes files with one mode and owner, and checks whether existing files were written so."""

from __future__ import annotations

import contextlib
import os
import stat
from typing import TYPE_CHECKING

from envtree.adapters.store.ownership import mode_of
from envtree.adapters.store.state import ENVDIRS, MANIFEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from envtree.adapters.store.ownership import Ownership
    from envtree.core.output.manifest import Access, Envdir, Output

NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Writer:
    """Writes files of one mode and owner, and counts them."""

    def __init__(self, access: Access, owner: Ownership, on_file: Callable[[int], None]) -> None:
        self.access = access
        self.owner = owner
        self.on_file = on_file
        self.files = 0

    def envdir(self, name: str, files: Envdir, parent: int) -> None:
        """Write one envdir, in a folder of its own."""
        self.make_folder(name, parent)
        with opened(name, parent) as folder:
            for variable, data in files.items():
                self.file(variable.encode(), data, folder)
            self.files += len(files)
            self.on_file(len(files))

    def generation(self, path: str, output: Output, folder: int) -> None:
        """Write a folder for each node, with a link to its envdir; the scripts of the targets; and the manifest."""
        manifest = output.manifest
        made: set[str] = set()
        for node_path, digest in {"": "", **manifest.envdirs}.items():
            for parent in _parents(node_path):
                if parent not in made:
                    made.add(parent)
                    self.make_folder(f"{path}{parent}", folder)
            if node_path:
                up = "../" * (node_path.count("/") + 3)
                os.symlink(f"{up}{ENVDIRS}/{digest}", f"{path}/{node_path}/env", dir_fd=folder)
        for node_path, files in output.scripts.items():
            with opened(f"{path}/{node_path}", folder) as service_folder:
                self.scripts(files, service_folder)
        self.file(f"{path}/{MANIFEST}".encode(), manifest.text.encode(), folder)

    def scripts(self, files: Mapping[str, bytes], folder: int) -> None:
        """Write files that everyone who may read them may also run; some are in folders of their own."""
        for name in sorted({os.path.dirname(path) for path in files} - {""}):
            self.make_folder(name, folder)
        for path, data in files.items():
            self.file(path.encode(), data, folder, self.access.folder_mode)

    def file(self, name: bytes, data: bytes, folder: int, mode: int | None = None) -> None:
        """Write a complete new file."""
        descriptor = os.open(name, NEW_FILE, self.access.mode if mode is None else mode, dir_fd=folder)
        try:
            written = os.write(descriptor, data) if data else 0
            while written < len(data):
                written += os.write(descriptor, data[written:])
            if self.owner != (-1, -1):
                os.fchown(descriptor, *self.owner)
        finally:
            os.close(descriptor)

    def matches(self, path: str, files: Envdir) -> bool:
        """Return whether an existing envdir is still as it was built: its names, bytes, modes and owners."""
        try:
            descriptor = os.open(path, FOLDER)
        except OSError:
            return False
        try:
            if not self.is_own(descriptor, self.access.folder_mode) or set(os.listdir(descriptor)) != files.keys():
                return False
            return all(self.content(variable, len(data), descriptor) == data for variable, data in files.items())
        finally:
            os.close(descriptor)

    def content(self, name: str, size: int, folder: int) -> bytes | None:
        """Return up to one byte more than expected of a plain file; None if its mode or owner is another."""
        try:
            descriptor = os.open(
                name.encode(), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder
            )
        except OSError:
            return None
        try:
            return os.read(descriptor, size + 1) if self.is_own(descriptor, self.access.mode) else None
        except OSError:
            return None
        finally:
            os.close(descriptor)

    def is_own(self, descriptor: int, mode: int) -> bool:
        """Return whether a descriptor has this mode and this writer's owner."""
        status = os.fstat(descriptor)
        return (
            mode_of(status) == mode
            and self.owner.user in (-1, status.st_uid)
            and self.owner.group in (-1, status.st_gid)
        )

    def allow_readers(self, folder: int) -> None:
        """Let all readers of envdirs enter a folder above them; this user still owns it and builds there."""
        status = os.fstat(folder)
        mode = stat.S_IMODE(status.st_mode)
        if mode & 0o001:
            return
        wanted = mode | self.access.folder_mode
        if self.owner.user not in (-1, status.st_uid):
            wanted |= 0o001
        if self.owner.group not in (-1, status.st_gid):
            os.fchown(folder, -1, self.owner.group)
        if wanted != mode:
            os.fchmod(folder, wanted)

    def make_folder(self, name: str, parent: int) -> None:
        """Make a folder of this writer's mode and owner."""
        os.mkdir(name, self.access.folder_mode, dir_fd=parent)
        if self.owner != (-1, -1):
            os.chown(name, *self.owner, dir_fd=parent)


@contextlib.contextmanager
def opened(name: str, parent: int | None = None) -> Iterator[int]:
    """Open a folder, never through a link, and yield its descriptor."""
    descriptor = os.open(name, FOLDER, dir_fd=parent)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _parents(node_path: str) -> Iterator[str]:
    """Yield `a/b` as the empty text, `/a`, `/a/b`."""
    path = ""
    yield path
    for part in node_path.split("/") if node_path else ():
        path = f"{path}/{part}"
        yield path
