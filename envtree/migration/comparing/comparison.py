"""What a comparison with Heroku found, as values: the differences, and a summary of each app."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from envtree.core.model.diagnostic import errors

if TYPE_CHECKING:
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.tree import Span
    from envtree.core.settings.heroku import Deployment, Owner

Section = Literal["missing", "extra", "different", "uncarried", "unknown", "invalid", "owned", "expected"]
SECTIONS: tuple[Section, ...] = get_args(Section)
Answer = Literal["same", "different", "incomplete"]
FindingKind = Literal[
    "add-on",
    "clear",
    "unchanged",
    "another's",
    "gone",
    "unconfirmed",
    "command",
    "process",
    "stopped",
    "add-ons unknown",
    "processes unknown",
]
"""What keeps a service on Heroku though nothing differs: its variables, its processes, and what isn't known of it.

A `process` runs on Heroku alone; what is `stopped` runs there, and starts nowhere here.
"""
ChangedBy = Literal["", "heroku", "us", "both"]
OTHER_IN_DYNO = "a dyno gets another value than the config var"
ONLY_IN_DYNO = "only in a dyno"


@dataclass(frozen=True, slots=True)
class Difference:
    """A variable of a deployment that some of its processes would not get as they do on Heroku."""

    deployment: Deployment
    app: str
    name: str
    section: Section
    processes: tuple[str, ...]
    """The processes that differ: all of the deployment's, or some."""
    heroku: str | None = field(repr=False)
    """What a dyno gets; None: nothing."""
    ours: str | None = field(repr=False)
    """None: nothing, or a value that isn't known, since it is sealed."""
    kind: str
    """How the two values differ; empty where one of them is missing."""
    owner: Owner
    addon: str = ""
    """The add-on that sets the variable."""
    reason: str = ""
    """Why the variable is expected to differ, or why an envdir can't carry its value."""
    changed_by: ChangedBy = ""
    """Who changed the variable since the import, where that is known."""
    equal_to: tuple[Deployment, ...] = ()
    """Other deployments that have the value that is ours here, in an entry of their own; of very many, the first."""
    note: str = ""
    hint: str = ""
    """Why an expectation about the variable doesn't allow this."""
    span: Span | None = None
    """The entry that won."""
    is_sealed: bool = False
    equal_count: int = 0
    """How many deployments there are that have that value so."""


@dataclass(frozen=True, slots=True)
class AppSummary:
    """The result for one app."""

    deployment: Deployment
    app: str
    release: int | None
    processes: tuple[str, ...]
    same: int = 0
    """Variables that every process gets as on Heroku."""
    owned: int | None = None
    """Config vars that add-ons set, with those that are the same; None where that isn't known."""
    fault: str = ""
    """Why the app could not be compared."""


class MigrationFinding(NamedTuple):
    """What is not done yet though nothing differs: a variable, or a process, of some or all processes."""

    deployment: Deployment
    app: str
    kind: FindingKind
    name: str = ""
    processes: tuple[str, ...] = ()
    detail: str = ""
    """The add-on, or why a value is thought to be a secret."""
    span: Span | None = None
    """The entry that won."""


@dataclass(frozen=True, slots=True)
class HerokuComparison:
    """All apps compared with the tree, sorted by deployment and name."""

    apps: tuple[AppSummary, ...]
    differences: tuple[Difference, ...]
    unmet: tuple[Diagnostic, ...] = ()
    """Expectations without effect; reliable only where every deployment was compared, and not a selection."""
    problems: tuple[Diagnostic, ...] = ()
    """What is wrong with the tree, and with the mapping of apps: an error may keep an app out of `apps`."""
    findings: tuple[MigrationFinding, ...] = ()
    names: frozenset[str] = frozenset()
    """The names of all variables that were compared."""

    @property
    def answer(self) -> Answer:
        """The result in a word."""
        if not self.is_complete:
            return "incomplete"
        return "same" if self.is_same else "different"

    @property
    def is_same(self) -> bool:
        """Whether all apps could be compared, and nothing differs but what is expected to differ."""
        return self.is_complete and all(each.section == "expected" for each in self.differences)

    @property
    def is_complete(self) -> bool:
        """Whether all apps could be compared, also those without a deployment."""
        return not any(each.fault for each in self.apps) and not errors(self.problems)
