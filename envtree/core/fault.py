"""What a schema has against a value, as a value."""

from __future__ import annotations

from typing import NamedTuple


class Fault(NamedTuple):
    """What is wrong with a value, in words that go after the variable's name, what was expected, and an example."""

    message: str
    expected: str = ""
    example: str = ""
    crashed: bool = False
    """A validator raised what no validator should."""
    told: bool = False
    """The message is an author's own, made when the validator ran: it can hold any value of the class."""


UNTOLD = Fault("is refused by its validator, whose message is hidden since it could hold a secret")
