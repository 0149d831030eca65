"""What an author's code raised: where, and with what words; nothing that it does in answer makes envtree fail."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING

from envtree.core.model.tree import Span

if TYPE_CHECKING:
    from collections.abc import Container


def raised_at(error: BaseException, files: Container[str]) -> Span | None:
    """Return the innermost line of these files that an exception passed through."""
    found, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename in files:
            found = Span(trace.tb_frame.f_code.co_filename, trace.tb_lineno, 1)
        trace = trace.tb_next
    return found


def defined_at(function: object, files: Container[str]) -> Span | None:
    """Return where a function or a method is defined, if it is in one of these files."""
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    file, line = getattr(code, "co_filename", ""), getattr(code, "co_firstlineno", 1)
    return Span(file, line, 1) if file in files else None


def text_of(error: BaseException | str) -> str:
    """Return the text of an exception or a warning; empty where its own code fails to say it."""
    try:
        return str.__str__(str(error))
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - the author's `__str__` may raise anything
        return ""


def name_of(error: BaseException) -> str:
    """Return the name of an exception that is one of Python's own; another could be made of a value."""
    name = type.__dict__["__name__"].__get__(type(error))
    return name if name in vars(builtins) else "an exception"
