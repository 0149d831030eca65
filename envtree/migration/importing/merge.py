"""The layers of a tree with content, changed so that its deployments get what an import has decided.

A name is changed where it stands, or its entries are placed anew: whichever takes fewer. What is computed, sealed or
read from a file is never moved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.core.layers.layout import SUFFIX
from envtree.core.model.source import CONFIGS
from envtree.core.model.tree import COMMON
from envtree.core.settings.heroku import Deployment
from envtree.core.yaml.document import MappingNode, compose, tag_of
from envtree.migration.importing.decision import given_by
from envtree.migration.importing.factor import Layers, factor, place_below

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from envtree.core.compile import Compilation
    from envtree.migration.importing.decision import Values

    Entries = dict[str, str | None]
    """The entries of one name, by layer id."""

UNKNOWN = "\0"


class LayerChanges(NamedTuple):
    """What to set in layers, and the names to remove from them, by layer id."""

    entries: Layers
    removed: dict[str, tuple[str, ...]]


class _Names:
    """What every name is placed by: who has it, and where it stands."""

    def __init__(
        self,
        compilation: Compilation,
        changes: Mapping[Deployment, Values],
        fixed: Mapping[str, Collection[str]],
        secrets: Collection[str],
    ) -> None:
        deployments = sorted({Deployment(each.environment, each.service) for each in compilation.own})
        self.changes, self.fixed, self.secrets = changes, fixed, secrets
        self.given = {each: given_by(compilation.nodes[str(each)]) for each in deployments}
        self.holders: dict[str, dict[Deployment, str]] = {}
        for each, given in self.given.items():
            for name, text in {**given, **changes.get(each, {})}.items():
                if text is not None:
                    self.holders.setdefault(name, {})[each] = text
        self.standing: dict[str, Entries] = {}
        for layer_id in dict.fromkeys(each for deployment in deployments for each in chain(deployment)):
            layer = compilation.layers.get(layer_id)
            for name, entry in (layer.entries if layer else {}).items():
                self.standing.setdefault(name, {})[layer_id] = entry.text

    def concerned(self, name: str, new: Collection[Deployment], entries: Entries) -> dict[Deployment, str | None]:
        """Return what the deployments are to get that have a name, lose it, or would be given it by a wider layer."""
        holders = self.holders.get(name, {})
        others = {each for each, found in self.changes.items() if name in found}
        others |= {each for each in new if any(layer_id in entries for layer_id in chain(each))}
        return {each: holders.get(each) for each in sorted({*holders, *others})}


def chain(deployment: Deployment) -> tuple[str, str, str, str]:
    """Return the ids of a deployment's layers, the narrowest first."""
    environment, service = deployment
    return f"{service}/{environment}", f"{service}/{COMMON}", environment, COMMON


def merge(
    compilation: Compilation,
    changes: Mapping[Deployment, Values],
    new: Collection[Deployment],
    fixed: Mapping[str, Collection[str]],
    secrets: Collection[str],
) -> LayerChanges:
    """Return what to write so that deployments get `changes`; those in `new` have no layers of their own yet."""
    names = _Names(compilation, changes, fixed, secrets)
    touched = {name for found in changes.values() for name in found}
    touched |= {name for each in new for name in names.given[each]}
    fresh = _placed_anew(names, touched)
    entries: Layers = {}
    removed: dict[str, tuple[str, ...]] = {}
    for name in sorted(touched):
        before, after = names.standing.get(name, {}), _after(names, name, new, fresh)
        for layer_id in sorted(after):
            if layer_id not in before or before[layer_id] != after[layer_id]:
                entries.setdefault(layer_id, {})[name] = after[layer_id]
        for layer_id in before.keys() - after.keys():
            removed[layer_id] = (*removed.get(layer_id, ()), name)
    return LayerChanges(dict(sorted(entries.items())), dict(sorted(removed.items())))


def _placed_anew(names: _Names, touched: Collection[str]) -> dict[str, Entries]:
    """Return the entries of each name that can be placed anew, as an import of everything would place them."""
    whole = {name: held for name, held in names.holders.items() if UNKNOWN not in held.values()}
    values: dict[Deployment, dict[str, str]] = {each: {} for each in names.given}
    for name, held in whole.items():
        for each, held_text in held.items():
            values[each][name] = held_text
    found: dict[str, Entries] = {name: {} for name in touched if name in whole or name not in names.holders}
    for layer_id, entries in factor(values, names.secrets).items():
        for name, placed in entries.items():
            if name in found:
                found[name][layer_id] = placed
    return found


def _after(names: _Names, name: str, new: Collection[Deployment], fresh: Mapping[str, Entries]) -> Entries:
    """Return a name's entries as they are to be: changed where they stand, or placed anew."""
    before = names.standing.get(name, {})
    is_fixed = any(name in names.fixed.get(layer_id, ()) for layer_id in before)
    local = _changed_in_place(names, name, new, before, is_fixed=is_fixed)
    anew = fresh.get(name)
    if is_fixed or anew is None:
        return local
    if _unsets(local) > _unsets(anew) or (name in names.secrets and _spanning(local)):
        return anew
    return anew if len(anew) < len(local) else local


def _unsets(entries: Entries) -> int:
    return sum(text is None for text in entries.values())


def _spanning(entries: Entries) -> int:
    """Return how many entries are for several environments."""
    return sum(layer_id.rpartition("/")[2] == COMMON for layer_id in entries)


def _changed_in_place(
    names: _Names, name: str, new: Collection[Deployment], before: Entries, *, is_fixed: bool
) -> Entries:
    """Return the entries with what has to differ in the narrowest layers, and new services below what is there."""
    after = dict(before)
    row = names.concerned(name, new, after)
    services = {each.service for each in row if each in new} if not is_fixed else set()
    for service in sorted(services):
        if all(each in new for each in names.given if each.service == service):
            after |= _below(names, name, service, row, after)
    for deployment, text in row.items():
        own, *wider = chain(deployment)
        is_changed = name in names.changes.get(deployment, ())
        if not is_changed and (is_fixed or deployment not in new):
            continue
        above = [after[each] for each in wider if each in after]
        if text != next(iter(above), None) or (is_fixed and above):
            after[own] = text
        else:
            after.pop(own, None)
    return after


def _below(names: _Names, name: str, service: str, row: Mapping[Deployment, str | None], after: Entries) -> Entries:
    """Return the entries of a new service, as few as can be below what the tree gives every service."""
    own = {each.environment: row.get(each) for each in names.given if each.service == service}
    inherited = {
        environment: next((after[each] for each in (environment, COMMON) if each in after), None) for environment in own
    }
    placed = place_below(own, inherited, secret=name in names.secrets)
    return {f"{service}/{layer}": text for layer, text in placed.items()}


def fixed_names(files: Mapping[str, bytes], compilation: Compilation) -> dict[str, frozenset[str]]:
    """Return the names whose entries are no plain text, by layer id: they are computed, sealed, or written by a tag."""
    found = {}
    for layer_id, layer in compilation.layers.items():
        special = {name for name, each in layer.entries.items() if each.parts is not None or each.sealed or each.opaque}
        path = f"{CONFIGS}{layer_id}{SUFFIX}"
        root, _ = compose(path, files[path]) if path in files else (None, ())
        for key, value in root.value if isinstance(root, MappingNode) else ():
            if tag_of(value) not in (None, "!unset"):
                special.add(key.value)
        found[layer_id] = frozenset(special)
    return found
