"""A reader of one YAML file's nodes as texts, lists and mappings, which collects what is wrong with them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from envtree.core.model.diagnostic import Diagnostic, did_you_mean
from envtree.core.model.tree import Span
from envtree.core.yaml.document import MappingNode, Node, ScalarNode, SequenceNode, compose, is_plain, span_of, tag_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from envtree.core.model.diagnostic import Code
    from envtree.core.model.source import Source

KEYS = ("environments", "runtimes", "tags", "log", "heroku")
"""The keys of envtree.yaml."""
RESERVED = ("common", "service", "env")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")
_PROCESS = re.compile(r"[a-z][a-z0-9_-]{0,62}")

Value = TypeVar("Value")
Field = tuple[ScalarNode, Node]


def is_name(text: str) -> bool:
    """Return whether an environment or a service may have this name."""
    return text not in RESERVED and _NAME.fullmatch(text) is not None


class Reader:
    """A reader of one file's nodes; a wrong value is reported, and reads as if it were missing."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.problems: list[Diagnostic] = []

    def document(self, source: Source, keys: tuple[str, ...], required: str = "") -> dict[str, Field] | None:
        node, problems = compose(self.path, source.files[self.path])
        self.problems.extend(problems)
        if node is None and problems:
            return None
        if node is None or (isinstance(node, ScalarNode) and node.value == ""):
            return {}
        fields = self.mapping(node, keys, f"`{self.path}`", required)
        return fields if isinstance(node, MappingNode) else None

    def mapping(self, node: Node, keys: tuple[str, ...] | None, what: str, required: str = "") -> dict[str, Field]:
        """Return the fields by key; an unknown key (`keys` None: no key is) or a repeated one is reported.

        What is surely the `required` key, misspelt, is taken for it: the line is reported once.
        """
        if not isinstance(node, MappingNode):
            self.report("invalid-setting", f"{what} is not a mapping", node, "expected `key: value`")
            return {}
        fields: dict[str, Field] = {}
        written = {key.value for key, _ in node.value if isinstance(key, ScalarNode)}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self.report("unknown-key", "a key is plain text", key)
            elif key.value in fields:
                first = span_of(self.path, fields[key.value][0])
                self.report(
                    "duplicate-key",
                    f"`{key.value}` is set twice",
                    key,
                    "set again here",
                    notes=(f"first set at {first}",),
                    help="keep one of the two",
                )
            elif keys is not None and key.value not in keys:
                near = did_you_mean(key.value, keys)
                known = ", ".join(f"`{each}`" for each in keys)
                needed = f"; `{required}` must be there" if required and required not in written else ""
                self.report(
                    "unknown-key", f"{what} has no key `{key.value}`{near}", key, help=f"the keys are {known}{needed}"
                )
                if needed and f"`{required}`" in near:
                    fields.setdefault(required, (key, value))
            else:
                fields[key.value] = (key, value)
        return fields

    def optional(self, fields: dict[str, Field], key: str, read: Callable[[Node, str], Value | None]) -> Value | None:
        return read(fields[key][1], key) if key in fields else None

    def text(self, node: Node, what: str, advice: str = "leave the line out") -> str | None:
        if (
            not isinstance(node, ScalarNode)
            or tag_of(node) is not None
            or (is_plain(node) and node.value in ("", "~", "null"))
        ):
            empty = isinstance(node, ScalarNode) and is_plain(node) and not node.value
            fault = "has nothing after it" if empty else "is not text"
            self.report("invalid-setting", f"`{what}` {fault}", node, "expected text", help=advice)
            return None
        if "\0" in node.value or not node.value.strip():
            fault = "holds a NUL" if "\0" in node.value else "is empty"
            self.report("invalid-setting", f"`{what}` {fault}", node, "expected text")
            return None
        return str(node.value)

    def choice(self, node: Node, what: str, allowed: tuple[str, ...], title: str) -> str | None:
        text = self.text(node, what)
        if text is None or text in allowed:
            return text
        choices = ", ".join(f"`{each}`" for each in allowed)
        self.report(
            "invalid-setting",
            f"`{text}` is no {title}{did_you_mean(text, allowed)}",
            node,
            f"expected one of {choices}",
        )
        return None

    def texts(self, node: Node, what: str) -> list[tuple[str, Node]]:
        if not isinstance(node, SequenceNode):
            self.report("invalid-setting", f"`{what}` is not a list", node, f"expected a list: `{what}: [a, b]`")
            return []
        pairs = [(self.text(each, what), each) for each in node.value]
        return [(text, each) for text, each in pairs if text is not None]

    def names(self, node: Node, what: str) -> tuple[tuple[str, Span], ...]:
        return tuple((text, span_of(self.path, each)) for text, each in self.texts(node, what))

    def check_name(self, name: str, span: Span, what: str) -> None:
        if name in RESERVED:
            self.problems.append(
                Diagnostic(
                    "invalid-name",
                    f"`{name}` is reserved, and can't name {_a(what)}",
                    span,
                    help="choose another name",
                    shown=True,
                )
            )
        elif not (_PROCESS if what == "process" else _NAME).fullmatch(name):
            letters = "digits, `-` and `_`" if what == "process" else "digits and `-`"
            self.problems.append(
                Diagnostic(
                    "invalid-name",
                    f"`{name}` can't name {_a(what)}",
                    span,
                    label=f"expected small letters, {letters}, a letter first, at most 63",
                    shown=True,
                )
            )

    def missing(self, key: str, where: str, span: Span, advice: str) -> None:
        self.problems.append(Diagnostic("missing-setting", f"{where} has no `{key}`", span, help=advice, shown=True))

    def report(
        self,
        code: Code,
        message: str,
        node: Node,
        label: str = "",
        *,
        notes: tuple[str, ...] = (),
        help: str = "",  # noqa: A002
    ) -> None:
        self.problems.append(Diagnostic(code, message, span_of(self.path, node), label, notes, help, shown=True))


def _a(what: str) -> str:
    return f"an {what}" if what[0] in "aeio" else f"a {what}"
