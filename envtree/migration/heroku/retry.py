"""How long an answer may take, and when it is asked for again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from tenacity import AsyncRetrying, retry_if_exception, stop_before_delay, wait_exponential, wait_random

from envtree.migration.heroku.refusal import HerokuRefused, HerokuUnavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tenacity import RetryCallState

Result = TypeVar("Result")


class Patience(NamedTuple):
    """Seconds: what one answer may take with all tries, and between two tries at first and at most."""

    total: float = 300.0
    first: float = 1.0
    longest: float = 30.0


PATIENCE = Patience()


async def patiently(
    work: Callable[[], Awaitable[Result]],
    patience: Patience,
    may_pass: Callable[[BaseException], bool],
    tell: Callable[[str], None],
) -> Result:
    """What the work gives in the end; raises the last refusal, or HerokuUnavailable where there was no time for one."""
    last: HerokuRefused = HerokuUnavailable(f"there was no whole answer within {patience.total:g} s")

    def note(state: RetryCallState) -> None:
        nonlocal last
        last = _refusal(state) or last
        tell(f"{last}; trying again in {state.upcoming_sleep:.0f} s")

    retrying = AsyncRetrying(
        retry=retry_if_exception(may_pass),
        wait=lambda state: min(_pause(state, patience.first), patience.longest),
        stop=stop_before_delay(patience.total),
        before_sleep=note,
        reraise=True,
    )
    try:
        async with asyncio.timeout(patience.total):  # a slow drip ends too
            return await retrying(work)
    except TimeoutError:
        raise last from None


def _pause(state: RetryCallState, first: float) -> float:
    """Seconds to the next try: what Heroku asks for, or ever more, by chance so that clients don't come all at once."""
    hint = getattr(_refusal(state), "hint", None)
    longer = wait_exponential(multiplier=first) + wait_random(0, first)
    return longer(state) if hint is None else float(hint)


def _refusal(state: RetryCallState) -> HerokuRefused | None:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, HerokuRefused) else None
