"""Reads an output back and compares it with its manifest: every name, byte, mode, owner and link."""

from __future__ import annotations

import os
import stat
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.store.lock import is_unfinished, open_output
from envtree.adapters.store.ownership import mode_of, ownership
from envtree.adapters.store.state import (
    ENVDIRS,
    GENERATIONS,
    MANIFEST,
    STAGING,
    SUPERVISE,
    current,
)
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, system_reason
from envtree.core.output.inventory import nodes
from envtree.core.output.manifest import Access, Manifest, OtherFormat, access_of, name_of, read_envdirs, read_manifest
from envtree.core.runit import supervision
from envtree.core.runit.envdir import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from envtree.adapters.store.ownership import Ownership
    from envtree.core.model.tree import Target


class Verified(NamedTuple):
    """What was read back: the generation, and the numbers of its envdirs and their files."""

    generation: str
    envdirs: int
    files: int


def verify(out: str, generation: str | None = None) -> tuple[Verified, tuple[Diagnostic, ...]]:
    """Read a generation back (the current one, if none is named), and return what is not as it was built."""
    os.close(open_output(out))
    name = generation or current(out)
    if name is None:
        raise EnvtreeError(
            Diagnostic("no-generation", f"`{out}` has no current generation", help=f"run `envtree build --out {out}`")
        )
    folder = f"{out}/{GENERATIONS}/{name}"
    manifest, problems = _manifest(folder, name)
    if manifest is None:
        return Verified(name, 0, 0), tuple(problems)
    access = access_of(manifest.text)
    owner = ownership(access.owner)
    files = 0
    digests = sorted(set(manifest.envdirs.values()))
    for each in digests:
        found, faults = _envdir(f"{out}/{ENVDIRS}/{each}", each, access, owner)
        files += found
        problems += faults
    problems += _link_faults(_links(folder, manifest))
    problems += _strays(folder, manifest)
    problems += _folder_faults(folder, manifest, access, owner)
    problems += _scripts(folder, manifest, access, owner)
    if is_unfinished(out):
        problems.append(
            _damaged(f"{out}/{STAGING}", "a build was not finished", "build again: it clears what was left over")
        )
    return Verified(name, len(digests), files), tuple(problems)


def verify_targets(out: str, manifest: Manifest, targets: Iterable[Target]) -> tuple[Diagnostic, ...]:
    """Return what is not as it was built, of all that these targets of a generation need."""
    chosen = tuple(targets)
    node_paths = {node_path for target in chosen for node_path in nodes(target)}
    access = access_of(manifest.text)
    owner = ownership(access.owner)
    envdirs = {node_path: manifest.envdirs[node_path] for node_path in sorted(node_paths)}
    scripts = {node_path: manifest.scripts[node_path] for node_path in ("", *sorted(map(str, chosen)))}
    folder = f"{out}/{GENERATIONS}/{manifest.generation}"
    problems: list[Diagnostic] = []
    for each in sorted(set(envdirs.values())):
        problems += _envdir(f"{out}/{ENVDIRS}/{each}", each, access, owner)[1]
    selection = Manifest(manifest.text, envdirs, scripts)
    problems += _link_faults(_links(folder, selection))
    problems += _folder_faults(folder, selection, access, owner)
    problems += _scripts(folder, selection, access, owner)
    return tuple(problems)


def is_whole(out: str, generation: str) -> bool:
    """Return whether the manifest, links, folders and scripts of a generation are as they were built; envdirs aside."""
    folder = f"{out}/{GENERATIONS}/{generation}"
    manifest, problems = _manifest(folder, generation)
    if manifest is None or problems:
        return False
    access = access_of(manifest.text)
    owner = ownership(access.owner)
    return not any(
        chain(
            _link_faults(_links(folder, manifest)),
            _strays(folder, manifest),
            _folder_faults(folder, manifest, access, owner),
            _scripts(folder, manifest, access, owner),
        )
    )


def manifest_of(out: str, generation: str | None) -> Manifest | None:
    """Return the manifest of a generation; None if it is missing or not as it was built."""
    return _manifest(f"{out}/{GENERATIONS}/{generation}", generation)[0] if generation else None


def envdirs_of(out: str, generation: str | None) -> dict[str, str]:
    """Return a generation's envdirs by node path, whichever envtree built it; empty if its manifest is unreadable."""
    try:
        with open(f"{out}/{GENERATIONS}/{generation}/{MANIFEST}", encoding="utf-8") as file:
            return read_envdirs(file.read())
    except (OSError, ValueError):
        return {}


def _damaged(
    path: str, what: str, advice: str = "build again with `--repair`: it writes what is missing or changed"
) -> Diagnostic:
    return Diagnostic("damaged-output", f"`{path}`: {what}", help=advice)


def _manifest(folder: str, name: str) -> tuple[Manifest | None, list[Diagnostic]]:
    """Return a generation's manifest, or what is wrong with it; raises EnvtreeError where another envtree built it."""
    path, text = f"{folder}/{MANIFEST}", ""
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        manifest = read_manifest(text)
    except OtherFormat as error:
        if name_of(text) != name:
            return None, [_damaged(path, "its content doesn't match the generation's name")]
        raise EnvtreeError(Diagnostic("unusable-output", f"`{folder}` {error}", help="build again")) from None
    except FileNotFoundError:
        return None, [_damaged(path, "it is missing")]
    except (OSError, ValueError):
        return None, [_damaged(path, "it can't be read as a manifest of this version")]
    if manifest.generation != name:
        return None, [_damaged(path, "its content doesn't match the generation's name")]
    return manifest, []


def _envdir(path: str, expected: str, access: Access, owner: Ownership) -> tuple[int, list[Diagnostic]]:
    """Return how many files an envdir has, and what is wrong with it."""
    try:
        names = sorted(os.listdir(path))
    except OSError as error:
        return 0, [_damaged(path, f"the envdir can't be read: {system_reason(error)}")]
    problems = [_damaged(path, what) for what in _access_faults(path, access.folder_mode, owner)]
    contents: dict[str, bytes] = {}
    for name in names:
        file = f"{path}/{name}"
        if not stat.S_ISREG(os.lstat(file).st_mode):
            problems.append(_damaged(file, "it is no plain file"))
            continue
        problems += (_damaged(file, what) for what in _access_faults(file, access.mode, owner))
        try:
            with open(file, "rb") as data:
                contents[name] = data.read()
        except OSError as error:
            problems.append(_damaged(file, f"it can't be read: {system_reason(error)}"))
    if len(contents) == len(names) and digest(contents, str(access)) != expected:
        problems.append(_damaged(path, "names or values are not as they were built"))
    return len(names), problems


def _access_faults(path: str, mode: int, owner: Ownership) -> Iterator[str]:
    status = os.lstat(path)
    if mode_of(status) != mode:
        yield f"its mode is {mode_of(status):04o}, not {mode:04o}"
    if owner.user not in (-1, status.st_uid) or owner.group not in (-1, status.st_gid):
        yield "it belongs to another owner"


def _links(folder: str, manifest: Manifest) -> dict[str, str]:
    """Return the links of a generation by their path, with their contents."""
    return {
        f"{folder}/{node_path}/env": f"{'../' * (node_path.count('/') + 3)}{ENVDIRS}/{name}"
        for node_path, name in manifest.envdirs.items()
    }


def _link_faults(expected: Mapping[str, str]) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each node whose link does not lead to its envdir."""
    for path, text in expected.items():
        try:
            if os.readlink(path) != text:
                yield _damaged(path, "it leads elsewhere than it was built to")
        except OSError:
            yield _damaged(path, "the link is missing")


def _strays(folder: str, manifest: Manifest) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each path in a generation that no build made."""
    expected = _links(folder, manifest)
    folders = {folder, *(parent for path in expected for parent in _above(path, folder))}
    known = {*expected, *folders, f"{folder}/{MANIFEST}", f"{folder}/{supervision.NAME}"}
    for parent, inner, files in os.walk(folder):
        if parent.removeprefix(f"{folder}/") in manifest.scripts:
            inner.clear()  # a target: the contents of its folder are compared with the digest of its scripts
            continue
        for name in (*inner, *files):
            if f"{parent}/{name}" not in known:
                yield _damaged(f"{parent}/{name}", "no build made it", "remove it")


def _folder_faults(folder: str, manifest: Manifest, access: Access, owner: Ownership) -> Iterator[Diagnostic]:
    """Yield what is wrong with a generation's folders, which decide who can change what runs; none for missing ones."""
    nodes = {folder, *(parent for path in _links(folder, manifest) for parent in _above(path, folder))}
    for path in sorted(nodes):
        if os.path.isdir(path):
            yield from (_damaged(path, what) for what in _access_faults(path, access.folder_mode, owner))
    for node_path in filter(None, manifest.scripts):
        for parent, inner, files in _walk(f"{folder}/{node_path}"):
            if parent in nodes:
                continue
            yield from (_damaged(parent, what) for what in _access_faults(parent, access.folder_mode, owner))
            if not inner and not files:
                yield _damaged(parent, "no build made it", "remove it")


def _scripts(folder: str, manifest: Manifest, access: Access, owner: Ownership) -> Iterator[Diagnostic]:
    """Yield what is wrong with the scripts of each target; files that runsv wrote beside them are left out."""
    for node_path, expected in manifest.scripts.items():
        service_folder = f"{folder}/{node_path}".rstrip("/")
        contents: dict[str, bytes] = {}
        for path in (f"{service_folder}/{supervision.NAME}",) if not node_path else sorted(_files(service_folder)):
            try:
                with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
                    contents[path.removeprefix(f"{service_folder}/")] = file.read()
            except OSError as error:
                yield _damaged(path, f"it can't be read: {system_reason(error)}")
                break
            yield from (_damaged(path, what) for what in _access_faults(path, access.folder_mode, owner))
        else:
            if digest(contents, str(access)) != expected:
                yield _damaged(service_folder, "its scripts are not as they were built")


def _files(folder: str) -> Iterator[str]:
    """Yield the files in a service folder, except the link to the envdir, which is checked by itself."""
    for parent, inner, files in _walk(folder):
        links = [name for name in inner if os.path.islink(f"{parent}/{name}")]
        yield from (f"{parent}/{name}" for name in (*files, *links) if f"{parent}/{name}" != f"{folder}/env")


def _walk(folder: str) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield a service folder and the folders in it, except what runsv made."""
    for parent, inner, files in os.walk(folder):
        inner[:] = [name for name in inner if name != SUPERVISE]
        yield parent, inner, files


def _above(path: str, top: str) -> Iterator[str]:
    while path != top:
        path = os.path.dirname(path)
        yield path
