"""What did not go well as a process stopped, which a command says and counts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class Ending:
    """How a process stopped."""

    target: str
    is_killed: bool = False
    """Whether it, or what it had started, did not end by itself."""
    hooks: tuple[str, ...] = ()
    """The hooks that failed, each with how: `before_stop exit code 3`."""
    escaped: tuple[str, ...] = ()
    """What was left outside of its session, as `NUMBER (NAME)`: daemons, and jobs that a hook left behind."""
    remains: tuple[str, ...] = ()
    """What could not be ended, in the same form."""
    is_cut_off: bool = False
    """Whether its log was cut off in a crash, so that its last lines may be lost."""

    @property
    def is_clean(self) -> bool:
        """Whether all went well."""
        return not (self.is_killed or self.hooks or self.escaped or self.remains or self.is_cut_off)


def joined(endings: Iterable[Ending]) -> tuple[Ending, ...]:
    """Return one ending for each target, without those where all went well."""
    found: dict[str, Ending] = {}
    for each in endings:
        before = found.get(each.target, Ending(each.target))
        found[each.target] = replace(
            each,
            is_killed=before.is_killed or each.is_killed,
            hooks=(*before.hooks, *each.hooks),
            escaped=(*before.escaped, *each.escaped),
            remains=(*before.remains, *each.remains),
            is_cut_off=before.is_cut_off or each.is_cut_off,
        )
    return tuple(found[target] for target in sorted(found) if not found[target].is_clean)


def sentences(ending: Ending) -> Iterator[str]:
    """Yield what to say of an ending, a line each."""
    if ending.is_killed:
        yield f"had to be killed: {ending.target}"
    for line in ending.hooks:
        hook, _, how = line.partition(" ")
        yield f"`{hook}` failed: {ending.target}: {how}"
    if ending.escaped:
        yield f"left in the background, and ended: {ending.target}: {', '.join(ending.escaped)}"
    if ending.is_cut_off:
        yield f"its log was cut off in a crash, and the last lines may be lost: {ending.target}"
    if ending.remains:
        yield f"can't be killed, and still runs: {ending.target}: {', '.join(ending.remains)}"


def as_data(endings: Iterable[Ending]) -> dict[str, object]:
    """Return endings as a program reads them."""
    found = tuple(endings)
    return {
        "killed": [each.target for each in found if each.is_killed],
        "cut_off": [each.target for each in found if each.is_cut_off],
        "hooks": [
            {"target": each.target, "hook": line.partition(" ")[0], "how": line.partition(" ")[2]}
            for each in found
            for line in each.hooks
        ],
        "escaped": [{"target": each.target, "processes": list(each.escaped)} for each in found if each.escaped],
        "remains": [{"target": each.target, "processes": list(each.remains)} for each in found if each.remains],
    }


def ended(end: tuple[int, int]) -> str:
    """Describe how a process ended."""
    import signal

    code, number = end
    if code >= 0:
        return f"exit code {code}{_MEANINGS.get(code, '')}"
    names = {each.value: each.name for each in signal.Signals}
    return f"killed by {names.get(number, f'signal {number}')}"


_MEANINGS = {126: " (the command can't be run)", 127: " (there is no such command)", 111: " (its log says why)"}
