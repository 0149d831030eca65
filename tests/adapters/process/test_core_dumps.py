"""What envtree holds is in no core dump, and what it starts may make one as if envtree had never been there."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from envtree.core.runit.scripts import PATH
from tests.boxes import Box, actor
from tests.builders import small_tree, write_tree
from tests.cli.running import ENVTREE

CANARY = "canary-7d1f3b"
PATTERN = Path("/proc/sys/kernel/core_pattern")
TARGET = "production/accounts/web"
WITHOUT = "from envtree.adapters.process import core_dumps\ncore_dumps.allow()\n"
STATE = "/bin/cat /proc/self/coredump_filter; ulimit -S -c"
LOOKS = f"""\
import os
import subprocess
import ctypes
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), end=" ")
print(*subprocess.check_output(["/bin/sh", "-c", {STATE!r}], text=True).split(), flush=True)
"""

makes_files = pytest.mark.skipif(
    PATTERN.read_text().startswith("|") or "/" in PATTERN.read_text(),
    reason="core dumps of this machine go to a program or another folder",
)


def schema(*lines: str) -> str:
    return (
        "\n".join(lines) + "\nfrom envtree import Secret, Settings\n\n\nclass Common(Settings):\n    KEY: Secret[str]\n"
    )


def tree_of(folder: Path, *lines: str) -> Path:
    """A tree that holds a secret, and a schema that does something."""
    files = small_tree(**{"configs/common.yaml": f"KEY: {CANARY}\n", "schemas/common.py": schema(*lines)})
    return write_tree(folder / "tree", files)


def with_cores() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (8 << 30, resource.RLIM_INFINITY if os.geteuid() == 0 else 8 << 30))


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command that may dump, of a caller who has the usual filter."""
    environment = {"PATH": PATH, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, preexec_fn=with_cores
    )


def dumped(folder: Path) -> bytes:
    """All that was dumped in a folder."""
    return b"".join(path.read_bytes() for path in folder.iterdir() if path.name.startswith("core"))


@makes_files
@pytest.mark.parametrize("words", [("validate",), ("build", "--out", "../out"), ("exec", TARGET, "--", "true")])
def test_a_crash_dumps_nothing(words: tuple[str, ...], tmp_path: Path) -> None:
    tree = tree_of(tmp_path, "import os", "os.abort()")
    assert run(tree, *ENVTREE, *words).returncode == -6
    assert dumped(tree) == b""
    tree_of(tmp_path, WITHOUT, "import os", "os.abort()")
    assert run(tree, *ENVTREE, *words).returncode == -6
    assert CANARY.encode() in dumped(tree)  # so there was something to find


@makes_files
@pytest.mark.parametrize("step", ["leave_memory_out", "forbid", "allow"])
def test_the_step_that_costs_nothing_dumps_no_memory(step: str, tmp_path: Path) -> None:
    code = (
        f"import os\nkey = {CANARY!r}\nfrom envtree.adapters.process import core_dumps\ncore_dumps.{step}()\nos.abort()"
    )
    (tmp_path / "program.py").write_text(code)  # not `-c`: the beginning of the command line is in every dump
    assert run(tmp_path, sys.executable, "program.py").returncode == -6
    assert (CANARY.encode() in dumped(tmp_path)) == (step == "allow")
    assert (dumped(tmp_path) == b"") == (step == "forbid")


def test_a_process_that_holds_values_can_not_be_dumped_nor_can_what_it_starts(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, LOOKS)
    assert run(tree, *ENVTREE, "validate").stderr.splitlines()[0] == "0 00000000 0"
    tree_of(tmp_path, WITHOUT, LOOKS)
    assert run(tree, *ENVTREE, "validate").stderr.splitlines()[0] == f"1 {callers(tmp_path)}"


def callers(folder: Path) -> str:
    """What a program has that envtree didn't start."""
    return " ".join(run(folder, "/bin/sh", "-c", STATE).stdout.split())


@pytest.mark.parametrize("words", [(), ("--out", "../out")])
def test_what_exec_starts_has_what_the_caller_had(words: tuple[str, ...], tmp_path: Path) -> None:
    tree = tree_of(tmp_path)
    assert run(tree, *ENVTREE, "build", "--out", "../out").returncode == 0
    done = run(tree, *ENVTREE, "exec", "-q", TARGET, *words, "--", "/bin/sh", "-c", STATE)
    assert " ".join(done.stdout.split()) == callers(tmp_path)
    assert "00000000" not in done.stdout


def test_what_boot_starts_has_the_filter_that_the_caller_had_and_the_limit_of_every_boot(tmp_path: Path) -> None:
    looks = f"({STATE}) >{tmp_path}/check; test -s {tmp_path}/check"
    store = f"environments: [review]\nprocesses: {{main: {actor('store', 'obey', ready=looks)}}}\n"
    box = Box(tmp_path / "box", {"store": store})
    try:
        assert run(box.top, *ENVTREE, *box.boot_words()).returncode == 0
        limits = Path(f"/proc/{box.main_of('store.main')}/limits").read_text()
        soft = next(line.split()[4] for line in limits.splitlines() if line.startswith("Max core file size"))
        filter_text = Path(f"/proc/{box.main_of('store.main')}/coredump_filter").read_text().strip()
        assert (filter_text, soft) == (callers(tmp_path).split()[0], "0")
        assert " ".join((tmp_path / "check").read_text().split()) == callers(tmp_path)
        assert set(box.status()) == {"review/store/main"}
        assert box.status()["review/store/main"]["environment"]["freshness"] == "current"
    finally:
        box.down()
        box.clean_up()
