"""What once went wrong, or would have, each shown whole: a tree, a command, and what it must say."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.builders import small_tree, write_tree
from tests.cli.running import ENVTREE, Done, run

if TYPE_CHECKING:
    from pathlib import Path

TICK = 0.02
"""Longer than the kernel's clock takes from one time stamp to the next, which no one who tampers by hand can beat."""
SETTINGS = "from envtree import Secret, Settings\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return write_tree(tmp_path / "tree", small_tree(**{"configs/common.yaml": "LANG: C.UTF-8\n"}))


def with_schema(tree: Path, schema: str, values: str) -> Done:
    """A tree with this schema for all, and these values in the widest layer."""
    write_tree(tree, small_tree(**{"schemas/common.py": schema, "configs/common.yaml": values}))
    (tree / "schemas").chmod(0o755)
    return run(tree, "validate")


@pytest.mark.parametrize("gone", ["envdirs", "current/manifest.json", "current"])
def test_a_build_notices_what_was_removed(gone: str, tree: Path) -> None:
    assert run(tree, "build", "--out", "out").code == 0
    time.sleep(TICK)
    victim = next((tree / "out/envdirs").iterdir()) if gone == "envdirs" else tree / "out" / gone
    shutil.rmtree(victim) if victim.is_dir() and not victim.is_symlink() else victim.unlink()
    assert "unchanged" not in run(tree, "build", "--out", "out").stderr
    assert run(tree, "verify", "out").code == 0


def test_a_value_written_over_in_place_is_mended_when_asked(tree: Path) -> None:
    assert run(tree, "build", "--out", "out").code == 0
    file = next(path for path in (tree / "out/envdirs").glob("*/*") if path.stat().st_size)
    file.write_text("something else\n")
    assert run(tree, "verify", "out").code == 1
    assert "1 repaired" in run(tree, "build", "--out", "out", "--repair").stderr
    assert run(tree, "verify", "out").code == 0


def test_rollback_refuses_a_generation_that_is_not_all_there(tree: Path) -> None:
    assert run(tree, "build", "--out", "out").code == 0
    before = os.readlink(tree / "out/current")  # noqa: PTH115
    with (tree / "configs/common.yaml").open("a") as layer:
        layer.write("# another source\nLATER: added\n")
    assert run(tree, "build", "--out", "out").code in (0, 1)
    shutil.rmtree(tree / "out" / before / "common")
    if os.readlink(tree / "out/current") == before:  # noqa: PTH115
        pytest.fail("the second build made no generation")
    done = run(tree, "rollback", "out")
    assert done.code == 2
    assert "is not as it was built" in done.stderr


def test_what_a_validator_logs_is_not_shown(tmp_path: Path) -> None:
    schema = (
        "import logging\nfrom pydantic import field_validator\n" + SETTINGS + "logging.basicConfig()\n"
        "class Common(Settings):\n    PASSWORD: Secret\n\n"
        "    @field_validator('PASSWORD')\n    @classmethod\n    def log(cls, value):\n"
        "        logging.error('it is %s', value.get_secret_value())\n        return value\n"
    )
    files = small_tree(**{"schemas/common.py": schema, "configs/common.yaml": "PASSWORD: hunter2\n"})
    root = write_tree(tmp_path / "tree", files)
    done = subprocess.run([*ENVTREE, "validate"], cwd=root, capture_output=True, text=True, check=False)
    assert "hunter2" not in done.stdout + done.stderr


def test_a_class_that_looks_back_at_itself_is_judged_whole(tree: Path) -> None:
    schema = (
        SETTINGS + "class Common(Settings):\n    LOW: int\n    HIGH: int\n\n"
        "    def model_post_init(self, context):\n"
        "        if self.LOW > self.HIGH:\n            raise ValueError('LOW must not be above HIGH')\n"
    )
    assert "inconsistent-values" not in with_schema(tree, schema, "LOW: 1\nHIGH: 2\n").said
    assert "LOW must not be above HIGH" in with_schema(tree, schema, "LOW: 3\nHIGH: 2\n").said


def test_a_class_narrowed_to_the_empty_name_is_refused(tree: Path) -> None:
    done = with_schema(tree, SETTINGS + "class Common(Settings, process=''):\n    A: str = ''\n", "A: a\n")
    assert "unknown-scope" in done.said


@pytest.mark.parametrize("value", ["' https://example.com'", '"https://example.com/\\n"'])
def test_a_blank_in_a_url_is_refused(value: str, tree: Path) -> None:
    schema = "from pydantic import AnyUrl\n" + SETTINGS + "class Common(Settings):\n    A: AnyUrl\n"
    assert "a URL has none" in with_schema(tree, schema, f"A: {value}\n").said


def test_what_pydantic_says_at_import_is_not_shown(tree: Path) -> None:
    schema = SETTINGS + "class Common(Settings):\n    A: int\n\n\nCommon(A='canary')\n"
    done = with_schema(tree, schema, "A: 1\n")
    assert "schema-failed" in done.said
    assert "input_value" not in done.said


def test_merge_conflicts_are_seen_in_any_text(tree: Path) -> None:
    conflict = "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n"
    write_tree(tree, {"configs/accounts/key.txt": conflict, "configs/accounts/common.yaml": "KEY: !file key.txt\n"})
    assert "merge-conflict" in run(tree, "validate").said


@pytest.mark.timeout(60)
def test_hundreds_of_mistakes_of_each_kind_are_told_before_anyone_gives_up(tmp_path: Path) -> None:
    names = [f"NAME_{number}" for number in range(400)]
    schema = SETTINGS + "class Common(Settings):\n" + "".join(f"    {name}: int\n" for name in names)
    values = "".join(f"{name}: x\nODD_{name}: y\nE_{name}: !expand ${{NONE}}\n" for name in names)
    files = small_tree(**{"schemas/common.py": schema, "configs/common.yaml": values})
    done = run(write_tree(tmp_path / "tree", files), "validate")
    assert done.code == 1
    assert "1,600 errors in 1 file; the first 20 are shown" in done.stdout
