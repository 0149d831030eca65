"""`heroku:` in envtree.yaml: which app is which part of the tree, and which variables may differ, with the reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from envtree.core.model.selector import selects

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from envtree.core.model.tree import Span

Owner = Literal["team", "add-on", "platform", "run-time", "buildpack"]
OWNERS: tuple[Owner, ...] = get_args(Owner)
"""Who decides the value of a variable."""
ENVIRONMENT, SERVICE = "{environment}", "{service}"
"""The placeholders for the two in a pattern."""
_GLOB = frozenset("*?[")
Expected = Literal["different", "unset", "new"]
"""What may be so: another value than on Heroku, none where Heroku has one, or one that Heroku doesn't have."""


class Deployment(NamedTuple):
    """One service in one environment: the part of a tree that an app belongs to."""

    environment: str
    service: str

    def __str__(self) -> str:
        return "/".join(self)


@dataclass(frozen=True, slots=True)
class Link:
    """A line of the table `apps`: the app that has a deployment's variables, and the release that was imported last."""

    app: str
    span: Span
    release: int | None = None
    id: str = ""
    """What Heroku calls the app whatever its name is; empty where it isn't known."""


class AppPattern(NamedTuple):
    """A pattern for the names of apps; one without `{environment}` says which environment it is about."""

    text: str
    environment: str = ""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Expectation:
    """Variables that may differ: one by name, or all of an owner, in the deployments that `selector` selects."""

    name: str
    """The variable; empty for all that `owner` owns."""
    owner: str
    selector: str
    """Of a deployment or a process; empty for all."""
    reason: str
    span: Span
    what: Expected = "different"
    shared: bool = False
    """Whether the value may be the one that another deployment has in an entry of its own."""

    @property
    def scope(self) -> str:
        """The selector without a process."""
        return "/".join(self.selector.split("/")[: len(Deployment._fields)])

    @property
    def is_exact(self) -> bool:
        """Whether the selector names its deployment, and is no glob there."""
        return _GLOB.isdisjoint(self.scope)

    def is_about(self, deployment: Deployment, process: str = "") -> bool:
        """Return whether the selector names a deployment, or one process of it."""
        if not self.selector:
            return True
        return selects(self.selector, (*deployment, process)) if process else selects(self.scope, deployment)

    def allows(self, heroku: str | None, ours: str | None) -> bool:
        """Return whether two values that differ may do so; an empty one of ours counts as none.

        An owner's variables may differ, or be set here only; with `unset`, they may also be missing.
        """
        is_given = ours is not None and bool(ours.strip())
        if self.name and self.what == "new":
            return heroku is None and is_given
        if self.name and self.what == "unset":
            return heroku is not None and not is_given
        if heroku is None:
            return not self.name
        return is_given or self.what == "unset"


class ExpectationIndex:
    """Expectations by their variable or owner, and by their selectors, in the order of the settings."""

    def __init__(self, expectations: Iterable[Expectation]) -> None:
        self._exact: dict[tuple[str, str, str], list[tuple[int, Expectation]]] = {}
        self._globs: dict[tuple[str, str], list[tuple[int, Expectation]]] = {}
        for number, each in enumerate(expectations):
            owner = "" if each.name else each.owner
            if each.is_exact:
                self._exact.setdefault((each.name, owner, each.scope), []).append((number, each))
            else:
                self._globs.setdefault((each.name, owner), []).append((number, each))

    def about(self, deployment: Deployment, name: str, owner: str) -> list[Expectation]:
        """Return the expectations about a variable of a deployment, or of some of its processes."""
        found: list[tuple[int, Expectation]] = []
        for topic in ((name, ""), ("", owner)):
            for selector in ("", deployment.environment, str(deployment)):
                found += self._exact.get((*topic, selector), ())
            found += (each for each in self._globs.get(topic, ()) if each[1].is_about(deployment))
        return [each for _, each in sorted(found, key=lambda each: each[0])]

    def covering(self, deployment: Deployment, name: str, owner: str) -> Expectation | None:
        """Return the first expectation about a variable of a deployment, if there is one."""
        return next(iter(self.about(deployment, name, owner)), None)


@dataclass(frozen=True, slots=True)
class HerokuSettings:
    """Everything under `heroku:`; any of it may be missing."""

    pipelines: bool | None = None
    """None if the setting is missing."""
    app: tuple[AppPattern, ...] = ()
    """Patterns such as `acme-{service}-{environment}`; the first that an app's name fits decides."""
    apps: Mapping[Deployment, Link] = field(default_factory=dict)
    skip: Mapping[str, str] = field(default_factory=dict)
    """The apps that stay on Heroku, with the reason."""
    expect: tuple[Expectation, ...] = ()
    expect_clear: tuple[Expectation, ...] = ()
    """The secrets that may be in clear."""
    confirmed: Mapping[Deployment, Mapping[str, Span]] = field(default_factory=dict)
    """The processes whose dyno was compared, and where that is written."""
    span: Span | None = None
    """The span of `heroku:`; None if it is missing."""
