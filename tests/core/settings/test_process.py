"""A process of a `service.yaml`: commands that a shell can run and runit can watch, and how long they may take."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envtree.core.model.diagnostic import Diagnostic, errors
from envtree.core.model.tree import Process
from envtree.core.settings.project import read_project
from tests.builders import SETTINGS, source_of


def read(process: str, more: str = "") -> tuple[Process, tuple[Diagnostic, ...]]:
    service = f"{more}processes:\n  web: {process}\n"
    project, problems = read_project(source_of({"envtree.yaml": SETTINGS, "configs/a/service.yaml": service}))
    return project.services[0].processes[0], errors(problems)


@pytest.mark.parametrize(
    ("text", "ready", "timeout"),
    [
        ("{command: x}", None, 60.0),
        ("{command: x, ready: curl}", "curl", 60.0),
        ("{command: x, ready: {command: curl}}", "curl", 60.0),
        ("{command: x, ready: {command: curl, timeout: 1.5m}}", "curl", 90.0),
        ("{command: x, ready: {command: curl, timeout: 500ms}}", "curl", 0.5),
    ],
)
def test_ready_is_a_command_with_or_without_a_timeout(text: str, ready: str | None, timeout: float) -> None:
    process, problems = read(text)
    assert problems == ()
    assert (process.ready, process.ready_timeout) == (ready, timeout)


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("{command: x}", {}),
        ("{command: x, count: 0}", {"production": 0, "staging": 0}),
        ("{command: x, count: 4}", {"production": 4, "staging": 4}),
        ("{command: x, count: {staging: 0}}", {"staging": 0}),
        ("{command: x, count: {staging: 0, production: 999}}", {"production": 999, "staging": 0}),
        ("{command: x, count: {}}", {}),
    ],
)
def test_a_count_is_for_all_environments_or_for_those_that_it_names(text: str, counts: dict[str, int]) -> None:
    process, problems = read(text)
    assert (dict(process.counts), problems) == (counts, ())


def test_a_count_names_only_environments_that_the_service_runs_in() -> None:
    _, (problem,) = read("{command: x, count: {staging: 1}}", "environments: [production]\n")
    assert (problem.code, problem.help) == ("unknown-environment", "it runs in production")


@pytest.mark.parametrize("task", ["manual", "release"])
def test_a_task_says_when_it_is_started(task: str) -> None:
    process, problems = read(f"{{command: x, task: {task}}}")
    assert (process.task, problems) == (task, ())


def test_a_process_is_stopped_at_once_where_it_says_so() -> None:
    process, problems = read("{command: x, stop: {timeout: 0s}}")
    assert (process.stop_timeout, problems) == (0.0, ())


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("{command: x, ready: {}}", "missing-setting", "`ready` has no `command`"),
        ("{command: x, ready: {timeout: 5s}}", "missing-setting", "`ready` has no `command`"),
        ("{command: x, ready: [curl]}", "invalid-setting", "`ready` is not text"),
        ("{command: x, ready: ' '}", "invalid-setting", "`ready` is empty"),
        ("{command: x, ready: {command: curl, timout: 5s}}", "unknown-key", "did you mean `timeout`"),
        ("{command: x, ready: {command: curl, timeout: 5}}", "invalid-setting", "no duration"),
        ("{command: x, ready: {command: curl, timeout: 0s}}", "invalid-setting", "nothing is ready at once"),
        ("{command: x, ready: {command: curl, timeout: 25h}}", "invalid-setting", "longer than a day"),
        ("{command: x, count: -1}", "invalid-setting", "no number of copies"),
        ("{command: x, count: 1000}", "invalid-setting", "no number of copies"),
        ("{command: x, count: 01}", "invalid-setting", "no number of copies"),
        ("{command: x, count: [1]}", "invalid-setting", "`count` is not text"),
        ("{command: x, count: {production: many}}", "invalid-setting", "no number of copies"),
        ("{command: x, count: {prodution: 1}}", "unknown-environment", "did you mean `production`"),
        ("{command: x, task: nightly}", "invalid-setting", "no time at which a task is started"),
        ("{command: x, task: release, count: 1}", "invalid-setting", "a task has no `count`"),
        ("{command: x, task: manual, ready: curl}", "invalid-setting", "a task has no `ready`"),
        ("{command: x, task: manual, reload: HUP}", "invalid-setting", "a task has no `reload`"),
        ("{command: x, reload: KILL}", "invalid-setting", "no signal to reload by"),
        ("{command: x, reload: SIGHUP}", "invalid-setting", "no signal to reload by"),
        ("{command: ''}", "invalid-setting", "`command` is empty"),
        ("{command: x, before_stop: ''}", "invalid-setting", "`before_stop` is empty"),
        ("{command: x, after_stop: '\t'}", "invalid-setting", "`after_stop` is empty"),
        ('{command: "x\\0"}', "invalid-setting", "`command` holds a NUL"),
        ('{command: "x\\r"}', "invalid-setting", "`command` holds a carriage return"),
        ('{command: x, before_stop: "\\e[31m"}', "invalid-setting", "U+001B"),
        ('{command: x, after_stop: "x\\x7f"}', "invalid-setting", "U+007F"),
        ('{command: x, ready: "x\\L"}', "invalid-setting", "U+2028"),
    ],
)
def test_a_wrong_line_of_a_process_is_reported_once(text: str, code: str, words: str) -> None:
    _, (problem,) = read(text)
    assert (problem.code, problem.span and problem.span.line) == (code, 2)
    assert words in problem.message


@pytest.mark.parametrize("text", ["/srv\n", "/srv\r", "/sr\tv", "\0", " "])
def test_a_folder_is_one_line(text: str) -> None:
    _, (problem,) = read("{command: x}", f"directory: {json.dumps(text)}\n")
    assert (problem.code, problem.span and problem.span.line) == ("invalid-setting", 1)


@pytest.mark.parametrize("text", ["serve &", "serve&", "a\nserve & \n", "a & b &", "a && b &", "x \\\\&", "'#' &"])
def test_a_command_in_the_background_is_an_error(text: str) -> None:
    _, (problem,) = read(f"{{command: {json.dumps(text)}}}")
    assert "in the background" in problem.message


@pytest.mark.parametrize(
    "text", ["serve", "a & b", "a & wait", "a && b", "echo '&'", "echo \\&", "serve # a & b &", "a &\nexec b"]
)
def test_a_command_that_only_has_an_ampersand_is_none(text: str) -> None:
    process, problems = read(f"{{command: {json.dumps(text)}}}")
    assert (process.command, problems) == (text, ())


@given(st.text(st.characters(max_codepoint=0x2100), min_size=1))
def test_a_command_is_read_as_written_or_refused(text: str) -> None:
    process, problems = read(f"{{command: {json.dumps(text)}}}")
    assert process.command == text or len(problems) == 1
    if not problems:
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]", process.command)


@pytest.mark.parametrize(
    ("text", "read_as"),
    [
        ("{command: x}", (None, 3, 600.0)),
        ("{command: x, on_failure: page}", ("page", 3, 600.0)),
        ("{command: x, on_failure: {command: page}}", ("page", 3, 600.0)),
        ("{command: x, on_failure: {command: page, times: 50, within: 1h}}", ("page", 50, 3600.0)),
    ],
)
def test_on_failure_is_a_command_or_says_how_often_in_which_time(
    text: str, read_as: tuple[str | None, int, float]
) -> None:
    process, problems = read(text)
    assert problems == ()
    assert (process.on_failure, process.failures, process.failure_window) == read_as


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{times: 3}", "has no `command`"),
        ("{command: page, times: 0}", "is no number of times"),
        ("{command: page, times: 51}", "is no number of times"),
        ("{command: page, within: 0s}", "is 0"),
        ("{command: page, within: 3}", "is no duration"),
        ("{command: page, witin: 3s}", "did you mean `within`?"),
    ],
)
def test_what_is_wrong_with_on_failure_is_reported_once(text: str, words: str) -> None:
    _, problems = read(f"{{command: x, on_failure: {text}}}")
    assert len(problems) == 1
    assert words in problems[0].message
