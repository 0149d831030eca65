"""`envtree schema`, and what `envtree init` leaves for editors."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from envtree.core.starter import FILES
from tests import test_canaries
from tests.builders import small_tree, write_tree
from tests.cli.running import modes_hold_for_root, run

SCHEMA = (
    "from typing import Literal\nfrom envtree import Settings\n\n\nclass Common(Settings):\n    A: Literal['b', 'c']\n"
)
OWN = ".envtree/schema"
PLACES = [
    f"{folder}{name}.json"
    for folder in ("", "accounts/", "accounts/web/")
    for name in ("common", "production", "staging")
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tree(tmp_path, small_tree(**{"configs/common.yaml": "A: b\n", "schemas/common.py": SCHEMA}))


def there(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.json"))


def test_schemas_are_written_where_they_are_not_up_to_date(folder: Path) -> None:
    assert run(folder, "schema") == (0, "", f"wrote {OWN}: 9 schemas\n")
    assert there(folder / OWN) == sorted(PLACES)
    assert run(folder, "schema") == (0, "", f"unchanged: 9 schemas in {OWN}\n")
    (folder / OWN / "production.json").unlink()
    assert run(folder, "schema") == (0, "", f"wrote {OWN}: 1 of 9 schemas\n")


def test_a_change_in_a_schema_is_written(folder: Path) -> None:
    run(folder, "schema")
    write_tree(folder, {"schemas/common.py": SCHEMA.replace("'c'", "'d'")})
    assert run(folder, "schema").stderr == f"wrote {OWN}: 9 schemas\n"
    values = json.loads((folder / OWN / "common.json").read_text())["properties"]["A"]["anyOf"][0]["enum"]
    assert values == ["b", "d"]


def test_what_no_layer_is_for_any_more_goes(folder: Path) -> None:
    run(folder, "schema")
    (folder / "configs/accounts/service.yaml").write_text("processes: {worker: {command: x}}\n")
    assert run(folder, "schema").stderr == f"wrote {OWN}: 3 of 9 schemas, 3 removed\n"
    assert not (folder / OWN / "accounts/web").exists()


def test_a_check_shows_what_is_not_up_to_date_and_writes_nothing(folder: Path) -> None:
    done = run(folder, "schema", "--check")
    assert done == (1, "".join(f"+ {path}\n" for path in sorted(PLACES)), f"9 to bring up to date in {OWN}\n")
    assert not (folder / ".envtree").exists()
    run(folder, "schema")
    assert run(folder, "schema", "--check") == (0, "", f"unchanged: 9 schemas in {OWN}\n")
    (folder / OWN / "common.json").unlink()
    text = (folder / OWN / "staging.json").read_text()
    (folder / OWN / "staging.json").write_text(f"{text}\n")
    (folder / OWN / "old.json").write_text(text)
    assert run(folder, "schema", "--check").stdout == "+ common.json\n- old.json\n~ staging.json\n"
    assert run(folder, "schema", "--check", "-q") == (1, "+ common.json\n- old.json\n~ staging.json\n", "")


def test_they_go_to_another_folder_where_asked(folder: Path) -> None:
    (folder / "docs").mkdir()
    assert run(folder / "docs", "schema", "--out", "made").stderr == "wrote made: 9 schemas\n"
    assert there(folder / "docs/made") == sorted(PLACES)
    assert not (folder / ".envtree").exists()
    assert run(folder, "schema", "--out", "docs/made", "--check").code == 0


def test_a_folder_of_other_files_is_left_alone(folder: Path) -> None:
    write_tree(folder, {"docs/common.json": "{}\n", "docs/package.json": "{}\n"})
    done = run(folder, "schema", "--out", "docs")
    assert done.code == 2
    assert "was made by someone else" in done.stderr
    assert there(folder / "docs") == ["common.json", "package.json"]


def test_they_lie_below_the_tree_wherever_the_command_runs(folder: Path, tmp_path: Path) -> None:
    assert run(folder / "configs/accounts", "schema").stderr == f"wrote ../../{OWN}: 9 schemas\n"
    assert run(tmp_path.parent, "-C", tmp_path.name, "schema").stderr.endswith(f"in {tmp_path.name}/{OWN}\n")
    assert run(folder, "schema", "-q").said == ""


def test_a_tree_without_schemas_has_them_too(tmp_path: Path) -> None:
    assert run(write_tree(tmp_path, small_tree()), "schema").stderr == f"wrote {OWN}: 9 schemas\n"


def test_a_mistake_in_a_layer_does_not_stand_in_the_way(folder: Path) -> None:
    write_tree(folder, {"configs/common.yaml": "A: [b]\nX: y\n", "configs/stray.yaml": "A: b\n"})
    assert run(folder, "schema") == (0, "", f"wrote {OWN}: 9 schemas\n")


@pytest.mark.parametrize(
    ("path", "text", "words"),
    [
        ("envtree.yaml", "environments: {production: {instance: servce}}\n", "error[invalid-setting]"),
        ("configs/accounts/service.yaml", "processes: {}\n", "error["),
        ("schemas/common.py", f"{SCHEMA}oops\n", "error[schema-failed]"),
        ("schemas/acounts.py", SCHEMA, "error[unknown-schema]"),
    ],
)
def test_nothing_is_written_where_settings_or_schemas_are_wrong(path: str, text: str, words: str, folder: Path) -> None:
    run(folder, "schema")
    (folder / OWN / "common.json").unlink()
    write_tree(folder, {path: text})
    for options in ([], ["--check"]):
        done = run(folder, "schema", *options)
        assert (done.code, done.stdout) == (1, "")
        assert words in done.stderr
    assert not (folder / OWN / "common.json").exists()


def test_a_schema_that_cannot_be_read_or_trusted_is_reported(folder: Path) -> None:
    (folder / "schemas/common.py").chmod(0o666)
    done = run(folder, "schema")
    assert (done.code, "error[unsafe-schema]" in done.stderr) == (1, True)
    (folder / "schemas/common.py").chmod(0)
    with modes_hold_for_root():
        done = run(folder, "schema")
    assert (done.code, "error[unreadable-file]" in done.stderr) == (2, True)
    assert not (folder / ".envtree").exists()


def test_a_warning_about_a_schema_is_shown_and_no_hindrance(folder: Path) -> None:
    write_tree(folder, {"schemas/common.py": f"import warnings\nwarnings.warn('old')\n{SCHEMA}"})
    done = run(folder, "schema")
    assert done.code == 0
    assert "warning[schema-warning]" in done.stderr
    assert there(folder / OWN) == sorted(PLACES)


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True).stdout.decode()


def test_git_passes_over_them_and_a_commit_has_its_own(folder: Path) -> None:
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "a")
    write_tree(folder, {"schemas/common.py": SCHEMA.replace("'c'", "'d'")})
    run(folder, "schema")
    assert git(folder, "status", "--porcelain") == " M schemas/common.py\n"
    assert run(folder, "schema", "--check").code == 0
    assert run(folder, "schema", "--check", "--ref", "HEAD").code == 1
    assert run(folder, "schema", "--check", "--staged").code == 1
    git(folder, "add", "schemas")
    assert run(folder, "schema", "--check", "--staged").code == 0


# `init`.


def test_a_new_tree_has_its_schemas(tmp_path: Path) -> None:
    done = run(tmp_path, "init", "new")
    assert done.code == 0
    assert f"wrote new/{OWN}: 12 schemas\n" in done.stderr
    assert run(tmp_path, "-C", "new", "schema", "--check").code == 0
    assert run(tmp_path, "-C", "new", "validate").code == 0


def test_editor_settings_that_are_there_stay_as_they_are(tmp_path: Path) -> None:
    write_tree(tmp_path, {".vscode/settings.json": "{}\n"})
    done = run(tmp_path, "init")
    assert done.code == 0
    assert "kept .vscode/settings.json: it was there\n" in done.stderr
    assert "wrote .vscode/settings.json" not in done.stderr
    assert f"add this to .vscode/settings.json:\n{FILES['.vscode/settings.json']}" in done.stderr
    assert (tmp_path / ".vscode/settings.json").read_text() == "{}\n"
    assert "wrote new/.vscode/settings.json\n" in run(tmp_path, "init", "new").stderr


# Secrets.


@pytest.mark.parametrize("name", [*test_canaries.VALID, *test_canaries.BROKEN])
def test_no_secret_is_told(name: str, tmp_path: Path) -> None:
    write_tree(tmp_path, {**test_canaries.VALID, **test_canaries.BROKEN}[name])
    for options in (["--check"], [], ["--out", "made"]):
        assert test_canaries.leaks(run(tmp_path, "schema", *options).said) == []
    for path in tmp_path.rglob("*.json"):
        assert test_canaries.leaks(path.read_bytes()) == []
