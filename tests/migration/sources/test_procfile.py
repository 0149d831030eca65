"""A Procfile: each line is a process, or it is refused."""

from __future__ import annotations

import pytest

from envtree.migration.apps.fleet import ProcessType
from envtree.migration.sources.naming import environment_of_file
from envtree.migration.sources.procfile import read_procfile


def test_processes_are_read_in_their_order() -> None:
    text = "# what runs\r\n\nweb: bundle exec puma -p $PORT \nworker_low:sidekiq -q 'a: b'\r\nrelease:\trake db:migrate"
    assert read_procfile("Procfile", text) == (
        (
            ProcessType("web", "bundle exec puma -p $PORT", 1),
            ProcessType("worker_low", "sidekiq -q 'a: b'", 1),
            ProcessType("release", "rake db:migrate", 1),
        ),
        (),
    )


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("web: a\nworker b", 2, "names no process"),
        ("web:", 1, "names no process"),
        ("web:  ", 1, "names no process"),
        ("we b: a", 1, "names no process"),
        (": a", 1, "names no process"),
        ("web: a\n\nweb: b", 3, "is there twice"),
        ("", 1, "the file names no process"),
        ("# web: a\n", 1, "the file names no process"),
    ],
)
def test_a_line_that_is_no_process_is_refused(text: str, line: int, words: str) -> None:
    _, problems = read_procfile("Procfile", text)
    assert [each.code for each in problems] == ["unusable-file"]
    assert words in problems[0].message
    assert problems[0].span is not None
    assert problems[0].span.line == line


@pytest.mark.parametrize(
    ("path", "environment"),
    [
        ("../shop/.env.production", "production"),
        (".env.prod", "production"),
        ("staging.env", "staging"),
        (".env.review", "review"),
        (".env.canary", "canary"),
        (".env", ""),
        (".env.example", ""),
        (".env.local", ""),
        (".env.production.local", ""),
        ("env", ""),
    ],
)
def test_the_name_of_a_file_says_its_environment(path: str, environment: str) -> None:
    assert environment_of_file(path, ("production", "canary")) == environment
