"""What `unset` does with each name: its line goes, or `!unset` is written, and nothing comes back unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from envtree.core.layers.expand import sources
from envtree.core.layers.layout import layer_id_of, layer_ids
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, did_you_mean, some
from envtree.editing.changes.placement import LayerEdit
from envtree.editing.changes.refusals import shown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from envtree.core.layers.resolve import Node
    from envtree.core.layers.scope import Scope
    from envtree.core.model.tree import Entry, Target

Inherited = Literal["refused", "taken", "removed"]
"""What happens where a wider layer has a value: nothing is done, or the value comes back, or `!unset` is written."""


class ScopeState(NamedTuple):
    """What a scope has before an edit: its file, its own entries, and what each process that sees it gets."""

    scope: Scope
    path: str
    own: Mapping[str, Entry]
    sealed_names: Collection[str]
    """The names that the sealed file beside it has; `own` has the clear entry of a name that both have."""
    nodes: Mapping[Target, Node]


def remove(names: Sequence[str], state: ScopeState, inherited: Inherited) -> LayerEdit:
    """Return the edit that makes these names unset; raises EnvtreeError with all that a person has to decide first."""
    gone: list[str] = []
    unset: dict[str, str | None] = {}
    refused: list[Diagnostic] = []
    for name in names:
        entry, wider = state.own.get(name), _wider(name, state)
        if inherited == "removed":
            if entry is None or entry.opaque or entry.text is not None:
                unset[name] = None
        elif entry is None:
            refused += () if inherited == "taken" and wider else (_no_line(name, wider, state),)
        elif wider and inherited == "refused":
            refused.append(_would_come_back(entry, wider))
        else:
            gone.append(name)
    if refused:
        raise EnvtreeError(*refused)
    sealed = tuple(name for name in (*gone, *unset) if name in state.sealed_names)
    return LayerEdit(unset, {}, tuple(name for name in gone if not state.own[name].sealed), sealed)


def _wider(name: str, state: ScopeState) -> tuple[Entry, ...]:
    """Return the entries of wider layers whose values processes have, or would have without the scope's own line."""
    found: dict[Entry, None] = {}
    for target, node in state.nodes.items():
        ids = layer_ids(target)
        depth = ids.index(state.scope.layer_id)
        entries = node.provenance.get(name, ())
        if not entries or ids.index(layer_id_of(sources(entries)[0].file)) > depth:
            continue  # a narrower line decides
        wider = [each for each in entries if ids.index(layer_id_of(each.file)) < depth]
        if wider and (wider[-1].text is not None or wider[-1].opaque):
            found[wider[-1]] = None
    return tuple(found)


def _would_come_back(entry: Entry, wider: Sequence[Entry]) -> Diagnostic:
    return Diagnostic(
        "inherited-value",
        f"without its line ({entry.name_span}), `{entry.name}` has the value of a wider layer again",
        notes=(f"the value that comes back is at {_places(wider)}",),
        help="`--inherit` removes the line and lets it come back; `--remove` writes `!unset` in its place",
    )


def _no_line(name: str, wider: Sequence[Entry], state: ScopeState) -> Diagnostic:
    if wider:
        return Diagnostic(
            "inherited-value",
            f"{shown(name)} has no line in {state.path}: its value is inherited",
            notes=(f"the value is at {_places(wider)}",),
            help="`--remove` writes `!unset` in this scope; or unset it in the scope that sets it",
        )
    narrower = _narrower(name, state)
    if narrower:
        message = f"{shown(name)} has no line in {state.path}: only narrower layers set it"
        return Diagnostic(
            "unknown-name", message, notes=(f"set at {_places(narrower)}",), help="name one of these scopes"
        )
    known = {each for node in state.nodes.values() for each in node.provenance}
    message = f"{shown(name)} has no line in {state.path}, and no value to inherit{did_you_mean(name, known)}"
    return Diagnostic("unknown-name", message, help="`--remove` writes `!unset`, for a machine that sets it by itself")


def _narrower(name: str, state: ScopeState) -> tuple[Entry, ...]:
    found = (entry for node in state.nodes.values() for entry in node.provenance.get(name, ()))
    return tuple(dict.fromkeys(found))


def _places(entries: Iterable[Entry]) -> str:
    return some((each.span for each in entries), 6)
