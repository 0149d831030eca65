"""`envtree heroku status`: how far all apps are, and whether one service could be switched."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, errors, some
from envtree.migration.commands.comparing import HerokuDiff, compare_with_heroku, with_findings
from envtree.migration.commands.read import read_formations
from envtree.migration.comparing.gate import GateItem, remaining
from envtree.migration.comparing.progress import AppProgress, progress_of
from envtree.migration.mapping.mapping import REVIEW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from envtree.core.model.source import SchemaUse, Source
    from envtree.core.settings.heroku import Deployment
    from envtree.migration.commands.read import HerokuQuery
    from envtree.migration.mapping.assignment import AssignedApp, Assignment


class HerokuGate(NamedTuple):
    """What is left before one service could be switched; `is_complete`: whether all of it could be compared."""

    deployment: Deployment
    left: tuple[GateItem, ...]
    is_complete: bool
    problems: tuple[Diagnostic, ...]
    source: Source


def migration_progress(compared: HerokuDiff, progress: Callable[[str], None]) -> tuple[AppProgress, ...]:
    """Return the progress of all apps that are there, also of those that are not compared."""
    listing = read_formations(compared.listing, progress)
    comparison = with_findings(compared.comparison, listing, compared.tree)
    return progress_of(comparison, tuple(not_compared(compared.listing.assignment)))


def not_compared(assignment: Assignment) -> Iterator[AppProgress]:
    """Yield the apps that are there, and not compared; review apps come and go, and are none."""
    for each in assignment.clashing:
        yield AppProgress(each.deployment, each.app.name, fault="another app has the same place")
    for name, reason in assignment.unmapped:
        yield AppProgress(None, name, fault=f"it has no place in the tree: {reason}")
    for name, reason in assignment.skipped:
        if reason != REVIEW:
            yield AppProgress(None, name, skipped=reason)


def gate(
    folder: str, query: HerokuQuery, progress: Callable[[str], None], selector: str, schemas: SchemaUse = "run"
) -> HerokuGate:
    """Return what is left for one service in one environment; raises EnvtreeError where no single app is that.

    All apps are read, since one may have what an add-on of another sets; what is wrong with others isn't shown.
    """
    compared = compare_with_heroku(folder, query, progress, schemas=schemas)
    deployment = _one(compared, selector).deployment
    wrong = (
        *compared.listing.assignment.problems_of(lambda each: each == deployment),
        *compared.tree.problems_of((deployment,)),
    )
    own = compared.listing.assignment._replace(assigned=compared.listing.assignment.chosen((str(deployment),)))
    (read,) = read_formations(compared.listing._replace(assignment=own), progress).assignment.assigned
    assigned = tuple(read if each.deployment == deployment else each for each in compared.listing.assignment.assigned)
    listing = compared.listing._replace(assignment=compared.listing.assignment._replace(assigned=assigned))
    comparison = replace(with_findings(compared.comparison, listing, compared.tree), problems=wrong)
    left = remaining(comparison, deployment)
    faults = any(each.fault for each in comparison.apps if each.deployment == deployment)
    return HerokuGate(deployment, left, not faults and not errors(wrong), wrong, compared.source)


def _one(compared: HerokuDiff, selector: str) -> AssignedApp:
    """Return the one app that a selector names, or raise EnvtreeError that says why there is none."""
    assignment = compared.listing.assignment
    found = assignment.chosen((selector,))
    if len(found) == 1:
        return found[0]
    if found:
        message = f"`{selector}` names {len(found)} apps, and a gate is of one"
        advice = f"choose one: {some((each.deployment for each in found), 6)}"
        raise EnvtreeError(Diagnostic("unknown-target", message, help=advice))
    skipped = f"; skipped: {some(compared.skipped)}" if compared.skipped else ""
    wrong = assignment.problems_of(lambda each: str(each) == selector)
    advice = "`envtree import heroku --plan` shows which app is what"
    raise EnvtreeError(*wrong, Diagnostic("unmapped-app", f"no app is `{selector}`{skipped}", help=advice))
