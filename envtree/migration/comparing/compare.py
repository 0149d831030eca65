"""What Heroku gives each app, held against what the tree gives the processes that take its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.render.difference import kind
from envtree.core.runit.envdir import name_fault, value_fault
from envtree.migration.apps.ownership import RUN_TIME, SHELL, attachment_of, owner_of
from envtree.migration.comparing.comparison import ONLY_IN_DYNO, OTHER_IN_DYNO, AppSummary, Difference, HerokuComparison
from envtree.migration.comparing.expectations import ObservedApp, unmet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from envtree.core.model.tree import Entry
    from envtree.core.settings.heroku import Deployment, Expectation, Owner
    from envtree.migration.apps.fleet import App
    from envtree.migration.comparing.comparison import Section, Since

_SET_BY_ITSELF = RUN_TIME | SHELL


@dataclass(frozen=True, slots=True)
class Ours:
    """What one process gets from the tree."""

    values: Mapping[str, str] = field(repr=False)
    """As chpst delivers them."""
    entries: Mapping[str, Entry] = field(default_factory=dict, repr=False)
    """The entry that won, by name, also where it removes the variable."""
    unknown: frozenset[str] = frozenset()
    """Names that are sealed: set, to what isn't known here."""


class _Side(NamedTuple):
    """One cell with all that is needed to compare it."""

    cell: Deployment
    app: App
    processes: Mapping[str, Ours]
    config: Mapping[str, str]
    gets: Mapping[str, str]
    """What a dyno gets: the config vars, and, where that is known, what it has in their place and besides."""
    base: Mapping[str, str] | None

    def names(self) -> list[str]:
        """All variables of either side."""
        ours = (each for own in self.processes.values() for each in (*own.values, *own.unknown))
        return sorted({*self.gets, *ours})

    def note(self, name: str) -> str:
        """What is to be said of a variable that a dyno gets otherwise than from the config vars."""
        if name in self.config:
            return OTHER_IN_DYNO if self.gets[name] != self.config[name] else ""
        return ONLY_IN_DYNO if name in self.gets else ""


class _Case(NamedTuple):
    """A variable as one process gets it, and in what that differs; equal cases of several processes are one."""

    section: Section
    ours: str | None
    reason: str = ""
    since: Since = ""
    is_sealed: bool = False


def compare(
    pairs: Sequence[tuple[Deployment, App, Mapping[str, Ours]]],
    expectations: Sequence[Expectation],
    bases: Mapping[str, Mapping[str, str]],
    run_time: Mapping[Deployment, Mapping[str, str]] | None = None,
) -> HerokuComparison:
    """Apps held against the processes of their cells (by name).

    `bases` are config vars by app as they were imported, `run_time` what `env -0` printed in a dyno of a cell's app.
    """
    pairs = sorted(pairs, key=lambda pair: pair[0])
    holders = _holders(pairs)
    tallies, differences, sights = [], [], []
    for cell, app, processes in pairs:
        if fault := _fault_of(app, processes):
            tallies.append(AppSummary(cell, app.name, app.release, tuple(sorted(processes)), fault=fault))
            sights.append(ObservedApp(cell, {}, frozenset(), is_compared=False))
            continue
        side = _side(cell, app, processes, (run_time or {}).get(cell, {}), bases.get(app.name))
        names = side.names()
        found = [each for name in names for each in _differences(side, name, expectations, holders)]
        differences += found
        different = frozenset(each.name for each in found)
        owners = {name: owner_of(app, name) for name in names}
        sights.append(ObservedApp(cell, owners, different, knows_addons=app.attachments is not None))
        tallies.append(_tally(side, len(names) - len(different)))
    return HerokuComparison(tuple(tallies), tuple(differences), unmet(expectations, sights))


def _holders(pairs: Sequence[tuple[Deployment, App, object]]) -> dict[tuple[str, str], list[Deployment]]:
    """The cells to which Heroku gives a value, by name and value."""
    found: dict[tuple[str, str], list[Deployment]] = {}
    for cell, app, _ in pairs:
        for item in (app.values or {}).items():
            found.setdefault(item, []).append(cell)
    return found


def _fault_of(app: App, processes: Mapping[str, Ours]) -> str:
    if app.fault or app.values is None:
        return app.fault or "its config vars were not read"
    return "" if processes else "the tree gives it no process that is valid"


def _side(
    cell: Deployment, app: App, processes: Mapping[str, Ours], dyno: Mapping[str, str], base: Mapping[str, str] | None
) -> _Side:
    """A cell; what a dyno and its shell set by themselves is not asked for, unless a config var has the name."""
    config = app.values or {}
    asked = {name: text for name, text in dyno.items() if name in config or name not in _SET_BY_ITSELF}
    return _Side(cell, app, processes, config, {**config, **asked}, base)


def _tally(side: _Side, same: int) -> AppSummary:
    app = side.app
    owned = None if app.attachments is None else sum(owner_of(app, name) == "add-on" for name in side.config)
    return AppSummary(side.cell, app.name, app.release, tuple(sorted(side.processes)), same, owned)


def _differences(
    side: _Side, name: str, expectations: Sequence[Expectation], holders: Mapping[tuple[str, str], list[Deployment]]
) -> Iterator[Difference]:
    """One for each value that processes get instead; none where all get what a dyno does."""
    cases: dict[_Case, list[str]] = {}
    owner = owner_of(side.app, name)
    expected = next((each for each in expectations if each.covers(side.cell, name, owner)), None)
    for process, own in sorted(side.processes.items()):
        if case := _case(side, name, own):
            case = case._replace(since=_since(side, name, case))
            if expected:
                case = case._replace(section="expected", reason=expected.reason)
            elif owner == "add-on" and case.section in ("missing", "different"):
                case = case._replace(section="owned")
            cases.setdefault(case, []).append(process)
    for case, processes in cases.items():
        yield _difference(side, name, owner, case, processes, holders)


def _case(side: _Side, name: str, own: Ours) -> _Case | None:
    heroku, ours = side.gets.get(name), own.values.get(name)
    if name in own.unknown:
        return _Case("unknown", None, is_sealed=True)
    if heroku is None:
        return None if ours is None else _Case("extra", ours)
    if fault := name_fault(name) or value_fault(name, heroku):
        return _Case("uncarried", ours, fault.message)
    if ours is None:
        return _Case("missing", None)
    return _Case("different", ours) if ours != heroku or side.note(name) == OTHER_IN_DYNO else None


def _difference(
    side: _Side,
    name: str,
    owner: Owner,
    case: _Case,
    processes: Sequence[str],
    holders: Mapping[tuple[str, str], list[Deployment]],
) -> Difference:
    heroku, ours = side.gets.get(name), case.ours
    if heroku == ours:  # then it is the config var that differs
        heroku = side.config.get(name)
    both = heroku is not None and ours is not None and heroku != ours
    entry = side.processes[processes[0]].entries.get(name)
    attachment = attachment_of(side.app, name)
    return Difference(
        side.cell,
        side.app.name,
        name,
        case.section,
        tuple(processes),
        heroku,
        ours,
        kind(heroku or "", ours or "") if both else "",
        owner,
        attachment.addon if attachment else "",
        case.reason,
        case.since,
        tuple(cell for cell in holders.get((name, ours or ""), ()) if cell != side.cell) if both else (),
        side.note(name),
        entry.span if entry else None,
        case.is_sealed,
    )


def _since(side: _Side, name: str, case: _Case) -> Since:
    """Who changed a config var since the import; absent is a value too."""
    if side.base is None or side.note(name) == ONLY_IN_DYNO or case.section == "unknown":
        return ""
    base, heroku = side.base.get(name), side.config.get(name)
    if case.section == "uncarried":  # ours can't be what it was
        return "heroku" if heroku != base else ""
    if base in (heroku, case.ours):
        return "" if heroku == case.ours else "us" if heroku == base else "heroku"
    return "both"
