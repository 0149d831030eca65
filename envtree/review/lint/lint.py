"""What a valid tree could do without, or should not hold: each a warning at its line, and some lines that can go.

Judged by who stands in line for a variable, target by target. What is opaque (sealed, or wrong) is judged by nothing.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from envtree.core.layers.layout import SEALED_SUFFIX, SUFFIX
from envtree.core.model.diagnostic import Code, some
from envtree.core.model.source import CONFIGS
from envtree.review.lint.occurrences import EntryIndex, Lint, Occurrence, location_of, views_of
from envtree.review.lint.repeated import Family, repeated
from envtree.review.lint.security import clear_secrets, loader_variables, secret_looks

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Set

    from envtree.core.compile import Compilation
    from envtree.core.model.tree import Entry, Target

MAX_PLACES = 6

OF_VALUES: frozenset[Code] = frozenset(
    (
        *("missing-value", "nested-value", "unknown-tag", "invalid-unset", "invalid-json", "invalid-reference"),
        *("file-not-found", "file-outside", "unencodable-value", "environment-too-large"),
        *("unset-reference", "reference-cycle", "unknown-variable", "missing-variable", "invalid-value"),
        *("inconsistent-values", "validator-failed", "port-clash"),
    )
)
"""Errors that leave certain which line stands where and who governs it, so that the other lines can be judged."""


def lint(compilation: Compilation, targets: Collection[Target]) -> tuple[Lint, ...]:
    """What is found of the lines that some targets see, judged by all targets, in the order of their places."""
    views = views_of(compilation, partial(secret_looks, compilation))
    redundant = {entry for entry, sighted in views.seen.items() if _is_redundant(entry, sighted)}
    shadowed = {entry for entry, sighted in views.seen.items() if _is_shadowed(entry, sighted, redundant)}
    pointless = {entry for entry, sighted in views.seen.items() if _is_pointless(entry, sighted)} - redundant - shadowed
    found = (
        *(_redundant(entry, views) for entry in redundant),
        *(_shadowed(entry, views, redundant) for entry in shadowed),
        *(_pointless(entry, views) for entry in pointless),
        *_repeated(views, redundant | shadowed | pointless),
        *loader_variables(views),
        *clear_secrets(views),
    )
    wanted = (each for each in found if not {*each.diagnostic.targets}.isdisjoint(targets))
    return tuple(sorted(wanted, key=lambda each: (each.entry.file, each.entry.name_line, each.diagnostic.code)))


def _is_redundant(entry: Entry, sighted: tuple[Occurrence, ...]) -> bool:
    """Whether every target that sees it would get the same from the entry just before it.

    All such entries can go at once, or any of them: each has the value of the one before it, and so of the first that
    stays.
    """
    return not entry.opaque and all(at and _say_the_same(line[at - 1], entry) for line, at, _ in sighted)


def _say_the_same(wider: Entry, entry: Entry) -> bool:
    return not wider.opaque and (wider.text, wider.parts) == (entry.text, entry.parts)


def _is_shadowed(entry: Entry, sighted: tuple[Occurrence, ...], redundant: Set[Entry]) -> bool:
    """Whether another wins for every target; one that merely repeats what it inherits doesn't count."""
    return not (entry.opaque or entry in redundant) and all(
        any(narrower not in redundant for narrower in line[at + 1 :]) for line, at, _ in sighted
    )


def _is_pointless(entry: Entry, sighted: tuple[Occurrence, ...]) -> bool:
    """Whether it is an `!unset`, and for no target there is anything to remove."""
    return entry.text is None and all(wider.text is None for line, at, _ in sighted for wider in line[:at])


def _redundant(entry: Entry, views: EntryIndex) -> Lint:
    wider = tuple(dict.fromkeys(line[at - 1] for line, at, _ in views.seen[entry]))
    found = views.warning(
        "redundant-override",
        (entry,),
        f"`{entry.name}` repeats what it inherits",
        f"the same as {some(map(location_of, wider))}",
        advice="remove the line",
    )
    return found._replace(repeats=wider)


def _shadowed(entry: Entry, views: EntryIndex, redundant: Set[Entry]) -> Lint:
    """Not to be fixed: it changes nothing, but a default that all override today may be there for the next process."""
    winners = {next(each for each in reversed(line) if each not in redundant) for line, _, _ in views.seen[entry]}
    return views.warning(
        "shadowed-entry",
        (entry,),
        f"no process sees this value of `{entry.name}`",
        "overridden for every process",
        (f"overridden at {some(map(location_of, sorted(winners, key=lambda each: each.span)), MAX_PLACES)}",),
        "remove the line, unless it is a default for processes to come",
    )


def _pointless(entry: Entry, views: EntryIndex) -> Lint:
    """Not to be fixed: what the machine's own environment holds is not known here."""
    return views.warning(
        "pointless-unset",
        (entry,),
        f"`{entry.name}` is set by no wider layer: this `!unset` only clears what the machine itself may have set",
        "nothing to remove",
        advice="remove the line, unless the machine's own environment may hold the name",
    )


def _repeated(views: EntryIndex, others: Set[Entry]) -> Iterator[Lint]:
    """Values that every sibling repeats; what is secret stays in the files of its environments."""
    layers: dict[str, dict[str, Entry]] = {}
    for entry in views.seen:
        place = entry.file.removeprefix(CONFIGS).removesuffix(SUFFIX).removesuffix(SEALED_SUFFIX.removesuffix(SUFFIX))
        layers.setdefault(place, {})[entry.name] = entry
    secret = {name for governance in views.compilation.governed.values() for name in governance.secret}

    def may_move(entry: Entry, family: Family) -> bool:
        is_secret = entry in views.looks or entry.name in secret
        return not (entry.opaque or entry in others or (family.across and is_secret))

    for family, entries in repeated(views.compilation.own, layers, may_move):
        first, *rest = entries
        yield views.warning(
            "repeated-value",
            entries,
            f"`{first.name}` {'is unset' if first.text is None else 'has the same value'} in every {family.words}",
            f"the same in {len(entries)} files",
            (f"also at {some(map(location_of, rest), MAX_PLACES)}",),
            f"write it once, in {CONFIGS}{family.wider}{SUFFIX}, and remove it from these files",
        )
