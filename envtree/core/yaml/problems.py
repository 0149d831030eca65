"""Diagnostics for a file that is not UTF-8, not YAML, or YAML that envtree refuses."""

from __future__ import annotations

import re

from yaml.composer import ComposerError
from yaml.error import MarkedYAMLError
from yaml.reader import ReaderError

from envtree.core.model.diagnostic import Diagnostic
from envtree.core.model.tree import Span

MAX_DEPTH = 64

# Characters that YAML forbids or reads as line breaks, except tab, line feed, and a carriage return before a line feed.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|\r(?!\n)")
_CONFLICT = re.compile(r"^(?:<{7}|\|{7}|={7}|>{7})(?=[ \n\r]|$)", re.MULTILINE)
_QUOTE = 'put the value in quotes: `NAME: "..."`'

# A pattern for libyaml's message, and envtree's words for it: the label; the advice. libyaml's message can hold a
# value, so nobody sees it.
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
_REPORTED_AT_START = re.compile(
    r"did not find expected ',' or|unexpected end of stream|document indicator|find expected ':'"
)
"""Problems whose span is where the construct begins, not where the parser stops."""


class UnsupportedYAML(Exception):
    """Something that is legal YAML but that envtree refuses: a word for what it is, and its mark."""


def _span_at(path: str, text: str, offset: int, length: int = 1) -> Span:
    line_start = text.rfind("\n", 0, offset) + 1
    return Span(path, text.count("\n", 0, offset) + 1, offset - line_start + 1, length)


def not_utf8(path: str, data: bytes, offset: int) -> Diagnostic:
    """Return the diagnostic for a file whose byte at an offset is not UTF-8; all before the offset is."""
    before = data[:offset].decode("utf-8")
    utf16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    return Diagnostic(
        "not-utf8",
        f"`{path}` is not UTF-8" + ("; it looks like UTF-16" if utf16 else ""),
        _span_at(path, before, len(before)),
        label="this byte is no UTF-8",
        help="save the file as UTF-8" + ("" if utf16 else f"; from Latin-1: `iconv -f latin1 -t utf-8 {path}`"),
    )


def control_character(path: str, text: str) -> Diagnostic | None:
    """Return the diagnostic for the first character that YAML forbids or would change, if there is one."""
    found = _CONTROL.search(text)
    if found is None:
        return None
    code = ord(found[0][0])
    escape = f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
    name = {0: "a NUL", 0x0D: "a lone carriage return", 0xFEFF: "a byte order mark"}.get(code, f"U+{code:04X}")
    advice = "remove it" if code == 0 else f'remove it, or write it as `"{escape}"` in double quotes'
    at = _span_at(path, text, found.start())
    return Diagnostic("control-character", f"{name} can't stand in YAML text", at, help=advice)


def merge_conflict(path: str, text: str) -> Diagnostic | None:
    """Return the diagnostic for a text with all three marks of a merge conflict, each at the start of a line."""
    marks = [found[0][:1] for found in _CONFLICT.finditer(text)] if "<<<<<<<" in text else []
    if not {"<", "=", ">"} <= set(marks):
        return None
    start = _CONFLICT.search(text)
    return Diagnostic(
        "merge-conflict",
        f"`{path}` holds the marks of a merge conflict",
        _span_at(path, text, start.start() if start else 0, 7),
        help="resolve the conflict, then `git add` the file",
    )


def syntax_error(path: str, text: str, error: Exception) -> Diagnostic:
    """Return the diagnostic for an error of the parser, without the error's own text, which can hold a value."""
    if isinstance(error, ReaderError) and (problem := control_character(path, text)):
        return problem
    if isinstance(error, (UnsupportedYAML, RecursionError)):
        return _unsupported(path, error)
    if isinstance(error, ComposerError) and "undefined alias" in str(error):
        return _unsupported(path, UnsupportedYAML("anchor", error.problem_mark))
    if isinstance(error, ComposerError) and "single document" in str(error):
        return Diagnostic(
            "several-documents",
            f"`{path}` holds more than one YAML document",
            _mark(path, error),
            label="a second document starts here",
            help="keep one document a file",
        )
    message = f"{getattr(error, 'context', '')} {getattr(error, 'problem', '')}"
    at = _mark(path, error, "context_mark" if _REPORTED_AT_START.search(message) else "problem_mark")
    line = "".join(text.split("\n")[at.line - 1 : at.line])
    label, _, advice = _explanation(message, line, at.column - 1).partition("; ")
    return Diagnostic("invalid-yaml", f"`{path}` is not valid YAML", at, label, help=advice or _QUOTE)


def _explanation(message: str, line: str, column: int) -> str:
    """Return envtree's words for the parser's message, by what the line has at the column that the parser names."""
    before = line[:column]
    if line[column : column + 1] == "\t":
        return _PROBLEMS[0][1]
    if "mapping values are not allowed" in message:
        return _SECOND_COLON if re.search(r":\s", before) else _STRAY_COLON
    if "did not find expected key" in message and before.strip():
        return _AFTER_QUOTES if before.rstrip().endswith(("'", '"')) else f"nothing can follow here; {_QUOTE}"
    return next((words for pattern, words in _PROBLEMS if re.search(pattern, message)), f"not valid here; {_QUOTE}")


def _mark(path: str, error: Exception, which: str = "problem_mark") -> Span:
    mark = getattr(error, which, None) if isinstance(error, MarkedYAMLError) else None
    return Span(path, mark.line + 1, mark.column + 1) if mark else Span(path, 1, 1)


def _unsupported(path: str, error: Exception) -> Diagnostic:
    what, mark = error.args if isinstance(error, UnsupportedYAML) else ("too-deep", None)
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


def lfs_pointer(path: str) -> Diagnostic:
    """Refuse what Git LFS leaves in place of a file."""
    message = f"`{path}` is a Git LFS pointer, not the file itself"
    advice = "run `git lfs pull`, or keep configuration out of LFS"
    return Diagnostic("lfs-pointer", message, Span(path, 1, 1, 0), help=advice, shown=True)


def carriage_return(path: str) -> Diagnostic:
    """Warn of line ends that YAML reads as LF."""
    message = f"the lines of `{path}` end in CR LF; a value of several lines is read with LF alone, as YAML says"
    advice = "save it with Unix line ends, and add `* text=auto eol=lf` to .gitattributes"
    return Diagnostic("carriage-return", message, Span(path, 1, 1, 0), help=advice, severity="warning")
