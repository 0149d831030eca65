"""What may differ from Heroku, read from envtree.yaml, each with a reason: `expect` and its siblings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.diagnostic import did_you_mean
from envtree.core.settings.heroku import OWNERS, Expectation
from envtree.core.yaml.document import MappingNode, SequenceNode, span_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from envtree.core.model.tree import Span
    from envtree.core.settings.heroku import Expected
    from envtree.core.settings.reader import Field, Reader
    from envtree.core.yaml.document import Node

SAY_WHY = "say why, for whoever reads it in a year"
_SELECTOR = re.compile(r"[^/]+(?:/[^/]+){0,2}")


class _Said(NamedTuple):
    """What one mapping says of a variable: where it holds, why, and which of the words it has are `true`."""

    selectors: Mapping[str, Span]
    reason: str
    words: frozenset[str] = frozenset()

    @property
    def what(self) -> Expected:
        return "unset" if "unset" in self.words else "new" if "new" in self.words else "different"


def expect(reader: Reader, rows: Mapping[str, Field]) -> Iterator[Expectation]:
    """Yield what is expected of variables by name; a list says it differently for different deployments."""
    for name, field in rows.items():
        for said in _said(reader, name, field, ("in", "reason", "unset", "new", "shared")):
            if {"unset", "new"} <= said.words:
                advice = "keep `unset` where the tree has no value, or `new` where Heroku has none"
                reader.report("invalid-setting", f"`{name}` can't be both unset and new", field[1], help=advice)
                continue
            for selector, span in said.selectors.items():
                yield Expectation(name, "", selector, said.reason, span, said.what, "shared" in said.words)


def expect_owners(reader: Reader, rows: Mapping[str, Field]) -> Iterator[Expectation]:
    """Yield what is expected of all variables that someone else than the team sets."""
    owners = tuple(owner for owner in OWNERS if owner != "team")
    for name, field in rows.items():
        if name not in owners:
            message = f"`{name}` sets no variables{did_you_mean(name, owners)}"
            choices = ", ".join(f"`{owner}`" for owner in owners)
            reader.report("invalid-setting", message, field[0], f"expected one of {choices}")
            continue
        for said in _said(reader, name, field, ("in", "reason", "unset", "shared")):
            for selector, span in said.selectors.items():
                yield Expectation("", name, selector, said.reason, span, said.what, "shared" in said.words)


def expect_clear(reader: Reader, rows: Mapping[str, Field]) -> Iterator[Expectation]:
    """Yield the secrets that may be in clear."""
    for name, field in rows.items():
        for said in _said(reader, name, field, ("in", "reason")):
            yield from (Expectation(name, "", selector, said.reason, span) for selector, span in said.selectors.items())


def table(reader: Reader, fields: Mapping[str, Field], key: str) -> dict[str, Field]:
    """Return the rows of a table by name; none where it is missing."""
    return reader.mapping(fields[key][1], None, f"`{key}`") if key in fields else {}


def _said(reader: Reader, name: str, field: Field, keys: tuple[str, ...]) -> Iterator[_Said]:
    """Yield what is said of a name: a reason alone, a mapping, or several in a list."""
    key, node = field
    span = span_of(reader.path, key)
    for each in node.value if isinstance(node, SequenceNode) and node.value else (node,):
        if isinstance(each, MappingNode):
            yield from _said_in_mapping(reader, name, each, keys, span)
        elif reason := reader.text(each, name, SAY_WHY):
            yield _Said({"": span}, reason)


def _said_in_mapping(
    reader: Reader, name: str, node: MappingNode, keys: tuple[str, ...], span: Span
) -> Iterator[_Said]:
    fields = reader.mapping(node, keys, f"`{name}`")
    selectors = _selectors(reader, fields["in"][1]) if "in" in fields else {"": span}
    words = frozenset(
        word
        for word in ("unset", "new", "shared")
        if word in fields and reader.choice(fields[word][1], word, ("true", "false"), "answer") == "true"
    )
    if "reason" not in fields:
        reader.missing("reason", f"`{name}`", span, "write `reason: ...`")
    elif reason := reader.text(fields["reason"][1], "reason", SAY_WHY):
        yield _Said(selectors, reason, words)


def _selectors(reader: Reader, node: Node) -> dict[str, Span]:
    """Return selectors of deployments, each with its span."""
    pairs = reader.texts(node, "in") if isinstance(node, SequenceNode) else [(reader.text(node, "in"), node)]
    found: dict[str, Span] = {}
    for text, each in pairs:
        if text and not _SELECTOR.fullmatch(text):
            label = "expected `environment`, `environment/service` or `environment/service/process`"
            reader.report("invalid-setting", f"`{text}` selects no process", each, label)
        elif text:
            found.setdefault(text, span_of(reader.path, each))
    if isinstance(node, SequenceNode) and not node.value:
        reader.report(
            "invalid-setting", "`in` is empty", node, help="leave it out where the variable may differ anywhere"
        )
    return found
