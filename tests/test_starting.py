"""These tests themselves, started in odd ways: a sample passes behind a script, with no terminal, for another user."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import pytest

from tests.surroundings import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SAMPLE = (
    *("cli/test_execute.py", "cli/test_exit_codes.py", "cli/test_init.py", "cli/test_show.py", "cli/test_streams.py"),
    *("adapters/files/test_cache.py", "adapters/files/test_rewrite.py", "adapters/test_store_at_once.py"),
    *("core/runit/test_shell.py", "migration/heroku/test_read.py", "migration/test_snapshot_file.py"),
    *("test_box.py", "test_cases.py", "test_scaffolding.py"),
)
ODD = {
    **dict.fromkeys(("ENVTREE_OUT", "GIT_DIR", "GIT_INDEX_FILE", "HOME", "SSL_CERT_FILE", "SVDIR"), "/nowhere"),
    **dict.fromkeys(("AWS_PROFILE", "GIT_AUTHOR_DATE", "GIT_CONFIG_COUNT", "HEROKU_API_KEY", "SOPS_AGE_KEY"), "mine"),
    **dict.fromkeys(("CI", "FORCE_COLOR", "GITHUB_ACTIONS", "NO_COLOR", "PYTHONDONTWRITEBYTECODE", "SVWAIT"), "1"),
    **{"COLUMNS": "13", "EDITOR": "false", "LANGUAGE": "de", "PWD": "/", "PYTHONHASHSEED": "3", "TERM": "dumb"},
    **{"TZ": "Asia/Kathmandu", "XDG_CACHE_HOME": "/root", "http_proxy": "http://nowhere"},
}
WAYS = {
    "behind a script": "umask 077; trap '' HUP INT QUIT; LC_ALL=C exec setsid -w \"$@\" </dev/null",
    "careless": 'umask 0; cd /; LC_ALL=POSIX exec nohup "$@" <&-',
    "of a group": 'umask 002; exec "$@"',
}
NOBODY = 65534


@contextmanager
def odd_environment() -> Iterator[Mapping[str, str]]:
    """What a caller may have set; in its folder for temporary files, others have taken the names that pytest uses."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        for name in ("root", "nobody", "unknown"):
            Path(folder, f"pytest-of-{name}").touch()
        own = {name: text for name, text in os.environ.items() if not name.startswith("PYTEST_")}
        yield {**own, **ODD, "TMPDIR": folder}


def passed(*command: str) -> bool:
    """Start the sample by a command that becomes what follows; say whether what only root can do was a part of it."""
    tests = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider"]
    with odd_environment() as environment:
        done = subprocess.run(
            [*command, *tests, *(str(ROOT / "tests" / each) for each in SAMPLE)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        assert list(Path(environment["TMPDIR"]).glob("envtree-tests-*")) == []
    return re.search(r"^not run: \d+ tests", done.stdout, re.MULTILINE) is None


def test_every_file_of_the_sample_is_there() -> None:
    assert [each for each in SAMPLE if not (ROOT / "tests" / each).is_file()] == []


@pytest.mark.soak
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_sample_passes_however_it_is_started(way: str) -> None:
    assert passed("sh", "-c", way, "sh") is (os.geteuid() == 0)


@pytest.mark.soak
@pytest.mark.root
def test_a_sample_passes_for_another_user_who_can_write_nothing_here(tmp_path: Path) -> None:
    as_nobody = f'umask 027; exec setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups "$@" </dev/null'
    assert not passed("unshare", "--mount", "sh", "-ec", f"{reachable(tmp_path)}{as_nobody}", "sh")


def reachable(aside: Path) -> str:
    """Make what the tests run from reachable in a folder that is root's alone, and holds nothing else meanwhile."""
    places = {Path(each).resolve() for each in (sys.base_prefix, sys.prefix, ROOT)}
    private = {place: each for place in places if (each := first_private(place))}
    lines = ["umask 022"]
    for number, place in enumerate(private):
        lines += [f"mkdir {aside}/{number}", f"mount --bind {quote(str(place))} {aside}/{number}"]
    lines += [f"mount -t tmpfs -o mode=755 tmpfs {quote(str(each))}" for each in {*private.values()}]
    for number, place in enumerate(private):
        lines += [f"mkdir -p {quote(str(place))}", f"mount --bind {aside}/{number} {quote(str(place))}"]
    return "".join(f"{line}\n" for line in lines)


def first_private(place: Path) -> Path | None:
    """Find the widest folder above a place that others may not pass through."""
    return next((each for each in reversed(place.parents) if not each.stat().st_mode & 0o001), None)
