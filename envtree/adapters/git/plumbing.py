"""Git's plumbing behind a fence: none of the repository's programs, no hook, no network, nothing of the caller's GIT_*.

With hostile settings (fsmonitor, filters, textconv, pager, gpg, aliases) the commands used here ran nothing of theirs
(measured with git 2.39). `status`, `diff`, `archive`, and `blame` of a working tree do, and are not used.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import IO

    from envtree.core.model.diagnostic import EnvtreeError

BUFFER = 1 << 18
MAX_WORDS = 1 << 16
FENCE = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.attributesFile=/dev/null",
    "log.showSignature=false",
    "i18n.logOutputEncoding=UTF-8",
    "safe.directory=*",  # whose repository it is counts where its schemas would be run, and is asked there
)
VARIABLES = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": "/dev/null/none",  # nothing can be there: not even an empty file, of which git would warn
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",  # for a git that doesn't know the one above; settings can't overrule it
    "GIT_LITERAL_PATHSPECS": "1",
    "LC_ALL": "C",
}


class GitError(Exception):
    """Git said no; `words` is what it said, its own prefix left out."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class GitMissing(GitError):
    """There is no git to ask."""


def git(where: str, *arguments: str, lines: Iterable[str] = (), index: str = "") -> bytes:
    """What a git command prints, run in a folder, with these lines to read; raises GitError where it fails.

    Imports little, since a build that changes nothing asks git one question.
    """
    said = os.memfd_create("complaints")
    try:
        with _running(where, arguments, lines, index, said) as child:
            answer = child.stream.read()
        if child.status:
            raise GitError(_words(os.pread(said, MAX_WORDS, 0)))
    finally:
        os.close(said)
    return answer


def start(where: str, *arguments: str, lines: Iterable[str]) -> Child:
    """A git command whose output is read as it comes; raises EnvtreeError where there is no git."""
    try:
        return _running(where, arguments, lines, "", None)
    except GitError as error:
        raise failed(error) from None


class Child:
    """A git that runs: `stream` is what it prints. It is gone when the block ends, and `status` is how it ended."""

    __slots__ = ("process", "status", "stream")

    def __init__(self, process: int, stream: IO[bytes]) -> None:
        self.process = process
        self.stream = stream
        self.status = 0

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *how: object) -> None:
        self.stream.close()  # whoever has read enough ends it: its next write fails
        self.status = os.waitpid(self.process, 0)[1]


def _running(where: str, arguments: tuple[str, ...], lines: Iterable[str], index: str, said: int | None) -> Child:
    """Start git. By hand, since the library's module for it takes longer to import than git to answer."""
    ours, theirs = os.pipe()
    asked = _questions(lines)
    quiet = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC) if said is None else said
    streams = [(os.POSIX_SPAWN_DUP2, each, number) for number, each in enumerate((asked, theirs, quiet))]
    try:
        process = os.posix_spawnp("git", _command(where, arguments), _environment(index), file_actions=streams)
    except (FileNotFoundError, PermissionError):
        os.close(ours)
        raise GitMissing("git is not installed") from None
    finally:
        for each in (asked, theirs, *(() if quiet == said else (quiet,))):
            os.close(each)
    return Child(process, open(ours, "rb", buffering=BUFFER))


def failed(error: GitError) -> EnvtreeError:
    """There is no answer, since git failed at what it can do for a sound repository."""
    from envtree.core.model.diagnostic import Diagnostic, EnvtreeError

    message = f"git can't read the repository: {error.words}"
    advice = "`git fsck` says what is wrong with it"
    if isinstance(error, GitMissing):
        message = "git is not installed, and only git can read a revision"
        advice = "install git, or leave out `--ref` and `--staged`"
    return EnvtreeError(Diagnostic("git-failed", message, help=advice))


def _command(where: str, arguments: tuple[str, ...]) -> list[str]:
    settings = (word for setting in FENCE for word in ("-c", setting))
    return ["git", "--no-pager", *settings, "-C", where, *arguments]


def _environment(index: str) -> dict[str, str]:
    """The caller's own, without what would lead git elsewhere: a hook has GIT_DIR and more of the kind set."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, **VARIABLES, **({"GIT_INDEX_FILE": index} if index else {})}


def _questions(lines: Iterable[str]) -> int:
    """A file in memory: git may write its answers before it has read all of the questions."""
    file = os.memfd_create("questions")
    waiting = memoryview("".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape"))
    while waiting:
        waiting = waiting[os.write(file, waiting) :]
    os.lseek(file, 0, os.SEEK_SET)
    return file


def _words(said: bytes) -> str:
    lines = said.decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
    last = max((number for number, line in enumerate(lines) if line.startswith("fatal: ")), default=len(lines) - 1)
    words = lines[last].removeprefix("fatal: ").removeprefix("error: ")
    if words.endswith(":"):  # else what follows is advice
        words = " ".join((words, *map(str.strip, lines[last + 1 :])))
    return words
