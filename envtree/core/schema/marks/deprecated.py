"""Variables that are to go: the lines that set one, before and after its last day, and declarations nobody needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import Diagnostic
from envtree.core.render.mask import mask_passwords, one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from envtree.core.model.tree import Entry, Target
    from envtree.core.schema.governance import Governance, TargetGroup
    from envtree.core.schema.language import Deprecated
    from envtree.core.schema.rules import Schema


def deprecations(groups: Mapping[Target, TargetGroup], today: str) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each line that sets a deprecated variable, whether another line overrides it or not.

    It is a warning until the variable's last day, and an error after it. `today` is a day such as `2027-01-31`.
    """
    found: dict[tuple[Entry, Schema], list[TargetGroup]] = {}
    for group in dict.fromkeys(groups.values()):
        for name, schema in group.governance.deprecated.items():
            for entry in group.node.provenance.get(name, ()):
                if entry.text is not None or entry.opaque:
                    found.setdefault((entry, schema), []).append(group)
    for (entry, schema), affected in found.items():
        yield _still_set(entry, schema, affected, today)


def _still_set(entry: Entry, schema: Schema, groups: list[TargetGroup], today: str) -> Diagnostic:
    mark = schema.rules[entry.name].deprecated
    assert mark is not None
    is_over = bool(mark.after) and today > mark.after
    advice = _message(mark)
    state = f"is still set after {mark.after}" if is_over else "is deprecated"
    notes = (f"its last day was {mark.after}",) if is_over else (f"an error after {mark.after}",) if mark.after else ()
    return Diagnostic(
        "deprecated-variable",
        f"`{entry.name}` {state}{f': {advice}' if advice else ''}",
        entry.name_span,
        notes=(*notes, f"declared in {schema.location(entry.name)}"),
        help="remove the line once no program reads the variable; `envtree lint --deprecated` shows all that is left",
        targets=tuple(sorted({target for group in groups for target in group.targets})),
        severity="error" if is_over else "warning",
        variable=entry.name,
    )


def unused(groups: Iterable[tuple[Governance, Iterable[str]]]) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each class that declares a deprecated variable which no line sets or unsets any more.

    The groups are the classes of targets, with the names in their layers: those of all targets of the tree.
    """
    used: dict[tuple[str, Schema], bool] = {}
    for governance, names in groups:
        for name, schema in governance.deprecated.items():
            used[name, schema] = used.get((name, schema), False) or name in names
    for (name, schema), is_used in used.items():
        if not is_used:
            yield Diagnostic(
                "unused-declaration",
                f"`{name}` is deprecated, and no line sets it any more",
                schema.location(name),
                help="remove the field once no program reads the variable",
                severity="warning",
                shown=True,
                variable=name,
            )


def deprecation_text(mark: Deprecated) -> str:
    """Return that a variable is deprecated, what to do instead, and until when, as one line."""
    advice, until = _message(mark), f"until {mark.after}" if mark.after else ""
    said = " ".join((advice, f"({until})" if until and advice else until)).strip()
    return f"Deprecated: {said}" if said else "Deprecated"


def _message(mark: Deprecated) -> str:
    return one_line(mask_passwords(mark.message)).strip()
