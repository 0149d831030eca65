"""What the tree gives the processes of each deployment, as far as it can be understood, to be compared with an app."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.commands.tree import Tree, compile_anyway
from envtree.core.model.diagnostic import errors, some
from envtree.core.secrets.judgement import judge
from envtree.core.secrets.quiet import quieted_secrets
from envtree.core.secrets.values import REFERENCE, is_empty_or_placeholder
from envtree.core.settings.heroku import Deployment
from envtree.core.validity import invalid_targets
from envtree.migration.apps.fleet import by_deployment
from envtree.migration.comparing.compare import ProcessValues
from envtree.migration.importing.proof import delivered
from envtree.migration.importing.service_file import UNKNOWN_COMMAND

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from envtree.core.compile import Compilation
    from envtree.core.layers.resolve import Node
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.source import Source
    from envtree.core.model.tree import Entry, Target

_OF_SEVERAL = frozenset(("environment-too-large",))
"""Errors that name variables and are about the whole process."""


class TreeValues(NamedTuple):
    """The processes of each deployment, by name."""

    values: Mapping[Deployment, Mapping[str, ProcessValues]]
    faults: Mapping[Deployment, str]
    """Why the processes of a deployment aren't known."""
    unwritten: frozenset[tuple[Deployment, str]]
    """The processes of which nobody has said what they run."""
    stopped: frozenset[tuple[Deployment, str]]
    """The processes of which no machine starts a copy."""
    problems: tuple[Diagnostic, ...]
    targets: tuple[Target, ...]

    def problems_of(self, deployments: Collection[Deployment]) -> tuple[Diagnostic, ...]:
        """Return the errors that processes of these deployments depend on."""
        return tuple(
            each
            for each in self.problems
            if any(_deployment(target) in deployments for target in invalid_targets((each,), self.targets))
        )


def read_values(tree: Tree) -> TreeValues:
    """Return what each process of a tree gets, and what is wrong; an error about a variable hides that one alone."""
    compilation, problems = compile_anyway(tree)
    targets, wrong = tuple(compilation.own), errors(problems)
    invalid = invalid_targets((each for each in wrong if not _is_about_variables(each)), targets)
    codes: dict[Target, dict[str, str]] = {}
    for each in wrong:
        for target in invalid_targets((each,), targets) if _is_about_variables(each) else ():
            names = _wrong_names(each, compilation.own[target])
            codes.setdefault(target, {}).update(dict.fromkeys(names, each.code))
    clear = _ClearSecrets(tree.source, compilation)
    values: dict[Deployment, dict[str, ProcessValues]] = {}
    faults: dict[Deployment, str] = {}
    for deployment, nodes in by_deployment(compilation.own).items():
        if hidden := sorted(target for target in nodes if target in invalid):
            faults[deployment] = f"the tree is not valid for {some(hidden)}"
        else:
            values[deployment] = {
                target.process: _process_values(node, codes.get(target, {}), clear.of(target, node))
                for target, node in nodes.items()
            }
    return TreeValues(values, faults, _unwritten(compilation), _stopped(compilation), wrong, targets)


def _is_about_variables(problem: Diagnostic) -> bool:
    """Return whether an error is about some variables, and not about the whole process."""
    return problem.code not in _OF_SEVERAL and bool(problem.variable or problem.involved)


def _wrong_names(problem: Diagnostic, node: Node) -> frozenset[str]:
    """Return the variables that an error is about, with those that can't be computed because of it."""
    if not problem.variable:
        return frozenset(problem.involved)
    return frozenset((problem.variable, *(each for each in problem.involved if each in node.failed)))


def _process_values(node: Node, invalid: Mapping[str, str], in_clear: Mapping[str, str]) -> ProcessValues:
    entries = {name: found[-1] for name, found in node.provenance.items()}
    sealed = {name for name, entry in entries.items() if entry.is_closed}
    return ProcessValues(delivered(node), entries, frozenset(sealed | node.failed.keys()), invalid, in_clear)


def _unwritten(compilation: Compilation) -> frozenset[tuple[Deployment, str]]:
    return frozenset(
        (Deployment(environment, service.name), process.name)
        for service in compilation.project.services
        for environment in service.environments
        for process in service.processes
        if process.command == UNKNOWN_COMMAND
    )


def _stopped(compilation: Compilation) -> frozenset[tuple[Deployment, str]]:
    return frozenset(
        (Deployment(environment, service.name), process.name)
        for service in compilation.project.services
        for process in service.processes
        for environment, number in process.counts
        if number == 0
    )


def _deployment(target: Target) -> Deployment:
    return Deployment(target.environment, target.service)


class _ClearSecrets:
    """The secrets of a tree that no seal hides and no comment explains; each entry is judged once."""

    def __init__(self, source: Source, compilation: Compilation) -> None:
        self._source = source
        self._compilation = compilation
        self._quiet: dict[str, frozenset[int]] = {}
        self._reasons: dict[tuple[Entry, bool], str] = {}

    def of(self, target: Target, node: Node) -> dict[str, str]:
        """Return the secrets in clear that a process gets, each with the reason why it is thought to be one."""
        declared = self._compilation.governed[target].secret
        entries = ((name, found[-1]) for name, found in node.provenance.items())
        reasons = ((name, self._reason(entry, is_declared=name in declared)) for name, entry in entries)
        return {name: reason for name, reason in reasons if reason}

    def _reason(self, entry: Entry, *, is_declared: bool) -> str:
        if entry.sealed or entry.opaque or not entry.text:
            return ""
        key = (entry, is_declared)
        if key not in self._reasons:
            self._reasons[key] = "" if self._is_quiet(entry) else _reason(entry, is_declared=is_declared)
        return self._reasons[key]

    def _is_quiet(self, entry: Entry) -> bool:
        if entry.file not in self._quiet:
            text = self._source.files.get(entry.file, b"").decode(errors="replace")
            self._quiet[entry.file] = quieted_secrets(text)
        return not self._quiet[entry.file].isdisjoint((entry.line, entry.name_line))


def _reason(entry: Entry, *, is_declared: bool) -> str:
    text = _written(entry.text or "", entry.parts)
    judgement = judge(entry.name, text)
    if judgement.is_alarm:
        return judgement.reason
    return "is declared `Secret`" if is_declared and not is_empty_or_placeholder(text) else ""


def _written(text: str, parts: Iterable[object] | None) -> str:
    """Return a text as it is written, each reference replaced by one character."""
    return text if parts is None else "".join(part if isinstance(part, str) else REFERENCE for part in parts)
