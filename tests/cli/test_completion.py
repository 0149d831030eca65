"""Completion of targets, asked the way bash asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.builders import small_tree, write_tree
from tests.cli.running import run

if TYPE_CHECKING:
    from pathlib import Path


def complete(folder: Path, line: str) -> list[str]:
    words = line.split(" ")
    asked = {"_ENVTREE_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    done = run(folder, env=asked)
    assert done.stderr == ""
    return done.stdout.split()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    more = {"configs/billing/service.yaml": "processes: {web: {command: a}, worker: {command: b}}\n"}
    return write_tree(tmp_path, small_tree(**more))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("envtree show ", ["production", "staging"]),
        ("envtree show pro", ["production"]),
        ("envtree show production/", ["production/accounts", "production/billing"]),
        ("envtree show production/b", ["production/billing"]),
        ("envtree show production/billing/", ["production/billing/web", "production/billing/worker"]),
        ("envtree validate production/billing/wo", ["production/billing/worker"]),
        ("envtree build st", ["staging"]),
        ("envtree show nothing", []),
    ],
)
def test_a_target_is_completed_part_by_part(line: str, expected: list[str], folder: Path) -> None:
    assert complete(folder, line) == expected


def test_verbs_are_completed(folder: Path) -> None:
    assert complete(folder, "envtree va") == ["validate"]


def test_codes_are_completed_without_a_tree(tmp_path: Path) -> None:
    assert complete(tmp_path, "envtree rule redu") == ["redundant-override"]


def test_the_named_tree_is_completed(folder: Path) -> None:
    assert complete(folder.parent, f"envtree show -C {folder} pro") == ["production"]


@pytest.mark.parametrize("settings", ["", "environments: [", "environments: {a: {instance: no}}\n", "\0"])
def test_a_broken_tree_completes_nothing_and_says_nothing(settings: str, folder: Path) -> None:
    write_tree(folder, {"envtree.yaml": settings})
    assert complete(folder, "envtree show pro") == []


def test_no_tree_completes_nothing(tmp_path: Path) -> None:
    assert complete(tmp_path, "envtree show pro") == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("envtree set ", ["*", "common", "production", "staging"]),
        ("envtree set com", ["common"]),
        ("envtree set production/", ["production/accounts", "production/billing"]),
        ("envtree unset production/billing/w", ["production/billing/web", "production/billing/worker"]),
        ("envtree set production ", ["A", "B"]),
        ("envtree set nothing ", []),
        ("envtree unset staging B", ["B"]),
    ],
)
def test_a_scope_is_completed_and_then_the_names_that_its_processes_have(
    line: str, expected: list[str], folder: Path
) -> None:
    (folder / "configs/common.yaml").write_text("A: 1\n")
    (folder / "configs/accounts/common.yaml").write_text("B: 1\n")
    assert complete(folder, line) == expected
