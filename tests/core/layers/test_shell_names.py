"""Variables that the shell of a run script replaces: said at their line, and measured on the shells themselves."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from envtree.core.export.limits import SHELLS_OWN
from envtree.core.model.diagnostic import Diagnostic
from envtree.core.runit.shell import BASHS_OWN, DASHS_OWN
from tests.builders import compiled, small_tree

OTHERS = """
    BASH_ENV CDPATH COLUMNS COPROC ENV FCEDIT HISTFILE HISTSIZE HOME HOSTNAME HOSTTYPE IGNOREEOF LANG LINES LOGNAME
    MACHTYPE MAIL MAILCHECK MAILPATH MAPFILE OPTARG OSTYPE POSIXLY_CORRECT PROMPT_COMMAND REPLY SHELL TERM TIMEFORMAT
    TMPDIR TZ USER
"""
NAMES = sorted(DASHS_OWN | BASHS_OWN | SHELLS_OWN | frozenset(OTHERS.split()))
TEXT = "4 x:/y"


@pytest.mark.parametrize(("shell", "own"), [("dash", DASHS_OWN), ("bash", BASHS_OWN)])
def test_the_shell_itself_replaces_these_and_no_others(shell: str, own: frozenset[str]) -> None:
    program = shutil.which(shell)
    assert program
    replaced = set()
    for name in NAMES:
        text = "4" if name == "OPTIND" else TEXT
        done = subprocess.run(
            [program, "-c", "cd /tmp || exit 111\nexec /usr/bin/env -0"],
            env={name: text},
            capture_output=True,
            check=True,
        )
        if f"{name}={text}".encode() not in done.stdout.split(b"\0"):
            replaced.add(name)
    assert replaced == own


@pytest.mark.parametrize("text", ["first", "", "-1", "1.5"])
def test_no_dash_starts_with_an_optind_that_is_no_number(text: str) -> None:
    program = shutil.which("dash")
    assert program
    done = subprocess.run([program, "-c", "exit 0"], env={"OPTIND": text}, capture_output=True, check=False)
    found = [each.severity for each in _problems(f"OPTIND: '{text}'\n") if each.code == "shell-variable"]
    assert (done.returncode != 0, found) == (True, ["error"])


def _problems(layer: str, **more: str) -> list[Diagnostic]:
    _, problems = compiled(small_tree(**{"configs/common.yaml": layer}, **more))
    return [each for each in problems if each.code != "ungoverned-process"]


@pytest.mark.parametrize("name", sorted(DASHS_OWN))
def test_each_is_a_warning_at_its_name_with_its_targets(name: str) -> None:
    (problem,) = _problems(f"A: a\n{name}: '4'\n")
    assert (problem.code, problem.severity) == ("shell-variable", "warning")
    assert str(problem.span) == "configs/common.yaml:2:1"
    assert len(problem.targets) == 2
    assert "/bin/sh" in problem.message


def test_what_bash_alone_replaces_is_said_where_a_name_needs_bash() -> None:
    assert _problems("RANDOM: '4'\n_: x\n") == []
    found = [each.message for each in _problems("RANDOM: '4'\n_: x\na.b: c\n") if each.code == "shell-variable"]
    assert len(found) == 2
    assert all("/bin/bash" in message for message in found)


def test_what_is_unset_or_of_another_process_is_none() -> None:
    assert _problems("PWD: !unset\n") == []
    (problem,) = _problems("PWD: !unset\n", **{"configs/accounts/production.yaml": "PWD: /srv\n"})
    assert [str(each) for each in problem.targets] == ["production/accounts/web"]
