"""What keeps a service on Heroku though nothing differs: add-ons, secrets in clear, and what nobody has confirmed."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.secrets.judgement import judge
from envtree.core.settings.heroku import ExpectationIndex
from envtree.migration.apps.ownership import attachment_of, owner_of
from envtree.migration.comparing.comparison import MigrationFinding
from envtree.migration.comparing.expectations import may_be_shared
from envtree.migration.comparing.holders import ValueHolders

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from envtree.core.model.tree import Span
    from envtree.core.settings.heroku import Deployment, Expectation, HerokuSettings
    from envtree.migration.apps.fleet import App
    from envtree.migration.comparing.compare import ProcessValues
    from envtree.migration.comparing.comparison import FindingKind, HerokuComparison

    Pair = tuple[Deployment, App, Mapping[str, ProcessValues]]

_ADDRESS = re.compile(r"://([^\s\"'<>?#]{16,})")
"""What follows the scheme of an address, without its query: an add-on is told by it wherever it is."""


class _Found(NamedTuple):
    """Something about a variable of one process."""

    kind: FindingKind
    name: str
    process: str
    detail: str = ""


class _Fleet:
    """What is looked up for each app: the add-ons by what they set, Heroku's values, and what is expected."""

    def __init__(self, pairs: Sequence[Pair], comparison: HerokuComparison, settings: HerokuSettings) -> None:
        self.expected = ExpectationIndex(settings.expect)
        self.expected_clear = ExpectationIndex(settings.expect_clear)
        self.new = tuple(each for each in settings.expect if each.name and each.what == "new")
        self.addons = {key: addon for _, app, _ in pairs for key, addon in _addon_keys(app)}
        self.heroku = ValueHolders(
            (name, text, deployment, _span(own, name))
            for deployment, app, processes in pairs
            for name, text in (app.values or {}).items()
            for own in processes.values()
        )
        self.differing: dict[Deployment, set[tuple[str, str]]] = {}
        for each in comparison.differences:
            found = self.differing.setdefault(each.deployment, set())
            found.update((each.name, process) for process in each.processes)


def find(
    pairs: Sequence[Pair],
    comparison: HerokuComparison,
    settings: HerokuSettings,
    unwritten: frozenset[tuple[Deployment, str]] = frozenset(),
) -> tuple[MigrationFinding, ...]:
    """Return what is not done yet in the apps that could be compared; `unwritten` has processes without a command."""
    compared = {each.deployment for each in comparison.apps if not each.fault}
    fleet = _Fleet(pairs, comparison, settings)
    found: list[MigrationFinding] = []
    for pair in sorted(pairs, key=lambda pair: pair[0]):
        deployment, app, processes = pair
        if deployment in compared:
            about = [*_at_addons(pair, fleet), *_in_clear(pair, fleet), *_unmoved(pair, fleet), *_anothers(pair, fleet)]
            found += _grouped(deployment, app, processes, about)
            found += _of_processes(deployment, app, processes, settings, unwritten)
            if app.attachments is None:
                found.append(MigrationFinding(deployment, app.name, "add-ons unknown"))
    return tuple(found)


def _span(own: ProcessValues, name: str) -> Span | None:
    return own.entries[name].span if name in own.entries else None


def _addon_keys(app: App) -> Iterator[tuple[str, str]]:
    """Yield what tells an add-on, with its name: values, and parts of them, that no one would have by chance."""
    for name, attachment in app.attachment_of.items():
        text = (app.values or {}).get(name, "")
        if "@" in text or judge(name, text).certainty != "plain":
            yield from ((key, attachment.addon) for key in _keys(text))


def _keys(text: str) -> Iterator[str]:
    yield text
    yield from (found[1] for found in _ADDRESS.finditer(text))


def _at_addons(pair: Pair, fleet: _Fleet) -> Iterator[_Found]:
    """Yield each variable that still has, or holds, what a Heroku add-on sets, whatever its name."""
    _, app, processes = pair
    for process, own in processes.items():
        for name, text in own.values.items():
            attachment = attachment_of(app, name)
            if attachment is not None and (app.values or {}).get(name) == text:
                yield _Found("add-on", name, process, attachment.addon)
            elif addon := next((fleet.addons[key] for key in _keys(text) if key in fleet.addons), ""):
                yield _Found("add-on", name, process, addon)


def _in_clear(pair: Pair, fleet: _Fleet) -> Iterator[_Found]:
    deployment, _, processes = pair
    for process, own in processes.items():
        for name, reason in own.in_clear.items():
            expected = fleet.expected_clear.about(deployment, name, "")
            if not any(each.is_about(deployment, process) for each in expected):
                yield _Found("clear", name, process, reason)


def _unmoved(pair: Pair, fleet: _Fleet) -> Iterator[_Found]:
    """Yield what is to differ from Heroku, or to be unset, and is the same; and what is to be new, and is not there."""
    deployment, app, processes = pair
    values, differing = app.values or {}, fleet.differing.get(deployment, set())
    about = [
        *(("unchanged", each) for name in values for each in _expected(pair, name, fleet) if each.what != "new"),
        *(("gone", each) for each in fleet.new if each.is_about(deployment) and each.name not in values),
    ]
    for kind, each in about:
        for process in processes if each.name else ():
            if (each.name, process) not in differing and each.is_about(deployment, process):
                yield _Found("gone" if kind == "gone" else "unchanged", each.name, process, each.reason)


def _expected(pair: Pair, name: str, fleet: _Fleet) -> list[Expectation]:
    deployment, app, _ = pair
    return fleet.expected.about(deployment, name, owner_of(app, name))


def _anothers(pair: Pair, fleet: _Fleet) -> Iterator[_Found]:
    """Yield what differs as expected, and is what Heroku gives another app; where one line gives it to both, it may."""
    deployment, app, processes = pair
    for name, process in sorted(fleet.differing.get(deployment, ())):
        ours = processes[process].values.get(name)
        about = [each for each in _expected(pair, name, fleet) if each.is_about(deployment, process)]
        if ours is None or ours == (app.values or {}).get(name) or not about or any(map(may_be_shared, about)):
            continue
        others, _ = fleet.heroku.others(name, ours, deployment, _span(processes[process], name))
        if others:
            yield _Found("another's", name, process, str(others[0]))


def _grouped(
    deployment: Deployment, app: App, processes: Mapping[str, ProcessValues], found: Sequence[_Found]
) -> Iterator[MigrationFinding]:
    """Yield one finding for the processes that share it; a value at an add-on is not also one that has not moved."""
    at_addons = {(each.name, each.process) for each in found if each.kind == "add-on"}
    kept = [each for each in found if each.kind != "unchanged" or (each.name, each.process) not in at_addons]
    kept.sort(key=lambda each: (each.name, each.kind, each.detail, each.process))
    for (name, kind, detail), group in groupby(kept, key=lambda each: (each.name, each.kind, each.detail)):
        names = tuple(dict.fromkeys(each.process for each in group))
        entry = processes[names[0]].entries.get(name)
        yield MigrationFinding(deployment, app.name, kind, name, names, detail, entry.span if entry else None)


def _of_processes(
    deployment: Deployment,
    app: App,
    processes: Mapping[str, ProcessValues],
    settings: HerokuSettings,
    unwritten: frozenset[tuple[Deployment, str]],
) -> Iterator[MigrationFinding]:
    """Yield the processes that nobody has confirmed, and those of which nobody has said what they run."""
    for process in sorted(processes):
        if (deployment, process) in unwritten:
            yield MigrationFinding(deployment, app.name, "command", process, (process,))
        elif process not in settings.confirmed.get(deployment, {}):
            yield MigrationFinding(deployment, app.name, "unconfirmed", process, (process,))
