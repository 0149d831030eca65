"""What the words behind `diff` mean."""

from __future__ import annotations

import pytest

from envtree.core.model.diagnostic import EnvtreeError
from envtree.core.model.source import INDEX, WORKTREE
from envtree.review.diff.operand import Operand, differing_parts, read_operands


def tree(revision: str | None = None, selector: str = "") -> Operand:
    return Operand("tree", revision, selector)


MEANINGS = {
    "main..HEAD": (tree("main"), tree("HEAD")),
    "main..": (tree("main"), tree("HEAD")),
    "..main": (tree("HEAD"), tree("main")),
    "..": (tree("HEAD"), tree("HEAD")),
    ":..HEAD": (tree(INDEX), tree("HEAD")),
    "v1.4..v1.5.1": (tree("v1.4"), tree("v1.5.1")),
    "HEAD~3..HEAD^2~1": (tree("HEAD~3"), tree("HEAD^2~1")),
    "feature/a..b": (tree("feature/a"), tree("b")),
    "main..HEAD:production": (tree("main", "production"), tree("HEAD", "production")),
    "main..HEAD production": (tree("main", "production"), tree("HEAD", "production")),
    "main..:production": (tree("main", "production"), tree("HEAD", "production")),
    "HEAD:": (tree("HEAD"), tree()),
    ":": (tree(INDEX), tree()),
    "HEAD: :": (tree("HEAD"), tree(INDEX)),
    ": HEAD:": (tree(INDEX), tree("HEAD")),
    "HEAD:production": (tree("HEAD", "production"), tree(None, "production")),
    "HEAD: production": (tree("HEAD", "production"), tree(None, "production")),
    "HEAD:a :b": (tree("HEAD", "a"), tree(INDEX, "b")),
    "HEAD: :b": (tree("HEAD", "b"), tree(INDEX, "b")),
    "staging production": (tree(None, "staging"), tree(None, "production")),
    "*/a */b": (tree(None, "*/a"), tree(None, "*/b")),
    "dir:out": (Operand("dir", path="out"), tree()),
    "dir:out production": (Operand("dir", path="out"), tree(None, "production")),
    "dir:a:b dir:c..d": (Operand("dir", path="a:b"), Operand("dir", path="c..d")),
    "file:x.json HEAD:a/b/c": (Operand("file", path="x.json"), tree("HEAD", "a/b/c")),
    "a/b/c live:17": (tree(None, "a/b/c"), Operand("live", path="17")),
    "dir:../out": (Operand("dir", path="../out"), tree()),
}


@pytest.mark.parametrize("words", MEANINGS)
def test_words_name_two_sides(words: str) -> None:
    before, after, is_from_ancestor = read_operands(tuple(words.split(" ")))
    assert ((before, after), is_from_ancestor) == (MEANINGS[words], False)


@pytest.mark.parametrize("words", [("main...HEAD",), ("main...",), ("main...HEAD", "production")])
def test_three_dots_ask_for_what_both_have_in_common(words: tuple[str, ...]) -> None:
    before, after, is_from_ancestor = read_operands(words)
    assert (before.revision, after.revision, is_from_ancestor) == ("main", "HEAD", True)
    assert before.selector == after.selector == "".join(words[1:])


UNCLEAR = {
    "production": "`production` is one side of a comparison, and there is no other",
    "": "`` is one side of a comparison, and there is no other",
    "main..HEAD:a b": "`main..HEAD:a` names both sides, and only a selector can follow it",
    "dir:": "`dir:` needs an output folder after the colon",
    "file: a": "`file:` needs a JSON file after the colon",
    "live: a": "`live:` needs the number of a process after the colon",
    "live:web a": "`live:web` needs the number of a process after the colon",
    "live:-1 a": "`live:-1` needs the number of a process after the colon",
    "live:1/../2 a": "`live:1/../2` needs the number of a process after the colon",
    "a live:self": "`live:self` needs the number of a process after the colon",
}


@pytest.mark.parametrize("words", UNCLEAR)
def test_what_names_no_two_sides_is_an_error_with_advice(words: str) -> None:
    with pytest.raises(EnvtreeError) as raised:
        read_operands(tuple(words.split(" ")))
    (diagnostic,) = raised.value.diagnostics
    assert (diagnostic.code, diagnostic.message) == ("unclear-comparison", UNCLEAR[words])
    assert diagnostic.help


def test_a_revision_alone_is_told_how_revisions_are_written() -> None:
    with pytest.raises(EnvtreeError) as raised:
        read_operands(("main",))
    assert raised.value.diagnostics[0].help == "a revision is written with a colon: `main:`"


@pytest.mark.parametrize(
    ("operand", "expected"),
    [
        (tree(), "the working tree"),
        (tree(None, "production"), "production"),
        (tree("HEAD"), "HEAD:"),
        (tree("HEAD", "production"), "HEAD:production"),
        (tree(INDEX), ":"),
        (tree(INDEX, "production"), ":production"),
        (Operand("dir", path="/out"), "dir:/out"),
        (Operand("live", path="17"), "live:17"),
        (tree().at("HEAD"), "HEAD:"),
        (tree(None, "a").at(INDEX), ":a"),
        (tree().at(WORKTREE), "the working tree"),
        (tree("main").at("HEAD"), "main:"),
        (Operand("file", path="x").at("HEAD"), "file:x"),
    ],
)
def test_a_side_is_called_as_it_is_written(operand: Operand, expected: str) -> None:
    assert str(operand) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "", ()),
        ("production", "production", ()),
        ("staging", "production", (0,)),
        ("staging/", "production", (0,)),
        ("staging/accounts", "production/accounts", (0,)),
        ("staging/accounts", "production/billing/web", (0, 1)),
        ("*/accounts", "*/billing", (1,)),
        ("production/accounts/web", "production/accounts/worker", (2,)),
        ("production/*/web", "production/accounts/web", ()),
        ("stag*", "production", ()),
        ("stagin?", "production", ()),
        ("[s]taging", "production", ()),
    ],
)
def test_what_selectors_fix_to_different_names_is_compared_across(
    before: str, after: str, expected: tuple[int, ...]
) -> None:
    assert differing_parts(before, after) == expected
