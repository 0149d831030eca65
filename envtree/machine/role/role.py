"""What a machine is for: the targets that its tags, or `--as`, choose among those of an output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, did_you_mean, some
from envtree.machine.role.tags import clipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from envtree.core.model.tree import Instance, Target

LEVELS = ("environment", "service", "process")
SHOWN = 12
"""Names that are shown of a list: all that may be written, but for a very large tree."""


@dataclass(frozen=True, slots=True)
class Role:
    """All processes of an environment, of one service of it, or one process: at least one target, in order."""

    environment: str
    service: str | None
    process: str | None
    targets: tuple[Target, ...]

    def __str__(self) -> str:
        return "/".join(name for name in (self.environment, self.service, self.process) if name)


class _Asked(NamedTuple):
    """The names that are asked for, and for each level who asks and how it is written, for messages."""

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
    """By the tags whose keys are set for the three levels; raises EnvtreeError where they name no one role.

    An empty value is no value. A tag that differs from a key in the case of its letters alone stops it, since what
    would run without it may be more than what was meant.
    """
    notes = (_seen(tags, keys),)
    problems = tuple(_misfits(tags, keys, sorted(environments), notes))
    if problems:
        raise EnvtreeError(*problems)
    environment, service, process = (tags.get(keys[level]) or None for level in LEVELS)
    by = [f"the tag {_quoted(keys[level])}" for level in LEVELS]
    ways = [f"set {each} to" for each in by]
    return _role(_Asked((environment or "", service, process), by, ways, notes), environments, targets)


def role_of_selector(selector: str, environments: Mapping[str, Instance], targets: Iterable[Target]) -> Role:
    """By `ENVIRONMENT[/SERVICE[/PROCESS]]`, names and no globs; raises EnvtreeError where it names no role."""
    names = selector.removesuffix("/").split("/")
    by = f"`--as {clipped(selector)}`"
    if not all(names) or len(names) > len(LEVELS) or any(letter in selector for letter in "*?["):
        message = f"{by} is no `ENVIRONMENT[/SERVICE[/PROCESS]]`"
        advice = f"write names, not globs; environments: {_list(sorted(environments))}"
        raise EnvtreeError(Diagnostic("unclear-role", message, help=advice))
    environment, service, process = (*names, None, None)[:3]
    paths = ["/".join((*names[:depth], level.upper())) for depth, level in enumerate(LEVELS)]
    ways = [f"write `--as {clipped(path)}`, with {path.rpartition('/')[2]} as" for path in paths]
    return _role(_Asked((environment or "", service, process), [by] * 3, ways), environments, targets)


def _misfits(
    tags: Mapping[str, str | None], keys: Mapping[str, str], environments: Sequence[str], notes: tuple[str, ...]
) -> Iterator[Diagnostic]:
    """What is wrong with the tags themselves, whatever there is to choose from."""
    found = {level: _misfit(level, tags, keys, environments) for level in LEVELS}
    for problem in found.values():
        if problem:
            yield _unclear(*problem, notes)
    if tags.get(keys["process"]) and not tags.get(keys["service"]) and not found["service"]:
        process, service = (_quoted(keys[level]) for level in ("process", "service"))
        message = f"the tag {process} names a process, and no tag {service} its service"
        yield _unclear(message, f"set the tag {service} too", notes)


def _misfit(
    level: str, tags: Mapping[str, str | None], keys: Mapping[str, str], environments: Sequence[str]
) -> tuple[str, str] | None:
    """What is wrong with the tag of one level, and what to do."""
    key, value = keys[level], tags.get(keys[level])
    if value and value != value.strip():
        message = f"the tag {_quoted(key)} has a blank round its value: {_quoted(value)}"
        return message, f"set it to {_quoted(value.strip())}" if value.strip() else "remove it"
    if value:
        return None
    near = sorted(each for each in tags if tags[each] != "" and each not in keys.values() and _is_like(each, key))
    if near:
        message = f"there is a tag {_quoted(near[0])}, and {_quoted(key)} is the one that is read"
        return message, f"name it {_quoted(key)}"
    if level != LEVELS[0]:
        return None
    reason = "is empty" if key in tags else f"is missing{did_you_mean(key, (each for each in tags if each))}"
    return f"the tag {_quoted(key)} {reason}", f"set it to {_one_of(environments)}"


def _is_like(tag: str, key: str) -> bool:
    return tag.strip().casefold() == key.strip().casefold()


def _role(asked: _Asked, environments: Mapping[str, Instance], targets: Iterable[Target]) -> Role:
    """One level after the other, each among what is left."""
    environment, service, process = asked.names
    everything = tuple(sorted(targets))
    left = _of_environment(asked, environments, everything)
    if service is not None:
        left = _of_service(asked, left, everything)
    elif environments[environment] == "service":
        message = f"`{environment}` runs one service a machine, and {asked.by[1]} names none"
        advice = f"{asked.ways[1]} {_one_of(sorted({each.service for each in left}))}"
        raise EnvtreeError(_unclear(message, advice, asked.notes))
    if process is not None:
        left = _of_process(asked, left)
    return Role(environment, service, process, left)


def _of_environment(asked: _Asked, environments: Iterable[str], targets: tuple[Target, ...]) -> tuple[Target, ...]:
    name = asked.names[0]
    if name not in environments:
        raise _unknown(asked, 0, f"is no environment{_meant(name, environments)}", environments)
    left = tuple(each for each in targets if each.environment == name)
    if not left:
        message = f"{asked.by[0]} asks for `{name}`, of which nothing was built into this output"
        notes = (*asked.notes, f"it holds {_list(sorted({each.environment for each in targets})) or 'nothing'}")
        raise EnvtreeError(Diagnostic("unknown-role", message, notes=notes, help=f"`envtree build {name} --out OUT`"))
    return left


def _of_service(asked: _Asked, left: tuple[Target, ...], targets: tuple[Target, ...]) -> tuple[Target, ...]:
    environment, name, _ = asked.names
    found = tuple(each for each in left if each.service == name)
    if not found:
        services = {each.service for each in left}
        elsewhere = sorted({each.environment for each in targets if each.service == name})
        reason = f"is no service of `{environment}`{_meant(name, services)}"
        if elsewhere:
            reason = f"doesn't run in `{environment}`, but in {_list(elsewhere)}"
        raise _unknown(asked, 1, reason, services)
    return found


def _of_process(asked: _Asked, left: tuple[Target, ...]) -> tuple[Target, ...]:
    environment, service, name = asked.names
    found = tuple(each for each in left if each.process == name)
    if not found:
        processes = {each.process for each in left}
        reason = f"is no process of {environment}/{service}{_meant(name, processes)}"
        raise _unknown(asked, 2, reason, processes)
    return found


def _meant(name: str | None, known: Iterable[str]) -> str:
    """All names are lowercase."""
    return did_you_mean((name or "").casefold(), sorted(known))


def _unknown(asked: _Asked, level: int, reason: str, valid: Iterable[str]) -> EnvtreeError:
    """A name that is none of the valid ones."""
    message = f"{asked.by[level]} asks for {_quoted(asked.names[level] or '')}, which {reason}"
    advice = f"{asked.ways[level]} {_one_of(sorted(valid))}"
    return EnvtreeError(Diagnostic("unknown-role", message, notes=asked.notes, help=advice))


def _unclear(message: str, advice: str, notes: tuple[str, ...]) -> Diagnostic:
    return Diagnostic("unclear-role", message, notes=notes, help=advice)


def _seen(tags: Mapping[str, str | None], keys: Mapping[str, str]) -> str:
    """All tags by key; the value of one that is read, since it may be what is wrong."""
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
