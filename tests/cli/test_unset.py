"""`envtree unset`: a line goes, and nothing that is inherited comes back unasked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.running import run
from tests.editing.trees import lay_out, read

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return lay_out(tmp_path / "tree", staging="OTHER: x  # mine\n# stays\n")


def layer(tree: Path, path: str) -> str:
    return (tree / f"configs/{path}.yaml").read_text()


def test_a_line_goes_with_its_comment_where_nothing_is_inherited(tree: Path) -> None:
    done = run(tree, "unset", "staging", "OTHER")
    assert (done.code, layer(tree, "staging")) == (0, "# stays\n")
    assert done.stdout.startswith(
        "- OTHER  x\n    configs/staging.yaml:1:8 removed\n    gone from 3 processes: staging/*\n"
    )


def test_what_would_come_back_is_asked_for(tree: Path) -> None:
    before = read(tree)
    done = run(tree, "unset", "production", "LOG_LEVEL")
    assert (done.code, "error[inherited-value]" in done.stderr) == (2, True)
    assert "the value that comes back is at configs/common.yaml:2:12" in done.stderr
    assert read(tree) == before


def test_what_a_narrower_layer_appends_to_is_asked_for_too(tmp_path: Path) -> None:
    tree = lay_out(
        tmp_path / "tree",
        common="OTHER: x\n",
        production="OTHER: y\n",
        accounts_production='OTHER: !expand "${OTHER}!"\n',
    )
    done = run(tree, "unset", "production", "OTHER")
    assert (done.code, "error[inherited-value]" in done.stderr) == (2, True)
    assert "the value that comes back is at configs/common.yaml" in done.stderr


def test_inherit_lets_it_come_back(tree: Path) -> None:
    done = run(tree, "unset", "production", "LOG_LEVEL", "--inherit")
    assert (done.code, layer(tree, "production")) == (0, "")
    assert "~ LOG_LEVEL  warning -> info" in done.stdout
    again = run(tree, "unset", "production", "LOG_LEVEL", "--inherit")
    assert (again.code, "nothing to write" in again.stderr) == (0, True)


def test_remove_writes_unset(tree: Path) -> None:
    done = run(tree, "unset", "production/accounts", "LANG", "URL", "--remove", "--force")
    assert (done.code, layer(tree, "accounts/production")) == (0, "LANG: !unset\nURL: !unset\n"), done.said
    assert "- LANG  C.UTF-8\n" in done.stdout
    again = run(tree, "unset", "production/accounts", "LANG", "--remove")
    assert (again.code, "nothing to write" in again.stderr) == (0, True)


def test_an_unset_that_goes_lets_a_value_come_back_and_is_asked_for_too(tree: Path) -> None:
    (tree / "configs/production.yaml").write_text("OTHER: !unset\n")
    (tree / "configs/common.yaml").write_text("LOG_LEVEL: info\nLANG: C\nOTHER: y\n")
    assert run(tree, "unset", "production", "OTHER").code == 2
    assert run(tree, "unset", "production", "OTHER", "--inherit").code == 0
    assert layer(tree, "production") == ""


def test_a_required_variable_is_not_taken_out(tree: Path) -> None:
    before = read(tree)
    done = run(tree, "unset", "*/accounts/web", "PORT")
    assert (done.code, "error[missing-variable]" in done.stderr) == (1, True)
    assert read(tree) == before
    assert run(tree, "unset", "*/accounts/web", "PORT", "--force").code == 0
    assert layer(tree, "accounts/web/common") == ""


@pytest.mark.parametrize(
    ("scope", "name", "code", "said"),
    [
        ("production", "LANG", "inherited-value", "the value is at configs/common.yaml:3:7"),
        ("production", "LOGLEVEL", "unknown-name", "did you mean `LOG_LEVEL`?"),
        ("common", "PORT", "unknown-name", "set at configs/accounts/web/common.yaml:1:7"),
        ("production/reports", "NOTHING", "unknown-name", "no value to inherit"),
        ("accounts", "PORT", "unknown-target", "did you mean `'*/accounts'`?"),
        ("production", "a/b", "invalid-name", "holds a `/`"),
        ("production", "LOG_LEVEL=info", "invalid-name", "holds a `=`"),
    ],
)
def test_what_has_no_line_is_refused_and_its_place_named(
    scope: str, name: str, code: str, said: str, tree: Path
) -> None:
    before = read(tree)
    done = run(tree, "unset", scope, name)
    assert (done.code, f"error[{code}]" in done.stderr, said in done.stderr) == (2, True, True), done.said
    assert read(tree) == before


def test_all_that_is_to_be_decided_is_said_at_once(tree: Path) -> None:
    done = run(tree, "unset", "production", "LOG_LEVEL", "LANG", "NOTHING")
    assert (done.code, done.stderr.count("error[")) == (2, 3)


def test_a_line_that_no_process_has_its_value_from_goes_unasked(tree: Path) -> None:
    for scope in ("production/accounts", "staging/accounts"):
        assert run(tree, "set", scope, "POOL=9").code == 0
    done = run(tree, "unset", "*/accounts", "POOL")
    assert (done.code, "no process gets something else" in done.stderr) == (0, True)


def test_two_answers_are_refused(tree: Path) -> None:
    done = run(tree, "unset", "production", "LOG_LEVEL", "--inherit", "--remove")
    assert (done.code, "choose one" in " ".join(done.stderr.split())) == (2, True)


@pytest.mark.parametrize("option", ["--inherit", "--remove"])
def test_a_dry_run_writes_nothing(option: str, tree: Path) -> None:
    before = read(tree)
    done = run(tree, "unset", "production", "OTHER", "LANG", option, "--dry-run")
    assert done.code in (1, 2)
    done = run(tree, "unset", "production", "LOG_LEVEL", "--inherit", "--dry-run", "--format", "json")
    answer = json.loads(done.stdout)
    assert (done.code, answer["written"], answer["changes"][0]["kind"]) == (0, False, "changed")
    assert read(tree) == before
