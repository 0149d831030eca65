"""The history of a revision: the commits that touched some paths, and the commit that wrote a line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from envtree.adapters.git.plain import read_plain
from envtree.adapters.git.plumbing import GitError, failed, git
from envtree.core.model.commit import Commit
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from envtree.adapters.git.repository import Repository

FORMAT = "%H%x00%P%x00%aN%x00%aI%x00%s"
FIELDS = 5
MAX_COMPARED = 20
"""The most commits that are compared by ancestry; of more, the latest."""


def commits(
    repository: Repository, start: str, paths: Sequence[str], *, since: str = "", without: str = ""
) -> tuple[Commit, ...]:
    """Return a commit and its ancestors, children first, as far as they touched paths of the tree.

    Their `parents` are the nearest ancestors that touched these paths too. `since` is a date in any format of git.
    `without` is a commit whose own history is left out.
    """
    from envtree.adapters.git.objects import rev_list

    full = [f"{repository.prefix}{path}".rstrip("/") for path in paths]
    try:
        output = rev_list(repository, start, f"{FORMAT}%x00", full, since=since, without=without)
    except GitError as error:
        raise failed(error) from None
    ends, found = history_ends(repository), []
    for record in output.decode("utf-8", "replace").split("\0\n")[:-1]:
        _, _, fields = record.partition("\n")  # `commit ID PARENTS`, which the format can't leave out
        commit_id, parents, author, date, subject = fields.split("\0", FIELDS - 1)
        found.append(Commit(commit_id, author, date, subject, tuple(parents.split()), commit_id in ends))
    return tuple(found)


def ids_at(repository: Repository, wanted: Iterable[tuple[str, str]]) -> list[str | None]:
    """Return the id of the object at each path of the tree in each commit; None where there is none."""
    lines = [f"{commit}:{repository.prefix}{path}".rstrip("/") for commit, path in wanted]
    questions = dict.fromkeys(line for line in lines if "\n" not in line)  # git reads one question on each line
    try:
        output = git(repository.where, "cat-file", "--batch-check=%(objectname)", "--buffer", lines=questions)
    except GitError as error:
        raise failed(error) from None
    answers = output.decode("utf-8", "surrogateescape").split("\n")[:-1]
    found = dict(zip(questions, answers, strict=True))
    return [None if found.get(line, " missing").endswith((" missing", " ambiguous")) else found[line] for line in lines]


def blame(
    repository: Repository, commit: str, path: str, ranges: Iterable[tuple[int, int]], *, without: str = ""
) -> dict[int, Commit]:
    """Return the commit that wrote each line of a path; lines count from 1, and ranges include both ends."""
    from envtree.adapters.git import objects

    try:
        output = objects.blame(repository, commit, repository.prefix + path, ranges, without=without)
    except GitError as error:
        raise failed(error) from None
    ends = history_ends(repository)
    blamed = _blamed(output.decode("utf-8", "replace"))
    return {number: each._replace(is_boundary=True) if each.id in ends else each for number, each in blamed.items()}


def history_ends(repository: Repository) -> frozenset[str]:
    """Return the commits whose parents a shallow clone lacks: to git, they seem to add all that they contain."""
    return frozenset((read_plain(f"{repository.common_dir}/shallow") or b"").decode("ascii", "replace").split())


def latest(repository: Repository, found: Iterable[Commit]) -> Commit:
    """Return the last of several commits; of commits on parallel branches, the one with the latest date."""
    from envtree.adapters.git.objects import independent

    by_id = {each.id: each for each in sorted(found, key=_when)[-MAX_COMPARED:]}
    last = [*by_id]
    if len(by_id) > 1:
        try:
            last = independent(repository, by_id)
        except GitError as error:
            raise failed(error) from None
    return max((by_id[commit_id] for commit_id in last), key=_when)


def _when(commit: Commit) -> datetime:
    return datetime.fromisoformat(commit.date)


def _blamed(text: str) -> dict[int, Commit]:
    """Return each line's commit from porcelain: `ID ORIGINAL FINAL ...`, headers of a new commit, tab and line."""
    known: dict[str, dict[str, str]] = {}
    found: dict[int, Commit] = {}
    headers: dict[str, str] = {}
    commit_id, number = "", 0
    for line in text.split("\n"):
        if line.startswith("\t"):
            found[number] = _commit(commit_id, headers)
            commit_id = ""
        elif not commit_id and line:
            commit_id, _, final, *_ = line.split(" ")
            number, headers = int(final), known.setdefault(commit_id, {})
        elif line:
            name, _, value = line.partition(" ")
            headers.setdefault(name, value)
    return found


def _commit(commit_id: str, headers: dict[str, str]) -> Commit:
    boundary = "boundary" in headers
    return Commit(commit_id, headers.get("author", ""), _date(headers), headers.get("summary", ""), (), boundary)


def _date(headers: dict[str, str]) -> str:
    """Return seconds and a zone like `+0130` as ISO 8601; for what is no date, the start of 1970."""
    try:
        zone = int(headers["author-tz"])
        minutes = (abs(zone) // 100 * 60 + abs(zone) % 100) * (1 if zone >= 0 else -1)
        here = timezone(timedelta(minutes=minutes))
        return datetime.fromtimestamp(int(headers["author-time"]), here).isoformat()
    except (KeyError, ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC).isoformat()


def common_ancestor(repository: Repository, one: str, other: str) -> str:
    """Return the newest common ancestor of two commits; raises EnvtreeError where there is none."""
    from envtree.adapters.git.objects import merge_base

    try:
        return merge_base(repository, one, other)
    except GitError:
        message = f"commits {one[:12]} and {other[:12]} have no ancestor in common"
        raise EnvtreeError(
            Diagnostic("unknown-revision", message, help="compare them with `..`; a shallow clone may lack it")
        ) from None
