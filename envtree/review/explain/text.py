"""An explanation as text for people, who may read it on a terminal at night."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.source import CONFIGS
from envtree.core.render.diagnostics import plain
from envtree.core.render.mask import HIDDEN, SEALED, clip, mask_passwords, one_line
from envtree.core.schema.marks.deprecated import deprecation_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from envtree.core.model.commit import Commit
    from envtree.core.model.tree import Entry
    from envtree.review.explain.explanation import Declaration, Explanation, Line

    Paint = Callable[[str, str], str]

MIN_COLUMN = 20
MAX_AUTHOR = 20
WINNER = "> "
INDENT = "    "
EMPTY = '""'
_STATES = {
    "removed": "(unset)",
    "unset": "(no value)",
    "sealed": SEALED,
    "wrong": "(wrong)",
    "failed": "(can't be computed)",
    "circular": "(refers back to itself)",
}
_LINE_STATES = {"silent": "-", "absent": "-", "unread": "(can't be read)"}
_HINTS = {"": "", "above": "  (made of what is shown above)", "deeper": "  (made of more)"}
_ENDINGS = {
    "removed": "is unset",
    "unset": "has no value",
    "wrong": "has a value that is wrong",
    "failed": "can't be computed",
}


def as_text(explanation: Explanation, width: int | None, paint: Paint = plain) -> str:
    """Return the value, each layer with its author, the parts of an `!expand`, and the rule; clipped to a width."""
    sections = [
        [*_headline(explanation, width, paint)],
        [*_table(_line_rows(explanation), width, paint)],
        [*_table(_part_rows(explanation), width, paint)],
        [*_rule(explanation, paint)],
    ]
    if sections[2]:
        more = [f"{INDENT}and more"] if explanation.is_cut else []
        sections[2] = [paint("kind", "made of"), *sections[2], *more]
    return "\n".join("".join(f"{line}\n" for line in lines) for lines in sections if lines)


def _headline(explanation: Explanation, width: int | None, paint: Paint) -> Iterator[str]:
    front = one_line(f"{explanation.target}  {explanation.name} ")
    if explanation.state in _ENDINGS:
        yield paint("message", front + _ENDINGS[explanation.state])
    else:
        value = SEALED if explanation.value is None else _shown(explanation, explanation.name, explanation.value)
        yield paint("message", f"{front}= {_clip(value, width, len(front) + 2)}")
    if not explanation.certain:
        yield paint("warning", "a layer that can't be read may say otherwise")


class _Row(NamedTuple):
    """A line of a table, and the commits that are shown below it."""

    front: str
    location: str
    value: str
    role: str
    indent: str
    below: list[tuple[str, Commit | None]]


def _line_rows(explanation: Explanation) -> Iterator[_Row]:
    for line in explanation.lines:
        entry = line.entry
        wins = entry is not None and entry is explanation.winner
        location = one_line(str(entry.span) if entry else line.file)
        role = "good" if wins else "" if entry else "faint"
        below = _below(explanation, entry, line)
        yield _Row(WINNER if wins else "  ", location, _written(explanation, line), role, INDENT, below)


def _part_rows(explanation: Explanation) -> Iterator[_Row]:
    indents = [INDENT + "  " * part.depth for part in explanation.parts]
    names = [f"{one_line(part.name)}{' (inherited)' if part.inherited else ''}" for part in explanation.parts]
    fronts = [f"{indent[2:]}{name}" for indent, name in zip(indents, names, strict=True)]
    width = max(map(len, fronts), default=0)
    for indent, front, part in zip(indents, fronts, explanation.parts, strict=True):
        location = one_line(str(part.entry.span)) if part.entry else "-"
        value = _STATES[part.state] if part.value is None else _shown(explanation, part.name, part.value)
        below = [] if part.state == "circular" else _below(explanation, part.entry)
        yield _Row(f"{front:<{width}}  ", location, value + _HINTS[part.hint], "", indent, below)


def _below(explanation: Explanation, entry: Entry | None, line: Line | None = None) -> list[tuple[str, Commit | None]]:
    """Return the commits of an entry, and of the content of the file that it names, each with a prefix."""
    if entry is None or explanation.commits is None:
        return []
    found = [("", explanation.commits.get(entry))]
    if line and line.content:
        found.append((f"{line.content}: ", explanation.contents.get(line.content)))
    return found


def _table(rows: Iterator[_Row], width: int | None, paint: Paint) -> Iterator[str]:
    """Yield the rows in columns, each with its commits below."""
    table = tuple(rows)
    front_width = max((len(row.front) for row in table), default=0)
    location_width = max((len(row.location) for row in table), default=0)
    short = width is not None and width - front_width - location_width - 2 < MIN_COLUMN
    if short:
        location_width -= len(CONFIGS)
    commits = [commit for row in table for _, commit in row.below if commit]
    time_width = max((len(_time(commit)) for commit in commits), default=0)
    author_width = max((len(_author(commit)) for commit in commits), default=0)
    for row in table:
        location = row.location.removeprefix(CONFIGS) if short else row.location
        front = f"{row.front}{location:<{location_width}}  "
        line = f"{front}{_clip(row.value, width, len(front))}".rstrip()
        yield paint(row.role, line) if row.role else line
        for words, commit in row.below:
            yield _clip(f"{row.indent}{one_line(words)}{_commit(commit, time_width, author_width)}", width, 0)


def _commit(commit: Commit | None, time_width: int, author_width: int) -> str:
    if commit is None:
        return "not committed"
    cells = (
        commit.short,
        f"{_time(commit):<{time_width}}",
        f"{_author(commit):<{author_width}}",
        one_line(commit.subject),
    )
    return "  ".join(cells).rstrip()


def _time(commit: Commit) -> str:
    """Return the author's date, to the minute, in the author's own time zone."""
    before = " or before" if commit.is_boundary else ""
    return f"{commit.date[:10]} {commit.date[11:16]} {commit.date[19:]}{before}"


def _author(commit: Commit) -> str:
    return _clip(one_line(commit.author), MAX_AUTHOR, 0)


def _rule(explanation: Explanation, paint: Paint) -> Iterator[str]:
    if not explanation.schemas_run:
        yield "the schemas were not run, so that no rule is shown"
    elif not explanation.schemas_read:
        yield paint("warning", "the schemas have errors: every value is hidden, since one may call it a secret")
    if explanation.declaration_state == "ungoverned":
        yield "no schema governs this process"
    elif explanation.declaration_state == "undeclared":
        yield one_line(f"no schema of `{explanation.target.service}` declares it")
    for each in explanation.declarations:
        scope = f" (of {' in '.join(f'`{name}`' for name in each.scope if name)})" if any(each.scope) else ""
        yield paint("kind", one_line(f"declared in {each.span.file}:{each.span.line} by {each.model}{scope}"))
        yield f"{INDENT}{one_line(explanation.name)}: {one_line(each.type)}".rstrip(": ")
        yield INDENT + _requirement(each)
        if each.deprecated:
            yield paint("warning", INDENT + one_line(deprecation_text(each.deprecated)))
        yield from (f"{INDENT}{promise}" for promise in each.promises)
        yield from (f"{INDENT}{one_line(line)}".rstrip() for line in each.description.splitlines())


def _requirement(declaration: Declaration) -> str:
    if declaration.required:
        return "required"
    if declaration.default is None:
        return "not required"
    return f"not required; the default, {one_line(declaration.default) or EMPTY}, is not written out"


def _written(explanation: Explanation, line: Line) -> str:
    """Return what a layer says, as it is written."""
    entry = line.entry
    if entry is None:
        return _LINE_STATES[line.state]
    if entry.opaque:
        return SEALED if entry.sealed else _STATES["wrong"]
    if entry.text is None:
        return "!unset"
    text = HIDDEN if explanation.hides_all_of(entry) else _shown(explanation, entry.name, entry.text)
    return text if entry.parts is None else f"!expand {text}"


def _shown(explanation: Explanation, name: str, text: str) -> str:
    """Return a value as it may be shown, on one line."""
    if name in explanation.hidden:
        return HIDDEN
    return one_line(mask_passwords(text) if explanation.masked else text) or EMPTY


def _clip(text: str, width: int | None, before: int) -> str:
    """Clip a text at the end of the line, but never to less than a minimum."""
    room = max(MIN_COLUMN, width - before) if width is not None else len(text)
    return clip(text, room)
