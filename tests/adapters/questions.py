"""All that GitPython is asked, of a repository of three commits as `hostile.place` makes it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from unittest.mock import patch

from envtree.adapters.git import objects
from envtree.adapters.git.plumbing import GitError
from envtree.adapters.git.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Callable

    Ask = Callable[[Repository], object]

COMMON = "configs/common.yaml"


def seen(top: str) -> Repository:
    """A repository as it is found where its settings don't stand in the way."""
    return Repository(top, f"{top}/.git", f"{top}/.git", is_bare=False, prefix="")


def questions(ids: list[str]) -> dict[str, Ask]:
    """Each function, in each way that it is asked; the ids are of all commits, the newest first."""
    new, middle, old = ids
    names = ("HEAD", "main", "@", new, middle[:7], "HEAD~1", "main@{1}", "main@{yesterday}", ":/version", "HEAD^{/2}")
    return {
        **{f"resolve {each}": partial(objects.resolve, revision=each) for each in names},
        "rev_list": partial(objects.rev_list, commit=new, form="%H %aN %aI %s%x00", paths=[COMMON]),
        "rev_list of a range": partial(
            objects.rev_list, commit=new, form="%H", paths=["configs", "envtree.yaml"], since="2001-01-01", without=old
        ),
        "rev_lists": partial(objects.rev_lists, commit=new, form="%H %aN %s%x00", paths=[COMMON, "envtree.yaml"]),
        "blame": partial(objects.blame, commit=new, ranges={COMMON: [(1, 1), (2, 2)]}),
        "blame of a range": partial(objects.blame, commit=middle, ranges={COMMON: [(1, 2)]}, without=old),
        "parents": partial(objects.parents, commit=middle),
        "merge_base": partial(objects.merge_base, one=new, other=old),
        "independent": partial(objects.independent, groups=[ids, ids[1:]]),
    }


def answers(top: str, ids: list[str]) -> dict[str, object]:
    """What each of them is answered: the same where the plumbing is asked about files, as it is about many of them."""
    said = {name: answer(seen(top), ask) for name, ask in questions(ids).items()}
    with patch.object(objects, "FEW", 0):
        again = {name: ask for name, ask in questions(ids).items() if not name.startswith("resolve ")}
        assert {name: answer(seen(top), ask) for name, ask in again.items()} == {name: said[name] for name in again}
    return said


def answer(repository: Repository, ask: Ask) -> object:
    """What is said; None where it is refused."""
    try:
        return ask(repository)
    except GitError:
        return None
