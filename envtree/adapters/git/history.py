"""How a revision came about: the commits that touched some paths, and the one that wrote a line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from envtree.adapters.git.plumbing import GitError, failed, git
from envtree.core.model.commit import Commit
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from envtree.adapters.git.repository import Repository

FORMAT = "%H%x00%P%x00%aN%x00%aI%x00%s"
FIELDS = 5
MAX_COMPARED = 20
"""Commits that are compared by what leads to what; of more, the latest."""


def commits(
    repository: Repository, start: str, paths: Sequence[str], *, since: str = "", without: str = ""
) -> tuple[Commit, ...]:
    """The commits down from one that touched paths of the tree, children first; their parents are such commits too.

    `since` is a date as git reads them, `without` a commit whose own history is left out.
    """
    arguments = ["--topo-order", "--parents", f"--format=format:{FORMAT}%x00", *([f"--since={since}"] if since else [])]
    range_of = [start, *([f"^{without}"] if without else [])]
    full = [f"{repository.prefix}{path}".rstrip("/") for path in paths]
    try:
        said = git(repository.where, "rev-list", *arguments, *range_of, "--", *full)
    except GitError as error:
        raise failed(error) from None
    ends, found = history_ends(repository), []
    for record in said.decode("utf-8", "replace").split("\0\n")[:-1]:
        _, _, fields = record.partition("\n")  # `commit ID PARENTS`, which the format can't leave out
        identity, parents, author, date, subject = fields.split("\0", FIELDS - 1)
        found.append(Commit(identity, author, date, subject, tuple(parents.split()), identity in ends))
    return tuple(found)


def ids_at(repository: Repository, wanted: Iterable[tuple[str, str]]) -> list[str | None]:
    """The id of what lies at a path of the tree in a commit, for many of both; None where nothing does."""
    lines = [f"{commit}:{repository.prefix}{path}".rstrip("/") for commit, path in wanted]
    asked = dict.fromkeys(line for line in lines if "\n" not in line)  # which is a line to git, and never two
    try:
        said = git(repository.where, "cat-file", "--batch-check=%(objectname)", "--buffer", lines=asked)
    except GitError as error:
        raise failed(error) from None
    answers = said.decode("utf-8", "surrogateescape").split("\n")[:-1]
    found = dict(zip(asked, answers, strict=True))
    return [None if found.get(line, " missing").endswith((" missing", " ambiguous")) else found[line] for line in lines]


def blame(
    repository: Repository, commit: str, path: str, ranges: Iterable[tuple[int, int]], *, without: str = ""
) -> dict[int, Commit]:
    """Who wrote each line (from 1) of these ranges, both ends counted, of a path of the tree as a commit has it."""
    lines = [word for first, last in ranges for word in ("-L", f"{first},{last}")]
    range_of = [commit, *([f"^{without}"] if without else [])]
    try:
        said = git(
            repository.where,
            "blame",
            "--porcelain",
            "--root",
            "--no-textconv",
            "--no-ignore-revs-file",  # what settings name: a file that is not there would be the end of it
            *lines,
            *range_of,
            "--",
            repository.prefix + path,
        )
    except GitError as error:
        raise failed(error) from None
    ends = history_ends(repository)
    blamed = _blamed(said.decode("utf-8", "replace"))
    return {number: each._replace(is_boundary=True) if each.id in ends else each for number, each in blamed.items()}


def history_ends(repository: Repository) -> frozenset[str]:
    """The commits whose parents a shallow clone lacks: to git, they look as if they had made all that they hold."""
    try:
        with open(f"{repository.common_dir}/shallow", encoding="ascii", errors="replace") as file:
            return frozenset(file.read().split())
    except OSError:
        return frozenset()


def latest(repository: Repository, found: Iterable[Commit]) -> Commit:
    """Of several commits, the one that came last; of those that came side by side, the one with the latest date."""
    by_id = {each.id: each for each in sorted(found, key=_when)[-MAX_COMPARED:]}
    last = tuple(by_id)
    if len(by_id) > 1:
        try:
            last = tuple(git(repository.where, "merge-base", "--independent", *by_id).decode().split())
        except GitError as error:
            raise failed(error) from None
    return max((by_id[identity] for identity in last), key=_when)


def _when(commit: Commit) -> datetime:
    return datetime.fromisoformat(commit.date)


def _blamed(text: str) -> dict[int, Commit]:
    """Git's porcelain: `ID ORIGINAL FINAL ...`, headers where the commit is new, and the line behind a tab."""
    known: dict[str, dict[str, str]] = {}
    found: dict[int, Commit] = {}
    headers: dict[str, str] = {}
    identity, number = "", 0
    for line in text.split("\n"):
        if line.startswith("\t"):
            found[number] = _commit(identity, headers)
            identity = ""
        elif not identity and line:
            identity, _, final, *_ = line.split(" ")
            number, headers = int(final), known.setdefault(identity, {})
        elif line:
            name, _, value = line.partition(" ")
            headers.setdefault(name, value)
    return found


def _commit(identity: str, headers: dict[str, str]) -> Commit:
    boundary = "boundary" in headers
    return Commit(identity, headers.get("author", ""), _date(headers), headers.get("summary", ""), (), boundary)


def _date(headers: dict[str, str]) -> str:
    """Seconds and a zone like `+0130` as ISO 8601; the beginning of time for what is no date."""
    try:
        zone = int(headers["author-tz"])
        minutes = (abs(zone) // 100 * 60 + abs(zone) % 100) * (1 if zone >= 0 else -1)
        here = timezone(timedelta(minutes=minutes))
        return datetime.fromtimestamp(int(headers["author-time"]), here).isoformat()
    except (KeyError, ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC).isoformat()


def common_ancestor(repository: Repository, one: str, other: str) -> str:
    """The newest commit that two have in common; raises EnvtreeError where they have none."""
    try:
        return git(repository.where, "merge-base", one, other).decode().split("\n", 1)[0]
    except GitError:
        message = f"commits {one[:12]} and {other[:12]} have no ancestor in common"
        raise EnvtreeError(
            Diagnostic("unknown-revision", message, help="compare them with `..`; a shallow clone may lack it")
        ) from None
