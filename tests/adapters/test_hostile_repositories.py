"""No verb runs anything that a repository names, but its own schemas; nor does it write outside, or pass escapes on."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from envtree.adapters.git.plumbing import VARIABLES
from tests.adapters.hostile import SCENARIOS, Place, copied, place, run_control
from tests.adapters.hostile_settings import all_at_once
from tests.builders import ROOT
from tests.cli.running import run
from tests.repositories import attempt, commit, state

if TYPE_CHECKING:
    from collections.abc import Callable

TARGET = "production/accounts/web"
COMMANDS = (
    "validate",
    "validate --staged",
    "validate --ref HEAD --format json",
    "validate --ref HEAD~1",
    "validate --ref main~2 production",
    f"show {TARGET}",
    f"show {TARGET} --staged --format json",
    f"show {TARGET} --ref HEAD~1",
    "build --out ../out/files",
    "build --out ../out/files --keep 3",
    "build --out ../out/index --staged",
    "build --out ../out/commit --ref HEAD~1",
    "build --out ../out/commit --ref HEAD --dry-run",
    f"explain {TARGET} A",
    f"explain {TARGET} A --staged",
    f"explain {TARGET} A --ref HEAD~1 --format json",
    "diff HEAD~2..HEAD",
    "diff HEAD~1...HEAD --format markdown",
    "diff HEAD:",
    "diff HEAD~1: : --format json",
    "diff dir:../out/commit HEAD:",
    f"history {TARGET}",
    f"history {TARGET} A --ref main -n 2 --since 2020-01-01 --format json",
    "lint",
    "lint --staged",
    "lint --ref HEAD~1",
    "schema --check",
    "schema --check --staged",
    "schema --out ../out/schema --ref HEAD",
    "init ../repository/made",
)
"""Every verb that reads git, in each way that it does."""
FEW = (
    "validate --staged",
    "validate --ref HEAD~1",
    f"show {TARGET} --ref HEAD~1",
    "build --out ../out/files",
    "build --out ../out/index --staged",
    f"explain {TARGET} A",
    f"explain {TARGET} A --ref HEAD~1 --format json",
    "diff HEAD~2..HEAD",
    "diff HEAD~1: : --format json",
    f"history {TARGET}",
    "lint --staged",
    "schema --out ../out/schema --ref HEAD",
    "init ../repository/made",
)
"""Each verb at least once, and each question to git."""
ALWAYS = ("validate --staged", "diff HEAD~2..HEAD", f"explain {TARGET} A", f"history {TARGET}")
"""The index, commits, blame and the log: what every hostile repository is asked."""
ESCAPES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
DIGEST = re.compile(r"#[0-9a-f]{6}\b")
"""What stands for a hidden value differs from run to run."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A friendly repository, from which each hostile one starts."""
    folder = tmp_path_factory.mktemp("friendly") / "here"
    folder.mkdir()
    place(folder)
    return folder


def answers(here: Place, lines: tuple[str, ...]) -> dict[str, str]:
    """What each command line says, where no place shows."""
    found = {}
    for line in lines:
        done = run(here.top, *shlex.split(line))
        assert done.code in (0, 1, 2), line
        assert "a bug in envtree" not in done.stderr, (line, done.stderr)
        assert not ESCAPES.search(done.said), (line, ESCAPES.search(done.said))
        assert not here.mark.exists(), (line, here.mark.read_text())
        said = DIGEST.sub("#", done.said).replace(str(here.top.parent), "/folder")
        found[line] = f"{done.code}\n{said}"
        shutil.rmtree(here.top / "made", ignore_errors=True)
        (here.top / ".pre-commit-config.yaml").unlink(missing_ok=True)
    return found


@pytest.fixture(scope="module")
def friendly(template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What is said of the friendly one."""
    return answers(copied(template, tmp_path_factory.mktemp("copy") / "here"), COMMANDS)


def some(name: str) -> tuple[str, ...]:
    """What the suite asks of a hostile repository: each of the few lines is asked of many of them."""
    rest = [line for line in FEW if line not in ALWAYS]
    return (*ALWAYS, *rest[[*SCENARIOS].index(name) % 3 :: 3])


def test_every_command_has_an_answer_where_nothing_is_hostile(friendly: dict[str, str]) -> None:
    refused = {line: said for line, said in friendly.items() if said.startswith("2")}
    assert refused == {}


@pytest.mark.parametrize("name", [name for name in SCENARIOS if name.startswith("a promise")])
def test_a_git_that_cant_be_told_not_to_fetch_has_no_way_to(
    name: str, template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GIT_NO_LAZY_FETCH is younger than the oldest git that will do; and a protocol may be allowed by its own name."""
    monkeypatch.delitem(VARIABLES, "GIT_NO_LAZY_FETCH")
    here = copied(template, tmp_path / "here")
    SCENARIOS[name].make(here)
    answers(here, ("validate --ref HEAD~1", "diff HEAD~2..HEAD", f"history {TARGET}", f"explain {TARGET} A"))


@pytest.mark.parametrize(
    "lines_of", [pytest.param(some, id="some"), pytest.param(lambda _: COMMANDS, id="all", marks=pytest.mark.soak)]
)
@pytest.mark.parametrize("name", SCENARIOS)
def test_nothing_of_a_hostile_repository_runs(
    name: str,
    lines_of: Callable[[str], tuple[str, ...]],
    template: Path,
    friendly: dict[str, str],
    tmp_path: Path,
) -> None:
    lines = lines_of(name)
    scenario, here = SCENARIOS[name], copied(template, tmp_path / "here")
    scenario.make(here)
    here.mark.unlink(missing_ok=True)
    before = state(tmp_path)
    said = answers(here, lines)
    after = {path: seen for path, seen in state(tmp_path).items() if not f"{path}/".startswith("here/out/")}
    times = {path: after[path][1] for path in ("here", "here/repository")}  # made in, and removed from again
    for path, time in times.items():
        before[path] = (before[path][0], time, before[path][2])
    assert after == before
    if scenario.is_same:
        assert said == {line: friendly[line] for line in lines}
    run_control(scenario, here)
    assert here.mark.exists() == bool(scenario.control), "the payload does not work"


def test_what_the_caller_has_set_for_git_runs_nothing_either(
    template: Path, friendly: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = copied(template, tmp_path / "here")
    settings = {"core.fsmonitor": here.payload, "core.worktree": tmp_path, "alias.zz": f"!{here.payload}"}
    for number, (name, value) in enumerate(settings.items()):
        monkeypatch.setenv(f"GIT_CONFIG_KEY_{number}", name)
        monkeypatch.setenv(f"GIT_CONFIG_VALUE_{number}", str(value))
    monkeypatch.setenv("GIT_CONFIG_COUNT", str(len(settings)))
    for name in (
        "ASKPASS",
        "EDITOR",
        "EXTERNAL_DIFF",
        "PAGER",
        "PROXY_COMMAND",
        "SEQUENCE_EDITOR",
        "SSH",
        "SSH_COMMAND",
    ):
        monkeypatch.setenv(f"GIT_{name}", str(here.payload))
    for name in ("TRACE", "TRACE2", "TRACE2_EVENT", "TRACE_SETUP", "TRACE_PACKET"):
        monkeypatch.setenv(f"GIT_{name}", str(here.mark))
    monkeypatch.setenv("GIT_EXEC_PATH", str(tmp_path))
    assert answers(here, FEW) == {line: friendly[line] for line in FEW}
    attempt(here.top, "status")
    assert here.mark.exists()


def test_a_mailmap_gives_the_same_names_to_every_answer(template: Path, tmp_path: Path) -> None:
    here = copied(template, tmp_path / "here")
    commit(here.top, {".mailmap": "Anna Example <ann@example.org>\n"})
    said = answers(here, (f"explain {TARGET} A", f"history {TARGET} A", "diff HEAD~2..HEAD"))
    assert [(" Ann " in text, "Anna Example" in text) for text in said.values()] == [(False, True)] * 3


def test_git_is_the_only_program_that_is_started(template: Path, tmp_path: Path) -> None:
    """As the kernel saw it, with all that can be hostile at once."""
    here = copied(template, tmp_path / "here")
    all_at_once(here)
    script = (
        "import pathlib, shlex\nfrom tests.cli.running import run\n"
        f"for line in {FEW!r}: run(pathlib.Path({str(here.top)!r}), *shlex.split(line))\n"
    )
    assert programs(tmp_path, ROOT, sys.executable, "-c", script) == {Path(sys.executable).name, "git"}
    assert "payload" in programs(tmp_path, here.top, "git", "status")


def programs(folder: Path, where: Path, *command: str) -> set[str]:
    """The names of all the programs that a command starts."""
    log = folder / "strace"
    traced = ("strace", "-f", "-qq", "-s", "4096", "-e", "trace=execve", "-o", str(log), *command)
    subprocess.run(traced, cwd=where, capture_output=True, check=False)
    return {Path(path).name for path in re.findall(r'execve\("([^"]+)".* = 0$', log.read_text(), re.MULTILINE)}
