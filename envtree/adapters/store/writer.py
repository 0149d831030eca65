"""Writes files with one mode and owner, and checks whether existing files were written so."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from envtree.adapters.store.descriptors import NEW_FILE, opened, opened_file, read_plain
from envtree.adapters.store.ownership import PASS, Ownership, mode_of, passable
from envtree.adapters.store.state import ENVDIRS, MANIFEST
from envtree.adapters.store.trust import owns_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from os import stat_result

    from envtree.core.output.manifest import Access, Envdir, Output


class Writer:
    """Writes files of one mode, values of one owner, and counts them."""

    def __init__(self, access: Access, owner: Ownership, on_file: Callable[[int], None]) -> None:
        self.access = access
        self.owner = owner
        self.on_file = on_file
        self.files = 0

    def envdir(self, name: str, files: Envdir, parent: int) -> None:
        """Write one envdir, in a folder of its own; it is its owner's when all is written, and not before."""
        os.mkdir(name, self.access.folder_mode, dir_fd=parent)
        with opened(name, parent) as folder:
            for variable, data in files.items():
                self.file(variable.encode(), data, folder, self.access.mode, self.owner)
            if self.owner != (-1, -1):
                os.fchown(folder, *self.owner)
        self.files += len(files)
        self.on_file(len(files))

    def generation(self, name: str, output: Output, parent: int) -> None:
        """Write a folder for each node, with a link to its envdir; the scripts of the targets; and the manifest.

        All of it stays the builder's, since it decides what is run.
        """
        manifest = output.manifest
        made: set[str] = set()
        for node_path, digest in {"": "", **manifest.envdirs}.items():
            for folder in _parents(node_path):
                if folder not in made:
                    made.add(folder)
                    self.make_folder(f"{name}{folder}", parent)
            if node_path:
                up = "../" * (node_path.count("/") + 3)
                os.symlink(f"{up}{ENVDIRS}/{digest}", f"{name}/{node_path}/env", dir_fd=parent)
        for node_path, files in output.scripts.items():
            with opened(f"{name}/{node_path}", parent) as service_folder:
                self.scripts(files, service_folder)
        self.file(f"{name}/{MANIFEST}".encode(), manifest.text.encode(), parent, self.access.mode, self.readers)

    def scripts(self, files: Mapping[str, bytes], folder: int) -> None:
        """Write files that everyone who may read them may also run; some are in folders of their own."""
        for name in sorted({os.path.dirname(path) for path in files} - {""}):
            self.make_folder(name, folder)
        for path, data in files.items():
            self.file(path.encode(), data, folder, self.access.folder_mode, self.readers)

    def file(self, name: bytes, data: bytes, folder: int, mode: int, owner: Ownership) -> None:
        """Write a complete new file, which is its owner's when all is written."""
        descriptor = os.open(name, NEW_FILE, mode, dir_fd=folder)
        try:
            written = os.write(descriptor, data) if data else 0
            while written < len(data):
                written += os.write(descriptor, data[written:])
            if owner != (-1, -1):
                os.fchown(descriptor, *owner)
        finally:
            os.close(descriptor)

    def matches(self, name: str, files: Envdir, parent: int) -> bool:
        """Return whether an existing envdir is still as it was built: its names, bytes, modes and owners."""
        try:
            with opened(name, parent) as folder:
                is_same = self.is_own(os.fstat(folder), self.access.folder_mode)
                is_same = is_same and set(os.listdir(folder)) == files.keys()
                return is_same and all(self.content(each, len(data), folder) == data for each, data in files.items())
        except OSError:
            return False

    def content(self, name: str, size: int, folder: int) -> bytes | None:
        """Return the bytes of a plain file; None if it is larger than expected, or its mode or owner is another."""
        try:
            with opened_file(name.encode(), folder) as descriptor:
                status = os.fstat(descriptor)
                return read_plain(descriptor, status, size) if self.is_own(status, self.access.mode) else None
        except OSError:
            return None

    def is_own(self, status: stat_result, mode: int) -> bool:
        """Return whether a value's file or folder has this mode and this writer's owner."""
        return mode_of(status) == mode and owns_values(self.owner, status)

    @property
    def readers(self) -> Ownership:
        """Who may read what stays the builder's: the group, if there is one."""
        return Ownership(group=self.owner.group)

    def allow_readers(self, folder: int) -> None:
        """Let all readers of envdirs enter a folder above them; this user still owns it and builds there."""
        status = os.fstat(folder)
        mode = stat.S_IMODE(status.st_mode)
        if mode & PASS == PASS:
            return
        wanted = mode | passable(self.access.folder_mode, self.owner, status.st_uid)
        if self.owner.group not in (-1, status.st_gid):
            os.fchown(folder, -1, self.owner.group)
        if wanted != mode:
            os.fchmod(folder, wanted)

    def make_folder(self, name: str, parent: int) -> None:
        """Make a folder above envdirs, which its readers may enter."""
        os.mkdir(name, passable(self.access.folder_mode, self.owner, os.geteuid()), dir_fd=parent)
        if self.owner.group != -1:
            with opened(name, parent) as folder:
                os.fchown(folder, *self.readers)


def _parents(node_path: str) -> Iterator[str]:
    """Yield `a/b` as the empty text, `/a`, `/a/b`."""
    path = ""
    yield path
    for part in node_path.split("/") if node_path else ():
        path = f"{path}/{part}"
        yield path
