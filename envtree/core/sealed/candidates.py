"""The clear entries of a layer that can be sealed, and the secrets that can't."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from envtree.core.model.tree import Entry

EXPANDED = "it is computed by `!expand`: what it is made of is sealed instead"
EMPTY = "it is empty, and SOPS doesn't seal what is empty"
WRONG = "its value is wrong: `envtree validate` says why"


class Remaining(NamedTuple):
    """A secret that stays in clear, and why."""

    entry: Entry
    reason: str
    can_be_sealed: bool = False
    """Whether SOPS can seal it, once a person has taken its line out of the clear file."""


def candidates(entries: Iterable[Entry], secret: Collection[str]) -> tuple[tuple[Entry, ...], tuple[Remaining, ...]]:
    """Return the clear entries with a secret's name that SOPS can seal, and those that it can't."""
    clear = [each for each in entries if each.name in secret and not each.sealed and each.text is not None]
    remaining = {each: reason for each in clear if (reason := _reason(each))}
    return (
        tuple(each for each in clear if each not in remaining),
        tuple(Remaining(each, reason) for each, reason in remaining.items()),
    )


def _reason(entry: Entry) -> str:
    if entry.opaque:
        return WRONG
    if entry.parts is not None:
        return EXPANDED
    return "" if entry.text else EMPTY
