"""Processes of a service that a tree has: what Heroku runs besides is added, and what a team changed stays."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envtree.core.compile import read_project_of
from envtree.core.model.source import Source
from envtree.core.model.tree import Process
from envtree.migration.apps.fleet import App, ProcessType
from tests.examples import examples
from tests.fleets import apps_of, codes_of, imported

if TYPE_CHECKING:
    from collections.abc import Mapping

WEB, WORKER = ProcessType("web", "serve", 2, "basic"), ProcessType("worker", "work", 1, "basic")
CLOCK, IDLE = ProcessType("clock", "tick", 1, "basic"), ProcessType("clock", "tick", 0, "basic")
RELEASE = ProcessType("release", "migrate", 0)
SETTINGS = b"environments: {production: {instance: service}, staging: {instance: service}}\n"
BY_HAND = {
    "envtree.yaml": SETTINGS,
    "configs/a/service.yaml": b"environments: [production]  # ours\nprocesses:\n  web: {command: other}\n",
}
FILE = "configs/a/service.yaml"


def fleet(**formations: tuple[ProcessType, ...]) -> list[App]:
    """Apps of one service, by environment."""
    apps = apps_of({f"{environment}/a": {"X": "one"} for environment in formations})
    return [replace(app, formation=formations[app.name.split("-")[-1]]) for app in apps]


def processes(files: dict[str, bytes]) -> dict[str, Process]:
    project, problems = read_project_of(Source(files))
    assert problems == ()
    return {each.name: each for each in project.services[0].processes}


def after(files: dict[str, bytes], *formations: Mapping[str, tuple[ProcessType, ...]]) -> dict[str, bytes]:
    """A tree after imports one after the other; each again writes nothing."""
    for each in formations:
        files = dict(imported(files, fleet(**each)).source.files)
        assert codes_of(files) == []
        again = imported(files, fleet(**each))
        assert (again.files, again.deleted) == ({}, {})
    return files


def test_a_process_type_that_is_new_on_heroku_is_added_with_where_it_does_not_start() -> None:
    first = {"production": (WEB,), "staging": (WEB,)}
    files = after({}, first, {"production": (CLOCK, WEB), "staging": (IDLE, WEB)})
    assert processes(files)["clock"] == replace(
        Process("clock", "tick", processes(files)["clock"].span), counts=(("staging", 0),)
    )


def test_what_runs_nowhere_is_not_added_to_what_was_imported_before() -> None:
    files = after({}, {"production": (WEB,)}, {"production": (IDLE, RELEASE, WEB)})
    assert set(processes(files)) == {"web"}
    notes = imported(files, fleet(production=(IDLE, RELEASE, WEB))).notes
    assert notes == ("a runs `release` at each release on Heroku, and has no `task: release` here",)


def test_a_process_does_not_start_in_a_new_environment_whose_app_runs_none_of_it() -> None:
    files = after(
        {}, {"production": (CLOCK, WEB, WORKER)}, {"production": (CLOCK, WEB, WORKER), "staging": (IDLE, WEB)}
    )
    found = processes(files)
    assert {name: each.counts for name, each in found.items()} == {
        "clock": (("staging", 0),),
        "web": (),
        "worker": (("staging", 0),),
    }


@pytest.mark.parametrize(
    ("ours", "expected"),
    [
        (b"count: {production: 4}", (("production", 4), ("staging", 0))),
        (b"count:\n      production: 4", (("production", 4), ("staging", 0))),
        (b"count: {staging: 2}", (("staging", 2),)),
        (b"count: 3", (("production", 3), ("staging", 3))),
    ],
)
def test_a_count_that_a_team_wrote_stays(ours: bytes, expected: tuple[tuple[str, int], ...]) -> None:
    formation = {"production": (CLOCK, WEB)}
    files = after({}, formation)
    files[FILE] = files[FILE].replace(b"environments: [production]", b"environments: [production, staging]")
    files[FILE] = files[FILE].replace(b"    command: tick\n", b"    command: tick\n    %s\n" % ours)
    files["configs/a/staging.yaml"] = b"X: one\n"
    files["envtree.yaml"] = files["envtree.yaml"].replace(b"\nheroku:", b"  staging: {instance: service}\n\nheroku:")
    files = dict(imported(files, fleet(**formation, staging=(WEB,))).source.files)
    assert processes(files)["clock"].counts == expected


def test_what_starts_nowhere_here_and_runs_on_heroku_is_said() -> None:
    files = after({}, {"production": (IDLE, WEB)})
    planned = imported(files, fleet(production=(CLOCK, WEB)))
    assert planned.notes == (
        "`clock` runs in shop-a-production, and `count` of `clock` is 0 in production: correct one of the two",
    )
    assert planned.files == {}


def test_a_service_by_hand_keeps_its_lines_and_gets_what_heroku_runs_besides() -> None:
    files = after(dict(BY_HAND), {"production": (RELEASE, WEB, WORKER), "staging": (WEB,)})
    found = processes(files)
    assert (found["web"].command, found["worker"].counts, found["release"].task) == (
        "other",
        (("staging", 0),),
        "release",
    )
    assert files["configs/a/web/common.yaml"] == b"PORT: 5000\n"


@pytest.mark.parametrize(
    "schema", [None, b"from envtree import Settings\n\n\nclass A(Settings):\n    X: str = 'one'\n"]
)
def test_a_web_process_of_a_service_that_is_there_gets_a_port_and_its_class(schema: bytes | None) -> None:
    files = dict(BY_HAND) | ({} if schema is None else {"schemas/a.py": schema})
    files = after(files, {"production": (WEB,)})
    assert files["configs/a/web/common.yaml"] == b"PORT: 5000\n"
    assert b'class AWeb(Settings, process="web"):\n    PORT: Port\n' in files["schemas/a.py"]


@pytest.mark.parametrize(("command", "comes_back"), [("serve", False), ("serve -p $PORT", True), ("x $PORTS", False)])
def test_a_port_that_a_team_removed_comes_back_only_where_the_command_says_it(
    command: str, *, comes_back: bool
) -> None:
    web = replace(WEB, command=command)
    files = after({}, {"production": (web,)})
    del files["configs/a/web/common.yaml"]
    files = {path: data for path, data in files.items() if not path.startswith("schemas/")}
    assert ("configs/a/web/common.yaml" in after(files, {"production": (web,)})) is comes_back


def test_a_new_web_process_gets_a_port() -> None:
    files = after({}, {"production": (WORKER,)}, {"production": (WEB, WORKER)})
    assert files["configs/a/web/common.yaml"] == b"PORT: 5000\n"


def test_a_placeholder_gives_way_to_the_command_once_it_is_known() -> None:
    files = after({}, {"production": ()})
    assert "say in service.yaml" in processes(files)["web"].command
    files = after(files, {"production": (WEB,)})
    assert processes(files)["web"].command == "serve"


def test_underscores_stay_and_a_process_that_was_imported_without_them_is_known() -> None:
    low = ProcessType("worker_low", "work low", 1)
    files = after({}, {"production": (WEB, low)})
    assert set(processes(files)) == {"web", "worker_low"}
    files[FILE] = files[FILE].replace(b"worker_low:", b"worker-low:")
    assert set(processes(after(files, {"production": (WEB, low)}))) == {"web", "worker-low"}


TYPES = st.dictionaries(
    st.sampled_from(["web", "worker", "worker_low", "worker-low", "Worker", "release", "console", "common"]),
    st.tuples(st.sampled_from(["run", "run & more &", "run $PORT"]), st.integers(0, 2)),
)


@examples(6)
@given(st.lists(st.dictionaries(st.sampled_from(["production", "staging", "qa"]), TYPES, min_size=1), max_size=3))
def test_formations_that_change_in_any_way_leave_a_valid_tree_and_nothing_to_write(
    steps: list[dict[str, dict[str, tuple[str, int]]]],
) -> None:
    there: dict[str, tuple[ProcessType, ...]] = {}
    files: dict[str, bytes] = {}
    for step in steps:
        there |= {
            environment: tuple(ProcessType(name, command, count) for name, (command, count) in sorted(types.items()))
            for environment, types in step.items()
        }
        files = after(files, there)
        running = {each.name for types in there.values() for each in types if each.quantity}
        assert len(running - {"release", "console"}) <= len(processes(files))
