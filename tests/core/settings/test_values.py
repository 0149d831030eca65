"""`log`, `user` and `runtimes`: what they may be, what they mean, and what is said of the rest."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from envtree.core.model.diagnostic import errors
from envtree.core.model.tree import LogSettings, Project
from envtree.core.settings.project import read_project
from envtree.core.settings.runtimes import FOLDERS
from envtree.core.settings.users import MAX_GROUPS, MAX_NUMBER, user_fault
from envtree.core.settings.values import MAX_SIZE, MIN_SIZE
from tests.builders import SERVICE, SETTINGS, small_tree, source_of

if TYPE_CHECKING:
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.tree import Service

SERVICE_FILE = "configs/accounts/service.yaml"


def read(settings: str = "", service: str = "") -> tuple[Project, tuple[Diagnostic, ...]]:
    project, problems = read_project(
        source_of(small_tree(**{"envtree.yaml": SETTINGS + settings, SERVICE_FILE: SERVICE + service}))
    )
    return project, errors(problems)


def service_of(settings: str = "", service: str = "") -> Service:
    project, problems = read(settings, service)
    assert problems == ()
    return project.services[0]


def test_nothing_need_be_said_of_logs() -> None:
    assert service_of().log == LogSettings("/var/log/envtree", 1_000_000, 10, 0o750, "")


def test_a_service_says_only_what_differs_of_its_log() -> None:
    settings = 'log: {directory: /logs, size: 10MB, count: 20, mode: "0755", owner: "syslog:adm"}\n'
    log = service_of(settings, "log: {count: 3, owner: accounts}\n").log
    assert log == LogSettings("/logs", 10_000_000, 3, 0o755, "accounts")


def test_a_wrong_key_of_a_log_leaves_the_others_in_place() -> None:
    project, problems = read("log: {count: 5, size: big}\n", "log: {count: none, mode: 700}\n")
    assert [each.code for each in problems] == ["invalid-setting"] * 2
    assert project.services[0].log == LogSettings(count=5, mode=0o700)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("2048", 2048),
        ("2048B", 2048),
        ("500kB", 500_000),
        ("1MB", 1_000_000),
        ("1GB", 1_000_000_000),
        ("2KiB", 2048),
        ("10MiB", 10_485_760),
        ("1GiB", 1 << 30),
        (str(MIN_SIZE), MIN_SIZE),
        (str(MAX_SIZE), MAX_SIZE),
    ],
)
def test_a_size_is_bytes_or_a_number_and_a_unit(text: str, size: int) -> None:
    assert service_of(f"log: {{size: {text}}}\n").log.size == size


@pytest.mark.parametrize(("text", "mode"), [("0750", 0o750), ("750", 0o750), ("'0700'", 0o700), ("0755", 0o755)])
def test_a_mode_is_octal_however_it_is_quoted(text: str, mode: int) -> None:
    assert service_of(f"log: {{mode: {text}}}\n").log.mode == mode


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("log: 10MB", "not a mapping"),
        ("log: {sise: 1MB}", "did you mean `size`"),
        ("log: {size: 0}", "too small"),
        ("log: {size: 2047}", "too small"),
        ("log: {size: 1B}", "too small"),
        ("log: {size: 1001GB}", "too large"),
        ("log: {size: 99999999999999999999}", "no size"),
        ("log: {size: 1.5MB}", "no size"),
        ("log: {size: 1 MB}", "no size"),
        ("log: {size: 1mb}", "no size"),
        ("log: {size: -1}", "no size"),
        ("log: {size: ٣MB}", "no size"),
        ("log: {size: }", "`size`"),
        ("log: {size: [1]}", "`size`"),
        ("log: {count: 0}", "no number of files"),
        ("log: {count: 1001}", "no number of files"),
        ("log: {count: 010}", "no number of files"),
        ("log: {count: many}", "no number of files"),
        ("log: {mode: u=rwx}", "no mode"),
        ("log: {mode: 0o750}", "no mode"),
        ("log: {mode: 2750}", "no mode"),
        ("log: {mode: 0780}", "no mode"),
        ("log: {mode: 0770}", "lets others write"),
        ("log: {mode: 0702}", "lets others write"),
        ("log: {mode: 0077}", "lets others write"),
        ("log: {mode: 0650}", "keeps the owner out"),
        ("log: {mode: 0000}", "keeps the owner out"),
        ("log: {directory: logs}", "not an absolute path"),
        ('log: {directory: "/logs\\n"}', "a line end"),
        ('log: {directory: "/logs\\0"}', "a NUL"),
        ("log: {owner: 'a:b:c'}", "has 2 groups"),
        ("log: {owner: ':adm'}", "no user"),
        ("log: {owner: ''}", "empty"),
        ('tags: {service: "Serv\\tice"}', "a tab"),
        ("runtimes: {manager: nix}", "no version manager"),
        ("runtimes: {directry: /opt}", "did you mean `directory`"),
        ("runtimes: {directory: opt}", "not an absolute path"),
        ("runtimes: {directory: '/opt:/usr'}", "holds a `:`"),
        ("runtimes: [mise]", "`runtimes`"),
    ],
)
def test_a_wrong_setting_of_all_services_is_reported_once(text: str, words: str) -> None:
    _, (problem,) = read(f"{text}\n")
    assert words in problem.message
    assert problem.span is not None
    assert (problem.span.file, problem.span.line) == ("envtree.yaml", 4)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("mise", FOLDERS["mise"])),
        ("runtimes: mise\n", ("mise", "/usr/local/share/mise")),
        ("runtimes: asdf\n", ("asdf", "/opt/asdf")),
        ("runtimes: {}\n", ("mise", FOLDERS["mise"])),
        ("runtimes: {manager: asdf}\n", ("asdf", FOLDERS["asdf"])),
        ("runtimes: {directory: /opt/mise}\n", ("mise", "/opt/mise")),
        ("runtimes: {manager: asdf, directory: /srv/asdf}\n", ("asdf", "/srv/asdf")),
    ],
)
def test_a_version_manager_has_a_folder(text: str, expected: tuple[str, str]) -> None:
    project, problems = read(text)
    assert problems == ()
    assert (project.runtimes, project.runtimes_directory) == expected


def test_without_a_word_all_is_as_a_project_has_it() -> None:
    project, _ = read()
    usual = Project((), ())
    assert (project.runtimes, project.runtimes_directory) == (usual.runtimes, usual.runtimes_directory)


@pytest.mark.parametrize(
    "text",
    ["3.3.5", "20", "27.1", "1.17.3-otp-27", "temurin-21.0.2+13.0.LTS", "pypy3.10-7.3.15", "v1.0.0_1", "stable"],
)
def test_a_version_is_the_name_of_a_folder(text: str) -> None:
    assert service_of("", f"runtimes: {{some.tool-1_x: {text}}}\n").runtimes == (("some.tool-1_x", text),)


@pytest.mark.parametrize(
    ("tool", "version"),
    [
        *((f"'{tool}'", "1") for tool in ("Ruby", "1ruby", "npm:yarn", "a/b", "..", "-a", "", "a b", "é", "a\tb")),
        *(("ruby", f"'{version}'") for version in ("latest", "latest:3", "lts", "system", "path:/opt/x", "ref:main")),
        *(("ruby", f"'{version}'") for version in ("prefix:3", "sub-1:latest", "../3", "a/b", ".", "..", ".3", "-3")),
        *(("ruby", f"'{version}'") for version in ("3 4", "3:4", "3;4", "$(x)", "3*", "é")),
        ("ruby", '"3\\n"'),
    ],
)
def test_what_names_no_installed_version_is_an_error(tool: str, version: str) -> None:
    _, (problem,) = read("", f"runtimes: {{{tool}: {version}}}\n")
    assert problem.code in ("invalid-setting", "invalid-yaml")


@pytest.mark.parametrize(
    "text",
    ["accounts", "_apt", "a", "www-data", "svc$", "a" * 32, "accounts:www-data", "1000:1000", "0:0", "a:b:c"],
)
def test_a_user_is_what_chpst_takes(text: str) -> None:
    assert service_of("", f"user: '{text}'\n").user == text


@pytest.mark.parametrize(
    "text",
    [
        *("1000", "Accounts", "a b", "a:", ":a", ":1000:1000", "a::b", "a:1", "1:a", "a" * 33, "$", "a$b", "-a", "9a"),
        *("a/b", "é", "a;b", "01:1", "-1:1", "4294967295:1", "4294967296:0", "1" * 40 + ":1", "+1:1", "٣:٣"),
        ":".join("a" * (MAX_GROUPS + 2)),
    ],
)
def test_what_is_no_user_is_an_error(text: str) -> None:
    _, (problem,) = read("", f"user: '{text}'\n")
    assert (problem.code, problem.span and problem.span.line) == ("invalid-setting", 2)


@pytest.mark.root
@pytest.mark.parametrize(
    "text",
    [
        f"{MAX_NUMBER}:{MAX_NUMBER}",
        f"{MAX_NUMBER + 1}:1",
        f"{MAX_NUMBER + 2}:1",
        ":".join(map(str, range(1, MAX_GROUPS + 2))),
        ":".join(map(str, range(1, MAX_GROUPS + 3))),
        "7",
        "7:8",
    ],
)
def test_chpst_agrees_on_numbers(text: str) -> None:
    done = subprocess.run(["chpst", "-u", f":{text}", "id", "-u"], capture_output=True, text=True, check=False)
    became = done.returncode == 0 and done.stdout.strip() == text.split(":")[0]
    assert became == (user_fault(text, MAX_GROUPS) is None)
