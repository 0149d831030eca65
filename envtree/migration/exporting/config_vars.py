"""The config vars of an app, from what each process of its service gets: one set for all, since an app has one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.diagnostic import Diagnostic, some
from envtree.core.render.mask import one_line
from envtree.migration.apps.fleet import App
from envtree.migration.apps.ownership import owner_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from envtree.core.model.tree import Span, Target
    from envtree.core.settings.heroku import Deployment, Owner

NOT_SET_BY_TEAMS: tuple[Owner, ...] = ("run-time", "platform", "add-on")
"""Who sets variables on Heroku that nobody else can, or should, set there."""
_BY: Mapping[str, str] = {
    "run-time": "a dyno sets them when it starts",
    "platform": "Heroku sets them itself",
    "add-on": "add-ons set them",
}
UNKNOWN_ADDONS = (
    "Heroku takes no value for a variable that an add-on sets, and which ones these are is not known here: "
    "`--snapshot` names a snapshot that says it"
)
LISTED = 6


class ProcessVariables(NamedTuple):
    """What a process gets, by name (None: removed), and the entry that won, where it is known."""

    values: Mapping[str, str | None]
    spans: Mapping[str, Span]


class ConfigVars(NamedTuple):
    """What to set on Heroku (None: to remove there), and the names that are left out, by who sets them."""

    values: Mapping[str, str | None]
    left_out: Mapping[Owner, tuple[str, ...]]


def config_vars(processes: Mapping[Target, ProcessVariables], app: App | None) -> ConfigVars:
    """Return one set of config vars for processes that agree; without an app, no add-ons are known."""
    names = sorted({name for each in processes.values() for name in each.values})
    own = app or App("")
    owners: dict[Owner, list[str]] = {}
    values: dict[str, str | None] = {}
    for name in names:
        owner = owner_of(own, name)
        if owner in NOT_SET_BY_TEAMS:
            owners.setdefault(owner, []).append(name)
        else:
            values[name] = next((each.values.get(name) for each in processes.values()), None)
    return ConfigVars(values, {owner: tuple(found) for owner, found in owners.items()})


def disagreements(
    deployment: Deployment, processes: Mapping[Target, ProcessVariables], found: ConfigVars
) -> tuple[Diagnostic, ...]:
    """Return a diagnostic for each config var of which the processes get different values; none is shown."""
    groups = ((name, _by_value(name, processes)) for name in found.values)
    return tuple(_disagreement(deployment, name, each) for name, each in groups if len(each) > 1)


def _by_value(
    name: str, processes: Mapping[Target, ProcessVariables]
) -> dict[str | None, list[tuple[Target, Span | None]]]:
    groups: dict[str | None, list[tuple[Target, Span | None]]] = {}
    for target, each in sorted(processes.items()):
        groups.setdefault(each.values.get(name), []).append((target, each.spans.get(name)))
    return groups


def _disagreement(
    deployment: Deployment, name: str, groups: Mapping[str | None, Sequence[tuple[Target, Span | None]]]
) -> Diagnostic:
    spans = [span for own in groups.values() for _, span in own if span]
    return Diagnostic(
        "unexportable-value",
        f"`{one_line(name)}` is not the same for all processes of {deployment}, and all of an app have the same",
        max(spans, key=lambda span: (span.file.count("/"), span), default=None),
        notes=tuple(_note(text, own) for text, own in groups.items()),
        help="give all of them one value, or have the command of one set it: `env NAME=value COMMAND`",
        targets=tuple(target for own in groups.values() for target, _ in own),
        variable=name,
    )


def _note(text: str | None, own: Sequence[tuple[Target, Span | None]]) -> str:
    processes = some((f"`{target.process}`" for target, _ in own), LISTED)
    where = sorted({str(span) for _, span in own if span})
    state = "not set" if text is None else "one value"
    return f"{processes}: {state}{f', by {some(where)}' if where else ''}"


def remarks(found: ConfigVars, app: App | None) -> Iterator[str]:
    """Yield what a person must know before these are set on Heroku, each on one line and without a value."""
    for owner, names in found.left_out.items():
        yield f"left out, since {_BY[owner]}: {some(map(one_line, names), LISTED)}"
    if app is None or app.attachments is None:
        yield UNKNOWN_ADDONS
    if app is None or app.values is None:
        return
    known = found.values.keys() | {name for names in found.left_out.values() for name in names}
    stay = [name for name in sorted(app.values.keys() - known) if owner_of(app, name) not in NOT_SET_BY_TEAMS]
    if stay:
        yield f"not in the tree, so {app.name} keeps what it has: {some(map(one_line, stay), LISTED)}"
