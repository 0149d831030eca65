"""What is wrong with the folders, links and scripts of a generation: owners, modes, and what they hold."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.store.descriptors import MAX_SMALL, opened, opened_file, read_plain
from envtree.adapters.store.ownership import mode_of, passable
from envtree.adapters.store.state import CURRENT, ENVDIRS, GENERATIONS, LOG, MANIFEST, SUPERVISE
from envtree.adapters.store.trust import is_builders, is_trusted, owns_values
from envtree.core.model.diagnostic import Diagnostic, system_reason
from envtree.core.output.manifest import Access, Manifest
from envtree.core.runit import supervision
from envtree.core.runit.envdir import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from envtree.adapters.store.ownership import Ownership


class Place(NamedTuple):
    """A folder that is held open, with its path for messages, and who should own and read what is in it."""

    descriptor: int
    path: str
    access: Access
    owner: Ownership


def damaged(
    path: str, what: str, advice: str = "build again with `--repair`: it writes what is missing or changed"
) -> Diagnostic:
    """Return the diagnostic for a part of an output that is not as it was built."""
    return Diagnostic("damaged-output", f"`{path}`: {what}", help=advice)


def value_faults(status: os.stat_result, mode: int, owner: Ownership) -> Iterator[str]:
    """Yield what is wrong with the mode and owner of what holds values, which may be another user's."""
    yield from _mode_faults(status, mode)
    if not owns_values(owner, status):
        yield "it belongs to another owner"


def _builder_faults(status: os.stat_result, mode: int, owner: Ownership) -> Iterator[str]:
    """Yield what is wrong with the mode and owner of what decides what is run."""
    yield from _mode_faults(status, mode)
    if not is_builders(owner, status):
        yield "it belongs to another owner"


def _mode_faults(status: os.stat_result, mode: int) -> Iterator[str]:
    if mode_of(status) != mode:
        yield f"its mode is {mode_of(status):04o}, not {mode:04o}"


def top_faults(place: Place) -> Iterator[Diagnostic]:
    """Yield what is wrong with the folders above generations and envdirs, the link to the current one, and the log."""
    for name in (ENVDIRS, GENERATIONS, CURRENT, LOG):
        try:
            status = os.stat(name, dir_fd=place.descriptor, follow_symlinks=False)
        except OSError:
            continue  # what is missing is found by what lies in it
        path = f"{place.path}/{name}"
        if not is_trusted(status.st_uid):
            yield damaged(path, "it belongs to another owner")
        if not stat.S_ISLNK(status.st_mode) and status.st_mode & 0o022:
            yield damaged(path, "others can write to it", f"run `chmod go-w {path}`")


def generation_faults(
    place: Place,
    manifest: Manifest,
    find_strays: Callable[[Place, Manifest], Iterator[Diagnostic]],
    selection: Manifest | None = None,
) -> Iterator[Diagnostic]:
    """Yield what is wrong with the links, folders and scripts of a generation, or of a selection of its nodes."""
    chosen = selection or manifest
    path = f"{place.path}/{GENERATIONS}/{manifest.generation}"
    try:
        with opened(GENERATIONS, place.descriptor) as parent, opened(manifest.generation, parent) as folder:
            inside = place._replace(descriptor=folder, path=path)
            status = os.stat(MANIFEST, dir_fd=folder, follow_symlinks=False)
            faults = _builder_faults(status, place.access.mode, place.owner)
            yield from (damaged(f"{path}/{MANIFEST}", what) for what in faults)
            yield from _link_faults(inside, chosen)
            yield from find_strays(inside, chosen)
            yield from _folder_faults(inside, chosen)
            yield from _scripts(inside, chosen)
    except OSError as error:
        yield damaged(path, f"it can't be read: {system_reason(error)}")


def _links(manifest: Manifest) -> dict[str, str]:
    """Return the links of a generation by their path in it, with their contents."""
    return {
        f"{node_path}/env": f"{'../' * (node_path.count('/') + 3)}{ENVDIRS}/{name}"
        for node_path, name in manifest.envdirs.items()
    }


def _link_faults(place: Place, manifest: Manifest) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each node whose link does not lead to its envdir."""
    for name, text in _links(manifest).items():
        try:
            if os.readlink(name, dir_fd=place.descriptor) != text:
                yield damaged(f"{place.path}/{name}", "it leads elsewhere than it was built to")
        except OSError:
            yield damaged(f"{place.path}/{name}", "the link is missing")


def no_strays(place: Place, manifest: Manifest) -> Iterator[Diagnostic]:  # noqa: ARG001 - in place of `strays`
    """Yield nothing, where strays are not looked for."""
    yield from ()


def strays(place: Place, manifest: Manifest) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each path in a generation that no build made."""
    links = _links(manifest)
    known = {*links, *_nodes(manifest), MANIFEST, supervision.NAME}
    for parent, inner, files, _ in os.fwalk(".", dir_fd=place.descriptor):
        above = parent.removeprefix(".").removeprefix("/")
        if above in manifest.scripts and above:
            inner.clear()  # a target: the contents of its folder are compared with the digest of its scripts
            continue
        for name in (*inner, *files):
            path = f"{above}/{name}".removeprefix("/")
            if path not in known:
                yield damaged(f"{place.path}/{path}", "no build made it", "remove it")


def _nodes(manifest: Manifest) -> set[str]:
    """Return the folders of a generation by their path in it; the empty path is the generation's own."""
    return {"", *(parent for path in _links(manifest) for parent in _above(path))}


def _folder_faults(place: Place, manifest: Manifest) -> Iterator[Diagnostic]:
    """Yield what is wrong with a generation's folders, which decide who can change what runs; none for missing ones."""
    for name in sorted(_nodes(manifest)):
        try:
            status = os.stat(name or ".", dir_fd=place.descriptor, follow_symlinks=False)
        except FileNotFoundError:
            continue
        yield from _own_folder_faults(f"{place.path}/{name}".rstrip("/"), status, place)


def _own_folder_faults(path: str, status: os.stat_result, place: Place) -> Iterator[Diagnostic]:
    """Yield what is wrong with a folder that stays the builder's."""
    if not stat.S_ISDIR(status.st_mode):
        yield damaged(path, "it is no folder")
        return
    mode = passable(place.access.folder_mode, place.owner, status.st_uid)
    yield from (damaged(path, what) for what in _builder_faults(status, mode, place.owner))


def _scripts(place: Place, manifest: Manifest) -> Iterator[Diagnostic]:
    """Yield what is wrong with the scripts of each target; files that runsv wrote beside them are left out."""
    for node_path, expected in manifest.scripts.items():
        contents: dict[str, bytes] = {}
        try:
            if node_path:
                yield from _service_folder(place, node_path, contents)
            else:
                yield from _script(place.descriptor, supervision.NAME, "", place, contents)
        except Unreadable as fault:
            yield damaged(fault.path, str(fault))
            continue
        except FileNotFoundError:
            contents.clear()  # there is no such folder
        if digest(contents, str(place.access)) != expected:
            yield damaged(f"{place.path}/{node_path}".rstrip("/"), "its scripts are not as they were built")


class Unreadable(Exception):
    """A script can't be read, so that the others of its target need not be."""

    def __init__(self, path: str, error: OSError) -> None:
        super().__init__(f"it can't be read: {system_reason(error)}")
        self.path = path


def _service_folder(place: Place, node_path: str, contents: dict[str, bytes]) -> Iterator[Diagnostic]:
    """Add the scripts of a target, and yield what is wrong with them and their folders.

    The link to the envdir is checked by itself, and what runsv made is left out.
    """
    for parent, inner, files, folder in os.fwalk(node_path, dir_fd=place.descriptor):
        inner[:] = [name for name in inner if name != SUPERVISE]
        above = parent.removeprefix(node_path).removeprefix("/")
        if above:
            path = f"{place.path}/{parent}"
            yield from _own_folder_faults(path, os.fstat(folder), place)
            if not inner and not files:
                yield damaged(path, "no build made it", "remove it")
        links = [name for name in inner if stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)]
        for name in sorted((*files, *links)):
            if above or name != "env":
                yield from _script(folder, name, parent, place, contents, above)


def _script(
    folder: int, name: str, parent: str, place: Place, contents: dict[str, bytes], above: str = ""
) -> Iterator[Diagnostic]:
    """Add the bytes of a script, and yield what is wrong with its mode and owner; raises Unreadable."""
    path = os.path.join(place.path, parent, name)
    try:
        with opened_file(name, folder) as descriptor:
            status = os.fstat(descriptor)
            contents[os.path.join(above, name)] = read_plain(descriptor, status, MAX_SMALL)
    except OSError as error:
        raise Unreadable(path, error) from None
    yield from (damaged(path, what) for what in _builder_faults(status, place.access.folder_mode, place.owner))


def _above(path: str) -> Iterator[str]:
    """Yield the folders above a path, up to the empty one."""
    while path:
        path = os.path.dirname(path)
        yield path
