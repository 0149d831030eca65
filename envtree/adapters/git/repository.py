"""The repository of a folder, the commit that a revision names, and the tree's folder in the repository."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

from envtree.adapters.git.plain import refuse_special
from envtree.adapters.git.plumbing import GitError, failed, git
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, some
from envtree.core.model.source import INDEX, SETTINGS


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository, and the folder in it that is used."""

    where: str
    """Where git is run: the top of the working tree, or the repository itself if it has none."""
    git_dir: str
    common_dir: str
    """The folder that all its working trees share, with objects and branches."""
    is_bare: bool
    prefix: str
    """The path of the folder from the top: `` or `deploy/`."""
    index: str = ""
    """An index other than the repository's own, which git sets for a hook."""

    @property
    def root(self) -> str:
        """The folder on disk that paths start from; without a working tree, the current folder."""
        return "." if self.is_bare else os.path.normpath(f"{self.where}/{self.prefix}")


def find_repository(folder: str) -> Repository | None:
    """Return the repository of a folder; None where there is none, and EnvtreeError where git is not installed."""
    found = _locate(folder)
    index = os.environ.get("GIT_INDEX_FILE")
    return replace(found, index=_own_index(found, index)) if found and index else found


def _own_index(repository: Repository, index: str) -> str:
    """Return an index's path, if of the repository it is in, or, in none, that of this process; else an empty text."""
    folder, name = os.path.split(os.path.abspath(index))
    folder = os.path.realpath(folder)
    if folder != repository.git_dir:
        owner = _locate(folder)
        if owner is None or not owner.is_bare:
            owner = _locate(".")
        if owner is None or owner.git_dir != repository.git_dir:
            return ""
    return f"{folder}/{name}"


def _locate(folder: str) -> Repository | None:
    """Return the repository of a folder, without its index; None where there is none."""
    folder = os.path.realpath(folder)  # so that all answers are about the same one, whatever a link leads to by then
    options = ("--is-inside-work-tree", "--git-dir", "--git-common-dir", "--show-prefix", "--show-cdup")
    try:
        refuse_special(folder)
        output = git(folder, "rev-parse", "--path-format=absolute", *options)
    except GitError as error:
        if "not a git repository" in error.message or "cannot change to" in error.message:
            return None
        raise failed(error) from None
    answers = output.decode("utf-8", "surrogateescape").split("\n")
    if answers[0] not in ("true", "false"):  # an older git prints the option that it doesn't know
        raise EnvtreeError(Diagnostic("git-failed", "git is older than 2.31", help="install a newer one"))
    if len(answers) > len(options) + 1:
        raise _line_end()
    is_inside, git_dir, common_dir, prefix, up = answers[: len(options)]
    if is_inside == "false":  # then git leaves out the last answer
        return Repository(git_dir, git_dir, common_dir, is_bare=True, prefix="")
    top = os.path.normpath(f"{folder}/{up}")
    return Repository(top, git_dir, common_dir, is_bare=False, prefix=prefix)


def at_tree(repository: Repository, commit: str) -> Repository:
    """Return the repository with the folder of the tree in a commit, or in the index.

    That is the nearest folder with an `envtree.yaml`, upwards; in a bare repository, the only folder that has one.
    """
    if repository.is_bare:
        return replace(repository, prefix=_only_tree(repository, commit))
    parts = repository.prefix.rstrip("/").split("/") if repository.prefix else []
    prefixes = ["".join(f"{part}/" for part in parts[:depth]) for depth in range(len(parts), -1, -1)]
    existing = _paths(repository, commit, [f"{prefix}{SETTINGS}" for prefix in prefixes])
    for prefix in prefixes:
        if any(f"{path}/".startswith(f"{prefix}{SETTINGS}/") for path in existing):
            return replace(repository, prefix=prefix)
    folder = repository.prefix.rstrip("/")
    where = f"in `{folder}`, nor in any folder above it" if folder else "at its top"
    message = f"{_name(commit)} has no {SETTINGS} {where}"
    raise EnvtreeError(Diagnostic("no-tree", message, help="name the folder of a tree with `-C DIR`"))


def _only_tree(repository: Repository, commit: str) -> str:
    paths = _paths(repository, commit, [])
    trees = [path for path in paths if path.rpartition("/")[2] == SETTINGS]
    if SETTINGS in trees:
        return ""
    if len(trees) == 1:
        if "\n" in trees[0]:
            raise _line_end()
        return trees[0].removesuffix(SETTINGS)
    if not trees:
        message = f"{_name(commit)} has no {SETTINGS}"
        raise EnvtreeError(Diagnostic("no-tree", message, help="choose another revision"))
    message = f"{_name(commit)} has more than one tree: {some(f'`{path}`' for path in trees)}"
    raise EnvtreeError(Diagnostic("no-tree", message, help="make a working tree, and go to the one that is meant"))


def _line_end() -> EnvtreeError:
    """Return the error for a path with a line end. Git is asked for many paths at once, each on a line of its own."""
    message = "the path of the tree, or of its repository, holds a line end"
    return EnvtreeError(Diagnostic("git-failed", message, help="rename the folder"))


def _paths(repository: Repository, commit: str, wanted: list[str]) -> list[str]:
    """Return the paths that exist, of those wanted; without any wanted, all paths."""
    try:
        if commit == INDEX:
            output = git(repository.where, "ls-files", "-z", "--", *wanted, index=repository.index)
        else:
            output = git(repository.where, "ls-tree", "-r", "-z", "--name-only", "--full-tree", commit, "--", *wanted)
    except GitError as error:
        raise failed(error) from None
    return output.decode("utf-8", "surrogateescape").split("\0")[:-1]


def _name(commit: str) -> str:
    return "the index" if commit == INDEX else f"commit {commit[:12]}"
