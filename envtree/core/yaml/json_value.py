"""The value of a `!json`: a YAML node as compact JSON, with YAML 1.2's core types, keys in the order written."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import Diagnostic
from envtree.core.yaml.document import MappingNode, Node, ScalarNode, is_plain, span_of, tag_of
from envtree.core.yaml.problems import MAX_DEPTH

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DIGITS = 1000
_WORDS = dict.fromkeys(("null", "Null", "NULL", "~", ""), "null")
_WORDS |= dict.fromkeys(("true", "True", "TRUE"), "true")
_WORDS |= dict.fromkeys(("false", "False", "FALSE"), "false")
_JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NO_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


class _Impossible(Exception):
    """A node that JSON can't express: the message, the node to point at, and the advice."""


def json_text(path: str, node: Node) -> tuple[str | None, Diagnostic | None]:
    """Return a node's JSON text or a diagnostic; a plain JSON number keeps its digits (`1.10` stays `1.10`)."""
    try:
        return "".join(_tokens(node)), None
    except _Impossible as error:
        message, where, advice = error.args
        return None, Diagnostic("invalid-json", message, span_of(path, where), help=advice)


def _tokens(node: Node, depth: int = 0) -> Iterator[str]:
    if depth > MAX_DEPTH:
        raise _Impossible(f"nested more than {MAX_DEPTH} deep", node, "write it flatter")
    if tag_of(node) is not None and depth:
        raise _Impossible(
            "a tag can't stand inside `!json`", node, "leave it out; text that starts with `!` needs quotes"
        )
    if isinstance(node, ScalarNode):
        yield _scalar(node)
    elif isinstance(node, MappingNode):
        yield from _mapping(node, depth)
    else:
        yield "["
        for index, each in enumerate(node.value):
            yield "," if index else ""
            yield from _tokens(each, depth + 1)
        yield "]"


def _mapping(node: MappingNode, depth: int) -> Iterator[str]:
    yield "{"
    seen: set[str] = set()
    for key, value in node.value:
        if not isinstance(key, ScalarNode) or tag_of(key) is not None:
            raise _Impossible("a key of a JSON object is text", key, "write `{name: value}`")
        if key.value in seen:
            raise _Impossible("the same key stands twice in a JSON object", key, "keep one of the two")
        if key.value == "<<" and is_plain(key):
            raise _Impossible("merge keys are not taken", key, "write the keys out")
        yield "," if seen else ""
        seen.add(key.value)
        yield _quoted(key.value) + ":"
        yield from _tokens(value, depth + 1)
    yield "}"


def plain_scalar(text: str) -> str | None:
    """Return the JSON text of a scalar without quotes, typed as in YAML 1.2; None for a number that has none."""
    if text in _WORDS:
        return _WORDS[text]
    if _JSON_NUMBER.fullmatch(text):
        return text
    if _INTEGER.fullmatch(text):
        sign = "-" if text.startswith("-") else ""
        return sign + (text.lstrip("+-").lstrip("0") or "0")
    if _BASED.fullmatch(text):
        return str(int(text, 0)) if len(text) <= MAX_DIGITS else None
    if _NO_NUMBER.fullmatch(text):
        return None
    return _float(text) if _FLOAT.fullmatch(text) else _quoted(text)


def _scalar(node: ScalarNode) -> str:
    found = plain_scalar(node.value) if is_plain(node) else _quoted(node.value)
    if found is None:
        message = "JSON has no infinity and no NaN"
        if _BASED.fullmatch(node.value):
            message = "a number this long is not written in base 8 or 16"
        raise _Impossible(message, node, "put it in quotes to pass it as text")
    return found


def _float(text: str) -> str:
    """Return a YAML float that JSON writes otherwise (`.5`, `+1.0`, `1.`), with its digits unchanged."""
    sign = "-" if text.startswith("-") else ""
    number, *exponent = re.split("[eE]", text.lstrip("+-"), maxsplit=1)
    whole, _, fraction = number.partition(".")
    plain = sign + (whole.lstrip("0") or "0") + (f".{fraction}" if fraction else "")
    return plain + (f"e{exponent[0]}" if exponent else "")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
