"""What work costs, counted in calls or instructions: the same on every machine, and however busy it is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import envtree

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

PACKAGE = str(Path(envtree.__file__).parent)


def calls_of(work: Callable[[], object]) -> int:
    """Return how many functions some work calls, built-in ones too."""
    count = 0

    def note(_: FrameType, event: str, __: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    _profiled(work, note)
    return count


def _profiled(work: Callable[[], object], note: Callable[[FrameType, str, object], None]) -> None:
    """Do some work, and note each call that it makes."""
    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)


def first_arguments(name: str, work: Callable[[], object]) -> list[object]:
    """Return the first argument of each call of the functions of a name that some work makes."""
    found: list[object] = []

    def note(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_name == name and code.co_argcount:
            found.append(frame.f_locals[code.co_varnames[0]])

    _profiled(work, note)
    return found


def instructions_of(work: Callable[[], object]) -> int:
    """Return how many instructions of Python some work runs in the package itself: a loop without calls counts, too."""
    count = 0

    def note(_: FrameType, __: str, ___: object) -> Any:
        nonlocal count
        count += 1
        return note

    def enter(frame: FrameType, _: str, __: object) -> Any:
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        return note

    before = sys.gettrace()
    sys._getframe().f_trace_opcodes = (
        True  # 3.12 counts instructions only where a frame has asked before the trace starts
    )
    sys.settrace(enter)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def is_in_proportion(half: int, whole: int) -> bool:
    """Whether what twice the size takes is in proportion: four times as much would be quadratic."""
    return whole < 3 * half + 1000


def assert_in_proportion(work: Callable[[int], object], size: int) -> None:
    """Fail where twice the size takes three times the calls: four would be quadratic, and two are what it should be."""
    half, whole = (calls_of(lambda each=each: work(each)) for each in (size // 2, size))  # type: ignore[misc]
    assert is_in_proportion(half, whole), f"{half} calls for {size // 2}, and {whole} for {size}"
