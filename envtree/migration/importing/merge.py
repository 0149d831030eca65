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


class _Names(NamedTuple):
    """What every name is placed by."""

    compilation: Compilation
    changes: Mapping[Deployment, Values]
    given: Mapping[Deployment, Mapping[str, str]]
    """What deployments get before the import."""
    fixed: Mapping[str, Collection[str]]
    """The names that must stay as they are written, by layer id."""
    secrets: Collection[str]

    def before(self, name: str) -> Entries:
        """Return the entries of a name in the layers of deployments."""
        found: Entries = {}
        for layer_id in self.layer_ids():
            layer = self.compilation.layers.get(layer_id)
            if layer is not None and name in layer.entries:
                found[layer_id] = layer.entries[name].text
        return found

    def layer_ids(self) -> list[str]:
        """Return the ids of all layers of deployments."""
        return list(dict.fromkeys(each for deployment in self.given for each in chain(deployment)))

    def row(self, name: str) -> dict[Deployment, str | None]:
        """Return what every deployment is to get."""
        return {
            each: self.changes[each][name] if name in self.changes.get(each, ()) else given.get(name)
            for each, given in self.given.items()
        }


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
    deployments = {Deployment(each.environment, each.service) for each in compilation.own}
    given = {each: given_by(compilation.nodes[str(each)]) for each in sorted(deployments)}
    names = _Names(compilation, changes, given, fixed, secrets)
    touched = {name for found in changes.values() for name in found}
    touched |= {name for each in new for name in given[each]}
    fresh = _placed_anew(names, touched)
    entries: Layers = {}
    removed: dict[str, tuple[str, ...]] = {}
    for name in sorted(touched):
        before, after = names.before(name), _after(names, name, new, fresh)
        for layer_id in sorted(after):
            if layer_id not in before or before[layer_id] != after[layer_id]:
                entries.setdefault(layer_id, {})[name] = after[layer_id]
        for layer_id in before.keys() - after.keys():
            removed[layer_id] = (*removed.get(layer_id, ()), name)
    return LayerChanges(dict(sorted(entries.items())), dict(sorted(removed.items())))


def _placed_anew(names: _Names, touched: Collection[str]) -> dict[str, Entries]:
    """Return the entries of each name that can be placed anew, as an import of everything would place them."""
    rows = {
        name: names.row(name)
        for name in sorted({name for given in names.given.values() for name in given} | {*touched})
    }
    whole = {name: row for name, row in rows.items() if UNKNOWN not in row.values()}
    values = {
        each: {name: text for name, row in whole.items() if (text := row[each]) is not None} for each in names.given
    }
    found: dict[str, Entries] = {name: {} for name in touched if name in whole}
    for layer_id, entries in factor(values, names.secrets).items():
        for name, text in entries.items():
            if name in found:
                found[name][layer_id] = text
    return found


def _after(names: _Names, name: str, new: Collection[Deployment], fresh: Mapping[str, Entries]) -> Entries:
    """Return a name's entries as they are to be: changed where they stand, or placed anew."""
    before = names.before(name)
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
    row, after = names.row(name), dict(before)
    for service in sorted({each.service for each in new} if not is_fixed else ()):
        if all(each in new for each in row if each.service == service):
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
    own = {each.environment: text for each, text in row.items() if each.service == service}
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
