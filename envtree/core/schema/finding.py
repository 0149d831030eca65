"""What a schema has against a variable, and how it is said: a finding, with its targets, becomes one diagnostic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from envtree.core.layers.layout import SUFFIX, layer_ids
from envtree.core.model.diagnostic import Diagnostic, did_you_mean, some
from envtree.core.model.source import CONFIGS, SCHEMAS
from envtree.core.model.tree import COMMON
from envtree.core.render.mask import HIDDEN, has_password, mask_passwords, one_line
from envtree.core.runit.envdir import is_plain_name
from envtree.core.schema.governance import hidden_names
from envtree.core.schema.messages import UNTOLD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from envtree.core.layers.resolve import Node
    from envtree.core.model.tree import Entry, Target
    from envtree.core.schema.governance import Governance
    from envtree.core.schema.messages import ValueFault
    from envtree.core.schema.rules import Schema

MAX_SHOWN = 60
_CRASH_HELP = "a validator says no with ValueError or AssertionError; mend it, or the value"


class Finding(NamedTuple):
    """Something wrong with a variable of some targets: the same finding for many targets is said once."""

    kind: Literal["unknown", "missing", "invalid", "inconsistent", "undeclared-secret"]
    name: str
    entry: Entry | None = None
    """The entry that won; None where none did."""
    schema: Schema | None = None
    fault: ValueFault | None = None


@dataclass(frozen=True, slots=True)
class Declarations:
    """What it takes to describe a finding for a set of targets: the first of them stands for all."""

    targets: tuple[Target, ...]
    node: Node
    governance: Governance
    hidden: frozenset[str]

    def hides(self, name: str) -> bool:
        """Whether a variable's value must not be shown."""
        return name in self.hidden

    def shown(self, entry: Entry) -> str:
        """What an entry sets, in few words, fit to be shown."""
        if entry.text is None:
            return "`!unset`"
        if self.hides(entry.name) or entry.opaque:
            return HIDDEN
        return shown(entry.text)

    def fit(self, fault: ValueFault, names: Iterable[str]) -> ValueFault:
        """A fault without its author's words, where one of these variables is hidden and could be in them."""
        if not fault.told:
            return fault
        hidden = any(self.hides(name) or has_password(self.node.values.get(name) or "") for name in names)
        return UNTOLD if hidden else fault

    def declared(self, name: str) -> Schema | None:
        """A class that declares a variable, one that says `Secret` before others."""
        declaring = [schema for schema in self.governance.schemas if name in schema.rules]
        return max(declaring, key=lambda schema: schema.rules[name].secret, default=None)


def shown(text: str) -> str:
    """A value that is no secret, as it is quoted in a sentence."""
    line = one_line(mask_passwords(text))
    return f"`{line}`" if len(line) <= MAX_SHOWN else f"`{line[:MAX_SHOWN]}...` ({len(text)} characters)"


def describe(
    finding: Finding, targets: tuple[Target, ...], own: Mapping[Target, Node], governed: Mapping[Target, Governance]
) -> Diagnostic:
    """The diagnostic of a finding."""
    node, governance = own[targets[0]], governed[targets[0]]
    view = Declarations(targets, node, governance, hidden_names(node, governance))
    if finding.kind == "missing" and finding.schema:
        return _missing(finding.name, finding.schema, view)
    if finding.kind == "inconsistent" and finding.schema and finding.fault:
        return _inconsistent(finding.schema, view.fit(finding.fault, finding.schema.rules), finding.entry, view)
    if finding.entry and finding.fault:
        name = finding.entry.name
        near = {each for schema in view.governance.schemas if name in schema.rules for each in schema.rules}
        return _invalid(finding.entry, view.fit(finding.fault, near), view)
    if finding.entry and finding.kind == "undeclared-secret":
        return _undeclared(finding.entry, view)
    if finding.entry:
        return _unknown(finding.entry, view)
    raise AssertionError(finding.kind)


def _unknown(entry: Entry, view: Declarations) -> Diagnostic:
    if not view.governance.schemas:
        return Diagnostic(
            "invalid-name",
            f"`{entry.name}` is no usual name of a variable: letters, digits and `_`",
            entry.name_span,
            help=f'declare it by alias in a schema: `x: str = Field(alias="{entry.name}")`',
            targets=view.targets,
        )
    services = sorted({target.service for target in view.targets})
    module = COMMON if len(services) > 1 else services[0].replace("-", "_")
    if is_plain_name(entry.name):
        advice = f"declare it in {SCHEMAS}{module}.py, or remove the line"
    else:
        advice = f'declare it by alias in {SCHEMAS}{module}.py: `x: str = Field(alias="{entry.name}")`'
    owners = some((f"`{name}`" for name in services), 2)
    return Diagnostic(
        "unknown-variable",
        f"no schema of {owners} has `{entry.name}`{did_you_mean(entry.name, view.governance.known)}",
        entry.name_span,
        label="declared nowhere",
        notes=_overridden(entry, view),
        help=advice,
        targets=view.targets,
    )


def _missing(name: str, schema: Schema, view: Declarations) -> Diagnostic:
    lines = view.node.provenance.get(name, ())
    removed = tuple(f"removed by `!unset` at {each.span}" for each in lines[-1:])
    advice = "give it a value there" if removed else f"set `{name}` in {covering_file(view.targets, schema.process)}"
    whose = f", for {view.targets[0]}," if len(view.targets) > 1 else ""
    looked = tuple(f"{CONFIGS}{layer_id}{SUFFIX}" for layer_id in layer_ids(view.targets[0]))
    return Diagnostic(
        "missing-variable",
        f"`{name}` has no value",
        schema.location(name),
        label="required here",
        notes=removed or (f"looked{whose} in {some(looked, 6)}",),
        help=f"{advice}, or give the field a default",
        targets=view.targets,
        shown=True,
    )


def _invalid(entry: Entry, fault: ValueFault, view: Declarations) -> Diagnostic:
    schema = view.declared(entry.name)
    declared = (f"declared in {_where(schema, entry.name)}",) if schema else ()
    message = f"`{entry.name}` {fault.message}"
    code: Literal["validator-failed", "invalid-value"] = "validator-failed" if fault.crashed else "invalid-value"
    if view.hides(entry.name):
        secret = schema is not None and schema.rules[entry.name].secret
        label = f"declared `Secret` in {_where(schema, entry.name)}" if schema and secret else "made of a secret"
        notes = (*((fault.expected,) if fault.expected else ()), *_overridden(entry, view))
        advice = _CRASH_HELP if fault.crashed else ""
        return Diagnostic(code, message, entry.name_span, label, notes, advice, view.targets)
    made = view.node.values.get(entry.name)
    expansion = (f"expands to {shown(made)}",) if entry.parts is not None and made is not None else ()
    return Diagnostic(
        code,
        message,
        entry.span,
        fault.expected,
        (*expansion, *_overridden(entry, view), *declared),
        help=_CRASH_HELP if fault.crashed else f"for example `{entry.name}: {fault.example}`" if fault.example else "",
        targets=view.targets,
        shown=True,
    )


def _inconsistent(schema: Schema, fault: ValueFault, entry: Entry | None, view: Declarations) -> Diagnostic:
    names = sorted(name for name in schema.involved() if name in view.node.provenance)
    winners = [view.node.provenance[name][-1] for name in names]
    crashed: Literal["validator-failed", "inconsistent-values"] = (
        "validator-failed" if fault.crashed else "inconsistent-values"
    )
    words = fault.message.removeprefix("is refused: ").replace("is refused by its", "refused by a")
    return Diagnostic(
        crashed,
        f"the values of `{schema.model.__name__}` don't fit together: {words}"
        if not fault.crashed
        else f"`{schema.model.__name__}` {words}",
        (entry.name_span if view.hides(entry.name) else entry.span) if entry else schema.class_place(),
        notes=(
            *(f"`{each.name}` is {view.shown(each)} ({each.span})" for each in winners),
            f"checked by {_place(schema)}",
        ),
        help=_CRASH_HELP if fault.crashed else "change one of them",
        targets=view.targets,
        shown=entry is None or not view.hides(entry.name),
    )


def _undeclared(entry: Entry, view: Declarations) -> Diagnostic:
    holds = sorted(name for name in entry.references if name in view.governance.secret)
    schema = view.declared(entry.name)
    return Diagnostic(
        "undeclared-secret",
        f"`{entry.name}` is made of a secret, and isn't declared `Secret`",
        entry.name_span,
        label=f"refers to {some(f'`{name}`' for name in holds)}" if holds else "refers to a secret through others",
        help=f"declare it `Secret[...]` in {_where(schema, entry.name)}" if schema else "declare it `Secret`",
        targets=view.targets,
        severity="warning",
    )


def covering_file(targets: tuple[Target, ...], process: str | None = None) -> str:
    """The narrowest layer file that all these targets see; a process's own only where its schema is narrowed to it."""
    environments = {target.environment for target in targets}
    services = {target.service for target in targets}
    processes = {target.process for target in targets}
    folders = () if len(services) > 1 else tuple(services) if len(processes) > 1 else (*services, *processes)
    name = COMMON if len(environments) > 1 else next(iter(environments))
    if len(targets) == 1 and process is None:
        folders = tuple(services)
    return f"{CONFIGS}{'/'.join((*folders, name))}{SUFFIX}"


def _overridden(entry: Entry, view: Declarations) -> tuple[str, ...]:
    """What the winning entry stands in front of."""
    lines = view.node.provenance.get(entry.name, ())
    wider = lines[: lines.index(entry)] if entry in lines else ()
    return tuple(f"overrides {view.shown(each)} ({each.span})" for each in reversed(wider))


def _where(schema: Schema, name: str) -> str:
    span = schema.location(name)
    return f"{span.file}:{span.line}"


def _place(schema: Schema) -> str:
    span = schema.class_place()
    return f"{span.file}:{span.line}"
