"""Why a process has the value it has: what each layer says of a variable, what it is made of, and the rule for it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Literal, NamedTuple

from envtree.core.layers.layout import SEALED_SUFFIX, SUFFIX, layer_ids
from envtree.core.model.diagnostic import Diagnostic, did_you_mean, errors
from envtree.core.model.source import CONFIGS
from envtree.core.render.mask import has_password, mask_passwords
from envtree.core.schema.declarations import Wording, wordings
from envtree.core.schema.governance import hidden_names
from envtree.core.yaml.lines import content_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from envtree.core.compile import Compilation
    from envtree.core.layers.resolve import Node
    from envtree.core.model.commit import Commit
    from envtree.core.model.source import Source
    from envtree.core.model.tree import Entry, Span, Target
    from envtree.core.schema.rules import Schema

State = Literal["set", "removed", "unset", "sealed", "wrong", "failed", "circular"]
"""What became of a variable: `wrong` is reported on its own, `failed` can't be computed, `circular` leads back."""
Word = Literal["says", "silent", "absent", "unread"]
Judgement = Literal["declared", "undeclared", "ungoverned", "unknown"]

MAX_PARTS = 200
MAX_DEPTH = 20
_CONSTANT = re.compile(r"""(?i:[rbu]*)(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|\b\d[\w.]*""")


class Line(NamedTuple):
    """One layer file in line, and its entry, if it has one."""

    layer_id: str
    file: str
    word: Word
    entry: Entry | None = None
    content: str = ""
    """The file that the entry names by `!file`."""


class ExpansionPart(NamedTuple):
    """A variable that goes into an `!expand`, as it stands in the end; those that go into it follow, one deeper."""

    name: str
    parent: str
    depth: int
    state: State
    value: str | None
    entry: Entry | None
    hint: Literal["", "above", "deeper"] = ""
    """Where its own parts are, if they don't follow."""


class Declaration(NamedTuple):
    """What one class says of the variable, in its author's words."""

    span: Span
    model: str
    scope: tuple[str | None, str | None]
    """The process and the environment that the class is narrowed to."""
    type: str
    required: bool
    secret: bool
    default: str | None
    """None where there is none, where it is none to be written in a line, and where it is secret."""
    description: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that can be said of one variable of one target."""

    target: Target
    name: str
    state: State
    value: str | None
    winner: Entry | None
    lines: tuple[Line, ...]
    """Widest first."""
    parts: tuple[ExpansionPart, ...]
    is_cut: bool
    """There are more parts than are listed."""
    judgement: Judgement
    judged: bool
    """All schemas could be understood; else, one of them may call any variable a secret."""
    declarations: tuple[Declaration, ...]
    hidden: frozenset[str]
    """The variables whose value must not be shown."""
    masked: bool = True
    """The passwords of URLs are hidden in what else is shown."""
    commits: Mapping[Entry, Commit | None] | None = None
    """Who wrote each entry (None: not committed); None where nobody was asked."""
    contents: Mapping[str, Commit | None] = field(default_factory=dict)
    """Who wrote the content of each file that a line names."""

    def entries(self) -> Iterator[Entry]:
        """Every entry that is told of."""
        yield from (line.entry for line in self.lines if line.entry)
        yield from (part.entry for part in self.parts if part.entry)

    @property
    def certain(self) -> bool:
        """Whether no layer that could not be read may say otherwise."""
        says = [number for number, line in enumerate(self.lines) if line.word == "says" and not self.parts]
        return all(line.word != "unread" for line in self.lines[says[-1] if says else 0 :])

    @property
    def withholds(self) -> bool:
        """Whether there is anything that could be shown and is not."""
        values = ((part.name, part.value) for part in self.parts)
        shown = ((self.name, self.value), *values)
        written = (
            entry for line in self.lines if (entry := line.entry) and entry.text is not None and not entry.opaque
        )
        return any(text is not None and self.hides(name, text) for name, text in shown) or any(
            self.hides_all_of(entry) or self.hides(entry.name, entry.text or "") for entry in written
        )

    def hides(self, name: str, text: str) -> bool:
        """Whether something of a text that a variable has must not be shown."""
        return name in self.hidden or (self.masked and has_password(text))

    def hides_all_of(self, entry: Entry) -> bool:
        """Whether nothing of what an entry says may be shown: a password may go into an address in pieces."""
        return entry.name in self.hidden or (entry.parts is not None and self.hides(entry.name, self.value or ""))


def explain(
    source: Source,
    compilation: Compilation,
    target: Target,
    name: str,
    problems: Iterable[Diagnostic],
    schemas: tuple[Schema, ...],
    *,
    judged: bool,
) -> Explanation:
    """The explanation of a variable, all that must be hidden marked so.

    `schemas` are the classes that govern the target; not `judged` are they where others could not be read.
    """
    node, governance = compilation.own[target], compilation.governed[target]
    state, value, winner = _outcome(name, node)
    parts, is_cut = _parts(name, node)
    declaring = tuple(schema for schema in schemas if name in schema.rules)
    judgement: Judgement = "declared" if declaring else "undeclared" if schemas else "ungoverned"
    return Explanation(
        target,
        name,
        state,
        value,
        winner,
        tuple(_lines(source, compilation, target, name, errors(problems))),
        parts,
        is_cut,
        judgement if judged or declaring else "unknown",
        judged,
        tuple(_declaration(schema, name, is_secret=not judged or name in governance.secret) for schema in declaring),
        hidden_names(node, governance),
    )


def unknown(explanation: Explanation, known: Iterable[str]) -> Diagnostic | None:
    """What is wrong with a name that no layer sets and no class declares; nothing where one could not be read."""
    spoken = any(line.word in ("says", "unread") for line in explanation.lines)
    if spoken or explanation.judgement in ("declared", "unknown"):
        return None
    target, name = explanation.target, explanation.name
    return Diagnostic(
        "unknown-name",
        f"no layer of {target} sets `{name}`, and no schema declares it{did_you_mean(name, known)}",
        help=f"`envtree show {target}` lists its variables",
    )


def revealed(explanation: Explanation) -> Explanation:
    """The same with nothing hidden but what is sealed."""
    return replace(explanation, hidden=frozenset(), masked=False)


def _outcome(name: str, node: Node) -> tuple[State, str | None, Entry | None]:
    """What became of a variable, its value, and the entry that won."""
    if name not in node.provenance:
        return "unset", None, None
    winner = node.provenance[name][-1]
    if winner.opaque:
        return "sealed" if winner.sealed else "wrong", None, winner
    if name in node.failed:
        return "failed", None, winner
    value = node.values[name]
    return "removed" if value is None else "set", value, winner


def _lines(
    source: Source, compilation: Compilation, target: Target, name: str, faults: tuple[Diagnostic, ...]
) -> Iterator[Line]:
    broken = {each.span.file for each in faults if each.span}
    for layer_id in layer_ids(target):
        layer = compilation.layers.get(layer_id)
        entries = layer.entries if layer else {}
        filled = {entry.file for entry in entries.values()}
        files = [f"{CONFIGS}{layer_id}{suffix}" for suffix in (SUFFIX, SEALED_SUFFIX)]
        there = [file for file in files if file in source.files or _is_refused(file, source)]
        for file in there or files[:1]:
            entry = entries.get(name)
            if entry and entry.file == file:
                yield Line(layer_id, file, "says", entry, content_of(entry, source))
            elif file not in there:
                yield Line(layer_id, file, "absent")
            else:
                is_unread = _is_refused(file, source) or (file in broken and file not in filled)
                yield Line(layer_id, file, "unread" if is_unread else "silent")


def _is_refused(file: str, source: Source) -> bool:
    """Whether a file, or a folder that it would be in, could not be read."""
    return any(file == path or file.startswith(f"{path}/") for path in source.refused)


def _parts(name: str, node: Node) -> tuple[tuple[ExpansionPart, ...], bool]:
    """What goes into an `!expand`, each followed by what goes into it; each is opened once, and none for ever."""
    found: list[ExpansionPart] = []
    opened = {name}
    ahead: list[tuple[str, tuple[str, ...]]] = [(each, (name,)) for each in reversed(_references(name, node))]
    while ahead:
        each, path = ahead.pop()
        if len(found) == MAX_PARTS:
            return tuple(found), True
        state, value, winner = _outcome(each, node)
        inner = _references(each, node)
        hint: Literal["", "above", "deeper"] = ""
        if each in path:
            state, value = "circular", None
        elif inner and each in opened:
            hint = "above"
        elif inner and len(path) == MAX_DEPTH:
            hint = "deeper"
        else:
            opened.add(each)
            ahead += [(one, (*path, each)) for one in reversed(inner)]
        found.append(ExpansionPart(each, path[-1], len(path), state, value, winner, hint))
    return tuple(found), False


def _references(name: str, node: Node) -> tuple[str, ...]:
    lines = node.provenance.get(name)
    return lines[-1].references if lines else ()


def _declaration(schema: Schema, name: str, *, is_secret: bool) -> Declaration:
    rule, span = schema.rules[name], schema.location(name)
    info = schema.model.model_fields[rule.field]
    wording = wordings(span.file, schema.texts[span.file]).get(span, Wording("", ""))
    is_secret = is_secret or rule.secret
    return Declaration(
        span,
        schema.model.__name__,
        (schema.process, schema.environment),
        _without_constants(wording.annotation) if is_secret else mask_passwords(wording.annotation),
        rule.required,
        rule.secret,
        None if is_secret or rule.required else _written(info.default),
        mask_passwords(info.description or wording.docstring),
    )


def _without_constants(annotation: str) -> str:
    """A type as its author wrote it, without texts and numbers: a secret may be one of them."""
    return "Secret" if "#" in annotation else _CONSTANT.sub("...", annotation)


def _written(default: object) -> str | None:
    """A default as a variable would hold it, if it is text or a number."""
    value = default.value if isinstance(default, Enum) else default
    if isinstance(value, str):
        return mask_passwords(str.__str__(value))
    return str(value) if isinstance(value, (int, float)) else None
