"""A three-way import: what was imported last, what Heroku has now, and what the tree has, name by name.

What changed on Heroku alone is taken; what changed in the tree alone is kept, and named; what changed in both, each to
something else, is a conflict, and a person decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from envtree.core.layers.layout import layer_id_of
from envtree.core.model.diagnostic import Diagnostic
from envtree.core.render.mask import one_line
from envtree.core.runit.envdir import name_fault, value_fault
from envtree.migration.apps.fleet import by_deployment
from envtree.migration.apps.ownership import owner_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from envtree.core.compile import Compilation
    from envtree.core.layers.resolve import Node
    from envtree.core.model.tree import Entry, Target
    from envtree.core.settings.heroku import Deployment, ExpectationIndex
    from envtree.migration.importing.carried import ImportedApp

Values = dict[str, str | None]
PROCESS_DEPTH = 2
"""Slashes in the id of a process layer."""


class Choices(NamedTuple):
    """The variables of conflicts that are decided: for the tree, or for Heroku."""

    ours: frozenset[str] = frozenset()
    theirs: frozenset[str] = frozenset()


class Bases(NamedTuple):
    """The config vars that were imported last, by app; and the apps of which these can't be known any more."""

    values: Mapping[str, Mapping[str, str]] = {}
    lost: frozenset[str] = frozenset()


NO_BASES, NO_CHOICES = Bases(), Choices()


class KeptVariable(NamedTuple):
    """A variable of a process that differs from Heroku and stays as the tree has it, and why."""

    target: Target
    name: str
    reason: str


class Conflict(NamedTuple):
    """A variable that Heroku and the tree changed since the last import, each to something else."""

    deployment: Deployment
    app: str
    name: str
    place: str
    """Where the tree sets it; empty where it doesn't."""
    is_base_known: bool = True
    is_closed: bool = False
    """Whether the tree's value is sealed, and no key is here."""


class Decision(NamedTuple):
    """What an import does with each variable that a deployment has otherwise than its app."""

    changes: Mapping[Deployment, Values]
    """What deployments are to get instead of what they get now, by name (None: nothing)."""
    kept: tuple[KeptVariable, ...]
    conflicts: tuple[Conflict, ...]
    """Nothing is written for the apps that have one."""

    @property
    def undecided(self) -> frozenset[Deployment]:
        """The deployments that stay as they are."""
        return frozenset(each.deployment for each in self.conflicts)


class Rules(NamedTuple):
    """What an import goes by besides the two sides."""

    expectations: ExpectationIndex
    lacking: str
    """Why a variable of the tree is kept: its source has none."""
    bases: Bases = NO_BASES
    choices: Choices = NO_CHOICES


class _Verdict(NamedTuple):
    outcome: Literal["same", "take", "keep", "conflict"]
    reason: str = ""


_UNDECIDED = "not imported until each conflict of the app is decided"
_SAME, _TAKE = _Verdict("same"), _Verdict("take")


def decide(
    apps: Iterable[ImportedApp], compilation: Compilation, known: Collection[Deployment], rules: Rules
) -> Decision:
    """Return what to do for each app; a deployment that is not `known` is new, and gets exactly what its app has."""
    changes: dict[Deployment, Values] = {}
    kept: list[KeptVariable] = []
    conflicts: list[Conflict] = []
    own = by_deployment(compilation.own)
    for each in apps:
        node = compilation.nodes[str(each.deployment)]
        given = given_by(node)
        names = sorted(given.keys() | each.values.keys() | node.provenance.keys())
        verdicts = {}
        for name in names:
            is_new = each.deployment not in known
            verdicts[name] = _new(each, name, given) if is_new else _verdict(each, name, node, given, rules)
        found = [name for name, verdict in verdicts.items() if verdict.outcome == "conflict"]
        conflicts += [_conflict(each, name, node, rules) for name in found]
        reasons = {name: verdict.reason for name, verdict in verdicts.items() if verdict.outcome == "keep"}
        if found:  # the app stays as it is, so that what was imported last does
            taken = [name for name, verdict in verdicts.items() if verdict.outcome == "take"]
            reasons |= dict.fromkeys((*found, *taken), _UNDECIDED)
        else:
            changes[each.deployment] = {
                name: each.values.get(name) for name, verdict in verdicts.items() if verdict.outcome == "take"
            }
        kept += _kept(own[each.deployment], reasons)
    return Decision(changes, tuple(kept), tuple(conflicts))


def given_by(node: Node) -> dict[str, str]:
    """Return what a chain sets; a name that can't be computed, or is not opened, gets a NUL, which equals no value."""
    given = {name: text for name, text in node.values.items() if text is not None}
    return {**given, **dict.fromkeys(node.failed, "\0")}


def as_diagnostic(conflict: Conflict) -> Diagnostic:
    """Return a conflict as a person reads it: which variable, on which sides, and how to decide."""
    name = one_line(conflict.name)
    since = "since the last import" if conflict.is_base_known else "and what was imported last can't be read any more"
    notes = (f"set in {conflict.place}" if conflict.place else "the tree has none",)
    if conflict.is_closed:
        message = f"`{name}` of {conflict.deployment} is sealed in the tree, and no key is here"
        message += f", while Heroku ({conflict.app}) "
        message += (
            "changed or removed it since the last import" if conflict.is_base_known else f"may have another, {since}"
        )
        advice = f"import with its key, or decide: `--ours {name}` keeps what the tree has"
        return Diagnostic("import-conflict", message, notes=notes, help=advice)
    message = f"`{name}` of {conflict.deployment} is one thing on Heroku ({conflict.app}) and another in the tree"
    message += f": both changed {since}" if conflict.is_base_known else f", {since}"
    advice = f"decide: `--ours {name}` keeps what the tree has, `--theirs {name}` takes what Heroku has"
    return Diagnostic("import-conflict", message, notes=notes, help=advice)


def _new(imported: ImportedApp, name: str, given: Mapping[str, str]) -> _Verdict:
    return _SAME if given.get(name) == imported.values.get(name) else _TAKE


def _verdict(imported: ImportedApp, name: str, node: Node, given: Mapping[str, str], rules: Rules) -> _Verdict:
    """Return what to do with one variable of a deployment that the tree has."""
    heroku, ours = imported.values.get(name), given.get(name)
    entry = node.provenance[name][-1] if name in node.provenance else None
    owner = owner_of(imported.app, name)
    covering = rules.expectations.covering(imported.deployment, name, owner)
    if covering is not None:
        return _Verdict("keep", f"expected to differ: {covering.reason}")
    base = rules.bases.values.get(imported.app.name)
    if entry is not None and entry.is_closed:
        is_changed = imported.app.name in rules.bases.lost or (base is not None and base.get(name) != heroku)
        return _unopened(name, entry, rules.choices) if is_changed else _Verdict("keep", f"sealed in {entry.file}")
    if heroku == ours:
        return _SAME
    if heroku is None and _is_uncarried(imported, name):
        return _Verdict("keep", "no envdir can carry what Heroku has") if ours is not None else _SAME
    if imported.app.name in rules.bases.lost:
        return _chosen(name, entry, rules.choices)
    if base is None:
        return _Verdict("keep", f"{rules.lacking}, set in {_place(entry)}") if heroku is None else _TAKE
    if heroku == base.get(name):
        return _Verdict("keep", _changed_by_us(entry, ours))
    return _TAKE if ours == base.get(name) else _chosen(name, entry, rules.choices)


def _is_uncarried(imported: ImportedApp, name: str) -> bool:
    text = (imported.app.values or {}).get(name)
    return text is not None and bool(name_fault(name) or value_fault(name, text))


def _chosen(name: str, entry: Entry | None, choices: Choices) -> _Verdict:
    if name in choices.theirs:
        return _TAKE
    if name in choices.ours:
        return _Verdict("keep", f"changed on both sides, and decided for ours, {_place(entry) or 'which has none'}")
    return _Verdict("conflict")


def _unopened(name: str, entry: Entry, choices: Choices) -> _Verdict:
    """Return what to do with a value that Heroku changed or removed, where ours is not known, nor can be replaced."""
    if name in choices.ours:
        return _Verdict("keep", f"sealed in {entry.file}, and decided for ours")
    return _Verdict("conflict")


def _changed_by_us(entry: Entry | None, ours: str | None) -> str:
    if ours is None:
        return f"removed by us in {_place(entry)}" if entry else "removed by us"
    return f"changed by us in {_place(entry)}"


def _place(entry: Entry | None) -> str:
    return f"{entry.file}:{entry.line}" if entry else ""


def _conflict(imported: ImportedApp, name: str, node: Node, rules: Rules) -> Conflict:
    entry = node.provenance[name][-1] if name in node.provenance else None
    is_known = imported.app.name not in rules.bases.lost
    is_closed = entry is not None and entry.is_closed
    return Conflict(imported.deployment, imported.app.name, name, _place(entry), is_known, is_closed)


def _kept(own: Mapping[Target, Node], reasons: Mapping[str, str]) -> Iterator[KeptVariable]:
    """Yield what the processes of a deployment keep: what all of them do, and what a layer of one process sets."""
    for target, node in own.items():
        yield from (KeptVariable(target, name, reason) for name, reason in reasons.items())
        for name, entries in node.provenance.items():
            entry = entries[-1]
            if name not in reasons and layer_id_of(entry.file).count("/") == PROCESS_DEPTH:
                yield KeptVariable(target, name, f"set for the process in {entry.file}:{entry.line}")
