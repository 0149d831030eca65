"""The promises that an author writes beside a type: `Annotated[Secret, Differs("environment")]`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from envtree.core.layers.layout import SUFFIX, layer_id_of
from envtree.core.model.diagnostic import did_you_mean
from envtree.core.model.source import CONFIGS
from envtree.core.model.tree import COMMON

if TYPE_CHECKING:
    from envtree.core.model.tree import Span, Target

Part = Literal["environment", "service", "process"]
PARTS = {"environment": "environments", "service": "services", "process": "processes"}
"""The parts of a target that values are compared by, and their plurals."""
_SAME = {
    "environment": "the same in all environments",
    "service": "the same for all services of an environment",
    "process": "the same for all processes of a service",
}
LAYERS = {
    "common": f"{CONFIGS}common{SUFFIX}",
    "environment": f"{CONFIGS}ENVIRONMENT{SUFFIX}",
    "service": f"{CONFIGS}SERVICE/common{SUFFIX}",
    "environment/service": f"{CONFIGS}SERVICE/ENVIRONMENT{SUFFIX}",
    "service/process": f"{CONFIGS}SERVICE/PROCESS/common{SUFFIX}",
    "environment/service/process": f"{CONFIGS}SERVICE/PROCESS/ENVIRONMENT{SUFFIX}",
}
"""The kinds of layers by what they are narrowed to, widest first as in `layer_ids`, and the files that they are."""


@dataclass(frozen=True, slots=True)
class Differs:
    """No two environments (or services, or processes) share the value; raises ValueError for another word."""

    between: Part

    def __post_init__(self) -> None:
        _refuse("Differs", self.between, PARTS)

    @property
    def words(self) -> str:
        """What is promised, as a sentence about the variable."""
        return f"no two {PARTS[self.between]} share its value"


@dataclass(frozen=True, slots=True)
class Same:
    """All environments (or services, or processes) share the value; raises ValueError for another word.

    A process belongs to a service: `service` compares all processes of an environment.
    """

    between: Part

    def __post_init__(self) -> None:
        _refuse("Same", self.between, PARTS)

    @property
    def words(self) -> str:
        """What is promised, as a sentence about the variable."""
        return f"its value is {_SAME[self.between]}"


@dataclass(frozen=True, slots=True, init=False)
class SetIn:
    """Only layers of these kinds set the variable, or unset it; raises ValueError for a kind that there is not."""

    layers: tuple[str, ...]

    def __init__(self, *layers: str) -> None:
        object.__setattr__(self, "layers", layers)
        for each in layers or (None,):
            _refuse("SetIn", each, LAYERS)

    @property
    def words(self) -> str:
        """What is promised, as a sentence about the variable."""
        return f"only {' or '.join(f'`{LAYERS[each]}`' for each in self.layers)} sets it"


Promise = Differs | Same | SetIn


class PromiseLine(NamedTuple):
    """A line of a schema file that promises something of a variable; classes that inherit it share it."""

    span: Span
    name: str
    promise: Promise


def _refuse(name: str, written: object, known: dict[str, str]) -> None:
    """Raise ValueError for a word that a promise doesn't know."""
    if not (isinstance(written, str) and written in known):
        near = did_you_mean(written, known) if isinstance(written, str) else ""
        raise ValueError(f"`{name}` takes one of {', '.join(f'`{each}`' for each in known)}{near}")


def part_of(target: Target, part: Part) -> str:
    """Return which environment, service or process a target is; a process is named with its service."""
    if part == "environment":
        return target.environment
    return target.service if part == "service" else f"{target.service}/{target.process}"


def group_of(target: Target, part: Part) -> tuple[str, ...]:
    """Return what targets have in common that must have one value, by a `Same`."""
    if part == "environment":
        return target.service, target.process
    return (target.environment,) if part == "service" else (target.environment, target.service)


def kind_of(file: str) -> str:
    """Return the kind of a layer by its file, as `SetIn` names it."""
    *folders, name = layer_id_of(file).split("/")
    own = ("service", "process")[: len(folders)]
    return "/".join(own if name == COMMON else ("environment", *own)) or COMMON
