"""The diagnostics of promises that are broken, or can't be proved: each names every place that has a part in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.layers.layout import SUFFIX, layer_ids
from envtree.core.model.diagnostic import Diagnostic, some
from envtree.core.model.source import CONFIGS
from envtree.core.model.tree import Entry
from envtree.core.render.difference import fingerprint
from envtree.core.render.mask import HIDDEN, SEALED
from envtree.core.schema.finding import shown
from envtree.core.schema.governance import hidden_names
from envtree.core.schema.promises.marks import LAYERS, PARTS, Differs, SetIn, kind_of, part_of
from envtree.core.schema.promises.proof import breaches

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from envtree.core.layers.resolve import Node
    from envtree.core.model.tree import Target
    from envtree.core.schema.governance import Governance
    from envtree.core.schema.promises.proof import Breach, ComparedValue

MAX_PLACES = 6


def broken_promises(
    own: Mapping[Target, Node],
    beside: Mapping[Target, Node],
    governed: Mapping[Target, Governance],
    unread: Collection[Target],
    key: bytes | None,
) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each broken promise about the targets in `own`; see `breaches`.

    `key` makes the fingerprints of hidden values; without one, they are only said to be hidden.
    """
    known: dict[tuple[int, int], frozenset[str]] = {}

    def is_hidden(name: str, target: Target) -> bool:
        node, governance = own.get(target) or beside[target], governed[target]
        each = (id(node), id(governance))
        if each not in known:
            known[each] = hidden_names(node, governance)
        return name in known[each]

    for breach in breaches(own, beside, governed, unread):
        hidden = any(is_hidden(breach.line.name, each.target) for each in breach.places)
        if breach.unproved:
            yield _unproved(breach)
        elif isinstance(breach.line.promise, SetIn):
            yield _misplaced(breach, hidden=hidden)
        elif isinstance(breach.line.promise, Differs):
            yield _shared(breach, key, hidden=hidden)
        else:
            yield _varying(breach, key, hidden=hidden)


def value_shown(value: object, key: bytes | None, *, hidden: bool) -> str:
    """Return what a place gets, in a few words that may be shown."""
    if value is None:
        return "no value"
    if isinstance(value, Entry):
        return SEALED
    if not isinstance(value, str):
        return "what is not known"
    if not hidden:
        return shown(value)
    return f"[hidden #{fingerprint(key, value)}]" if key else HIDDEN


def _shared(breach: Breach, key: bytes | None, *, hidden: bool) -> Diagnostic:
    """Return the error for one value in several environments, services or processes."""
    line, places = breach.line, breach.places
    part = line.promise.between if isinstance(line.promise, Differs) else "environment"
    *others, last = _entries(places)
    parts = _parts(breach, places)
    values = tuple(dict.fromkeys(value_shown(each.value, key, hidden=hidden) for each in places))
    kinds = {kind_of(each.file) for each in (*others, last)}
    narrower = next((LAYERS[kind] for kind in LAYERS if part in kind.split("/") and kinds.isdisjoint((kind,))), "")
    return Diagnostic(
        "broken-promise",
        f"`{line.name}` is the same in {parts}, and is to differ between {PARTS[part]}",
        last.name_span if hidden or last.sealed else last.span,
        "the same value" if others else f"several {PARTS[part]} get this value",
        (
            *(f"also at {each.span}" for each in others[:MAX_PLACES]),
            *((f"and at {len(others) - MAX_PLACES} more places",) if len(others) > MAX_PLACES else ()),
            f"they get {some(values)}",
            _promised(breach),
        ),
        f"give each {part} a value of its own" + (f", in {narrower}" if narrower and not others else ""),
        _targets(places),
        shown=not hidden,
        variable=line.name,
    )


def _varying(breach: Breach, key: bytes | None, *, hidden: bool) -> Diagnostic:
    """Return the error for values that are to be one, at the line that the fewest processes see."""
    line, places = breach.line, breach.places
    by_value: dict[object, list[ComparedValue]] = {}
    for each in places:
        by_value.setdefault(each.value, []).append(each)
    narrowest = max(_entries(places), key=lambda each: (each.file.count("/"), each.file, each.line))
    notes = []
    for value, having in by_value.items():
        spans = some((each.span for each in _entries(having)), MAX_PLACES)
        notes.append(
            f"{_parts(breach, having)}: {value_shown(value, key, hidden=hidden)}{f' ({spans})' if spans else ''}"
        )
    more = (f"and {len(notes) - MAX_PLACES} more values",) if len(notes) > MAX_PLACES else ()
    return Diagnostic(
        "broken-promise",
        f"`{line.name}` has {len(by_value)} values, and is to be {line.promise.words.removeprefix('its value is ')}",
        narrowest.name_span if hidden or narrowest.sealed else narrowest.span,
        notes=(*notes[:MAX_PLACES], *more, _promised(breach)),
        help="set it once, in a layer that all of them see",
        targets=_targets(places),
        shown=not hidden,
        variable=line.name,
    )


def _misplaced(breach: Breach, *, hidden: bool) -> Diagnostic:
    """Return the error for a line in a layer that may not set the variable."""
    line, (first, *_) = breach.line, breach.places
    assert isinstance(line.promise, SetIn)
    assert first.entry
    wanted = [
        f"{CONFIGS}{layer_id}{SUFFIX}"
        for layer_id, kind in zip(layer_ids(first.target), LAYERS, strict=True)
        if kind in line.promise.layers
    ]
    return Diagnostic(
        "broken-promise",
        f"`{line.name}` is not to be set here: {line.promise.words}",
        first.entry.name_span,
        "a layer that must not set it",
        (_promised(breach),),
        f"move it to {some(wanted)}" + (" and its siblings" if len(breach.places) > 1 else ""),
        _targets(breach.places),
        shown=not hidden,
        variable=line.name,
    )


def _unproved(breach: Breach) -> Diagnostic:
    """Return the warning that what other targets get is not known."""
    line = breach.line
    return Diagnostic(
        "unproved-promise",
        f"what is promised of `{line.name}` is not proved: {line.promise.words}",
        line.span,
        "promised here",
        (f"sealed or unreadable: the value of {some(_targets(breach.places))}",),
        "validate the whole tree where its keys are",
        severity="warning",
        shown=True,
        variable=line.name,
    )


def _entries(places: Collection[ComparedValue]) -> list[Entry]:
    """Return the lines that set what these places get, each once."""
    return sorted({each.entry for each in places if each.entry}, key=lambda each: each.span)


def _parts(breach: Breach, places: Collection[ComparedValue]) -> str:
    promise = breach.line.promise
    assert not isinstance(promise, SetIn)
    return some(sorted({part_of(each.target, promise.between) for each in places}))


def _promised(breach: Breach) -> str:
    return f"promised in {breach.line.span.file}:{breach.line.span.line}"


def _targets(places: Collection[ComparedValue]) -> tuple[Target, ...]:
    return tuple(sorted({each.target for each in places}))
