"""The sealed file of a layer: opened with its data key and changed in place, or made by the rules of `.sops.yaml`."""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING

from envtree.commands.sealed import keys_of_user
from envtree.core.layers.layout import SEALED_SUFFIX
from envtree.core.layers.sealed import entries_of
from envtree.core.model.diagnostic import EnvtreeError, errors
from envtree.core.model.tree import COMMON
from envtree.core.sealed.document import read_sealed
from envtree.core.yaml.splice import CannotUpdate
from envtree.editing.changes.layer import cannot_change
from envtree.editing.changes.refusals import cannot_edit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.adapters.files.creation_rules import RulesFile
    from envtree.core.sealed.creation.recipient import Recipient
    from envtree.core.sealed.creation.rules import CreationRule
    from envtree.core.sealed.writing import Sealer
    from envtree.editing.changes.placement import LayerEdit
    from envtree.editing.commands.opened import OpenedScope


def edit_sealed(opened: OpenedScope, change: LayerEdit) -> bytes:
    """Return the sealed file of a layer as it is to be; raises EnvtreeError without a key, or a rule for it.

    Its values are known from then on, so that they are compared and checked as those of a clear file.
    """
    path = opened.sealed_path
    data = opened.tree.source.files.get(path)
    changes = {**dict.fromkeys(change.gone_from_sealed), **change.sealed}
    try:
        changed = _new_file(opened, change.sealed) if data is None else _changed_file(opened, data, changes)
    except CannotUpdate as error:
        raise cannot_change(path, error.name, error.reason) from None
    known = opened.parsed.get((path, data), {}) if data is not None else {}
    texts = {**{name: entry.text for name, entry in known.items()}, **changes}
    sealed, problems = read_sealed(path, changed)
    if sealed is None:
        raise EnvtreeError(*problems)
    values = {each.name: texts.get(each.name) or "" for each in sealed.values}
    opened.parsed[path, changed], _ = entries_of(sealed, values)
    return changed


def _changed_file(opened: OpenedScope, data: bytes, changes: Mapping[str, str | None]) -> bytes:
    from envtree.adapters.keys.opening import LockedFile
    from envtree.core.sealed.writing import set_values

    path = opened.sealed_path
    sealed, problems = read_sealed(path, data)
    if sealed is None:
        raise EnvtreeError(*problems)
    keys, problems = (opened.data_keys or keys_of_user()).open((LockedFile.of(sealed, data),))
    if problems:
        raise EnvtreeError(*problems)
    changed, problems = set_values(sealed, data, changes, _sealer(keys[path]))
    if changed is None:
        raise EnvtreeError(*errors(problems))
    return changed


def _new_file(opened: OpenedScope, values: Mapping[str, str]) -> bytes:
    from envtree.adapters.files.creation_rules import find_rules
    from envtree.adapters.keys.wrapping import wrap_data_key
    from envtree.core.sealed.cipher import KEY_SIZE
    from envtree.core.sealed.writing import seal_values

    rules = find_rules(opened.tree.root)
    if rules is None:
        raise cannot_edit(
            f"no `.sops.yaml` says for whom `{opened.sealed_path}` is to be sealed",
            "`envtree init --secrets` writes one; `--clear` writes a secret in clear, for all who have the tree",
        )
    data_key = os.urandom(KEY_SIZE)
    keys = wrap_data_key(data_key, _recipients(opened, rules), os.environ)
    return seal_values(values, keys, _sealer(data_key)).encode()


def _recipients(opened: OpenedScope, rules: RulesFile) -> tuple[Recipient, ...]:
    """Return for whom a new sealed file is: the recipients of its rule and, of a layer of all environments, of each.

    Whoever opens the layers of one environment needs this one as well.
    """
    folder, stem = posixpath.split(opened.sealed_path.removesuffix(SEALED_SUFFIX))
    found = [_rule(opened, rules, opened.sealed_path)]
    if stem == COMMON:
        environments = dict.fromkeys(each.environment for each in opened.scope.targets)
        found += [_rule(opened, rules, f"{folder}/{each}{SEALED_SUFFIX}") for each in environments]
    unique = {(each.kind, each.name, each.role, each.context): each for rule in found for each in rule.recipients}
    return tuple(unique.values())


def _rule(opened: OpenedScope, rules: RulesFile, path: str) -> CreationRule:
    from envtree.core.sealed.creation.rules import find_creation_rule

    target = os.path.relpath(f"{os.path.realpath(opened.tree.root)}/{path}", rules.folder)
    rule, problems = find_creation_rule(rules.path, rules.data, target)
    if rule is None:
        raise EnvtreeError(*problems)
    return rule


def _sealer(data_key: bytes) -> Sealer:
    from datetime import UTC, datetime

    from envtree.core.sealed.writing import Sealer

    return Sealer(data_key, datetime.now(UTC), os.urandom)
