"""`envtree.yaml` and `service.yaml`: every key known, every value checked in its place."""

from __future__ import annotations

import pytest

from envtree.core.model.diagnostic import Diagnostic, errors
from envtree.core.model.tree import Project
from envtree.core.settings.project import read_project
from tests.builders import SERVICE, SETTINGS, Files, small_tree, source_of
from tests.effort import calls_of

SERVICE_FILE = "configs/accounts/service.yaml"


def read(files: Files) -> tuple[Project, tuple[Diagnostic, ...]]:
    return read_project(source_of(files))


def with_settings(text: str) -> tuple[Diagnostic, ...]:
    return read(small_tree(**{"envtree.yaml": text}))[1]


def with_service(text: str) -> tuple[Diagnostic, ...]:
    return read(small_tree(**{SERVICE_FILE: text}))[1]


def test_what_a_service_says_is_read_whole() -> None:
    text = """\
directory: /srv/accounts
user: accounts
environments: [staging]
runtimes: {ruby: 3.3.5, nodejs: 20.10}
requires: [postgres]
processes:
  web: {command: puma -p $PORT, ready: curl local, stop: {signal: INT, timeout: 1.5m}, before_stop: a, after_stop: b}
  worker: {command: sidekiq}
"""
    project, problems = read(small_tree(**{SERVICE_FILE: text, "configs/postgres/service.yaml": SERVICE}))
    assert errors(problems) == ()
    accounts, postgres = project.services
    web, worker = accounts.processes
    assert (accounts.directory, accounts.user, accounts.environments) == ("/srv/accounts", "accounts", ("staging",))
    assert accounts.runtimes == (("ruby", "3.3.5"), ("nodejs", "20.10"))
    assert [name for name, _ in accounts.requires] == ["postgres"]
    assert (web.command, web.ready, web.before_stop, web.after_stop) == ("puma -p $PORT", "curl local", "a", "b")
    assert (web.stop_signal, web.stop_timeout) == ("INT", 90.0)
    assert (worker.stop_signal, worker.stop_timeout, worker.ready) == ("TERM", 10.0, None)
    assert postgres.environments == ("staging", "production")
    assert [str(target) for target in project.targets] == [
        "production/postgres/web",
        "staging/accounts/web",
        "staging/accounts/worker",
        "staging/postgres/web",
    ]


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("", "missing-setting", "environments"),
        ("runtimes: mise\n", "missing-setting", "environments"),
        ("environments: {}\n", "", ""),
        ("environments:\n", "invalid-setting", "environments"),
        ("environments: [staging]\n", "invalid-setting", "not a mapping"),
        ("environment: {}\n", "unknown-key", "did you mean `environments`"),
        ("environments: {staging: {}}\n", "missing-setting", "instance"),
        ("environments: {staging: {instance: many}}\n", "invalid-setting", "many"),
        ("environments: {staging: {instance: service, colour: red}}\n", "unknown-key", "colour"),
        ("environments: {staging: {instance: service}, staging: {instance: service}}\n", "duplicate-key", "twice"),
        ("environments: {common: {instance: service}}\n", "invalid-name", "reserved"),
        ("environments: {service: {instance: service}}\n", "invalid-name", "reserved"),
        ("environments: {env: {instance: service}}\n", "invalid-name", "reserved"),
        ("environments: {Staging: {instance: service}}\n", "invalid-name", "Staging"),
        ("environments: {'1st': {instance: service}}\n", "invalid-name", "1st"),
        ("environments: {../x: {instance: service}}\n", "invalid-name", "../x"),
        (f"environments: {{{'a' * 64}: {{instance: service}}}}\n", "invalid-name", "can't name"),
        (f"{SETTINGS}runtimes: nix\n", "invalid-setting", "nix"),
        (f"{SETTINGS}tags: {{env: Environment}}\n", "unknown-key", "env"),
        (f"{SETTINGS}tags: [a]\n", "invalid-setting", "not a mapping"),
        (f"{SETTINGS}runtimes: !x mise\n", "invalid-setting", "runtimes"),
        (f"{SETTINGS}---\na: b\n", "several-documents", ""),
        ("a: &x b\n", "anchor", ""),
        ("[" * 30_000, "too-deep", ""),
        ("environments: '\x00'\n", "control-character", ""),
        ("environments: \xff\n", "fine", ""),
    ],
)
def test_a_wrong_setting_is_reported(text: str, code: str, words: str) -> None:
    found = errors(with_settings(text))
    if code == "":
        assert found, "a tree without environments has no targets"
    elif code == "fine":
        assert found
    else:
        assert code in [each.code for each in found]
        assert any(words in each.message for each in found if each.code == code)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("", "missing-setting", "processes"),
        ("processes: {}\n", "missing-setting", "no processes"),
        ("processes:\n", "invalid-setting", "not a mapping"),
        ("processes: [web]\n", "invalid-setting", "not a mapping"),
        ("processes: {web: {}}\n", "missing-setting", "command"),
        ("processes: {web: puma}\n", "invalid-setting", "its command alone"),
        ("processes: {web: {command: }}\n", "invalid-setting", "command"),
        ("processes: {web: {command: ~}}\n", "invalid-setting", "command"),
        ("processes: {web: {command: [a]}}\n", "invalid-setting", "command"),
        ("processes: {web: {command: '  '}}\n", "invalid-setting", "empty"),
        ('processes: {web: {command: "a\\0b"}}\n', "invalid-setting", "command"),
        ("processes: {web: {comand: x}}\n", "unknown-key", "did you mean `command`"),
        ("processes: {common: {command: x}}\n", "invalid-name", "reserved"),
        ("processes: {env: {command: x}}\n", "invalid-name", "reserved"),
        ("processes: {service: {command: x}}\n", "invalid-name", "reserved"),
        ("processes: {Web: {command: x}}\n", "invalid-name", "Web"),
        ("processes: {web: {command: x}, web: {command: y}}\n", "duplicate-key", "twice"),
        ("processes: {web: {command: x, stop: {signal: STOP}}}\n", "invalid-setting", "STOP"),
        ("processes: {web: {command: x, stop: {signal: SIGTERM}}}\n", "invalid-setting", "did you mean `TERM`"),
        ("processes: {web: {command: x, stop: {signal: term}}}\n", "invalid-setting", "term"),
        ("processes: {web: {command: x, stop: {signal: 15}}}\n", "invalid-setting", "15"),
        ("processes: {web: {command: x, stop: {timeout: 30}}}\n", "invalid-setting", "no duration"),
        ("processes: {web: {command: x, stop: {timeout: -1s}}}\n", "invalid-setting", "no duration"),
        ("processes: {web: {command: x, stop: {timeout: 1 s}}}\n", "invalid-setting", "no duration"),
        ("processes: {web: {command: x, stop: {timeout: 1d}}}\n", "invalid-setting", "no duration"),
        ("processes: {web: {command: x, stop: {timeout: ٣s}}}\n", "invalid-setting", "no duration"),
        ("processes: {web: {command: x, stop: {timeout: " + "9" * 400 + "s}}}\n", "invalid-setting", ""),
        ("processes: {web: {command: x, stop: TERM}}\n", "invalid-setting", "not a mapping"),
        (f"{SERVICE}directory: srv\n", "invalid-setting", "absolute"),
        (f"{SERVICE}user: [a]\n", "invalid-setting", "user"),
        (f"{SERVICE}environments: staging\n", "invalid-setting", "not a list"),
        (f"{SERVICE}environments: [stagin]\n", "unknown-environment", "did you mean `staging`"),
        (f"{SERVICE}requires: [postgres]\n", "invalid-setting", "no such service"),
        (f"{SERVICE}requires: [account]\n", "invalid-setting", "did you mean `accounts`"),
        (f"{SERVICE}requires: [accounts]\n", "invalid-setting", "none of them could start first"),
        (f"{SERVICE}runtimes: [ruby]\n", "invalid-setting", "not a mapping"),
        (f"{SERVICE}runtimes: {{ruby: }}\n", "invalid-setting", "ruby"),
        (f"{SERVICE}colour: red\n", "unknown-key", "colour"),
        (f"{SERVICE}<<: {{user: a}}\n", "unknown-key", "<<"),
    ],
)
def test_a_wrong_line_of_a_service_is_reported(text: str, code: str, words: str) -> None:
    found = errors(with_service(text))
    assert code in [each.code for each in found]
    assert any(words in each.message for each in found if each.code == code)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("processes:\n  web: {command: é, stop: {signal: FOO}}\n", 2, 36),
        (f"{SERVICE}é: x\n", 2, 1),
        (f"{SERVICE}environments: [staging, x]\n", 2, 25),
    ],
)
def test_a_wrong_line_is_shown_where_it_stands(text: str, line: int, column: int) -> None:
    (problem,) = errors(with_service(text))
    assert problem.span is not None
    assert (problem.span.file, problem.span.line, problem.span.column) == (SERVICE_FILE, line, column)


@pytest.mark.parametrize("name", ["common", "service", "env", "Accounts", "1st", "a" * 64, "a.b", "a_b"])
def test_a_folder_that_can_name_no_service_is_an_error(name: str) -> None:
    _, problems = read({"envtree.yaml": SETTINGS, f"configs/{name}/service.yaml": SERVICE})
    assert [each.code for each in errors(problems)] == ["invalid-name"]


def services(requires: dict[str, list[str]]) -> Files:
    files: Files = {"envtree.yaml": SETTINGS}
    return files | {
        f"configs/{name}/service.yaml": f"{SERVICE}requires: [{', '.join(each)}]\n" for name, each in requires.items()
    }


def test_services_that_require_one_another_are_reported_once() -> None:
    _, problems = read(services({"a": ["b"], "b": ["c"], "c": ["b", "a"], "d": ["a"]}))
    messages = [each.message for each in errors(problems)]
    assert messages == ["`a` requires `b`, which requires `c`, which requires `a`: none of them could start first"]


def test_many_services_that_each_require_all_before_them_are_read_quickly() -> None:
    def each_after_all(count: int) -> Files:
        return services({f"s{index}": [f"s{each}" for each in range(index)] for index in range(count)})

    _, problems = read(each_after_all(40))
    assert errors(problems) == ()
    one, two = (calls_of(lambda count=count: read(each_after_all(count))) for count in (20, 40))  # type: ignore[misc]
    assert two < 6 * one  # of what is required there is four times as much


def test_a_long_line_of_services_is_read() -> None:
    _, problems = read(services({f"s{index}": [f"s{index + 1}"] if index < 999 else [] for index in range(1_000)}))
    assert errors(problems) == ()
