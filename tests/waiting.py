"""Waiting for what is to come, for as long as a busy machine may take; processes that never outlive their test."""

from __future__ import annotations

import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

LONG = 100.0
"""Seconds within which anything comes on any machine: only a failure takes so long."""


def wait_for(holds: Callable[[], object], why: Callable[[], object] = str) -> None:
    """Wait until it holds; `why` says what is there where it never does."""
    end = time.monotonic() + LONG
    while not holds():
        assert time.monotonic() < end, f"it never came about: {why()}"
        time.sleep(0.02)


@contextmanager
def child(command: Sequence[str | Path], **how: Any) -> Iterator[subprocess.Popen[Any]]:
    """Run a program meanwhile, and kill it if it has not ended by then."""
    with subprocess.Popen(command, **how) as process:
        try:
            yield process
        finally:
            process.kill()
