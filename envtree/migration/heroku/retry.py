"""How long an answer may take, and when a request is sent again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from tenacity import AsyncRetrying, retry_if_exception, stop_before_delay, wait_exponential, wait_random

from envtree.migration.heroku.refusal import HerokuRefused, HerokuUnavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tenacity import RetryCallState

Result = TypeVar("Result")


class RetryLimits(NamedTuple):
    """Seconds: for one answer with all its tries, and between two tries at first and at most."""

    total: float = 300.0
    first: float = 1.0
    longest: float = 30.0


DEFAULT_LIMITS = RetryLimits()


async def with_retries(
    work: Callable[[], Awaitable[Result]],
    limits: RetryLimits,
    is_temporary: Callable[[BaseException], bool],
    report: Callable[[str], None],
) -> Result:
    """Return the work's result; raises the last refusal, or HerokuUnavailable if no time was left for one."""
    last: HerokuRefused = HerokuUnavailable(f"there was no whole answer within {limits.total:g} s")

    def note(state: RetryCallState) -> None:
        nonlocal last
        last = _refusal(state) or last
        report(f"{last}; trying again in {state.upcoming_sleep:.0f} s")

    retrying = AsyncRetrying(
        retry=retry_if_exception(is_temporary),
        wait=lambda state: min(_pause(state, limits.first), limits.longest),
        stop=stop_before_delay(limits.total),
        before_sleep=note,
        reraise=True,
    )
    try:
        async with asyncio.timeout(limits.total):  # ends an answer that trickles in, too
            return await retrying(work)
    except TimeoutError:
        raise last from None


def _pause(state: RetryCallState, first: float) -> float:
    """Return the seconds to the next try: Heroku's, or a growing random pause so that clients spread out."""
    retry_after = getattr(_refusal(state), "retry_after", None)
    longer = wait_exponential(multiplier=first) + wait_random(0, first)
    return longer(state) if retry_after is None else float(retry_after)


def _refusal(state: RetryCallState) -> HerokuRefused | None:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, HerokuRefused) else None
