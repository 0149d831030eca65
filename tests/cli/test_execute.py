"""`envtree exec`: the program has what the process gets, and all else is as if envtree had never been there."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from envtree.adapters.store.read import read_target
from envtree.core.model.diagnostic import EnvtreeError
from tests.builders import small_tree, write_tree
from tests.cli.running import ENVTREE, Done, modes_hold_for_root, run
from tests.sealed_files import sealed_layer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TARGET = "production/accounts/web"
VALUES = {
    "EMPTY": "",
    "LINES": "one\ntwo\n",
    "LETTERS": "Grüße 日本語 🎉",
    "DOLLAR": "$HOME ${HOME} `id` 'x' \"y\" \\",
    "RETURN": "a\r",
}
LAYER = "".join(f"{name}: {json.dumps(text, ensure_ascii=False)}\n" for name, text in VALUES.items())
RUNTIMES = "runtimes: {ruby: 3.3.5}\nprocesses: {web: {command: serve}}\n"
TWO = "processes: {a: {command: b}, b: {command: c}}\n"
ENV = "/usr/bin/env"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tree(tmp_path, small_tree(**{"configs/common.yaml": f"{LAYER}GONE: !unset\n"}))


def executed(
    folder: Path, *words: str, env: Mapping[str, str] | None = None, **more: object
) -> subprocess.CompletedProcess[bytes]:
    """Run `envtree exec` in a process of its own, which becomes another."""
    environment = {"PATH": os.environ["PATH"], "GONE": "here", **(env or {})}
    return subprocess.run(  # type: ignore[call-overload,no-any-return]  # what is more is handed on
        (*ENVTREE, "exec", *words),
        cwd=folder,
        env=environment,
        capture_output="stdout" not in more,
        check=False,
        **more,
    )


def environment_of(done: subprocess.CompletedProcess[bytes]) -> dict[str, str]:
    assert done.returncode == 0, done.stderr
    return dict(line.split("=", 1) for line in done.stdout.decode().split("\0") if line)


def built(folder: Path) -> Path:
    done = run(folder, "build", "--out", "out")
    assert done.code == 0, done.stderr
    return folder / "out"


def test_a_program_has_exactly_what_the_process_gets(folder: Path) -> None:
    done = executed(folder, "-q", TARGET, "--", ENV, "-0")
    assert environment_of(done) == VALUES
    assert not done.stderr


def test_from_an_output_it_has_the_same_without_the_tree(folder: Path) -> None:
    built(folder)
    (folder / "envtree.yaml").unlink()
    assert environment_of(executed(folder, TARGET, "--out", "out", "--", ENV, "-0")) == VALUES


def test_an_output_needs_neither_yaml_nor_schemas_nor_git_nor_the_command_line_library(folder: Path) -> None:
    built(folder)
    command = [ENVTREE[0], "-X", "importtime", *ENVTREE[1:], "exec", TARGET, "--out", "out", "--", "true"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=True, env={"PATH": os.environ["PATH"]})
    imported = set(re.findall(r"\| +([\w.]+)$", done.stderr.decode(), re.MULTILINE))
    assert "envtree.commands.execute" in imported
    assert not imported & {"yaml", "pydantic", "git", "typer", "envtree.adapters.git", "pathlib", "httpx"}


def test_the_command_is_handed_on_untouched(folder: Path) -> None:
    words = ["--keep", "-q", "--", "-C", "--help", "", "a b", "$A", "*", "\udcff"]
    done = executed(folder, "-q", "production", "--", "/usr/bin/printf", "%s\\0", *words)
    assert done.stdout.split(b"\0")[:-1] == [os.fsencode(word) for word in words]


@pytest.mark.parametrize(("command", "code"), [("exit 7", 7), ("exit 111", 111), ("kill -TERM $$", -15)])
def test_the_exit_code_is_the_commands_own(command: str, code: int, folder: Path) -> None:
    assert executed(folder, TARGET, "--", "/bin/sh", "-c", command).returncode == code


def test_it_is_the_same_process_with_the_same_files_and_folder(folder: Path) -> None:
    read, write = os.pipe()
    script = f"echo $$; read line; echo $line; pwd; echo more >/proc/self/fd/{write}"
    command = (*ENVTREE, "-q", "exec", TARGET, "--", "/bin/sh", "-c", script)
    with subprocess.Popen(
        command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=(write,)
    ) as process:
        said, _ = process.communicate(b"word\n")
    os.close(write)
    assert said.decode().splitlines() == [str(process.pid), "word", str(folder)]
    assert os.read(read, 10) == b"more\n"
    os.close(read)


def test_a_terminal_is_one_for_the_command(folder: Path) -> None:
    ours, theirs = pty.openpty()
    done = executed(folder, "-q", TARGET, "--", "/bin/sh", "-c", "test -t 0 && test -t 1", stdin=theirs, stdout=theirs)
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 0


def test_signals_are_as_the_caller_has_them(folder: Path) -> None:
    command = (*ENVTREE, "-q", "exec", TARGET, "--", "/bin/grep", "SigIgn", "/proc/self/status")
    script = f"trap '' HUP; exec {' '.join(command)}"
    done = subprocess.run(["/bin/sh", "-c", script], cwd=folder, capture_output=True, check=True)
    ignored = int(done.stdout.split()[1], 16) & 0x7FFFFFFF  # make ignores two real-time signals
    assert ignored == 1 << (signal.SIGHUP - 1)  # and neither SIGPIPE nor SIGXFSZ


def test_a_variable_of_the_caller_is_kept_by_name(folder: Path) -> None:
    caller = {"TERM": "x", "RAW": "\udcff", "EMPTY": "mine", "GONE": "mine", "LC_ALL": "C"}
    names = ("TERM", "RAW", "EMPTY", "GONE", "NOPE", "LC_CTYPE", "PYDANTIC_DISABLE_PLUGINS")
    keep = [word for name in names for word in ("--keep", name)]
    done = executed(folder, "-q", TARGET, *keep, "--", ENV, "-0", env=caller)
    lines = dict(line.split(b"=", 1) for line in done.stdout.split(b"\0") if line)
    assert {name.decode() for name in lines} == {*VALUES, "TERM", "RAW"}
    assert (lines[b"RAW"], lines[b"EMPTY"]) == (b"\xff", b"")
    said = executed(folder, TARGET, *keep, "--", ENV, env=caller).stderr.decode()
    assert re.findall(r"`(\w+)` is not kept: (.*)", said) == [
        ("EMPTY", "the target sets it itself"),
        ("GONE", "the target removes it itself"),
        ("NOPE", "it is not set here"),
        ("LC_CTYPE", "it is not set here"),
        ("PYDANTIC_DISABLE_PLUGINS", "it is not set here"),
    ]


def program(path: Path, text: str = "#!/bin/sh\necho $0\n", mode: int = 0o755) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_program_is_found_on_the_path_of_the_target(folder: Path) -> None:
    here, there = program(folder / "here/tool"), program(folder / "there/tool")
    path = {"PATH": f"{here.parent}:/usr/bin"}
    assert executed(folder, "-q", TARGET, "--", "tool", env=path).stdout.decode() == f"{here}\n"
    (folder / "configs/common.yaml").write_text(f"PATH: {there.parent}\n")
    assert executed(folder, "-q", TARGET, "--", "tool", env=path).stdout.decode() == f"{there}\n"
    assert executed(folder, "-q", TARGET, "--", "./here/tool", env=path).stdout.decode() == "./here/tool\n"


def refused(folder: Path, *words: str, code: int = 111) -> str:
    done: Done = run(folder, "exec", *words)
    assert (done.code, done.stdout) == (code, ""), done.stderr
    return done.stderr


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("nope", "`nope` is not found on the `PATH` of production/accounts/web"),
        ("", "`` is not found"),
        ("./nope", "`./nope` can't be run: no such file or directory"),
        ("./bin", "`./bin` can't be run: permission denied"),
        ("./bin/closed", "`./bin/closed` can't be run: permission denied"),
        ("closed", "`closed` is not found"),
        ("plain", "`plain` can't be run: it is neither a program nor a script with a `#!` line"),
        ("lost", "`lost` can't be run: the interpreter that it names is not there"),
        ("a\x1b[31m", "`a\\x1b[31m` is not found"),
    ],
)
def test_a_program_that_cannot_be_run_is_said_to_be(word: str, reason: str, folder: Path) -> None:
    (folder / "configs/common.yaml").write_text(f"PATH: {folder}/bin\n")
    program(folder / "bin/closed", mode=0o644)
    program(folder / "bin/plain", "echo\n")
    program(folder / "bin/lost", "#!/nowhere/sh\n")
    assert f"error[cannot-execute]: {reason}" in refused(folder, TARGET, "--", word).replace(f"{folder}/bin/", "")


def test_words_that_linux_does_not_take_are_said_to_be_too_many(folder: Path) -> None:
    assert "argument list too long" in refused(folder, TARGET, "--", "/bin/true", "x" * (1 << 18))


@pytest.mark.parametrize(
    ("files", "words", "code"),
    [
        ({"configs/common.yaml": "A: [b]\n"}, (TARGET,), "nested-value"),
        ({"envtree.yaml": "nonsense: 1\n"}, (TARGET,), "unknown-key"),
        ({}, ("production/acounts/web",), "unknown-target"),
        ({"configs/accounts/service.yaml": TWO}, ("production",), "unknown-target"),
        ({"configs/common.sops.yaml": sealed_layer(A="x")}, (TARGET,), "sealed-layer"),
        ({}, (TARGET, "-C", "/"), "no-tree"),
        ({}, (TARGET, "--ref", "nope"), "no-repository"),
        ({}, (TARGET, "--out", "nowhere"), "unusable-output"),
        ({}, (TARGET, "--out", "configs"), "unusable-output"),
    ],
)
def test_what_cannot_be_prepared_is_111(
    files: dict[str, str], words: tuple[str, ...], code: str, tmp_path: Path
) -> None:
    folder = write_tree(tmp_path, small_tree(**files))
    assert f"error[{code}]" in refused(folder, *words, "--", "/bin/true")


def test_chpst_reads_the_same_from_an_output(folder: Path) -> None:
    built(folder)
    places = ("common", "production", "production/accounts", TARGET)
    chain = [word for place in places for word in ("chpst", "-e", f"out/current/{place}/env")]
    done = subprocess.run([ENV, "-i", *chain, ENV, "-0"], cwd=folder, capture_output=True, check=True)
    ours = executed(folder, TARGET, "--out", "out", "--", ENV, "-0").stdout
    assert sorted(ours.split(b"\0")) == sorted(done.stdout.split(b"\0"))


@pytest.mark.root
@pytest.mark.parametrize(("owner", "code"), [(0, ""), (1234, "unusable-output")])
def test_an_output_of_root_can_be_read_by_whom_it_was_built_for(
    owner: int, code: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(folder, "build", "--out", "out", "--mode", "0644").code == 0
    os.chown(folder / "out", owner, -1)
    for each in (folder, *folder.parents[:-2]):  # the folders of the tests are for nobody else
        each.chmod(0o1777 if each.stat().st_mode & 0o002 else 0o755)
    monkeypatch.chdir(folder)
    os.seteuid(65534)
    try:
        assert read_target("out", TARGET).values == {**VALUES, "GONE": None}
        found = ""
    except EnvtreeError as error:
        found = error.diagnostics[0].code
    finally:
        os.seteuid(0)
    assert found == code


@pytest.mark.parametrize("selector", ["production", "*/accounts/web", TARGET])
def test_an_output_knows_its_own_targets_only(selector: str, folder: Path) -> None:
    run(folder, "build", "staging", "--out", "out")
    said = refused(folder, selector, "--out", "out", "--", "nope")
    if selector == "*/accounts/web":
        assert "`nope` is not found" in said
    else:
        assert "names no process that `out` was built for" in said
        assert "it was built for staging/accounts/web" in said


def test_an_output_of_several_is_asked_for_one(folder: Path) -> None:
    built(folder)
    said = refused(folder, "*", "--out", "out", "--", "nope")
    assert "`*` names 2 processes, and one is taken at a time" in said


@pytest.mark.parametrize("harm", ["changed", "missing", "more", "unreadable", "link", "no manifest", "no current"])
def test_an_output_that_is_not_as_it_was_built_is_not_run(harm: str, folder: Path) -> None:
    out = built(folder)
    envdir = (out / "current/common/env").resolve()
    if harm == "changed":
        (envdir / "EMPTY").write_text("x\n")
    elif harm == "missing":
        (envdir / "EMPTY").unlink()
    elif harm == "more":
        (envdir / "MORE").write_text("x\n")
    elif harm == "unreadable":
        (envdir / "EMPTY").chmod(0)
    elif harm == "link":
        (envdir / "EMPTY").rename(out / "current/EMPTY")
        (envdir / "EMPTY").symlink_to(out / "current/EMPTY")
    elif harm == "no manifest":
        (out / "current/manifest.json").unlink()
    else:
        (out / "current").unlink()
    with modes_hold_for_root():
        said = refused(folder, TARGET, "--out", "out", "--", "nope")
    assert f"error[{'no-generation' if harm == 'no current' else 'damaged-output'}]" in said


def test_the_runtimes_of_a_service_come_first(tmp_path: Path) -> None:
    folder = write_tree(tmp_path, small_tree(**{"configs/accounts/service.yaml": RUNTIMES}))
    settings = (folder / "envtree.yaml").read_text()
    (folder / "envtree.yaml").write_text(f"{settings}runtimes: {{manager: asdf, directory: {folder}/asdf}}\n")
    built(folder)
    said = refused(folder, TARGET, "--out", "out", "--", "ls")
    assert f"there is no runtime in `{folder}/asdf/installs/ruby/3.3.5/bin`" in said
    tool = program(folder / "asdf/installs/ruby/3.3.5/bin/ls", "#!/bin/sh\necho $0 $PATH\n")
    done = executed(folder, TARGET, "--out", "out", "--", "ls")
    assert done.stdout.decode().startswith(f"{tool} {tool.parent}:/usr/local/sbin:")
    assert executed(folder, "-q", TARGET, "--", "ls", "-d", "/").stdout == b"/\n"


def test_the_variable_names_an_output_where_nothing_names_a_tree(folder: Path) -> None:
    out = built(folder)
    (folder / "configs/common.yaml").write_text("A: tree\n")
    variable = {"ENVTREE_OUT": str(out)}
    words = (TARGET, "--", ENV, "-0")
    assert environment_of(executed(folder, *words, env=variable)) == VALUES
    assert environment_of(executed(folder, "--keep", "NOPE", *words, env=variable)) == VALUES
    assert environment_of(executed(folder, "-C", ".", *words, env=variable)) == {"A": "tree"}
    assert environment_of(executed(folder, "-C", ".", "--keep", "NOPE", *words, env=variable)) == {"A": "tree"}


@pytest.mark.parametrize(
    "words",
    [
        (TARGET,),
        (TARGET, "--"),
        ("--", TARGET),
        (TARGET, "ls", "-l"),
        (TARGET, "--keep", "A=b", "--", "ls"),
        (TARGET, "--keep", "", "--", "ls"),
        (TARGET, "--out", "out", "-C", ".", "--", "ls"),
        (TARGET, "--out", "out", "--ref", "HEAD", "--", "ls"),
        (TARGET, "--out", "out", "--staged", "--", "ls"),
    ],
)
def test_wrong_usage_is_2_and_runs_nothing(words: tuple[str, ...], folder: Path) -> None:
    assert "Error: " in refused(folder, *words, code=2)


@pytest.mark.parametrize(
    "words",
    [
        (TARGET, "--", "nope"),
        ("-q", TARGET, "--", "nope"),
        (TARGET, "--out", "out", "--", "nope"),
        (TARGET, "-o", "out", "--", "nope"),
        (TARGET, "--out", "", "--", "nope"),
        (TARGET, "-C", "configs", "--", "nope"),
        (TARGET, "--staged", "--", "nope"),
        (TARGET, TARGET, "--", "nope"),
        (TARGET, "--out", "out", "-C", ".", "--", "nope"),
        ("nowhere", "--", "nope"),
        ("--", TARGET, "nope"),
        ("", "--", "nope"),
    ],
)
def test_the_quick_answer_is_the_slow_one(
    words: tuple[str, ...], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built(folder)
    quick = run(folder, "exec", *words)
    monkeypatch.setattr("envtree.cli.fastpath.run", lambda argv: None)
    assert run(folder, "exec", *words) == quick
