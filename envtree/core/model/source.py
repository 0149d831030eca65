"""What was read of a tree: paths and bytes, whoever read them.

No dataclass, and nothing imported that is not needed: a build that changes nothing reads, digests and stops here.
"""

from __future__ import annotations

from hashlib import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envtree.core.model.diagnostic import Code

SETTINGS = "envtree.yaml"
CONFIGS = "configs/"
SCHEMAS = "schemas/"
MAX_FILE = 1 << 20
MAX_FOLDERS = 32
PASSED_OVER = {CONFIGS: (".md", ".markdown"), SCHEMAS: (".md", ".markdown", "__pycache__")}

# Where a tree is read: a revision is one of these, or what git calls one.
WORKTREE = ""
INDEX = ":"


class Source:
    """The files of a tree by path (`/` between parts, relative to its root), and what could not be read as one.

    `refused` holds, for each path that is there but is no plain readable file, a diagnostic's code and message.
    """

    __slots__ = ("_lines", "files", "refused")

    def __init__(self, files: dict[str, bytes], refused: dict[str, tuple[Code, str]] | None = None) -> None:
        self.files = files
        self.refused = refused or {}
        self._lines: dict[str, list[str]] = {}

    def line(self, path: str, number: int) -> str | None:
        """The text of a line (from 1) as its author wrote it, or None where there is none."""
        if path not in self.files:
            return None
        if path not in self._lines:
            text = self.files[path].decode("utf-8", "replace").removeprefix("\ufeff")
            self._lines[path] = text.replace("\r\n", "\n").split("\n")
        lines = self._lines[path]
        return lines[number - 1] if 0 < number <= len(lines) else None


def is_passed_over(path: str) -> bool:
    """Whether a path is none that a tree's meaning depends on: dotfiles, Markdown, compiled Python, other folders."""
    top, _, rest = path.partition("/")
    if f"{top}/" not in PASSED_OVER:
        return path != SETTINGS
    return any(part.startswith(".") or part.endswith(PASSED_OVER[f"{top}/"]) for part in rest.split("/") if part)


def digest(source: Source) -> str:
    """SHA-256, in hex, over every path and its bytes: equal only for equal sources."""
    total = sha256()
    for path in sorted(source.files):
        data = source.files[path]
        total.update(b"%s\0%d\0%s" % (path.encode("utf-8", "surrogateescape"), len(data), data))
    for path in sorted(source.refused):
        total.update(b"\0%s\0" % path.encode("utf-8", "surrogateescape"))
    return total.hexdigest()


_REFUSED_HELP: dict[Code, str] = {
    "unreadable-file": "let the user who runs envtree read it",
    "file-too-large": "deliver large content as a file of its own, and its path as a variable",
    "bad-link": "put the file itself in its place, or remove it",
    "stray-file": "rename it, or remove it",
    "merge-conflict": "resolve the conflict, then `git add` the file",
}


def refused_help(code: Code) -> str:
    """What to do about a path that is no plain readable file."""
    return _REFUSED_HELP.get(code, "configuration is plain files: put one there, or remove it")
