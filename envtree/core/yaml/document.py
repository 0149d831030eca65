"""One YAML document as nodes that know their place, on PyYAML's C parser, with what could hurt refused first.

libyaml alone would let a NUL through, fold a U+0085 into a blank, follow aliases, and crash on 30,000 brackets
(measured with PyYAML 6.0.3): every value must reach the process as written, so each of these is an error here.
"""

from __future__ import annotations

import re

from yaml._yaml import CParser
from yaml.composer import ComposerError
from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import CollectionEndEvent, CollectionStartEvent, StreamEndEvent
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.reader import ReaderError

from envtree.core.model.diagnostic import Diagnostic
from envtree.core.model.tree import Span

__all__ = ["MappingNode", "Node", "ScalarNode", "SequenceNode", "compose", "is_plain", "span_of", "tag_of", "text_of"]

MAX_DEPTH = 64
LFS_POINTER = b"version https://git-lfs.github.com/spec/"

# What YAML takes for a line break or forbids, outside of tab, line feed and a carriage return before a line feed.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|\r(?!\n)")
_CONFLICT = re.compile(r"^(?:<{7}|\|{7}|={7}|>{7})(?=[ \n\r]|$)", re.MULTILINE)
_OPENING = ("[", "{", "- ", "-\t", "? ", "?\t", ": ", ":\t")
_MAYBE_PASSED_OVER = re.compile(r"(?:^|[\s\[\]{},:?-])(?:&\S|!(?=\s|$))|[\"']#")
_QUOTE = 'put the value in quotes: `NAME: "..."`'

# libyaml's words, and ours: the label; the advice. Its own can hold a value, so they are never shown.
_PROBLEMS = (
    (r"that violates indentation|found a tab character", "a tab can't stand here; YAML is indented with blanks"),
    (r"that cannot start any token", f"this character can't start a value; {_QUOTE}"),
    (r"expected alphabetic or numeric character", f"a `*` or `&` can't start a value; {_QUOTE}"),
    (
        r"could not find expected ':'",
        "expected a `:` and a blank after the name; write one variable a line: `NAME: value`",
    ),
    (
        r"found unexpected end of stream|unexpected document indicator",
        "this quote is never closed; add the closing one",
    ),
    (
        r"did not find expected ',' or '[\]}]'",
        "this bracket is never closed; add the closing one, or put the value in quotes",
    ),
    (r"did not find expected node content", f"a value is missing here; {_QUOTE}"),
    (
        r"found unknown escape character",
        "this escape is not known in double quotes; write `\\\\` for a backslash, or use single quotes",
    ),
    (
        r"did not find expected (hexdecimal|hexadecimal) number",
        "the escape needs more digits; write `\\x` and two of them",
    ),
    (r"found invalid Unicode character escape", "the escape names no Unicode character; write the character itself"),
    (
        r"found undefined tag handle|while parsing a tag|while scanning a tag|expected (tag URI|'[!>]')",
        f"this is no tag; {_QUOTE}",
    ),
    (r"block sequence entries are not allowed", f"a list can't start here; {_QUOTE}"),
    (r"did not find expected <document start>", "this line doesn't fit the ones above it; indent all names alike"),
    (
        r"did not find expected key|expected '-' indicator",
        "this line doesn't fit the ones above it; indent all names alike",
    ),
    (r"did not find expected comment or line break", f"only a comment can follow here; {_QUOTE}"),
    (r"found a duplicate %|incompatible YAML document|unknown directive", f"this `%` line is not understood; {_QUOTE}"),
)
_AFTER_QUOTES = "nothing can follow the closing quote; check the quotes before it"
_SECOND_COLON = f"a second `: ` in one line; {_QUOTE}"
_STRAY_COLON = "no name can start here; the line above it lacks a `:`, or is indented otherwise"
_OPENED = re.compile(r"did not find expected ',' or|unexpected end of stream|document indicator|find expected ':'")
"""What is wrong at its beginning, not where the parser gave up."""


class _Refused(Exception):
    """Something that is legal YAML and not taken here."""


class _Composer(CParser):
    """The C parser with no resolver: every scalar stays text, a tag is there only where one was written."""

    def resolve(self, _kind: object, _value: object, _implicit: object) -> None:
        return None

    def descend_resolver(self, _parent: Node | None, _index: object) -> None:
        return None

    def ascend_resolver(self) -> None:
        return None


class _GuardedComposer(_Composer):
    """Stops where nodes lie too deep: the C code itself would overflow its stack."""

    def __init__(self, text: str) -> None:
        self.depth = 0
        super().__init__(text)

    def descend_resolver(self, parent: Node | None, _index: object) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _Refused("too-deep", parent and parent.start_mark)

    def ascend_resolver(self) -> None:
        self.depth -= 1


def _composer(text: str) -> _Composer:
    """A composer that counts the depth, where one line has enough of what opens a collection to go too deep.

    Collections of a line each are safe without: a thousand of them need a thousand blanks before the last.
    """
    return _GuardedComposer(text) if sum(map(text.count, _OPENING)) > MAX_DEPTH else _Composer(text)


def compose(path: str, data: bytes) -> tuple[Node | None, tuple[Diagnostic, ...]]:
    """The root node of a file's only document (None where it is empty), or what makes it unreadable."""
    text, problems = _decode(path, data)
    if text is None:
        return None, problems
    try:
        if any(each in text for each in ("&", "!", "'#", '"#')) and _MAYBE_PASSED_OVER.search(text):
            _refuse_passed_over(text)
        return _composer(text).get_single_node(), problems
    except (_Refused, YAMLError, RecursionError) as error:
        return None, (_explain(path, text, error),)


def text_of(path: str, data: bytes) -> tuple[str | None, tuple[Diagnostic, ...]]:
    """The text of a file that must be UTF-8 and no stand-in for another, or what is wrong with it."""
    if data.startswith(LFS_POINTER):
        return None, (
            Diagnostic(
                "lfs-pointer",
                f"`{path}` is a Git LFS pointer, not the file itself",
                Span(path, 1, 1, 0),
                help="run `git lfs pull`, or keep configuration out of LFS",
                shown=True,
            ),
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return None, (_not_utf8(path, data, error.start),)
    conflict = _conflict(path, text)
    return (None, (conflict,)) if conflict else (text, ())


def is_plain(node: ScalarNode) -> bool:
    """Written without quotes, and not as a block."""
    return not node.style


def tag_of(node: Node) -> str | None:
    """The tag that is written before a node, if one is."""
    tag: str | None = node.tag
    return tag


def span_of(path: str, node: Node) -> Span:
    """Where a node stands: its first line only."""
    start, end = node.start_mark, node.end_mark
    length = end.column - start.column if end.line == start.line else 1
    return Span(path, start.line + 1, start.column + 1, max(1, length))


def _decode(path: str, data: bytes) -> tuple[str | None, tuple[Diagnostic, ...]]:
    text, problems = text_of(path, data)
    if text is None:
        return None, problems
    text = text.removeprefix("\ufeff")
    if not text.isascii() and (found := _CONTROL.search(text)):
        return None, (_control(path, text, found.start()),)
    if "\r" not in text:
        return text, ()
    if found := _CONTROL.search(text):
        return None, (_control(path, text, found.start()),)
    return text, (
        Diagnostic(
            "carriage-return",
            f"the lines of `{path}` end in CR LF; a value of several lines is read with LF alone, as YAML says",
            Span(path, 1, 1, 0),
            help="save it with Unix line ends, and add `* text=auto eol=lf` to .gitattributes",
            severity="warning",
        ),
    )


def _place(path: str, text: str, offset: int, length: int = 1) -> Span:
    line_start = text.rfind("\n", 0, offset) + 1
    return Span(path, text.count("\n", 0, offset) + 1, offset - line_start + 1, length)


def _not_utf8(path: str, data: bytes, offset: int) -> Diagnostic:
    before = data[:offset].decode("utf-8")
    utf16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    return Diagnostic(
        "not-utf8",
        f"`{path}` is not UTF-8" + ("; it looks like UTF-16" if utf16 else ""),
        _place(path, before, len(before)),
        label="this byte is no UTF-8",
        help="save the file as UTF-8" + ("" if utf16 else f"; from Latin-1: `iconv -f latin1 -t utf-8 {path}`"),
    )


def _control(path: str, text: str, offset: int) -> Diagnostic:
    code = ord(text[offset])
    escape = f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
    name = {0: "a NUL", 0x0D: "a lone carriage return", 0xFEFF: "a byte order mark"}.get(code, f"U+{code:04X}")
    advice = "remove it" if code == 0 else f'remove it, or write it as `"{escape}"` in double quotes'
    return Diagnostic("control-character", f"{name} can't stand in YAML text", _place(path, text, offset), help=advice)


def _conflict(path: str, text: str) -> Diagnostic | None:
    """The marks that a merge leaves where two sides differ: all three of them, each at the start of a line."""
    marks = [found[0][:1] for found in _CONFLICT.finditer(text)] if "<<<<<<<" in text else []
    if not {"<", "=", ">"} <= set(marks):
        return None
    start = _CONFLICT.search(text)
    return Diagnostic(
        "merge-conflict",
        f"`{path}` holds the marks of a merge conflict",
        _place(path, text, start.start() if start else 0, 7),
        help="resolve the conflict, then `git add` the file",
    )


def _explain(path: str, text: str, error: Exception) -> Diagnostic:
    """The diagnostic for what the parser stumbled over; its own text is never shown, since it can hold a value."""
    if isinstance(error, ReaderError) and (control := _CONTROL.search(text)):
        return _control(path, text, control.start())
    if isinstance(error, (_Refused, RecursionError)):
        return _refused(path, error)
    if isinstance(error, ComposerError) and "undefined alias" in str(error):
        return _refused(path, _Refused("anchor", error.problem_mark))
    if isinstance(error, ComposerError) and "single document" in str(error):
        return Diagnostic(
            "several-documents",
            f"`{path}` holds more than one YAML document",
            _mark(path, error),
            label="a second document starts here",
            help="keep one document a file",
        )
    problem = f"{getattr(error, 'context', '')} {getattr(error, 'problem', '')}"
    at = _mark(path, error, "context_mark" if _OPENED.search(problem) else "problem_mark")
    line = "".join(text.split("\n")[at.line - 1 : at.line])
    label, _, advice = _words(problem, line, at.column - 1).partition("; ")
    return Diagnostic("invalid-yaml", f"`{path}` is not valid YAML", at, label, help=advice or _QUOTE)


def _words(problem: str, line: str, column: int) -> str:
    """Our words for what the parser says, and for what stands at the place it names."""
    before = line[:column]
    if line[column : column + 1] == "\t":
        return _PROBLEMS[0][1]
    if "mapping values are not allowed" in problem:
        return _SECOND_COLON if re.search(r":\s", before) else _STRAY_COLON
    if "did not find expected key" in problem and before.strip():
        return _AFTER_QUOTES if before.rstrip().endswith(("'", '"')) else f"nothing can follow here; {_QUOTE}"
    return next((words for pattern, words in _PROBLEMS if re.search(pattern, problem)), f"not valid here; {_QUOTE}")


def _mark(path: str, error: Exception, which: str = "problem_mark") -> Span:
    mark = getattr(error, which, None) if isinstance(error, MarkedYAMLError) else None
    return Span(path, mark.line + 1, mark.column + 1) if mark else Span(path, 1, 1)


def _refused(path: str, error: Exception) -> Diagnostic:
    what, mark = error.args if isinstance(error, _Refused) else ("too-deep", None)
    at = Span(path, mark.line + 1, mark.column + 1) if mark else Span(path, 1, 1)
    if what == "tag":
        message = "a lone `!` is no tag"
        return Diagnostic("unknown-tag", message, at, help="leave it out; text that starts with `!` needs quotes")
    if what == "comment":
        message = f"`{path}` is not valid YAML"
        return Diagnostic(
            "invalid-yaml", message, at, "a comment starts after a blank", help="put all of the value in quotes"
        )
    if what == "too-deep":
        return Diagnostic(
            "too-deep", f"nested more than {MAX_DEPTH} deep", at, help="write it flatter, or as JSON text in quotes"
        )
    return Diagnostic(
        "anchor",
        "anchors and aliases are not taken: a layer says each value where it stands",
        at,
        help='write the value out, or refer to another variable with `!expand "${NAME}"`',
    )


def _refuse_passed_over(text: str) -> None:
    """Look through the events for what the composer passes over without a word: anchors, `! `, and `'a'#b`."""
    parser = CParser(text)
    depth = 0
    while (event := parser.get_event()) is not None and not isinstance(event, StreamEndEvent):
        if getattr(event, "anchor", None):
            raise _Refused("anchor", event.start_mark)
        if getattr(event, "tag", None) == "!":
            raise _Refused("tag", event.start_mark)
        end = event.end_mark
        if getattr(event, "style", None) in ("'", '"') and end and text.startswith("#", end.index):
            raise _Refused("comment", event.end_mark)
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise _Refused("too-deep", event.start_mark)
