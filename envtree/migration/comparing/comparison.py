"""What a comparison with Heroku found, as values: the differences, and how each app stands as a whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

from envtree.core.model.diagnostic import errors

if TYPE_CHECKING:
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.tree import Span
    from envtree.core.settings.heroku import Deployment, Owner

Section = Literal["missing", "extra", "different", "uncarried", "unknown", "owned", "expected"]
SECTIONS: tuple[Section, ...] = get_args(Section)
Answer = Literal["same", "different", "incomplete"]
Since = Literal["", "heroku", "us", "both"]
OTHER_IN_DYNO = "a dyno gets another value than the config var"
ONLY_IN_DYNO = "only in a dyno"


@dataclass(frozen=True, slots=True)
class Difference:
    """A variable of a cell that some of its processes would not get as they do on Heroku."""

    cell: Deployment
    app: str
    name: str
    section: Section
    processes: tuple[str, ...]
    """Those that it is about: all of the cell's, or some."""
    heroku: str | None = field(repr=False)
    """What a dyno gets; None: nothing."""
    ours: str | None = field(repr=False)
    """None: nothing, or what isn't known, since it is sealed."""
    kind: str
    """In what the two differ; empty where one of them is missing."""
    owner: Owner
    addon: str = ""
    """The add-on that sets it."""
    reason: str = ""
    """Why it is expected to differ, or what keeps an envdir from carrying it."""
    since: Since = ""
    """Who changed it since the import, where that is known."""
    elsewhere: tuple[Deployment, ...] = ()
    """Other cells to which Heroku gives what is ours here."""
    note: str = ""
    span: Span | None = None
    """Where the entry that won stands."""
    is_sealed: bool = False


@dataclass(frozen=True, slots=True)
class AppSummary:
    """An app as a whole."""

    cell: Deployment
    app: str
    release: int | None
    processes: tuple[str, ...]
    same: int = 0
    """Variables that every process gets as on Heroku."""
    owned: int | None = None
    """Config vars that add-ons set, the same ones among them; None where that isn't known."""
    fault: str = ""
    """Why it could not be compared."""


@dataclass(frozen=True, slots=True)
class HerokuComparison:
    """All apps held against the tree, by cell and name."""

    tallies: tuple[AppSummary, ...]
    differences: tuple[Difference, ...]
    unmet: tuple[Diagnostic, ...] = ()
    """Expectations without effect: to be trusted only where every cell was compared, and not a selection."""
    problems: tuple[Diagnostic, ...] = ()
    """What is wrong with the tree, and with the places of apps: an error may keep an app from being among these."""

    @property
    def answer(self) -> Answer:
        """All of it in a word."""
        if not self.is_whole:
            return "incomplete"
        return "same" if self.is_same else "different"

    @property
    def is_same(self) -> bool:
        """Whether nothing differs but what is expected to, in any app, and all could be compared."""
        return self.is_whole and all(each.section == "expected" for each in self.differences)

    @property
    def is_whole(self) -> bool:
        """Whether all apps could be compared, also those that have no place."""
        return not any(each.fault for each in self.tallies) and not errors(self.problems)
