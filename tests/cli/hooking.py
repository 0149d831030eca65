"""The real pre-commit, with a home of its own and without a network: pip gets the wheels of what runs here."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field, replace
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.builders import ROOT

if TYPE_CHECKING:
    from importlib.metadata import Distribution

PUBLISHED = ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml", "envtree")
# What a user or a CI runner may have set for the programs that are run.
OWN_PREFIXES = ("PIP_", "PRE_COMMIT", "VIRTUALENV_")
OWN_NAMES = ("SKIP", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
NEWER = {"pyyaml": "6.999", "pydantic": "2.999", "flit_core": "4.999"}
"""Versions that nobody has looked at, within what pyproject.toml allows."""
PERSON = {
    f"GIT_{role}_{what}": said
    for role in ("AUTHOR", "COMMITTER")
    for what, said in (("NAME", "Ann"), ("EMAIL", "ann@example.org"))
}


class Said(NamedTuple):
    """How a command ended, and all it said."""

    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Hooking:
    """Where envtree is published to, as a repository, and what commands are run with."""

    repository: Path
    commit: str
    environment: dict[str, str] = field(repr=False)
    """Most of it is the caller's own, and no test that fails shows it."""

    def run(self, folder: Path, *words: str) -> Said:
        """Run a command in a folder."""
        done = subprocess.run(
            words,
            cwd=folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            umask=0o022,  # a schema that others could have written is refused
            check=False,
        )
        return Said(done.returncode, done.stdout.decode())

    def with_envtree_on_path(self) -> Hooking:
        """The same for a user who has installed envtree."""
        path = os.pathsep.join((str(Path(sys.executable).parent), self.environment["PATH"]))
        return replace(self, environment={**self.environment, "PATH": path})

    def must(self, folder: Path, *words: str) -> str:
        """What a command that has to succeed says."""
        code, text = self.run(folder, *words)
        assert code == 0, text
        return text


def prepare(base: Path) -> Hooking:
    """Publish envtree below a folder, once, whichever process comes first; pre-commit installs it there once too."""
    repository, wheels, home = base / "envtree", base / "wheels", base / "home"
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(OWN_PREFIXES) and name not in OWN_NAMES
    } | {
        **PERSON,
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"),
        "PRE_COMMIT_HOME": str(home / "pre-commit"),
        "PRE_COMMIT_COLOR": "never",
        "VIRTUALENV_NO_PERIODIC_UPDATE": "1",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_NO_COMPILE": "0",  # as pip reads it: nothing is compiled, most of which would never be imported
        "PIP_FIND_LINKS": str(wheels),
    }
    hooking = Hooking(repository, "", environment)
    base.mkdir(exist_ok=True)
    with (base / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.exists():
            _publish(hooking)
            _make_wheels(wheels)
            _make_newer(wheels)
            home.mkdir()
    return replace(hooking, commit=hooking.must(repository, "git", "rev-parse", "HEAD").strip())


def _publish(hooking: Hooking) -> None:
    """A repository of this checkout as it stands, whoever owns it and whatever of its history is there."""
    folder = hooking.repository
    folder.mkdir()
    for name in PUBLISHED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder / name)
    hooking.must(folder, "git", "init", "--quiet", "--initial-branch=main")
    hooking.must(folder, "git", "add", "--all")
    hooking.must(folder, "git", "commit", "--quiet", "--message=envtree")


def _make_wheels(folder: Path) -> None:
    """Pack what envtree needs, to run and to be built, as it is installed here."""
    folder.mkdir()
    for name in re.findall(r"^([\w.-]+)==", (ROOT / "requirements.txt").read_text(), flags=re.MULTILINE):
        try:
            _pack(distribution(name), folder)
        except PackageNotFoundError:
            continue  # for another platform; if not, pip says what it misses


def _make_newer(folder: Path) -> None:
    """Offer a newer version of a package that envtree may use, and a newer builder: empty ones, which would fail."""
    for name, version in NEWER.items():
        info = f"{name}-{version}.dist-info"
        with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")


def _pack(installed: Distribution, folder: Path) -> None:
    """A wheel of an installed distribution, but for its scripts, which nothing here runs."""
    files = [file for file in installed.files or () if ".." not in file.parts and file.suffix != ".pyc"]
    info = next(file.parent for file in files if file.name == "METADATA")
    tags = re.findall(r"^Tag: (.*)-(.*)-(.*)$", installed.read_text("WHEEL") or "", flags=re.MULTILINE)
    tag = "-".join(".".join(dict.fromkeys(alike)) for alike in zip(*tags, strict=True))
    made = {f"{info}/{name}" for name in ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")}
    packed = [file for file in files if str(file) not in made]
    with zipfile.ZipFile(folder / f"{info.name.removesuffix('.dist-info')}-{tag}.whl", "w") as wheel:
        for file in packed:
            wheel.write(str(file.locate()), str(file))
        wheel.writestr(f"{info}/RECORD", "".join(f"{file},,\n" for file in (*packed, f"{info}/RECORD")))
