"""Writes a build: staged, made durable by one syncfs, and renamed into place; then `current` moves in one rename.

Until that last rename nothing that `current` leads to is changed, except a damaged envdir that is repaired. A build
that dies leaves the old output complete, and the next build removes its staging folder. Each file takes three system
calls: openat, write, close.
"""

from __future__ import annotations

import contextlib
import errno
import os
from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.store.descriptors import MAX_LOG, opened, read_tail
from envtree.adapters.store.lock import locked
from envtree.adapters.store.ownership import ownership
from envtree.adapters.store.retention import move_away, prune, superfluous
from envtree.adapters.store.state import (
    CURRENT,
    ENVDIRS,
    GENERATIONS,
    IGNORE,
    LOG,
    OURS,
    STAGING,
    are_untouched,
    current,
    current_in,
    exists,
    last_record,
)
from envtree.adapters.store.verify import is_whole
from envtree.adapters.store.writer import Writer
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, system_reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from envtree.core.output.manifest import Access, Output


class Published(NamedTuple):
    """What a build changed in the output."""

    generation: str
    written: int
    """Envdirs that were written; the others existed."""
    files: int
    shared: int
    repaired: int
    """Envdirs that existed, but were not as they had been built."""
    pruned: int
    """Generations that were removed."""
    moved: bool
    """Whether `current` points to another generation than before."""
    is_unchanged: bool = False
    """Whether there was nothing to do."""


def publish(
    out: str,
    output: Output,
    record: str,
    access: Access,
    keep: int,
    used: frozenset[str],
    on_wait: Callable[[], None],
    on_file: Callable[[int], None],
) -> Published:
    """Make a generation current, writing only the envdirs that are missing; raises EnvtreeError where that fails.

    Of the other generations, the newest `keep` and the used ones are kept.
    """
    writer = Writer(access, ownership(access.owner), on_file)
    previous = current(out)
    umask = os.umask(0)
    try:
        with locked(out, access.folder_mode, on_wait) as folder:
            previous = current_in(folder)
            return _publish(folder, writer, output, record, keep, used)
    except OSError as error:
        raise cannot_write(out, error, moved=current(out) != previous) from None
    finally:
        os.umask(umask)


class Work(NamedTuple):
    """What a build has to write: envdirs by digest, the generation's folder, the file that makes git ignore all."""

    missing: tuple[str, ...]
    damaged: tuple[str, ...]
    is_there: bool
    is_whole: bool
    is_ignored: bool

    @property
    def is_done(self) -> bool:
        """Whether there is nothing to write."""
        return not self.missing and not self.damaged and self.is_whole and self.is_ignored


def _publish(folder: int, writer: Writer, output: Output, record: str, keep: int, used: frozenset[str]) -> Published:
    """Publish an output in a locked folder."""
    remove_staging(folder)
    manifest = output.manifest
    previous, work = current_in(folder), _survey(folder, writer, output)
    shared = len(output.envdirs) - len(work.missing) - len(work.damaged)
    is_current = previous == manifest.generation and last_record(folder) == record
    if work.is_done and is_current and not any(superfluous(folder, keep, previous, used)):
        if not are_untouched(folder):
            _settle(folder)
        return Published(manifest.generation, 0, 0, shared, 0, 0, moved=False, is_unchanged=True)
    writer.allow_readers(folder)
    os.mkdir(STAGING, 0o700, dir_fd=folder)
    with opened(STAGING, folder) as staging:
        _stage(writer, work, output, folder, staging)
        _move_into_place(folder, staging, work, manifest.generation)
        _log(folder, record, writer.access.mode | 0o200)
        _sync_folders(folder, ENVDIRS, GENERATIONS)
        if previous != manifest.generation:
            switch_current(manifest.generation, folder)
        pruned = prune(folder, staging, keep, previous, used)
    remove_staging(folder)
    _settle(folder)
    written, damaged = len(work.missing), len(work.damaged)
    moved = previous != manifest.generation
    return Published(manifest.generation, written, writer.files, shared, damaged, pruned, moved)


def _survey(folder: int, writer: Writer, output: Output) -> Work:
    """Return what must be written. Existing envdirs are read back, since only what was built may be shared."""
    generation, contents = output.manifest.generation, output.envdirs
    damaged: list[str] = []
    present: set[str] = set()
    with contextlib.suppress(FileNotFoundError), opened(ENVDIRS, folder) as envdirs:
        present.update(os.listdir(envdirs))
        damaged += (each for each in contents if each in present and not writer.matches(each, contents[each], envdirs))
    is_there = False
    with contextlib.suppress(FileNotFoundError), opened(GENERATIONS, folder) as generations:
        is_there = exists(generation, generations)
    return Work(
        tuple(name for name in contents if name not in present),
        tuple(damaged),
        is_there,
        is_there and is_whole(folder, generation),
        exists(IGNORE, folder),
    )


def _stage(writer: Writer, work: Work, output: Output, folder: int, staging: int) -> None:
    """Write everything that is missing into the staging folder, and make it durable."""
    for name in (ENVDIRS, GENERATIONS):
        os.mkdir(name, 0o700, dir_fd=staging)
        with contextlib.suppress(FileExistsError):
            os.mkdir(name, 0o700, dir_fd=folder)
        with opened(name, folder) as parent:
            writer.allow_readers(parent)
    with opened(ENVDIRS, staging) as envdirs:
        for name in (*work.missing, *work.damaged):
            writer.envdir(name, output.envdirs[name], envdirs)
    if not work.is_whole:
        with opened(GENERATIONS, staging) as generations:
            writer.generation(output.manifest.generation, output, generations)
    if not work.is_ignored:
        writer.file(IGNORE.encode(), b"*\n", staging, writer.access.mode, writer.readers)
    _sync_all(staging)


def _move_into_place(folder: int, staging: int, work: Work, generation: str) -> None:
    """Rename what is staged to its place; a damaged one is moved away first, so it is missing for an instant."""
    if not work.is_ignored:
        os.rename(IGNORE, IGNORE, src_dir_fd=staging, dst_dir_fd=folder)
    with opened(ENVDIRS, folder) as envdirs, opened(ENVDIRS, staging) as staged:
        for name in work.damaged:
            move_away(name, envdirs, name, staging)
        for name in (*work.missing, *work.damaged):
            os.rename(name, name, src_dir_fd=staged, dst_dir_fd=envdirs)
    with opened(GENERATIONS, folder) as generations, opened(GENERATIONS, staging) as staged:
        if work.is_there and not work.is_whole:
            move_away(generation, generations, generation, staging)
        if not work.is_whole:
            os.rename(generation, generation, src_dir_fd=staged, dst_dir_fd=generations)


def _log(folder: int, record: str, mode: int) -> None:
    """Append a line to the log, unless it is the last one; a part of a line from a killed build is cut off first."""
    if last_record(folder) == record:
        return
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(LOG, flags, mode, dir_fd=folder)
    try:
        complete_size = _end_of_last_line(descriptor)
        os.ftruncate(descriptor, complete_size)
        line = f"{record}\n".encode()
        if os.pwrite(descriptor, line, complete_size) != len(line):
            os.ftruncate(descriptor, complete_size)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _settle(folder: int) -> None:
    """Make the log newer than everything that was moved, repaired or copied: all of that is known to be complete."""
    os.utime(LOG, dir_fd=folder, follow_symlinks=False)


def switch_current(generation: str, folder: int) -> None:
    """Point `current` at a generation, in one durable rename."""
    os.symlink(f"{GENERATIONS}/{generation}", f"{STAGING}/{CURRENT}", dir_fd=folder)
    os.rename(f"{STAGING}/{CURRENT}", CURRENT, src_dir_fd=folder, dst_dir_fd=folder)
    os.fsync(folder)


def remove_staging(folder: int) -> None:
    """Remove what an unfinished build left."""
    if exists(STAGING, folder):
        import shutil

        try:
            shutil.rmtree(STAGING, dir_fd=folder)
        except OSError as error:
            error.filename = STAGING  # rmtree sets only the last name
            raise


def _end_of_last_line(descriptor: int) -> int:
    """Return where the last line of the log ends, looking no further back than a log is read."""
    data = read_tail(descriptor, MAX_LOG)
    return os.fstat(descriptor).st_size - len(data) + data.rfind(b"\n") + 1


def _sync_all(descriptor: int) -> None:
    """Make all of a file system durable: one syncfs costs less than an fsync for each file (0.5 ms each)."""
    import ctypes

    if ctypes.CDLL(None, use_errno=True).syncfs(descriptor) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _sync_folders(folder: int, *names: str) -> None:
    for name in names:
        with opened(name, folder) as child:
            os.fsync(child)


def cannot_write(out: str, error: OSError, *, moved: bool) -> EnvtreeError:
    """Return the error for a failed write, with the state of `current`."""
    state = "`current` has moved to the new generation, but it may not last" if moved else "`current` is as it was"
    reason = system_reason(error)
    return EnvtreeError(
        Diagnostic(
            "cannot-write",
            f"`{_path_of(out, error.filename)}` can't be written: {reason}",
            notes=(state,),
            help="mend the cause, then build again",
        )
    )


def _path_of(out: str, filename: object) -> str:
    """Return the path of an error if it has one; names may be relative to the output or to a folder in it."""
    if not isinstance(filename, str):
        return out
    if filename.partition("/")[0] in OURS:
        return f"{out}/{filename}"
    is_around = filename.startswith(f"{out}/") or f"{os.path.abspath(out)}/".startswith(f"{filename}/")
    return filename if is_around else out
