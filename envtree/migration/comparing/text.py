"""A comparison with Heroku as people read it: a line for each app, below it what differs; Heroku's value first."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.diagnostic import some
from envtree.core.render.diagnostics import counted, plain
from envtree.core.render.difference import OTHER, fingerprint, first_difference, phrase
from envtree.core.render.mask import one_line
from envtree.migration.comparing.comparison import SECTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from envtree.migration.comparing.comparison import AppSummary, Difference, HerokuComparison, Section

    Paint = Callable[[str, str], str]
    Quote = Callable[[str], str]

MARKS: dict[Section, str] = {
    "missing": "-",
    "extra": "+",
    "different": "~",
    "uncarried": "!",
    "unknown": "?",
    "owned": "*",
    "expected": "=",
}
ROLES: dict[Section, str] = {"missing": "removed", "extra": "added", "uncarried": "error", "expected": "faint"}
ALL: frozenset[Section] = frozenset(SECTIONS)
BUT_OWNED: frozenset[Section] = ALL - {"owned"}
WIDEST = 60
SEALED = "[sealed]"
UNSET = "(not set)"
_OWNERS = {"platform": "Heroku's own", "run-time": "set by a dyno itself", "buildpack": "set by buildpacks"}
_COUNTED: dict[Section, str] = {
    "missing": "missing",
    "extra": "extra",
    "different": "different",
    "uncarried": "that can't be carried",
    "unknown": "sealed",
    "expected": "as expected",
}


class ComparisonDisplay(NamedTuple):
    """How a comparison is told."""

    key: bytes
    """What fingerprints are made with: another one each time."""
    reveal: str = ""
    """The one variable whose values are shown."""
    listed: frozenset[Section] = BUT_OWNED
    """What is listed, and not only counted."""
    imported: Mapping[str, int] = MappingProxyType({})
    """By app, the release that was imported last."""


def as_text(comparison: HerokuComparison, manner: ComparisonDisplay, paint: Paint = plain) -> str:
    """All apps, each with what differs."""
    found: dict[object, list[Difference]] = {}
    for each in comparison.differences:
        found.setdefault(each.cell, []).append(each)
    return "".join(
        f"{line}\n"
        for tally in comparison.tallies
        for line in (_headline(tally, found.get(tally.cell, ()), paint), *_rows(tally, found, manner, paint))
    )


def _headline(tally: AppSummary, differences: Sequence[Difference], paint: Paint) -> str:
    release = "" if tally.release is None else f" v{tally.release}"
    front = paint("message", f"{tally.cell}  {one_line(tally.app)}{release}")
    if tally.fault:
        return f"{front}: {paint('error', f'could not be compared: {one_line(tally.fault)}')}"
    names = {section: len({each.name for each in differences if each.section == section}) for section in SECTIONS}
    counts = [f"{tally.same:,} the same", *(f"{names[each]:,} {_COUNTED[each]}" for each in _COUNTED if names[each])]
    if tally.owned is None:
        counts.append("add-ons not known")
    elif tally.owned or names["owned"]:
        differ = f" ({counted(names['owned'], 'differs', 'differ')})" if names["owned"] else ""
        counts.append(f"{tally.owned:,} of add-ons{differ}")
    return f"{front}: {', '.join(counts)}"


def _rows(
    tally: AppSummary, found: Mapping[object, Sequence[Difference]], manner: ComparisonDisplay, paint: Paint
) -> Iterator[str]:
    """What differs in an app, section by section, in columns."""
    listed = [each for each in found.get(tally.cell, ()) if each.section in manner.listed]
    listed.sort(key=lambda each: SECTIONS.index(each.section))
    rows = [
        (each.section, one_line(each.name), _values(each, tally, manner), words(each, manner), location_of(each))
        for each in listed
    ]
    names = max((len(name) for _, name, *_ in rows), default=0)
    widest, longest = (
        max((len(row[column]) for row in rows if len(row[column]) <= WIDEST), default=0) for column in (2, 3)
    )
    for section, name, values, why, place in rows:
        front = paint(ROLES.get(section, "changed"), f"{MARKS[section]} {name:<{names}}")
        yield f"  {front}  {values:<{widest}}  {why:<{longest}}  {paint('frame', place)}".rstrip()


def _values(difference: Difference, tally: AppSummary, manner: ComparisonDisplay) -> str:
    heroku, ours = both_values(difference, manner)
    only = "" if difference.processes == tally.processes else f"{', '.join(difference.processes)} only: "
    return only + " -> ".join(each for each in (heroku, ours) if each)


def both_values(difference: Difference, manner: ComparisonDisplay) -> tuple[str, str]:
    """Heroku's value and ours in few words, nothing for one that is not set; its length, unless it is revealed."""
    ours = SEALED if difference.is_sealed else _value(difference.name, difference.ours, manner)
    return _value(difference.name, difference.heroku, manner), ours


def _value(name: str, text: str | None, manner: ComparisonDisplay) -> str:
    if text is None:
        return ""
    if manner.reveal and name == manner.reveal:
        return _shown(text)
    return f"{counted(len(text), 'character')} #{fingerprint(manner.key, text)}" if text else "empty"


def _shown(text: str) -> str:
    """A value as it is, or in JSON's quotes, where it could be mistaken for another."""
    is_clear = text and text.isprintable() and text == text.strip() and text[0] != '"' and "\\" not in text
    return text if is_clear else one_line(json.dumps(text, ensure_ascii=False))


def words(difference: Difference, manner: ComparisonDisplay, quote: Quote = one_line) -> str:
    """All that is said of a difference, without the values; what others wrote goes through `quote`."""
    return "; ".join(_words(difference, manner, quote))


def _words(difference: Difference, manner: ComparisonDisplay, quote: Quote) -> Iterator[str]:
    if difference.section == "expected":
        yield f"expected: {quote(difference.reason)}"
    elif difference.section == "uncarried":
        yield difference.reason
    if difference.is_sealed:
        yield "sealed, so it can't be compared"
    elif difference.heroku is None:
        yield "extra: not on Heroku"
    elif difference.ours is None and difference.section != "uncarried":
        yield "missing: on Heroku only"
    if difference.kind:
        yield _difference(difference)
    if difference.elsewhere:
        others = some(f"{cell}'s" for cell in difference.elsewhere)
        yield f"equal to {others}"
    if difference.since:
        yield _since(difference, manner)
    if difference.owner == "add-on":
        yield f"set by {quote(difference.addon) or 'an add-on'}"
    elif difference.owner in _OWNERS:
        yield _OWNERS[difference.owner]
    if difference.note:
        yield difference.note


def _difference(difference: Difference) -> str:
    parted = first_difference(difference.heroku or "", difference.ours or "")
    onward = f" from character {parted + 1:,} on" if difference.kind == OTHER and parted else ""
    return phrase(difference.kind) + onward


def _since(difference: Difference, manner: ComparisonDisplay) -> str:
    release = manner.imported.get(difference.app)
    since = "the import" if release is None else f"v{release}"
    return {"heroku": f"changed on Heroku since {since}", "us": "changed by us"}.get(
        difference.since, "changed on both sides"
    )


def location_of(difference: Difference) -> str:
    """The line that won, if there is one."""
    return f"{difference.span.file}:{difference.span.line}" if difference.span else ""
