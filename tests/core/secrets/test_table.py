"""The judgement on a table of shapes: few are missed, and few plain ones are taken for secrets."""

from __future__ import annotations

from envtree.core.secrets.judgement import judge
from tests.core.secrets.table import PLAIN, TRUE

MAX_MISSES, MAX_FALSE_ALARMS = 3, 5


def test_the_table_has_at_least_a_hundred_and_fifty_rows() -> None:
    assert len(TRUE) + len(PLAIN) >= 150
    assert min(len(TRUE), len(PLAIN)) >= 50


def test_hardly_a_secret_is_missed() -> None:
    missed = [row for row in TRUE if not judge(*row).is_alarm]
    assert len(missed) <= MAX_MISSES, missed


def test_hardly_a_plain_value_is_an_alarm() -> None:
    alarms = [(row, judge(*row).reason) for row in PLAIN if judge(*row).is_alarm]
    assert len(alarms) <= MAX_FALSE_ALARMS, alarms


def test_no_reason_holds_any_part_of_a_value() -> None:
    for row in (*TRUE, *PLAIN):
        reason = judge(*row).reason
        pieces = (row.text[start : start + 12] for start in range(len(row.text) - 11))
        assert not any(piece in reason for piece in pieces), row.name
