"""Why a variable has its value: what each layer says, what the value is made of, and what declares it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Literal, NamedTuple

from envtree.core.layers.layout import SEALED_SUFFIX, SUFFIX, layer_ids
from envtree.core.model.diagnostic import Diagnostic, did_you_mean, errors
from envtree.core.model.source import CONFIGS
from envtree.core.render.mask import has_password, mask_passwords
from envtree.core.schema.declarations import FieldSource, as_text, field_sources
from envtree.core.schema.governance import hidden_names
from envtree.core.yaml.lines import LineIndex
from envtree.review.explain.parts import ExpansionPart, VariableState, outcome, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from envtree.core.compile import Compilation
    from envtree.core.model.commit import Commit
    from envtree.core.model.source import Source
    from envtree.core.model.tree import Entry, Span, Target
    from envtree.core.schema.language import Deprecated
    from envtree.core.schema.rules import Schema

LineState = Literal["says", "silent", "absent", "unread"]
"""`silent`: the file has no entry for the variable; `absent`: there is no file; `unread`: it can't be read."""
DeclarationState = Literal["declared", "undeclared", "ungoverned", "unknown"]
"""`ungoverned`: no class governs the target; `unknown`: a class that can't be read may declare the variable."""

_CONSTANT = re.compile(r"""(?i:[rbu]{0,2})(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|\b\d[\w.]*""")


class Line(NamedTuple):
    """One file of the target's layers, and its entry for the variable, if it has one."""

    layer_id: str
    file: str
    state: LineState
    entry: Entry | None = None
    content: str = ""
    """The file that the entry names by `!file`."""


class Declaration(NamedTuple):
    """How one class declares the variable, in its author's words."""

    span: Span
    model: str
    scope: tuple[str | None, str | None]
    """The process and the environment that the class is limited to."""
    type: str
    required: bool
    secret: bool
    default: str | None
    """None if there is none, if it is neither text nor a number, or if it is secret."""
    description: str
    deprecated: Deprecated | None
    promises: tuple[str, ...]
    """What is promised of the variable in other places, each as a sentence."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that is known about one variable of one target."""

    target: Target
    name: str
    state: VariableState
    value: str | None
    winner: Entry | None
    lines: tuple[Line, ...]
    """Widest first."""
    parts: tuple[ExpansionPart, ...]
    is_cut: bool
    """Whether there are more parts than are listed."""
    declaration_state: DeclarationState
    schemas_read: bool
    """Whether all schemas could be understood; if not, one of them may declare any variable `Secret`."""
    declarations: tuple[Declaration, ...]
    hidden: frozenset[str]
    """The variables whose value must not be shown."""
    masked: bool = True
    """Whether the passwords of URLs are hidden in the other values."""
    commits: Mapping[Entry, Commit | None] | None = None
    """The commit of each entry (None: not committed); None if git was not asked."""
    contents: Mapping[str, Commit | None] = field(default_factory=dict)
    """The commit of the content of each file that a line names."""
    schemas_run: bool = True
    """Whether schemas were run; if not, only their text was read, and no declaration is known."""

    def entries(self) -> Iterator[Entry]:
        """Yield every entry of the explanation."""
        yield from (line.entry for line in self.lines if line.entry)
        yield from (part.entry for part in self.parts if part.entry)

    @property
    def certain(self) -> bool:
        """Whether no unreadable layer could change the value."""
        says = [number for number, line in enumerate(self.lines) if line.state == "says" and not self.parts]
        return all(line.state != "unread" for line in self.lines[says[-1] if says else 0 :])

    @property
    def withholds(self) -> bool:
        """Whether there is anything hidden that could be shown."""
        values = ((part.name, part.value) for part in self.parts)
        shown = ((self.name, self.value), *values)
        written = (
            entry for line in self.lines if (entry := line.entry) and entry.text is not None and not entry.opaque
        )
        return any(text is not None and self.hides(name, text) for name, text in shown) or any(
            self.hides_all_of(entry) or self.hides(entry.name, entry.text or "") for entry in written
        )

    def hides(self, name: str, text: str) -> bool:
        """Return whether a part of a variable's text must not be shown."""
        return name in self.hidden or (self.masked and has_password(text))

    def hides_all_of(self, entry: Entry) -> bool:
        """Return whether all of an entry's text must be hidden: parts of an `!expand` may form a password in a URL."""
        return entry.name in self.hidden or (entry.parts is not None and self.hides(entry.name, self.value or ""))


def explain(
    source: Source,
    compilation: Compilation,
    target: Target,
    name: str,
    problems: Iterable[Diagnostic],
    schemas: tuple[Schema, ...],
    *,
    schemas_read: bool,
) -> Explanation:
    """Explain a variable, and mark all that must be hidden.

    `schemas` are the classes that govern the target; `schemas_read` is false if other classes could not be read.
    """
    node, governance = compilation.own[target], compilation.governed[target]
    state, value, winner = outcome(name, node)
    parts, is_cut = parts_of(name, node)
    declaring = tuple(schema for schema in schemas if name in schema.rules)
    declaration_state: DeclarationState = "declared" if declaring else "undeclared" if schemas else "ungoverned"
    return Explanation(
        target,
        name,
        state,
        value,
        winner,
        tuple(_lines(source, compilation, target, name, errors(problems))),
        parts,
        is_cut,
        declaration_state if schemas_read or declaring else "unknown",
        schemas_read,
        tuple(
            _declaration(schema, name, is_secret=not schemas_read or name in governance.secret) for schema in declaring
        ),
        hidden_names(node, governance),
    )


def unknown(explanation: Explanation, known: Iterable[str]) -> Diagnostic | None:
    """Return the error that nothing sets or declares a name; None if a layer or a class can't be read."""
    is_mentioned = any(line.state in ("says", "unread") for line in explanation.lines)
    if is_mentioned or explanation.declaration_state in ("declared", "unknown"):
        return None
    target, name = explanation.target, explanation.name
    return Diagnostic(
        "unknown-name",
        f"no layer of {target} sets `{name}`, and no schema declares it{did_you_mean(name, known)}",
        help=f"`envtree show {target}` lists its variables",
    )


def revealed(explanation: Explanation) -> Explanation:
    """Return the explanation with nothing hidden but sealed values."""
    return replace(explanation, hidden=frozenset(), masked=False)


def _lines(
    source: Source, compilation: Compilation, target: Target, name: str, faults: tuple[Diagnostic, ...]
) -> Iterator[Line]:
    broken = {each.span.file for each in faults if each.span}
    lines = LineIndex(source)
    for layer_id in layer_ids(target):
        layer = compilation.layers.get(layer_id)
        entries = layer.entries if layer else {}
        filled = {entry.file for entry in entries.values()}
        files = [f"{CONFIGS}{layer_id}{suffix}" for suffix in (SUFFIX, SEALED_SUFFIX)]
        existing = [file for file in files if file in source.files or _is_refused(file, source)]
        for file in existing or files[:1]:
            entry = entries.get(name)
            if entry and entry.file == file:
                yield Line(layer_id, file, "says", entry, lines.referenced_file(entry))
            elif file not in existing:
                yield Line(layer_id, file, "absent")
            else:
                is_unread = _is_refused(file, source) or (file in broken and file not in filled)
                yield Line(layer_id, file, "unread" if is_unread else "silent")


def _is_refused(file: str, source: Source) -> bool:
    """Return whether a file, or a folder above it, could not be read."""
    return any(file == path or file.startswith(f"{path}/") for path in source.refused)


def _declaration(schema: Schema, name: str, *, is_secret: bool) -> Declaration:
    rule, span = schema.rules[name], schema.location(name)
    info = schema.model.model_fields[rule.field]
    field_source = field_sources(span.file, schema.texts[span.file]).get(span, FieldSource("", ""))
    is_secret = is_secret or rule.secret
    return Declaration(
        span,
        schema.model.__name__,
        (schema.process, schema.environment),
        _without_constants(field_source.annotation) if is_secret else mask_passwords(field_source.annotation),
        rule.required,
        rule.secret,
        None if is_secret or rule.required else _written(info.default),
        mask_passwords(as_text(info.description) or field_source.docstring),
        rule.deprecated,
        tuple(each.words for each in rule.promises),
    )


def _without_constants(annotation: str) -> str:
    """Return a type as its author wrote it, without strings and numbers: a secret may be one of them."""
    return "Secret" if "#" in annotation else _CONSTANT.sub("...", annotation)


def _written(default: object) -> str | None:
    """Return a default as a variable would hold it, if it is text or a number."""
    value = default.value if isinstance(default, Enum) else default
    if isinstance(value, str):
        return mask_passwords(str.__str__(value))
    return str(value) if isinstance(value, (int, float)) else None
