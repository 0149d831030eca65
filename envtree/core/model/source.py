"""The source: the paths and bytes of a tree, no matter who read them.

This module has no dataclass and imports little: a build that changes nothing reads, digests, and needs no more.
"""

from __future__ import annotations

from hashlib import sha256

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from envtree.core.model.diagnostic import Code

    SchemaUse = Literal["run", "read"]
    """Whether a tree's schemas are run, or only their text is read."""
    SealedUse = Literal["open", "require", "skip"]
    """Whether sealed layers are opened where there is a key, must be opened, or stay closed."""

SETTINGS = "envtree.yaml"
CONFIGS = "configs/"
SCHEMAS = "schemas/"
SEALING_RULES = ".sops.yaml"
"""The file that says for whom sops, and envtree, seal what is in its folder or below it."""
MAX_FILE = 1 << 20
MAX_FOLDERS = 32
IGNORED = {CONFIGS: (".md", ".markdown"), SCHEMAS: (".md", ".markdown", "__pycache__")}

# The revision to read a tree at: one of these two, or what git calls a revision.
WORKTREE = ""
INDEX = ":"


class Source:
    """The files of a tree by path, relative to its root and with `/` between the parts.

    `refused` holds the code and message of a diagnostic for each path that exists but is no plain readable file.
    `unsafe` holds the files and folders (`.`, `schemas/`) that others could have written while they were read.
    """

    __slots__ = ("_folders", "_lines", "files", "refused", "unsafe")

    def __init__(self, files: dict[str, bytes], refused: dict[str, tuple[Code, str]] | None = None) -> None:
        self.files = files
        self.refused = refused or {}
        self.unsafe: set[str] = set()
        self._lines: dict[str, list[str]] = {}
        self._folders: dict[str, list[str]] = {}

    def line(self, path: str, number: int) -> str | None:
        """Return the text of a line (from 1) as its author wrote it; None if the file has no such line."""
        if path not in self.files:
            return None
        if path not in self._lines:
            text = self.files[path].decode("utf-8", "replace").removeprefix("\ufeff")
            self._lines[path] = text.replace("\r\n", "\n").split("\n")
        lines = self._lines[path]
        return lines[number - 1] if 0 < number <= len(lines) else None

    def files_in(self, folder: str) -> list[str]:
        """Return the paths of the files in a folder itself."""
        if not self._folders:
            for path in self.files:
                self._folders.setdefault(path.rpartition("/")[0], []).append(path)
        return self._folders.get(folder, [])


def is_ignored(path: str) -> bool:
    """Return whether a path has no effect on the tree: dotfiles, Markdown, compiled Python, other folders."""
    top, _, rest = path.partition("/")
    if f"{top}/" not in IGNORED:
        return path != SETTINGS
    return any(part.startswith(".") or part.endswith(IGNORED[f"{top}/"]) for part in rest.split("/") if part)


def digest(source: Source) -> str:
    """Return the SHA-256, in hex, of every path and its bytes, which is equal only for equal sources."""
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
    "incomplete-checkout": "`git sparse-checkout disable` brings all, `git sparse-checkout add FOLDER` a folder; a "
    "file that was marked by hand: `git update-index --no-skip-worktree FILE`, then `git checkout FILE`",
    "merge-conflict": "resolve the conflict, then `git add` the file",
}


def refused_help(code: Code) -> str:
    """Return what to do about a path that is no plain readable file."""
    return _REFUSED_HELP.get(code, "configuration is plain files: put one there, or remove it")
