"""A comparison with Heroku in one sentence, to be read aloud in a meeting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import errors
from envtree.core.render.diagnostics import counted
from envtree.migration.comparing.comparison import SECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from envtree.migration.comparing.comparison import HerokuComparison, Section

_VERBS: dict[Section, tuple[str, str]] = {
    "missing": ("is missing", "are missing"),
    "extra": ("is set here only", "are set here only"),
    "different": ("differs", "differ"),
    "uncarried": ("can't be carried", "can't be carried"),
    "unknown": ("is sealed", "are sealed"),
    "invalid": ("is wrong in the tree", "are wrong in the tree"),
    "owned": ("of add-ons differs", "of add-ons differ"),
}


def summary(comparison: HerokuComparison) -> str:
    """Return how many apps are the same, how many variables are not, and what could not be compared."""
    error_count = len(errors(comparison.problems))
    return _result(comparison) + incomplete(error_count)


def incomplete(error_count: int) -> str:
    """Return what a sentence about all apps ends with where errors keep some out of them."""
    return f"; {counted(error_count, 'error leaves', 'errors leave')} this incomplete" if error_count else ""


def _result(comparison: HerokuComparison) -> str:
    """Return the same for the apps that have a deployment."""
    if not comparison.apps:
        return "there is no app to compare"
    faults = sum(bool(each.fault) for each in comparison.apps)
    if len(comparison.apps) == faults == 1:
        return "the app could not be compared"
    differences = ", ".join(_by_section(comparison))
    return _same(comparison) + (f": {differences}" if differences else "") + _expected(comparison) + _faults(faults)


def _same(comparison: HerokuComparison) -> str:
    total = len(comparison.apps)
    open_deployments = {each.deployment for each in comparison.differences if each.section != "expected"}
    same = sum(not each.fault and each.deployment not in open_deployments for each in comparison.apps)
    if total == 1:
        return "the app is the same" if same else "the app is not the same"
    if same == total:
        return f"{'both' if total == 2 else f'all {total:,}'} apps are the same"
    some = f"{same:,}" if same else "neither" if total == 2 else "none"
    return f"{some} of {counted(total, 'app')} {'is' if same < 2 else 'are'} the same"


def _by_section(comparison: HerokuComparison) -> Iterator[str]:
    is_first = True
    for section in sorted(_VERBS, key=("different", *SECTIONS).index):
        found = [each for each in comparison.differences if each.section == section]
        names, deployments = len({each.name for each in found}), len({each.deployment for each in found})
        if found:
            number = counted(names, "variable") if is_first else f"{names:,}"
            yield f"{number} {_VERBS[section][names > 1]} in {counted(deployments, 'app')}"
            is_first = False


def _expected(comparison: HerokuComparison) -> str:
    found = {each.name for each in comparison.differences if each.section == "expected"}
    return f"; {counted(len(found), 'variable differs', 'variables differ')} as expected" if found else ""


def _faults(number: int) -> str:
    return f"; {counted(number, 'app')} could not be compared" if number else ""
