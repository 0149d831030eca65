"""GitPython, behind the same fence as the plumbing: revisions, history, merge bases and blame.

Nothing else imports `git`, which takes as long as a small build: import this module inside of a function. What a user
typed reaches `Repo.commit` alone, and git behind `--end-of-options`; all else is asked for full ids, since
`git rev-list --help` starts the viewer that a repository names. What is asked of many files goes to the plumbing, in
the same words: GitPython takes half a millisecond longer for each.
"""

from __future__ import annotations

import configparser
import os
import re
import struct
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING

from envtree.adapters.git.plumbing import KEPT, SAFE_SETTINGS, VARIABLES, GitError, GitMissing, git_each, message
from envtree.core.model.source import MAX_FILE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from envtree.adapters.git.repository import Repository


@contextmanager
def _with_few_variables(**instead: str) -> Iterator[None]:
    """Hide the caller's environment from GitPython, which hands on all of it; restore it after the block."""
    before = {name: text for name, text in os.environ.items() if name not in KEPT or name in instead}
    for name in before:
        del os.environ[name]
    os.environ.update(instead)
    try:
        yield
    finally:
        for name in instead:
            del os.environ[name]
        os.environ.update(before)


with _with_few_variables(**VARIABLES, GIT_PYTHON_REFRESH="quiet"):  # it asks git for its version, if there is one
    import git

SETTINGS = {
    "GIT_CONFIG_COUNT": str(len(SAFE_SETTINGS)),
    **{f"GIT_CONFIG_KEY_{number}": setting.partition("=")[0] for number, setting in enumerate(SAFE_SETTINGS)},
    **{f"GIT_CONFIG_VALUE_{number}": setting.partition("=")[2] for number, setting in enumerate(SAFE_SETTINGS)},
}
ERRORS = (
    *(git.GitError, git.ODBError, configparser.Error, struct.error),
    *(OSError, EOFError, ValueError, TypeError, LookupError, AttributeError, AssertionError, RuntimeError),
)
"""What GitPython raises for what it can't read: some of it by mistake."""
FULL = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
NAME = re.compile(r"(?!.*-(?:dirty|g[0-9A-Fa-f]+)\Z)[^\x00-\x20\x7f~^:?*\[\\{}]+")
"""What GitPython takes for the same commit as git does: a branch, a tag, an id.

It follows `~3` past the end of a shallow clone, reads dates in other ways, and takes `ID-dirty` and `v1-2-gBRANCH` for
names that `git describe` made.
"""

FEW = 8
"""The most questions that GitPython is asked together: a process has six layers, and a comparison may have hundreds."""
MAILMAP = ".mailmap"
PLAIN = (b"100644", b"100755")
LISTED = ("--topo-order", "--parents")


class Fenced(git.Git):
    """Git as GitPython runs it, with the variables and settings of the fence for each child."""

    def __init__(self, working_dir: str | os.PathLike[str] | None = None) -> None:
        super().__init__(working_dir)
        self.update_environment(**VARIABLES, **SETTINGS)


class FencedRepo(git.Repo):
    """A repository whose git is behind the fence."""

    GitCommandWrapperType = Fenced


def resolve(repository: Repository, revision: str) -> str:
    """Return the full id of the commit that a revision names; raises GitError where it names none."""
    if NAME.fullmatch(revision):
        with suppress(*ERRORS), _opened(repository) as opened:
            named = opened.commit(revision).hexsha
            opened.commit(named)  # a tag may say of a file that it is a commit
            _, _, size, data = opened.git.get_object_data(named)  # none of a missing one, and less of a damaged one
            if len(data) == size:
                return named
    asked = revision if revision.startswith(":/") else f"{revision}^{{commit}}"  # `:/TEXT` takes all that follows
    return _full(_ask(repository, "rev-parse", "--verify", "--end-of-options", asked).decode().strip())[0]


def rev_list(
    repository: Repository, commit: str, form: str, paths: Sequence[str], *, since: str = "", without: str = ""
) -> bytes:
    """Return the ancestors of a commit that touched paths, children first, in a format of git's."""
    dated = [f"--since={since}"] if since else []
    words = ("rev-list", *LISTED, f"--format=format:{form}", *dated, *_range(commit, without), "--", *paths)
    return _ask_with_names(repository, [words])[0]


def rev_lists(
    repository: Repository, commit: str, form: str, paths: Collection[str], *, without: str = ""
) -> list[bytes]:
    """Return for each path what `rev_list` returns for it alone."""
    words = ("rev-list", *LISTED, f"--format=format:{form}", *_range(commit, without), "--")
    return _ask_with_names(repository, [(*words, path) for path in paths])


def blame(
    repository: Repository, commit: str, ranges: Mapping[str, Iterable[tuple[int, int]]], *, without: str = ""
) -> list[bytes]:
    """Return git's porcelain text of who wrote the lines (from 1) of ranges of each file."""
    # The last option is for what settings name: a file that is not there would be the end of it.
    words = ("blame", "--porcelain", "--root", "--no-textconv", "--no-ignore-revs-file", *_range(commit, without))
    commands = []
    for path, own in ranges.items():
        lines = (word for first, last in own for word in ("-L", f"{first},{last}"))
        commands.append((*words, *lines, "--", path))
    return _ask_with_names(repository, commands)


def parents(repository: Repository, commit: str) -> list[str]:
    """Return all parents of a commit; none where a shallow clone ends."""
    (full,) = _full(commit)
    return _ask(repository, "rev-parse", f"{full}^@").decode().split()


def merge_base(repository: Repository, one: str, other: str) -> str:
    """Return the newest common ancestor of two commits; raises GitError where there is none."""
    return _ask(repository, "merge-base", *_full(one, other)).decode().split("\n", 1)[0]


def independent(repository: Repository, groups: Sequence[Iterable[str]]) -> list[list[str]]:
    """Return of each group the commits that are no ancestors of the others."""
    commands = [("merge-base", "--independent", *_full(*commits)) for commits in groups]
    return [output.decode().split() for output in _run_each(repository.where, commands)]


def _range(commit: str, without: str) -> tuple[str, ...]:
    first, *left_out = _full(commit, *([without] if without else []))
    return (first, *(f"^{each}" for each in left_out))


def _full(*ids: str) -> tuple[str, ...]:
    """Return the ids unchanged; raises GitError unless each is one in full, since it could be an option or a range."""
    if not all(map(FULL.fullmatch, ids)):
        raise GitError("what is asked for is no full id of a commit")
    return ids


@contextmanager
def _opened(repository: Repository) -> Iterator[git.Repo]:
    """Yield GitPython's view of a repository, and end the processes that it keeps."""
    with _with_few_variables(), FencedRepo(repository.where, expand_vars=False) as opened:
        opened.git.set_persistent_git_options(C=repository.where)
        yield opened


def _ask_with_names(repository: Repository, commands: Sequence[tuple[str, ...]]) -> list[bytes]:
    """Return what git commands print that name authors, by the `.mailmap` of the commit that is checked out.

    Git itself reads the file in the folder that it works in, and those that settings name: one may be a pipe.
    """
    names = ("-c", "mailmap.file=", "-c", f"mailmap.blob={_mailmap(repository) if commands else ''}")
    there = (f"--git-dir={repository.git_dir}", "--work-tree=/", *names)
    return _run_each("/", [(*there, *words) for words in commands])


@cache
def _mailmap(repository: Repository) -> str:
    """Return the id of the `.mailmap` that is checked out; empty without one, or if it is too large."""
    try:
        output = _ask(repository, "ls-tree", "-l", "--full-tree", "HEAD", "--", MAILMAP)
    except GitError:  # there is no commit yet
        return ""
    mode, _, name, size = (output.split(b"\t")[0].split() or [b"", b"", b"", b""])[:4]
    return name.decode() if mode in PLAIN and int(size) <= MAX_FILE else ""


def _ask(repository: Repository, command: str, *words: str) -> bytes:
    """Return what a git command prints; raises GitError where it fails."""
    return _run(repository.where, command, *words)


def _run_each(where: str, commands: Sequence[tuple[str, ...]]) -> list[bytes]:
    """Return what git commands print in a folder: few as GitPython runs them, more as the plumbing does."""
    if len(commands) <= FEW:
        return [_run(where, *words) for words in commands]
    try:
        return git_each(where, commands)
    except (OSError, ValueError) as error:  # a line of more words than the system takes, or with a NUL
        raise GitError(str(error)) from None


def _run(where: str, *words: str) -> bytes:
    """Return what git prints in a folder; raises GitError where it fails.

    It runs where the plumbing does: by itself GitPython follows `core.worktree`, and replaces `$NAME` in a path.
    """
    try:
        with _with_few_variables():
            status, output, errors = Fenced(where).execute(
                ["git", "--no-pager", "-C", where, *words],
                with_extended_output=True,
                with_exceptions=False,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
            )
    except (git.GitCommandNotFound, PermissionError):
        raise GitMissing("git is not installed") from None
    except ERRORS as error:
        raise GitError(str(error)) from None
    if status:
        raise GitError(message(errors.encode("utf-8", "surrogateescape")))
    return output
