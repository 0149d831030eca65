"""Layers to nodes: what every process gets, which entries each name has, and what each node changes.

The six layers of a target belong to the four nodes of its chain (1 | 2 | 3 4 | 5 6), so each node's resolution is its
parent's, changed by its own one or two layers. Nodes share work along the chain: one without layers equals its parent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from envtree.core.layers.expand import OPAQUE, ExpansionFailure, Provenance, expand, references_of, sources
from envtree.core.layers.layout import layer_ids
from envtree.core.layers.references import habit_of
from envtree.core.model.diagnostic import Diagnostic, some
from envtree.core.model.tree import COMMON
from envtree.core.model.vocabulary import Vocabulary
from envtree.core.runit.envdir import MAX_ENVIRONMENT, MAX_UTF8, is_plain_name, string_size

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from envtree.core.model.tree import Entry, Layer, Target

MAX_PLACES = 12


@dataclass(frozen=True, slots=True)
class Node:
    """A folder of the output, with everything that the chain of nodes down to it gives.

    `values` has a name's text, or None if the chain removes the name; a name that no layer sets is not there.
    `changes` is the part of `values` that differs from the parent's: the envdir. `expands` has the entries that each
    computed value is made of, and `failed` those that can't be computed here, which is an error only if the node is a
    target's own.
    """

    node_path: str
    parent: Node | None
    values: Mapping[str, str | None]
    changes: Mapping[str, str | None]
    provenance: Mapping[str, Provenance]
    expands: Mapping[str, Provenance]
    failed: Mapping[str, ExpansionFailure]
    watched: frozenset[str]
    """The names that can change an `!expand`: its own, and those that it refers to."""
    bound: int
    """An upper limit of the environment's size in bytes."""


EMPTY = Node("", None, {}, {}, {}, {}, {}, frozenset(), 0)


def resolve(targets: Sequence[Target], layers: Mapping[str, Layer]) -> tuple[dict[str, Node], dict[Target, Node]]:
    """Return every node that the targets need, by node path and parents first, and each target's own node."""
    nodes: dict[str, Node] = {}
    own: dict[Target, Node] = {}
    for target in targets:
        names = layer_ids(target)
        node = EMPTY
        for node_path, needed in (
            (COMMON, names[:1]),
            (target.environment, names[1:2]),
            (f"{target.environment}/{target.service}", names[2:4]),
            (str(target), names[4:]),
        ):
            if node_path not in nodes:
                nodes[node_path] = _step(node_path, node, [layers[name] for name in needed if name in layers])
            node = nodes[node_path]
        own[target] = node
    return nodes, own


def check_resolved(own: Mapping[Target, Node]) -> tuple[Diagnostic, ...]:
    """Return what is wrong with the resolutions: failed `!expand`s, and environments too large for some chpst."""
    failures: dict[ExpansionFailure, list[Target]] = {}
    too_large: dict[Entry, tuple[Node, list[Target]]] = {}
    for target, node in own.items():
        # By identity: one failure may be that of many names, and its hash takes as long as its text.
        for failure in {id(failure): failure for failure in node.failed.values()}.values():
            if failure.entry is not None:
                failures.setdefault(failure, []).append(target)
        for each in _chain(node):
            if _total(each) > MAX_ENVIRONMENT:
                largest = max(each.values, key=lambda name: (_size(name, each.values[name]), name))
                too_large.setdefault(each.provenance[largest][-1], (each, []))[1].append(target)
                break
    return (
        *_failures(failures, own),
        *(_too_large(entry, tuple(targets), node) for entry, (node, targets) in too_large.items()),
    )


def _chain(node: Node) -> Iterable[Node]:
    """Return the nodes down to this one, widest first: each is an environment that a chpst must hold."""
    return (*_chain(node.parent), node) if node.parent else ()


def _step(node_path: str, parent: Node, layers: Sequence[Layer]) -> Node:
    """Return the child of a node, to which these layers apply."""
    touched = {name for layer in layers for name in layer.entries}
    if not touched:
        return replace(parent, node_path=node_path, parent=parent, changes={})
    provenance = dict(parent.provenance)
    for layer in layers:
        for name, entry in layer.entries.items():
            provenance[name] = (*provenance.get(name, ()), entry)
    values, expands, watched = dict(parent.values), parent.expands, parent.watched
    failed = {name: failure for name, failure in parent.failed.items() if name not in touched} if parent.failed else {}
    fresh: dict[str, Provenance] = {}
    for name in touched:
        entry = provenance[name][-1]
        if entry.opaque:
            failed[name] = OPAQUE
        elif entry.parts is None:
            values[name] = entry.text
        else:
            fresh[name] = sources(provenance[name])
    if fresh or not watched.isdisjoint(touched):
        expands = {name: made_of for name, made_of in parent.expands.items() if name not in touched} | fresh
        watched = frozenset(expands).union(*map(references_of, expands.values()))
        computed, failed = expand(expands, values, {name for name, failure in failed.items() if failure is OPAQUE})
        values.update(computed)
        touched |= computed.keys()
    touched -= failed.keys()
    changes = {
        name: values[name]
        for name in sorted(touched)
        if name not in parent.values or values[name] != parent.values[name]
    }
    bound = parent.bound + sum(
        MAX_UTF8 * (len(name) + len(text) + 2) for name, text in changes.items() if text is not None
    )
    return Node(node_path, parent, values, changes, provenance, expands, failed, watched, bound)


def _total(node: Node) -> int:
    """Return the size of a node's environment in bytes, counted only if it could be too large, else its upper limit."""
    return sum(_size(name, text) for name, text in node.values.items()) if node.bound > MAX_ENVIRONMENT else node.bound


def _size(name: str, text: str | None) -> int:
    return 0 if text is None else string_size(name, text) + 1


def _failures(failures: Mapping[ExpansionFailure, list[Target]], own: Mapping[Target, Node]) -> Iterable[Diagnostic]:
    """Yield the diagnostic of each failure, with the other `!expand`s of its first target that fail because of it."""
    dependents: dict[int, dict[int, list[Entry]]] = {}
    vocabularies: dict[int, Vocabulary] = {}
    for failure, targets in sorted(failures.items(), key=lambda each: _line_of(each[0])):
        node = own[targets[0]]
        if id(node) not in dependents:
            vocabularies[id(node)] = Vocabulary(name for name, text in node.values.items() if text is not None)
            dependents[id(node)] = {}
            for name, made_of in node.expands.items():
                if name in node.failed:
                    dependents[id(node)].setdefault(id(node.failed[name]), []).append(made_of[-1])
        causes = {failure.entry, *failure.cycle}
        others = [entry for entry in dependents[id(node)].get(id(failure), ()) if entry not in causes]
        yield _failed(failure, tuple(others[:MAX_PLACES]), tuple(targets), node, vocabularies[id(node)])


def _line_of(failure: ExpansionFailure) -> tuple[str, int, int]:
    """Return where the cause of a failure is: the first of very many failures get a suggestion."""
    entry = failure.entry
    return (entry.file, entry.line, entry.column) if entry else ("", 0, 0)


def _failed(
    failure: ExpansionFailure,
    dependents: tuple[Entry, ...],
    targets: tuple[Target, ...],
    node: Node,
    vocabulary: Vocabulary,
) -> Diagnostic:
    entry = failure.entry
    assert entry is not None
    builds_on = tuple(f"`{each.name}` builds on it ({each.span})" for each in dependents)
    involved = tuple(each.name for each in dependents)
    if failure.fault:
        message = f"`{entry.name}` {failure.fault.message}"
        return Diagnostic(
            "unencodable-value",
            message,
            entry.span,
            notes=builds_on,
            help=failure.fault.help,
            targets=targets,
            variable=entry.name,
            involved=involved,
        )
    if failure.missing is None:
        return _reference_cycle(failure.cycle, builds_on, involved, targets)
    if failure.missing == entry.name:
        return _nothing_inherited(entry, node, builds_on, involved, targets)
    lines = node.provenance.get(failure.missing, ())
    habit = None if lines or is_plain_name(failure.missing) else habit_of(f"${{{failure.missing}}}")
    if habit:
        return Diagnostic(
            "invalid-reference",
            f"`{entry.name}` {habit.fault}",
            entry.span,
            notes=builds_on,
            help=habit.help,
            targets=targets,
            variable=entry.name,
            involved=involved,
        )
    known = "" if lines else vocabulary.did_you_mean(failure.missing)
    return Diagnostic(
        "unset-reference",
        f"`{entry.name}` refers to `{failure.missing}`, which has no value{known}",
        entry.span,
        label=f"`${{{failure.missing}}}` has no value",
        notes=(
            *(f"unset at {each.span}" for each in lines[-1:]),
            *builds_on,
        ),
        help=f"give it a value in place of the `!unset`, or leave `${{{failure.missing}}}` out"
        if lines
        else f"set `{failure.missing}` in a layer that these processes see; write `$$` for a dollar sign",
        targets=targets,
        variable=entry.name,
        involved=(failure.missing, *involved),
    )


def _nothing_inherited(
    entry: Entry, node: Node, builds_on: tuple[str, ...], involved: tuple[str, ...], targets: tuple[Target, ...]
) -> Diagnostic:
    lines = node.provenance[entry.name]
    unset = lines[: lines.index(entry)][-1:]
    return Diagnostic(
        "unset-reference",
        f"`{entry.name}` refers to the value that it inherits, and "
        + ("a wider layer removes it" if unset else "no wider layer sets it"),
        entry.span,
        label=f"`${{{entry.name}}}` has no value",
        notes=(*(f"unset at {each.span}" for each in unset), *builds_on),
        help=f"leave `${{{entry.name}}}` out, or give `{entry.name}` a value in a wider layer; what the machine itself "
        "sets is not known here",
        targets=targets,
        variable=entry.name,
        involved=involved,
    )


def _reference_cycle(
    cycle: tuple[Entry, ...], builds_on: tuple[str, ...], involved: tuple[str, ...], targets: tuple[Target, ...]
) -> Diagnostic:
    entry, *others = cycle
    through = f", through {some(f'`{each.name}`' for each in others)}" if others else ""
    names = [each.name for each in cycle]
    shown = names if len(names) <= MAX_PLACES else [*names[:MAX_PLACES], "..."]
    return Diagnostic(
        "reference-cycle",
        f"`{entry.name}` refers to itself{through}",
        entry.span,
        label=" -> ".join((*shown, entry.name)),
        notes=(*(f"`{each.name}` is at {each.span}" for each in others[:MAX_PLACES]), *builds_on),
        help="an `!expand` can't be made of what is made of it; give the inner part a name of its own",
        targets=targets,
        variable=entry.name,
        involved=(*(each.name for each in others), *involved),
    )


def _too_large(entry: Entry, targets: tuple[Target, ...], node: Node) -> Diagnostic:
    sizes = sorted(((_size(name, text), name) for name, text in node.values.items()), reverse=True)
    return Diagnostic(
        "environment-too-large",
        f"the environment has {_total(node):,} bytes, and at most {MAX_ENVIRONMENT:,} are taken",
        entry.name_span,
        label="its largest variable",
        notes=tuple(f"`{name}` has {size:,} bytes ({node.provenance[name][-1].span})" for size, name in sizes[:3]),
        help="deliver large values as files, and their paths as variables",
        targets=targets,
        involved=tuple(name for _, name in sizes[:3]),
    )
