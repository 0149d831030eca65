"""`envtree codegen`: what is written, compared and refused, and that the code reads what a build delivers."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.builders import envtree_here, small_tree, write_tree
from tests.cli.running import run
from tests.codegen_cases import IMPORTS, REQUIRED, SCHEMA, code
from tests.repositories import git, repository

if TYPE_CHECKING:
    from pathlib import Path

SMALL = f"{IMPORTS}\nclass Accounts(Settings):\n    LEVEL: Level\n    KEY: Secret\n"
TREE = small_tree(**{"configs/common.yaml": "LEVEL: info\nKEY: c4n4ry\n", "schemas/accounts.py": SMALL})
LANGUAGES = {"python": "py", "typescript": "ts", "go": "go", "ruby": "rb"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tree(tmp_path, TREE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_code_is_data_or_a_file(language: Any, folder: Path) -> None:
    name = f"settings.{LANGUAGES[language]}"
    words = ("codegen", "accounts", "--lang", language)
    done = run(folder, *words)
    assert (done.code, done.stderr) == (0, "")
    assert "`envtree codegen accounts --lang" in done.stdout.partition("\n")[0]
    assert run(folder, *words, "--out", name).said == f"wrote {name}: 2 variables of accounts\n"
    assert (folder / name).read_text() == done.stdout
    assert run(folder, *words, "-o", name).said == f"unchanged: {name}\n"
    assert run(folder, *words, "-o", name, "-q").said == ""
    assert run(folder, *words, "-o", name, "--check") == (0, "", f"unchanged: {name}\n")
    assert "c4n4ry" not in done.stdout


def test_a_stale_file_is_a_no_with_what_is_to_change(folder: Path) -> None:
    words = ("codegen", "accounts", "--lang", "python", "--out", "app/settings.py")
    done = run(folder, *words, "--check")
    assert done.code == 1
    assert done.stdout.startswith("--- /dev/null\n+++ app/settings.py\n@@ -0,0 +1,")
    assert not (folder / "app").exists()
    run(folder, *words)
    before = (folder / "app/settings.py").read_text()
    write_tree(folder, {"schemas/accounts.py": SMALL + "    NEW: int\n"})
    done = run(folder, *words, "--check")
    assert (done.code, done.stderr) == (
        1,
        "app/settings.py is not as the schemas of accounts say: run it without `--check`\n",
    )
    assert done.stdout.startswith("--- app/settings.py\n+++ app/settings.py\n@@ ")
    assert "\n+    NEW: int\n" in done.stdout
    assert (folder / "app/settings.py").read_text() == before
    run(folder, *words)
    assert run(folder, *words, "--check").code == 0


def test_a_change_in_a_layer_makes_nothing_stale(folder: Path) -> None:
    words = ("codegen", "accounts", "--lang", "go", "--out", "settings.go")
    run(folder, *words)
    write_tree(folder, {"configs/common.yaml": "LEVEL: debug\nKEY: a\nKEY: b\n"})
    assert run(folder, *words, "--check").code == 0


def test_a_file_of_someone_else_is_never_overwritten(folder: Path) -> None:
    (folder / "settings.py").write_text("mine\n")
    (folder / "linked.py").symlink_to("settings.py")
    for name in ("settings.py", "linked.py", "configs"):
        for check in ((), ("--check",)):
            done = run(folder, "codegen", "accounts", "--lang", "python", "--out", name, *check)
            assert (done.code, "error[unusable-output]" in done.stderr) == (2, True)
    assert (folder / "settings.py").read_text() == "mine\n"


def test_what_is_wrong_is_said_and_nothing_written(folder: Path) -> None:
    done = run(folder, "codegen", "acounts", "--lang", "python")
    assert (done.code, "`acounts` names no service of this tree; did you mean `accounts`?" in done.stderr) == (2, True)
    assert run(folder, "codegen", "accounts").code == 2
    assert run(folder, "codegen", "accounts", "--lang", "perl").code == 2
    assert "name it with `--out`" in run(folder, "codegen", "accounts", "--lang", "go", "--check").stderr
    assert run(folder, "codegen", "accounts", "--lang", "go", "--no-schemas").code == 2
    write_tree(folder, {"schemas/accounts.py": SMALL + "    A: Nonsense\n"})
    done = run(folder, "codegen", "accounts", "--lang", "python", "--out", "settings.py")
    assert (done.code, "error[schema-failed]" in done.stderr, (folder / "settings.py").exists()) == (1, True, False)
    (folder / "schemas/accounts.py").unlink()
    done = run(folder, "codegen", "accounts", "--lang", "python")
    assert (done.code, "no schema declares a variable of `accounts`" in done.stderr) == (2, True)


def test_code_of_a_commit_is_that_of_its_schemas(tmp_path: Path) -> None:
    folder = repository(tmp_path, TREE)
    old = run(folder, "codegen", "accounts", "--lang", "ruby").stdout
    write_tree(folder, {"schemas/accounts.py": SMALL + "    NEW: int\n"})
    assert run(folder, "codegen", "accounts", "--lang", "ruby").stdout != old
    assert run(folder, "codegen", "accounts", "--lang", "ruby", "--ref", "HEAD").stdout == old
    git(folder, "add", "-A")
    assert ":NEW" in run(folder, "codegen", "accounts", "--lang", "ruby", "--staged").stdout


def test_the_code_reads_what_a_build_delivers(tmp_path: Path) -> None:
    values = {
        **REQUIRED,
        "UPSTREAMS": '[{"host": "h"}]',
        "WAIT": "1m30s",
        "WORD": '"#{1}${2}',
        "X.bkp": "x",
        "PORT": "81",
    }
    lines = "".join(f"{name}: {json.dumps(text)}\n" for name, text in values.items())
    folder = write_tree(
        tmp_path, small_tree(**{"configs/accounts/web/production.yaml": lines, "schemas/accounts.py": SCHEMA})
    )
    assert envtree_here("-C", folder, "build", "production", "--out", tmp_path / "out").code == 0
    (tmp_path / "settings.py").write_text(code("python"))
    program = (
        "from settings import load\nfound = load()\nprint(found.PORT, found.WAIT, found.UPSTREAMS[0].port, found.WORD)"
    )
    words = ("exec", "production/accounts/web", "--out", tmp_path / "out", "--keep", "PYTHONPATH", "--")
    done = subprocess.run(
        [sys.executable, "-m", "envtree", *map(str, words), sys.executable, "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, '81 0:01:30 80 "#{1}${2}\n'), done.stderr


def test_services_are_completed(folder: Path) -> None:
    asked = {"_ENVTREE_COMPLETE": "complete_bash", "COMP_WORDS": "envtree codegen ac", "COMP_CWORD": "2"}
    assert run(folder, env=asked).stdout.split() == ["accounts"]
