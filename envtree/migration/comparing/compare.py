"""What Heroku gives each app, compared with what the tree gives the processes that replace it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.render.difference import kind
from envtree.core.runit.envdir import name_fault, value_fault
from envtree.core.settings.heroku import ExpectationIndex
from envtree.migration.apps.ownership import RUN_TIME, SHELL, attachment_of, owner_of
from envtree.migration.comparing.comparison import ONLY_IN_DYNO, OTHER_IN_DYNO, AppSummary, Difference, HerokuComparison
from envtree.migration.comparing.expectations import ObservedApp, hint, may_be_shared, unmet
from envtree.migration.comparing.holders import ValueHolders

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from envtree.core.model.tree import Entry, Span
    from envtree.core.settings.heroku import Deployment, Expectation, Owner
    from envtree.migration.apps.fleet import App
    from envtree.migration.comparing.comparison import ChangedBy, Section

PORT = "PORT"
"""What is ours by design where no config var says it: on Heroku, the platform gives a process its port."""
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
    invalid: Mapping[str, str] = field(default_factory=dict)
    """Names that the tree has an error about, each with the code of the error."""
    in_clear: Mapping[str, str] = field(default_factory=dict)
    """Names of secrets that no seal hides, each with the reason why it is thought to be one."""


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
        ours = (each for own in self.processes.values() for each in (*own.values, *own.unknown, *own.invalid))
        return sorted({*self.dyno_values, *(each for each in ours if each != PORT)})

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
    equal_to: tuple[Deployment, ...] = ()
    equal_count: int = 0
    hint: str = ""


def compare(
    pairs: Sequence[tuple[Deployment, App, Mapping[str, ProcessValues]]],
    expectations: Sequence[Expectation],
    bases: Mapping[str, Mapping[str, str]],
    run_time: Mapping[Deployment, Mapping[str, str]] | None = None,
    tree: Mapping[Deployment, Mapping[str, ProcessValues]] | None = None,
) -> HerokuComparison:
    """Compare apps with the processes of their deployments (by name).

    `bases` has config vars by app as they were imported. `run_time` has what `env -0` printed in a dyno, by the
    deployment of its app. `tree` has the processes of all deployments, where not all are compared.
    """
    pairs = sorted(pairs, key=lambda pair: pair[0])
    holders = _holders(tree or {deployment: processes for deployment, _, processes in pairs})
    index = ExpectationIndex(expectations)
    apps, differences, observed = [], [], []
    all_names: set[str] = set()
    for deployment, app, processes in pairs:
        if fault := _fault_of(app, processes):
            apps.append(AppSummary(deployment, app.name, app.release, tuple(sorted(processes)), fault=fault))
            observed.append(ObservedApp(deployment, {}, frozenset(), is_compared=False))
            continue
        compared = _compared_app(deployment, app, processes, (run_time or {}).get(deployment, {}), bases.get(app.name))
        names = compared.names()
        all_names.update(names)
        found = [each for name in names for each in _differences(compared, name, index, holders)]
        differences += found
        different = frozenset(each.name for each in found)
        owners = {name: owner_of(app, name) for name in names}
        observed.append(ObservedApp(deployment, owners, different, knows_addons=app.attachments is not None))
        apps.append(_summary(compared, len(names) - len(different)))
    return HerokuComparison(tuple(apps), tuple(differences), unmet(expectations, observed), names=frozenset(all_names))


def _holders(tree: Mapping[Deployment, Mapping[str, ProcessValues]]) -> ValueHolders:
    return ValueHolders(
        (name, text, deployment, _span(own, name))
        for deployment, processes in sorted(tree.items())
        for own in processes.values()
        for name, text in own.values.items()
    )


def _span(own: ProcessValues, name: str) -> Span | None:
    return own.entries[name].span if name in own.entries else None


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
    compared: _ComparedApp, name: str, expectations: ExpectationIndex, holders: ValueHolders
) -> Iterator[Difference]:
    """Yield one for each value that processes get instead; nothing where all get what a dyno does."""
    outcomes: dict[_Outcome, list[str]] = {}
    owner = owner_of(compared.app, name)
    about = expectations.about(compared.deployment, name, owner)
    for process, own in sorted(compared.processes.items()):
        if outcome := _outcome(compared, name, own):
            covering = [each for each in about if each.is_about(compared.deployment, process)]
            equal_to, count = holders.others(name, outcome.ours, compared.deployment, _span(own, name))
            changed_by = _changed_by(compared, name, outcome)
            outcome = outcome._replace(changed_by=changed_by, equal_to=equal_to, equal_count=count)
            outcome = _judged(outcome, compared.dyno_values.get(name), owner, covering)
            outcomes.setdefault(outcome, []).append(process)
    for outcome, processes in outcomes.items():
        yield _difference(compared, name, owner, outcome, processes)


def _judged(outcome: _Outcome, heroku: str | None, owner: Owner, covering: Sequence[Expectation]) -> _Outcome:
    """Return the outcome with the section that expectations, or an add-on, give it."""
    if outcome.section in ("unknown", "invalid"):
        return outcome
    fits = [each for each in covering if each.allows(heroku, outcome.ours)]
    if allowed := next((each for each in fits if may_be_shared(each) or not outcome.equal_to), None):
        return outcome._replace(section="expected", reason=allowed.reason)
    outcome = (
        outcome._replace(hint=hint(covering[0], heroku, outcome.ours, is_shared=bool(fits))) if covering else outcome
    )
    is_owned = owner == "add-on" and outcome.section == "different"
    return outcome._replace(section="owned") if is_owned else outcome


def _outcome(compared: _ComparedApp, name: str, own: ProcessValues) -> _Outcome | None:
    heroku, ours = compared.dyno_values.get(name), own.values.get(name)
    if name in own.invalid:
        return _Outcome("invalid", ours, own.invalid[name])
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
    compared: _ComparedApp, name: str, owner: Owner, outcome: _Outcome, processes: Sequence[str]
) -> Difference:
    heroku, ours = compared.dyno_values.get(name), outcome.ours
    if heroku == ours:  # the dyno gets our value, so the config var is what differs
        heroku = compared.config.get(name)
    both = heroku is not None and ours is not None and heroku != ours
    attachment = attachment_of(compared.app, name)
    is_shown = both or (owner == "team" and ours is not None)
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
        outcome.equal_to if is_shown else (),
        compared.note(name),
        outcome.hint,
        _span(compared.processes[processes[0]], name),
        outcome.is_sealed,
        outcome.equal_count if is_shown else 0,
    )


def _changed_by(compared: _ComparedApp, name: str, outcome: _Outcome) -> ChangedBy:
    """Return who changed a config var since the import; absent is a value too."""
    if compared.base is None or compared.note(name) == ONLY_IN_DYNO or outcome.section in ("unknown", "invalid"):
        return ""
    base, heroku = compared.base.get(name), compared.config.get(name)
    if outcome.section == "uncarried":  # our value can't be what the import read
        return "heroku" if heroku != base else ""
    if base in (heroku, outcome.ours):
        return "" if heroku == outcome.ours else "us" if heroku == base else "heroku"
    return "both"
