"""`envtree export` on the command line: whole or not at all, and onto a terminal only when asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, get_args

import dotenv
import pytest

from envtree.core.export.formats import Format
from tests import readers
from tests.builders import small_tree, write_tree
from tests.cli.running import run
from tests.sealed_files import sealed_layer

if TYPE_CHECKING:
    from pathlib import Path

TARGET = "production/accounts/web"
FORMATS: tuple[Format, ...] = get_args(Format)
VALUES = {
    "LOG_LEVEL": "info",
    "DSN": "postgres://u:hunter2@db/a",
    "TOKEN": "s3cr3t # $x 'y'",
    "EMPTY": "",
    "TAIL": "a\\",
}
LAYER = "".join(f"{name}: {json.dumps(text)}\n" for name, text in VALUES.items())
SCHEMA = "from envtree import Secret, Settings\n\n\nclass C(Settings):\n    LOG_LEVEL: str\n"
ALL = f"{SCHEMA}    DSN: str\n    TOKEN: Secret\n    EMPTY: str\n    TAIL: str\n    GONE: str = ''\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    layer = f"{LAYER}GONE: !unset\n"
    return write_tree(tmp_path, small_tree(**{"configs/common.yaml": layer, "schemas/common.py": ALL}))


def exported(folder: Path, output_format: str, *words: str) -> str:
    done = run(folder, "export", TARGET, "--format", output_format, *words)
    assert (done.code, done.stderr) == (0, "")
    return done.stdout


def test_each_reader_gets_all_values(folder: Path) -> None:
    for output_format in FORMATS:
        (folder / output_format).write_text(exported(folder, output_format))
    assert dotenv.dotenv_values(folder / "dotenv") == VALUES
    assert readers.by_systemd_rules((folder / "systemd").read_text()) == VALUES
    assert readers.by_docker_rules((folder / "docker").read_bytes()) == VALUES
    assert readers.in_shell("dash", folder / "shell") == VALUES  # which has no `GONE`
    assert json.loads((folder / "json").read_text()) == VALUES
    assert "metadata:\n  name: production.accounts.web\n" in (folder / "kubernetes").read_text()


@pytest.mark.parametrize("output_format", FORMATS)
def test_from_an_output_it_is_the_same_without_the_tree(output_format: Format, folder: Path) -> None:
    before = exported(folder, output_format)
    assert run(folder, "build", "--out", "out").code == 0
    (folder / "envtree.yaml").unlink()
    assert exported(folder, output_format, "--out", "out") == before


def test_the_variable_names_an_output_where_nothing_names_a_tree(folder: Path) -> None:
    assert run(folder, "build", "--out", "out").code == 0
    (folder / "configs/common.yaml").write_text(LAYER.replace("info", "debug"))
    words = ("export", TARGET, "--format", "json")
    there = {"ENVTREE_OUT": str(folder / "out")}
    assert '"info"' in run(folder, *words, env=there).stdout
    assert '"debug"' in run(folder, *words, "-C", ".", env=there).stdout
    assert '"debug"' in run(folder, *words).stdout
    done = run(folder, *words, "-C", ".", "--out", "out")
    assert (done.code, done.stdout) == (2, "")


def test_a_terminal_is_shown_hidden_values_only_if_asked(folder: Path) -> None:
    words = ("export", TARGET, "--format", "json")
    done = run(folder, *words, terminal=True)
    assert (done.code, done.stdout) == (2, "")
    assert "2 of 5 values are hidden, and this is a terminal" in done.stderr  # the `Secret`, and the password of a URL
    assert json.loads(run(folder, *words, "--reveal", terminal=True).stdout) == VALUES
    (folder / "configs/common.yaml").write_text("LOG_LEVEL: info\n")
    (folder / "schemas/common.py").write_text(SCHEMA)
    assert json.loads(run(folder, *words, terminal=True).stdout) == {"LOG_LEVEL": "info"}
    assert run(folder, "build", "--out", "out").code == 0
    done = run(folder, *words, "--out", "out", terminal=True)
    assert (done.code, done.stdout) == (2, "")
    assert "1 of 1 values are hidden" in done.stderr


@pytest.mark.parametrize("place", [(), ("--out", "out")], ids=["tree", "output"])
def test_what_cannot_be_carried_is_named_at_once_and_nothing_is_written(place: tuple[str, ...], tmp_path: Path) -> None:
    layer = 'ONE: "s3cr3t\\nlines"\nFINE: s3cr3t\nTWO: "\\ns3cr3t"\n'
    folder = write_tree(tmp_path, small_tree(**{"configs/common.yaml": layer}))
    assert run(folder, "build", "--out", "out").code == 0
    done = run(folder, "export", TARGET, "--format", "docker", *place)
    assert (done.code, done.stdout) == (1, "")
    assert done.stderr.count("error[unexportable-value]: ") == 2
    assert "`ONE` has several lines" in done.stderr
    assert "`TWO` has several lines" in done.stderr
    assert "s3cr3t" not in done.stderr


@pytest.mark.parametrize(
    ("files", "words", "code", "said"),
    [
        ({"configs/common.yaml": "A: [b]\n"}, (), 1, "nested-value"),
        ({"configs/common.sops.yaml": sealed_layer(A="x")}, (), 1, "sealed-layer"),
        ({}, ("-C", "/"), 2, "no-tree"),
        ({}, ("--out", "nowhere"), 2, "unusable-output"),
        ({}, ("--format", "yaml"), 2, ""),
        ({}, ("--ref", "a", "--staged"), 2, ""),
    ],
)
def test_what_cannot_be_exported_is_said_to_be(
    files: dict[str, str], words: tuple[str, ...], code: int, said: str, tmp_path: Path
) -> None:
    folder = write_tree(tmp_path, small_tree(**files))
    done = run(folder, "export", TARGET, "--format", "json", *words)
    assert (done.code, done.stdout) == (code, "")
    assert f"error[{said}]" in done.stderr if said else "Error: " in done.stderr


def test_one_target_is_exported_at_a_time(folder: Path) -> None:
    done = run(folder, "export", "*", "--format", "json")
    assert (done.code, done.stdout) == (2, "")
    assert "`*` names 2 processes, and one is exported at a time" in done.stderr


def test_a_warning_is_shown_but_not_to_the_quiet(tmp_path: Path) -> None:
    folder = write_tree(tmp_path, small_tree())
    words = ("export", TARGET, "--format", "json")
    assert "warning[ungoverned-process]" in run(folder, *words).stderr
    done = run(folder, *words, "-q")
    assert (done.code, done.stdout, done.stderr) == (0, "{}\n", "")
