"""One YAML document as nodes with line and column, parsed by PyYAML's C parser after checks for unsafe input.

Every value must reach the process as written. libyaml alone lets a NUL through, folds a U+0085 into a blank, follows
aliases, and crashes on 30,000 brackets (measured with PyYAML 6.0.3), so each of these is an error here.
"""

from __future__ import annotations

import re

from yaml._yaml import CParser
from yaml.error import YAMLError
from yaml.events import CollectionEndEvent, CollectionStartEvent, StreamEndEvent
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from envtree.core.model.diagnostic import Diagnostic
from envtree.core.model.tree import Span
from envtree.core.yaml.problems import (
    MAX_DEPTH,
    UnsupportedYAML,
    carriage_return,
    control_character,
    lfs_pointer,
    merge_conflict,
    not_utf8,
    syntax_error,
)

__all__ = ["MappingNode", "Node", "ScalarNode", "SequenceNode", "compose", "is_plain", "span_of", "tag_of", "text_of"]

LFS_POINTER = b"version https://git-lfs.github.com/spec/"

# What opens a collection.
_OPENING = ("[", "{", "- ", "-\t", "? ", "?\t", ": ", ":\t")
# Where there may be what `_refuse_ignored_syntax` looks for.
_MAYBE_IGNORED = re.compile(r"(?:^|[\s\[\]{},:?-])(?:&\S|!(?=\s|$))|[\"']#")


class _Composer(CParser):
    """The C parser without a resolver: every scalar stays text, and only a tag that was written is a tag."""

    def resolve(self, _kind: object, _value: object, _implicit: object) -> None:
        return None

    def descend_resolver(self, _parent: Node | None, _index: object) -> None:
        return None

    def ascend_resolver(self) -> None:
        return None


class _GuardedComposer(_Composer):
    """A composer that refuses nodes nested too deep, since the C code itself would overflow its stack."""

    def __init__(self, text: str) -> None:
        self.depth = 0
        super().__init__(text)

    def descend_resolver(self, parent: Node | None, _index: object) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise UnsupportedYAML("too-deep", parent and parent.start_mark)

    def ascend_resolver(self) -> None:
        self.depth -= 1


def _composer(text: str) -> _Composer:
    """Return a composer that counts the depth, if the text opens enough collections to be nested too deep.

    Collections that each open on a line of their own are safe without the count: a thousand of them need a thousand
    blanks before the last.
    """
    return _GuardedComposer(text) if sum(map(text.count, _OPENING)) > MAX_DEPTH else _Composer(text)


def compose(path: str, data: bytes) -> tuple[Node | None, tuple[Diagnostic, ...]]:
    """Return the root node of a file's only document (None if it is empty), or what makes the file unreadable."""
    text, problems = _decode(path, data)
    if text is None:
        return None, problems
    try:
        if any(each in text for each in ("&", "!", "'#", '"#')) and _MAYBE_IGNORED.search(text):
            _refuse_ignored_syntax(text)
        return _composer(text).get_single_node(), problems
    except (UnsupportedYAML, YAMLError, RecursionError) as error:
        return None, (syntax_error(path, text, error),)


def compose_with_aliases(path: str, data: bytes) -> tuple[Node | None, tuple[Diagnostic, ...]]:
    """Do what `compose` does, for a file of another program, where anchors and aliases are usual.

    A node may be in several places, even below itself: walk only as deep as the format goes.
    """
    text, problems = _decode(path, data)
    if text is None:
        return None, problems
    try:
        return _GuardedComposer(text).get_single_node(), problems
    except (UnsupportedYAML, YAMLError, RecursionError) as error:
        return None, (syntax_error(path, text, error),)


def text_of(path: str, data: bytes) -> tuple[str | None, tuple[Diagnostic, ...]]:
    """Return the text of a UTF-8 file, or what is wrong with it: not UTF-8, a Git LFS pointer, a merge conflict."""
    if data.startswith(LFS_POINTER):
        return None, (lfs_pointer(path),)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return None, (not_utf8(path, data, error.start),)
    conflict = merge_conflict(path, text)
    return (None, (conflict,)) if conflict else (text, ())


def is_plain(node: ScalarNode) -> bool:
    """Return whether a scalar is written without quotes, and not as a block."""
    return not node.style


def tag_of(node: Node) -> str | None:
    """Return the tag that is written before a node; None without one."""
    tag: str | None = node.tag
    return tag


def span_of(path: str, node: Node) -> Span:
    """Return the span of a node, or of its first line if it has several."""
    start, end = node.start_mark, node.end_mark
    length = end.column - start.column if end.line == start.line else 1
    return Span(path, start.line + 1, start.column + 1, max(1, length))


def _decode(path: str, data: bytes) -> tuple[str | None, tuple[Diagnostic, ...]]:
    text, problems = text_of(path, data)
    if text is None:
        return None, problems
    text = text.removeprefix("\ufeff")
    if not text.isascii() and (problem := control_character(path, text)):
        return None, (problem,)
    if "\r" not in text:
        return text, ()
    if problem := control_character(path, text):
        return None, (problem,)
    return text, (carriage_return(path),)


def _refuse_ignored_syntax(text: str) -> None:
    """Refuse what the composer silently ignores: anchors, a lone `!`, and a comment right after a quote (`'a'#b`)."""
    parser = CParser(text)
    depth = 0
    while (event := parser.get_event()) is not None and not isinstance(event, StreamEndEvent):
        if getattr(event, "anchor", None):
            raise UnsupportedYAML("anchor", event.start_mark)
        if getattr(event, "tag", None) == "!":
            raise UnsupportedYAML("tag", event.start_mark)
        end = event.end_mark
        if getattr(event, "style", None) in ("'", '"') and end and text.startswith("#", end.index):
            raise UnsupportedYAML("comment", event.end_mark)
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise UnsupportedYAML("too-deep", event.start_mark)
