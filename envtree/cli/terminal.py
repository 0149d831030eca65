"""Where text goes: colour only for a terminal that wants it, data to stdout, all else to stderr."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Literal, TextIO

from envtree.core.render.diagnostics import as_text, summary

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.source import Source

Color = Literal["auto", "always", "never"]
STYLES = {
    "error": "1;31",
    "warning": "1;33",
    "message": "1",
    "frame": "1;34",
    "kind": "1",
    "good": "1;32",
    "faint": "2",
    "added": "32",
    "removed": "31",
    "changed": "33",
}
BAR_WIDTH = 30
BAR_AFTER = 1.0


def painter(color: str, stream: TextIO) -> Callable[[str, str], str]:
    """Paints by role, or not at all."""
    wanted = color == "always" or (
        color == "auto" and stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    )

    def paint(role: str, text: str) -> str:
        return f"\x1b[{STYLES[role]}m{text}\x1b[0m" if wanted and text else text

    return paint


def width_of(stream: TextIO) -> int | None:
    """The columns of a terminal; None for what is none, which takes any width."""
    if not stream.isatty():
        return None
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except OSError:
        return 80


def tell(text: str) -> None:
    """A line for the person, not for a program."""
    sys.stderr.write(f"{text}\n")


def tell_waiting() -> None:
    """Say that another edit of the tree is waited for."""
    tell("waiting for another edit of this tree to end")


def show_diagnostics(
    diagnostics: Sequence[Diagnostic], source: Source | None, color: str, limit: int, stream: TextIO | None = None
) -> None:
    """The first few (0: all) as text, and a summary."""
    stream = stream or sys.stderr
    first = diagnostics[:limit] if limit else diagnostics
    stream.write(as_text(first, source, painter(color, stream)))
    if diagnostics:
        stream.write(f"\n{summary(diagnostics, len(first))}\n")


class Progress:
    """A bar on a terminal, for what takes longer than a second."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.started = time.monotonic()
        self.done = 0
        self.shown = ""

    def __call__(self, files: int, total: int) -> None:
        """Some more files are written, of so many."""
        self.done += files
        if not self.stream.isatty() or time.monotonic() - self.started < BAR_AFTER:
            return
        filled = BAR_WIDTH * self.done // max(1, total)
        line = f"\rwriting [{'#' * filled}{'.' * (BAR_WIDTH - filled)}] {self.done:,} of {total:,} files"
        if line != self.shown:
            self.stream.write(line)
            self.stream.flush()
            self.shown = line

    def clear(self) -> None:
        """Leave no trace on the terminal."""
        _wipe(self.stream, len(self.shown))


class Waiting:
    """A line on a terminal that says what is waited for; elsewhere only what went wrong on the way is said."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.shown = 0

    def __call__(self, text: str) -> None:
        """Say something in the place of what was said before."""
        if self.stream.isatty():
            line = text[: (width_of(self.stream) or len(text) + 1) - 1]
            self.stream.write(f"\r{line:<{self.shown}}")
            self.stream.flush()
            self.shown = len(line)
        elif not text.startswith("read "):
            self.stream.write(f"{text}\n")

    def __enter__(self) -> Waiting:
        """Nothing is said yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave no trace on the terminal."""
        _wipe(self.stream, self.shown)
        self.shown = 0


def _wipe(stream: TextIO, width: int) -> None:
    """Blanks in the place of what a line holds."""
    if width:
        stream.write(f"\r{' ' * width}\r")
