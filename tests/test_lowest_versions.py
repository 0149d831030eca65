"""Each lower bound in pyproject.toml is true: the suite passes with all of them at once."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OUTSIDE = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
"""As it was before the tests hid it, since pip has its settings there; what pytest was asked for is not."""
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
EXTRAS = PROJECT["project"]["optional-dependencies"]
CLAIMS = [*PROJECT["project"]["dependencies"], *EXTRAS["secrets"], *EXTRAS["aws"]]
LOWEST_PYTHON = tuple(map(int, PROJECT["project"]["requires-python"].removeprefix(">=").split(".")))
BOUND = re.compile(r"(?P<name>[\w.-]+)>=(?P<version>[\w.]+)(?:,<[\w.]+)?")
FILES = ("requirements.txt", "requirements-dev.txt")
PIN = re.compile(r"^[\w.-]+==[\w.]+(?: ; [^\\\n]+)?", re.MULTILINE)


def lowest() -> list[str]:
    """What runs envtree, each in the lowest version that is claimed."""
    bounds = [BOUND.fullmatch(claim) for claim in CLAIMS]
    return [f"{bound['name']}=={bound['version']}" for bound in bounds if bound]


def pins() -> list[str]:
    """What runs envtree and its tests, as it is pinned."""
    return [pin[0] for file in FILES for pin in PIN.finditer((ROOT / file).read_text())]


def checked(*command: str | Path) -> None:
    done = subprocess.run(
        command,
        env=OUTSIDE,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_each_dependency_has_a_lower_bound() -> None:
    assert len(lowest()) == len(CLAIMS)


@pytest.mark.soak
@pytest.mark.skipif(sys.version_info[:2] != LOWEST_PYTHON, reason="a newer Python may need newer dependencies")
def test_the_suite_passes_with_the_lowest_versions(tmp_path: Path) -> None:
    python = tmp_path / "environment/bin/python"
    pip = (python, "-m", "pip", "--disable-pip-version-check", "--no-input", "-qq", "install")
    checked(sys.executable, "-m", "venv", tmp_path / "environment")
    checked(*pip, "--no-deps", *pins())
    checked(*pip, *lowest(), *PROJECT["build-system"]["requires"])
    checked(*pip, "--no-deps", "--no-build-isolation", "--editable", ROOT)
    # The hook of pre-commit is installed with the pins, whatever is here.
    checked(
        python, "-m", "pytest", "-q", "-n", "auto", "-p", "no:cacheprovider", "--ignore", "tests/cli/test_pre_commit.py"
    )
