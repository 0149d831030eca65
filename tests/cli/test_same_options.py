"""Options are the same everywhere: `--format json` on every verb that answers, an output named in any of three ways."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import typer

from envtree.cli.app import app
from tests.builders import small_tree, write_tree
from tests.cli.running import run

if TYPE_CHECKING:
    from pathlib import Path

ACTS = {"codegen", "init", "exec", "heroku snapshot", "secret edit", "secret rotate"}
"""Verbs that only act: `exec` becomes the command, sops edits and rotates, the others write what they say."""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree, built into `out`."""
    write_tree(tmp_path, small_tree(**{"configs/common.yaml": "A: b\n"}))
    assert run(tmp_path, "build", "--out", "out").code == 0
    return tmp_path


def test_every_verb_that_answers_does_so_in_json() -> None:
    command: Any = typer.main.get_command(app)
    formats = {
        name: {choice for each in verb.params if "--format" in each.opts for choice in each.type.choices}
        for name, verb in command.commands.items()
    }
    assert {name for name, choices in formats.items() if "json" not in choices} == ACTS


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (("build", "--out", "out"), "is_unchanged"),
        (("build", "--out", "out", "--dry-run"), "envdirs_to_write"),
        (("verify", "out"), "diagnostics"),
        (("schema",), "stale"),
        (("schema", "--check"), "missing"),
        (("down", "--run", "run"), "ended"),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, tuple) else None,
)
def test_the_answer_is_one_object(words: tuple[str, ...], key: str, tree: Path) -> None:
    assert key in json.loads(run(tree, *words, "--format", "json").stdout)


def test_a_rollback_says_in_json_which_generation_is_current(tree: Path) -> None:
    before = json.loads(run(tree, "build", "--out", "out", "--format", "json").stdout)["generation"]
    (tree / "configs/common.yaml").write_text("A: c\n")
    after = json.loads(run(tree, "build", "--out", "out", "--format", "json").stdout)["generation"]
    answer = json.loads(run(tree, "rollback", "out", "--format", "json").stdout)
    assert answer == {"generation": before, "before": after}


@pytest.mark.parametrize(
    "words",
    [
        ("verify",),
        ("exec", "production/accounts/web", "--", "true"),
        ("export", "production/accounts/web", "--format", "json"),
        ("diff", "dir:", "production"),
        ("rollback", "--to", "nothing"),
    ],
    ids=lambda words: words[0],
)
def test_an_output_is_named_by_the_environment(words: tuple[str, ...], tree: Path) -> None:
    done = run(tree, *words, env={"ENVTREE_OUT": "elsewhere"})
    assert "elsewhere" in done.stderr


@pytest.mark.parametrize("verb", ["verify", "rollback"])
def test_an_output_is_named_in_one_way(verb: str, tree: Path) -> None:
    assert "name two outputs" in " ".join(run(tree, verb, "out", "--out", "out").stderr.split())
    assert "name an output" in " ".join(run(tree, verb, env={"ENVTREE_OUT": ""}).stderr.split())
    refused = run(tree, verb, "nowhere").said
    assert "nowhere" in refused
    assert run(tree, verb, "--out", "nowhere").said == refused
    assert run(tree, verb, env={"ENVTREE_OUT": "nowhere"}).said == refused


def test_fish_hears_whether_there_is_something_to_complete(tree: Path) -> None:
    question = {"_ENVTREE_COMPLETE": "complete_fish", "_TYPER_COMPLETE_FISH_ACTION": "is-args"}
    assert run(tree, env={**question, "_TYPER_COMPLETE_ARGS": "envtree show "}).code == 0
    assert run(tree, env={**question, "_TYPER_COMPLETE_ARGS": "envtree show nothing-that-is"}).code == 1
    question |= {"_TYPER_COMPLETE_FISH_ACTION": "get-args", "_TYPER_COMPLETE_ARGS": "envtree show prod"}
    assert "production" in run(tree, env=question).stdout


def test_the_old_word_for_history_says_the_new_one(tree: Path) -> None:
    done = run(tree, "log", "production/accounts/web")
    assert (done.code, "is called `envtree history`" in done.stderr) == (2, True)
