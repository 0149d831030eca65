"""The day by which a tree's deadlines are judged: of a commit, its own, so that what was valid once stays valid."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.core.model.source import INDEX

if TYPE_CHECKING:
    from envtree.adapters.git.repository import Repository

VARIABLE = "SOURCE_DATE_EPOCH"
"""What builds that are to be repeated set, in seconds: https://reproducible-builds.org/specs/source-date-epoch/."""


def today_of(repository: Repository | None, commit: str | None) -> str:
    """Return the day of a tree in UTC, as `2027-01-31`: of `SOURCE_DATE_EPOCH`, of the commit, or of the clock.

    Raises EnvtreeError where `SOURCE_DATE_EPOCH` is no number of seconds.
    """
    given = os.environ.get(VARIABLE, "")
    if given:
        return _day_given(given)
    if repository is None or commit is None or commit == INDEX:
        return _day(time.time())
    from envtree.adapters.git.revision import commit_time

    return _day(commit_time(repository, commit))


def _day(seconds: float) -> str:
    return time.strftime("%Y-%m-%d", time.gmtime(seconds))


def _day_given(text: str) -> str:
    try:
        return _day(int(text))
    except (ValueError, OverflowError, OSError):
        message = f"`{VARIABLE}` is no number of seconds since 1970"
        advice = "unset it, or set it to what `git log -1 --format=%ct` prints"
        raise EnvtreeError(Diagnostic("invalid-setting", message, help=advice)) from None
