"""Runs git's plumbing safely: without the repository's programs and hooks, the network, or the caller's environment.

With hostile settings (fsmonitor, filters, textconv, pager, gpg, aliases) the commands used here ran none of these
programs (measured with git 2.39). `status`, `diff`, `archive`, and `blame` of a working tree do run them, and are not
used.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # signal, without names that take as long to import as all of this
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import IO

    from envtree.core.model.diagnostic import EnvtreeError

BUFFER = 1 << 18
MAX_WORDS = 1 << 16
AT_ONCE = 8
"""The most git processes that run beside each other."""
SAFE_SETTINGS = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.attributesFile=/dev/null",
    "log.showSignature=false",
    "i18n.logOutputEncoding=UTF-8",
    "safe.directory=*",  # ownership matters where schemas are run, and is checked there
)
KEPT = (
    "PATH",
    "HOME",  # git fails without it where a repository's settings name a path by `~`
    "TZ",  # `main@{yesterday}`
    "TZDIR",
    "LD_LIBRARY_PATH",  # a git outside of the system's folders may need it to start
)
"""The variables of the caller that git gets."""
VARIABLES = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": "/dev/null/none",  # a path that can't exist, since git would warn even of an empty file
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",  # for a git that doesn't know the variable above; settings can't override it
    "GIT_LITERAL_PATHSPECS": "1",
    "LC_ALL": "C",
}


class GitError(Exception):
    """Git failed; `message` is its error message, without its own prefix."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class GitMissing(GitError):
    """Git is not installed."""


def git(where: str, *arguments: str, lines: Iterable[str] = (), index: str = "") -> bytes:
    """Return what a git command prints, run in a folder with these lines as its input; raises GitError where it fails.

    This module imports little, since a build that changes nothing runs git once.
    """
    *_, output = _answer(where, arguments, lines, index)
    return output


def git_each(where: str, commands: Iterable[Sequence[str]]) -> list[bytes]:
    """Return what each of many git commands prints; as many run at once as there are processors."""
    at_once = min(AT_ONCE, len(os.sched_getaffinity(0)))
    running: list[Iterator[bytes]] = []
    found: list[bytes] = []
    try:
        for words in commands:
            running.append(_answer(where, tuple(words), (), ""))
            next(running[-1])  # git runs from here on
            if len(running) - len(found) == at_once:
                found.append(next(running[len(found)]))
        found += [next(each) for each in running[len(found) :]]
    finally:
        del running[:]  # where one has failed, this ends those that run
    return found


def _answer(where: str, arguments: tuple[str, ...], lines: Iterable[str], index: str) -> Iterator[bytes]:
    """Start git, and yield nothing yet; then yield what it prints, or raise GitError where it fails."""
    errors = os.memfd_create("complaints")
    try:
        with _start(where, arguments, lines, index, errors) as child:
            yield b""
            output = child.stream.read()
        if child.status:
            raise GitError(message(os.pread(errors, MAX_WORDS, 0)))
    finally:
        os.close(errors)
    yield output


def start(where: str, *arguments: str, lines: Iterable[str]) -> Child:
    """Start a git command whose output is read while it runs; raises EnvtreeError where git is not installed."""
    try:
        return _start(where, arguments, lines, "", None)
    except GitError as error:
        raise failed(error) from None


class Child:
    """A git process that runs, and is ended when the block ends. `stream` is its output, and `status` how it ended."""

    __slots__ = ("process", "status", "stream")

    def __init__(self, process: int, stream: IO[bytes]) -> None:
        self.process = process
        self.stream = stream
        self.status = 0

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *how: object) -> None:
        self.stream.close()  # ends a git that still writes: its next write fails
        self.status = os.waitpid(self.process, 0)[1]


def _start(where: str, arguments: tuple[str, ...], lines: Iterable[str], index: str, errors: int | None) -> Child:
    """Start git. `subprocess` is not used: its import takes longer than git's answer."""
    if _signal.getsignal(_signal.SIGCHLD) == _signal.SIG_IGN:
        _signal.signal(_signal.SIGCHLD, _signal.SIG_DFL)  # as a caller may have it: nobody could say how git ended
    reader, writer = os.pipe()
    questions = _questions(lines)
    error_file = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC) if errors is None else errors
    streams = [(os.POSIX_SPAWN_DUP2, each, number) for number, each in enumerate((questions, writer, error_file))]
    try:
        process = os.posix_spawnp("git", _command(where, arguments), _environment(index), file_actions=streams)
    except (FileNotFoundError, PermissionError):
        os.close(reader)
        raise GitMissing("git is not installed") from None
    finally:
        for each in (questions, writer, *(() if error_file == errors else (error_file,))):
            os.close(each)
    return Child(process, open(reader, "rb", buffering=BUFFER))


def failed(error: GitError) -> EnvtreeError:
    """Return the error for a git command that failed, although it works in every sound repository."""
    from envtree.core.model.diagnostic import Diagnostic, EnvtreeError

    message = f"git can't read the repository: {error.message}"
    advice = "`git fsck` says what is wrong with it"
    if "promisor" in error.message:
        return partial_clone()
    if isinstance(error, GitMissing):
        message = "git is not installed, and only git can read a revision"
        advice = "install git, or leave out `--ref` and `--staged`"
    return EnvtreeError(Diagnostic("git-failed", message, help=advice))


def partial_clone() -> EnvtreeError:
    """Return the error for contents that are on a remote alone: git would fetch them, and envtree doesn't let it."""
    from envtree.core.model.diagnostic import Diagnostic, EnvtreeError

    message = "this clone is partial: it lacks contents that are needed, and envtree fetches nothing"
    advice = "`git fetch --refetch --no-filter` fetches all, with git 2.36 or newer; or clone without `--filter`"
    return EnvtreeError(Diagnostic("git-failed", message, help=advice))


def _command(where: str, arguments: tuple[str, ...]) -> list[str]:
    settings = (word for setting in SAFE_SETTINGS for word in ("-c", setting))
    return ["git", "--no-pager", *settings, "-C", where, *arguments]


def _environment(index: str) -> dict[str, str]:
    """Return the few variables that git needs: no key of the caller's, and no GIT_DIR of a hook's."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {**kept, **VARIABLES, **({"GIT_INDEX_FILE": index} if index else {})}


def _questions(lines: Iterable[str]) -> int:
    """Return a file in memory with these lines: git may write answers before it has read all of the questions."""
    file = os.memfd_create("questions")
    remaining = memoryview("".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape"))
    while remaining:
        remaining = remaining[os.write(file, remaining) :]
    os.lseek(file, 0, os.SEEK_SET)
    return file


def message(errors: bytes) -> str:
    """Return git's own error message, without prefixes and hints."""
    lines = errors.decode("utf-8", "replace").strip().splitlines() or ["no reason given"]
    last = max((number for number, line in enumerate(lines) if line.startswith("fatal: ")), default=len(lines) - 1)
    message = lines[last].removeprefix("fatal: ").removeprefix("error: ")
    if message.endswith(":"):  # otherwise the lines that follow are hints
        message = " ".join((message, *map(str.strip, lines[last + 1 :])))
    return message
