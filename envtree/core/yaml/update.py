"""Entries put into a layer's text: a value in the place of the one before, a new entry behind the last.

All else stays as it was, to the byte. Proved by parsing again, as `core/edit.py` proves what it cuts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from envtree.core.yaml.document import MappingNode, ScalarNode, SequenceNode, compose, is_plain, tag_of
from envtree.core.yaml.remove import BOM, NAMES_A_FILE, NOT_ALONE, shape
from envtree.core.yaml.splice import (
    NOT_A_MAPPING,
    NOT_READ,
    SET_TWICE,
    CannotPut,
    Splice,
    decoded,
    end_of_lines,
    indent_of,
    line_end,
    splice,
    whole_lines,
)
from envtree.core.yaml.writer import form, inline, word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from envtree.core.yaml.document import Node
    from envtree.core.yaml.writer import Form

    Pair = tuple[Node, Node]

BRACES = "its entries stand between braces, not on lines of their own"

_HEADER = re.compile(r"(?:!\S*\s+)?[|>][-+0-9]*")


def set_entries(path: str, data: bytes, entries: Mapping[str, str | None]) -> bytes:
    """A layer with these entries set, None removing the variable; one that says so already stays as it is written.

    A comment behind a value stays, and so does all around it. Raises CannotPut, or ValueError for a lone surrogate.
    """
    text = decoded(data)
    mark = BOM if text.startswith(BOM) else ""
    text = text.removeprefix(BOM)
    pairs = _pairs(path, text)
    wanted = _wanted(pairs, entries)
    if not wanted:
        return data
    for write in (form, _on_one_line):  # a block would take a comment below it, if indented, for a line of its own
        for changed in _changed(path, text, wanted, write):
            if _is_proved(path, changed, pairs, wanted):
                return f"{mark}{changed}".encode()
    raise CannotPut(NOT_ALONE, *(wanted if len(wanted) == 1 else ()))


def _on_one_line(text: str | None, _indent: int = 0) -> Form:
    return inline(text), ""


def _pairs(path: str, text: str) -> list[Pair]:
    root, problems = compose(path, text.encode())
    if isinstance(root, MappingNode) and tag_of(root) is None:
        if root.flow_style:
            raise CannotPut(BRACES)
        if not all(isinstance(key, ScalarNode) for key, _ in root.value):
            raise CannotPut(NOT_A_MAPPING)
        return list(root.value)
    if any(each.severity == "error" for each in problems):
        raise CannotPut(NOT_READ)
    if root is None or (isinstance(root, ScalarNode) and not root.value and is_plain(root) and not tag_of(root)):
        return []
    raise CannotPut(NOT_A_MAPPING)


def _wanted(pairs: Iterable[Pair], entries: Mapping[str, str | None]) -> dict[str, str | None]:
    """The entries that say something else there, or don't stand there."""
    wanted = dict(entries)
    seen: set[str] = set()
    for key, value in pairs:
        if key.value not in entries:
            continue
        if key.value in seen:
            raise CannotPut(SET_TWICE, key.value)
        seen.add(key.value)
        if _says(value, entries[key.value]):
            del wanted[key.value]
        elif tag_of(value) == "!file":
            raise CannotPut(NAMES_A_FILE, key.value)
    return wanted


def _says(value: Node, text: str | None) -> bool:
    """Whether a value is this text, or removes the variable."""
    if not isinstance(value, ScalarNode):
        return False
    null = is_plain(value) and tag_of(value) is None and value.value in ("", "~", "null")
    if text is None:
        return (tag_of(value) == "!unset" and not value.value) or (null and value.value != "")
    return tag_of(value) is None and value.value == text and not null


def _changed(
    path: str, text: str, wanted: Mapping[str, str | None], write: Callable[[str | None, int], Form]
) -> Iterator[str]:
    """The text with these entries in it, without an end to its last line first where it had none."""
    whole = whole_lines(text)
    pairs = _pairs(path, whole)
    end = line_end(whole)
    indent = indent_of(whole, pairs[0][0]) if pairs else 0
    old = {key.value: (key, value) for key, value in pairs if key.value in wanted}
    splices = [_replacement(whole, key, value, write(wanted[name], indent), end) for name, (key, value) in old.items()]
    new = [(name, *write(each, indent)) for name, each in wanted.items() if name not in old]
    if new:
        place = end_of_lines(whole, *pairs[-1]) if pairs else len(whole)
        lines = "".join(f"{' ' * indent}{word(name)}: {beside}\n{below}" for name, beside, below in new)
        splices.append(Splice(place, place, lines.replace("\n", end)))
    changed = splice(whole, splices)
    if not new and whole != text:
        yield changed.removesuffix(end)
    yield changed


def _replacement(text: str, key: Node, value: Node, written: Form, end: str) -> Splice:
    """Another value in the place of one, before a comment that stands on its line."""
    beside, below = (each.replace("\n", end) for each in written)
    start = value.start_mark.index
    gap = " " if text[start - 1] == ":" else ""
    behind = _rest_of_line(text, value)
    return Splice(start, end_of_lines(text, key, value), f"{gap}{beside}{behind}{end}{below}")


def _rest_of_line(text: str, value: Node) -> str:
    """The comment behind a value, or behind the header of a block; one among the lines of a list goes with them."""
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
    """Whether all that is wanted is there now, and all else that was there, in the same order."""
    try:
        after = _pairs(path, text)
    except CannotPut:
        return False
    old = {key.value for key, _ in before}
    names = [key.value for key, _ in before] + [name for name in wanted if name not in old]
    if [key.value for key, _ in after] != names:
        return False
    unchanged = zip(before, after, strict=False)
    return all(_says(value, wanted[key.value]) for key, value in after if key.value in wanted) and all(
        shape(one) == shape(other) for one, other in unchanged if one[0].value not in wanted
    )
