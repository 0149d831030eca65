"""What the names of apps, pipelines and stages say about their environment and service."""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING

from envtree.core.settings.heroku import ENVIRONMENT, SERVICE, Deployment
from envtree.core.settings.reader import is_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

SYNONYMS = (("production", "prod"), ("staging", "stage", "stg"), ("development", "dev"))
"""The names that one environment has; a tree that has none of them yet gets the first."""
USUAL_ENVIRONMENTS = (*(word for words in SYNONYMS for word in words), "qa", "uat", "demo", "test")
_REVIEW = re.compile(r".*-pr-\d+")


def is_review(name: str, stage: str) -> bool:
    """Return whether an app exists for one pull request."""
    return stage == "review" or _REVIEW.fullmatch(name) is not None


def environment_of(word: str, environments: Collection[str]) -> str:
    """Return what the tree calls an environment that has several names."""
    for words in SYNONYMS:
        if word in words and word not in environments:
            known = [each for each in words if each in environments]
            return known[0] if len(known) == 1 else words[0]
    return word


def by_pattern(name: str, pattern: str, environments: Sequence[str], environment: str = "") -> Deployment | None:
    """Return the deployment of an app whose name fits the pattern, None where it doesn't.

    `environment` is that of a pattern that has no place for one.

    Of several fits, one in an environment of the tree wins, then the one with the longest environment. Where nothing
    better fits, the service may have a name that no service can have.
    """
    if environment:
        before, after = pattern.split(SERVICE)
        service = name[len(before) : len(name) - len(after)]
        fits = service and name == f"{before}{service}{after}"
        return Deployment(environment_of(environment, environments), service) if fits else None
    found = sorted(_fits(name, pattern, environments), key=lambda each: each[0])
    return found[-1][1] if found else None


def _fits(name: str, pattern: str, environments: Sequence[str]) -> Iterator[tuple[tuple[bool, bool, int], Deployment]]:
    """Yield every fit, after the key that ranks it."""
    for word in dict.fromkeys((*environments, *USUAL_ENVIRONMENTS)):
        before, after = pattern.replace(ENVIRONMENT, word).split(SERVICE)
        service = name[len(before) : len(name) - len(after)]
        if service and name == f"{before}{service}{after}":
            environment = environment_of(word, environments)
            yield (is_name(service), environment in environments, len(word)), Deployment(environment, service)


def split(name: str, environments: Sequence[str]) -> tuple[str, str]:
    """Return the name of an app without the environment at its end, and the environment; empty where there is none."""
    found = by_pattern(name, f"{SERVICE}-{ENVIRONMENT}", environments)
    return (found.service, found.environment) if found else (name, "")


def shared_prefix(names: Iterable[str]) -> str:
    """Return what several different names all start with, up to a `-`; nothing for a single name."""
    different = sorted(set(names))
    if len(different) < 2:
        return ""
    pairs = zip(different[0], different[-1], strict=False)  # all names between these two share what these two share
    shared = "".join(one for one, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return shared[: shared.rfind("-") + 1]
