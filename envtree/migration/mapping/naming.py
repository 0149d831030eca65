"""What the names of apps, pipelines and stages say of the place in a tree that they stand for."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING

from envtree.core.settings.heroku import ENVIRONMENT, SERVICE, Deployment
from envtree.core.settings.reader import is_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

ALIKE = (("production", "prod"), ("staging", "stage", "stg"), ("development", "dev"))
"""What one environment is called here and there; the first is what a tree calls it that has none of them."""
USUAL = (*(word for words in ALIKE for word in words), "qa", "uat", "demo", "test")
_REVIEW = re.compile(r".*-pr-\d+")


def is_review(name: str, stage: str) -> bool:
    """Whether an app is there for one pull request."""
    return stage == "review" or _REVIEW.fullmatch(name) is not None


def environment_of(word: str, environments: Collection[str]) -> str:
    """What the tree calls an environment that goes by several names."""
    for words in ALIKE:
        if word in words and word not in environments:
            known = [each for each in words if each in environments]
            return known[0] if len(known) == 1 else words[0]
    return word


def by_pattern(name: str, pattern: str, environments: Sequence[str]) -> Deployment | None:
    """The cell of an app whose name fits; of several, one of the tree's environments, and the longest.

    Where nothing better fits, it may name a service as none can be called.
    """
    cells = sorted(_fitting(name, pattern, environments), key=lambda each: each[0])
    return cells[-1][1] if cells else None


def _fitting(
    name: str, pattern: str, environments: Sequence[str]
) -> Iterator[tuple[tuple[bool, bool, int], Deployment]]:
    """All that fit, with what speaks for each."""
    for word in dict.fromkeys((*environments, *USUAL)):
        before, after = pattern.replace(ENVIRONMENT, word).split(SERVICE)
        service = name[len(before) : len(name) - len(after)]
        if service and name == f"{before}{service}{after}":
            environment = environment_of(word, environments)
            yield (is_name(service), environment in environments, len(word)), Deployment(environment, service)


def split(name: str, environments: Sequence[str]) -> tuple[str, str]:
    """The name of an app without the environment at its end, and that; empty where it ends in none."""
    cell = by_pattern(name, f"{SERVICE}-{ENVIRONMENT}", environments)
    return (cell.service, cell.environment) if cell else (name, "")


def shared_prefix(names: Iterable[str]) -> str:
    """What all of several names start with, up to a `-`; nothing where there is but one."""
    different = sorted(set(names))
    if len(different) < 2:
        return ""
    pairs = zip(different[0], different[-1], strict=False)  # what is shared by these is shared by all between
    shared = "".join(one for one, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return shared[: shared.rfind("-") + 1]
