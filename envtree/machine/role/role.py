"""The role of a machine: the targets of an output that its tags, or `--as`, choose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, did_you_mean, some
from envtree.core.model.selector import did_you_mean_name
from envtree.machine.role.tags import clipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from envtree.core.model.tree import Instance, Target

LEVELS = ("environment", "service", "process")
SHOWN = 12
"""Names that a message shows of a list: all of them, except for a very large tree."""


@dataclass(frozen=True, slots=True)
class Role:
    """All processes of an environment, of one of its services, or one process: at least one target, sorted."""

    environment: str
    service: str | None
    process: str | None
    targets: tuple[Target, ...]

    def __str__(self) -> str:
        return "/".join(name for name in (self.environment, self.service, self.process) if name)


class _RoleRequest(NamedTuple):
    """The requested names; and for messages, of each level, what requests its name and how to change it."""

    names: tuple[str, str | None, str | None]
    by: Sequence[str]
    ways: Sequence[str]
    notes: tuple[str, ...] = ()


def role_of_tags(
    tags: Mapping[str, str | None],
    keys: Mapping[str, str],
    environments: Mapping[str, Instance],
    targets: Iterable[Target],
) -> Role:
    """Return the role that the tags with the configured keys name. Raises EnvtreeError if they don't name one role.

    An empty value is no value. A tag that differs from a key only in upper and lower case is an error: if it were
    ignored, more could run than its author meant.
    """
    notes = (_tags_note(tags, keys),)
    problems = tuple(_tag_problems(tags, keys, sorted(environments), notes))
    if problems:
        raise EnvtreeError(*problems)
    environment, service, process = (tags.get(keys[level]) or None for level in LEVELS)
    by = [f"the tag {_quoted(keys[level])}" for level in LEVELS]
    ways = [f"set {each} to" for each in by]
    return _role(_RoleRequest((environment or "", service, process), by, ways, notes), environments, targets)


def role_of_selector(selector: str, environments: Mapping[str, Instance], targets: Iterable[Target]) -> Role:
    """Return the role of `ENVIRONMENT[/SERVICE[/PROCESS]]`, no globs. Raises EnvtreeError if there is no such role."""
    names = selector.removesuffix("/").split("/")
    by = f"`--as {clipped(selector)}`"
    if not all(names) or len(names) > len(LEVELS) or any(letter in selector for letter in "*?["):
        message = f"{by} is no `ENVIRONMENT[/SERVICE[/PROCESS]]`"
        advice = f"write names, not globs; environments: {_list(sorted(environments))}"
        raise EnvtreeError(Diagnostic("unclear-role", message, help=advice))
    environment, service, process = (*names, None, None)[:3]
    paths = ["/".join((*names[:depth], level.upper())) for depth, level in enumerate(LEVELS)]
    ways = [f"write `--as {clipped(path)}`, with {path.rpartition('/')[2]} as" for path in paths]
    return _role(_RoleRequest((environment or "", service, process), [by] * 3, ways), environments, targets)


def _tag_problems(
    tags: Mapping[str, str | None], keys: Mapping[str, str], environments: Sequence[str], notes: tuple[str, ...]
) -> Iterator[Diagnostic]:
    """Yield what is wrong with the tags themselves, whatever targets there are."""
    found = {level: _tag_problem(level, tags, keys, environments) for level in LEVELS}
    for problem in found.values():
        if problem:
            yield _unclear(*problem, notes)
    if tags.get(keys["process"]) and not tags.get(keys["service"]) and not found["service"]:
        process, service = (_quoted(keys[level]) for level in ("process", "service"))
        message = f"the tag {process} names a process, and no tag {service} its service"
        yield _unclear(message, f"set the tag {service} too", notes)


def _tag_problem(
    level: str, tags: Mapping[str, str | None], keys: Mapping[str, str], environments: Sequence[str]
) -> tuple[str, str] | None:
    """Return what is wrong with the tag of one level, and what to do; None if nothing is."""
    key, value = keys[level], tags.get(keys[level])
    if value and value != value.strip():
        message = f"the tag {_quoted(key)} has a blank round its value: {_quoted(value)}"
        return message, f"set it to {_quoted(value.strip())}" if value.strip() else "remove it"
    if value:
        return None
    similar = sorted(each for each in tags if tags[each] != "" and each not in keys.values() and _is_like(each, key))
    if similar:
        message = f"there is a tag {_quoted(similar[0])}, and {_quoted(key)} is the one that is read"
        return message, f"name it {_quoted(key)}"
    if level != LEVELS[0]:
        return None
    reason = "is empty" if key in tags else f"is missing{did_you_mean(key, (each for each in tags if each))}"
    return f"the tag {_quoted(key)} {reason}", f"set it to {_one_of(environments)}"


def _is_like(tag: str, key: str) -> bool:
    return tag.strip().casefold() == key.strip().casefold()


def _role(request: _RoleRequest, environments: Mapping[str, Instance], targets: Iterable[Target]) -> Role:
    """Choose targets level by level, each among those that the level before left."""
    environment, service, process = request.names
    everything = tuple(sorted(targets))
    remaining = _of_environment(request, environments, everything)
    if service is not None:
        remaining = _of_service(request, remaining, everything)
    elif environments[environment] == "service":
        message = f"`{environment}` runs one service a machine, and {request.by[1]} names none"
        advice = f"{request.ways[1]} {_one_of(sorted({each.service for each in remaining}))}"
        raise EnvtreeError(_unclear(message, advice, request.notes))
    if process is not None:
        remaining = _of_process(request, remaining)
    return Role(environment, service, process, remaining)


def _of_environment(
    request: _RoleRequest, environments: Iterable[str], targets: tuple[Target, ...]
) -> tuple[Target, ...]:
    name = request.names[0]
    if name not in environments:
        raise _unknown(request, 0, f"is no environment{_suggestion(name, environments)}", environments)
    remaining = tuple(each for each in targets if each.environment == name)
    if not remaining:
        message = f"{request.by[0]} asks for `{name}`, of which nothing was built into this output"
        notes = (*request.notes, f"it holds {_list(sorted({each.environment for each in targets})) or 'nothing'}")
        raise EnvtreeError(Diagnostic("unknown-role", message, notes=notes, help=f"`envtree build {name} --out OUT`"))
    return remaining


def _of_service(
    request: _RoleRequest, remaining: tuple[Target, ...], targets: tuple[Target, ...]
) -> tuple[Target, ...]:
    environment, name, _ = request.names
    found = tuple(each for each in remaining if each.service == name)
    if not found:
        services = {each.service for each in remaining}
        elsewhere = sorted({each.environment for each in targets if each.service == name})
        reason = f"is no service of `{environment}`{_suggestion(name, services)}"
        if elsewhere:
            reason = f"doesn't run in `{environment}`, but in {_list(elsewhere)}"
        raise _unknown(request, 1, reason, services)
    return found


def _of_process(request: _RoleRequest, remaining: tuple[Target, ...]) -> tuple[Target, ...]:
    environment, service, name = request.names
    found = tuple(each for each in remaining if each.process == name)
    if not found:
        processes = {each.process for each in remaining}
        reason = f"is no process of {environment}/{service}{_suggestion(name, processes)}"
        raise _unknown(request, 2, reason, processes)
    return found


def _suggestion(name: str | None, known: Iterable[str]) -> str:
    """Suggest a similar name; all known names are lowercase."""
    return did_you_mean_name((name or "").casefold(), known)


def _unknown(request: _RoleRequest, level: int, reason: str, valid: Iterable[str]) -> EnvtreeError:
    """Return the error that a name is none of the valid ones."""
    message = f"{request.by[level]} asks for {_quoted(request.names[level] or '')}, which {reason}"
    advice = f"{request.ways[level]} {_one_of(sorted(valid))}"
    return EnvtreeError(Diagnostic("unknown-role", message, notes=request.notes, help=advice))


def _unclear(message: str, advice: str, notes: tuple[str, ...]) -> Diagnostic:
    return Diagnostic("unclear-role", message, notes=notes, help=advice)


def _tags_note(tags: Mapping[str, str | None], keys: Mapping[str, str]) -> str:
    """List all tags by key, and the values only of those that are read, since one of them may be wrong."""
    if not tags:
        return "the machine has no tags"
    read = [key for key in (keys[level] for level in LEVELS) if key in tags]
    others = sorted(key for key in tags if key not in read)
    values = [f"{_quoted(key)} ({_quoted(value) if (value := tags[key]) else 'empty'})" for key in read]
    return f"the machine has the tags {some((*values, *map(_quoted, others)), SHOWN)}"


def _one_of(names: Sequence[str]) -> str:
    return f"one of {_list(names)}" if len(names) > 1 else _list(names)


def _list(names: Iterable[str]) -> str:
    return some(map(_quoted, names), SHOWN)


def _quoted(text: str) -> str:
    return f"`{clipped(text)}`"
