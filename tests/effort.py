"""What work costs, counted in calls: the same on every machine, and however busy it is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType


def calls_of(work: Callable[[], object]) -> int:
    """Return how many functions some work calls, built-in ones too."""
    count = 0

    def note(_: object, event: str, __: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def first_arguments(name: str, work: Callable[[], object]) -> list[object]:
    """Return the first argument of each call of the functions of a name that some work makes."""
    found: list[object] = []

    def note(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_name == name and code.co_argcount:
            found.append(frame.f_locals[code.co_varnames[0]])

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return found


def assert_in_proportion(work: Callable[[int], object], size: int) -> None:
    """Fail where twice the size takes three times the calls: four would be quadratic, and two are what it should be."""
    half, whole = (calls_of(lambda each=each: work(each)) for each in (size // 2, size))  # type: ignore[misc]
    assert whole < 3 * half + 1000, f"{half} calls for {size // 2}, and {whole} for {size}"
