"""Files that are generated from a tree: only those that differ are written, and obsolete ones are removed.

Each generated file begins with a mark. A file without the mark was made by someone else, and is never changed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, system_reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MAX_FOLDERS = 2
"""How many folders deep generated files can be, below their common folder."""


class Outdated(NamedTuple):
    """The paths of generated files that are not as they would be generated now."""

    missing: tuple[str, ...]
    different: tuple[str, ...]
    stale: tuple[str, ...]


def compare(root: str, folder: str, files: Mapping[str, str], mark: str) -> Outdated:
    """Compare the generated files in a folder below a root with new ones.

    `files` has the new ones by their path below the folder. Raises EnvtreeError where another file has the path of a
    generated one, or where a link leads away from the root.
    """
    existing = {path: _read(Path(root), Path(folder, path), mark) for path in files}
    return Outdated(
        tuple(path for path, text in existing.items() if text is None),
        tuple(path for path, text in existing.items() if text not in (None, files[path])),
        tuple(path for path in _generated_paths(Path(root, folder), mark) if path not in files),
    )


def write_generated(root: str, folder: str, files: Mapping[str, str], outdated: Outdated) -> None:
    """Write what is missing or different and remove what is stale; raises EnvtreeError where that fails."""
    base = Path(root, folder)
    try:
        for path in (*outdated.missing, *outdated.different):
            _write(base / path, files[path])
        for path in outdated.stale:
            _remove(base, base / path)
    except OSError as error:
        message = f"`{base}` can't be written: {system_reason(error)}"
        raise EnvtreeError(Diagnostic("cannot-write", message, help="each file is whole; run it again")) from None


def read_generated(path: str, mark: str) -> str | None:
    """Return the text of one generated file, None where there is none; raises EnvtreeError for another's, or a link."""
    file = Path(path)
    return _read(file.parent, Path(file.name), mark)


def make_ignored(folder: str) -> None:
    """Make a folder that git ignores. An existing folder stays as it is: git may be meant to track its files."""
    path = Path(folder)
    if path.is_symlink() or path.exists():
        return
    try:
        path.mkdir()
        (path / ".gitignore").write_text("*\n")
    except OSError as error:
        message = f"`{folder}` can't be made: {system_reason(error)}"
        raise EnvtreeError(Diagnostic("cannot-write", message)) from None


def _read(root: Path, path: Path, mark: str) -> str | None:
    """Return the text of a file that was generated before; None where there is none."""
    file = root / path
    for part in reversed((path, *path.parents[:-1])):
        if (root / part).is_symlink():
            raise _unusable(f"`{root / part}` is a link", "remove it, or name another folder")
    if not file.exists():
        return None
    try:
        text = file.read_bytes().decode("utf-8", "replace") if file.is_file() else ""
    except OSError as error:
        raise _unusable(f"`{file}` can't be read: {system_reason(error)}") from None
    if not text.startswith(mark):
        raise _unusable(f"`{file}` was made by someone else", "move it, or name another folder")
    return text


def _generated_paths(base: Path, mark: str) -> Iterator[str]:
    """Yield the paths of generated files that are in the folder, without following links."""
    prefix = mark.encode()
    for folder, folders, names in os.walk(base):
        depth = len(Path(folder).relative_to(base).parts)
        folders[:] = sorted(folders) if depth < MAX_FOLDERS else []
        for path in (Path(folder, name) for name in sorted(names) if name.endswith(".json")):
            if path.is_file() and not path.is_symlink() and _starts_with(path, prefix):
                yield str(path.relative_to(base))


def _starts_with(path: Path, prefix: bytes) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(prefix)) == prefix
    except OSError:
        return False


def _write(path: Path, text: str) -> None:
    """Write a file under a temporary name first, so that an editor never reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _remove(base: Path, path: Path) -> None:
    """Remove a file, and the folders that become empty."""
    path.unlink(missing_ok=True)
    for folder in path.parents:
        if folder == base or any(folder.iterdir()):
            return
        folder.rmdir()


def _unusable(message: str, advice: str = "") -> EnvtreeError:
    return EnvtreeError(Diagnostic("unusable-output", message, help=advice))
