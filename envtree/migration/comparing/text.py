"""A comparison with Heroku as text: a line for each app, below it what differs; Heroku's value first."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.diagnostic import some
from envtree.core.render.diagnostics import counted, plain
from envtree.core.render.difference import OTHER, fingerprint, first_difference, phrase
from envtree.core.render.mask import SEALED, one_line
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
    "invalid": "x",
    "owned": "*",
    "expected": "=",
}
ROLES: dict[Section, str] = {
    "missing": "removed",
    "extra": "added",
    "uncarried": "error",
    "invalid": "error",
    "expected": "faint",
}
ALL: frozenset[Section] = frozenset(SECTIONS)
BUT_OWNED: frozenset[Section] = ALL - {"owned"}
WIDEST = 60
UNSET = "(not set)"
_OWNERS = {"platform": "Heroku's own", "run-time": "set by a dyno itself", "buildpack": "set by buildpacks"}
_COUNTED: dict[Section, str] = {
    "missing": "missing",
    "extra": "extra",
    "different": "different",
    "uncarried": "that can't be carried",
    "unknown": "sealed",
    "invalid": "wrong in the tree",
    "expected": "as expected",
}


class ComparisonDisplay(NamedTuple):
    """How a comparison is shown."""

    key: bytes
    """The key of the fingerprints: another one each time."""
    reveal: str = ""
    """The one variable whose values are shown."""
    listed: frozenset[Section] = BUT_OWNED
    """The sections whose differences are listed, and not only counted."""
    imported: Mapping[str, int] = MappingProxyType({})
    """The release that was imported last, by app."""


def as_text(comparison: HerokuComparison, options: ComparisonDisplay, paint: Paint = plain) -> str:
    """Return all apps, each with what differs."""
    found: dict[object, list[Difference]] = {}
    for each in comparison.differences:
        found.setdefault(each.deployment, []).append(each)
    return "".join(
        f"{line}\n"
        for app in comparison.apps
        for line in (_headline(app, found.get(app.deployment, ()), paint), *_rows(app, found, options, paint))
    )


def _headline(app: AppSummary, differences: Sequence[Difference], paint: Paint) -> str:
    release = "" if app.release is None else f" v{app.release}"
    front = paint("message", f"{app.deployment}  {one_line(app.app)}{release}")
    if app.fault:
        return f"{front}: {paint('error', f'could not be compared: {one_line(app.fault)}')}"
    names = {section: len({each.name for each in differences if each.section == section}) for section in SECTIONS}
    counts = [f"{app.same:,} the same", *(f"{names[each]:,} {_COUNTED[each]}" for each in _COUNTED if names[each])]
    if app.owned is None:
        counts.append("add-ons not known")
    elif app.owned or names["owned"]:
        differ = f" ({counted(names['owned'], 'differs', 'differ')})" if names["owned"] else ""
        counts.append(f"{app.owned:,} of add-ons{differ}")
    return f"{front}: {', '.join(counts)}"


def _rows(
    app: AppSummary, found: Mapping[object, Sequence[Difference]], options: ComparisonDisplay, paint: Paint
) -> Iterator[str]:
    """Yield what differs in an app, section by section, in columns."""
    listed = [each for each in found.get(app.deployment, ()) if each.section in options.listed]
    listed.sort(key=lambda each: SECTIONS.index(each.section))
    rows = [
        (each.section, one_line(each.name), _values(each, app, options), describe(each, options), location_of(each))
        for each in listed
    ]
    names = max((len(name) for _, name, *_ in rows), default=0)
    widest, longest = (
        max((len(row[column]) for row in rows if len(row[column]) <= WIDEST), default=0) for column in (2, 3)
    )
    for section, name, values, why, location in rows:
        front = paint(ROLES.get(section, "changed"), f"{MARKS[section]} {name:<{names}}")
        yield f"  {front}  {values:<{widest}}  {why:<{longest}}  {paint('frame', location)}".rstrip()


def _values(difference: Difference, app: AppSummary, options: ComparisonDisplay) -> str:
    heroku, ours = both_values(difference, options)
    only = "" if difference.processes == app.processes else f"{', '.join(difference.processes)} only: "
    return only + " -> ".join(each for each in (heroku, ours) if each)


def both_values(difference: Difference, options: ComparisonDisplay) -> tuple[str, str]:
    """Return both values in few words (length and fingerprint unless revealed); nothing for one not set."""
    ours = SEALED if difference.is_sealed else _value(difference.name, difference.ours, options)
    return _value(difference.name, difference.heroku, options), ours


def _value(name: str, text: str | None, options: ComparisonDisplay) -> str:
    if text is None:
        return ""
    if options.reveal and name == options.reveal:
        return _shown(text)
    return f"{counted(len(text), 'character')} #{fingerprint(options.key, text)}" if text else "empty"


def _shown(text: str) -> str:
    """Return a value as it is, or in JSON's quotes, where it could be mistaken for another."""
    is_clear = text and text.isprintable() and text == text.strip() and text[0] != '"' and "\\" not in text
    return text if is_clear else one_line(json.dumps(text, ensure_ascii=False))


def describe(difference: Difference, options: ComparisonDisplay, quote: Quote = one_line) -> str:
    """Return all remarks about a difference, without the values; what others wrote goes through `quote`."""
    return "; ".join(_remarks(difference, options, quote))


def _remarks(difference: Difference, options: ComparisonDisplay, quote: Quote) -> Iterator[str]:
    if difference.section == "expected":
        yield f"expected: {quote(difference.reason)}"
    elif difference.section == "uncarried":
        yield difference.reason
    elif difference.section == "invalid":
        yield f"wrong in the tree: {difference.reason}"
        return
    if difference.is_sealed:
        yield "sealed, so it can't be compared"
    elif difference.heroku is None:
        yield "extra: not on Heroku"
    elif difference.ours is None and difference.section != "uncarried":
        yield "missing: on Heroku only"
    if difference.kind:
        yield _difference(difference)
    if difference.equal_to:
        others = some((f"{deployment}'s" for deployment in difference.equal_to), total=difference.equal_count)
        yield f"equal to {others}"
    if difference.changed_by:
        yield _changed_by(difference, options)
    if difference.owner == "add-on":
        yield f"set by {quote(difference.addon) or 'an add-on'}"
    elif difference.owner in _OWNERS:
        yield _OWNERS[difference.owner]
    if difference.note:
        yield difference.note
    if difference.hint:
        yield difference.hint


def _difference(difference: Difference) -> str:
    position = first_difference(difference.heroku or "", difference.ours or "")
    suffix = f" from character {position + 1:,} on" if difference.kind == OTHER and position else ""
    return phrase(difference.kind) + suffix


def _changed_by(difference: Difference, options: ComparisonDisplay) -> str:
    release = options.imported.get(difference.app)
    since = "the import" if release is None else f"v{release}"
    return {"heroku": f"changed on Heroku since {since}", "us": "changed by us"}.get(
        difference.changed_by, "changed on both sides"
    )


def location_of(difference: Difference) -> str:
    """Return the line that won, if there is one."""
    return f"{difference.span.file}:{difference.span.line}" if difference.span else ""
