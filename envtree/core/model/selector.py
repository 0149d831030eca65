"""Selectors: globs for the names of a target, or for the first of these names (`production`, `*/accounts`)."""

from __future__ import annotations

import fnmatch
from posixpath import commonprefix
from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, some
from envtree.core.model.tree import Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def selects(selector: str, named: Target | Sequence[str]) -> bool:
    """Return whether each part of a selector matches the name at its position; an empty selector matches nothing."""
    names, parts = _names(named), selector.rstrip("/").split("/")
    return len(parts) <= len(names) and all(map(fnmatch.fnmatchcase, names, parts))


def choose(selectors: Iterable[str], targets: Sequence[Target], where: str = "") -> tuple[Target, ...]:
    """Return the targets that selectors match, sorted; raises EnvtreeError if one matches none.

    `where` ends the sentence that says so, such as ` of this tree`.
    """
    chosen: set[Target] = set()
    for selector in selectors:
        found = {each for each in targets if selects(selector, each)}
        if not found:
            message = f"`{selector}` names no process{where}{did_you_mean_selector(selector, targets)}"
            advice = "a selector is `environment/service/process`, or the first parts of it; `*` stands for any name"
            raise EnvtreeError(Diagnostic("unknown-target", message, help=advice))
        chosen |= found
    return tuple(sorted(chosen))


def only_target(selector: str, targets: Sequence[Target], action: str) -> Target:
    """Return the one target that a selector matches; raises EnvtreeError for several.

    `action` says what is done with one target at a time, such as `shown`.
    """
    if len(targets) > 1:
        message = f"`{selector}` names {len(targets)} processes, and one is {action} at a time"
        raise EnvtreeError(Diagnostic("unknown-target", message, help=f"choose one: {some(targets, 6)}"))
    return targets[0]


def fold(targets: Iterable[Target], known: Iterable[Target]) -> tuple[str, ...]:
    """Return the fewest selectors found that match these of the known targets: `production/accounts/*`, not each."""
    left, all_targets = set(targets), {*known}
    groups: dict[str, set[Target]] = {}
    for each in sorted(all_targets):
        for selector in _groups_of(each):
            groups.setdefault(selector, set()).add(each)
    chosen = {*left}
    found = []
    for selector in sorted(groups, key=lambda each: (-len(groups[each]), each)):
        if len(groups[selector] & left) > 1 and groups[selector] <= chosen:
            found.append(selector)
            left -= groups[selector]
    return (*found, *map(str, sorted(left)))


def _groups_of(target: Target) -> tuple[str, ...]:
    """Return the selectors of more than one target that a person would write for a target and others."""
    environment, service, process = _names(target)
    return (
        "*",
        f"{environment}/*",
        f"*/{service}/*",
        f"{environment}/{service}/*",
        f"*/{service}/{process}",
    )


def meant_name(wrong: str, known: Iterable[str]) -> str | None:
    """Return the one environment, service or process that a wrong name is short for, or misses by one slip.

    A name that is merely near is never meant: to propose `review` for `preview` sends someone to another environment.
    """
    names = sorted(set(known))
    for is_meant in (_is_start, _is_one_slip, _abbreviates):
        found = [each for each in names if is_meant(wrong, each)]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def did_you_mean_name(wrong: str, known: Iterable[str]) -> str:
    """Return `; did you mean X?` for the environment, service or process that is meant; empty if none surely is."""
    meant = meant_name(wrong, known)
    return f"; did you mean `{meant}`?" if meant else ""


def did_you_mean_selector(selector: str, named: Iterable[Target | Sequence[str]]) -> str:
    """Return `; did you mean X?` for a selector that matches nothing, corrected name by name; empty if that fails."""
    left = [*map(_names, named)]
    meant: list[str] = []
    for depth, part in enumerate(selector.rstrip("/").split("/")):
        known = {each[depth] for each in left if depth < len(each)}
        name = part if fnmatch.filter(known, part) else meant_name(part, known)
        if name is None:
            return ""
        meant.append(name)
        left = [each for each in left if depth < len(each) and fnmatch.fnmatchcase(each[depth], name)]
    return f"; did you mean `{'/'.join(meant)}`?"


def _names(named: Target | Sequence[str]) -> Sequence[str]:
    return (named.environment, named.service, named.process) if isinstance(named, Target) else named


def _is_start(wrong: str, name: str) -> bool:
    return name.startswith(wrong) if len(wrong) < len(name) else len(name) > 3 and wrong.startswith(name)


def _is_one_slip(wrong: str, name: str) -> bool:
    """Return whether one letter is swapped with the next, missing, too many, or another (not the first of a few)."""
    longer, shorter = (wrong, name) if len(wrong) >= len(name) else (name, wrong)
    start = len(commonprefix((wrong, name)))
    if len(longer) > len(shorter):
        return len(shorter) > 2 and longer[start + 1 :] == shorter[start:]
    if wrong[start + 2 :] == name[start + 2 :] and wrong[start : start + 2] == name[start : start + 2][::-1]:
        return True
    return (len(name) > 4 or start > 0) and wrong[start + 1 :] == name[start + 1 :]


def _abbreviates(wrong: str, name: str) -> bool:
    """Return whether a name begins with the same letter, and has the others in the same order."""
    rest = iter(name)
    return len(wrong) > 1 and wrong[:1] == name[:1] and all(letter in rest for letter in wrong)
