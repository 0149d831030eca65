"""The state of a process that runs, by how long it has and how it ended before."""

from __future__ import annotations

import pytest

from envtree.machine.services.condition import End, EnvironmentState, ProcessStatus, running_state
from envtree.machine.services.report import as_table


def ends(*seconds: float) -> tuple[End, ...]:
    return tuple(End(7, 0, each) for each in seconds)


@pytest.mark.parametrize(
    ("before", "seconds", "state"),
    [
        ((), 0.3, "starting"),
        ((), 0.6, "up"),
        (ends(2.0), 0.6, "restarting"),
        (ends(20.0), 19.0, "up"),
        (ends(30.0, 20.0, 10.0), 9.0, "looping"),
        (ends(90.0, 80.0, 70.0), 69.0, "up"),
        (ends(900.0, 800.0, 10.0), 9.0, "up"),
    ],
)
def test_what_has_lived_a_moment_is_not_up_and_what_ends_again_and_again_is_a_loop(
    before: tuple[End, ...], seconds: float, state: str
) -> None:
    assert running_state(before, seconds, is_ready=True, has_check=False) == state


def test_what_has_a_check_is_as_ready_as_that_says() -> None:
    assert running_state((), 0.1, is_ready=True, has_check=True) == "up"
    assert running_state((), 100.0, is_ready=False, has_check=True) == "not ready"


@pytest.mark.parametrize(
    ("before", "says"),
    [
        ((), "  -  "),
        (ends(12.0), "  exit code 7, 12s ago  "),
        (ends(700.0, 65.0, 3.0), "  exit code 7, 3s ago, 2 times in 10m  "),
        ((End(-1, 9, 3.0),), "  killed by SIGKILL, 3s ago  "),
    ],
)
def test_the_table_says_how_and_when_a_process_ended_last(before: tuple[End, ...], says: str) -> None:
    process = ProcessStatus("a/b/c", "up", 5, 1.0, 3, "f" * 64, EnvironmentState("current"), "/log", before)
    assert says in as_table([process], lambda _, text: text)
