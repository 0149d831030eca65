"""Reads an output back and compares it with its manifest: every name, byte, mode, owner and link.

All is opened relative to the output's folder, which is held open, and never through a link.
"""

from __future__ import annotations

import errno
import os
import stat
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.store.descriptors import MAX_MANIFEST, MAX_SMALL, opened, opened_file, read_file, read_plain
from envtree.adapters.store.lock import held_output, is_unfinished
from envtree.adapters.store.ownership import mode_of, ownership, passable
from envtree.adapters.store.state import (
    CURRENT,
    ENVDIRS,
    GENERATIONS,
    LOG,
    MANIFEST,
    STAGING,
    SUPERVISE,
    current_in,
)
from envtree.adapters.store.trust import ROOT, is_builders, is_trusted, owns_values
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, system_reason
from envtree.core.output.inventory import nodes
from envtree.core.output.manifest import Access, Manifest, OtherFormat, access_of, name_of, read_envdirs, read_manifest
from envtree.core.runit import supervision
from envtree.core.runit.envdir import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from envtree.adapters.store.ownership import Ownership
    from envtree.core.model.tree import Target


class Verified(NamedTuple):
    """What was read back: the generation, and the numbers of its envdirs and their files."""

    generation: str
    envdirs: int
    files: int


class Place(NamedTuple):
    """A folder that is held open, with its path for messages, and who should own and read what is in it."""

    descriptor: int
    path: str
    access: Access
    owner: Ownership


def verify(out: str, generation: str | None = None) -> tuple[Verified, tuple[Diagnostic, ...]]:
    """Read a generation back (the current one, if none is named), and return what is not as it was built."""
    with held_output(out) as folder:
        name = generation or current_in(folder)
        if name is None:
            message = f"`{out}` has no current generation"
            raise EnvtreeError(Diagnostic("no-generation", message, help=f"run `envtree build --out {out}`"))
        manifest, problems = _manifest(folder, out, name)
        if manifest is None:
            return Verified(name, 0, 0), tuple(problems)
        place = _place(folder, out, manifest)
        digests = sorted(set(manifest.envdirs.values()))
        files = 0
        for each in digests:
            found, faults = _envdir(place, each)
            files += found
            problems += faults
        problems += _generation_faults(place, manifest, _strays)
        problems += _top_faults(place)
        if is_unfinished(folder):
            advice = "build again: it clears what was left over"
            problems.append(_damaged(f"{out}/{STAGING}", "a build was not finished", advice))
        return Verified(name, len(digests), files), tuple(problems)


def verify_targets(out: str, manifest: Manifest, targets: Iterable[Target]) -> tuple[Diagnostic, ...]:
    """Return what is not as it was built, of all that these targets of a generation need."""
    chosen = tuple(targets)
    node_paths = {node_path for target in chosen for node_path in nodes(target)}
    envdirs = {node_path: manifest.envdirs[node_path] for node_path in sorted(node_paths)}
    scripts = {node_path: manifest.scripts[node_path] for node_path in ("", *sorted(map(str, chosen)))}
    with held_output(out, trusted=(ROOT,)) as folder:
        place = _place(folder, out, manifest)
        problems = [fault for each in sorted(set(envdirs.values())) for fault in _envdir(place, each)[1]]
        problems += _generation_faults(place, manifest, _nothing, Manifest(manifest.text, envdirs, scripts))
        problems += _top_faults(place)
    return tuple(problems)


def is_whole(folder: int, generation: str) -> bool:
    """Return whether the manifest, links, folders and scripts of a generation are as they were built; envdirs aside."""
    manifest, problems = _manifest(folder, "", generation)
    return manifest is not None and not any(
        chain(problems, _generation_faults(_place(folder, "", manifest), manifest, _strays))
    )


def manifest_of(out: str, generation: str | None) -> Manifest | None:
    """Return the manifest of a generation; None if it is missing or not as it was built."""
    try:
        with opened(out) as folder:
            return manifest_in(folder, out, generation)
    except OSError:
        return None


def manifest_in(folder: int, out: str, generation: str | None) -> Manifest | None:
    """Return the manifest of a generation in an open output; None if it is missing or not as it was built."""
    return _manifest(folder, out, generation)[0] if generation else None


def envdirs_of(out: str, generation: str | None) -> dict[str, str]:
    """Return a generation's envdirs by node path, whichever envtree built it; empty if its manifest is unreadable."""
    try:
        with opened(out) as folder:
            return read_envdirs(_text(folder, str(generation)))
    except (OSError, ValueError):
        return {}


def _place(folder: int, out: str, manifest: Manifest) -> Place:
    access = access_of(manifest.text)
    return Place(folder, out, access, ownership(access.owner))


def _damaged(
    path: str, what: str, advice: str = "build again with `--repair`: it writes what is missing or changed"
) -> Diagnostic:
    return Diagnostic("damaged-output", f"`{path}`: {what}", help=advice)


def _text(folder: int, generation: str) -> str:
    """Return the text of a generation's manifest; raises OSError or ValueError where it can't be read."""
    with opened(GENERATIONS, folder) as parent, opened(generation, parent) as place:
        return read_file(MANIFEST, MAX_MANIFEST, place).decode()


def _manifest(folder: int, out: str, name: str) -> tuple[Manifest | None, list[Diagnostic]]:
    """Return a generation's manifest, or what is wrong with it; raises EnvtreeError where another envtree built it."""
    place = f"{out}/{GENERATIONS}/{name}"
    path, text = f"{place}/{MANIFEST}", ""
    try:
        text = _text(folder, name)
        manifest = read_manifest(text)
    except OtherFormat as error:
        if name_of(text) != name:
            return None, [_damaged(path, "its content doesn't match the generation's name")]
        raise EnvtreeError(Diagnostic("unusable-output", f"`{place}` {error}", help="build again")) from None
    except FileNotFoundError:
        return None, [_damaged(path, "it is missing")]
    except (OSError, ValueError):
        return None, [_damaged(path, "it can't be read as a manifest of this version")]
    if manifest.generation != name:
        return None, [_damaged(path, "its content doesn't match the generation's name")]
    return manifest, []


def _envdir(place: Place, name: str) -> tuple[int, list[Diagnostic]]:
    """Return how many files an envdir has, and what is wrong with it."""
    path = f"{place.path}/{ENVDIRS}/{name}"
    try:
        with opened(ENVDIRS, place.descriptor) as parent, opened(name, parent) as folder:
            names = sorted(os.listdir(folder))
            status = os.fstat(folder)
            problems = [_damaged(path, what) for what in _value_faults(status, place.access.folder_mode, place.owner)]
            contents: dict[str, bytes] = {}
            for each in names:
                problems += _value(folder, each, f"{path}/{each}", place, contents)
    except OSError as error:
        return 0, [_damaged(path, f"the envdir can't be read: {system_reason(error)}")]
    if len(contents) == len(names) and digest(contents, str(place.access)) != name:
        problems.append(_damaged(path, "names or values are not as they were built"))
    return len(names), problems


def _value(folder: int, name: str, path: str, place: Place, contents: dict[str, bytes]) -> Iterator[Diagnostic]:
    """Add the bytes of one file of an envdir, and yield what is wrong with it."""
    try:
        with opened_file(name, folder) as descriptor:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                yield _damaged(path, "it is no plain file")
                return
            yield from (_damaged(path, what) for what in _value_faults(status, place.access.mode, place.owner))
            contents[name] = read_plain(descriptor, status, MAX_SMALL)
    except OSError as error:
        is_other = error.errno in (errno.ELOOP, errno.ENXIO)  # a link, or a socket
        yield _damaged(path, "it is no plain file" if is_other else f"it can't be read: {system_reason(error)}")


def _value_faults(status: os.stat_result, mode: int, owner: Ownership) -> Iterator[str]:
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


def _top_faults(place: Place) -> Iterator[Diagnostic]:
    """Yield what is wrong with the folders above generations and envdirs, the link to the current one, and the log."""
    for name in (ENVDIRS, GENERATIONS, CURRENT, LOG):
        try:
            status = os.stat(name, dir_fd=place.descriptor, follow_symlinks=False)
        except OSError:
            continue  # what is missing is found by what lies in it
        path = f"{place.path}/{name}"
        if not is_trusted(status.st_uid):
            yield _damaged(path, "it belongs to another owner")
        if not stat.S_ISLNK(status.st_mode) and status.st_mode & 0o022:
            yield _damaged(path, "others can write to it", f"run `chmod go-w {path}`")


def _generation_faults(
    place: Place,
    manifest: Manifest,
    strays: Callable[[Place, Manifest], Iterator[Diagnostic]],
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
            yield from (_damaged(f"{path}/{MANIFEST}", what) for what in faults)
            yield from _link_faults(inside, chosen)
            yield from strays(inside, chosen)
            yield from _folder_faults(inside, chosen)
            yield from _scripts(inside, chosen)
    except OSError as error:
        yield _damaged(path, f"it can't be read: {system_reason(error)}")


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
                yield _damaged(f"{place.path}/{name}", "it leads elsewhere than it was built to")
        except OSError:
            yield _damaged(f"{place.path}/{name}", "the link is missing")


def _nothing(place: Place, manifest: Manifest) -> Iterator[Diagnostic]:  # noqa: ARG001 - in place of _strays
    yield from ()


def _strays(place: Place, manifest: Manifest) -> Iterator[Diagnostic]:
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
                yield _damaged(f"{place.path}/{path}", "no build made it", "remove it")


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
        yield _damaged(path, "it is no folder")
        return
    mode = passable(place.access.folder_mode, place.owner, status.st_uid)
    yield from (_damaged(path, what) for what in _builder_faults(status, mode, place.owner))


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
            yield _damaged(fault.path, str(fault))
            continue
        except FileNotFoundError:
            contents.clear()  # there is no such folder
        if digest(contents, str(place.access)) != expected:
            yield _damaged(f"{place.path}/{node_path}".rstrip("/"), "its scripts are not as they were built")


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
                yield _damaged(path, "no build made it", "remove it")
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
    yield from (_damaged(path, what) for what in _builder_faults(status, place.access.folder_mode, place.owner))


def _above(path: str) -> Iterator[str]:
    """Yield the folders above a path, up to the empty one."""
    while path:
        path = os.path.dirname(path)
        yield path
