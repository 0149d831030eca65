"""A service.yaml that somebody wrote by habit: a Procfile, or a key that is surely another."""

from __future__ import annotations

import pytest

from envtree.core.settings.project import read_project
from tests.builders import SETTINGS, source_of


def found(service: str, settings: str = SETTINGS) -> list[tuple[str, str, str]]:
    """The code, message and help of what is wrong with a service.yaml."""
    _, problems = read_project(source_of({"envtree.yaml": settings, "configs/accounts/service.yaml": service}))
    return [(each.code, each.message, each.help) for each in problems if each.severity == "error"]


@pytest.mark.parametrize(
    "text",
    [
        "web: bundle exec puma -p $PORT\n",
        "web: bundle exec puma -C config/puma.rb\nworker: bundle exec sidekiq\n",
        "# ours\n\nweb: a\nrelease: bin/rails db:migrate\n",
        "web: env A=b sh -c 'x: y'\n",
        "web: a: b\n",  # no YAML
        "web: %a\n",
        "web: 'a' && b\n",
        "my_worker: a\r\n",
    ],
)
def test_lines_of_a_procfile_are_recognised_and_are_one_error(text: str) -> None:
    ((code, message, advice),) = found(text)
    assert (code, message) == ("invalid-setting", "`configs/accounts/service.yaml` holds lines of a Procfile")
    assert "envtree import procfile" in advice
    assert "{command: ...}" in advice


@pytest.mark.parametrize(
    "text",
    [
        "",
        "web:\n  command: a\n",
        "directory: /srv\n",
        "user: a\nprocesses: {web: {command: a}\n",
        "web: {command: a}\n",
        "web: [a\n",
        "web: |\n  a\n",
        "just words\n",
    ],
)
def test_what_is_wrong_otherwise_is_no_procfile(text: str) -> None:
    assert "Procfile" not in str(found(text))


def test_a_process_that_is_its_command_alone_is_one_error() -> None:
    ((code, message, advice),) = found("processes:\n  web: bundle exec puma\n  worker: {command: a}\n")
    assert (code, message) == ("invalid-setting", "process `web` is its command alone")
    assert advice == "write `web: {command: ...}`"


@pytest.mark.parametrize(
    ("text", "key"),
    [("proceses: {web: {command: a}}\n", "processes"), ("processes: {web: {comand: a}}\n", "command")],
)
def test_a_required_key_that_is_misspelt_is_one_error(text: str, key: str) -> None:
    ((code, message, advice),) = found(text)
    assert code == "unknown-key"
    assert f"did you mean `{key}`?" in message
    assert f"`{key}` must be there" in advice


def test_a_required_key_of_envtree_yaml_that_is_misspelt_is_one_error() -> None:
    service = "processes: {web: {command: a}}\n"
    ((_, message, _),) = found(service, "enviroments: {production: {instance: service}}\n")
    assert "did you mean `environments`?" in message
    ((_, message, _),) = found(service, "environments: {production: {instanc: service}}\n")
    assert "did you mean `instance`?" in message


@pytest.mark.parametrize("text", ["web: {command: a}\n", "process: {web: {command: a}}\nuser: b\n"])
def test_a_key_that_may_be_anything_says_what_must_be_there(text: str) -> None:
    problems = found(text)
    assert {code for code, _, _ in problems} == {"unknown-key", "missing-setting"} or len(problems) == 1
    assert "`processes`" in problems[0][2]
