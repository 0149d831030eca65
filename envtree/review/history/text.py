"""The events of a target as people read them: a line for the commit, and one for each thing that it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.core.render.diagnostics import counted, plain
from envtree.core.render.difference import fingerprint, first_difference, kind, phrase
from envtree.core.render.mask import mask_passwords, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from envtree.core.model.tree import Target
    from envtree.review.diff.comparison import Change
    from envtree.review.history.events import ChangeSet, Event, Invalidation

    Paint = Callable[[str, str], str]

MARKS = {"added": ("+", "good"), "removed": ("-", "error"), "changed": ("~", "warning")}
SEALED = "[sealed]"
UNSET = "(not set)"
MIN_ROOM = 24


class DisplayOptions(NamedTuple):
    """How events are told."""

    target: Target
    key: bytes
    """What fingerprints are made with: another one each time."""
    width: int | None = None
    """Columns that a line may have; None for any."""
    revealed: bool = False
    """Nothing is hidden but what is sealed."""


def as_text(event: Event, manner: DisplayOptions, paint: Paint = plain) -> str:
    """The commit, and below it what it changed."""
    commit, width = event.commit, manner.width
    subject = one_line(f"{commit.day} {commit.author}  {commit.subject}")
    head = f"{paint('frame', commit.short)} {_clip(subject, width - len(commit.short) - 1 if width else None)}"
    return "".join(f"{line}\n" for line in (head, *_lines(event.news, manner, paint)))


def _lines(news: ChangeSet, manner: DisplayOptions, paint: Paint) -> Iterator[str]:
    if news.arrival:
        mark, role = MARKS["added" if news.arrival == "new" else "removed"]
        yield f"  {paint(role, f'{mark} {manner.target}')}  {counted(len(news.changes), 'variable')}"
    if news.arrival != "gone":
        yield from _changes(news, manner, paint)
    for fault in news.invalid:
        yield f"  {paint('error', f'! {_fault(fault, manner)}')}"
    for name in news.valid:
        yield f"  {paint('good', f'= {one_line(name) or manner.target} is valid again')}"


def _fault(fault: Invalidation, manner: DisplayOptions) -> str:
    if fault.why is None:
        return f"invalid: {one_line(fault.name) or manner.target}"
    span = fault.why.span
    return one_line(f"invalid: {fault.why.message}" + (f"  {span.file}:{span.line}" if span else ""))


def _changes(news: ChangeSet, manner: DisplayOptions, paint: Paint) -> Iterator[str]:
    names = max((len(one_line(each.name)) for each in news.changes), default=0)
    for each in news.changes:
        mark, role = MARKS[each.kind]
        why, front = one_line(_why(each)), f"{paint(role, mark)} {one_line(each.name):<{names}}"
        sealed = news.sealed.get(each.name, (False, False))
        values = _values(each, sealed, manner, None)
        if manner.width is None or names + len(values) + len(why) + 8 <= manner.width:
            yield f"  {front}  {values}  {paint('frame', why)}".rstrip()
        else:
            yield f"  {front}  {_values(each, sealed, manner, max(MIN_ROOM, manner.width - names - 6))}"
            yield f"  {'':<{names + 4}}{paint('frame', why)}"


def _why(change: Change) -> str:
    """The line that was edited, and through which variables it reached this one."""
    cause = change.cause
    if cause.entry is None:
        return ""
    through = f" through {', '.join(cause.through)}" if cause.through else ""
    gone = " removed" if cause.after is None and change.kind != "removed" else ""
    return f"{cause.entry.file}:{cause.entry.line}{gone}{through}"


def _values(change: Change, sealed: tuple[bool, bool], manner: DisplayOptions, room: int | None) -> str:
    """`before -> after`, or the one that there is; of what is hidden, the kind of difference."""
    both = (change.transitions[0].before, change.transitions[0].after)
    hidden = change.hidden and not manner.revealed
    texts = [_value(text, manner, hidden=hidden, sealed=side) for text, side in zip(both, sealed, strict=True)]
    if change.kind != "changed":
        return _clip(texts[change.kind == "added"], room)
    how = _difference(both, sealed, texts, hidden=hidden)
    before, after = _clipped(texts[0], texts[1], room - len(how) - 4 if room else None)
    return f"{before} -> {after}{how}"


def _value(text: str | None, manner: DisplayOptions, *, hidden: bool, sealed: bool) -> str:
    if text is None:
        return UNSET
    if sealed:
        return SEALED
    if hidden:
        return f"[hidden #{fingerprint(manner.key, text)}]"
    return one_line(text if manner.revealed else mask_passwords(text)) or '""'


def _difference(
    both: tuple[str | None, str | None], sealed: tuple[bool, bool], texts: list[str], *, hidden: bool
) -> str:
    """In words, where the values themselves don't tell."""
    before, after = both
    if all(sealed):
        return " (encrypted anew)"
    if before is None or after is None or any(sealed) or not (hidden or texts[0] == texts[1]):
        return ""
    return f" ({phrase(kind(before, after))})"


def _clipped(before: str, after: str, room: int | None) -> tuple[str, str]:
    """Two values in so many columns, from a little before where they part."""
    if room is None or len(before) + len(after) <= room:
        return before, after
    half = room // 2
    shorter = min(len(before), len(after))
    if shorter < half:
        return _clip(before, room - min(half, len(after))), _clip(after, room - min(half, len(before)))
    parted = first_difference(before, after)
    start = max(0, parted - half // 3)
    front = "..." if start else ""
    return _clip(front + before[start:], half), _clip(front + after[start:], half)


def _clip(text: str, width: int | None) -> str:
    return text if width is None or len(text) <= width else f"{text[: max(1, width - 3)]}..."
