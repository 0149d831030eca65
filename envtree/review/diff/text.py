"""A comparison as text for people: each change with its line and its processes, or only counts or names."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.diagnostic import some
from envtree.core.model.selector import fold
from envtree.core.render.diagnostics import counted, plain
from envtree.core.render.difference import fingerprint, first_difference, kind, phrase, sealing_phrase
from envtree.core.render.mask import SEALED, clip_pair, mask_passwords, one_line
from envtree.core.sealed.ciphertext import is_like_ciphertext

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from envtree.core.model.commit import Commit
    from envtree.core.model.tree import Entry, Target
    from envtree.review.diff.comparison import Cause, Change, Comparison, NoEffectEdit, Pair, Transition

    Paint = Callable[[str, str], str]

MARKS = {"added": "+", "removed": "-", "changed": "~"}
WIDEST = 60
AROUND = 12
LISTED = 6


class DiffReport(NamedTuple):
    """A comparison with what is shown about it: who wrote each line, and which targets are invalid on either side."""

    comparison: Comparison
    authors: Mapping[Entry, Commit | None]
    """The commit of each line; None for one that is not committed yet."""
    newly_invalid: tuple[Target, ...]
    """Targets that were valid before, and are not now."""
    newly_valid: tuple[Target, ...]
    invalid: tuple[Target, ...]
    """Targets that are invalid on both sides; or on either side, if the sides are not revisions of the same targets."""
    key: bytes
    """The random key of the fingerprints, a new one for each report."""
    is_history: bool = True
    """Whether the sides are revisions of the same targets, so that a missing line was removed."""
    untouched: int = 0
    """How many targets no edit can affect, and were not compared."""
    targets: tuple[Target, ...] = ()
    """All targets of the tree, if those that a change affects are to be folded into selectors."""

    @property
    def compared(self) -> int:
        """How many targets the comparison covers, with those that can't differ."""
        return len(self.comparison.compared) + self.untouched


def as_text(report: DiffReport, paint: Paint = plain) -> str:
    """Return each change with its line and its processes, and a blank line between kinds of differences."""
    parts = [
        "".join(f"{line}\n" for change in report.comparison.changes for line in _change(change, report, paint)),
        "".join(f"{line}\n" for line in _targets(report.comparison, paint)),
        "".join(f"{line}\n" for line in _no_effects(report.comparison)),
        "".join(f"{line}\n" for line in _validity(report, paint)),
    ]
    return "\n".join(part for part in parts if part)


def _change(change: Change, report: DiffReport, paint: Paint) -> Iterator[str]:
    headline = f"{MARKS[change.kind]} {one_line(change.name)}"
    single = len(change.transitions) == 1
    values = f"  {_values(change, change.transitions[0], report.key)}" if single else ""
    yield f"{paint(change.kind, headline)}{values}"
    yield f"    {_why(change.cause, report, paint)}"
    if not single:
        for each in change.transitions:
            yield f"    {_values(change, each, report.key)}  for {_listed(each.pairs, report)}"
    if report.compared > 1:
        yield f"    {_scope(change)}{f': {_listed(change.pairs, report)}' if single else ''}"


def _listed(pairs: Sequence[Pair], report: DiffReport) -> str:
    """Return the first few processes, or the selectors that match just them."""
    if not report.targets:
        return some(pairs, LISTED)
    return some(fold((target for pair in pairs if (target := pair.after or pair.before)), report.targets), LISTED)


def _scope(change: Change) -> str:
    verb = {"added": "new to", "removed": "gone from", "changed": "changes"}[change.kind]
    shadowed = f" (shadowed in {len(change.shadowed):,})" if change.shadowed else ""
    return f"{verb} {counted(len(change.pairs), 'process', 'processes')}{shadowed}"


def _why(cause: Cause, report: DiffReport, paint: Paint) -> str:
    entry = cause.entry
    if entry is None:
        return "in no layer"
    through = f" through {some(f'`{name}`' for name in cause.through)}" if cause.through else ""
    gone = " removed" if report.is_history and cause.after is None else ""
    return f"{entry.span}{gone}{through}{paint('frame', _author(cause, entry, report))}"


def _author(cause: Cause, entry: Entry, report: DiffReport) -> str:
    """Return the commit that caused a change; empty for a change through other variables, whose lines caused it."""
    if entry not in report.authors or cause.through:
        return ""
    commit = report.authors[entry]
    if commit is None:
        return "  not committed"
    return one_line(f"  {commit.short} {commit.day} {commit.author}: {commit.subject}")


def _values(change: Change, transition: Transition, key: bytes) -> str:
    """Return `before -> after` in short form, or the only value that there is."""
    before, after = both_words(change, transition, key)
    if change.kind != "changed":
        return before or after
    return f"{before or '(not set)'} -> {after or '(not set)'}{difference_words(change, transition)}"


def both_words(change: Change, transition: Transition, key: bytes) -> tuple[str, str]:
    """Return both values in short form: empty if not set, a fingerprint if hidden."""
    before, after = (_value(text, key, hidden=change.hidden) for text in (transition.before, transition.after))
    return _clipped(before, after)


def difference_words(change: Change, transition: Transition) -> str:
    """Return the kind of difference, if the values as they are shown don't show it."""
    if transition.before is None or transition.after is None:
        return ""
    sealed = [change.hidden and is_like_ciphertext(text) for text in (transition.before, transition.after)]
    if any(sealed):
        return f" ({sealing_phrase(before=sealed[0], after=sealed[1])})"
    before, after = (mask_passwords(text).strip() for text in (transition.before, transition.after))
    if not change.hidden and before != after:
        return ""
    return f" ({phrase(kind(transition.before, transition.after))})"


def _value(text: str | None, key: bytes, *, hidden: bool) -> str:
    if text is None:
        return ""
    if hidden and is_like_ciphertext(text):
        return SEALED
    return f"[hidden #{fingerprint(key, text)}]" if hidden else one_line(mask_passwords(text)) or '""'


def _clipped(before: str, after: str) -> tuple[str, str]:
    """Clip both values, from shortly before their first difference."""
    longest = max(len(before), len(after))
    if longest <= WIDEST:
        return before, after
    parted = first_difference(before, after)
    start = max(0, parted - AROUND) if before and after else 0
    return clip_pair(before, after, start, WIDEST)


def _targets(comparison: Comparison, paint: Paint) -> Iterator[str]:
    for what, targets in (("added", comparison.added), ("removed", comparison.removed)):
        for target, variables in targets:
            yield f"{paint(what, f'{MARKS[what]} {target}')}  {counted(variables, 'variable')}"


def _no_effects(comparison: Comparison) -> Iterator[str]:
    for each in comparison.without_effect:
        yield f"  {one_line(each.edit.name)} at {location_of(each)} changes nothing: {no_effect_reason(each)}"


def no_effect_reason(no_effect: NoEffectEdit) -> str:
    """Return why an edit changes nothing."""
    many = counted(len(no_effect.seen_by), "process", "processes")
    return (
        f"shadowed in {many}"
        if len(no_effect.shadowed) == len(no_effect.seen_by)
        else f"the value stays the same in {many}"
    )


def location_of(no_effect: NoEffectEdit) -> str:
    """Return the location of the edited line."""
    entry = no_effect.edit.entry
    return f"{entry.file}:{entry.line}{' (removed)' if no_effect.edit.after is None else ''}"


def _validity(report: DiffReport, paint: Paint) -> Iterator[str]:
    for role, words, targets in (
        ("error", ("becomes invalid", "become invalid"), report.newly_invalid),
        ("error", ("is invalid", "are invalid"), report.invalid),
        ("good", ("becomes valid", "become valid"), report.newly_valid),
    ):
        if targets:
            many = counted(len(targets), "process", "processes")
            yield paint(role, f"! {many} {words[len(targets) > 1]}: {some(targets, LISTED)}")


def as_stat(report: DiffReport) -> str:
    """Return one line for each process: how many variables are added, changed and removed."""
    counts: dict[str, dict[str, int]] = {}
    for transition in (each for change in report.comparison.changes for each in change.transitions):
        for pair in transition.pairs:
            counts.setdefault(str(pair), dict.fromkeys(MARKS, 0))[transition.kind] += 1
    for what, targets in (("added", report.comparison.added), ("removed", report.comparison.removed)):
        for target, variables in targets:
            counts.setdefault(str(target), dict.fromkeys(MARKS, 0))[what] += variables
    width = max(map(len, counts), default=0)
    return "".join(
        f"{name:<{width}}  +{each['added']} ~{each['changed']} -{each['removed']}\n"
        for name, each in sorted(counts.items())
    )


def as_names(report: DiffReport) -> str:
    """Return one line for each process and variable that differs, separated by a tab."""
    lines = {f"{pair}\t{one_line(change.name)}\n" for change in report.comparison.changes for pair in change.pairs}
    return "".join(sorted(lines))


def summary(report: DiffReport) -> str:
    """Return the whole comparison in one sentence."""
    comparison = report.comparison
    compared = counted(report.compared, "process", "processes")
    names = {change.name for change in comparison.changes}
    pairs = {pair for change in comparison.changes for pair in change.pairs}
    differences = [f"{counted(len(names), 'variable')} in {len(pairs):,} of {compared}"] if names else []
    for verb, targets in (("new", comparison.added), ("gone", comparison.removed)):
        differences += [f"{counted(len(targets), 'process', 'processes')} {verb}"] if targets else []
    unknown = f"; {counted(comparison.unknown, 'value')} could not be compared" if comparison.unknown else ""
    return (f"different: {', '.join(differences)}" if differences else f"no difference in {compared}") + unknown
