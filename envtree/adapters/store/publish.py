"""A build's writing: staged beside, made durable by one syncfs, renamed into place; then `current` moves in one rename.

Until that last rename nothing that `current` leads to is touched, so a build that dies leaves the old output whole;
its staging folder is swept by the next one. Files take three calls each: openat, write, close.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.store.history import before, generations, prune
from envtree.adapters.store.output import locked, open_output
from envtree.adapters.store.state import (
    CURRENT,
    ENVDIRS,
    GENERATIONS,
    IGNORE,
    LOG,
    MANIFEST,
    OURS,
    STAGING,
    current,
    last_record,
)
from envtree.core.diagnostic import Diagnostic, EnvtreeError, some

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from envtree.core.manifest import Access, Envdir, Manifest

NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Published(NamedTuple):
    """What a build did to the output."""

    generation: str
    written: int
    """Envdirs that were written; the others were there."""
    files: int
    shared: int
    repaired: int
    """Envdirs that were there, but no longer as they had been built."""
    pruned: int
    """Generations that were removed."""
    moved: bool
    """`current` points elsewhere than before."""


class Ownership(NamedTuple):
    """The numbers to give files to; -1 leaves one as it is."""

    user: int = -1
    group: int = -1


def publish(
    out: str,
    manifest: Manifest,
    contents: dict[str, Envdir],
    record: str,
    access: Access,
    keep: int,
    on_wait: Callable[[], None],
    on_file: Callable[[int], None],
) -> Published:
    """Make a generation current, writing only the envdirs that are not there yet; raises EnvtreeError if it can't."""
    writer = _Writer(out, access, ownership(access.owner), on_file)
    replaced = current(out)
    umask = os.umask(0)
    try:
        with locked(out, access.folder_mode, on_wait) as folder:
            replaced = current(out)
            return writer.publish(folder, manifest, contents, record, keep)
    except OSError as error:
        raise _cannot_write(out, error, moved=current(out) != replaced) from None
    finally:
        os.umask(umask)


def ownership(owner: str) -> Ownership:
    """`USER`, `USER:GROUP` or `:GROUP`, by name or number; raises EnvtreeError for an unknown one."""
    if not owner:
        return Ownership()
    import grp
    import pwd

    user, _, group = owner.partition(":")
    try:
        return Ownership(
            int(user) if user.isdigit() else pwd.getpwnam(user).pw_uid if user else -1,
            int(group) if group.isdigit() else grp.getgrnam(group).gr_gid if group else -1,
        )
    except KeyError:
        message = f"this machine has no user or group `{owner}`"
        raise EnvtreeError(
            Diagnostic("unknown-owner", message, help="write `USER`, `USER:GROUP`, or numbers")
        ) from None


def roll_back(out: str, wanted: str | None, on_wait: Callable[[], None]) -> tuple[str | None, str]:
    """Make the generation before current again, or one whose name starts so; raises EnvtreeError if there is none."""
    os.close(open_output(out))
    with locked(out, 0o700, on_wait) as folder:
        now = current(out)
        name = _chosen(out, wanted)
        try:
            sweep(out)
            os.mkdir(STAGING, 0o700, dir_fd=folder)
            flip(name, folder)
            sweep(out)
        except OSError as error:
            raise _cannot_write(out, error, moved=current(out) != now) from None
    return now, name


def _chosen(out: str, wanted: str | None) -> str:
    names = generations(out)
    if wanted is None:
        name = before(out)
        if name is None:
            raise EnvtreeError(
                Diagnostic(
                    "no-generation",
                    f"`{out}` has no generation before the current one",
                    help="there is nothing to go back to; build again",
                )
            )
        return name
    found = [name for name in names if wanted and name.startswith(wanted)]
    if len(found) != 1:
        what = f"{len(found)} generations" if found else "no generation"
        known = some((name[:12] for name in reversed(names)), 5)
        raise EnvtreeError(
            Diagnostic(
                "no-generation", f"`{out}` has {what} that start with `{wanted}`", help=f"newest first, it has {known}"
            )
        )
    return found[0]


class _Writer:
    """Writes with one access and ownership."""

    def __init__(self, out: str, access: Access, owner: Ownership, on_file: Callable[[int], None]) -> None:
        self.out = out
        self.access = access
        self.owner = owner
        self.on_file = on_file
        self.files = 0

    def publish(
        self, folder: int, manifest: Manifest, contents: dict[str, Envdir], record: str, keep: int
    ) -> Published:
        sweep(self.out)
        replaced = current(self.out)
        generation = manifest.generation
        present = set(_listed(f"{self.out}/{ENVDIRS}"))
        damaged = [name for name in contents if name in present and not self.holds(name, contents[name])]
        missing = [name for name in contents if name not in present]
        self.admit(folder)
        self.own_folder(STAGING, folder)
        with self.opened(STAGING, folder) as staging:
            for name in (ENVDIRS, GENERATIONS):
                self.own_folder(f"{STAGING}/{name}", folder)
                with contextlib.suppress(FileExistsError):
                    os.mkdir(name, 0o700, dir_fd=folder)
                with self.opened(name, folder) as shelf:
                    self.admit(shelf)
            with self.opened(f"{STAGING}/{ENVDIRS}", folder) as envdirs:
                for name in (*missing, *damaged):
                    self.envdir(name, contents[name], envdirs)
            is_there = generation in _listed(f"{self.out}/{GENERATIONS}")
            is_whole = is_there and _is_whole(self.out, generation)
            if not is_whole:
                self.generation(f"{STAGING}/{GENERATIONS}/{generation}", manifest, folder)
            if not os.path.exists(f"{self.out}/{IGNORE}"):
                self.file(IGNORE.encode(), b"*\n", staging)
                os.rename(IGNORE, IGNORE, src_dir_fd=staging, dst_dir_fd=folder)
            _sync_all(staging)
            for name in damaged:
                os.rename(f"{self.out}/{ENVDIRS}/{name}", f"{self.out}/{STAGING}/{name}")
            for name in (*missing, *damaged):
                os.rename(f"{self.out}/{STAGING}/{ENVDIRS}/{name}", f"{self.out}/{ENVDIRS}/{name}")
            if is_there and not is_whole:
                os.rename(f"{self.out}/{GENERATIONS}/{generation}", f"{self.out}/{STAGING}/{generation}")
            if not is_whole:
                os.rename(f"{self.out}/{STAGING}/{GENERATIONS}/{generation}", f"{self.out}/{GENERATIONS}/{generation}")
            self.log(record)
            _sync_folders(f"{self.out}/{ENVDIRS}", f"{self.out}/{GENERATIONS}")
            if replaced != generation:
                flip(generation, folder)
        pruned = prune(self.out, keep, replaced=replaced)
        sweep(self.out)
        shared = len(contents) - len(missing) - len(damaged)
        return Published(generation, len(missing), self.files, shared, len(damaged), pruned, replaced != generation)

    def envdir(self, name: str, files: Envdir, parent: int) -> None:
        """One envdir, in a folder of its own."""
        self.own_folder(name, parent)
        with self.opened(name, parent) as folder:
            for variable, data in files.items():
                self.file(variable.encode(), data, folder)
            self.files += len(files)
            self.on_file(len(files))

    def generation(self, path: str, manifest: Manifest, folder: int) -> None:
        """A folder a node, with a link to its envdir, and the manifest."""
        made: set[str] = set()
        for place, digest in {"": "", **manifest.envdirs}.items():
            for parent in _parents(place):
                if parent not in made:
                    made.add(parent)
                    self.own_folder(f"{path}{parent}", folder)
            if place:
                up = "../" * (place.count("/") + 3)
                os.symlink(f"{up}{ENVDIRS}/{digest}", f"{path}/{place}/env", dir_fd=folder)
        self.file(f"{path}/{MANIFEST}".encode(), manifest.text.encode(), folder)

    def file(self, name: bytes, data: bytes, folder: int) -> None:
        """A new file, written whole."""
        descriptor = os.open(name, NEW_FILE, self.access.mode, dir_fd=folder)
        try:
            written = os.write(descriptor, data) if data else 0
            while written < len(data):
                written += os.write(descriptor, data[written:])
            if self.owner != (-1, -1):
                os.fchown(descriptor, *self.owner)
        finally:
            os.close(descriptor)

    def holds(self, name: str, files: Envdir) -> bool:
        """Whether an envdir that is there still is what was built: these names, bytes, modes and owners."""
        try:
            descriptor = os.open(f"{self.out}/{ENVDIRS}/{name}", FOLDER)
        except OSError:
            return False
        try:
            if not self.is_own(descriptor, self.access.folder_mode) or set(os.listdir(descriptor)) != files.keys():
                return False
            return all(self.content(variable, len(data), descriptor) == data for variable, data in files.items())
        finally:
            os.close(descriptor)

    def content(self, name: str, size: int, folder: int) -> bytes | None:
        """A file's bytes, as many as expected and one more; None for what is no plain file, or not as it was made."""
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
        status = os.fstat(descriptor)
        return (
            stat.S_IMODE(status.st_mode) == mode
            and self.owner.user in (-1, status.st_uid)
            and self.owner.group in (-1, status.st_gid)
        )

    def admit(self, folder: int) -> None:
        """Let whoever may read envdirs into a folder above them, which stays this user's, who builds into it again."""
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

    def own_folder(self, name: str, parent: int) -> None:
        os.mkdir(name, self.access.folder_mode, dir_fd=parent)
        if self.owner != (-1, -1):
            os.chown(name, *self.owner, dir_fd=parent)

    @contextlib.contextmanager
    def opened(self, name: str, parent: int) -> Iterator[int]:
        descriptor = os.open(name, FOLDER, dir_fd=parent)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    def log(self, record: str) -> None:
        """Append a line, unless it is the last one already; what a killed build left of a line is cut off first."""
        path = f"{self.out}/{LOG}"
        if last_record(self.out) == record:
            os.utime(path, follow_symlinks=False)  # later than the envdirs that were mended: they are known as whole
            return
        mode = self.access.mode | 0o200
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
        try:
            whole = _end_of_last_line(descriptor)
            os.ftruncate(descriptor, whole)
            line = f"{record}\n".encode()
            if os.pwrite(descriptor, line, whole) != len(line):
                os.ftruncate(descriptor, whole)
                raise OSError(errno.ENOSPC, "")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def flip(generation: str, folder: int) -> None:
    """Point `current` at a generation, in one rename, for good."""
    os.symlink(f"{GENERATIONS}/{generation}", f"{STAGING}/{CURRENT}", dir_fd=folder)
    os.rename(f"{STAGING}/{CURRENT}", CURRENT, src_dir_fd=folder, dst_dir_fd=folder)
    os.fsync(folder)


def sweep(out: str) -> None:
    """Remove what an unfinished build left over."""
    if os.path.lexists(f"{out}/{STAGING}"):
        import shutil

        try:
            shutil.rmtree(f"{out}/{STAGING}")
        except OSError as error:
            error.filename = f"{out}/{STAGING}"  # it knew no more than the last name
            raise


def _parents(place: str) -> Iterator[str]:
    """`a/b` to `""`, `/a`, `/a/b`."""
    path = ""
    yield path
    for part in place.split("/") if place else ():
        path = f"{path}/{part}"
        yield path


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except FileNotFoundError:
        return []


def _is_whole(out: str, generation: str) -> bool:
    from envtree.adapters.store.verify import is_whole

    return is_whole(out, generation)


def _end_of_last_line(descriptor: int) -> int:
    data = os.pread(descriptor, os.fstat(descriptor).st_size, 0)
    return data.rfind(b"\n") + 1


def _sync_all(descriptor: int) -> None:
    """Make all of a file system durable: one syncfs costs less than an fsync a file (0.5 ms each)."""
    import ctypes

    if ctypes.CDLL(None, use_errno=True).syncfs(descriptor) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _sync_folders(*paths: str) -> None:
    for path in paths:
        descriptor = os.open(path, FOLDER)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _cannot_write(out: str, error: OSError, *, moved: bool) -> EnvtreeError:
    state = "`current` has moved to the new generation, but it may not last" if moved else "`current` is as it was"
    reason = os.strerror(error.errno or 0).lower()
    return EnvtreeError(
        Diagnostic(
            "cannot-write",
            f"`{_place(out, error.filename)}` can't be written: {reason}",
            notes=(state,),
            help="mend the cause, then build again",
        )
    )


def _place(out: str, filename: object) -> str:
    """The path that an error is about, as far as it says: names may be relative to the output, or to a folder in it."""
    if not isinstance(filename, str):
        return out
    if filename.partition("/")[0] in OURS:
        return f"{out}/{filename}"
    is_around = filename.startswith(f"{out}/") or f"{os.path.abspath(out)}/".startswith(f"{filename}/")
    return filename if is_around else out
