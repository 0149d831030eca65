"""What Heroku's API answers, as values."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envtree.migration.apps import answers
from envtree.migration.apps.answers import UnexpectedAnswer, decode
from envtree.migration.apps.fleet import App, Attachment, ProcessType

CANARY = "hunter2-canary"
ATTACHMENT = {
    "name": "DATABASE",
    "app": {"id": "a1"},
    "addon": {"name": "pg-1", "plan": {"name": "postgres:0"}},
    "config_vars": ["DATABASE_URL"],
}
PROCESS = {"type": "web", "command": "run", "quantity": 1}


@given(st.dictionaries(st.text(), st.text()))
def test_every_text_comes_back_as_it_was(values: dict[str, str]) -> None:
    assert answers.config_vars(decode(json.dumps(values).encode())) == values
    assert answers.config_vars(decode(json.dumps(values, ensure_ascii=False).encode())) == values


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"<html>",
        b'{"A": "1", "A": "2"}',
        b'[{"x": {"A": 1, "A": 1}}]',
        b"[NaN]",
        b"[Infinity]",
        b"[" * 200_000,
        b"9" * 10_000,
        b'"\xff"',
        '{"A": "1"}'.encode("utf-16"),
        b'\xef\xbb\xbf{"A": "1"}',
        b'{"A": "hunter2-canary"',
        b'{"A": "hunter2-canary"} x',
    ],
)
def test_what_is_no_json_is_refused_without_quoting_it(body: bytes) -> None:
    with pytest.raises(UnexpectedAnswer) as refused:
        decode(body)
    assert CANARY not in repr(refused.value)
    assert len(str(refused.value)) < 60


@pytest.mark.parametrize("value", [None, 1, 1.5, True, [CANARY], {"x": CANARY}, "\ud800", f"{CANARY}\udfff"])
def test_a_config_var_that_is_no_text_is_named_without_its_value(value: object) -> None:
    with pytest.raises(UnexpectedAnswer, match=r"its config var `STRIPE\\nKEY` is no") as refused:
        answers.config_vars({"A": "1", "STRIPE\nKEY": value})
    assert CANARY not in repr(refused.value)


@pytest.mark.parametrize("found", [None, [], "A", 3])
def test_config_vars_that_are_no_object_are_refused(found: object) -> None:
    with pytest.raises(UnexpectedAnswer, match="no object"):
        answers.config_vars(found)


def test_apps_come_by_name_with_their_pipeline_and_stage() -> None:
    apps = answers.apps([{"id": "a2", "name": "web"}, {"id": "a1", "name": "jobs"}, {"id": "a3", "name": "lone"}])
    pipelines = [{"id": "p1", "name": "acme"}]
    couplings = [
        {"app": {"id": "a2"}, "pipeline": {"id": "p1"}, "stage": "production"},
        {"app": {"id": "a1"}, "pipeline": {"id": "of others"}, "stage": "staging"},
        {"app": {"id": "a9"}, "pipeline": {"id": "p1"}, "stage": "staging"},
    ]
    assert answers.with_pipelines(apps, pipelines, couplings) == (
        App("jobs", "a1"),
        App("lone", "a3"),
        App("web", "a2", "acme", "production"),
    )


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({}, "no list of apps"),
        ([1], "no list of apps"),
        ([{"id": "1"}], "no `name`"),
        ([{"name": "web"}], "no `id`"),
        ([{"id": 7, "name": "web"}], "no `id`"),
        ([{"id": "1", "name": "web/../x"}], "no name of an app"),
        ([{"id": "1", "name": "web\n"}], r"`web\\n` is no name"),
        ([{"id": "1", "name": "x" * 500}], r"x\.\.\.` is no name"),
        ([{"id": "1", "name": "web"}, {"id": "2", "name": "web"}], "listed twice"),
    ],
)
def test_a_list_of_apps_that_is_none_is_refused(found: object, words: str) -> None:
    with pytest.raises(UnexpectedAnswer, match=words):
        answers.apps(found)


@pytest.mark.parametrize(
    ("pipelines", "couplings"),
    [
        ({}, []),
        ([{"id": "p"}], []),
        ([], {}),
        ([], [{}]),
        ([], [{"app": {"id": "a"}, "pipeline": "p", "stage": "s"}]),
        ([], [{"app": {"id": "a"}, "pipeline": {"id": "p"}, "stage": None}]),
        ([], [{"app": {"id": "a"}, "pipeline": {"id": "p"}, "stage": "s"}] * 2),
    ],
)
def test_couplings_that_are_none_are_refused(pipelines: object, couplings: object) -> None:
    with pytest.raises(UnexpectedAnswer):
        answers.with_pipelines((), pipelines, couplings)


def test_attachments_come_by_app() -> None:
    second = {**ATTACHMENT, "name": "BLUE", "addon": {"name": "pg-1"}, "config_vars": ["B", "A"]}
    other = {**ATTACHMENT, "app": {"id": "a2"}}
    assert answers.attachments([ATTACHMENT, second, other]) == {
        "a1": (
            Attachment("BLUE", "pg-1", "", ("A", "B")),
            Attachment("DATABASE", "pg-1", "postgres:0", ("DATABASE_URL",)),
        ),
        "a2": (Attachment("DATABASE", "pg-1", "postgres:0", ("DATABASE_URL",)),),
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"config_vars": None},
        {"config_vars": "DATABASE_URL"},
        {"config_vars": [1]},
        {"addon": None},
        {"addon": {"name": 1}},
        {"addon": {"name": "pg", "plan": {"name": 1}}},
        {"app": {}},
        {"name": None},
    ],
)
def test_an_attachment_that_lacks_something_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UnexpectedAnswer):
        answers.attachments([{**ATTACHMENT, **wrong}])


def test_an_attachment_must_say_which_config_vars_it_sets() -> None:
    without = {name: value for name, value in ATTACHMENT.items() if name != "config_vars"}
    with pytest.raises(UnexpectedAnswer, match="`DATABASE` doesn't say which config vars it sets"):
        answers.attachments([without])


def test_a_formation_comes_by_name() -> None:
    found = answers.formation([PROCESS, {**PROCESS, "type": "cron", "quantity": 0}])
    assert found == (ProcessType("cron", "run", 0), ProcessType("web", "run", 1))


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": ""},
        {"type": "a b"},
        {"type": None},
        {"command": None},
        {"quantity": -1},
        {"quantity": True},
        {"quantity": "1"},
    ],
)
def test_a_process_type_that_lacks_something_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UnexpectedAnswer):
        answers.formation([{**PROCESS, **wrong}])


def test_a_process_type_stands_once() -> None:
    with pytest.raises(UnexpectedAnswer, match="listed twice"):
        answers.formation([PROCESS, PROCESS])


def test_only_features_that_are_switched_on_count() -> None:
    found = [{"name": "b", "enabled": True}, {"name": "a", "enabled": True}, {"name": "c", "enabled": False}]
    assert answers.enabled_features(found) == ("a", "b")
    with pytest.raises(UnexpectedAnswer):
        answers.enabled_features([{"name": "a", "enabled": "yes"}])


def test_the_newest_release_has_the_highest_version() -> None:
    assert answers.newest_release([{"version": 9}, {"version": 10}]) == 10
    assert answers.newest_release([]) is None
    for wrong in ("10", None, True, -1, 1.5):
        with pytest.raises(UnexpectedAnswer):
            answers.newest_release([{"version": wrong}])
