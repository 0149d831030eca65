"""`service.yaml` from formations: whatever Heroku runs, the file is one that a tree can have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envtree.core.compile import read_project_of
from envtree.migration.apps.fleet import ProcessType
from envtree.migration.importing.scale import scales_of
from envtree.migration.importing.service_file import UNKNOWN_COMMAND, processes_of, service_file
from tests.builders import small_tree, source_of


def read_back(text: str) -> dict[str, str]:
    """The command of each process, as the tree's own reader takes it; nothing may be wrong with it."""
    project, problems = read_project_of(source_of(small_tree(**{"configs/accounts/service.yaml": text})))
    assert problems == ()
    assert project is not None
    return {process.name: process.command for process in project.services[0].processes}


def written(*formations: tuple[str, ...]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The commands of a service whose apps run `web` with these, and what is said of them."""
    apps = [
        (f"acme-{number}", tuple(ProcessType("web", command, 1) for command in commands))
        for number, commands in enumerate(formations, 1)
    ]
    processes = processes_of("accounts", apps)
    return read_back(service_file("accounts", processes, ["staging", "production"])), processes.notes


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("bundle exec puma -p $PORT", "bundle exec puma -p $PORT"),
        ("bin/web\r", "bin/web"),
        ("a && b", "a && b"),
        ("bin/tail & exec bin/web", "bin/tail & exec bin/web"),
        ("bin/web # a & b &", "bin/web # a & b &"),
        ("cut -d '\t' rows", "cut -d '\t' rows"),
        ("on\ntwo lines", "on\ntwo lines"),
    ],
)
def test_a_command_is_taken_over(command: str, expected: str) -> None:
    assert written((command,)) == ({"web": expected}, ())


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("bin/web &", "ends in `&`, and would run where runit can't watch it"),
        ("bin/web &\r", "ends in `&`, and would run where runit can't watch it"),
        ("bin/web \x1b[0m", "holds a control character"),
        ("bin/web\rbin/other", "holds a control character"),
        ("bin/web \x85", "holds a control character"),
        ("bin/web \0", "holds a control character"),
    ],
)
def test_a_command_that_a_service_cannot_have_is_asked_for(command: str, why: str) -> None:
    commands, notes = written((command,))
    assert commands == {"web": UNKNOWN_COMMAND}
    assert notes == (f"the command of `web` of acme-1 {why}: say in service.yaml what it runs",)


def test_the_first_app_whose_command_can_be_taken_over_decides() -> None:
    commands, notes = written(("bin/web &",), ("bin/web",), ("bin/other",))
    assert commands == {"web": "bin/web"}
    assert list(notes[1:]) == ["`web` of acme-3 is started otherwise than in acme-1"]


def test_a_line_end_of_windows_is_no_difference() -> None:
    assert written(("bin/web\r",), ("bin/web",)) == ({"web": "bin/web"}, ())


@given(st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip))
def test_whatever_heroku_runs_the_file_is_one_that_a_tree_can_have(command: str) -> None:
    commands, notes = written((command,))
    assert commands == {"web": UNKNOWN_COMMAND if notes else command.removesuffix("\r")}


def test_what_is_at_none_does_not_start_there_and_other_numbers_are_a_comment() -> None:
    formations = {
        "production": (ProcessType("web", "serve", 10, "standard-2x"), ProcessType("clock", "tick", 1, "basic")),
        "staging": (ProcessType("web", "serve", 1, "basic"), ProcessType("clock", "tick", 0, "basic")),
        "qa": (ProcessType("web", "serve", 1, "basic"),),
    }
    processes = processes_of("accounts", [(f"acme-{each}", formation) for each, formation in formations.items()])
    text = service_file("accounts", processes, formations, scales_of(processes.names, formations))
    assert "  web:\n    # on Heroku: 10 x standard-2x in production, 1 x basic in qa, 1 x basic in staging\n" in text
    assert (
        "  clock:\n    # on Heroku: 1 x basic in production\n    command: tick\n    count: {qa: 0, staging: 0}\n"
        in text
    )


def test_a_release_is_a_task() -> None:
    formation = (ProcessType("release", "rake db:migrate", 0), ProcessType("web", "serve", 1))
    text = service_file("accounts", processes_of("accounts", [("acme", formation)]), ["production", "staging"])
    project, problems = read_project_of(source_of(small_tree(**{"configs/accounts/service.yaml": text})))
    assert problems == ()
    assert [(each.name, each.task) for each in project.services[0].processes] == [("web", None), ("release", "release")]


@pytest.mark.parametrize(
    ("runtimes", "line", "found"),
    [
        ({"golang": "1.22.3"}, "runtimes: {golang: 1.22.3}\n", (("golang", "1.22.3"),)),
        (
            {"nodejs": "", "ruby": ""},
            "# built for nodejs and ruby on Heroku: say which version under `runtimes:`\n",
            (),
        ),
        ({}, "", ()),
    ],
)
def test_a_runtime_is_written_where_its_version_is_known_and_asked_for_where_it_is_not(
    runtimes: dict[str, str], line: str, found: tuple[tuple[str, str], ...]
) -> None:
    processes = processes_of("accounts", [("acme", (ProcessType("web", "serve", 1),))])
    text = service_file("accounts", processes, ["production", "staging"], runtimes=runtimes)
    assert f"environments: [production, staging]\n{line}processes:\n" in text
    project, problems = read_project_of(source_of(small_tree(**{"configs/accounts/service.yaml": text})))
    assert (problems, project.services[0].runtimes) == ((), found)


DYNOS = st.dictionaries(st.sampled_from(["web", "a"]), st.integers(0, 3))


@given(st.dictionaries(st.sampled_from(["production", "staging"]), DYNOS, min_size=1))
def test_a_scale_of_any_kind_is_one_that_a_tree_can_have(dynos: dict[str, dict[str, int]]) -> None:
    formations = {
        each: tuple(ProcessType(name, "run", number, "basic") for name, number in sorted(found.items()))
        for each, found in dynos.items()
    }
    processes = processes_of("accounts", [(f"acme-{each}", found) for each, found in formations.items()])
    known = {each: found for each, found in formations.items() if found}
    text = service_file("accounts", processes, ["production", "staging"], scales_of(processes.names, known))
    project, _ = read_project_of(source_of(small_tree(**{"configs/accounts/service.yaml": text})))
    for process in project.services[0].processes:
        expected = {each: 0 for each, found in dynos.items() if found and not found.get(process.name)}
        assert dict(process.counts) == (expected if processes.names else {})
