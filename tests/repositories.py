"""Git repositories made with real git: small, and the same to the last digit each time."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tests.builders import write_tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

AUTHOR = {
    "GIT_AUTHOR_NAME": "Ann",
    "GIT_AUTHOR_EMAIL": "ann@example.org",
    "GIT_AUTHOR_DATE": "2026-03-01T12:00:00Z",
    "GIT_COMMITTER_NAME": "Ann",
    "GIT_COMMITTER_EMAIL": "ann@example.org",
    "GIT_COMMITTER_DATE": "2026-03-01T12:00:00Z",
}
"""A commit's id depends on these."""


def git(folder: Path, *words: str | Path, stdin: str | bytes = "", **environment: str) -> str:
    """What git prints, run in a folder as a user runs it: without a fence."""
    done = attempt(folder, *words, stdin=stdin, **environment)
    assert done.returncode == 0, f"git {words}: {done.stderr.decode(errors='replace')}"
    return done.stdout.decode(errors="surrogateescape").removesuffix("\n")


def attempt(
    folder: Path, *words: str | Path, stdin: str | bytes = "", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """The same, however it ends."""
    return subprocess.run(
        ["git", *map(str, words)],
        cwd=folder,
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        env={**os.environ, **AUTHOR, **environment},
        umask=0o022,
        check=False,
    )


def init(folder: Path, *words: str) -> Path:
    """An empty repository on the branch `main`."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q", "-b", "main", "--template=", *words)  # its sample hooks take longer than all else
    return folder


def commit(folder: Path, files: Mapping[str, str | bytes] | None = None, message: str = "a change") -> str:
    """Write files, stage all there is, commit it, and say the commit's id."""
    for path, content in (files or {}).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    _commit_all(folder, message)
    return git(folder, "rev-parse", "HEAD")


def _commit_all(folder: Path, message: str) -> None:
    git(folder, "add", "-A")
    git(folder, "-c", "maintenance.auto=false", "commit", "-q", "--allow-empty", "-m", message)


def repository(folder: Path, files: Mapping[str, str | bytes], *words: str) -> Path:
    """A repository with one commit of these files."""
    init(folder, *words)
    write_tree(folder, files)
    _commit_all(folder, "first")
    return folder


def branches(folder: Path, base: Mapping[str, str], edits: Mapping[str, Mapping[str, str | None]]) -> Path:
    """A repository with `main`, and on top of it a branch of one commit for each set of edits (None: the file goes)."""
    init(folder)
    stream = [*_branch("main", 1, {**base}, "")]
    for number, (name, files) in enumerate(edits.items(), 2):
        stream += _branch(name, number, files, "from :1\n")
    return _imported(folder, stream)


def series(folder: Path, commits: Iterable[Mapping[str, str]]) -> Path:
    """A repository with a commit on `main` for each set of files, on top of the one before."""
    init(folder)
    stream: list[str] = []
    for number, files in enumerate(commits, 1):
        stream += _branch("main", number, files, f"from :{number - 1}\n" if stream else "")
    return _imported(folder, stream)


def _imported(folder: Path, stream: Iterable[str]) -> Path:
    git(folder, "fast-import", "--quiet", stdin="".join(stream))
    git(folder, "reset", "-q", "--hard")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)  # a schema that others could have written is refused
    return folder


def _branch(name: str, number: int, files: Mapping[str, str | None], parent: str) -> Iterator[str]:
    yield f"commit refs/heads/{name}\nmark :{number}\ncommitter Ann <ann@example.org> 1772366400 +0000\n"
    yield f"data {len(name.encode())}\n{name}\n{parent}"
    for path, text in files.items():
        yield (f"D {path}\n" if text is None else f"M 100644 inline {path}\ndata {len(text.encode())}\n{text}\n")


def state(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Every path below a folder, git's own too: mode, time of the last change, and what it holds."""
    found = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        content = os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes() if path.is_file() else b""
        found[str(path.relative_to(folder))] = (status.st_mode, status.st_mtime_ns, content)
    return found
