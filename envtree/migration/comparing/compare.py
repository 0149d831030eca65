"""What Heroku gives each app, compared with what the tree gives the processes that replace it."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.render.difference import kind
from envtree.core.runit.envdir import name_fault, value_fault
from envtree.core.settings.heroku import ExpectationIndex
from envtree.migration.apps.ownership import RUN_TIME, SHELL, attachment_of, owner_of
from envtree.migration.comparing.comparison import ONLY_IN_DYNO, OTHER_IN_DYNO, AppSummary, Difference, HerokuComparison
from envtree.migration.comparing.expectations import ObservedApp, unmet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from envtree.core.model.tree import Entry
    from envtree.core.settings.heroku import Deployment, Expectation, Owner
    from envtree.migration.apps.fleet import App
    from envtree.migration.comparing.comparison import ChangedBy, Section

MAX_EQUAL = 100
"""Other deployments that one difference names."""
_SET_BY_ITSELF = RUN_TIME | SHELL


@dataclass(frozen=True, slots=True)
class ProcessValues:
    """What one process gets from the tree."""

    values: Mapping[str, str] = field(repr=False)
    """The values as chpst delivers them."""
    entries: Mapping[str, Entry] = field(default_factory=dict, repr=False)
    """The entry that won, by name; also an entry that removes the variable."""
    unknown: frozenset[str] = frozenset()
    """Names that are sealed: they are set, and the value isn't known here."""


class _ComparedApp(NamedTuple):
    """One deployment with all that is needed to compare it."""

    deployment: Deployment
    app: App
    processes: Mapping[str, ProcessValues]
    config: Mapping[str, str]
    dyno_values: Mapping[str, str]
    """What a dyno gets: the config vars, and, where that is known, what it has instead of them and besides."""
    base: Mapping[str, str] | None

    def names(self) -> list[str]:
        """Return the names of all variables of either side, sorted."""
        ours = (each for own in self.processes.values() for each in (*own.values, *own.unknown))
        return sorted({*self.dyno_values, *ours})

    def note(self, name: str) -> str:
        """Return a remark on a variable that a dyno doesn't get as the config vars have it; else nothing."""
        if name in self.config:
            return OTHER_IN_DYNO if self.dyno_values[name] != self.config[name] else ""
        return ONLY_IN_DYNO if name in self.dyno_values else ""


class _Outcome(NamedTuple):
    """How a variable of one process differs; processes with equal outcomes share one difference."""

    section: Section
    ours: str | None
    reason: str = ""
    changed_by: ChangedBy = ""
    is_sealed: bool = False


def compare(
    pairs: Sequence[tuple[Deployment, App, Mapping[str, ProcessValues]]],
    expectations: Sequence[Expectation],
    bases: Mapping[str, Mapping[str, str]],
    run_time: Mapping[Deployment, Mapping[str, str]] | None = None,
) -> HerokuComparison:
    """Compare apps with the processes of their deployments (by name).

    `bases` has config vars by app as they were imported. `run_time` has what `env -0` printed in a dyno, by the
    deployment of its app.
    """
    pairs = sorted(pairs, key=lambda pair: pair[0])
    holders, index = _by_value(pairs), ExpectationIndex(expectations)
    apps, differences, observed = [], [], []
    for deployment, app, processes in pairs:
        if fault := _fault_of(app, processes):
            apps.append(AppSummary(deployment, app.name, app.release, tuple(sorted(processes)), fault=fault))
            observed.append(ObservedApp(deployment, {}, frozenset(), is_compared=False))
            continue
        compared = _compared_app(deployment, app, processes, (run_time or {}).get(deployment, {}), bases.get(app.name))
        names = compared.names()
        found = [each for name in names for each in _differences(compared, name, index, holders)]
        differences += found
        different = frozenset(each.name for each in found)
        owners = {name: owner_of(app, name) for name in names}
        observed.append(ObservedApp(deployment, owners, different, knows_addons=app.attachments is not None))
        apps.append(_summary(compared, len(names) - len(different)))
    return HerokuComparison(tuple(apps), tuple(differences), unmet(expectations, observed))


def _by_value(pairs: Sequence[tuple[Deployment, App, object]]) -> dict[tuple[str, str], list[Deployment]]:
    """Return the deployments to which Heroku gives a value, by name and value."""
    found: dict[tuple[str, str], list[Deployment]] = {}
    for deployment, app, _ in pairs:
        for item in (app.values or {}).items():
            found.setdefault(item, []).append(deployment)
    return found


def _fault_of(app: App, processes: Mapping[str, ProcessValues]) -> str:
    if app.fault or app.values is None:
        return app.fault or "its config vars were not read"
    return "" if processes else "the tree gives it no process that is valid"


def _compared_app(
    deployment: Deployment,
    app: App,
    processes: Mapping[str, ProcessValues],
    dyno: Mapping[str, str],
    base: Mapping[str, str] | None,
) -> _ComparedApp:
    """Return what is compared: not what a dyno and its shell set by themselves, unless a config var has the name."""
    config = app.values or {}
    counted = {name: text for name, text in dyno.items() if name in config or name not in _SET_BY_ITSELF}
    return _ComparedApp(deployment, app, processes, config, {**config, **counted}, base)


def _summary(compared: _ComparedApp, same: int) -> AppSummary:
    app = compared.app
    owned = None if app.attachments is None else sum(owner_of(app, name) == "add-on" for name in compared.config)
    return AppSummary(compared.deployment, app.name, app.release, tuple(sorted(compared.processes)), same, owned)


def _differences(
    compared: _ComparedApp,
    name: str,
    expectations: ExpectationIndex,
    holders: Mapping[tuple[str, str], list[Deployment]],
) -> Iterator[Difference]:
    """Yield one for each value that processes get instead; nothing where all get what a dyno does."""
    outcomes: dict[_Outcome, list[str]] = {}
    owner = owner_of(compared.app, name)
    expected = expectations.covering(compared.deployment, name, owner)
    for process, own in sorted(compared.processes.items()):
        if outcome := _outcome(compared, name, own):
            outcome = outcome._replace(changed_by=_changed_by(compared, name, outcome))
            if expected:
                outcome = outcome._replace(section="expected", reason=expected.reason)
            elif owner == "add-on" and outcome.section in ("missing", "different"):
                outcome = outcome._replace(section="owned")
            outcomes.setdefault(outcome, []).append(process)
    for outcome, processes in outcomes.items():
        yield _difference(compared, name, owner, outcome, processes, holders)


def _outcome(compared: _ComparedApp, name: str, own: ProcessValues) -> _Outcome | None:
    heroku, ours = compared.dyno_values.get(name), own.values.get(name)
    if name in own.unknown:
        return _Outcome("unknown", None, is_sealed=True)
    if heroku is None:
        return None if ours is None else _Outcome("extra", ours)
    if fault := name_fault(name) or value_fault(name, heroku):
        return _Outcome("uncarried", ours, fault.message)
    if ours is None:
        return _Outcome("missing", None)
    return _Outcome("different", ours) if ours != heroku or compared.note(name) == OTHER_IN_DYNO else None


def _difference(
    compared: _ComparedApp,
    name: str,
    owner: Owner,
    outcome: _Outcome,
    processes: Sequence[str],
    holders: Mapping[tuple[str, str], list[Deployment]],
) -> Difference:
    heroku, ours = compared.dyno_values.get(name), outcome.ours
    if heroku == ours:  # the dyno gets our value, so the config var is what differs
        heroku = compared.config.get(name)
    both = heroku is not None and ours is not None and heroku != ours
    entry = compared.processes[processes[0]].entries.get(name)
    attachment = attachment_of(compared.app, name)
    others = holders.get((name, ours or ""), ()) if both else ()
    listed = [each for each in islice(others, MAX_EQUAL + 1) if each != compared.deployment]
    return Difference(
        compared.deployment,
        compared.app.name,
        name,
        outcome.section,
        tuple(processes),
        heroku,
        ours,
        kind(heroku or "", ours or "") if both else "",
        owner,
        attachment.addon if attachment else "",
        outcome.reason,
        outcome.changed_by,
        tuple(listed[:MAX_EQUAL]),
        compared.note(name),
        entry.span if entry else None,
        outcome.is_sealed,
        len(others) - (both and compared.config.get(name) == ours),
    )


def _changed_by(compared: _ComparedApp, name: str, outcome: _Outcome) -> ChangedBy:
    """Return who changed a config var since the import; absent is a value too."""
    if compared.base is None or compared.note(name) == ONLY_IN_DYNO or outcome.section == "unknown":
        return ""
    base, heroku = compared.base.get(name), compared.config.get(name)
    if outcome.section == "uncarried":  # our value can't be what the import read
        return "heroku" if heroku != base else ""
    if base in (heroku, outcome.ours):
        return "" if heroku == outcome.ours else "us" if heroku == base else "heroku"
    return "both"
