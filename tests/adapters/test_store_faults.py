"""Builds killed, or failed by the system, at every call that touches the output: `current` stays whole, old or new."""

from __future__ import annotations

import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import pytest

from envtree.adapters.store.verify import verify
from tests.adapters.faults import (
    ENVTREE,
    FIRST,
    KILL,
    NEW,
    NEW_ENVDIRS,
    OLD,
    OLD_ENVDIRS,
    Call,
    Outcome,
    Tree,
    as_tree,
    build,
    build_words,
    calls,
    everything,
    here,
    read_back,
    read_current,
    run,
    spread,
    sweep,
    warm_up,
    write_source,
)

SHARES = 2  # a sweep is cut into parts, so that the processes which run tests can share it
ONE = ("production",)  # half of the calls, and none that the other half doesn't make
KEEP = (*ONE, "--keep", "2")
OLD_TREE, NEW_TREE = (
    as_tree({place: files for place, files in envdirs.items() if not place.startswith("staging")})
    for envdirs in (OLD_ENVDIRS, NEW_ENVDIRS)
)


class Stage(NamedTuple):
    """An output before a command, the command, known call by call, and the output after it."""

    before: Path | None
    words: Callable[[Path], tuple[str, ...]]
    again: Callable[[Path], tuple[str, ...]]
    """The command that must put right what was left."""
    is_damaged: bool
    """The old generation is not whole to begin with."""
    is_old: Callable[[Path], bool]
    is_new: Callable[[Path], bool]
    calls: tuple[Call, ...]
    done: Tree
    """The output to the last byte, when nothing disturbs the command."""


class Setting(NamedTuple):
    """What a stage is made of: the command and the one after it, and what is current before and after."""

    before: Path | None
    words: Callable[[Path], tuple[str, ...]]
    again: Callable[[Path], tuple[str, ...]]
    old: Tree | None
    new: Tree


def holds(out: Path, tree: Tree | None) -> bool:
    """Whether this is current; None for no output, or one without a generation."""
    if not (out / "current").is_symlink():
        return tree is None
    try:
        return read_current(out) == tree
    except (OSError, KeyError, AssertionError):
        return False


def change(base: Path) -> Setting:
    """An old generation gives way to a new one, and the one before it is pruned."""
    first, old, new = sources(base)
    build(first, base / "before", *KEEP)
    build(old, base / "before", *KEEP)
    words = partial(build_words, new, options=KEEP)
    return Setting(base / "before", words, words, OLD_TREE, NEW_TREE)


def start(base: Path) -> Setting:
    """The first build of all."""
    words = partial(build_words, sources(base)[2], options=ONE)
    return Setting(None, words, words, None, NEW_TREE)


def access(base: Path) -> Setting:
    """More users are let in, and everything gets an owner."""
    _, old, new = sources(base)
    build(old, base / "before", *ONE)
    words = partial(build_words, new, options=(*ONE, "--mode", "0640", "--owner", f"{os.geteuid()}:{os.getegid()}"))
    modes = {0o600: 0o640, 0o700: 0o750}
    let_in = {path: (modes[mode], data) for path, (mode, data) in NEW_TREE.items()}
    return Setting(base / "before", words, words, OLD_TREE, let_in)


def rollback(base: Path) -> Setting:
    """Back from the new to the old."""
    _, old, new = sources(base)
    before = base / "before"
    build(old, before, *ONE)
    name = (before / "current").readlink().name
    build(new, before, *ONE)

    def words(out: Path) -> tuple[str, ...]:
        return (*ENVTREE, "rollback", "-q", str(out))

    def again(out: Path) -> tuple[str, ...]:
        return (*words(out), "--to", name)

    return Setting(before, words, again, NEW_TREE, OLD_TREE)


def mend(base: Path) -> Setting:
    """An envdir that the new generation shares was changed since: the old one is not whole to begin with."""
    setting = change(base)
    (base / "before/current/common/env/LEVEL").write_bytes(b"inf0\n")
    return setting._replace(old=read_current(base / "before"))


def sources(base: Path) -> tuple[Path, Path, Path]:
    first, old, new = (write_source(base / name, files) for name, files in (("a", FIRST), ("b", OLD), ("c", NEW)))
    return first, old, new


SETTINGS = {each.__name__: each for each in (change, start, access, rollback, mend)}
Stages = Callable[[str], Stage]


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Stages:
    @cache
    def make(name: str) -> Stage:
        base = tmp_path_factory.mktemp(name)
        setting = SETTINGS[name](base)
        outs = [base / run / "out" for run in ("warm", "undisturbed")]
        for out in outs:
            out.parent.mkdir()
            if setting.before:
                shutil.copytree(setting.before, out, symlinks=True)
        warm_up(setting.words(outs[0]))
        found = calls(setting.words(outs[1]), outs[1], base / "strace.log")
        assert holds(outs[1], setting.new)
        is_old, is_new = partial(holds, tree=setting.old), partial(holds, tree=setting.new)
        is_damaged = bool(setting.before and verify(str(setting.before))[1])
        return Stage(
            setting.before, setting.words, setting.again, is_damaged, is_old, is_new, found, everything(outs[1])
        )

    return make


@pytest.fixture
def stage(stages: Stages) -> Stage:
    return stages("change")


def look_into(stage: Stage, outcome: Outcome, out: Path) -> None:
    """What must hold after any fault: old or new, whole, healed by the next build; exit 0 only for the new one."""
    assert outcome.state in ("old", "new"), outcome
    assert not outcome.traceback, outcome
    if (out / "current").is_symlink() and not stage.is_damaged:
        _, problems = verify(str(out))
        assert all("a build was not finished" in each.message for each in problems), (outcome, problems)
    if outcome.done.returncode == 0:
        assert outcome.state == "new", outcome
    elif outcome.fault != KILL:
        assert outcome.done.returncode == 2, outcome
        assert f"`{out}" in outcome.done.stderr, outcome
    again = here(*stage.again(out)[len(ENVTREE) :])
    assert again.code == 0, (outcome, again)
    assert everything(out) == stage.done, outcome


def strike(stage: Stage, points: tuple[Call, ...], fault: str, scratch: Path) -> Counter[str]:
    def state(out: Path) -> str:
        if stage.is_damaged and not stage.is_new(out):  # it may be mended already, or the envdir be on its way
            return "old" if (out / "current/manifest.json").is_file() else "torn"
        return "new" if stage.is_new(out) else "old" if stage.is_old(out) else "torn"

    strikes = [(point, fault) for point in points]
    tally = sweep(
        strikes, stage.words, stage.before, state, lambda outcome, out: look_into(stage, outcome, out), scratch
    )
    assert tally.total() == len(points) > 0
    return tally


def test_the_build_that_is_disturbed_makes_what_it_should(stage: Stage) -> None:
    assert stage.before is not None
    assert stage.is_old(stage.before)
    assert not stage.is_new(stage.before)
    assert not [path for path in stage.done if path.startswith(".tmp")]
    assert len([path for path in stage.done if path.count("/") == 1 and path.startswith("generations/")]) == 2
    names = {call.name for call in stage.calls}
    assert names >= {"openat", "write", "pwrite64", "fsync", "syncfs", "close", "ftruncate", "flock"}
    assert len(stage.calls) > 150


@pytest.mark.parametrize("share", range(SHARES))
def test_a_build_killed_anywhere_leaves_the_old_or_the_new(stage: Stage, share: int, tmp_path: Path) -> None:
    strike(stage, spread(stage.calls, 16)[share::SHARES], KILL, tmp_path)


@pytest.mark.parametrize("share", range(SHARES))
def test_a_build_out_of_space_anywhere_leaves_the_old_or_the_new(stage: Stage, share: int, tmp_path: Path) -> None:
    strike(stage, spread(stage.calls, 16)[share::SHARES], "error=ENOSPC", tmp_path)


@pytest.mark.parametrize("share", range(SHARES))
def test_a_build_on_a_failing_disk_leaves_the_old_or_the_new(stage: Stage, share: int, tmp_path: Path) -> None:
    strike(stage, spread(stage.calls, 12)[share::SHARES], "error=EIO", tmp_path)


@pytest.mark.parametrize(
    ("error", "names"),
    [
        ("EDQUOT", ("write", "pwrite64", "mkdirat", "symlinkat")),
        ("EMFILE", ("openat",)),
        ("EROFS", ("openat", "mkdirat", "rename", "renameat", "unlinkat")),
        ("EACCES", ("openat", "rename", "unlinkat")),
        ("ENOLCK", ("flock",)),
    ],
)
def test_a_build_that_the_system_refuses_says_so(
    stage: Stage, error: str, names: tuple[str, ...], tmp_path: Path
) -> None:
    strike(stage, spread([call for call in stage.calls if call.name in names], 3), f"error={error}", tmp_path)


@pytest.mark.parametrize("fault", [KILL, "error=ENOSPC"])
@pytest.mark.parametrize("name", ["start", "rollback", "mend"])
def test_other_commands_that_fail_leave_the_old_or_the_new(
    stages: Stages, name: str, fault: str, tmp_path: Path
) -> None:
    stage = stages(name)
    moves = tuple(call for call in stage.calls if call.name in ("rename", "renameat", "renameat2"))
    strike(stage, spread(moves, 2) if name == "mend" else spread(stage.calls, 2), fault, tmp_path)


@pytest.mark.parametrize("fault", [KILL, "error=EPERM"])
def test_a_build_that_fails_to_let_others_in_leaves_the_old_or_the_new(
    stages: Stages, fault: str, tmp_path: Path
) -> None:
    stage = stages("access")
    owning = [call for call in stage.calls if call.name.startswith(("chown", "fchown", "chmod", "fchmod"))]
    assert {call.name for call in owning} == {"fchown", "fchmod"}  # on what is open, never on a path
    strike(stage, spread(owning, 2), fault, tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("fault", [KILL, "error=ENOSPC", "error=EIO", "error=EACCES"])
@pytest.mark.parametrize("name", SETTINGS)
def test_a_command_with_a_fault_at_every_call_leaves_the_old_or_the_new(
    stages: Stages, name: str, fault: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    stage = stages(name)
    tally = strike(stage, stage.calls, fault, tmp_path)
    record_property("states", dict(tally))
    assert tally["old"] > 0
    assert tally["new"] > 0


NAIVE = """
import os, sys
top, count = sys.argv[1], int(sys.argv[2])
for number in range(count):
    folder = f"{top}/node{number // 3}/env"
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/NAME{number}", "w") as file:
        file.write(f"new {number} of {count}")
"""


def test_a_writer_in_place_is_caught_by_the_same_faults(tmp_path: Path) -> None:
    def words(out: Path, count: int = 12) -> tuple[str, ...]:
        return (sys.executable, "-I", "-S", "-c", NAIVE, str(out), str(count))

    before, after = tmp_path / "before" / "out", tmp_path / "after" / "out"
    assert run(words(before, 9)).returncode == 0
    shutil.copytree(before, after)
    points = calls(words(after), after, tmp_path / "strace.log")
    old, new = read_back(before), read_back(after)

    def naive_state(out: Path) -> str:
        found = read_back(out)
        return "old" if found == old else "new" if found == new else "torn"

    strikes = [(point, KILL) for point in spread(points, 24)]
    tally = sweep(strikes, words, before, naive_state, lambda outcome, out: None, tmp_path)
    assert tally.total() >= 24
    assert tally["torn"] > tally.total() / 2, tally


def test_a_build_is_durable_before_current_moves(stage: Stage) -> None:
    names = [call.name for call in stage.calls]
    lines = [call.line for call in stage.calls]
    synced = names.index("syncfs")
    moved = next(
        at for at, line in enumerate(lines) if "rename" in names[at] and '/current", ' in line and '"current")' in line
    )
    staged = [at for at, name in enumerate(names) if name == "write" and "/.tmp/" in lines[at]]
    made = [at for at, line in enumerate(lines) if "O_CREAT" in line and "/.tmp" in line]
    links = [at for at, line in enumerate(lines) if "symlink" in names[at] and "envdirs/" in line]
    in_place = [at for at, line in enumerate(lines) if "rename" in names[at] and "/.tmp/envdirs>" in line.split('"')[0]]
    assert names.count("syncfs") == 1
    assert max(*staged, *made, *links) < synced < min(in_place)
    assert max(in_place) < moved
    synced_between = [line for at, line in enumerate(lines) if names[at] == "fsync" and max(in_place) < at < moved]
    assert [line.rpartition("/")[2].split(">")[0] for line in synced_between] == ["log.jsonl", "envdirs", "generations"]
    last_sync = next(at for at, name in enumerate(names) if name == "fsync" and at > moved)
    assert not [line for at, line in enumerate(lines) if at > moved and "rename" in names[at] and at < last_sync]


def test_a_file_of_an_envdir_costs_three_calls_and_an_empty_one_two(stage: Stage) -> None:
    spent: dict[str, list[str]] = {}
    for call in stage.calls:
        path = call.line.partition(" = ")[2] if call.name == "openat" else call.line.partition(")")[0]
        if "/.tmp/envdirs/" in path and path.rpartition("/")[2].partition(">")[0].isupper() and "INFO" not in path:
            spent.setdefault(path.partition("<")[2].partition(">")[0], []).append(call.name)
    assert len(spent) == 5
    for path, names in spent.items():
        assert names == (["openat", "close"] if path.endswith("/LANG") else ["openat", "write", "close"]), path
