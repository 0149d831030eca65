"""The source line of a diagnostic as it may be shown, and the carets below it."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from envtree.core.model.source import CONFIGS
from envtree.core.render.mask import HIDDEN, mask_passwords

if TYPE_CHECKING:
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.tree import Span

MAX_WIDTH = 100
SUFFIX = ".yaml"
# In a layer, only text at the very beginning of a line is a name for sure: a line of a value may look like a name.
_NAMED = re.compile(r"""(?:<<|["']?[A-Za-z_][A-Za-z0-9_.-]*["']?)\s*:(?=\s|$)\s?""")
_SETTING = re.compile(rf"\s*{_NAMED.pattern}")
_NAME_ONLY = re.compile(r"""\s*["']?[^\s"':,{}[\]]+["']?\s*:\s+""")


class Snippets:
    """The lines of a source, each prepared once: a line may be as long as a file, and have many diagnostics."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, int], _Line] = {}

    def snippet(self, each: Diagnostic, span: Span, text: str) -> tuple[str, str, str]:
        """Return the source line as it may be shown, the blanks before the carets, and the carets."""
        key = (span.file, span.line)
        if key not in self._lines:
            self._lines[key] = _Line(span.file, text)
        line, start, length = (self._lines[key].shown if each.shown else self._lines[key].hidden)(span)
        if start > MAX_WIDTH - 20:
            line, start = f"...{line[start - 20 : start + MAX_WIDTH]}", 23
        if len(line) > MAX_WIDTH:
            line = f"{line[:MAX_WIDTH]}..."
        length = max(1, min(length, len(line) - start))
        return line, " " * _width(line[:start]), "^" * max(1, _width(line[start : start + length]))


class _Line:
    """A line with blanks in place of control characters, and what is known of it."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = "".join(letter if letter.isprintable() else " " for letter in text)

    @cached_property
    def is_layer(self) -> bool:
        return self.file.startswith(CONFIGS) and not self.file.endswith("/service.yaml")

    @cached_property
    def masked(self) -> str:
        return mask_passwords(self.text)

    @cached_property
    def has_password(self) -> bool:
        return self.masked != self.text

    @cached_property
    def end(self) -> int:
        """Where the blanks at the end begin: 0 for a line of blanks."""
        return len(self.text.rstrip())

    @cached_property
    def name_end(self) -> int | None:
        """Where the name ends that the line starts with; None if there is none, or the file is not YAML."""
        if not self.file.endswith(SUFFIX):
            return None
        named = (_NAMED if self.is_layer else _SETTING).match(self.text)
        return named.end() if named else None

    def shown(self, span: Span) -> tuple[str, int, int]:
        """Return the line without passwords, with the start and the length of the carets."""
        start, length = span.column - 1, span.length
        if not self.is_layer:
            return self._masked(self.masked, start, length, has_password=self.has_password)
        line = self.text[start : start + length]
        if _NAME_ONLY.fullmatch(self.text, 0, start):
            line = self.text[: start + length]
        else:  # another variable's value may come before it
            line, start = f"...{line}", 3
        masked = mask_passwords(line)
        return self._masked(masked, start, length, has_password=masked != line)

    def _masked(self, masked: str, start: int, length: int, *, has_password: bool) -> tuple[str, int, int]:
        return masked, start, min(length, max(1, len(masked) - start)) if has_password else length

    def hidden(self, span: Span) -> tuple[str, int, int]:
        """Return the line hidden except for its name, with the start and the length of the carets."""
        start, length = span.column - 1, span.length
        if not self.end:
            return self.text, start, 1
        if self.name_end is None:
            return HIDDEN, 0, len(HIDDEN)
        if self.name_end >= self.end:
            return self.text[: self.end], start, length
        line = f"{self.text[: self.name_end].rstrip()} {HIDDEN}"
        return (line, start, length) if start < self.name_end - 1 else (line, len(line) - len(HIDDEN), len(HIDDEN))


def _width(text: str) -> int:
    """Return how many columns a text takes in a terminal."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(letter) else 2 if east_asian_width(letter) in "WF" else 1 for letter in text)
