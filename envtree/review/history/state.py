"""What one process is at one commit: what it gets, and what of that is wrong; else, what was known last."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.layers.layout import SEALED_SUFFIX, SUFFIX, layer_ids
from envtree.core.model.diagnostic import Diagnostic, errors
from envtree.core.model.source import CONFIGS, SETTINGS
from envtree.core.model.tree import Span
from envtree.core.yaml.lines import extents
from envtree.review.diff.views import views_of, with_encrypted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from envtree.core.compile import Compilation
    from envtree.core.layers.resolve import Node
    from envtree.core.model.source import Source
    from envtree.core.model.tree import Project, Target
    from envtree.review.diff.comparison import ProcessView

WHOLE = ("environment-too-large", "inconsistent-values", "port-clash", "validator-failed")
"""What is wrong with several variables, though it is reported at one of them."""
_QUOTED = re.compile(r"`([^`]+)`")


class TargetState(NamedTuple):
    """What a target gets at a commit, and the first error of each variable; None for what can't be told.

    The view has a sealed value as it is encrypted, so that a new one is seen to be another.
    """

    view: ProcessView | None
    invalid: Mapping[str, Diagnostic] | None
    broken: Diagnostic | None = None
    """What is wrong with the target as a whole, or keeps it from being understood."""
    trusted: bool = True
    """It is known of every class of the tree what it declares `Secret`."""

    @property
    def is_known(self) -> bool:
        """Whether nothing has to be looked up in older commits."""
        return self.view is not None and self.invalid is not None and not self.unclear

    @property
    def unclear(self) -> frozenset[str]:
        """The wrong names whose value can't be told; what is made of a sealed value isn't wrong, and never can be."""
        unknown = self.view.unknown if self.view else frozenset()
        return unknown if self.invalid is None else unknown & self.invalid.keys()

    def after(self, older: TargetState | None) -> TargetState:
        """The same, with what can't be told as it was before."""
        if older is None or older.view is None:
            return self
        view, trusted = self.view or older.view, self.trusted if self.view else older.trusted
        filled = {name: older.view.values[name] for name in self.unclear & older.view.values.keys()}
        if filled:
            view = view._replace(values={**view.values, **filled}, unknown=view.unknown - filled.keys())
            trusted = trusted and older.trusted
        return self._replace(
            view=view, invalid=older.invalid if self.invalid is None else self.invalid, trusted=trusted
        )


def service_file(target: Target) -> str:
    """The file that says which processes a target's service has."""
    return f"{CONFIGS}{target.service}/service.yaml"


def layer_files(target: Target) -> tuple[str, ...]:
    """The files that a target's layers would be, sealed ones among them."""
    return tuple(f"{CONFIGS}{layer_id}{suffix}" for layer_id in layer_ids(target) for suffix in (SUFFIX, SEALED_SUFFIX))


def own_settings_faults(
    project: Project, target: Target, source: Source, problems: Iterable[Diagnostic]
) -> tuple[Diagnostic, ...]:
    """The errors in settings that concern a target, where the other services are not looked at."""
    own = service_file(target)
    service = next((each for each in project.services if each.name == target.service), None)
    others = {span for name, span in service.requires if name != service.name} if service else set()
    faults = [each for each in errors(problems) if each.span and each.span.file in (SETTINGS, own)]
    if own in source.refused:
        code, message = source.refused[own]
        faults.append(Diagnostic(code, message, Span(own, 1, 1, 0)))
    return tuple(each for each in faults if each.span not in others)


def standing_of(
    source: Source, compilation: Compilation, target: Target, before: Iterable[Diagnostic], found: Iterable[Diagnostic]
) -> TargetState:
    """The standing of a target that was compiled: with what is wrong with settings and schemas, and with itself."""
    node = compilation.own[target]
    names = node.provenance.keys() | compilation.governed[target].known
    layers = layer_files(target)
    whole, invalid = [*errors(before)], dict[str, Diagnostic]()
    unread, contents = False, list[Diagnostic]()
    for problem in errors(found):
        file = problem.span.file if problem.span else ""
        if name := _subject(problem, names, source, layers):
            invalid.setdefault(name, problem)
        elif file in layers or any(path.startswith(f"{file}/") for path in layers if file):
            unread = True
            whole.append(problem)
        elif file in compilation.named:
            contents.append(problem)
        elif problem.targets or not file.startswith(CONFIGS):
            whole.append(problem)
    wrong = [name for name in _wrong(node) if name not in invalid]
    for problem in contents:
        invalid = {**dict.fromkeys(wrong, problem), **invalid}
        whole += [] if wrong else [problem]
    view = None if unread else with_encrypted(views_of(compilation), source)[target]
    return TargetState(view, None if unread or whole else invalid, whole[0] if whole else None)


def _subject(problem: Diagnostic, names: Iterable[str], source: Source, layers: tuple[str, ...]) -> str:
    """The variable that a problem is about: the one it begins with, or whose lines it stands in; else nothing."""
    quoted = _QUOTED.match(problem.message)
    if quoted and quoted[1] in names:
        return quoted[1]
    span = problem.span
    if span is None or problem.code in WHOLE or span.file not in layers or span.file not in source.files:
        return ""
    here = (span.line, span.column)
    before = {start: each for start, each in extents(span.file, source.files[span.file]).items() if start <= here}
    nearest = before[max(before)] if before else None
    return nearest.name if nearest and span.line <= nearest.last and nearest.name in names else ""


def _wrong(node: Node) -> list[str]:
    """The variables whose winning line is reported as wrong."""
    return [name for name, line in node.provenance.items() if line[-1].opaque and not line[-1].sealed]
