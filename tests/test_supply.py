"""What is installed is pinned, the pins agree, and `make audit` says what is known of them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest

from envtree.adapters.git.plumbing import KEPT
from tests.builders import ROOT

if TYPE_CHECKING:
    from pathlib import Path

AUDIT, PINS = ROOT / ".ci/audit.py", ROOT / ".ci/pins.py"
REQUIREMENTS = "a==1.0 \\\n    --hash=sha256:0\nb==2.0 ; sys_platform == 'win32' \\\n    --hash=sha256:0\n"


def written(folder: Path) -> str:
    """pyproject.toml, once the pins of the requirements beside it are written into it."""
    subprocess.run([sys.executable, PINS, folder], check=True)
    return (folder / "pyproject.toml").read_text()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in ("pyproject.toml", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def test_the_package_names_the_pins_of_its_requirements(copy: Path) -> None:
    assert written(copy) == (ROOT / "pyproject.toml").read_text()


def test_a_pin_that_changes_is_written_into_the_package(copy: Path) -> None:
    text = (copy / "requirements.txt").read_text()
    (copy / "requirements.txt").write_text(re.sub(r"^(flit-core|pyyaml)==[\d.]+", r"\1==9.9", text, flags=re.MULTILINE))
    project = tomllib.loads(written(copy))
    assert project["build-system"]["requires"] == ["flit-core==9.9"]
    assert "pyyaml==9.9" in project["project"]["optional-dependencies"]["pinned"]


def test_every_pin_is_in_the_package_with_its_marker() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    named = {*project["project"]["optional-dependencies"]["pinned"], *project["build-system"]["requires"]}
    lines = re.findall(r"^([\w.-]+==.*?) \\$", (ROOT / "requirements.txt").read_text(), flags=re.MULTILINE)
    assert len(lines) > 10
    assert named == set(lines)


def test_the_hook_asks_for_the_pins() -> None:
    assert 'additional_dependencies: [".[pinned]"]' in (ROOT / ".pre-commit-hooks.yaml").read_text()


def audited(folder: Path, answer: object, *, code: int = 0) -> subprocess.CompletedProcess[str]:
    """An audit with a stand-in for pip-audit, which gives an answer; with none there is no such program."""
    program = folder / "pip-audit"
    if answer is not None:
        text = answer if isinstance(answer, str) else json.dumps({"dependencies": answer})
        (folder / "answer").write_text(text)
        program.write_text(f"#!/bin/sh\ncat {folder}/answer\nexit {code}\n")
        program.chmod(0o755)
    (folder / "requirements.txt").write_text(REQUIREMENTS)
    command = [sys.executable, str(AUDIT), str(program), str(folder / "requirements.txt")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "",
        "Connection refused",
        "{}",
        "[]",
        [{"name": "a", "skip_reason": "not found"}, {"name": "b", "skip_reason": "not found"}],
    ],
)
def test_without_an_advisory_service_the_versions_are_listed_and_nothing_fails(answer: object, tmp_path: Path) -> None:
    done = audited(tmp_path, answer, code=1)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "0 of 2 packages were asked about, 0 vulnerable\nno advisory service answered about these:\n  a 1.0\n  b 2.0\n"
    )


def test_a_vulnerability_fails_the_audit_and_what_was_not_answered_is_listed(tmp_path: Path) -> None:
    found = [
        {"name": "a", "vulns": [{"id": "X-1", "fix_versions": ["1.1"]}]},
        {"name": "b", "skip_reason": "not found"},
    ]
    done = audited(tmp_path, found, code=1)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "a 1.0: X-1, mended in 1.1",
        "1 of 2 packages were asked about, 1 vulnerable",
        "no advisory service answered about these:",
        "  b 2.0",
    ]


def test_where_all_is_well_one_line_says_so(tmp_path: Path) -> None:
    done = audited(tmp_path, [{"name": "a", "vulns": []}, {"name": "b", "vulns": []}])
    assert (done.returncode, done.stdout) == (0, "2 of 2 packages were asked about, 0 vulnerable\n")


@pytest.mark.parametrize("page", ["README.md", "docs/index.md", "docs/explanation/secrets.md"])
def test_who_is_trusted_with_what_can_be_found(page: str) -> None:
    assert "SECURITY.md)" in (ROOT / page).read_text()


@pytest.mark.parametrize(
    "thief", ["read access to git", "write access to the repository", "a laptop", "CI", "an image"]
)
def test_each_thief_is_said_to_get_something(thief: str) -> None:
    assert f"| **{thief}" in (ROOT / "SECURITY.md").read_text()


def test_the_documents_name_the_variables_that_git_gets() -> None:
    text = (ROOT / "docs/explanation/git.md").read_text()
    *most, last = (f"`{name}`" for name in KEPT)
    assert f"git gets {', '.join(most)} and {last}, and nothing else" in text
