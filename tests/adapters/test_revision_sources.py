"""A commit, and the index, read as a checkout of them reads: the same files, and the same refused."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from envtree.adapters.files.worktree import read
from envtree.commands.tree import read_tree
from envtree.core.model.source import INDEX, MAX_FILE, MAX_FOLDERS, Source
from tests.builders import SETTINGS
from tests.repositories import commit, git, init, state

PLAIN = "a|b.yaml|accounts|common.yaml|service.yaml|x.py|common.py|__pycache__|notes.md|n.markdown|configs|schemas"
ODD = (
    ".hidden|.git-keep|..x|-o|--output=x|:x|:(top)x|*|?|[a]|{a,b}|~|$HOME|HEAD|CONFIGS|envtree.yaml|\"|'|\\|a\\b|a b| "
)
FOREIGN = "ünïcode|cafe\u0301|\u202egpj|日本|\udcff|a\udc80b|tab\tname|line\nend|\x1b[31m|\x7f"
NAMES = (*"|".join((PLAIN, ODD, FOREIGN)).split("|"), "x" * 255)
TEXTS = (b"", b"A: 1\n", b"A: 1\r\nB: 2\r\n", b"\0\xff\r\r\n", b"\xef\xbb\xbfA: 1\n", b"$Id$\n")
CONTENTS = (*TEXTS, b"version https://git-lfs.github.com/spec/v1\n", b"x" * MAX_FILE, b"x" * (MAX_FILE + 1))
FAR = "/nowhere/at/all"


class Link(NamedTuple):
    """A symbolic link, by what it says."""

    goal: str


class Plain(NamedTuple):
    """A file, and whether it may be run."""

    content: bytes
    mode: int = 0o644


Entry = Link | Plain
Tree = dict[str, Entry]

parts = st.sampled_from(NAMES)
inside = st.builds(
    lambda top, below: "/".join((top, *below)),
    st.sampled_from(("configs", "schemas")),
    st.lists(parts, min_size=1, max_size=4),
)
deep = st.builds(
    lambda depth, last: "/".join(("configs", *["d"] * depth, last)),
    st.integers(MAX_FOLDERS - 3, MAX_FOLDERS + 3),
    parts,
)
outside = st.builds(lambda name: f"other/{name}", parts)
paths = st.one_of(inside, inside, inside, deep, outside, st.sampled_from(("configs", "schemas", "envtree.yaml")))
plain = st.builds(Plain, st.sampled_from(CONTENTS), st.sampled_from((0o644, 0o755)))
wild_goals = st.lists(
    st.one_of(st.sampled_from(("..", ".", "configs", "other", "nowhere")), parts), min_size=1, max_size=5
)


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    """Paths that can lie together, with links to one another, to nothing, round in circles and far away."""
    there: Tree = {}
    wanted = draw(st.lists(paths, max_size=12, unique=True))
    for path in wanted:
        if path.startswith("other/") or draw(st.integers(0, 2)):
            entry: Entry = draw(plain)
        else:
            entry = Link(draw(_goals(path, wanted)))
        if _fits(path, there):
            there[path] = entry
    if not any(PurePosixPath(path).parts[0] == "envtree.yaml" for path in there):
        there["envtree.yaml"] = Plain(SETTINGS.encode())
    return there


def _goals(path: str, wanted: list[str]) -> st.SearchStrategy[str]:
    up = "../" * path.count("/")
    others = st.sampled_from([*wanted, *(str(PurePosixPath(each).parent) for each in wanted)])
    return st.one_of(
        others.map(lambda other: f"{up}{other}"),
        others.map(lambda other: os.path.relpath(other, str(PurePosixPath(path).parent))),
        others.map(lambda other: f"./{up}/configs/../{other}/"),
        wild_goals.map("/".join),
        st.just(FAR),
    )


def _fits(path: str, there: Tree) -> bool:
    """Whether no file lies where a folder has to, nor the other way round."""
    return not any(f"{path}/".startswith(f"{other}/") or f"{other}/".startswith(f"{path}/") for other in there)


def lay_out(root: Path, tree: Tree) -> None:
    for path, entry in tree.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(entry, Link):
            file.symlink_to(entry.goal)
        else:
            file.write_bytes(entry.content)
            file.chmod(entry.mode)


def parts_of(source: Source) -> tuple[dict[str, bytes], dict[str, tuple[str, str]]]:
    return source.files, {path: (code, message) for path, (code, message) in source.refused.items()}


def check(tree: Tree, prefix: str = "", *words: str) -> None:
    """Read a commit and the index, and a checkout of both."""
    with tempfile.TemporaryDirectory() as folder:
        top = init(Path(folder) / "repository", *words)
        root = top / prefix
        lay_out(root, tree)
        identity = commit(top)
        checkout = Path(folder) / "checkout"
        git(top, "checkout-index", "--all", f"--prefix={checkout}/")
        expected = parts_of(read(str(checkout / prefix)))
        before = state(top)
        for revision in (identity, INDEX):
            seen = read_tree(str(root), revision)
            assert parts_of(seen.source) == expected
            assert Path(seen.root) == root
        assert state(top) == before


PREFIXES = st.sampled_from(("", "deploy/", "a b/ü/"))
SLOW = settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@given(trees(), PREFIXES)
@example({"envtree.yaml": Link("configs/a"), "configs/a": Plain(b"")}, "")
@example({"envtree.yaml/a": Plain(b""), "configs": Plain(b""), "schemas": Link("configs")}, "deploy/")
@example({"envtree.yaml": Link("configs/../envtree.yaml")}, "")
@example({"envtree.yaml": Link("envtree.yaml"), "configs/a": Link("b"), "configs/b": Link("a")}, "")
@example({"envtree.yaml": Link("envtree.yaml"), "schemas/a": Link("../configs/../envtree.yaml/")}, "")
@example({"envtree.yaml": Link("envtree.yaml"), "schemas/a": Link("../configs/../envtree.yaml/b")}, "")
@SLOW
def test_a_commit_and_the_index_read_as_a_checkout_does(tree: Tree, prefix: str) -> None:
    check(tree, prefix)


@pytest.mark.soak
@given(trees(), PREFIXES, st.sampled_from(((), ("--object-format=sha256",))))
@settings(SLOW, max_examples=2000)
def test_any_commit_and_index_reads_as_a_checkout_does(tree: Tree, prefix: str, words: tuple[str, ...]) -> None:
    check(tree, prefix, *words)


@pytest.mark.parametrize("length", [39, 40, 41, 1500])
def test_a_chain_of_links_is_followed_as_far_as_linux_does(length: int) -> None:
    chain: Tree = {f"configs/{number}.yaml": Link(f"{number - 1}.yaml") for number in range(1, length + 1)}
    check({"envtree.yaml": Plain(SETTINGS.encode()), "configs/0.yaml": Plain(b"A: 1\n"), **chain})


def test_links_through_folders_and_dotfiles_are_followed() -> None:
    check(
        {
            "envtree.yaml": Plain(SETTINGS.encode()),
            "configs/.shared/common.yaml": Plain(b"A: 1\n"),
            "configs/.shared/notes.md": Plain(b"A: 2\n"),
            "configs/accounts": Link(".shared"),
            "configs/billing/common.yaml": Link("../accounts/common.yaml"),
            "configs/billing/staging.yaml": Link("../accounts/../billing/common.yaml"),
            "configs/billing/production.yaml": Link("../.shared/notes.md"),
            "schemas/billing.py": Link("../configs/billing/common.yaml"),
        }
    )


def test_a_large_file_behind_a_link_is_refused_at_both_paths() -> None:
    check(
        {
            "envtree.yaml": Plain(SETTINGS.encode()),
            "configs/staging.yaml": Plain(b"x" * (MAX_FILE + 1)),
            "configs/production.yaml": Link("staging.yaml"),
            "configs/common.yaml": Plain(b"x" * MAX_FILE),
        }
    )
