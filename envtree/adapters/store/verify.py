"""Reading an output back against its manifest: every name, byte, mode, owner and link."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.store.output import is_unfinished, open_output
from envtree.adapters.store.ownership import ownership
from envtree.adapters.store.state import ENVDIRS, GENERATIONS, MANIFEST, STAGING, current
from envtree.core.diagnostic import Diagnostic, EnvtreeError
from envtree.core.envdir import digest
from envtree.core.manifest import Access, Manifest, access_of, read_manifest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from envtree.adapters.store.ownership import Ownership


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
    problems += _links(folder, manifest)
    if is_unfinished(out):
        problems.append(
            _damaged(f"{out}/{STAGING}", "a build was not finished", "build again: it clears what was left over")
        )
    return Verified(name, len(digests), files), tuple(problems)


def is_whole(out: str, generation: str) -> bool:
    """Whether the manifest and the links of a generation are as they were built; its envdirs aside."""
    folder = f"{out}/{GENERATIONS}/{generation}"
    manifest, problems = _manifest(folder, generation)
    return manifest is not None and not problems and not any(_links(folder, manifest))


def manifest_of(out: str, generation: str | None) -> Manifest | None:
    """The manifest of a generation, if it is there and as it was built."""
    return _manifest(f"{out}/{GENERATIONS}/{generation}", generation)[0] if generation else None


def _damaged(
    path: str, what: str, advice: str = "build again with `--repair`: it writes what is missing or changed"
) -> Diagnostic:
    return Diagnostic("damaged-output", f"`{path}`: {what}", help=advice)


def _manifest(folder: str, name: str) -> tuple[Manifest | None, list[Diagnostic]]:
    path = f"{folder}/{MANIFEST}"
    try:
        with open(path, encoding="utf-8") as file:
            manifest = read_manifest(file.read())
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


def _links(folder: str, manifest: Manifest) -> Iterator[Diagnostic]:
    """The folder of each node leads to its envdir, and there are no others."""
    expected = {
        f"{folder}/{place}/env": f"{'../' * (place.count('/') + 3)}{ENVDIRS}/{name}"
        for place, name in manifest.envdirs.items()
    }
    for path, text in expected.items():
        try:
            if os.readlink(path) != text:
                yield _damaged(
                    path,
                    "it leads to another envdir than it was built with",
                )
        except OSError:
            yield _damaged(path, "the link to the envdir is missing")
    folders = {folder, *(parent for path in expected for parent in _above(path, folder))}
    for at, inner, files in os.walk(folder):
        for name in (*inner, *files):
            path = f"{at}/{name}"
            if path not in expected and path not in folders and path != f"{folder}/{MANIFEST}":
                yield _damaged(path, "no build made it", "remove it")


def _above(path: str, top: str) -> Iterator[str]:
    while path != top:
        path = os.path.dirname(path)
        yield path
