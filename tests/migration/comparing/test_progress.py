"""How far a team is on its way off Heroku."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from envtree.core.settings.heroku import HerokuSettings
from envtree.migration.apps.fleet import App
from envtree.migration.comparing.compare import compare
from envtree.migration.comparing.findings import find
from envtree.migration.comparing.progress import AppProgress, ProgressCounts, percentage, progress_of
from envtree.migration.comparing.progress_report import as_json, as_text, summary
from tests.heroku_comparisons import HERE, a_cell, an_app, compared, expect, ours


def a_standing(same: int = 0, on_purpose: int = 0, fault: str = "", skipped: str = "", **left: int) -> AppProgress:
    return AppProgress(a_cell(HERE), "acme", ProgressCounts(same, on_purpose, **left), fault, skipped)


def test_a_variable_counts_once_however_many_of_its_processes_differ() -> None:
    comparison = compared(
        {"A": "1", "B": "1", "C": "1", "D": "1", "E": "1 "},
        {"A": "2", "B": "2", "C": "1", "D": "2"},
        {"A": "3", "B": "1", "C": "1", "D": "2"},
        expectations=(expect("D"),),
    )
    (standing,) = progress_of(comparison)
    assert standing.counts == ProgressCounts(1, 1, 2, 1, confirmed=2)
    assert standing.counts.variables == 5


@pytest.mark.parametrize(
    ("standings", "percent"),
    [
        ([], 0),
        ([a_standing()], 100),
        ([a_standing(same=3)], 100),
        ([a_standing(same=3, on_purpose=2)], 100),
        ([a_standing(same=999, open=1)], 99),
        ([a_standing(open=1)], 0),
        ([a_standing(same=1, not_carried=1)], 50),
        ([a_standing(same=1, at_addons=1)], 50),
        ([a_standing(same=1, in_clear=1)], 50),
        ([a_standing(same=1, unconfirmed=1)], 50),
        ([a_standing(same=1, confirmed=1)], 100),
        ([a_standing(same=3), a_standing(fault="403")], 99),
        ([a_standing(same=3), a_standing(skipped="old")], 99),
        ([a_standing(same=3)._replace(addons_known=False)], 99),
        ([a_standing(same=1, open=1), a_standing(fault="403")], 50),
    ],
)
def test_nothing_is_wholly_done_while_something_is_left_or_not_known(
    standings: list[AppProgress], percent: int
) -> None:
    assert percentage(standings) == percent
    assert all(each.is_done for each in standings) == (percent == 100 or not standings)


def test_nothing_is_wholly_done_while_an_app_has_no_place() -> None:
    standings = [a_standing(same=3)]
    assert json.loads(as_json(standings, 2))["percent"] == 99
    assert as_text(standings, error_count=2).endswith("1 of 1 app done; 2 errors leave this incomplete\n")


def test_the_ledger_is_a_table_with_all_apps_in_one_line_below() -> None:
    pairs = [
        (a_cell(HERE), an_app({"A": "1", "B": "1"}), {"web": ours({"A": "1", "B": "2"})}),
        (a_cell("staging/pay"), App("acme-pay", fault="403 forbidden\n"), {}),
        (a_cell("staging/mail"), an_app({"A": "1"}, "staging/mail"), {"web": ours({"A": "2"})}),
    ]
    settings = HerokuSettings(
        expect=(expect("A", "staging"),),
        confirmed={a_cell("staging/mail"): {"web": expect("A").span}},
    )
    comparison = compare(pairs, settings.expect, {})
    comparison = replace(comparison, findings=find(pairs, comparison, settings))
    others = (AppProgress(None, "acme-old", skipped="switched off in May"),)
    assert as_text(progress_of(comparison, others)) == (
        "SERVICE              APP                       SAME  ON PURPOSE  OPEN  UNCONFIRMED  DONE\n"
        "production/accounts  acme-production-accounts     1           0     1            1   33%\n"
        "staging/mail         acme-staging-mail            0           1     0            0  100%\n"
        "staging/pay          acme-pay                  could not be compared: 403 forbidden\\n\n"
        "-                    acme-old                  skipped: switched off in May\n"
        "\n"
        "60% done: of 3 variables, 1 the same, 1 changed on purpose, 1 open; 1 of 4 apps done; "
        "1 of 2 processes never confirmed; 1 app could not be compared; 1 app skipped\n"
    )
    data = json.loads(as_json(progress_of(comparison, others)))
    assert {name: count for name, count in data.items() if name != "apps"} == {
        "percent": 60,
        "same": 1,
        "on_purpose": 1,
        "open": 1,
        "not_carried": 0,
        "at_addons": 0,
        "in_clear": 0,
        "unconfirmed": 1,
        "not_compared": 1,
        "skipped": 1,
    }
    assert [(each["percent"], each["open"], each["fault"], each["skipped"], each["done"]) for each in data["apps"]] == [
        (33, 1, None, None, False),
        (100, 0, None, None, True),
        (None, None, "403 forbidden\n", None, False),
        (None, None, None, "switched off in May", False),
    ]


def test_without_an_app_there_is_nothing_to_say() -> None:
    assert summary(()) == "there is no app to compare"
    assert as_text(()).startswith("SERVICE")
