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
from envtree.adapters.store.ownership import ownership
from envtree.adapters.store.state import (
    ENVDIRS,
    GENERATIONS,
    MANIFEST,
    STAGING,
    current_in,
)
from envtree.adapters.store.structure import (
    Place,
    damaged,
    generation_faults,
    no_strays,
    strays,
    top_faults,
    value_faults,
)
from envtree.adapters.store.trust import ROOT
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, system_reason
from envtree.core.output.inventory import nodes
from envtree.core.output.manifest import Manifest, OtherFormat, access_of, name_of, read_envdirs, read_manifest
from envtree.core.runit.envdir import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from envtree.core.model.tree import Target


class Verified(NamedTuple):
    """What was read back: the generation, and the numbers of its envdirs and their files."""

    generation: str
    envdirs: int
    files: int


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
        problems += generation_faults(place, manifest, strays)
        problems += top_faults(place)
        if is_unfinished(folder):
            advice = "build again: it clears what was left over"
            problems.append(damaged(f"{out}/{STAGING}", "a build was not finished", advice))
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
        problems += generation_faults(place, manifest, no_strays, Manifest(manifest.text, envdirs, scripts))
        problems += top_faults(place)
    return tuple(problems)


def is_whole(folder: int, generation: str) -> bool:
    """Return whether the manifest, links, folders and scripts of a generation are as they were built; envdirs aside."""
    manifest, problems = _manifest(folder, "", generation)
    return manifest is not None and not any(
        chain(problems, generation_faults(_place(folder, "", manifest), manifest, strays))
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
            return None, [damaged(path, "its content doesn't match the generation's name")]
        raise EnvtreeError(Diagnostic("unusable-output", f"`{place}` {error}", help="build again")) from None
    except FileNotFoundError:
        return None, [damaged(path, "it is missing")]
    except (OSError, ValueError):
        return None, [damaged(path, "it can't be read as a manifest of this version")]
    if manifest.generation != name:
        return None, [damaged(path, "its content doesn't match the generation's name")]
    return manifest, []


def _envdir(place: Place, name: str) -> tuple[int, list[Diagnostic]]:
    """Return how many files an envdir has, and what is wrong with it."""
    path = f"{place.path}/{ENVDIRS}/{name}"
    try:
        with opened(ENVDIRS, place.descriptor) as parent, opened(name, parent) as folder:
            names = sorted(os.listdir(folder))
            status = os.fstat(folder)
            problems = [damaged(path, what) for what in value_faults(status, place.access.folder_mode, place.owner)]
            contents: dict[str, bytes] = {}
            for each in names:
                problems += _value(folder, each, f"{path}/{each}", place, contents)
    except OSError as error:
        return 0, [damaged(path, f"the envdir can't be read: {system_reason(error)}")]
    if len(contents) == len(names) and digest(contents, str(place.access)) != name:
        problems.append(damaged(path, "names or values are not as they were built"))
    return len(names), problems


def _value(folder: int, name: str, path: str, place: Place, contents: dict[str, bytes]) -> Iterator[Diagnostic]:
    """Add the bytes of one file of an envdir, and yield what is wrong with it."""
    try:
        with opened_file(name, folder) as descriptor:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                yield damaged(path, "it is no plain file")
                return
            yield from (damaged(path, what) for what in value_faults(status, place.access.mode, place.owner))
            contents[name] = read_plain(descriptor, status, MAX_SMALL)
    except OSError as error:
        is_other = error.errno in (errno.ELOOP, errno.ENXIO)  # a link, or a socket
        yield damaged(path, "it is no plain file" if is_other else f"it can't be read: {system_reason(error)}")
