"""How far the migration is: for each app, what is the same, changed on purpose, and what is left, each kind apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from envtree.core.settings.heroku import Deployment
    from envtree.migration.comparing.comparison import HerokuComparison

_OPEN = frozenset(("missing", "extra", "different", "unknown", "invalid", "owned", "unchanged", "another's", "gone"))
"""Sections of differences, and kinds of findings, of a variable that is not as it is to be."""

_OF_PROCESSES = frozenset(("unconfirmed", "command", "process", "stopped"))
_EQUAL = frozenset(("add-on", "clear", "unchanged"))
"""What a variable can be that has the value it has on Heroku."""


class ProgressCounts(NamedTuple):
    """Variables, each in one of the first six, and processes; `add` makes one of several."""

    same: int = 0
    on_purpose: int = 0
    """They differ as expected."""
    open: int = 0
    not_carried: int = 0
    at_addons: int = 0
    """They are still what a Heroku add-on sets."""
    in_clear: int = 0
    """Secrets that no seal hides."""
    confirmed: int = 0
    unconfirmed: int = 0
    """Processes that nobody has compared with a dyno, and those that run on Heroku alone."""

    @property
    def variables(self) -> int:
        """All variables."""
        return sum(self[:6])

    @property
    def left(self) -> int:
        """What is not done yet."""
        return self.open + self.not_carried + self.at_addons + self.in_clear + self.unconfirmed

    @property
    def done(self) -> int:
        """What is done."""
        return self.same + self.on_purpose + self.confirmed


class AppProgress(NamedTuple):
    """The progress of one app; `fault` says why it isn't known, and `skipped` why it isn't asked for."""

    deployment: Deployment | None
    app: str
    counts: ProgressCounts = ProgressCounts()
    fault: str = ""
    skipped: str = ""
    addons_known: bool = True
    processes_known: bool = True

    @property
    def is_done(self) -> bool:
        """Whether a person could switch the app."""
        is_known = self.addons_known and self.processes_known
        return is_known and not (self.fault or self.skipped or self.counts.left)


def progress_of(comparison: HerokuComparison, others: Sequence[AppProgress] = ()) -> tuple[AppProgress, ...]:
    """Return the progress of each app that was compared, then that of the others, which were not."""
    kinds: dict[Deployment, dict[str, set[str]]] = {}
    for deployment, kind, name in _marks(comparison):
        kinds.setdefault(deployment, {}).setdefault(name, set()).add(kind)
    unknown = {(each.deployment, each.kind) for each in comparison.findings}
    found = (
        AppProgress(
            each.deployment,
            each.app,
            ProgressCounts() if each.fault else _counts(kinds.get(each.deployment, {}), each.same, each.processes),
            each.fault,
            addons_known=(each.deployment, "add-ons unknown") not in unknown,
            processes_known=(each.deployment, "processes unknown") not in unknown,
        )
        for each in comparison.apps
    )
    return (*found, *others)


def _marks(comparison: HerokuComparison) -> Iterable[tuple[Deployment, str, str]]:
    """Yield the deployment, the section or kind, and the name of all that is not simply the same."""
    yield from ((each.deployment, each.section, each.name) for each in comparison.differences)
    yield from ((each.deployment, each.kind, _key(each.kind, each.name)) for each in comparison.findings if each.name)


def _key(kind: str, name: str) -> str:
    """Return a name that tells a process from a variable."""
    return f"\0{name}" if kind in _OF_PROCESSES else name


def _counts(kinds: Mapping[str, set[str]], same: int, processes: Sequence[str]) -> ProgressCounts:
    """Return the counts of an app; a variable counts once, as the first of what it is that keeps it open."""
    number = dict.fromkeys(ProgressCounts._fields, 0)
    for found in kinds.values():
        number[_column(found)] += 1
    number["same"] = same - sum(found <= _EQUAL for found in kinds.values())
    number["confirmed"] = sum(_key("unconfirmed", each) not in kinds for each in processes)
    return ProgressCounts(**number)


def _column(found: set[str]) -> str:
    if found & _OF_PROCESSES:
        return "unconfirmed"
    if found & _OPEN:
        return "open"
    if "uncarried" in found:
        return "not_carried"
    return "at_addons" if "add-on" in found else "in_clear" if "clear" in found else "on_purpose"


def total(apps: Sequence[AppProgress]) -> ProgressCounts:
    """Return the counts of all apps together."""
    return (
        ProgressCounts(*(sum(each) for each in zip(*(app.counts for app in apps), strict=True)))
        if apps
        else ProgressCounts()
    )


def percentage(apps: Sequence[AppProgress], error_count: int = 0) -> int:
    """Return how much is done, in whole percent; 100 only where each app could be switched, and there is one.

    `error_count` is the number of errors that keep apps out of `apps`.
    """
    counts = total(apps)
    everything = counts.done + counts.left
    if not apps:
        return 0
    percent = 100 * counts.done // everything if everything else 100
    return percent if not error_count and all(each.is_done for each in apps) else min(percent, 99)
