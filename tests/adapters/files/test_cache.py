"""The record of what was judged good: whole, the user's own, of the same programs; else as if there were none."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envtree.adapters.files import cache as adapter
from envtree.adapters.files.cache import Verdict, load, save, tools
from tests.builders import ROOT, write_tree
from tests.cli.running import modes_hold_for_root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEY = "/repository/.git\0deploy/"
TEXTS = st.frozensets(st.text(st.characters(exclude_characters="\0\n", codec="utf-8"), min_size=1), max_size=3)
OTHER_USER = 12345


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A record that is there."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    save(KEY, a_judged())
    (path,) = (tmp_path / "cache/envtree/judged").iterdir()
    return path


def a_judged(listing: bytes = b"100644 1 0\tenvtree.yaml\0") -> Verdict:
    return Verdict(
        listing,
        "tools",
        "2 processes",
        frozenset({" configs/ca.pem", "web configs/a b"}),
        frozenset({"review/web 5000"}),
        frozenset({"TOKEN"}),
    )


def content(judged: Verdict | None) -> list[object]:
    assert judged
    return [getattr(judged, name) for name in Verdict.__slots__]


def test_it_is_there_for_the_tree_that_it_is_of(record: Path) -> None:
    assert content(load(KEY)) == content(a_judged())
    assert load(KEY + "more") is None
    save(KEY, a_judged(b"another\nwith a line end\n"))
    save(KEY + "more", a_judged(b""))
    assert content(load(KEY)) == content(a_judged(b"another\nwith a line end\n"))
    assert content(load(KEY + "more")) == content(a_judged(b""))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(), st.text("abc 123"), TEXTS, TEXTS, TEXTS)
def test_it_is_what_it_was(
    record: Path, listing: bytes, extent: str, named: frozenset[str], ports: frozenset[str], secret: frozenset[str]
) -> None:
    judged = Verdict(listing, "tools", extent, named, ports, secret)
    save(KEY, judged)
    assert content(load(KEY)) == content(judged)


def test_a_name_with_bytes_that_are_no_text_is_kept_and_one_with_a_line_end_is_not(record: Path) -> None:
    odd = Verdict(b"", "tools", "", frozenset({"web configs/\udcff"}), frozenset(), frozenset())
    save(KEY, odd)
    assert content(load(KEY)) == content(odd)
    save(KEY, Verdict(b"", "tools", "", frozenset({"web configs/a\nb"}), frozenset(), frozenset()))
    assert content(load(KEY)) == content(odd)


def test_it_is_for_the_user_alone(record: Path) -> None:
    assert record.stat().st_mode & 0o777 == 0o600
    assert record.parent.stat().st_mode & 0o777 == 0o700


# What is no record.


def test_one_that_is_cut_off_anywhere_is_none(record: Path) -> None:
    data = record.read_bytes()
    for length in range(len(data)):
        record.write_bytes(data[:length])
        assert load(KEY) is None, length
    record.write_bytes(data + b"\0")
    assert load(KEY) is None


def test_one_that_is_damaged_anywhere_is_none(record: Path) -> None:
    data = record.read_bytes()
    for place in range(len(data)):
        for other in (data[place] ^ 1, 0, ord("\n")):
            if other != data[place]:
                record.write_bytes(data[:place] + bytes([other]) + data[place + 1 :])
                assert load(KEY) is None, place


def test_one_of_another_version_is_none(record: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "FORMAT", "envtree judged 2")
    assert load(KEY) is None
    save(KEY, a_judged())
    assert load(KEY)


def test_one_larger_than_any_can_be_is_none(record: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "MAX_RECORD", record.stat().st_size - 1)
    assert load(KEY) is None


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_one_that_others_can_write_is_none(mode: int, record: Path) -> None:
    record.chmod(mode)
    assert load(KEY) is None
    save(KEY, a_judged())
    assert load(KEY)


@pytest.mark.root
def test_one_of_another_user_is_none(record: Path) -> None:
    os.chown(record, OTHER_USER, -1)
    assert load(KEY) is None
    save(KEY, a_judged())
    assert load(KEY)


def test_a_link_is_none_and_what_it_leads_to_stays(record: Path) -> None:
    elsewhere = record.parent.parent / "elsewhere"
    record.rename(elsewhere)
    record.symlink_to(elsewhere)
    before = elsewhere.read_bytes()
    assert load(KEY) is None
    save(KEY, a_judged(b"another"))
    assert load(KEY)
    assert (record.is_symlink(), elsewhere.read_bytes()) == (False, before)


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_what_is_no_file_is_none(make: Callable[[Path], None], record: Path) -> None:
    record.unlink()
    make(record)
    assert load(KEY) is None
    save(KEY, a_judged())
    assert sorted(record.parent.iterdir()) == [record]


# Where none can be kept.


def test_a_home_is_taken_where_no_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for named in ("", "relative"):
        monkeypatch.setenv("XDG_CACHE_HOME", named)
        save(KEY, a_judged(named.encode()))
        judged = load(KEY)
        assert judged
        assert judged.listing == named.encode()
    assert len(list((tmp_path / ".cache/envtree/judged").iterdir())) == 1


@pytest.mark.parametrize("home", [None, "", "relative", "/dev/null/nowhere"])
def test_without_one_nothing_is_kept(home: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.delenv("HOME") if home is None else monkeypatch.setenv("HOME", home)
    save(KEY, a_judged())
    assert load(KEY) is None
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_takes_nothing_leaves_what_is_there(record: Path) -> None:
    record.parent.chmod(0o500)
    with modes_hold_for_root():
        save(KEY, a_judged(b"another"))
        assert content(load(KEY)) == content(a_judged())
        record.parent.chmod(0o000)
        save(KEY, a_judged(b"another"))
        assert load(KEY) is None
    record.parent.chmod(0o700)


@contextlib.contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """A write beyond it fails, as on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("size", [0, 100])
def test_a_full_disk_leaves_what_is_there(size: int, record: Path) -> None:
    with files_of_at_most(size):
        save(KEY, a_judged(bytes(1000)))
    assert content(load(KEY)) == content(a_judged())
    assert sorted(record.parent.iterdir()) == [record]


def test_what_a_killed_process_left_is_in_the_way_once(record: Path) -> None:
    left = record.with_name(f"{record.name}.{os.getpid()}")
    left.write_bytes(b"half of it")
    for _ in range(2):
        save(KEY, a_judged(b"another"))
    assert content(load(KEY)) == content(a_judged(b"another"))
    assert sorted(record.parent.iterdir()) == [record]


def test_of_two_at_once_one_wins_and_it_is_whole_all_the_time(record: Path) -> None:
    script = (
        "import sys\n"
        "from envtree.adapters.files.cache import Verdict, load, save\n"
        "for number in range(300):\n"
        "    listing = sys.argv[2].encode() * (100 * number)\n"
        "    save(sys.argv[1], Verdict(listing, 'tools', '', frozenset(), frozenset(), frozenset()))\n"
        "    found = load(sys.argv[1])\n"
        "    assert found and len(set(found.listing)) < 2, number\n"
    )
    key = KEY.replace("\0", "")
    command = [sys.executable, "-c", script, key]
    children = [subprocess.Popen([*command, letter], cwd=ROOT) for letter in "abc"]
    assert [child.wait() for child in children] == [0, 0, 0]
    last = load(key)
    assert last
    assert len(last.listing) == 100 * 299
    assert len(list(record.parent.iterdir())) == 2


# Whose verdict it is.


def tools_of(package: Path) -> str:
    """The digest that a copy of the package makes."""
    spec = importlib.util.spec_from_file_location("copied", package / "adapters/files/cache.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return str(module.tools())


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the package, as far as it matters."""
    package = write_tree(tmp_path / "lib/envtree", {"__init__.py": "", "core/check.py": "a\n", "core/py.typed": ""})
    (package / "adapters/files").mkdir(parents=True)
    shutil.copy(str(adapter.__file__), package / "adapters/files/cache.py")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "site"), str(tmp_path / "missing.zip")])
    write_tree(tmp_path / "site", {"pydantic/__init__.py": "", "envtree/deep/module.py": ""})
    return package


def touch(path: Path) -> float:
    """Let it be a tick newer."""
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    return status.st_mtime


def test_the_same_programs_are_the_same_each_time(package: Path) -> None:
    before = tools_of(package)
    (package / "core/__pycache__").mkdir()
    (package / "core/__pycache__/check.pyc").touch()
    touch(package / "core/py.typed")
    touch(package.parent.parent / "site/envtree/deep/module.py")  # a folder of that name may be anyone's
    assert tools_of(package) == before


def test_another_file_of_this_package_is_another_program(package: Path) -> None:
    seen = {tools_of(package)}
    check = package / "core/check.py"
    changes: tuple[Callable[[], object], ...] = (
        lambda: touch(check),
        lambda: check.write_text("bb\n"),
        lambda: check.rename(check.with_name("checks.py")),
        lambda: (package / "new.py").touch(),
        lambda: (package / "core/checks.py").unlink(),
        lambda: (package / "core/.#lock.py").symlink_to("nowhere"),
    )
    for change in changes:
        change()
        seen.add(tools_of(package))
    assert len(seen) == 6  # what leads nowhere is nothing


def test_another_package_beside_is_another_program(package: Path) -> None:
    seen = {tools_of(package)}
    site = package.parent.parent / "site"
    changes: tuple[Callable[[], object], ...] = (
        lambda: (site / "pydantic-3.dist-info").mkdir(),
        lambda: (site / "company.py").touch(),
        lambda: sys.path.append(str(site / "pydantic")),
        lambda: sys.path.reverse(),
        lambda: touch(site),
    )
    for change in changes:
        change()
        seen.add(tools_of(package))
    assert len(seen) == 6


def test_another_python_is_another_program(monkeypatch: pytest.MonkeyPatch) -> None:
    before = tools()
    assert tools() == before
    monkeypatch.setattr(sys, "version", "4.0")
    assert tools() != before
