"""What `envtree show` writes, read back by those it is for: a shell, dotenv, a JSON reader, an eye at 80 columns."""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import struct
import subprocess
import termios
from typing import TYPE_CHECKING

import dotenv
import pytest

from tests.builders import small_tree, write_tree
from tests.cli.running import ENVTREE, run

if TYPE_CHECKING:
    from pathlib import Path

TARGET = "production/accounts/web"
VALUES = {
    "PLAIN": "info",
    "EMPTY": "",
    "BLANKS": "  two  words",
    "SINGLE": "it's",
    "DOUBLE": 'say "hi"',
    "BOTH": """'"'"\\""",
    "BACKSLASH": "a\\nb\\\\c\\",
    "DOLLAR": "$HOME ${HOME} $(id) `id` $$",
    "HASH": "a # b",
    "EQUALS": "a=b=c",
    "BANG": "!wow! !!",
    "LINES": "one\ntwo\n\nfour",
    "LAST_LINE": "one\n",
    "TAB": "a\tb",
    "RETURN": "a\rb",
    "CONTROL": "a\x1b[31mb\x07",
    "LETTERS": "Grüße 日本語 🎉",
    "JSON": '{"a": [1, "b"]}',
    "GLOB": "* ? [a-z] {a,b} ~",
    "PERCENT": "%s %% 100%",
    "EXPORT": "export A=b; rm -rf /",
    "LONG": "x" * 5000,
    "QUOTED_LINES": 'it\'s\n"two"\\\nlines',
}
FIELDS = "".join(f"    {name}: str\n" for name in VALUES)
SCHEMA = (
    f"from envtree import Secret, Settings\n\n\nclass C(Settings):\n{FIELDS}    TOKEN: Secret\n    GONE: str = ''\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    layer = "".join(f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in VALUES.items())
    return write_tree(
        tmp_path,
        small_tree(**{"configs/common.yaml": f"{layer}TOKEN: hunter2\nGONE: !unset\n", "schemas/common.py": SCHEMA}),
    )


def shown(folder: Path, name: str, *words: str) -> str:
    done = run(folder, "show", TARGET, "--format", name, *words)
    assert done.code == 0, done.stderr
    return done.stdout


def test_json_is_read_back(folder: Path) -> None:
    variables = json.loads(shown(folder, "json"))["variables"]
    assert {name: each["value"] for name, each in variables.items()} == {**VALUES, "TOKEN": None, "GONE": None}
    assert [name for name, each in variables.items() if each["hidden"]] == ["TOKEN"]
    assert [name for name, each in variables.items() if each["unset"]] == ["GONE"]
    assert variables["PLAIN"]["file"] == "configs/common.yaml"
    assert json.loads(shown(folder, "json", "--reveal"))["variables"]["TOKEN"]["value"] == "hunter2"


@pytest.mark.parametrize("shell", [["bash", "--posix"], ["bash"], ["dash"], ["sh", "-eu"]], ids=" ".join)
def test_a_shell_reads_it_back(shell: list[str], folder: Path) -> None:
    (folder / "script").write_text(shown(folder, "shell", "--reveal"))
    command = [*shell, "-c", ". ./script; exec env -0"]
    environment = {"PATH": os.environ["PATH"], "GONE": "here", "HOME": "/nowhere"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True)
    read = dict(line.split("=", 1) for line in done.stdout.decode().split("\0") if line)
    assert {name: read.get(name) for name in (*VALUES, "TOKEN", "GONE")} == {**VALUES, "TOKEN": "hunter2", "GONE": None}


def test_dotenv_reads_it_back(folder: Path) -> None:
    read = dotenv.dotenv_values(stream=io.StringIO(shown(folder, "dotenv", "--reveal")), interpolate=False)
    assert read == {**VALUES, "TOKEN": "hunter2"}


@pytest.mark.parametrize("name", ["dotenv", "shell"])
def test_a_hidden_value_is_a_comment_and_never_a_false_one(name: str, folder: Path) -> None:
    (line,) = (line for line in shown(folder, name).splitlines() if "TOKEN" in line)
    assert line.startswith("#")


def test_the_number_of_hidden_values_is_said(folder: Path) -> None:
    assert "1 of 25 values" in run(folder, "show", TARGET).stderr
    assert run(folder, "show", TARGET, "--reveal").stderr == ""


def test_a_table_in_a_pipe_has_each_value_whole_on_a_line_of_its_own(folder: Path) -> None:
    lines = shown(folder, "table").splitlines()
    assert len(lines) == len(VALUES) + 3
    assert any("x" * 5000 in line for line in lines)
    assert all(line.isprintable() for line in lines)


def on_a_terminal(folder: Path, columns: int, *words: str) -> str:
    """What a command writes on a terminal of this width."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen([*ENVTREE, *words], cwd=folder, stdin=slave, stdout=slave, stderr=subprocess.DEVNULL)
    os.close(slave)
    pieces = []
    while True:
        try:
            piece = os.read(master, 1 << 16)
        except OSError:  # Linux says so when the other end is closed
            break
        if not piece:
            break
        pieces.append(piece)
    os.close(master)
    assert process.wait() == 0
    return b"".join(pieces).decode().replace("\r\n", "\n")


@pytest.mark.parametrize("columns", [80, 120])
def test_a_table_fits_its_terminal(columns: int, folder: Path) -> None:
    lines = on_a_terminal(folder, columns, "show", TARGET).splitlines()
    assert len(lines) == len(VALUES) + 3
    narrow = [line for line in lines if line.isascii()]
    assert max(map(len, narrow)) <= columns
    assert any("xxx..." in line for line in lines)


def test_a_table_lines_up(folder: Path) -> None:
    header, *rows = on_a_terminal(folder, 80, "show", TARGET).splitlines()
    column = header.index("FROM")
    assert all(row[column:].startswith(("configs/", "common.yaml")) for row in rows if row.isascii())
    assert all(row[header.index("VALUE") - 1] == " " for row in rows)


@pytest.mark.parametrize(
    ("name", "value", "is_shown"),
    [
        ("GATEWAY", "zX9" + "kQ7vL2mNp4RtB8wY", False),
        ("API_TOKEN", "some-token-of-words", False),
        ("LOG_LEVEL", "info", True),
        ("CERTIFICATE_ID", "8f14e45fceea167a5a36dedd4bea2543", True),
        ("URL", "https://u:hunter2@e.com/", True),
    ],
)
def test_a_value_that_may_be_a_secret_is_not_shown_whatever_its_class_says(
    tmp_path: Path, name: str, value: str, *, is_shown: bool
) -> None:
    schema = f"from envtree import Settings\nclass Common(Settings):\n    {name}: str\n"
    files = {"configs/common.yaml": f"{name}: {value}\n", "schemas/common.py": schema}
    done = run(write_tree(tmp_path, small_tree(**files)), "show", "production/accounts/web")
    assert done.code == 0, done.said
    assert ("[hidden]" not in done.stdout.replace(":[hidden]@", "")) == is_shown, done.stdout
    assert "hunter2" not in done.stdout
