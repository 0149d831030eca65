"""Silence while an author's code runs: what it prints, logs or warns of can contain a value."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import ExitStack


def suppress_output() -> ExitStack:
    """Suppress what validators print, log or warn of until the stack is closed: it can contain a value."""
    import contextlib
    import io
    import sys
    import warnings

    stack = contextlib.ExitStack()
    discarded = io.StringIO()
    stack.enter_context(contextlib.redirect_stdout(discarded))
    stack.enter_context(contextlib.redirect_stderr(discarded))
    stack.enter_context(warnings.catch_warnings())
    warnings.simplefilter("ignore")
    if logging := sys.modules.get("logging"):  # a schema that set it up when imported keeps the real stderr
        stack.callback(logging.disable, logging.root.manager.disable)
        logging.disable(logging.CRITICAL)
    return stack
