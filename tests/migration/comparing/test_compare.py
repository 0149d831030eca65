"""What Heroku gives an app against what the tree gives its processes: each difference is found, with its kind."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envtree.migration.apps.fleet import App
from envtree.migration.comparing.compare import ProcessValues, compare
from envtree.migration.comparing.comparison import ONLY_IN_DYNO, OTHER_IN_DYNO
from tests.examples import examples
from tests.heroku_comparisons import HERE, SEALED, a_cell, an_app, compared, expect, ours, single

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from envtree.core.settings.heroku import Expected
    from envtree.migration.comparing.comparison import HerokuComparison

names = st.from_regex(r"[A-Z][A-Z0-9_]{0,8}", fullmatch=True)
carried = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20).filter(
    lambda text: not text.endswith((" ", "\t"))
)
cells = st.sampled_from([f"{environment}/{service}" for environment in ("production", "qa") for service in "abc"])


@examples(20)
@given(st.dictionaries(cells, st.dictionaries(names, carried, max_size=5), min_size=1), st.integers(1, 3))
def test_a_fleet_compared_with_itself_is_the_same(fleet: dict[str, dict[str, str]], processes: int) -> None:
    own = {cell: {f"p{number}": ours(values) for number in range(processes)} for cell, values in fleet.items()}
    comparison = compare([(a_cell(each), an_app(fleet[each], each), own[each]) for each in fleet], (), {})
    assert comparison.is_same
    assert not comparison.differences
    assert [app.same for app in comparison.apps] == [len(fleet[cell]) for cell in sorted(fleet)]


PLANTS: dict[str, tuple[str, Callable[[str], str]]] = {
    "a final newline": ("one\ntwo", lambda text: f"{text}\n"),
    "line ends": ("one\ntwo\n", lambda text: text.replace("\n", "\r\n")),
    "newlines written as `\\n`": ("one\ntwo\n", lambda text: text.replace("\n", "\\n")),
    "whitespace at the start": ("one", lambda text: f" {text}"),
    "whitespace at the end": ("one", lambda text: f"{text}\n\n"),
    "quotes around it": ("it's", lambda text: f'"{text}"'),
    "letter case": ("Debug", str.upper),
    "a number written otherwise": ("1.10", lambda text: str(float(text))),
    "a boolean written otherwise": ("yes", lambda text: "true"),
    "a null written otherwise": ("~", lambda text: "null"),
    "a date written otherwise": ("2024-01-01", lambda text: f"{text}T00:00:00Z"),
    "percent-encoding": ("a b/c", lambda text: quote(text, "")),
    "JSON written otherwise": ('{"b": 1, "a": "é"}', lambda text: json.dumps(json.loads(text), sort_keys=True)),
    "cut short": ("postgres://one", lambda text: text[:10]),
    "one of them is empty": ("x", lambda text: ""),
    "other": ("one", lambda text: "two"),
}


@pytest.mark.parametrize("kind", PLANTS)
@examples(8)
@given(st.dictionaries(names, carried, max_size=4), names)
def test_one_planted_change_is_found_alone_and_with_its_kind(kind: str, values: dict[str, str], name: str) -> None:
    text, change = PLANTS[kind]
    comparison = compared({**values, name: text}, {**values, name: change(text)})
    found = single(comparison)
    assert (found.name, found.section, found.kind) == (name, "different", kind)
    assert (found.heroku, found.ours) == (text, change(text))
    assert not comparison.is_same
    assert comparison.apps[0].same == len({*values} - {name})


@pytest.mark.parametrize(
    ("heroku", "own", "section", "processes"),
    [
        ({"A": "1"}, ({}, {}), "missing", ("web", "worker")),
        ({"A": "1"}, ({"A": None}, {"A": None}), "missing", ("web", "worker")),
        ({"A": "1"}, ({"A": "1"}, {}), "missing", ("worker",)),
        ({}, ({"A": "1"}, {"A": "1"}), "extra", ("web", "worker")),
        ({}, ({"A": ""}, {}), "extra", ("web",)),
        ({"A": "1"}, ({"A": "2"}, {"A": "2"}), "different", ("web", "worker")),
        ({"A": ""}, ({"A": "1"}, {"A": ""}), "different", ("web",)),
        ({"A": "1"}, ({"A": SEALED}, {"A": "1"}), "unknown", ("web",)),
        ({}, ({"A": SEALED}, {}), "unknown", ("web",)),
        ({"A": "1 "}, ({"A": "1"}, {"A": "1"}), "uncarried", ("web", "worker")),
        ({"A": "1 "}, ({}, {}), "uncarried", ("web", "worker")),
        ({"A": "\ud800"}, ({}, {}), "uncarried", ("web", "worker")),
        ({"a/b": "1"}, ({}, {}), "uncarried", ("web", "worker")),
        ({".x": "1"}, ({".x": "1"}, {".x": "1"}), "uncarried", ("web", "worker")),
    ],
)
def test_a_difference_has_one_section_and_the_processes_that_it_is_about(
    heroku: dict[str, str], own: tuple[dict[str, str | None], ...], section: str, processes: tuple[str, ...]
) -> None:
    found = single(compared(heroku, *own))
    assert (found.section, found.processes) == (section, processes)


def test_processes_that_get_different_values_are_two_differences_each_with_its_line() -> None:
    web, worker = compared({"A": "1"}, {"A": "2"}, {"B": "1", "A": "3"}).differences[:2]
    assert (web.processes, web.ours, str(web.span)) == (("web",), "2", "configs/accounts/web/common.yaml:1:10")
    assert (worker.processes, worker.ours, str(worker.span)) == (
        ("worker",),
        "3",
        "configs/accounts/worker/common.yaml:2:10",
    )


def test_a_value_that_can_not_be_carried_says_why_and_in_what_ours_differs() -> None:
    found = single(compared({"MOTD": "hello "}, {"MOTD": "hello"}))
    assert (found.reason, found.kind) == ("ends in a blank, which chpst would drop", "whitespace at the end")


def test_what_add_ons_set_is_counted_and_set_apart_where_it_differs() -> None:
    app = an_app({"DATABASE_URL": "one", "CACHE_URL": "two", "X": "3"}, HERE, "DATABASE_URL", "CACHE_URL")
    comparison = compared(app, {"DATABASE_URL": "four", "CACHE_URL": "two", "X": "3"})
    found = single(comparison)
    assert (found.section, found.owner, found.addon) == ("owned", "add-on", "postgresql-clear-1")
    assert (comparison.apps[0].same, comparison.apps[0].owned) == (2, 2)
    assert not comparison.is_same


def test_a_missing_variable_of_an_add_on_is_named_like_any_other() -> None:
    found = single(compared(an_app({"DATABASE_URL": "one"}, HERE, "DATABASE_URL"), {}))
    assert (found.section, found.owner) == ("missing", "add-on")


def test_without_attachments_it_is_not_known_what_add_ons_set() -> None:
    comparison = compared(App("acme", values={}), {})
    assert comparison.apps[0].owned is None


@pytest.mark.parametrize(
    ("base", "heroku", "own", "since"),
    [
        ("a", "b", "a", "heroku"),
        ("a", "a", "b", "us"),
        ("a", "b", "c", "both"),
        ("a", None, "a", "heroku"),
        ("a", "a", None, "us"),
        (None, "a", None, "heroku"),
        (None, None, "a", "us"),
        (None, "a", "b", "both"),
        ("a", "b", SEALED, ""),
        ("a ", "a ", "a", ""),
        ("a", "b ", "a", "heroku"),
    ],
)
def test_with_a_base_it_is_known_who_changed_a_variable(
    base: str | None, heroku: str | None, own: str | None, since: str
) -> None:
    def row(text: str | None) -> dict[str, str]:
        return {} if text is None else {"A": text}

    assert single(compared(row(heroku), row(own), base=row(base))).changed_by == since
    assert single(compared(row(heroku), row(own))).changed_by == ""


@pytest.mark.parametrize("heroku", [{"A": "one"}, {}])
def test_a_value_that_the_tree_gives_another_environment_is_said_to_be_its(heroku: dict[str, str]) -> None:
    others = {"staging/accounts": {"A": "two"}, "staging/mail": {"A": "two"}, "qa/mail": {"A": "one"}}
    found = single(compared(heroku, {"A": "two"}, elsewhere=others))
    assert found.equal_to == (a_cell("staging/accounts"), a_cell("staging/mail"))


def test_whose_value_it_is_does_not_depend_on_what_is_selected() -> None:
    own = {"web": ours({"A": "two"}, "web/common")}
    tree = {a_cell(HERE): own, a_cell("staging/accounts"): {"web": ours({"A": "two"})}}
    found = single(compare([(a_cell(HERE), an_app({"A": "one"}), own)], (), {}, tree=tree))
    assert found.equal_to == (a_cell("staging/accounts"),)


def test_a_value_that_two_environments_have_from_one_line_is_no_others() -> None:
    own = {"web": ours({"A": "two"})}
    tree = {a_cell(HERE): own, a_cell("staging/accounts"): {"web": ours({"A": "two"})}}
    assert single(compare([(a_cell(HERE), an_app({"A": "one"}), own)], (), {}, tree=tree)).equal_to == ()


@pytest.mark.parametrize(
    ("heroku", "own", "dyno", "section", "note"),
    [
        ({}, {}, {"LANG": "C"}, "missing", ONLY_IN_DYNO),
        ({}, {"LANG": "D"}, {"LANG": "C"}, "different", ONLY_IN_DYNO),
        ({"A": "1"}, {"A": "1"}, {"A": "2"}, "different", OTHER_IN_DYNO),
        ({"A": "1"}, {"A": "2"}, {"A": "2"}, "different", OTHER_IN_DYNO),
        ({"A": "1"}, {}, {"A": "2"}, "missing", OTHER_IN_DYNO),
        ({}, {"DYNO": "1"}, {"DYNO": "2"}, "extra", ""),
        ({"PORT": "1"}, {"PORT": "1"}, {"PORT": "2"}, "different", OTHER_IN_DYNO),
    ],
)
def test_what_a_dyno_gets_besides_its_config_vars_is_compared_too(
    heroku: dict[str, str], own: dict[str, str], dyno: dict[str, str], section: str, note: str
) -> None:
    found = single(compared(heroku, own, dyno=dyno))
    assert (found.section, found.note) == (section, note)
    assert found.heroku != found.ours
    assert found.equal_to == ()


@pytest.mark.parametrize("dyno", [{}, {"PORT": "4711"}])
def test_a_port_is_ours_by_design_where_no_config_var_has_it(dyno: dict[str, str]) -> None:
    assert compared({}, {"PORT": "5000"}, dyno=dyno).is_same
    assert single(compared({"PORT": "80"}, {"PORT": "5000"}, dyno=dyno)).section == "different"


def test_of_what_only_a_dyno_gets_it_is_not_known_who_changed_it() -> None:
    assert single(compared({}, {"LANG": "D"}, dyno={"LANG": "C"}, base={})).changed_by == ""


def test_the_order_of_the_processes_says_nothing() -> None:
    own = {"worker": ours({"A": "2"}), "web": ours({"A": "2"})}
    comparison = compare([(a_cell(HERE), an_app({"A": "1"}), own)], (), {})
    assert single(comparison).processes == comparison.apps[0].processes == ("web", "worker")


@pytest.mark.parametrize("name", ["PORT", "DYNO", "PATH", "HOME", "SHLVL", "_"])
def test_what_a_dyno_and_its_shell_set_by_themselves_is_nothing_to_miss(name: str) -> None:
    assert compared({}, {}, dyno={name: "1"}).is_same


def test_a_variable_that_a_dyno_gets_and_a_process_too_is_the_same() -> None:
    comparison = compared({}, {"LANG": "C"}, dyno={"LANG": "C"})
    assert comparison.is_same
    assert comparison.apps[0].same == 1


STATES: dict[str, tuple[dict[str, str], dict[str, str | None], Expected | None]] = {
    "another value": ({"A": "1"}, {"A": "2"}, "different"),
    "another value in place of one that can't be carried": ({"A": "1 "}, {"A": "2"}, "different"),
    "no value": ({"A": "1"}, {}, "unset"),
    "no value, by an entry": ({"A": "1"}, {"A": None}, "unset"),
    "no value in place of one that can't be carried": ({"A": "1 "}, {}, "unset"),
    "an empty value": ({"A": "1"}, {"A": ""}, "unset"),
    "a blank value": ({"A": "1"}, {"A": " \n"}, "unset"),
    "a value of our own": ({}, {"A": "1"}, "new"),
    "an empty value of our own": ({}, {"A": ""}, None),
    "a sealed value": ({"A": "1"}, {"A": SEALED}, None),
    "a sealed value of our own": ({}, {"A": SEALED}, None),
}


@pytest.mark.parametrize("what", ["different", "unset", "new"])
@pytest.mark.parametrize("state", STATES)
def test_an_expectation_covers_what_it_says_and_nothing_else(state: str, what: Expected) -> None:
    heroku, own, covered_by = STATES[state]
    comparison = compared(heroku, own, expectations=(expect("A", HERE, what=what),))
    assert comparison.is_same is (what == covered_by)
    found = single(comparison)
    assert (found.section == "expected", found.reason == "we know") == (comparison.is_same, comparison.is_same)
    assert bool(found.hint) is not (comparison.is_same or found.is_sealed)
    assert not comparison.unmet


@pytest.mark.parametrize(
    ("own", "what", "is_expected"),
    [
        ({"DATABASE_URL": "two"}, "different", True),
        ({}, "different", False),
        ({"DATABASE_URL": ""}, "different", False),
        ({}, "unset", True),
        ({"DATABASE_URL": "two"}, "unset", True),
    ],
)
def test_all_that_an_owner_sets_can_be_expected_to_differ(
    own: dict[str, str], what: Expected, *, is_expected: bool
) -> None:
    app = an_app({"DATABASE_URL": "one"}, HERE, "DATABASE_URL")
    comparison = compared(app, own, expectations=(expect("", owner="add-on", what=what),))
    assert (single(comparison).section == "expected", comparison.is_same) == (is_expected, is_expected)


@pytest.mark.parametrize("owner", ["", "add-on"])
@pytest.mark.parametrize("shared", [True, False])
def test_a_value_that_is_anothers_is_expected_only_where_that_is_said(owner: str, *, shared: bool) -> None:
    app = an_app({"A": "1"}, HERE, "A")
    about = expect("" if owner else "A", owner=owner, shared=shared)
    comparison = compared(app, {"A": "2"}, expectations=(about,), elsewhere={"staging/accounts": {"A": "2"}})
    (found,) = (each for each in comparison.differences if each.deployment == a_cell(HERE))
    assert (found.section == "expected", "shared: true" in found.hint) == (shared, not shared)


def test_an_expectation_about_one_process_says_nothing_of_another() -> None:
    web, worker = compared({"A": "1"}, {"A": "2"}, {"A": "2"}, expectations=(expect("A", f"{HERE}/web"),)).differences
    assert [(each.processes, each.section) for each in (web, worker)] == [
        (("web",), "expected"),
        (("worker",), "different"),
    ]


ROW = {"DATABASE_URL": "1", "A": "2"}
UNMET = [
    (expect("A"), "`A` is the same everywhere it is expected to differ"),
    (
        expect("DATABSE_URL"),
        "`DATABSE_URL` is expected to differ, and is not set in any app; did you mean `DATABASE_URL`?",
    ),
    (expect("ZZZ", "production"), "`ZZZ` is expected to differ, and is not set in `production`"),
    (
        expect("A", "production/acounts"),
        "`production/acounts` names no app that is compared; did you mean `production/accounts`?",
    ),
    (expect("A", "stagin"), "`stagin` names no app that is compared"),
    (expect("", owner="buildpack"), "`buildpack` sets nothing in any app, and it is expected to differ"),
    (expect("", owner="team"), "what `team` sets is the same everywhere it is expected to differ"),
]


@pytest.mark.parametrize(("expectation", "message"), UNMET)
def test_an_expectation_without_effect_is_reported_and_changes_no_answer(expectation: object, message: str) -> None:
    comparison = compared(ROW, ROW, expectations=(expectation,))  # type: ignore[arg-type]
    (found,) = comparison.unmet
    assert (found.code, found.severity, found.message) == ("unmet-expectation", "warning", message)
    assert str(found.span) == "envtree.yaml:9:5"
    assert comparison.is_same


def test_an_expectation_that_may_be_about_what_was_not_compared_is_not_reported() -> None:
    assert not compared(App("acme", fault="gone"), {}, expectations=(expect("A"),)).unmet
    unread = App("acme", values=ROW)
    assert not compared(unread, ROW, expectations=(expect("", owner="add-on"),)).unmet


@pytest.mark.parametrize(
    ("app", "processes", "fault"),
    [
        (App("acme", fault="403 forbidden"), ({},), "403 forbidden"),
        (App("acme", values={"A": "1"}, fault="changed while it was read"), ({},), "changed while it was read"),
        (App("acme"), ({},), "its config vars were not read"),
        (an_app({"A": "1"}), (), "the tree gives it no process that is valid"),
    ],
)
def test_an_app_that_can_not_be_compared_is_never_the_same(
    app: App, processes: tuple[dict[str, str], ...], fault: str
) -> None:
    comparison = compared(app, *processes, elsewhere={"staging/accounts": {"A": "1"}})
    assert [app.fault for app in comparison.apps] == [fault, ""]
    assert not comparison.is_same
    assert not comparison.is_complete


def test_differences_come_by_cell_and_name_whatever_the_order_of_the_apps() -> None:
    def of(cell: str) -> tuple[object, App, Mapping[str, ProcessValues]]:
        return a_cell(cell), an_app({"B": "1", "A": "1"}, cell), {"web": ours({"C": "1"})}

    def found(*cells: str) -> HerokuComparison:
        return compare([of(cell) for cell in cells], (), {})  # type: ignore[misc]

    assert found("qa/a", "production/b", "production/a") == found("production/a", "production/b", "qa/a")
    names = [(str(each.deployment), each.name) for each in found("qa/a", "production/b").differences]
    assert names == [(cell, name) for cell in ("production/b", "qa/a") for name in "ABC"]


def test_no_value_stands_in_what_python_shows_of_a_comparison() -> None:
    own = ours({"A": "hunter2"})
    comparison = compared({"A": "hunter1", "B": "hunter3"}, {"A": "hunter2", "C": "hunter4"}, base={"A": "hunter5"})
    assert "hunter" not in repr(own) + repr(comparison) + str(comparison)
