"""Sealed files as they are to be: one that exists changed in place, a new one for whom `.sops.yaml` says."""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.layers.layout import SEALED_SUFFIX, SUFFIX, environments_seeing
from envtree.core.layers.sealed import entries_of
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, errors
from envtree.core.model.source import CONFIGS
from envtree.core.model.tree import COMMON
from envtree.core.sealed.candidates import Remaining, candidates
from envtree.core.sealed.document import read_sealed
from envtree.core.yaml.remove import remove_entries
from envtree.core.yaml.splice import CannotUpdate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from envtree.adapters.files.creation_rules import RulesFile
    from envtree.adapters.keys.opening import DataKeys
    from envtree.core.compile import Parsed
    from envtree.core.model.source import Source
    from envtree.core.model.tree import Entry, Layer, Target
    from envtree.core.sealed.creation.recipient import Recipient
    from envtree.core.sealed.creation.rules import CreationRule
    from envtree.core.sealed.writing import Sealer

IN_CLEAR = "`--clear` writes secrets in clear, for all to read"
"""What else the verbs with this option can do where no rule says for whom a file is sealed."""


class SealedLayers(NamedTuple):
    """What sealing does to files, and which secrets it moves; `parsed` has the entries of the new sealed files."""

    files: dict[str, bytes]
    """The files that are new or different, by path; sealed ones first, so that a value that moves is never lost."""
    parsed: Parsed
    moved: tuple[Entry, ...]
    remaining: tuple[Remaining, ...]


class SealedLayer(NamedTuple):
    """One layer with its secrets moved: what is in its clear file then, and what in its sealed one."""

    clear: bytes
    sealed: bytes | None
    """None where no secret can be moved."""
    parsed: Parsed
    moved: tuple[Entry, ...]
    remaining: tuple[Remaining, ...]


class Sealing(NamedTuple):
    """What sealing takes from outside: where `.sops.yaml` is looked for, who sees each layer, and this user's keys."""

    root: str
    targets: tuple[Target, ...]
    data_keys: DataKeys
    otherwise: str = ""
    """What else can be done where no rule says for whom a file is sealed."""


def seal_layers(sealing: Sealing, source: Source, layers: Iterable[Layer], secret: Collection[str]) -> SealedLayers:
    """Return some layers with their clear secrets moved into the sealed files beside them.

    Raises EnvtreeError where `.sops.yaml` has no rule for a file, a key is missing, or a value can't be sealed.
    """
    clear: dict[str, bytes] = {}
    sealed: dict[str, bytes] = {}
    found = SealedLayers({}, {}, (), ())
    for layer in layers:
        path, sealed_path = f"{CONFIGS}{layer.layer_id}{SUFFIX}", f"{CONFIGS}{layer.layer_id}{SEALED_SUFFIX}"
        done = seal_layer(sealing, layer, source.files.get(path, b""), source.files.get(sealed_path), secret)
        if done.sealed is not None:
            clear[path], sealed[sealed_path] = done.clear, done.sealed
        parsed, moved = {**found.parsed, **done.parsed}, (*found.moved, *done.moved)
        found = SealedLayers({}, parsed, moved, (*found.remaining, *done.remaining))
    return found._replace(files={**sealed, **clear})


def seal_layer(
    sealing: Sealing,
    layer: Layer,
    clear: bytes,
    sealed: bytes | None,
    secret: Collection[str],
    gone: Collection[str] = (),
) -> SealedLayer:
    """Return a layer with its clear secrets moved into its sealed file, from which the names in `gone` go.

    What can't be taken out of the clear file stays there. Raises EnvtreeError and CannotUpdate, as for each file.
    """
    moving, remaining = candidates(layer.entries.values(), secret)
    path, sealed_path = f"{CONFIGS}{layer.layer_id}{SUFFIX}", f"{CONFIGS}{layer.layer_id}{SEALED_SUFFIX}"
    names = tuple(each.name for each in moving)
    shorter, left = remove_entries(path, clear, names) if moving else (clear, {})
    remaining += tuple(
        Remaining(each, f"its line can't be removed: {left[each.name]}", can_be_sealed=True)
        for each in moving
        if each.name in left
    )
    moved = tuple(each for each in moving if each.name not in left)
    if not moved:
        return SealedLayer(shorter, None, {}, (), remaining)
    values = {each.name: each.text or "" for each in moved}
    known: Mapping[str, str] = {}
    if sealed is None:
        data = new_sealed_file(sealing, sealed_path, environments_seeing(layer.layer_id, sealing.targets), values)
    else:
        changes = {**{name: None for name in gone if name not in values}, **values}
        data, known = change_sealed_file(sealed_path, sealed, changes, sealing.data_keys)
    parsed = {(sealed_path, data): entries_with(sealed_path, data, {**known, **values})}
    return SealedLayer(shorter, data, parsed, moved, remaining)


def entries_with(path: str, data: bytes, values: Mapping[str, str | None]) -> Mapping[str, Entry]:
    """Return the entries of a sealed file whose values are known; raises EnvtreeError for a file that is none."""
    sealed, problems = read_sealed(path, data)
    if sealed is None:
        raise EnvtreeError(*problems)
    entries, _ = entries_of(sealed, {each.name: values.get(each.name) or "" for each in sealed.values})
    return entries


def change_sealed_file(
    path: str, data: bytes, changes: Mapping[str, str | None], data_keys: DataKeys
) -> tuple[bytes, Mapping[str, str]]:
    """Return a sealed file with some values set, or removed for None, and the values that it had.

    Raises EnvtreeError without a key, or for a file that is not as it was sealed, and CannotUpdate.
    """
    from envtree.adapters.keys.opening import LockedFile
    from envtree.core.sealed.opening import open_values
    from envtree.core.sealed.writing import set_values

    sealed, problems = read_sealed(path, data)
    if sealed is None:
        raise EnvtreeError(*problems)
    keys, problems = data_keys.open((LockedFile.of(sealed, data),))
    if problems:
        raise EnvtreeError(*problems)
    values, _ = open_values(sealed, keys[path])
    changed, problems = set_values(sealed, data, changes, _sealer(keys[path]))
    if changed is None:
        raise EnvtreeError(*errors(problems))
    return changed, values


def new_sealed_file(sealing: Sealing, path: str, environments: Iterable[str], values: Mapping[str, str]) -> bytes:
    """Return a new sealed file for those whom `.sops.yaml` names.

    A layer of all environments is for the recipients of each of them as well: whoever opens the layers of one needs it.
    Raises EnvtreeError without a rule, and CannotUpdate for a value that SOPS can't seal.
    """
    from envtree.adapters.keys.wrapping import wrap_data_key
    from envtree.core.sealed.cipher import KEY_SIZE
    from envtree.core.sealed.writing import seal_values

    own, recipients = find_recipients(sealing.root, path, environments, sealing.otherwise)
    if clear := [name for name in values if not own.rule.encrypts(name)]:
        message = f"`{own.rule}` of `{own.span.file}` leaves `{clear[0]}` in clear in `{path}`"
        advice = "let the rule for this file encrypt all names, or the name that is set"
        raise EnvtreeError(Diagnostic("cannot-edit", message, own.span, help=advice))
    data_key = os.urandom(KEY_SIZE)
    keys = wrap_data_key(data_key, recipients, sealing.data_keys)
    text = seal_values(values, keys, _sealer(data_key), own.rule, mac_only_encrypted=own.mac_only_encrypted)
    return text.encode()


def cannot_seal(path: str, error: CannotUpdate) -> EnvtreeError:
    """Return the error for a value that can't be sealed in a file."""
    what = f"`{error.name}` in {path}" if error.name else f"`{path}`"
    return EnvtreeError(Diagnostic("cannot-edit", f"{what} can't be sealed: {error.reason}", help="change it by hand"))


def find_recipients(
    root: str, path: str, environments: Iterable[str], otherwise: str = ""
) -> tuple[CreationRule, tuple[Recipient, ...]]:
    """Return the creation rule of a sealed file, and for whom the file is to be, of whom the rule may name a part.

    Raises EnvtreeError without a rule.
    """
    from envtree.adapters.files.creation_rules import find_rules

    rules = find_rules(root, path, otherwise)
    folder, stem = posixpath.split(path.removesuffix(SEALED_SUFFIX))
    names = (stem, *environments) if stem == COMMON else (stem,)
    found = [_rule(root, rules, f"{folder}/{each}{SEALED_SUFFIX}") for each in names]
    unique = {(each.kind, each.name, each.role, each.context): each for rule in found for each in rule.recipients}
    return found[0], tuple(unique.values())


def _rule(root: str, rules: RulesFile, path: str) -> CreationRule:
    from envtree.core.sealed.creation.rules import find_creation_rule

    target = os.path.relpath(f"{os.path.realpath(root)}/{path}", rules.folder)
    rule, problems = find_creation_rule(rules.path, rules.data, target)
    if rule is None:
        raise EnvtreeError(*problems)
    return rule


def _sealer(data_key: bytes) -> Sealer:
    from datetime import UTC, datetime

    from envtree.core.sealed.writing import Sealer

    return Sealer(data_key, datetime.now(UTC), os.urandom)
