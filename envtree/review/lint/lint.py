"""What a valid tree doesn't need or should not hold: a warning at each line, and which lines can be removed.

Entries are compared by the provenance of their variable, target by target. Opaque ones (sealed, or wrong) are skipped.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from envtree.core.layers.expand import names_itself, sources
from envtree.core.layers.layout import SEALED_SUFFIX, SUFFIX
from envtree.core.model.diagnostic import Code, some
from envtree.core.model.source import CONFIGS
from envtree.review.lint.occurrences import EntryIndex, Lint, Occurrence, index_entries, location_of
from envtree.review.lint.quieting import NOTHING_DISCLOSED, Disclosure, Used, lines_of
from envtree.review.lint.repeated import Family, repeated
from envtree.review.lint.security import (
    by_layer,
    clear_secrets,
    find_suspected_secrets,
    loader_variables,
    unsealed_secrets,
)
from envtree.review.lint.shared import shared_secrets
from envtree.review.lint.values import suspicious_values

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Set

    from envtree.core.compile import Compilation
    from envtree.core.model.source import Source
    from envtree.core.model.tree import Entry, Target

MAX_PLACES = 6

OF_VALUES: frozenset[Code] = frozenset(
    (
        *("missing-value", "nested-value", "unknown-tag", "invalid-unset", "invalid-json", "invalid-reference"),
        *("file-not-found", "file-outside", "unencodable-value", "environment-too-large"),
        *("unset-reference", "reference-cycle", "unknown-variable", "missing-variable", "invalid-value"),
        *("inconsistent-values", "validator-failed", "port-clash", "deprecated-variable"),
        "broken-promise",
    )
)
"""Errors after which the layers of each line and its schemas are still certain, so that other lines can be checked."""


def lint(
    compilation: Compilation,
    targets: Collection[Target],
    source: Source,
    disclosure: Disclosure = NOTHING_DISCLOSED,
) -> tuple[tuple[Lint, ...], Used]:
    """Check the lines that some targets see, by what all targets get.

    Return what is found, sorted by location, and the comments that have quieted something.
    """
    index = index_entries(compilation, partial(find_suspected_secrets, compilation))
    redundant = {entry for entry, occurrences in index.seen.items() if _is_redundant(entry, occurrences)}
    shadowed = {entry for entry, occurrences in index.seen.items() if _is_shadowed(entry, occurrences, redundant)}
    pointless = (
        {entry for entry, occurrences in index.seen.items() if _is_pointless(entry, occurrences)} - redundant - shadowed
    )
    found = (
        *(_redundant(entry, index) for entry in redundant),
        *(_shadowed(entry, index, redundant) for entry in shadowed),
        *(_pointless(entry, index) for entry in pointless),
        *_repeated(index, redundant | shadowed | pointless),
        *loader_variables(index),
        *suspicious_values(index, source),
        *clear_secrets(index),
        *unsealed_secrets(index),
        *shared_secrets(index),
    )
    wanted = (each for each in found if not {*each.diagnostic.targets}.isdisjoint(targets))
    kept, used = disclosure.divide((each, each.diagnostic.code, lines_of(each.entry, *each.others)) for each in wanted)
    shown = kept if disclosure.seals else by_layer(kept, index)
    return tuple(sorted(shown, key=lambda each: (each.entry.file, each.entry.name_line, each.diagnostic.code))), used


def _is_redundant(entry: Entry, occurrences: tuple[Occurrence, ...]) -> bool:
    """Return whether every target that sees an entry would get the same from the entry just before it.

    All such entries, or any of them, can be removed at once: each has the value of the one before it, and so that of
    the first that stays.
    """
    return not entry.opaque and all(
        rank and _say_the_same(entries[rank - 1], entry) for entries, rank, _ in occurrences
    )


def _say_the_same(wider: Entry, entry: Entry) -> bool:
    return not (wider.opaque or names_itself(entry)) and (wider.text, wider.parts) == (entry.text, entry.parts)


def _is_shadowed(entry: Entry, occurrences: tuple[Occurrence, ...], redundant: Set[Entry]) -> bool:
    """Return whether no value is made of an entry; a winner that only repeats what it inherits does not count."""
    return not (entry.opaque or entry in redundant) and all(
        entry not in sources(tuple(each for each in entries if each not in redundant)) for entries, _, _ in occurrences
    )


def _is_pointless(entry: Entry, occurrences: tuple[Occurrence, ...]) -> bool:
    """Return whether an entry is an `!unset` that has nothing to remove for any target."""
    return entry.text is None and all(
        wider.text is None for entries, rank, _ in occurrences for wider in entries[:rank]
    )


def _redundant(entry: Entry, index: EntryIndex) -> Lint:
    wider = tuple(dict.fromkeys(entries[rank - 1] for entries, rank, _ in index.seen[entry]))
    found = index.warning(
        "redundant-override",
        (entry,),
        f"`{entry.name}` repeats what it inherits",
        f"the same as {some(map(location_of, wider))}",
        advice="remove the line",
    )
    return found._replace(repeats=wider)


def _shadowed(entry: Entry, index: EntryIndex, redundant: Set[Entry]) -> Lint:
    """Warn, but offer no fix: a default that every process overrides today may be meant for the next process."""
    winners = {next(each for each in reversed(entries) if each not in redundant) for entries, _, _ in index.seen[entry]}
    return index.warning(
        "shadowed-entry",
        (entry,),
        f"no process sees this value of `{entry.name}`",
        "overridden for every process",
        (f"overridden at {some(map(location_of, sorted(winners, key=lambda each: each.span)), MAX_PLACES)}",),
        "remove the line, unless it is a default for processes to come",
    )


def _pointless(entry: Entry, index: EntryIndex) -> Lint:
    """Warn, but offer no fix: what the machine's own environment holds is unknown here."""
    return index.warning(
        "pointless-unset",
        (entry,),
        f"`{entry.name}` is set by no wider layer: this `!unset` only clears what the machine itself may have set",
        "nothing to remove",
        advice="remove the line, unless the machine's own environment may hold the name",
    )


def _repeated(index: EntryIndex, others: Set[Entry]) -> Iterator[Lint]:
    """Find values that every sibling repeats; a secret stays in the files of its environments."""
    layers: dict[str, dict[str, Entry]] = {}
    for entry in index.seen:
        layer_id = (
            entry.file.removeprefix(CONFIGS).removesuffix(SUFFIX).removesuffix(SEALED_SUFFIX.removesuffix(SUFFIX))
        )
        layers.setdefault(layer_id, {})[entry.name] = entry
    secret = {name for governance in index.compilation.governed.values() for name in governance.secret}

    def may_move(entry: Entry, family: Family) -> bool:
        is_secret = entry in index.suspected_secrets or entry.name in secret
        return not (entry.opaque or entry in others or names_itself(entry) or (family.across and is_secret))

    for family, entries in repeated(index.compilation.own, layers, may_move):
        first, *rest = entries
        yield index.warning(
            "repeated-value",
            entries,
            f"`{first.name}` {'is unset' if first.text is None else 'has the same value'} in every {family.kind}",
            f"the same in {len(entries)} files",
            (f"also at {some(map(location_of, rest), MAX_PLACES)}",),
            f"write it once, in {CONFIGS}{family.wider}{SUFFIX}, and remove it from these files",
        )
