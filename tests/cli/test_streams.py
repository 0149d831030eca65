"""What goes where: data on standard output, all else on standard error, paint on terminals; and closed streams."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.builders import small_tree, write_tree
from tests.cli.running import ENVTREE, run

if TYPE_CHECKING:
    from pathlib import Path

TARGET = "production/accounts/web"
PAINT = "\x1b["


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tree").mkdir()
    return write_tree(tmp_path / "tree", small_tree(**{"configs/common.yaml": "A: b\n"}))


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    (tmp_path / "wrong").mkdir()
    return write_tree(tmp_path / "wrong", small_tree(**{"configs/common.yaml": "A: [b]\nB: [c]\n"}))


def test_problems_are_the_data_of_validate(wrong: Path) -> None:
    done = run(wrong, "validate")
    assert "error[nested-value]" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("words", [["show", TARGET], ["build", "--out", "out"], ["build", "--out", "out", "--dry-run"]])
def test_problems_are_no_data_of_other_verbs(words: list[str], wrong: Path) -> None:
    done = run(wrong, *words)
    assert "error[nested-value]" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    "words",
    [["validate"], ["build", "--out", "out"], ["verify", "out"], ["rollback", "out", "--to", ""], ["init", "new"]],
    ids=" ".join,
)
def test_what_is_said_to_people_is_no_data(words: list[str], folder: Path) -> None:
    run(folder, "build", "-q", "--out", "out")
    done = run(folder, *words)
    assert "error" not in done.stdout
    assert "valid:" not in done.stdout
    assert "out/current" not in done.stdout
    assert done.stderr != ""


@pytest.mark.parametrize("quiet", ["-q", "--quiet"])
def test_quiet_says_only_what_is_wrong(quiet: str, folder: Path, wrong: Path) -> None:
    write_tree(
        folder, {"schemas/common.py": "from envtree import Secret, Settings\n\nclass C(Settings):\n    A: Secret\n"}
    )
    for words in (
        ["validate"],
        ["build", "--out", "out"],
        ["build", "--out", "out"],
        ["verify", "out"],
        ["init", "new"],
    ):
        assert run(folder, *words, quiet).said == ""
        assert run(folder, quiet, *words).code in (0, 2)
    assert run(folder, "show", TARGET, quiet).stderr == ""
    assert "error[nested-value]" in run(wrong, "validate", quiet).stdout


@pytest.mark.parametrize("option", ["-C", "--directory"])
@pytest.mark.parametrize(
    "words", [["validate"], ["show", TARGET], ["build", "--out", "/nowhere/out", "--dry-run"]], ids=" ".join
)
def test_a_tree_is_named_before_or_behind_the_verb(words: list[str], option: str, folder: Path, tmp_path: Path) -> None:
    here = run(folder, *words)
    assert here.code == 0
    assert run(tmp_path, option, "tree", *words) == here
    assert run(tmp_path, *words, option, "tree") == here
    assert run(tmp_path, option, str(folder), *words) == here
    assert run(folder / "configs/accounts", *words) == here


def test_an_output_is_named_from_here_and_not_from_the_tree(folder: Path, tmp_path: Path) -> None:
    run(tmp_path, "-C", "tree", "build", "--out", "out")
    assert (tmp_path / "out/current").is_symlink()


def test_places_are_named_from_here(wrong: Path, tmp_path: Path) -> None:
    for name in ("short", "github"):
        assert "wrong/configs/common.yaml" in run(tmp_path, "-C", "wrong", "validate", "--format", name).stdout
    assert "../../configs/common.yaml:1:4: " in run(wrong / "configs/accounts", "validate", "--format", "short").stdout


@pytest.mark.parametrize(
    ("painted", "terminal", "words", "environment"),
    [
        (True, True, [], {}),
        (False, False, [], {}),
        (True, False, ["--color", "always"], {}),
        (False, True, ["--color", "never"], {}),
        (False, True, [], {"NO_COLOR": "1"}),
        (True, True, [], {"NO_COLOR": ""}),
        (True, True, ["--color", "always"], {"NO_COLOR": "1"}),
        (False, True, [], {"TERM": "dumb"}),
    ],
)
def test_only_a_terminal_that_wants_it_is_painted(
    painted: bool, terminal: bool, words: list[str], environment: dict[str, str], wrong: Path
) -> None:
    environment = {"TERM": "xterm", **environment}
    assert (PAINT in run(wrong, "validate", *words, env=environment, terminal=terminal).stdout) == painted
    assert (PAINT in run(wrong, *words, "validate", env=environment, terminal=terminal).stdout) == painted
    assert (PAINT in run(wrong, "build", "--out", "o", *words, env=environment, terminal=terminal).stderr) == painted


@pytest.mark.parametrize("name", ["short", "json", "github", "sarif"])
def test_data_for_programs_is_never_painted(name: str, wrong: Path) -> None:
    assert PAINT not in run(wrong, "validate", "--format", name, terminal=True, env={"TERM": "xterm"}).said


def test_paint_changes_no_letter(wrong: Path) -> None:
    import re

    painted = run(wrong, "validate", "--color", "always").stdout
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == run(wrong, "validate").stdout


@pytest.mark.parametrize("words", ["validate --max 0", "validate --format json", f"show {TARGET}", "--help"])
def test_a_reader_that_has_had_enough_is_no_error(words: str, tmp_path: Path) -> None:
    layer = "".join(f"NAME_{n}: {'x' * 100}\n" for n in range(5000))
    wrong = "".join(f"NAME_{n}: [x]\n" for n in range(5000)) if "validate" in words else ""
    write_tree(tmp_path, small_tree(**{"configs/common.yaml": layer, "configs/production.yaml": wrong}))
    command = f"{' '.join(ENVTREE)} {words} | head -1"
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.count("\n") == 1
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr
    assert "bug" not in done.stderr


@pytest.mark.parametrize("words", ["validate", "build --out out", f"show {TARGET}"])
def test_a_closed_input_is_no_bug(words: str, folder: Path) -> None:
    command = f"{' '.join(ENVTREE)} {words} <&-"
    done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("words", ["validate", f"show {TARGET}"])
def test_a_closed_output_is_no_bug(words: str, closed: str, folder: Path) -> None:
    command = f"{' '.join(ENVTREE)} {words} {closed}"
    done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert "bug" not in done.stderr
    assert done.returncode == 0


def test_a_full_device_is_told(folder: Path) -> None:
    command = f"{' '.join(ENVTREE)} show {TARGET} > /dev/full"
    done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no space left on device" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8"])
def test_letters_of_any_language_are_shown_in_any_locale(locale: str, tmp_path: Path) -> None:
    tree = tmp_path / "Übung"
    tree.mkdir()
    write_tree(tree, small_tree(**{"configs/common.yaml": "GRUSS: [Grüße]\n", "configs/straße.txt": "ß"}))
    environment = {**os.environ, "LANG": locale, "LC_ALL": locale}
    for words in (["validate"], ["validate", "--format", "json"], ["-C", "Übung", "validate", "--format", "short"]):
        cwd = tmp_path if "-C" in words else tree
        done = subprocess.run([*ENVTREE, *words], cwd=cwd, env=environment, capture_output=True, check=False)
        assert done.returncode == 1
        assert "straße" in done.stdout.decode()
        assert done.stderr == b""


@pytest.mark.parametrize("columns", ["1", "40", "80", "400", "many", ""])
def test_columns_never_break_a_run(columns: str, folder: Path, wrong: Path) -> None:
    environment = {"COLUMNS": columns}
    assert run(folder, "--help", env=environment).code == 0
    assert run(folder, "show", TARGET, env=environment, terminal=True).code == 0
    assert run(wrong, "validate", env=environment, terminal=True).code == 1
