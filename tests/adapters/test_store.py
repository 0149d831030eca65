"""The output folder: what is kept and removed, gone back to, found damaged, mended, refused; and where it may stand."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from envtree.adapters.store.read import read_targets
from envtree.adapters.store.state import current
from envtree.adapters.store.verify import verify
from envtree.core.output.inventory import read_inventory
from envtree.core.output.manifest import access_of
from tests.adapters.faults import (
    ENVTREE,
    FIRST,
    FIRST_ENVDIRS,
    NEW,
    NEW_ENVDIRS,
    OLD,
    OLD_ENVDIRS,
    SCRIPT,
    Envdirs,
    as_tree,
    build,
    build_words,
    envtree,
    everything,
    generations,
    here,
    program,
    read_current,
    run,
    write_source,
)
from tests.cli.running import modes_hold_for_root
from tests.effort import first_arguments

NOBODY = 65534
AS_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")


class Sources(NamedTuple):
    """Three trees to build one after the other."""

    first: Path
    old: Path
    new: Path


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    base = tmp_path_factory.mktemp("sources")
    pairs = (("a", FIRST), ("b", OLD), ("c", NEW))
    return Sources(*(write_source(base / name, files) for name, files in pairs))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def built(sources: Sources, out: Path) -> Path:
    """An output of three builds; the old tree's and the new one's share envdirs."""
    for source in sources:
        build(source, out)
    return out


def assert_whole(out: Path, envdirs: Envdirs) -> None:
    assert read_current(out) == as_tree(envdirs)
    assert verify(str(out))[1] == ()
    assert not (out / ".tmp").exists()


def now(out: Path) -> str:
    return (out / "current").readlink().name


def linked_envdirs(out: Path) -> set[str]:
    """The envdirs that some generation links to."""
    return {path.resolve().name for path in (out / "generations").rglob("env")}


def stored_envdirs(out: Path) -> set[str]:
    return {path.name for path in (out / "envdirs").iterdir()}


def test_the_manifest_is_read_once_however_many_processes_are_read(built: Path) -> None:
    def parsed(selector: str) -> int:
        read_inventory.cache_clear()
        access_of.cache_clear()
        return len(first_arguments("loads", lambda: read_targets(str(built), selector)))

    assert len(read_targets(str(built), "*")) > 1
    assert parsed("*") == parsed(next(str(each.target) for each in read_targets(str(built), "*")))


# What is kept


def numbered(root: Path, number: int) -> Path:
    return write_source(root, {**FIRST, "configs/common.yaml": f"NUMBER: {number}\n"})


@pytest.mark.parametrize(("keep", "kept"), [(1, 2), (2, 2), (3, 3), (5, 5), (9, 6)])
def test_the_newest_generations_are_kept_and_the_one_just_replaced(keep: int, kept: int, tmp_path: Path) -> None:
    out, names = tmp_path / "out", []
    for number in range(6):
        build(numbered(tmp_path / "source", number), out, "--keep", str(keep))
        names.append(now(out))
        assert set(names[-2:]) <= generations(out)
    assert generations(out) == set(names[-kept:])
    assert stored_envdirs(out) == linked_envdirs(out)
    assert len(stored_envdirs(out)) == kept + 2  # one of each number, one with the port, one of nothing


def test_envdirs_that_a_kept_generation_links_to_stay(sources: Sources, out: Path) -> None:
    build(sources.first, out)
    first = stored_envdirs(out)
    build(sources.old, out)
    build(sources.new, out, "--keep", "2")
    assert stored_envdirs(out) == linked_envdirs(out)
    assert len(first & stored_envdirs(out)) == 1  # the empty one
    (out / "current").resolve()
    assert here("rollback", "-q", out).code == 0
    assert_whole(out, OLD_ENVDIRS)


def test_envdirs_that_stay_are_not_written_again(built: Path, sources: Sources, tmp_path: Path) -> None:
    before = {path: path.stat().st_ino for path in (built / "envdirs").rglob("*")}
    build(write_source(tmp_path / "source", {**NEW, "configs/staging.yaml": "DEBUG: 2\n"}), built)
    after = {path: path.stat().st_ino for path in (built / "envdirs").rglob("*")}
    added = {path for path in after if before.get(path) != after[path]}
    assert sorted(path.name for path in added if path.is_file()) == ["DEBUG"]


def test_a_build_that_changes_nothing_writes_nothing(built: Path, sources: Sources) -> None:
    def times() -> dict[Path, int]:
        return {path: path.lstat().st_ctime_ns for path in (built, *built.rglob("*"))}

    before = times()
    done = here("build", "-C", sources.new, "--out", built)
    assert done.code == 0
    assert done.stderr.startswith(f"unchanged: {built}/current -> ")
    assert times() == before


def test_the_generation_gone_back_to_is_not_pruned_by_the_next_build(
    built: Path, sources: Sources, tmp_path: Path
) -> None:
    assert here("rollback", "-q", built).code == 0
    replaced = now(built)
    build(numbered(tmp_path / "source", 1), built, "--keep", "1")
    assert generations(built) == {replaced, now(built)}


def test_nothing_is_pruned_where_a_manifest_cannot_tell_what_is_used(
    built: Path, sources: Sources, tmp_path: Path
) -> None:
    other = next(name for name in generations(built) if name != now(built))
    (built / "generations" / other / "manifest.json").write_text("{")
    before = stored_envdirs(built)
    build(numbered(tmp_path / "source", 1), built, "--keep", "4")
    assert before <= stored_envdirs(built)


# Going back


def test_rollback_goes_back_one_generation_at_a_time(built: Path, sources: Sources) -> None:
    assert_whole(built, NEW_ENVDIRS)
    done = here("rollback", built)
    assert done.code == 0
    assert done.stderr.startswith("rolled back: ")
    assert_whole(built, OLD_ENVDIRS)
    assert here("rollback", built).code == 0
    assert_whole(built, FIRST_ENVDIRS)
    done = here("rollback", built)
    assert done.code == 2
    assert "has no generation before the current one" in done.stderr
    assert_whole(built, FIRST_ENVDIRS)
    build(sources.new, built)
    assert_whole(built, NEW_ENVDIRS)


def test_a_build_after_a_rollback_builds_what_was_rolled_back(built: Path, sources: Sources) -> None:
    assert here("rollback", "-q", built).code == 0
    build(sources.new, built)
    assert_whole(built, NEW_ENVDIRS)
    build(sources.old, built)
    assert_whole(built, OLD_ENVDIRS)
    assert here("rollback", "-q", built).code == 0
    assert_whole(built, NEW_ENVDIRS)


def test_rollback_goes_to_a_generation_by_the_start_of_its_name(sources: Sources, out: Path) -> None:
    names = []
    for source in sources:
        build(source, out)
        names.append(now(out))
    for name, envdirs in zip(names, (FIRST_ENVDIRS, OLD_ENVDIRS, NEW_ENVDIRS), strict=True):
        assert here("rollback", "-q", out, "--to", name[:12]).code == 0
        assert_whole(out, envdirs)
        assert here("rollback", "-q", out, "--to", name).code == 0
        assert now(out) == name


@pytest.mark.parametrize("wanted", ["x", "", "../generations/", "0" * 64])
def test_rollback_to_none_says_what_there_is(wanted: str, built: Path) -> None:
    before = everything(built)
    done = here("rollback", built, "--to", wanted)
    error = done.stderr
    assert done.code == 2
    assert f"has no generation that start with `{wanted}`" in error or "starts with" in error
    assert now(built)[:12] in error
    assert everything(built) == before


def test_an_output_of_no_build_has_nothing_to_go_back_to(out: Path) -> None:
    out.mkdir(0o700)
    done = here("rollback", out)
    assert done.code == 2
    assert f"`{out}` has no generation before the current one" in done.stderr
    assert not [*out.iterdir()]


def test_rollback_to_several_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for number in range(17):  # so that two of them start with the same digit
        build(numbered(tmp_path / "source", number), out, "--keep", "99")
    starts = [name[0] for name in generations(out)]
    shared = next(start for start in starts if starts.count(start) > 1)
    before = everything(out)
    done = here("rollback", out, "--to", shared)
    assert done.code == 2
    assert f"`{out}` has {starts.count(shared)} generations that start with `{shared}`" in done.stderr
    assert everything(out) == before


# Reading back


def envdir(out: Path, place: str) -> Path:
    return (out / "current" / place / "env").resolve()


def change(path: Path, data: bytes) -> None:
    size = path.stat().st_size
    path.write_bytes(data)
    assert path.stat().st_size == size


def replace_link(link: Path, text: str) -> None:
    link.unlink()
    link.symlink_to(text)


def folder_for_link(link: Path) -> None:
    link.unlink()
    link.mkdir()


def add_script(path: Path) -> None:
    """As a build would have written it."""
    path.parent.mkdir(0o700, exist_ok=True)
    path.touch(0o700)


Damage = Callable[[Path], object]
IN_ENVDIRS: dict[str, tuple[Damage, str]] = {
    "a byte": (lambda out: change(envdir(out, "common") / "LEVEL", b"inf0\n"), "names or values"),
    "a name": (lambda out: (envdir(out, "common") / "LEVEL").rename(envdir(out, "common") / "LEVELS"), "names or val"),
    "a file too many": (lambda out: (envdir(out, "common") / "MORE").touch(0o600), "names or values"),
    "a file too few": (lambda out: (envdir(out, "common") / "LANG").unlink(), "names or values"),
    "an empty file filled": (lambda out: (envdir(out, "staging/jobs") / "LANG").write_text("C\n"), "names or values"),
    "a link for a file": (lambda out: replace_link(envdir(out, "common") / "LANG", "LEVEL"), "it is no plain file"),
    "a folder in an envdir": (lambda out: (envdir(out, "common") / "sub").mkdir(), "it is no plain file"),
    "a pipe in an envdir": (lambda out: os.mkfifo(envdir(out, "common") / "PIPE"), "it is no plain file"),
    "a file's mode": (lambda out: (envdir(out, "common") / "LANG").chmod(0o644), "its mode is 0644, not 0600"),
    "an envdir's mode": (lambda out: envdir(out, "common").chmod(0o755), "its mode is 0755, not 0700"),
    "an envdir gone": (lambda out: shutil.rmtree(envdir(out, "common")), "the envdir can't be read"),
}
IN_GENERATIONS: dict[str, tuple[Damage, str]] = {
    "another link": (
        lambda out: replace_link(out / "current/common/env", f"../../../envdirs/{envdir(out, 'staging').name}"),
        "it leads elsewhere than it was built to",
    ),
    "an absolute link": (
        lambda out: replace_link(out / "current/common/env", str(envdir(out, "common"))),
        "it leads elsewhere than it was built to",
    ),
    "no link": (lambda out: (out / "current/common/env").unlink(), "the link is missing"),
    "no node": (lambda out: shutil.rmtree((out / "current/production/api/web").resolve()), "the link is missing"),
    "a folder for a link": (lambda out: folder_for_link(out / "current/common/env"), "the link is missing"),
    "no manifest": (lambda out: (out / "current/manifest.json").unlink(), "it is missing"),
    "another manifest": (
        lambda out: (out / "current/manifest.json").write_bytes((out / "current/manifest.json").read_bytes() + b" "),
        "its content doesn't match the generation's name",
    ),
    "no JSON": (lambda out: (out / "current/manifest.json").write_text("{"), "it can't be read as a manifest"),
    "a future format": (
        lambda out: (out / "current/manifest.json").write_text('{"format": 99, "envdirs": {}}'),
        "its content doesn't match the generation's name",
    ),
    "a folder too many": (lambda out: (out / "current/production/more").mkdir(), "no build made it"),
    "a stray file": (lambda out: (out / "current/production/more").touch(), "no build made it"),
    "a node's mode": (lambda out: (out / "current/production").chmod(0o777), "its mode is 0777, not 0700"),
}
WEB = "current/production/api/web"
CHANGED = "its scripts are not as they were built"
IN_SCRIPTS: dict[str, tuple[Damage, str]] = {
    "a byte of a script": (
        lambda out: change(out / WEB / "run", (out / WEB / "run").read_bytes()[:-1] + b"#"),
        CHANGED,
    ),
    "a script's name": (lambda out: (out / WEB / "finish").rename(out / WEB / "check"), CHANGED),
    "a script too many": (lambda out: add_script(out / WEB / "control/t"), CHANGED),
    "a script too few": (lambda out: (out / WEB / "log/run").unlink(), CHANGED),
    "a link for a script": (lambda out: replace_link(out / WEB / "run", "finish"), "it can't be read"),
    "a link to a folder too many": (lambda out: (out / WEB / "more").symlink_to("log"), "it can't be read"),
    "a link that leads nowhere": (lambda out: (out / WEB / "down").symlink_to("nowhere"), "it can't be read"),
    "a pipe in a service folder": (lambda out: os.mkfifo(out / WEB / "pipe"), "it can't be read: no plain file"),
    "a folder in a service folder": (lambda out: (out / WEB / "control/more").mkdir(0o700), "no build made it"),
    "a file in a folder too many": (lambda out: add_script(out / WEB / "more/run"), CHANGED),
    "a script's mode": (lambda out: (out / WEB / "control/k").chmod(0o600), "its mode is 0600, not 0700"),
    "a script that others may write": (lambda out: (out / WEB / "run").chmod(0o702), "its mode is 0702, not 0700"),
    "a service folder's mode": (lambda out: (out / WEB).chmod(0o770), "its mode is 0770, not 0700"),
    "the mode of a folder in it": (lambda out: (out / WEB / "log").chmod(0o777), "its mode is 0777, not 0700"),
    "a folder of scripts gone": (lambda out: shutil.rmtree(out / WEB / "log"), CHANGED),
    "what scripts share": (lambda out: (out / "current/supervision.sh").write_text("exit\n"), CHANGED),
    "nothing that scripts share": (lambda out: (out / "current/supervision.sh").unlink(), "it can't be read: no such"),
}
DAMAGES = {**IN_ENVDIRS, **IN_GENERATIONS, **IN_SCRIPTS}


def test_what_was_built_is_verified(built: Path) -> None:
    for name in generations(built):
        found, problems = verify(str(built), name)
        assert problems == ()
        assert found.generation == name
    found, _ = verify(str(built))
    assert found.envdirs == 10
    assert found.files == 15


@pytest.mark.parametrize("name", DAMAGES)
def test_verify_finds(name: str, built: Path) -> None:
    damage, message = DAMAGES[name]
    damage(built)
    before = everything(built)
    done = here("verify", built)
    assert done.code == 1
    assert message in done.stdout
    assert f"`{built}/" in done.stdout
    assert everything(built) == before


def test_verify_finds_a_build_that_was_not_finished(built: Path) -> None:
    (built / ".tmp").mkdir()
    done = here("verify", built)
    assert done.code == 1
    assert f"`{built}/.tmp`: a build was not finished" in done.stdout


@pytest.mark.parametrize(("link", "code"), [("", 2), ("generations/none", 1), ("envdirs", 2), ("/etc", 2)])
def test_verify_finds_no_current_generation(link: str, code: int, built: Path) -> None:
    (built / "current").unlink()
    if link:
        (built / "current").symlink_to(link)
    done = here("verify", built)
    assert done.code == code
    assert ("it is missing" in done.stdout) if code == 1 else ("has no current generation" in done.stderr)


@pytest.mark.root
@pytest.mark.parametrize("owner", ["", "nobody:nogroup"])
def test_verify_finds_another_owner(owner: str, built: Path, sources: Sources) -> None:
    build(sources.new, built, "--owner", owner, "--mode", "0640")
    values, scripts = (NOBODY if owner else 0), 0
    places = {
        envdir(built, "common"): values,
        envdir(built, "common") / "LANG": values,
        (built / WEB / "run").resolve(): scripts,
        (built / WEB).resolve(): scripts,
        (built / "current").resolve(): scripts,
        (built / "current/manifest.json").resolve(): scripts,
        built / "envdirs": scripts,
        built / "generations": scripts,
    }
    for path, user in places.items():
        os.chown(path, 1234, -1)
        done = here("verify", built)
        assert done.code == 1
        assert f"`{path}`: it belongs to another owner" in done.stdout
        os.chown(path, user, -1)
    assert here("verify", built).code == 0


def test_verify_passes_over_what_runsv_made(built: Path, sources: Sources) -> None:
    for folder in (built / WEB, built / WEB / "log"):
        (folder / "supervise").mkdir(0o700)
        (folder / "supervise/status").write_bytes(bytes(20))
        os.mkfifo(folder / "supervise/control")
    before = everything(built)
    assert here("verify", built).code == 0
    build(sources.new, built, "--repair")
    assert everything(built) == before
    build(numbered(built.parent / "source", 1), built, "--keep", "1")
    build(numbered(built.parent / "source", 2), built, "--keep", "1")
    assert len(generations(built)) == 2


def test_a_supervise_folder_elsewhere_is_not_runsvs(built: Path) -> None:
    (built / "current/production/supervise").mkdir()
    assert "production/supervise`: no build made it" in here("verify", built).stdout


# Mending


@pytest.mark.parametrize("name", IN_ENVDIRS)
def test_a_build_mends_an_envdir_that_it_shares(name: str, sources: Sources, tmp_path: Path) -> None:
    out, undisturbed = tmp_path / "out", tmp_path / "undisturbed"
    for source in (sources.old, sources.new):
        build(source, undisturbed)
    build(sources.old, out)
    IN_ENVDIRS[name][0](out)
    build(sources.new, out)
    assert_whole(out, NEW_ENVDIRS)
    assert everything(out) == everything(undisturbed)


@pytest.mark.parametrize("name", DAMAGES)
def test_a_build_mends_a_generation_that_is_built_again(name: str, sources: Sources, out: Path) -> None:
    build(sources.first, out)
    build(sources.old, out)
    whole = everything(out)
    DAMAGES[name][0](out)
    link = os.readlink(out / "current")  # noqa: PTH115 - of a link that may lead nowhere
    replace_link(out / "current", f"generations/{next(iter(generations(out) - {link.rpartition('/')[2]}))}")
    build(sources.old, out)
    assert_whole(out, OLD_ENVDIRS)
    assert {path: value for path, value in everything(out).items() if path != "log.jsonl"} == {
        path: value for path, value in whole.items() if path != "log.jsonl"
    }


@pytest.mark.parametrize("name", IN_SCRIPTS)
def test_a_build_that_is_to_repair_mends_scripts(name: str, built: Path, sources: Sources) -> None:
    whole = everything(built)
    IN_SCRIPTS[name][0](built)
    build(sources.new, built, "--repair")
    assert_whole(built, NEW_ENVDIRS)
    assert everything(built) == whole


def test_after_mending_a_build_has_nothing_to_do(built: Path, sources: Sources) -> None:
    time.sleep(0.02)  # longer than the kernel's clock takes from one time stamp to the next
    (envdir(built, "common") / "MORE").touch(0o600)
    build(sources.new, built)
    assert_whole(built, NEW_ENVDIRS)
    done = here("build", "-C", sources.new, "--out", built)
    assert done.code == 0
    assert done.stderr.startswith("unchanged: ")


# Who may read


@pytest.mark.parametrize(("mode", "folder_mode"), [(0o600, 0o700), (0o640, 0o750), (0o644, 0o755), (0o400, 0o700)])
def test_modes_are_what_was_asked_for(mode: int, folder_mode: int, sources: Sources, out: Path) -> None:
    build(sources.old, out, "--mode", f"{mode:04o}")
    build(sources.new, out, "--mode", f"{mode:04o}")
    assert read_current(out) == as_tree(NEW_ENVDIRS, mode, folder_mode)
    assert stat.S_IMODE(out.stat().st_mode) == folder_mode
    assert verify(str(out))[1] == ()
    found = everything(out)
    assert {found[name][0] for name in ("envdirs", "generations")} == {folder_mode}
    assert not [path for path, (found_mode, _) in found.items() if found_mode & 0o022 and not (out / path).is_symlink()]


def test_scripts_may_be_run_by_whoever_may_read_them(sources: Sources, out: Path) -> None:
    build(sources.new, out, "--mode", "0640")
    modes = {path: mode for path, (mode, data) in read_current(out).items() if data == SCRIPT}
    assert modes.keys() >= {"production/api/web/run", "production/api/web/control/k", "supervision.sh"}
    assert set(modes.values()) == {0o750}


def test_a_target_that_stays_as_it_was_keeps_its_scripts(built: Path) -> None:
    """So that whoever compares generations sees what will run differently, and nothing else."""
    tops = [built / "generations" / name for name in generations(built)]
    scripts = [{path: (top / path).read_bytes() for path in ("supervision.sh", f"{WEB[8:]}/run")} for top in tops]
    assert len(scripts) == 3
    assert scripts[0] == scripts[1] == scripts[2]


def test_another_mode_is_another_generation(built: Path, sources: Sources) -> None:
    private = now(built)
    build(sources.new, built, "--mode", "0644")
    assert now(built) != private
    assert read_current(built) == as_tree(NEW_ENVDIRS, 0o644, 0o755)
    assert verify(str(built), private)[1] == ()


@pytest.mark.root
@pytest.mark.parametrize(
    ("owner", "user", "group"),
    [
        ("nobody", NOBODY, 0),
        ("nobody:nogroup", NOBODY, NOBODY),
        (":nogroup", 0, NOBODY),
        (f"{NOBODY}:{NOBODY}", NOBODY, NOBODY),
        (f":{NOBODY}", 0, NOBODY),
    ],
)
def test_values_are_given_to_owners_by_name_and_number(
    owner: str, user: int, group: int, sources: Sources, out: Path
) -> None:
    build(sources.old, out, "--owner", owner, "--mode", "0640")
    build(sources.new, out, "--owner", owner, "--mode", "0640")
    assert verify(str(out))[1] == ()
    values = {(path.stat().st_uid, path.stat().st_gid) for path in (out / "envdirs").rglob("*")}
    assert values == {(user, group)}


@pytest.mark.root
def test_what_decides_what_is_run_stays_the_builders_whoever_owns_the_values(sources: Sources, out: Path) -> None:
    for source in (sources.old, sources.new):
        build(source, out, "--owner", "nobody:nogroup", "--mode", "0640")
    kept = [path for path in (out, *out.rglob("*")) if "envdirs" not in path.parts[len(out.parts) :]]
    assert {path.lstat().st_uid for path in (*kept, out / "envdirs")} == {0}
    assert all(path.stat().st_mode & 0o022 == 0 for path in kept)


@pytest.mark.root
def test_an_unknown_owner_is_refused_before_anything_is_made(sources: Sources, out: Path) -> None:
    for owner in ("no-such-user", "nobody:no-such-group"):
        done = here("build", "-C", sources.old, "--out", out, "--owner", owner, "--mode", "0640")
        assert done.code == 2
        assert f"no user or group `{owner}`" in done.stderr
        assert not out.exists()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users can enter; pytest's own are private."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.mark.root
@pytest.mark.parametrize(
    "options", [("--mode", "0640", "--owner", ":nogroup"), ("--owner", "nobody"), ("--mode", "0644")]
)
@pytest.mark.parametrize("earlier", ["none", "private"])
def test_whom_the_output_is_for_can_read_it(
    options: tuple[str, ...], earlier: str, sources: Sources, open_folder: Path
) -> None:
    out = open_folder / "out"
    if earlier == "private":
        build(sources.old, out)
    build(sources.new, out, *options)
    found = run((*AS_NOBODY, "cat", out / "current/common/env/LEVEL"))
    assert found.stdout == "info\n", found.stderr
    build(sources.old, out, *options)
    assert verify(str(out))[1] == ()


def test_a_plain_user_builds_again_what_only_its_owner_may_read(sources: Sources, out: Path) -> None:
    with modes_hold_for_root():
        for source in (sources.old, sources.new):
            build(source, out, "--mode", "0400")
        assert read_current(out) == as_tree(NEW_ENVDIRS, 0o400, 0o700)


# What is refused


def refused(source: Path, out: Path, message: str) -> None:
    """A build is refused with one message, and changes nothing."""
    before = everything(out) if out.is_dir() else None
    done = envtree("build", "-C", source, "--out", out)
    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert before is None or everything(out) == before


def test_a_file_is_no_output(sources: Sources, out: Path) -> None:
    out.write_text("mine")
    refused(sources.old, out, f"`{out}` is a file, not a folder")
    assert out.read_text() == "mine"


def test_a_link_is_no_output(built: Path, sources: Sources, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("out")
    before = everything(built)
    refused(sources.old, link, f"`{link}` is a link")
    assert everything(built) == before
    link.unlink()
    link.symlink_to("nowhere")
    refused(sources.old, link, f"`{link}` is a link")


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777, 0o1777])
def test_an_output_that_others_can_write_to_is_refused(mode: int, built: Path, sources: Sources) -> None:
    built.chmod(mode)
    refused(sources.old, built, f"others can write to `{built}`")


@pytest.mark.root
def test_an_output_of_another_user_is_refused(built: Path, sources: Sources) -> None:
    os.chown(built, NOBODY, -1)
    refused(sources.old, built, f"`{built}` belongs to another user")


@pytest.mark.parametrize("make", [Path.touch, Path.mkdir])
def test_a_folder_that_holds_other_things_is_refused(make: Callable[[Path], None], sources: Sources, out: Path) -> None:
    out.mkdir(0o700)
    make(out / "precious")
    refused(sources.old, out, f"`{out}` holds `precious`, which no build made")


def test_the_root_of_a_file_system_is_an_output(sources: Sources, out: Path) -> None:
    (out / "lost+found").mkdir(0o700, parents=True)
    out.chmod(0o700)
    build(sources.old, out)
    assert_whole(out, OLD_ENVDIRS)


@pytest.mark.parametrize("part", ["configs", "configs/out", "configs/api/out", "schemas/out"])
def test_an_output_inside_the_source_is_refused(part: str, tmp_path: Path) -> None:
    source = write_source(tmp_path / "source", OLD)
    before = everything(source)
    refused(source, source / part, "lies inside the tree's")
    (tmp_path / "other").symlink_to(source)
    refused(source, tmp_path / "other" / part, "lies inside the tree's")
    assert everything(source) == before


def test_an_output_below_a_file_is_refused(sources: Sources, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    refused(sources.old, tmp_path / "file" / "out", f"`{tmp_path}/file")


# Full, and read only


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own."""
    folder = tmp_path / "memory"
    folder.mkdir()
    mounted = run(("mount", "-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs", folder))
    assert mounted.returncode == 0, mounted.stderr
    try:
        yield folder
    finally:
        run(("umount", "-l", folder))


def remount(folder: Path, options: str) -> None:
    done = run(("mount", "-o", f"remount,{options}", folder))
    assert done.returncode == 0, done.stderr


@pytest.mark.root
@pytest.mark.parametrize("what", ["pages", "inodes"])
def test_a_full_file_system_leaves_the_old_or_takes_the_new(what: str, sources: Sources, memory: Path) -> None:
    out = memory / "out"
    states = []
    for spare in (0, 1, 5, 20, 40, 60, 90):
        remount(memory, "size=1m,nr_inodes=1000")
        shutil.rmtree(out, ignore_errors=True)
        build(sources.first, out, "--keep", "2")
        build(sources.old, out, "--keep", "2")
        figures = os.statvfs(memory)
        used = figures.f_blocks - figures.f_bfree, figures.f_files - figures.f_ffree
        limit = f"size={(used[0] + spare) * 4}k" if what == "pages" else f"nr_inodes={used[1] + spare}"
        remount(memory, limit)
        done = envtree("build", "-q", "-C", sources.new, "--out", out, "--keep", "2")
        if done.returncode == 0:
            assert read_current(out) == as_tree(NEW_ENVDIRS)
            assert verify(str(out))[1] == ()
        else:
            assert done.returncode == 2
            assert f"`{out}" in done.stderr
            assert "can't be written: no space left on device" in done.stderr
            assert read_current(out) == as_tree(OLD_ENVDIRS)
        states.append(done.returncode)
        remount(memory, "size=1m,nr_inodes=1000")
        build(sources.new, out, "--keep", "2")
        assert_whole(out, NEW_ENVDIRS)
        assert len(generations(out)) == 2
    assert states == sorted(states, reverse=True)
    assert set(states) == {0, 2}


@pytest.mark.root
def test_a_file_system_that_is_read_only_is_left_alone(sources: Sources, memory: Path) -> None:
    out = memory / "out"
    build(sources.old, out)
    remount(memory, "ro")
    refused(sources.new, out, "read-only file system")
    assert verify(str(out))[1] == ()
    assert envtree("build", "-C", sources.old, "--out", out).returncode == 0  # has nothing to do
    back = envtree("rollback", out)
    assert back.returncode == 2
    remount(memory, "rw")
    build(sources.new, out)
    assert_whole(out, NEW_ENVDIRS)


@pytest.mark.root
def test_an_output_that_cannot_be_changed_is_left_alone(built: Path, sources: Sources) -> None:
    fixed = run(("chattr", "+i", built))
    assert fixed.returncode == 0, fixed.stderr
    try:
        refused(sources.old, built, "operation not permitted")
    finally:
        run(("chattr", "-i", built))
    build(sources.old, built)
    assert_whole(built, OLD_ENVDIRS)


# Where it stands


def chpst(out: Path, *places: str, root: Path | None = None) -> dict[str, str]:
    """The environment that the real chpst gives a process, from `current`; its own PATH aside."""
    words = ["env", "-i", program("env"), "-i"]
    if root is not None:
        words = [program("chroot"), str(root), "/usr/bin/env", "-i"]
    for place in places:
        words += [program("chpst"), "-e", f"{out}/current/{place}/env"]
    done = subprocess.run([*words, "/usr/bin/env", "-0"], capture_output=True, check=True)
    pairs = (entry.partition("=") for entry in done.stdout.decode().split("\0") if entry)
    return {name: value for name, _, value in pairs if name != "PATH"}


PRODUCTION_CRON = ("common", "production", "production/api", "production/api/cron")
EXPECTED = {
    **{"LANG": "C.UTF-8", "LEVEL": "error", "GREETING": "blåbær", "NOTICE": "two\nlines", "DATABASE": "live"},
    **{"EVERY": "5m", "EMPTY": ""},
}


@pytest.mark.parametrize("name", ["out", "with blanks", "blåbær 🫐", "-o", "a\nb", "'\"$(x)", "x" * 255])
def test_an_output_may_have_any_name(name: str, sources: Sources, tmp_path: Path) -> None:
    out = tmp_path / name
    assert envtree("build", "-q", "-C", sources.new, f"--out={out}").returncode == 0
    assert_whole(out, NEW_ENVDIRS)
    assert chpst(out, *PRODUCTION_CRON) == EXPECTED
    assert envtree("verify", out).returncode == 0


def test_a_relative_output_is_made_here(sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("out", "./a/b/", "a/../c"):
        assert here("build", "-q", "-C", sources.new, "--out", name).code == 0
    for name in ("out", "a/b", "c"):
        assert_whole(tmp_path / name, NEW_ENVDIRS)


def test_a_message_names_the_path_that_could_not_be_written(
    built: Path, sources: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(built / "generations")
    (built / "generations").touch()
    monkeypatch.chdir(built.parent)
    for name, folder in ((str(built), f"{built}/"), ("out", "out/")):
        done = here("build", "-C", sources.old, "--out", name)
        assert done.code == 2
        assert f"error[cannot-write]: `{folder}generations` can't be written: not a directory" in done.stderr


def test_an_output_that_was_moved_still_works(built: Path, sources: Sources, tmp_path: Path) -> None:
    moved = tmp_path / "some" / "where"
    moved.parent.mkdir()
    built.rename(moved)
    assert_whole(moved, NEW_ENVDIRS)
    assert chpst(moved, *PRODUCTION_CRON) == EXPECTED
    build(sources.old, moved)
    assert_whole(moved, OLD_ENVDIRS)


def test_an_output_that_was_copied_still_works(built: Path, sources: Sources, tmp_path: Path) -> None:
    copied = tmp_path / "copied"
    assert run(("cp", "-a", built, copied)).returncode == 0
    assert everything(copied) == everything(built)
    assert_whole(copied, NEW_ENVDIRS)
    build(sources.new, copied)
    assert_whole(copied, NEW_ENVDIRS)


@pytest.mark.root
def test_an_output_in_an_image_works_from_inside_it(sources: Sources, tmp_path: Path) -> None:
    image = tmp_path / "image"
    out = image / "etc" / "envtree"
    build(sources.new, out)
    with contextlib.ExitStack() as stack:
        for name in ("usr", "bin", "lib", "lib64"):
            if Path("/", name).is_dir():
                (image / name).mkdir()
                mounted = run(("mount", "--rbind", f"/{name}", image / name))
                assert mounted.returncode == 0, mounted.stderr
                stack.callback(run, ("umount", "-l", image / name))
        assert chpst(Path("/etc/envtree"), *PRODUCTION_CRON, root=image) == EXPECTED


@pytest.mark.parametrize("umask", ["000", "022", "077", "777"])
@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_neither_umask_nor_locale_changes_what_is_built(
    umask: str, locale: str, sources: Sources, tmp_path: Path
) -> None:
    out, plain = tmp_path / "blåbær", tmp_path / "plain"
    build(sources.new, plain)
    words = ("sh", "-c", 'umask "$0"; exec "$@"', umask, *build_words(sources.new, out))
    done = run(words, LANG=locale, LC_ALL=locale, LANGUAGE="")
    assert done.returncode == 0, done.stderr
    assert everything(out) == everything(plain)


def test_the_same_source_is_the_same_output_anywhere(tmp_path: Path) -> None:
    outs: list[Path] = []
    for name in ("here", "there/and further"):
        source = write_source(tmp_path / name, dict(reversed(NEW.items())) if outs else NEW)
        outs.append(tmp_path / name / "out")
        build(source, outs[-1])
    assert everything(outs[0]) == everything(outs[1])


# The log


@pytest.mark.parametrize(
    "tail", ['{"generation": "abc', "\0" * 50, "\n\n", "null\n[]\n{}\n", '{"generation": 3}\n', "\xff"]
)
def test_the_log_survives_a_torn_last_line(tail: str, sources: Sources, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(sources.first, out)
    build(sources.old, out)
    with (out / "log.jsonl").open("ab") as log:
        log.write(tail.encode("latin-1"))
    build(sources.new, out)
    assert_whole(out, NEW_ENVDIRS)
    lines = (out / "log.jsonl").read_bytes().splitlines()
    assert now(out).encode() in lines[-1]
    assert here("rollback", "-q", out).code == 0
    assert_whole(out, OLD_ENVDIRS)


def test_a_torn_last_line_is_cut_off(sources: Sources, out: Path) -> None:
    build(sources.old, out)
    build(sources.new, out)
    whole = (out / "log.jsonl").read_bytes()
    (out / "log.jsonl").write_bytes(whole[:-20])
    build(sources.new, out)
    assert (out / "log.jsonl").read_bytes() == whole


def test_a_log_that_is_gone_is_started_again(built: Path, sources: Sources) -> None:
    (built / "log.jsonl").unlink()
    build(sources.old, built)
    assert_whole(built, OLD_ENVDIRS)
    assert len((built / "log.jsonl").read_text().splitlines()) == 1


def test_what_is_current_is_told_by_its_link_alone(built: Path) -> None:
    assert current(str(built)) == now(built)
    replace_link(built / "current", "/etc/passwd")
    assert current(str(built)) is None
    assert (ENVTREE[1], current(str(built.parent))) == ("-m", None)
