"""Entries set in a layer's text: a new value replaces the old one, and a new entry follows the last one.

Every other byte stays the same. The result is parsed again as a proof, as in `core/yaml/remove.py`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from envtree.core.yaml.document import MappingNode, ScalarNode, SequenceNode, compose, is_plain, tag_of
from envtree.core.yaml.remove import NAMES_A_FILE, NOT_ALONE, shape, split_mark
from envtree.core.yaml.splice import (
    NOT_A_MAPPING,
    NOT_READ,
    SET_TWICE,
    CannotUpdate,
    Lines,
    Splice,
    decoded,
    indent_of,
    line_end,
    splice,
    whole_lines,
)
from envtree.core.yaml.writer import inline, key_text, value_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from envtree.core.yaml.document import Node
    from envtree.core.yaml.writer import ValueText

    Pair = tuple[Node, Node]
    Writer = Callable[[str | None, int, Node | None], ValueText]

Quoting = Literal["ours", "kept"]
"""Whether a new value is quoted so that every reader of YAML takes it alike, or, where that can be, as the old one."""

BRACES = "its entries stand between braces, not on lines of their own"

_HEADER = re.compile(r"(?:!\S*\s+)?[|>][-+0-9]*")


def set_entries(path: str, data: bytes, entries: Mapping[str, str | None], quoting: Quoting = "ours") -> bytes:
    """Return the layer with these entries set; None removes the variable, and an entry that is already so stays.

    A comment after a value stays, and so does everything else. Raises CannotUpdate, or ValueError for a lone surrogate.
    """
    mark, text = split_mark(decoded(data))
    pairs = _pairs(path, text)
    wanted = _wanted(pairs, entries)
    if not wanted:
        return data
    # A block would take an indented comment below it for its own line, so the second try writes on one line.
    for write in ((_as_before,) if quoting == "kept" else ()) + (_in_our_style, _on_one_line):
        for changed in _changed(path, text, wanted, write):
            if _is_proved(path, changed, pairs, wanted):
                return f"{mark}{changed}".encode()
    raise CannotUpdate(NOT_ALONE, *(wanted if len(wanted) == 1 else ()))


def _in_our_style(text: str | None, indent: int, _old: Node | None) -> ValueText:
    return value_text(text, indent)


def _on_one_line(text: str | None, _indent: int, _old: Node | None) -> ValueText:
    return inline(text), ""


def _as_before(text: str | None, indent: int, old: Node | None) -> ValueText:
    """Return a value in the style of the old one, if it is read back from that; else in ours."""
    if text is not None and isinstance(old, ScalarNode) and old.style not in ("|", ">") and text.isprintable():
        quote = old.style or ""
        content = text.replace("'", "''") if quote == "'" else text
        written = f"{quote}{content}{quote}"
        root, _ = compose("", f"NAME: {written}\n".encode())
        if isinstance(root, MappingNode) and _is_set_to(root.value[0][1], text):
            return written, ""
    return value_text(text, indent)


def _pairs(path: str, text: str) -> list[Pair]:
    root, problems = compose(path, text.encode())
    if isinstance(root, MappingNode) and tag_of(root) is None:
        if root.flow_style:
            raise CannotUpdate(BRACES)
        if not all(isinstance(key, ScalarNode) for key, _ in root.value):
            raise CannotUpdate(NOT_A_MAPPING)
        return list(root.value)
    if any(each.severity == "error" for each in problems):
        raise CannotUpdate(NOT_READ)
    if root is None or (isinstance(root, ScalarNode) and not root.value and is_plain(root) and not tag_of(root)):
        return []
    raise CannotUpdate(NOT_A_MAPPING)


def _wanted(pairs: Iterable[Pair], entries: Mapping[str, str | None]) -> dict[str, str | None]:
    """Return the entries that are missing from the layer, or have another value there."""
    wanted = dict(entries)
    seen: set[str] = set()
    for key, value in pairs:
        if key.value not in entries:
            continue
        if key.value in seen:
            raise CannotUpdate(SET_TWICE, key.value)
        seen.add(key.value)
        if _is_set_to(value, entries[key.value]):
            del wanted[key.value]
        elif tag_of(value) == "!file":
            raise CannotUpdate(NAMES_A_FILE, key.value)
    return wanted


def _is_set_to(value: Node, text: str | None) -> bool:
    """Return whether a value is this text or, for None, removes the variable."""
    if not isinstance(value, ScalarNode):
        return False
    null = is_plain(value) and tag_of(value) is None and value.value in ("", "~", "null")
    if text is None:
        return (tag_of(value) == "!unset" and not value.value) or (null and value.value != "")
    return tag_of(value) is None and value.value == text and not null


def _changed(path: str, text: str, wanted: Mapping[str, str | None], write: Writer) -> Iterator[str]:
    """Yield the text with these entries; if its last line had no end, yield the text without that end first."""
    whole = whole_lines(text)
    pairs, lines = _pairs(path, whole), Lines(whole)
    end = line_end(whole)
    indent = indent_of(whole, pairs[0][0]) if pairs else 0
    old = {key.value: (key, value) for key, value in pairs if key.value in wanted}
    splices = [
        _replacement(whole, lines.end_of(key, value), value, write(wanted[name], indent, value), end)
        for name, (key, value) in old.items()
    ]
    new = [(name, *write(each, indent, None)) for name, each in wanted.items() if name not in old]
    if new:
        offset = lines.end_of(*pairs[-1]) if pairs else len(whole)
        added = "".join(f"{' ' * indent}{key_text(name)}: {inline_part}\n{block}" for name, inline_part, block in new)
        splices.append(Splice(offset, offset, added.replace("\n", end)))
    changed = splice(whole, splices)
    if not new and whole != text:
        yield changed.removesuffix(end)
    yield changed


def _replacement(text: str, stop: int, value: Node, written: ValueText, end: str) -> Splice:
    """Return the splice that replaces a value, up to the end of its lines, and keeps the comment on its line."""
    inline_part, block = (each.replace("\n", end) for each in written)
    start = value.start_mark.index
    gap = " " if text[start - 1] == ":" else ""
    comment = _rest_of_line(text, value)
    return Splice(start, stop, f"{gap}{inline_part}{comment}{end}{block}")


def _rest_of_line(text: str, value: Node) -> str:
    """Return the comment after a value, or after a block's header; a comment among the lines of a list is not kept."""
    end = value.end_mark.index
    if isinstance(value, ScalarNode) and value.style in ("|", ">"):
        header = _HEADER.match(text, value.start_mark.index)
        if header is None:
            return ""
        end = header.end()
    elif isinstance(value, (MappingNode, SequenceNode)) and not value.flow_style:
        return ""
    return text[end : text.index("\n", end)].rstrip("\r")


def _is_proved(path: str, text: str, before: Sequence[Pair], wanted: Mapping[str, str | None]) -> bool:
    """Return whether the text has the wanted entries, and all the other entries unchanged and in the same order."""
    try:
        after = _pairs(path, text)
    except CannotUpdate:
        return False
    old = {key.value for key, _ in before}
    names = [key.value for key, _ in before] + [name for name in wanted if name not in old]
    if [key.value for key, _ in after] != names:
        return False
    unchanged = zip(before, after, strict=False)
    return all(_is_set_to(value, wanted[key.value]) for key, value in after if key.value in wanted) and all(
        shape(one) == shape(other) for one, other in unchanged if one[0].value not in wanted
    )
