"""The events of a target as text for people: a line for the commit, and one for each thing that it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.core.render.diagnostics import counted, plain
from envtree.core.render.difference import fingerprint, first_difference, kind, phrase, sealing_phrase
from envtree.core.render.mask import SEALED, clip, clip_pair, mask_passwords, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from envtree.core.model.tree import Target
    from envtree.review.diff.comparison import Change
    from envtree.review.history.events import ChangeSet, Event, Invalidation

    Paint = Callable[[str, str], str]

MARKS = {"added": ("+", "good"), "removed": ("-", "error"), "changed": ("~", "warning")}
UNSET = "(not set)"
MIN_WIDTH = 24


class DisplayOptions(NamedTuple):
    """How events are shown."""

    target: Target
    key: bytes
    """The random key of the fingerprints, a new one for each run."""
    width: int | None = None
    """Columns that a line may have; None for no limit."""
    revealed: bool = False
    """Whether nothing is hidden except sealed values."""


def as_text(event: Event, options: DisplayOptions, paint: Paint = plain) -> str:
    """Return the commit, and what it changed below it."""
    commit, width = event.commit, options.width
    subject = one_line(f"{commit.day} {commit.author}  {commit.subject}")
    head = f"{paint('frame', commit.short)} {clip(subject, width - len(commit.short) - 1 if width else None)}"
    return "".join(f"{line}\n" for line in (head, *_lines(event.change_set, options, paint)))


def _lines(change_set: ChangeSet, options: DisplayOptions, paint: Paint) -> Iterator[str]:
    if change_set.target_change:
        mark, role = MARKS["added" if change_set.target_change == "new" else "removed"]
        yield f"  {paint(role, f'{mark} {options.target}')}  {counted(len(change_set.changes), 'variable')}"
    if change_set.target_change != "gone":
        yield from _changes(change_set, options, paint)
    for invalidation in change_set.invalid:
        yield f"  {paint('error', f'! {_invalid(invalidation, options)}')}"
    for name in change_set.valid:
        yield f"  {paint('good', f'= {one_line(name) or options.target} is valid again')}"


def _invalid(invalidation: Invalidation, options: DisplayOptions) -> str:
    if invalidation.reason is None:
        return f"invalid: {one_line(invalidation.name) or options.target}"
    span = invalidation.reason.span
    return one_line(f"invalid: {invalidation.reason.message}" + (f"  {span.file}:{span.line}" if span else ""))


def _changes(change_set: ChangeSet, options: DisplayOptions, paint: Paint) -> Iterator[str]:
    names = max((len(one_line(each.name)) for each in change_set.changes), default=0)
    for each in change_set.changes:
        mark, role = MARKS[each.kind]
        cause, front = one_line(_why(each)), f"{paint(role, mark)} {one_line(each.name):<{names}}"
        sealed = change_set.sealed.get(each.name, (False, False))
        values = _values(each, sealed, options, None)
        if options.width is None or names + len(values) + len(cause) + 8 <= options.width:
            yield f"  {front}  {values}  {paint('frame', cause)}".rstrip()
        else:
            yield f"  {front}  {_values(each, sealed, options, max(MIN_WIDTH, options.width - names - 6))}"
            yield f"  {'':<{names + 4}}{paint('frame', cause)}"


def _why(change: Change) -> str:
    """Return the edited line, and the variables through which it changed this one."""
    cause = change.cause
    if cause.entry is None:
        return ""
    through = f" through {', '.join(cause.through)}" if cause.through else ""
    gone = " removed" if cause.after is None and change.kind != "removed" else ""
    return f"{cause.entry.file}:{cause.entry.line}{gone}{through}"


def _values(change: Change, sealed: tuple[bool, bool], options: DisplayOptions, width: int | None) -> str:
    """Return `before -> after`, or the only value that there is; and for hidden values the kind of difference."""
    both = (change.transitions[0].before, change.transitions[0].after)
    hidden = change.hidden and not options.revealed
    texts = [_value(text, options, hidden=hidden, sealed=side) for text, side in zip(both, sealed, strict=True)]
    if change.kind != "changed":
        return clip(texts[change.kind == "added"], width)
    difference = _difference(both, sealed, texts, hidden=hidden)
    before, after = _clipped(texts[0], texts[1], width - len(difference) - 4 if width else None)
    return f"{before} -> {after}{difference}"


def _value(text: str | None, options: DisplayOptions, *, hidden: bool, sealed: bool) -> str:
    if text is None:
        return UNSET
    if sealed:
        return SEALED
    if hidden:
        return f"[hidden #{fingerprint(options.key, text)}]"
    return one_line(text if options.revealed else mask_passwords(text)) or '""'


def _difference(
    both: tuple[str | None, str | None], sealed: tuple[bool, bool], texts: list[str], *, hidden: bool
) -> str:
    """Return the kind of difference in words, if the values don't show it."""
    before, after = both
    if before is None or after is None:
        return ""
    if any(sealed):
        return f" ({sealing_phrase(before=sealed[0], after=sealed[1])})"
    if not (hidden or texts[0] == texts[1]):
        return ""
    return f" ({phrase(kind(before, after))})"


def _clipped(before: str, after: str, width: int | None) -> tuple[str, str]:
    """Clip two values to so many columns together, from shortly before their first difference."""
    if width is None or len(before) + len(after) <= width:
        return before, after
    half = width // 2
    shorter = min(len(before), len(after))
    if shorter < half:
        return clip(before, width - min(half, len(after))), clip(after, width - min(half, len(before)))
    split = first_difference(before, after)
    return clip_pair(before, after, split - half // 3, half)
