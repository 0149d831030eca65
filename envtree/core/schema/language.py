"""The classes that a schema file is written with, such as `Settings`, `Secret` and `Port`, based on pydantic.

A schema checks text and never rewrites it: a process gets the text that was written, whatever a model makes of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Generic, get_args

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema
from typing_extensions import TypeVar, Unpack

Value = TypeVar("Value", default=str)


class Settings(BaseModel):
    """Variables of the processes in one scope: the name (or alias) of a field is the name of a variable.

    The module's name chooses the service (`schemas/common.py`: all services). `process=` and `environment=` narrow the
    scope further: `class Web(Settings, process="web")`. A field without a default is required.
    """

    model_config = ConfigDict(hide_input_in_errors=True, protected_namespaces=())

    envtree_scope: ClassVar[tuple[str | None, str | None]] = (None, None)
    """The process and environment that the class is narrowed to."""

    def __init_subclass__(
        cls, *, process: str | None = None, environment: str | None = None, **config: Unpack[ConfigDict]
    ) -> None:
        super().__init_subclass__()
        if config:  # options that pydantic itself doesn't know: they are looked at with all others
            cls.model_config = ConfigDict(**{**cls.model_config, **config})
        for narrowed in (process, environment):
            if not isinstance(narrowed, str | None):
                raise TypeError("`process=` and `environment=` take one name, as text")
        wider_process, wider_environment = cls.envtree_scope
        cls.envtree_scope = (
            wider_process if process is None else process,
            wider_environment if environment is None else environment,
        )


class Secret(Generic[Value]):
    """A value that is never shown: `Secret` is any text, `Secret[PostgresDsn]` must parse as that type."""

    __slots__ = ("_value",)

    def __init__(self, value: Value) -> None:
        self._value = value

    def get_secret_value(self) -> Value:
        """Return the value itself, for a validator that needs it."""
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and bool(self._value == other._value)

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "Secret('[hidden]')"

    def __str__(self) -> str:
        return "[hidden]"

    def __deepcopy__(self, _memo: dict[int, Any]) -> Secret[Value]:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("a secret can't be pickled")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        inner = (*get_args(source), str)[0]
        return core_schema.no_info_after_validator_function(cls, handler.generate_schema(inner))


class PortMark:
    """Marks a field as a port that its process listens on."""


Port = Annotated[int, Field(ge=1, le=65535), PortMark()]
"""A TCP or UDP port that the process listens on; no two processes that run together on one machine may share it."""


@dataclass(frozen=True, slots=True, init=False)
class Deprecated:
    """Marks a variable that is to go: `OLD: Annotated[str | None, Deprecated("use `URL`", after="2027-01-31")] = None`.

    A line that sets it gets a warning, and after the last day of its time, an error. Raises TypeError or ValueError for
    what is no text, or no date.
    """

    message: str
    """What to do instead."""
    after: str
    """The last day on which the variable may be set, as `2027-01-31`; empty if its time has no end."""

    def __init__(self, message: str, *, after: date | str | None = None) -> None:
        if not isinstance(message, str):
            raise TypeError("`Deprecated` takes a text that says what to do instead")
        if isinstance(after, datetime) or not isinstance(after, date | str | None):
            raise TypeError('`after=` takes a day: "2027-01-31", or a `date`')
        day = date.fromisoformat(after) if isinstance(after, str) else after
        object.__setattr__(self, "message", str.__str__(message))
        object.__setattr__(self, "after", day.isoformat() if day else "")
