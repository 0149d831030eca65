"""How many random examples a property gets: few in the suite, many times as many in the soak."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings

SUITE, SOAK = "envtree", "soak"
"""The profiles: `make soak` runs every property with the second one."""
TIMES = 20
"""How many times as many a soak tries."""


def register_profiles() -> None:
    """Register both profiles and load the one of the suite; a busy machine is not a failure."""
    for name, number in ((SUITE, 50), (SOAK, 50 * TIMES)):
        settings.register_profile(
            name, max_examples=number, deadline=None, suppress_health_check=[HealthCheck.too_slow]
        )
    settings.load_profile(SUITE)


def examples(number: int, **more: Any) -> settings:
    """Return settings for so many examples in the suite, and for many times as many in the soak."""
    times = TIMES if settings.get_current_profile_name() == SOAK else 1
    return settings(max_examples=number * times, **more)
