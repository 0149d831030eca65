"""The history of a revision: the commits that touched some paths, and the commit that wrote a line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from envtree.adapters.git.plain import read_plain
from envtree.adapters.git.plumbing import GitError, failed, git
from envtree.core.model.commit import Commit
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

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
    return tuple(_listed(output, history_ends(repository)))


def commits_of_each(
    repository: Repository, start: str, paths: Collection[str], *, without: str = ""
) -> dict[str, tuple[Commit, ...]]:
    """Return for each path what `commits` returns for it alone."""
    from envtree.adapters.git.objects import rev_lists

    full = [f"{repository.prefix}{path}" for path in paths]
    try:
        outputs = rev_lists(repository, start, f"{FORMAT}%x00", full, without=without)
    except GitError as error:
        raise failed(error) from None
    ends = history_ends(repository)
    return {path: tuple(_listed(output, ends)) for path, output in zip(paths, outputs, strict=True)}


def _listed(output: bytes, ends: frozenset[str]) -> Iterator[Commit]:
    """Yield commits from what git lists in our format."""
    for record in output.decode("utf-8", "replace").split("\0\n")[:-1]:
        _, _, fields = record.partition("\n")  # `commit ID PARENTS`, which the format can't leave out
        commit_id, parents, author, date, subject = fields.split("\0", FIELDS - 1)
        yield Commit(commit_id, author, date, subject, tuple(parents.split()), commit_id in ends)


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
    repository: Repository, commit: str, ranges: Mapping[str, Iterable[tuple[int, int]]], *, without: str = ""
) -> dict[str, dict[int, Commit]]:
    """Return the commit that wrote each line of each path; lines count from 1, and ranges include both ends."""
    from envtree.adapters.git import objects

    full = {f"{repository.prefix}{path}": own for path, own in ranges.items()}
    try:
        outputs = objects.blame(repository, commit, full, without=without)
    except GitError as error:
        raise failed(error) from None
    ends = history_ends(repository)
    return {path: _blamed(output, ends) for path, output in zip(ranges, outputs, strict=True)}


def history_ends(repository: Repository) -> frozenset[str]:
    """Return the commits whose parents a shallow clone lacks: to git, they seem to add all that they contain."""
    return frozenset((read_plain(f"{repository.common_dir}/shallow") or b"").decode("ascii", "replace").split())


def latest(repository: Repository, groups: Iterable[frozenset[Commit]]) -> dict[frozenset[Commit], Commit]:
    """Return the last commit of each group; of commits on parallel branches, the one with the latest date."""
    compared = {group: {each.id: each for each in sorted(group, key=_when)[-MAX_COMPARED:]} for group in groups}
    several = [group for group, by_id in compared.items() if len(by_id) > 1]
    if several:
        from envtree.adapters.git.objects import independent

        try:
            ids = independent(repository, [compared[group] for group in several])
        except GitError as error:
            raise failed(error) from None
        for group, last in zip(several, ids, strict=True):
            compared[group] = {each: compared[group][each] for each in last}
    return {group: max(by_id.values(), key=_when) for group, by_id in compared.items()}


def _when(commit: Commit) -> tuple[datetime, str]:
    """Return what commits are sorted by: those of the same second by their ids, so that the last is always the same."""
    return datetime.fromisoformat(commit.date), commit.id


def _blamed(output: bytes, ends: frozenset[str]) -> dict[int, Commit]:
    """Return each line's commit from porcelain: `ID ORIGINAL FINAL ...`, headers of a new commit, tab and line."""
    known: dict[str, dict[str, str]] = {}
    found: dict[int, Commit] = {}
    headers: dict[str, str] = {}
    commit_id, number = "", 0
    for line in output.decode("utf-8", "replace").split("\n"):
        if line.startswith("\t"):
            found[number] = _commit(commit_id, headers, ends)
            commit_id = ""
        elif not commit_id and line:
            commit_id, _, final, *_ = line.split(" ")
            number, headers = int(final), known.setdefault(commit_id, {})
        elif line:
            name, _, value = line.partition(" ")
            headers.setdefault(name, value)
    return found


def _commit(commit_id: str, headers: dict[str, str], ends: frozenset[str]) -> Commit:
    boundary = "boundary" in headers or commit_id in ends
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
