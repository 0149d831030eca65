"""Reading an output back against its manifest: every name, byte, mode, owner and link."""

from __future__ import annotations

import os
import stat
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.store.lock import is_unfinished, open_output
from envtree.adapters.store.ownership import ownership
from envtree.adapters.store.state import (
    ENVDIRS,
    GENERATIONS,
    MANIFEST,
    STAGING,
    SUPERVISE,
    current,
)
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.core.output.inventory import nodes
from envtree.core.output.manifest import Access, Manifest, OtherFormat, access_of, name_of, read_envdirs, read_manifest
from envtree.core.runit import supervision
from envtree.core.runit.envdir import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from envtree.adapters.store.ownership import Ownership
    from envtree.core.model.tree import Target


class Verified(NamedTuple):
    """What was read back."""

    generation: str
    envdirs: int
    files: int


def verify(out: str, generation: str | None = None) -> tuple[Verified, tuple[Diagnostic, ...]]:
    """Read a generation back (the current one, if none is named), and all in which it is not as it was built."""
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
    """All in which what these targets of a generation need is not as it was built."""
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
    part = Manifest(manifest.text, envdirs, scripts)
    problems += _link_faults(_links(folder, part))
    problems += _folder_faults(folder, part, access, owner)
    problems += _scripts(folder, part, access, owner)
    return tuple(problems)


def is_whole(out: str, generation: str) -> bool:
    """Whether the manifest, links, folders and scripts of a generation are as they were built; its envdirs aside."""
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
    """The manifest of a generation, if it is there and as it was built."""
    return _manifest(f"{out}/{GENERATIONS}/{generation}", generation)[0] if generation else None


def envdirs_of(out: str, generation: str | None) -> dict[str, str]:
    """The envdirs of a generation, by place, whichever envtree built it; none where that can't be told."""
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
    """What a generation holds, or what is wrong with it; raises EnvtreeError where another envtree built it."""
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
    """How many files an envdir has, and what is wrong with it."""
    try:
        names = sorted(os.listdir(path))
    except OSError as error:
        return 0, [_damaged(path, f"the envdir can't be read: {os.strerror(error.errno or 0).lower()}")]
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
            problems.append(_damaged(file, f"it can't be read: {os.strerror(error.errno or 0).lower()}"))
    if len(contents) == len(names) and digest(contents, str(access)) != expected:
        problems.append(_damaged(path, "names or values are not as they were built"))
    return len(names), problems


def _access_faults(path: str, mode: int, owner: Ownership) -> Iterator[str]:
    status = os.lstat(path)
    if stat.S_IMODE(status.st_mode) != mode:
        yield f"its mode is {stat.S_IMODE(status.st_mode):04o}, not {mode:04o}"
    if owner.user not in (-1, status.st_uid) or owner.group not in (-1, status.st_gid):
        yield "it belongs to another owner"


def _links(folder: str, manifest: Manifest) -> dict[str, str]:
    """The links of a generation by their path, with what they hold."""
    return {
        f"{folder}/{node_path}/env": f"{'../' * (node_path.count('/') + 3)}{ENVDIRS}/{name}"
        for node_path, name in manifest.envdirs.items()
    }


def _link_faults(expected: Mapping[str, str]) -> Iterator[Diagnostic]:
    """The folder of each node leads to its envdir."""
    for path, text in expected.items():
        try:
            if os.readlink(path) != text:
                yield _damaged(path, "it leads elsewhere than it was built to")
        except OSError:
            yield _damaged(path, "the link is missing")


def _strays(folder: str, manifest: Manifest) -> Iterator[Diagnostic]:
    """What lies in a generation that was not built into it."""
    expected = _links(folder, manifest)
    folders = {folder, *(parent for path in expected for parent in _above(path, folder))}
    known = {*expected, *folders, f"{folder}/{MANIFEST}", f"{folder}/{supervision.NAME}"}
    for at, inner, files in os.walk(folder):
        if at.removeprefix(f"{folder}/") in manifest.scripts:
            inner.clear()  # a target: whatever is in its folder is held against the digest of its scripts
            continue
        for name in (*inner, *files):
            if f"{at}/{name}" not in known:
                yield _damaged(f"{at}/{name}", "no build made it", "remove it")


def _folder_faults(folder: str, manifest: Manifest, access: Access, owner: Ownership) -> Iterator[Diagnostic]:
    """Who may change what is run lies with the folders too; one that is missing is told by what was in it."""
    nodes = {folder, *(parent for path in _links(folder, manifest) for parent in _above(path, folder))}
    for path in sorted(nodes):
        if os.path.isdir(path):
            yield from (_damaged(path, what) for what in _access_faults(path, access.folder_mode, owner))
    for node_path in filter(None, manifest.scripts):
        for at, inner, files in _walk(f"{folder}/{node_path}"):
            if at in nodes:
                continue
            yield from (_damaged(at, what) for what in _access_faults(at, access.folder_mode, owner))
            if not inner and not files:
                yield _damaged(at, "no build made it", "remove it")


def _scripts(folder: str, manifest: Manifest, access: Access, owner: Ownership) -> Iterator[Diagnostic]:
    """The scripts of each target are those that were built; what runsv wrote beside them is its own."""
    for node_path, expected in manifest.scripts.items():
        shelf = f"{folder}/{node_path}".rstrip("/")
        contents: dict[str, bytes] = {}
        for path in (f"{shelf}/{supervision.NAME}",) if not node_path else sorted(_files(shelf)):
            try:
                with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
                    contents[path.removeprefix(f"{shelf}/")] = file.read()
            except OSError as error:
                yield _damaged(path, f"it can't be read: {os.strerror(error.errno or 0).lower()}")
                break
            yield from (_damaged(path, what) for what in _access_faults(path, access.folder_mode, owner))
        else:
            if digest(contents, str(access)) != expected:
                yield _damaged(shelf, "its scripts are not as they were built")


def _files(folder: str) -> Iterator[str]:
    """What lies in a service folder, but for the link to the envdir, which is judged by itself."""
    for at, inner, files in _walk(folder):
        links = [name for name in inner if os.path.islink(f"{at}/{name}")]
        yield from (f"{at}/{name}" for name in (*files, *links) if f"{at}/{name}" != f"{folder}/env")


def _walk(folder: str) -> Iterator[tuple[str, list[str], list[str]]]:
    """A service folder and those in it, but for what runsv made."""
    for at, inner, files in os.walk(folder):
        inner[:] = [name for name in inner if name != SUPERVISE]
        yield at, inner, files


def _above(path: str, top: str) -> Iterator[str]:
    while path != top:
        path = os.path.dirname(path)
        yield path
