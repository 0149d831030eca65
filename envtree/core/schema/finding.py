"""What a schema finds wrong with a variable, and the diagnostic that reports it for all affected targets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from envtree.core.layers.expand import references_of
from envtree.core.layers.layout import SUFFIX, layer_ids
from envtree.core.model.diagnostic import Diagnostic, some
from envtree.core.model.source import CONFIGS, SCHEMAS
from envtree.core.model.tree import COMMON
from envtree.core.render.mask import HIDDEN, mask_passwords, one_line
from envtree.core.runit.envdir import is_plain_name
from envtree.core.schema.words.messages import HIDDEN_REFUSAL

if TYPE_CHECKING:
    from collections.abc import Iterable

    from envtree.core.layers.resolve import Node
    from envtree.core.model.tree import Entry, Target
    from envtree.core.schema.governance import Governance, TargetGroup
    from envtree.core.schema.rules import Schema
    from envtree.core.schema.words.messages import ValueFault

MAX_SHOWN = 60
_CRASH_HELP = "a validator returns the value, or says no with ValueError or AssertionError; mend it, or the value"


class Finding(NamedTuple):
    """One fault of a variable. The same finding in several targets becomes one diagnostic."""

    kind: Literal["unknown", "missing", "invalid", "inconsistent", "undeclared-secret"]
    name: str
    entry: Entry | None = None
    """The entry that won; None where no entry did."""
    schema: Schema | None = None
    fault: ValueFault | None = None


@dataclass(frozen=True, slots=True)
class AffectedTargets:
    """The targets that a finding affects, and the group of the first one as their example."""

    targets: tuple[Target, ...]
    group: TargetGroup

    @property
    def node(self) -> Node:
        """What the first target gets."""
        return self.group.node

    @property
    def governance(self) -> Governance:
        """The classes that govern the first target."""
        return self.group.governance

    def hides(self, name: str) -> bool:
        """Return whether a variable's value must not be shown."""
        return name in self.group.hidden

    def shown(self, entry: Entry) -> str:
        """Return what an entry sets, in a few words that may be shown."""
        if entry.text is None:
            return "`!unset`"
        if self.hides(entry.name) or entry.sealed or entry.opaque:
            return HIDDEN
        return shown(entry.text)

    def redacted(self, fault: ValueFault, schemas: Iterable[Schema]) -> ValueFault:
        """Return a fault, without its validator's message where a variable of one of these classes is hidden.

        That message could contain the hidden value.
        """
        if not fault.from_author:
            return fault
        return HIDDEN_REFUSAL if any(map(self.group.holds_secret, schemas)) else fault

    def declared(self, name: str) -> Schema | None:
        """Return a class that declares a variable, preferably one that declares it `Secret`."""
        return max(self.governance.declaring.get(name, ()), key=lambda schema: schema.rules[name].secret, default=None)


def shown(text: str) -> str:
    """Return a value that is not secret, quoted for a sentence."""
    line = one_line(mask_passwords(text))
    return f"`{line}`" if len(line) <= MAX_SHOWN else f"`{line[:MAX_SHOWN]}...` ({len(text)} characters)"


def describe(finding: Finding, targets: tuple[Target, ...], group: TargetGroup) -> Diagnostic:
    """Return the diagnostic for a finding; `group` is that of the first target."""
    affected = AffectedTargets(targets, group)
    if finding.kind == "missing" and finding.schema:
        return _missing(finding.name, finding.schema, affected)
    if finding.kind == "inconsistent" and finding.schema and finding.fault:
        return _inconsistent(
            finding.schema, affected.redacted(finding.fault, (finding.schema,)), finding.entry, affected
        )
    if finding.entry and finding.fault:
        declaring = affected.governance.declaring.get(finding.entry.name, ())
        return _invalid(finding.entry, affected.redacted(finding.fault, declaring), affected)
    if finding.entry and finding.kind == "undeclared-secret":
        return _undeclared(finding.entry, affected)
    if finding.entry:
        return _unknown(finding.entry, affected)
    raise AssertionError(finding.kind)


def _unknown(entry: Entry, affected: AffectedTargets) -> Diagnostic:
    if not affected.governance.schemas:
        return Diagnostic(
            "invalid-name",
            f"`{entry.name}` is no usual name of a variable: letters, digits and `_`",
            entry.name_span,
            help=f'declare it by alias in a schema: `x: str = Field(alias="{entry.name}")`',
            targets=affected.targets,
            variable=entry.name,
        )
    services = sorted({target.service for target in affected.targets})
    module = COMMON if len(services) > 1 else services[0].replace("-", "_")
    if is_plain_name(entry.name):
        advice = f"declare it in {SCHEMAS}{module}.py, or remove the line"
    else:
        advice = f'declare it by alias in {SCHEMAS}{module}.py: `x: str = Field(alias="{entry.name}")`'
    owners = some((f"`{name}`" for name in services), 2)
    return Diagnostic(
        "unknown-variable",
        f"no schema of {owners} has `{entry.name}`{affected.governance.vocabulary.did_you_mean(entry.name)}",
        entry.name_span,
        label="declared nowhere",
        notes=_overridden(entry, affected),
        help=advice,
        targets=affected.targets,
        variable=entry.name,
    )


def _missing(name: str, schema: Schema, affected: AffectedTargets) -> Diagnostic:
    lines = affected.node.provenance.get(name, ())
    removed = tuple(f"removed by `!unset` at {each.span}" for each in lines[-1:])
    advice = (
        "give it a value there" if removed else f"set `{name}` in {covering_file(affected.targets, schema.process)}"
    )
    example = f", for {affected.targets[0]}," if len(affected.targets) > 1 else ""
    files = tuple(f"{CONFIGS}{layer_id}{SUFFIX}" for layer_id in layer_ids(affected.targets[0]))
    return Diagnostic(
        "missing-variable",
        f"`{name}` has no value",
        schema.location(name),
        label="required here",
        notes=removed or (f"looked{example} in {some(files, 6)}",),
        help=f"{advice}, or give the field a default",
        targets=affected.targets,
        shown=True,
        variable=name,
    )


def _invalid(entry: Entry, fault: ValueFault, affected: AffectedTargets) -> Diagnostic:
    schema = affected.declared(entry.name)
    declared = (f"declared in {_location(schema, entry.name)}",) if schema else ()
    message = f"`{entry.name}{fault.place}` {fault.message}"
    code: Literal["validator-failed", "invalid-value"] = "validator-failed" if fault.crashed else "invalid-value"
    if affected.hides(entry.name):
        secret = schema is not None and schema.rules[entry.name].secret
        label = f"declared `Secret` in {_location(schema, entry.name)}" if schema and secret else "made of a secret"
        notes = (*filter(None, (fault.expected,)), *fault.notes, *_overridden(entry, affected))
        advice = _CRASH_HELP if fault.crashed else ""
        return Diagnostic(code, message, entry.name_span, label, notes, advice, affected.targets, variable=entry.name)
    expanded = affected.node.values.get(entry.name)
    expansion = (f"expands to {shown(expanded)}",) if entry.parts is not None and expanded is not None else ()
    return Diagnostic(
        code,
        message,
        entry.span,
        fault.expected,
        (*expansion, *fault.notes, *_overridden(entry, affected), *declared),
        help=_CRASH_HELP if fault.crashed else f"for example `{entry.name}: {fault.example}`" if fault.example else "",
        targets=affected.targets,
        shown=True,
        variable=entry.name,
    )


def _inconsistent(schema: Schema, fault: ValueFault, entry: Entry | None, affected: AffectedTargets) -> Diagnostic:
    names = sorted(name for name in schema.involved() if name in affected.node.provenance)
    winners = [affected.node.provenance[name][-1] for name in names]
    code: Literal["validator-failed", "inconsistent-values"] = (
        "validator-failed" if fault.crashed else "inconsistent-values"
    )
    message = fault.message.removeprefix("is refused: ").replace("is refused by its", "refused by a")
    return Diagnostic(
        code,
        f"the values of `{schema.model.__name__}` don't fit together: {message}"
        if not fault.crashed
        else f"`{schema.model.__name__}` {message}",
        (entry.name_span if affected.hides(entry.name) else entry.span) if entry else schema.class_location(),
        notes=(
            *(f"`{each.name}` is {affected.shown(each)} ({each.span})" for each in winners),
            *fault.notes,
            f"checked by {_class_location(schema)}",
        ),
        help=_CRASH_HELP if fault.crashed else "change one of them",
        targets=affected.targets,
        shown=entry is None or not affected.hides(entry.name),
        involved=tuple(names),
    )


def _undeclared(entry: Entry, affected: AffectedTargets) -> Diagnostic:
    names = references_of(affected.node.expands[entry.name])
    secrets = sorted(name for name in names if name in affected.governance.secret)
    schema = affected.declared(entry.name)
    return Diagnostic(
        "undeclared-secret",
        f"`{entry.name}` is made of a secret, and isn't declared `Secret`",
        entry.name_span,
        label=f"refers to {some(f'`{name}`' for name in secrets)}" if secrets else "refers to a secret through others",
        help=f"declare it `Secret[...]` in {_location(schema, entry.name)}" if schema else "declare it `Secret`",
        targets=affected.targets,
        severity="warning",
        variable=entry.name,
    )


def covering_file(targets: tuple[Target, ...], process: str | None = None) -> str:
    """Return the path of the narrowest layer file that all these targets see.

    It is a file of one process only where `process` is given: the schema is narrowed to that process.
    """
    environments = {target.environment for target in targets}
    services = {target.service for target in targets}
    processes = {target.process for target in targets}
    folders = () if len(services) > 1 else tuple(services) if len(processes) > 1 else (*services, *processes)
    name = COMMON if len(environments) > 1 else next(iter(environments))
    if len(targets) == 1 and process is None:
        folders = tuple(services)
    return f"{CONFIGS}{'/'.join((*folders, name))}{SUFFIX}"


def _overridden(entry: Entry, affected: AffectedTargets) -> tuple[str, ...]:
    """Return a note for each entry that the winning entry overrides, or builds on."""
    lines = affected.node.provenance.get(entry.name, ())
    wider = lines[: lines.index(entry)] if entry in lines else ()
    made_of = affected.node.expands.get(entry.name, ())
    verbs = ("builds on" if each in made_of else "overrides" for each in reversed(wider))
    return tuple(
        f"{verb} {affected.shown(each)} ({each.span})" for verb, each in zip(verbs, reversed(wider), strict=True)
    )


def _location(schema: Schema, name: str) -> str:
    span = schema.location(name)
    return f"{span.file}:{span.line}"


def _class_location(schema: Schema) -> str:
    span = schema.class_location()
    return f"{span.file}:{span.line}"
