"""What an output gives each process, read back from the envdirs that `current` leads to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.store.descriptors import MAX_SMALL, opened, read_file
from envtree.adapters.store.lock import held_output
from envtree.adapters.store.state import ENVDIRS, current_in
from envtree.adapters.store.trust import ROOT
from envtree.adapters.store.verify import manifest_in, verify
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, some
from envtree.core.model.selector import did_you_mean_selector, only_target, selects
from envtree.core.output.inventory import nodes, read_inventory
from envtree.core.output.manifest import access_of
from envtree.core.runit.envdir import decode, digest

if TYPE_CHECKING:
    from envtree.core.model.tree import Target
    from envtree.core.output.inventory import Inventory
    from envtree.core.output.manifest import Manifest

_READERS = (ROOT,)
"""Whoever may read root's output, by its mode and owner, may trust its content."""
_HELP = "`envtree verify` says what is wrong"


class BuiltTarget(NamedTuple):
    """What an output gives one target: the text of each name, or None where a node removes it; and the inventory."""

    target: Target
    values: dict[str, str | None]
    inventory: Inventory


def read_values(out: str) -> dict[str, dict[str, str]]:
    """Return the variables of every target of the current generation; raises EnvtreeError where they can't be read."""
    with held_output(out, _READERS) as folder:
        manifest = _current(out, folder)
        envdirs = {name: _decoded(out, name, _files(out, folder, name)) for name in set(manifest.envdirs.values())}
    found = {}
    for target in read_inventory(manifest.text).targets:
        values: dict[str, str | None] = {}
        for node_path in nodes(target):
            values |= envdirs[manifest.envdirs[node_path]]
        found[str(target)] = {each: text for each, text in values.items() if text is not None}
    return found


def read_target(out: str, selector: str) -> BuiltTarget:
    """Return what the one target of a selector gets, from its own four envdirs.

    Raises EnvtreeError where there is no such single target, or where an envdir is not as it was built.
    """
    with held_output(out, _READERS) as folder:
        manifest = _current(out, folder)
        found = _matching(selector, read_inventory(manifest.text).targets, out)
        return _built(out, folder, manifest, only_target(selector, found, "taken"))


def read_targets(out: str, selector: str) -> tuple[BuiltTarget, ...]:
    """Return what each target of a selector gets, likewise; raises EnvtreeError as `read_target` does."""
    with held_output(out, _READERS) as folder:
        manifest = _current(out, folder)
        found = _matching(selector, read_inventory(manifest.text).targets, out)
        return tuple(_built(out, folder, manifest, target) for target in found)


def _built(out: str, folder: int, manifest: Manifest, target: Target) -> BuiltTarget:
    access = str(access_of(manifest.text))
    values: dict[str, str | None] = {}
    for node_path in nodes(target):
        name = manifest.envdirs[node_path]
        files = _files(out, folder, name)
        if digest(files, access) != name:
            raise _damaged(f"{out}/{ENVDIRS}/{name}")
        values |= _decoded(out, name, files)
    return BuiltTarget(target, values, read_inventory(manifest.text))


def read_current(out: str) -> Manifest:
    """Return the manifest of the current generation; raises EnvtreeError where it is missing or not complete."""
    with held_output(out, _READERS) as folder:
        return _current(out, folder)


def _current(out: str, folder: int) -> Manifest:
    name = current_in(folder)
    if name is None:
        message = f"`{out}` has no current generation"
        raise EnvtreeError(Diagnostic("no-generation", message, help=f"run `envtree build --out {out}`"))
    manifest = manifest_in(folder, out, name)
    if manifest is None:
        raise EnvtreeError(*verify(out)[1])
    return manifest


def _matching(selector: str, targets: tuple[Target, ...], out: str) -> list[Target]:
    """Return the targets that a selector names; raises EnvtreeError where it names none."""
    found = [each for each in targets if selects(selector, each)]
    if not found:
        message = f"`{selector}` names no process that `{out}` was built for{did_you_mean_selector(selector, targets)}"
        raise EnvtreeError(Diagnostic("unknown-target", message, help=f"it was built for {some(targets, 6)}"))
    return found


def _files(out: str, folder: int, name: str) -> dict[str, bytes]:
    """Return the bytes of an envdir's files, by variable."""
    try:
        with opened(ENVDIRS, folder) as parent, opened(name, parent) as envdir:
            return {each: read_file(each, MAX_SMALL, envdir) for each in os.listdir(envdir)}
    except OSError:
        raise _damaged(f"{out}/{ENVDIRS}/{name}") from None


def _decoded(out: str, name: str, files: dict[str, bytes]) -> dict[str, str | None]:
    try:
        return {each: decode(data) for each, data in files.items()}
    except UnicodeDecodeError:
        raise _damaged(f"{out}/{ENVDIRS}/{name}") from None


def _damaged(path: str) -> EnvtreeError:
    return EnvtreeError(Diagnostic("damaged-output", f"`{path}` can't be read back as it was built", help=_HELP))
