"""Processes that a dyno confirms: which, and the lines that say so."""

from __future__ import annotations

import pytest

from envtree.core.model.tree import Span
from envtree.core.settings.heroku_reader import read_heroku_settings
from envtree.core.yaml.splice import CannotUpdate
from envtree.migration.comparing.confirmation import confirmed_by, how_confirmed, with_confirmed
from envtree.migration.comparing.expectations import unknown_confirmed
from envtree.migration.comparing.holders import MAX_EQUAL, ValueHolders
from tests.builders import source_of
from tests.heroku_comparisons import HERE, a_cell, compared, expect

SETTINGS = {
    "nothing of Heroku": "environments: {production: {instance: service}}\n",
    "an empty block": "heroku:\n",
    "a block": "# first\nheroku:\n  pipelines: true # yes\n",
    "braces": "heroku: {pipelines: true}\n",
    "another deployment": "heroku:\n  confirmed:\n    qa/a: {web: by hand}\n",
    "another process": f"heroku:\n  confirmed:\n    {HERE}: {{cron: by hand}}\n",
    "the process, otherwise": f"heroku:\n  confirmed:\n    {HERE}:\n      web: by hand # then\n",
    "no line end": "heroku:\n  pipelines: true",
    "the line ends of Windows": "heroku:\r\n  pipelines: true\r\n",
    "a byte order mark": "\ufeffheroku:\n  pipelines: true\n",
}


@pytest.mark.parametrize("what", SETTINGS)
def test_the_lines_are_added_and_all_else_stays(what: str) -> None:
    before = SETTINGS[what]
    after = with_confirmed(before.encode(), a_cell(HERE), ("web", "worker"), "v41 in run.1")
    old, new = (read_heroku_settings(source_of({"envtree.yaml": text}))[0] for text in (before, after.decode()))
    assert {*new.confirmed[a_cell(HERE)]} == {*old.confirmed.get(a_cell(HERE), ()), "web", "worker"}
    assert {*new.confirmed} == {*old.confirmed, a_cell(HERE)}
    assert (new.pipelines, after.count(b"v41 in run.1"), after.count(b"# ")) == (old.pipelines, 2, before.count("# "))
    assert with_confirmed(after, a_cell(HERE), ("web", "worker"), "v41 in run.1") == after


def test_settings_that_can_not_be_changed_are_refused() -> None:
    with pytest.raises(CannotUpdate):
        with_confirmed(b"heroku: [a]\n", a_cell(HERE), ("web",), "v1 in run.1")


@pytest.mark.parametrize(
    ("web", "worker", "dyno", "processes"),
    [
        ("1", "1", {"DYNO": "run.1"}, ("web", "worker")),
        ("1", "1", {}, ("web", "worker")),
        ("1", "1", {"DYNO": "web.2"}, ("web",)),
        ("1", "2", {"DYNO": "run.1"}, ("web",)),
        ("1", "2", {"DYNO": "worker.1"}, ()),
        ("1", "1", {"DYNO": "clock.1"}, ()),
    ],
)
def test_a_process_is_confirmed_by_a_dyno_that_speaks_for_it(
    web: str, worker: str, dyno: dict[str, str], processes: tuple[str, ...]
) -> None:
    comparison = compared({"A": "1"}, {"A": web}, {"A": worker}, dyno={"A": "1"})
    assert confirmed_by(comparison, dyno) == processes


def test_what_is_expected_to_differ_is_no_obstacle() -> None:
    comparison = compared({"A": "1"}, {"A": "2"}, expectations=(expect("A"),))
    assert confirmed_by(comparison, {}) == ("web",)


@pytest.mark.parametrize(
    ("release", "dyno", "how"),
    [
        (41, "run.4711", "v41 in run.4711"),
        (None, "web.1", "in web.1"),
        (41, "", "v41 in a dyno"),
        (41, "web.1\n# x: y", "v41 in a dyno"),
    ],
)
def test_how_is_said_in_words_that_a_file_may_hold(release: int | None, dyno: str, how: str) -> None:
    assert how_confirmed(release, {"DYNO": dyno}) == how


def test_a_confirmed_process_that_is_none_is_reported() -> None:
    at = Span("envtree.yaml", 3, 5, 5)
    confirmed = {a_cell(HERE): {"web": at, "wrker": at}, a_cell("qa/elsewhere"): {"x": at}}
    (found,) = unknown_confirmed(confirmed, {a_cell(HERE): ("web", "worker")})
    assert found.message == "`wrker` is confirmed, and is no process of production/accounts; did you mean `worker`?"
    assert (found.span, found.severity) == (at, "warning")


def test_of_very_many_holders_of_a_value_the_first_are_named_and_all_counted() -> None:
    own = Span("configs/common.yaml", 1, 1)
    cells = [a_cell(f"e{number}/s") for number in range(MAX_EQUAL + 50)]
    holders = ValueHolders(
        ("A", "1", cell, own if number < 20 else Span("configs/x.yaml", number, 1)) for number, cell in enumerate(cells)
    )
    found, count = holders.others("A", "1", cells[0], own)
    assert found == tuple(cells[20 : 20 + MAX_EQUAL])
    assert count == len(cells) - 20
    assert holders.others("A", "2", cells[0], own) == ((), 0)
    assert holders.others("A", None, cells[0], own) == ((), 0)
