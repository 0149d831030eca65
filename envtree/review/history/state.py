"""The state of one process at one commit: what it gets and what is invalid, or else what was known last."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.core.layers.layout import SEALED_SUFFIX, SUFFIX, layer_ids
from envtree.core.model.diagnostic import Diagnostic, errors
from envtree.core.model.source import CONFIGS, SETTINGS
from envtree.core.model.tree import Span
from envtree.core.yaml.lines import LineIndex
from envtree.review.diff.views import views_of, with_encrypted

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from envtree.core.compile import Compilation
    from envtree.core.layers.resolve import Node
    from envtree.core.model.source import Source
    from envtree.core.model.tree import Project, Target
    from envtree.review.diff.comparison import ProcessView

OF_SEVERAL_VARIABLES = ("environment-too-large", "inconsistent-values", "port-clash", "validator-failed")
"""Errors of several variables together, although they are reported at one of them."""
OF_SCHEMAS = (*OF_SEVERAL_VARIABLES[1:], "broken-promise", "invalid-value", "missing-variable", "unknown-variable")
"""Errors that only schemas find."""


class TargetState(NamedTuple):
    """What a target gets at a commit, and the first error of each variable; None for what is unknown.

    The view holds a sealed value in its encrypted form, so that a changed one differs.
    """

    view: ProcessView | None
    invalid: Mapping[str, Diagnostic] | None
    broken: Diagnostic | None = None
    """The error of the target as a whole, or the reason why it can't be understood."""
    secrets_known: bool = True
    """Whether it is known for every class of the tree what the class declares `Secret`."""
    is_judged: bool = True
    """Whether its schemas were run; if not, what they found last is taken from older commits."""

    @property
    def is_known(self) -> bool:
        """Whether nothing has to be taken from older commits."""
        return self.view is not None and self.invalid is not None and not self.unclear and self.is_judged

    @property
    def unclear(self) -> frozenset[str]:
        """The invalid names with an unknown value; what is made of a sealed value is valid, and always unknown."""
        unknown = self.view.unknown if self.view else frozenset()
        return unknown if self.invalid is None else unknown & self.invalid.keys()

    def after(self, older: TargetState | None) -> TargetState:
        """Return the state, with what is unknown taken from an older one."""
        if older is None or older.view is None:
            return self
        view, secrets_known = self.view or older.view, self.secrets_known if self.view else older.secrets_known
        filled = {name: older.view.values[name] for name in self.unclear & older.view.values.keys()}
        if filled:
            view = view._replace(values={**view.values, **filled}, unknown=view.unknown - filled.keys())
            secrets_known = secrets_known and older.secrets_known
        return self._replace(view=view, invalid=self._invalid_after(older), secrets_known=secrets_known)

    def _invalid_after(self, older: TargetState) -> Mapping[str, Diagnostic] | None:
        """Return what is invalid, with what an older state knows of it."""
        if self.invalid is None:
            return older.invalid
        if self.is_judged or not older.invalid:
            return self.invalid
        known = {name: fault for name, fault in older.invalid.items() if fault.code in OF_SCHEMAS}
        return {**known, **self.invalid}


def service_file(target: Target) -> str:
    """Return the file that lists the processes of a target's service."""
    return f"{CONFIGS}{target.service}/service.yaml"


def layer_files(target: Target) -> tuple[str, ...]:
    """Return the files that a target's layers may have, with the sealed ones."""
    return tuple(f"{CONFIGS}{layer_id}{suffix}" for layer_id in layer_ids(target) for suffix in (SUFFIX, SEALED_SUFFIX))


def own_settings_faults(
    project: Project, target: Target, source: Source, problems: Iterable[Diagnostic]
) -> tuple[Diagnostic, ...]:
    """Return the errors in settings that are about a target, when the other services have not been read."""
    own = service_file(target)
    service = next((each for each in project.services if each.name == target.service), None)
    others = {span for name, span in service.requires if name != service.name} if service else set()
    faults = [each for each in errors(problems) if each.span and each.span.file in (SETTINGS, own)]
    if own in source.refused:
        code, message = source.refused[own]
        faults.append(Diagnostic(code, message, Span(own, 1, 1, 0)))
    return tuple(each for each in faults if each.span not in others)


def state_of(
    source: Source, compilation: Compilation, target: Target, before: Iterable[Diagnostic], found: Iterable[Diagnostic]
) -> TargetState:
    """Return the state of a compiled target; `before` are problems of settings and schemas, `found` its own."""
    node = compilation.own[target]
    names = node.provenance.keys() | compilation.governed[target].known
    lines = LineIndex(source)
    layers = layer_files(target)
    existing = tuple(file for file in layers if file in source.files)
    target_problems, invalid = [*errors(before)], dict[str, Diagnostic]()
    unread, contents = False, list[Diagnostic]()
    for problem in errors(found):
        file = problem.span.file if problem.span else ""
        if name := _subject(problem, names, lines, existing):
            invalid.setdefault(name, problem)
        elif file in layers or any(path.startswith(f"{file}/") for path in layers if file):
            unread = True
            target_problems.append(problem)
        elif file in compilation.named:
            contents.append(problem)
        elif problem.targets or not file.startswith(CONFIGS):
            target_problems.append(problem)
    wrong = [name for name in _wrong(node) if name not in invalid]
    if contents and wrong:
        invalid = {**dict.fromkeys(wrong, contents[0]), **invalid}
    target_problems += [] if wrong else contents
    view = None if unread else with_encrypted(views_of(compilation), source)[target]
    return TargetState(
        view, None if unread or target_problems else invalid, target_problems[0] if target_problems else None
    )


def _subject(problem: Diagnostic, names: Container[str], lines: LineIndex, files: tuple[str, ...]) -> str:
    """Return the variable that is wrong, or in whose lines a problem is; empty if there is none."""
    if problem.variable in names:
        return problem.variable
    span = problem.span
    if span is None or problem.code in OF_SEVERAL_VARIABLES or span.file not in files:
        return ""
    nearest = lines.before(span)
    return nearest.name if nearest and span.line <= nearest.last and nearest.name in names else ""


def _wrong(node: Node) -> list[str]:
    """Return the variables whose winning line is an error."""
    return [name for name, line in node.provenance.items() if line[-1].opaque and not line[-1].sealed]
