"""Random histories of real commits: GitPython has the plumbing's answer to every question, byte for byte."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envtree.adapters.git import objects, plumbing
from envtree.adapters.git.history import FORMAT, commits
from envtree.adapters.git.repository import Repository, find_repository
from tests.repositories import git, init

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FILES = ("configs/common.yaml", "configs/accounts/web.yaml", "envtree.yaml", "README.md")
PEOPLE = (
    "Ann <ann@example.org>",
    "Bob <bob@example.org>",
    "ann at work <a@work.example>",
    "Zoë 日本 <zoe@example.org>",
    "<>",
    "A  B (c) <a b@c>",
)
MAILMAP = "Ann Example <ann@example.org> <a@work.example>\nRobert <bob@example.org>\n"
WHEN = st.tuples(st.integers(100_000, 4_000_000_000), st.sampled_from(("+0000", "-0330", "+1400", "-1200", "+0545")))
SUBJECTS = ("a change", "", "two\nlines\n\nand more", "  indented", "café", "emoji 🎉", "tab\tand \x1b[31mescape")
LINES = ("A: 1", "B: 2", "# x", "")
ENCODINGS = ("", "", "ISO-8859-1", "UTF-8", "nonsense")
REFERENCES = (
    *("refs/heads/main", "refs/heads/side", "refs/heads/release/1.x", "refs/heads/both", "refs/tags/both"),
    *("refs/tags/v1", "refs/heads/v1", "refs/remotes/origin/main", "refs/remotes/origin/HEAD", "refs/heads/beef"),
    *("refs/heads/-x", "refs/heads/--help", "refs/heads/ünï", "refs/heads/a@b", "refs/other/x", "refs/heads/HEAD"),
    *("refs/heads/x-dirty", "refs/heads/v1-2-gbeef", "refs/heads/@@", "refs/heads/0000", "refs/tags/a.b"),
)
PARTS = (
    *("HEAD", "@", "main", "side", "both", "v1", "origin", "beef", "x", "refs", "heads", "tags", "release/1.x", "ünï"),
    *("~", "^", "~2", "^2", "^0", "@{1}", "@{0}", "@{-1}", "@{u}", "@{2026-01-01}", "^{}", "^{commit}", "^{/a}", ":/a"),
    *("/", "-", "-g", "-dirty", "..", "...", ":", ".", " ", "\n", "{", "}", "*", "0", "1", "--help", "\\", ".lock"),
)


class Step(NamedTuple):
    """One commit: on top of which (counted back from the newest), by whom and when, and what it says and does."""

    parents: tuple[int, ...]
    author: str
    when: tuple[int, str]
    subject: str
    encoding: str
    edits: dict[str, list[str]]


class Story(NamedTuple):
    """Commits, references to some of them, and the names that are asked for."""

    steps: list[Step]
    references: dict[str, int]
    names: list[str]
    has_mailmap: bool


steps = st.builds(
    Step,
    st.lists(st.sampled_from((1, 1, 1, 2, 3)), min_size=1, max_size=3, unique=True).map(tuple),
    st.sampled_from(PEOPLE),
    WHEN,
    st.sampled_from(SUBJECTS),
    st.sampled_from(ENCODINGS),
    st.dictionaries(
        st.sampled_from(FILES), st.lists(st.sampled_from(("A: 1", "B: 2", "# x", "")), max_size=5), max_size=2
    ),
)
names = st.one_of(
    st.lists(st.sampled_from(PARTS), min_size=1, max_size=4).map("".join),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8),
    st.sampled_from([each.split("/", 2)[2] for each in REFERENCES]),
)
stories = st.builds(
    Story,
    st.lists(steps, min_size=3, max_size=10),
    st.dictionaries(st.sampled_from(REFERENCES), st.integers(0, 30), min_size=3),
    st.lists(names, min_size=6, max_size=12),
    st.booleans(),
)


def write(folder: Path, story: Story) -> list[str]:
    """The ids of the commits, made by git all at once; every other tag is annotated."""
    init(folder)
    stream: list[bytes] = []
    for number, step in enumerate(story.steps, 1):
        subject = step.subject.encode("latin-1", "replace") if step.encoding == "ISO-8859-1" else step.subject.encode()
        parents = [number - back for back in step.parents if number > back]
        stream += [f"commit refs/heads/main\nmark :{number}\nauthor {_by(step)}\ncommitter {_by(step)}\n".encode()]
        stream += [f"encoding {step.encoding}\n".encode() if step.encoding else b"", _data(subject)]
        stream += [f"{'merge' if at else 'from'} :{parent}\n".encode() for at, parent in enumerate(parents)]
        for path, lines in {**step.edits, **({".mailmap": [MAILMAP]} if story.has_mailmap else {})}.items():
            stream += [f"M 100644 inline {path}\n".encode(), _data("".join(f"{line}\n" for line in lines).encode())]
    for at, (name, number) in enumerate(story.references.items()):
        mark = number % len(story.steps) + 1
        if name.startswith("refs/tags/") and at % 2:
            stream += [f"tag {name[10:]}\nfrom :{mark}\ntagger {PEOPLE[0]} 1 +0000\n".encode(), _data(b"annotated")]
        else:
            stream += [f"reset {name}\nfrom :{mark}\n\n".encode()]
    git(folder, "fast-import", "--quiet", "--force", f"--export-marks={folder}/.git/marks", stdin=b"".join(stream))
    git(folder, "reset", "-q", "--hard", "refs/heads/main")
    marks = dict(line.split() for line in (folder / ".git/marks").read_text().splitlines())
    (folder / ".git/marks").unlink()
    return [marks[f":{number}"] for number in range(1, len(story.steps) + 1)]


def _by(step: Step) -> str:
    return f"{step.author} {step.when[0]} {step.when[1]}"


def _data(text: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(text), text)


def told(ask: Callable[[], bytes | str | list[str]]) -> bytes | None:
    """What is said; None where it is refused."""
    try:
        said = ask()
    except plumbing.GitError:
        return None
    return said if isinstance(said, bytes) else "\n".join([said] if isinstance(said, str) else said).encode()


def plumbed(top: str, *words: str) -> bytes | None:
    return told(lambda: plumbing.git(top, *words))


def check(story: Story) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ids = write(Path(folder), story)
        repository = find_repository(folder)
        assert repository is not None
        check_revisions(repository, ids, story.names)
        for few in (objects.FEW, 0):  # more are asked of the plumbing, several at once
            with patch.object(objects, "FEW", few):
                check_histories(repository, ids)
                check_bases(repository, ids)


def check_revisions(repository: Repository, ids: Sequence[str], asked: Sequence[str]) -> None:
    last = ids[-1]
    more = (last[:4], last[:9].upper(), f"{last}^2", f"x-1-g{last[:8]}", f"{last[:8]}-dirty", f"{last}\n", "HEAD@{1}")
    for name in (*asked, *more, *ids, "main", "HEAD", "HEAD~1"):
        words = name if name.startswith(":/") else f"{name}^{{commit}}"
        expected = plumbed(repository.where, "rev-parse", "--verify", "--end-of-options", words)
        if expected is not None and expected.startswith(b"^"):
            expected = None
        said = told(lambda name=name: objects.resolve(repository, name))  # type: ignore[misc]
        assert said == (expected and expected.strip()), name


def check_histories(repository: Repository, ids: Sequence[str]) -> None:
    """Of all commits and of some paths, with and without what another commit has; blame, and parents."""
    said = git(Path(repository.where), "log", "--topo-order", "--format=%H%x00%P%x00%aN%x00%aI%x00%s", "-z", ids[-1])
    mine = [(each.id, " ".join(each.parents), *each[1:4]) for each in commits(repository, ids[-1], [])]
    assert "\0".join(part for each in mine for part in each) == said.removesuffix("\0")
    words = ("--topo-order", "--parents", f"--format=format:{FORMAT}")
    for paths in ([], [FILES[0]], ["configs", "envtree.yaml"], ["nothing"]):
        for without in ("", ids[0], ids[len(ids) // 2]):
            ends = [ids[-1], *([f"^{without}"] if without else [])]
            expected = plumbed(repository.where, "rev-list", *words, *ends, "--", *paths)
            assert objects.rev_list(repository, ids[-1], FORMAT, paths, without=without) == expected
    each_file = [plumbed(repository.where, "rev-list", *words, ids[-1], "--", path) for path in FILES]
    assert objects.rev_lists(repository, ids[-1], FORMAT, FILES) == each_file
    options = ("--porcelain", "--root", "--no-textconv", "--no-ignore-revs-file")
    for path in FILES:
        expected = plumbed(repository.where, "blame", *options, "-L", "1,2", ids[-1], f"^{ids[0]}", "--", path)
        assert told(lambda: objects.blame(repository, ids[-1], {path: [(1, 2)]}, without=ids[0])[0]) == expected  # noqa: B023
    for each in ids:
        assert "\n".join(objects.parents(repository, each)) == git(Path(repository.where), "rev-parse", f"{each}^@")


def check_bases(repository: Repository, ids: Sequence[str]) -> None:
    for one, other in zip(ids, ids[2:], strict=False):
        for pair in ((one, other), (other, ids[-1])):
            expected = plumbed(repository.where, "merge-base", *pair)
            said = told(lambda: objects.merge_base(repository, *pair))  # noqa: B023
            assert said == (expected and expected.split(b"\n")[0])
    expected = plumbed(repository.where, "merge-base", "--independent", *ids[-5:])
    assert told(lambda: objects.independent(repository, [ids[-5:]])[0]) == (expected and expected.strip())
    groups = [ids[:2], ids[-3:], ids]
    each_group = [plumbed(repository.where, "merge-base", "--independent", *group) for group in groups]
    assert [said.encode() for group in objects.independent(repository, groups) for said in group] == [
        each for output in each_group if output for each in output.split()
    ]


FEW = settings(max_examples=4, suppress_health_check=list(HealthCheck))


@FEW
@given(stories)
def test_gitpython_has_the_answers_of_the_plumbing(story: Story) -> None:
    check(story)


@pytest.mark.soak
@settings(FEW, max_examples=200)
@given(stories)
def test_gitpython_has_the_answers_of_the_plumbing_in_many_histories(story: Story) -> None:
    check(story)
