"""The repository itself: what it must not name, and what has to agree in it."""

import re
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

import envtree
from tests.builders import ROOT

# In pieces, so that this file does not name them itself.
FORBIDDEN = re.compile(
    rb"py" rb"pi\.(org|python)|python" rb"hosted|index-" rb"url|find-" rb"links|(?<![\w.$}~-])/(work|root)" rb"/",
)


def tracked_files() -> list[Path]:
    # Whoever owns the checkout: a container often mounts another user's.
    listing = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    done = subprocess.run(listing, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, f"what is tracked can't be listed: {done.stderr.decode()}"
    paths = (ROOT / name for name in done.stdout.decode().split("\0") if name)
    return [path for path in paths if path.is_file()]


def pins(name: str) -> dict[str, str]:
    """Each pinned package with its version, marker and hashes."""
    text = re.sub(r"^ *#.*\n", "", (ROOT / name).read_text(), flags=re.MULTILINE)
    return dict(line.split("==", 1) for line in text.replace("\\\n", "").splitlines())


def test_no_tracked_file_names_a_registry_or_a_path_of_one_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.decode(errors='replace')}"
        for path in tracked_files()
        for number, line in enumerate(path.read_bytes().splitlines(), start=1)
        if FORBIDDEN.search(line)
    ]
    assert found == []


def test_the_installed_version_is_the_one_in_the_package() -> None:
    assert version("envtree") == envtree.__version__


def test_the_package_says_it_is_typed() -> None:
    assert (ROOT / "envtree/py.typed").is_file()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-audit.txt"])
def test_every_requirement_has_a_hash(name: str) -> None:
    assert [package for package, rest in pins(name).items() if "--hash=sha256:" not in rest] == []


def test_development_runs_on_the_pins_of_the_runtime() -> None:
    assert pins("requirements.txt").items() <= pins("requirements-dev.txt").items()
