"""How far a team is on its way off Heroku."""

from __future__ import annotations

import json

import pytest

from envtree.migration.apps.fleet import App
from envtree.migration.comparing.compare import compare
from envtree.migration.comparing.progress import AppProgress, as_json, as_text, percentage, progress_of, summary
from tests.heroku_comparisons import HERE, a_cell, an_app, compared, expect, ours


def a_standing(same: int = 0, on_purpose: int = 0, still: int = 0, fault: str = "") -> AppProgress:
    return AppProgress(a_cell(HERE), "acme", same, on_purpose, still, fault)


def test_a_variable_counts_once_however_many_of_its_processes_differ() -> None:
    comparison = compared(
        {"A": "1", "B": "1", "C": "1", "D": "1", "E": "1 "},
        {"A": "2", "B": "2", "C": "1"},
        {"A": "3", "B": "1", "C": "1"},
        expectations=(expect("D"),),
    )
    (standing,) = progress_of(comparison)
    assert standing[2:5] == (1, 1, 3)
    assert percentage([standing]) == 40


@pytest.mark.parametrize(
    ("standings", "percent"),
    [
        ([], 100),
        ([a_standing(same=3)], 100),
        ([a_standing(same=3, on_purpose=2)], 100),
        ([a_standing(same=999, still=1)], 99),
        ([a_standing(still=1)], 0),
        ([a_standing(same=3), a_standing(fault="403")], 99),
        ([a_standing(same=1, still=1), a_standing(fault="403")], 50),
    ],
)
def test_nothing_is_wholly_done_while_something_is_open_or_not_known(
    standings: list[AppProgress], percent: int
) -> None:
    assert percentage(standings) == percent


def test_nothing_is_wholly_done_while_an_app_has_no_place() -> None:
    standings = [a_standing(same=3)]
    assert json.loads(as_json(standings, 2))["percent"] == 99
    assert as_text(standings, error_count=2).endswith("1 of 1 app done; 2 errors leave this incomplete\n")


def test_the_ledger_is_a_table_with_all_apps_in_one_line_below() -> None:
    comparison = compare(
        [
            (a_cell(HERE), an_app({"A": "1", "B": "1"}), {"web": ours({"A": "1", "B": "2"})}),
            (a_cell("staging/pay"), App("acme-pay", fault="403 forbidden\n"), {}),
            (a_cell("staging/mail"), an_app({"A": "1"}, "staging/mail"), {"web": ours({"A": "2"})}),
        ],
        (expect("A", "staging"),),
        {},
    )
    assert as_text(progress_of(comparison)) == (
        "SERVICE              APP                       SAME  ON PURPOSE  OPEN  DONE\n"
        "production/accounts  acme-production-accounts     1           0     1   50%\n"
        "staging/mail         acme-staging-mail            0           1     0  100%\n"
        "staging/pay          acme-pay                  could not be compared: 403 forbidden\\n\n"
        "\n"
        "66% done: of 3 variables, 1 the same, 1 changed on purpose, 1 open; 1 of 3 apps done; "
        "1 app could not be compared\n"
    )
    data = json.loads(as_json(progress_of(comparison)))
    assert {name: count for name, count in data.items() if name != "apps"} == {
        "percent": 66,
        "same": 1,
        "on_purpose": 1,
        "open": 1,
        "not_compared": 1,
    }
    assert [(each["percent"], each["open"], each["fault"]) for each in data["apps"]] == [
        (50, 1, None),
        (100, 0, None),
        (None, None, "403 forbidden\n"),
    ]


def test_without_an_app_there_is_nothing_to_say() -> None:
    assert summary(()) == "there is no app to compare"
    assert as_text(()).startswith("SERVICE")
