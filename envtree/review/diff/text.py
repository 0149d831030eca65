"""A comparison as people read it: each change with its line and its processes, or counts and names alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.diagnostic import some
from envtree.core.render.diagnostics import counted, plain
from envtree.core.render.difference import fingerprint, first_difference, kind, phrase
from envtree.core.render.mask import mask_passwords, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from envtree.core.model.commit import Commit
    from envtree.core.model.tree import Entry, Target
    from envtree.review.diff.comparison import Cause, Change, Comparison, NoEffectEdit, Transition

    Paint = Callable[[str, str], str]

MARKS = {"added": "+", "removed": "-", "changed": "~"}
WIDEST = 60
AROUND = 12
LISTED = 6


class DiffReport(NamedTuple):
    """A comparison with what is told of it: who wrote each line, and who is invalid on either side."""

    comparison: Comparison
    authors: Mapping[Entry, Commit | None]
    """By line; None for one that is not committed yet."""
    broken: tuple[Target, ...]
    """Valid before, and no longer."""
    mended: tuple[Target, ...]
    invalid: tuple[Target, ...]
    """On both sides; where they are not two revisions of the same, on either."""
    key: bytes
    """What fingerprints are made with: another one each time."""
    is_history: bool = True
    """The sides are revisions of the same targets: a line that is not there any more was removed."""
    untouched: int = 0
    """Targets that no edit could reach, and that were not looked at."""

    @property
    def compared(self) -> int:
        """How many targets were held against one another, those that can't differ among them."""
        return len(self.comparison.compared) + self.untouched


def as_text(told: DiffReport, paint: Paint = plain) -> str:
    """Each change with its line and its processes, a blank line between kinds of news."""
    parts = [
        "".join(f"{line}\n" for change in told.comparison.changes for line in _change(change, told, paint)),
        "".join(f"{line}\n" for line in _targets(told.comparison, paint)),
        "".join(f"{line}\n" for line in _idle(told.comparison)),
        "".join(f"{line}\n" for line in _validity(told, paint)),
    ]
    return "\n".join(part for part in parts if part)


def _change(change: Change, told: DiffReport, paint: Paint) -> Iterator[str]:
    headline = f"{MARKS[change.kind]} {one_line(change.name)}"
    single = len(change.transitions) == 1
    values = f"  {_values(change, change.transitions[0], told.key)}" if single else ""
    yield f"{paint(change.kind, headline)}{values}"
    yield f"    {_why(change.cause, told, paint)}"
    if not single:
        for each in change.transitions:
            yield f"    {_values(change, each, told.key)}  for {some(each.pairs, LISTED)}"
    if told.compared > 1:
        yield f"    {_reach(change)}{f': {some(change.pairs, LISTED)}' if single else ''}"


def _reach(change: Change) -> str:
    verb = {"added": "new to", "removed": "gone from", "changed": "changes"}[change.kind]
    shadowed = f" (shadowed in {len(change.shadowed):,})" if change.shadowed else ""
    return f"{verb} {counted(len(change.pairs), 'process', 'processes')}{shadowed}"


def _why(cause: Cause, told: DiffReport, paint: Paint) -> str:
    entry = cause.entry
    if entry is None:
        return "in no layer"
    through = f" through {some(f'`{name}`' for name in cause.through)}" if cause.through else ""
    gone = " removed" if told.is_history and cause.after is None else ""
    return f"{entry.span}{gone}{through}{paint('frame', _author(cause, entry, told))}"


def _author(cause: Cause, entry: Entry, told: DiffReport) -> str:
    """The commit that did it; what changed through others was done by what changed them."""
    if entry not in told.authors or cause.through:
        return ""
    commit = told.authors[entry]
    if commit is None:
        return "  not committed"
    return one_line(f"  {commit.short} {commit.day} {commit.author}: {commit.subject}")


def _values(change: Change, transition: Transition, key: bytes) -> str:
    """`before -> after` in few words, or the one that there is."""
    before, after = both_words(change, transition, key)
    if change.kind != "changed":
        return before or after
    return f"{before or '(not set)'} -> {after or '(not set)'}{difference_words(change, transition)}"


def both_words(change: Change, transition: Transition, key: bytes) -> tuple[str, str]:
    """Both values in few words, nothing for one that is not set; what is hidden by its fingerprint."""
    before, after = (_value(text, key, hidden=change.hidden) for text in (transition.before, transition.after))
    return _clipped(before, after)


def difference_words(change: Change, transition: Transition) -> str:
    """The kind of difference, where the values as they are shown don't tell it."""
    if transition.before is None or transition.after is None:
        return ""
    before, after = (mask_passwords(text).strip() for text in (transition.before, transition.after))
    if not change.hidden and before != after:
        return ""
    return f" ({phrase(kind(transition.before, transition.after))})"


def _value(text: str | None, key: bytes, *, hidden: bool) -> str:
    if text is None:
        return ""
    return f"[hidden #{fingerprint(key, text)}]" if hidden else one_line(mask_passwords(text)) or '""'


def _clip(text: str) -> str:
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 3]}..."


def _clipped(before: str, after: str) -> tuple[str, str]:
    """Both in few words, from a little before where they part."""
    longest = max(len(before), len(after))
    if longest <= WIDEST:
        return before, after
    parted = first_difference(before, after)
    start = max(0, parted - AROUND) if before and after else 0
    front = "..." if start else ""
    return _clip(front + before[start:]), _clip(front + after[start:])


def _targets(comparison: Comparison, paint: Paint) -> Iterator[str]:
    for what, targets in (("added", comparison.added), ("removed", comparison.removed)):
        for target, variables in targets:
            yield f"{paint(what, f'{MARKS[what]} {target}')}  {counted(variables, 'variable')}"


def _idle(comparison: Comparison) -> Iterator[str]:
    for idle in comparison.idle:
        yield f"  {one_line(idle.edit.name)} at {location_of(idle)} changes nothing: {sight(idle)}"


def sight(idle: NoEffectEdit) -> str:
    """Why an edit changes nothing."""
    many = counted(len(idle.seeing), "process", "processes")
    return f"shadowed in {many}" if len(idle.shadowed) == len(idle.seeing) else f"the value stays the same in {many}"


def location_of(idle: NoEffectEdit) -> str:
    """The edited line."""
    entry = idle.edit.entry
    return f"{entry.file}:{entry.line}{' (removed)' if idle.edit.after is None else ''}"


def _validity(told: DiffReport, paint: Paint) -> Iterator[str]:
    for role, words, targets in (
        ("error", ("becomes invalid", "become invalid"), told.broken),
        ("error", ("is invalid", "are invalid"), told.invalid),
        ("good", ("becomes valid", "become valid"), told.mended),
    ):
        if targets:
            many = counted(len(targets), "process", "processes")
            yield paint(role, f"! {many} {words[len(targets) > 1]}: {some(targets, LISTED)}")


def as_stat(told: DiffReport) -> str:
    """A line a process: how many variables are added, changed and removed."""
    counts: dict[str, dict[str, int]] = {}
    for transition in (each for change in told.comparison.changes for each in change.transitions):
        for pair in transition.pairs:
            counts.setdefault(str(pair), dict.fromkeys(MARKS, 0))[transition.kind] += 1
    for what, targets in (("added", told.comparison.added), ("removed", told.comparison.removed)):
        for target, variables in targets:
            counts.setdefault(str(target), dict.fromkeys(MARKS, 0))[what] += variables
    width = max(map(len, counts), default=0)
    return "".join(
        f"{name:<{width}}  +{each['added']} ~{each['changed']} -{each['removed']}\n"
        for name, each in sorted(counts.items())
    )


def as_names(told: DiffReport) -> str:
    """A line for each process and variable that differs, a tab between."""
    lines = {f"{pair}\t{one_line(change.name)}\n" for change in told.comparison.changes for pair in change.pairs}
    return "".join(sorted(lines))


def summary(told: DiffReport) -> str:
    """All of it in one sentence."""
    comparison = told.comparison
    compared = counted(told.compared, "process", "processes")
    names = {change.name for change in comparison.changes}
    pairs = {pair for change in comparison.changes for pair in change.pairs}
    news = [f"{counted(len(names), 'variable')} in {len(pairs):,} of {compared}"] if names else []
    for verb, targets in (("new", comparison.added), ("gone", comparison.removed)):
        news += [f"{counted(len(targets), 'process', 'processes')} {verb}"] if targets else []
    unknown = f"; {counted(comparison.unknown, 'value')} could not be compared" if comparison.unknown else ""
    return (f"different: {', '.join(news)}" if news else f"no difference in {compared}") + unknown
