"""The kinds of values in settings: lines, commands, paths, durations, sizes, modes, users."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from envtree.core.model.tree import Command
from envtree.core.settings.reader import Reader
from envtree.core.settings.users import MAX_GROUPS, user_fault
from envtree.core.yaml.document import span_of

if TYPE_CHECKING:
    from envtree.core.yaml.document import Node

_CONTROL = re.compile("[\x01-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROL_NAMES = {"\t": "a tab", "\n": "a line end", "\r": "a carriage return"}

_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
MAX_SECONDS = 86_400.0

_SIZE = re.compile(r"([0-9]{1,15})(|B|kB|MB|GB|KiB|MiB|GiB)")
_BYTES = {"": 1, "B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
MIN_SIZE = 2048
"""In bytes, of a log: svlogd(8) asks for twice the longest line that it looks at whole, and takes 0 for no limit."""
MAX_SIZE = 10**12

_COUNT = re.compile(r"[1-9][0-9]{0,2}|1000")
_COPIES = re.compile(r"0|[1-9][0-9]{0,2}")
_TIMES = re.compile(r"[1-9]|[1-4][0-9]|50")
_MODE = re.compile(r"0?[0-7]{3}")


def first_control(text: str, allowed: str) -> str | None:
    """Return the first control character of a text that is not in `allowed`; None if there is none."""
    return next((each for each in _CONTROL.findall(text) if each not in allowed), None)


class ValueReader(Reader):
    """A reader of scalars of different kinds; a wrong one is reported, and reads as None."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.commands: list[Command] = []

    def line(self, node: Node, what: str) -> str | None:
        """Return text on one line."""
        return self._without_control(node, what, "")

    def command(self, node: Node, what: str) -> str | None:
        """Return a shell command; several lines are one script."""
        text = self._without_control(node, what, "\t\n")
        if text is not None:
            is_block = getattr(node, "style", None) == "|"
            self.commands.append(Command(what, text, span_of(self.path, node), is_block))
        return text

    def _without_control(self, node: Node, what: str, allowed: str) -> str | None:
        text = self.text(node, what)
        found = first_control(text or "", allowed)
        if found is None:
            return text
        name = _CONTROL_NAMES.get(found, f"the control character U+{ord(found):04X}")
        self.report("invalid-setting", f"`{what}` holds {name}", node, help="remove it")
        return None

    def absolute_path(self, node: Node, what: str) -> str | None:
        text = self.line(node, what)
        if text is None or text.startswith("/"):
            return text
        self.report(
            "invalid-setting", f"`{what}` is not an absolute path", node, "expected a path that starts with `/`"
        )
        return None

    def duration(self, node: Node, what: str) -> float | None:
        """Return a duration in seconds."""
        form = "expected a number and a unit: `500ms`, `30s`, `5m`, `1h`"
        if (found := self._matched(node, what, _DURATION, "is no duration", form)) is None:
            return None
        seconds = float(found[1]) * _SECONDS[found[2]]
        if seconds > MAX_SECONDS:
            self.report("invalid-setting", f"`{what}` is longer than a day", node, "expected at most `24h`")
            return None
        return seconds

    def size(self, node: Node, what: str) -> int | None:
        """Return the size of a log file in bytes."""
        expected = "expected bytes, or a whole number and a unit: `500kB`, `1MB`, `10MiB`"
        found = self._matched(node, what, _SIZE, "is no size", expected)
        if found is None:
            return None
        size = int(found[1]) * _BYTES[found[2]]
        if MIN_SIZE <= size <= MAX_SIZE:
            return size
        message = f"`{found[0]}` is too {'small' if size < MIN_SIZE else 'large'} for a log file"
        self.report("invalid-setting", message, node, "expected `2KiB` to `1000GB`")
        return None

    def count(self, node: Node, what: str) -> int | None:
        """Return the number of files to keep."""
        found = self._matched(node, what, _COUNT, "is no number of files to keep", "expected 1 to 1000")
        return int(found[0]) if found else None

    def copies(self, node: Node, what: str) -> int | None:
        """Return how many copies of a process one machine runs."""
        found = self._matched(node, what, _COPIES, "is no number of copies", "expected 0 to 999")
        return int(found[0]) if found else None

    def times(self, node: Node, what: str) -> int | None:
        """Return how often something has happened: as many ends as a process' scripts keep, at most."""
        found = self._matched(node, what, _TIMES, "is no number of times", "expected 1 to 50")
        return int(found[0]) if found else None

    def folder_mode(self, node: Node, what: str) -> int | None:
        """Return the mode of a folder; it must let the owner in, and only the owner write."""
        found = self._matched(node, what, _MODE, "is no mode", "expected an octal number, such as `0750`")
        if found is None:
            return None
        mode = int(found[0], 8)
        if mode & 0o722 == 0o700:
            return mode
        fault = "lets others write" if mode & 0o022 else "keeps the owner out"
        advice = f"write `{(mode | 0o700) & ~0o022:04o}`"
        self.report("invalid-setting", f"the mode `{found[0]}` {fault}", node, help=advice)
        return None

    def user(self, node: Node, what: str) -> str | None:
        """Return the user that chpst(8) switches to, and the groups that replace the user's own."""
        return self._user(node, what, MAX_GROUPS)

    def owner(self, node: Node, what: str) -> str | None:
        """Return a user and at most one group."""
        return self._user(node, what, 1)

    def _user(self, node: Node, what: str, groups: int) -> str | None:
        text = self.text(node, what)
        fault = user_fault(text, groups) if text is not None else None
        if fault is None:
            return text
        self.report("invalid-setting", fault.message, node, fault.label, help=fault.help)
        return None

    def _matched(self, node: Node, what: str, form: re.Pattern[str], wrong: str, expected: str) -> re.Match[str] | None:
        """Return how a text has a form; None where it has another, which is reported."""
        text = self.text(node, what)
        found = None if text is None else form.fullmatch(text)
        if text is not None and found is None:
            self.report("invalid-setting", f"`{text}` {wrong}", node, expected)
        return found
