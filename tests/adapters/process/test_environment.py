"""What `env -0` printed in a dyno, as variables; all that could be something else is refused without a word of it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envtree.adapters.process import environment
from envtree.adapters.process.environment import read_environment
from envtree.core.model.diagnostic import EnvtreeError

CANARY = "canary-5e1f"
VALUES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
PRINTED = st.dictionaries(st.from_regex(r"[A-Za-z_][A-Za-z0-9_.]{0,5}", fullmatch=True), VALUES, min_size=1)


@given(PRINTED, st.sampled_from([b"\0", b"\0\n", b"\0\r\n"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_variable_is_read_exactly(tmp_path: Path, values: dict[str, str], end: bytes) -> None:
    path = tmp_path / "env"
    path.write_bytes("\0".join(f"{name}={value}" for name, value in values.items()).encode() + end)
    assert read_environment(str(path)) == values


def test_what_env_itself_prints_is_read(tmp_path: Path) -> None:
    values = {"PATH": os.environ["PATH"], "MOTD": "two\nlines\n", "EMPTY": "", "X": "a=b"}
    (tmp_path / "env").write_bytes(subprocess.run(["env", "-0"], env=values, capture_output=True, check=True).stdout)
    assert read_environment(str(tmp_path / "env")) == values


def test_the_last_nul_may_lack(tmp_path: Path) -> None:
    (tmp_path / "env").write_bytes(b"A=1\0B=2")
    assert read_environment(str(tmp_path / "env")) == {"A": "1", "B": "2"}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (f"A=1\nB={CANARY}\n".encode(), "has lines, which a value may have too"),
        (b"A=1\0\0B=2\0", "more than the variables"),
        (f"A=1\0{CANARY}\0".encode(), "more than the variables"),
        (f"=1{CANARY}\0".encode(), "more than the variables"),
        (f"Running env -0 on acme\nDYNO={CANARY}\0A=1\0".encode(), "more than the variables"),
        (f"{CANARY}=1\0{CANARY}=1\0".encode(), "sets a name twice"),
        (CANARY.encode() + b"=\xff\0", "is not UTF-8"),
        (b"A\xff=1\0", "is not UTF-8"),
    ],
)
def test_what_is_anything_else_is_refused(data: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "env").write_bytes(data)
    with pytest.raises(EnvtreeError) as caught:
        read_environment(str(tmp_path / "env"))
    (problem,) = caught.value.diagnostics
    assert problem.code == "unreadable-environment"
    assert words in problem.message
    assert CANARY not in problem.message + problem.help
    assert "`env -0`" in problem.help


def test_a_file_that_is_not_there_or_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EnvtreeError, match="no such file"):
        read_environment(str(tmp_path / "env"))
    monkeypatch.setattr(environment, "MAX_JSON", 1)
    (tmp_path / "env").write_bytes(b"A=1")
    with pytest.raises(EnvtreeError, match="is larger than"):
        read_environment(str(tmp_path / "env"))
