"""Where a new tree's files go: pre-commit reads its configuration at the top of a repository and nowhere else."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from envtree.core.starter import FILES, HOOKS, hook_for, hooks_with
from tests.cli.running import modes_hold_for_root, run

if TYPE_CHECKING:
    from pathlib import Path

OURS = "repos: []\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    return folder


def hooks_below(folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in folder.rglob(HOOKS)]


def test_the_hook_of_a_tree_in_a_subfolder_stands_at_the_top(repository: Path) -> None:
    code, out, err = run(repository, "init", "deploy/here")
    assert (code, out, f"wrote {HOOKS}\n" in err) == (0, "", True)
    assert hooks_below(repository) == [HOOKS]
    assert (repository / HOOKS).read_text() == hooks_with(hook_for("deploy/here"))
    assert 'args: [-C, "deploy/here"]' in hook_for("deploy/here")


def test_a_tree_at_the_top_needs_no_argument(repository: Path) -> None:
    assert run(repository, "init").code == 0
    assert (repository / HOOKS).read_text() == hooks_with(hook_for(""))
    assert "args" not in hook_for("")


def test_paths_are_named_from_where_one_stands(repository: Path) -> None:
    (repository / "deploy").mkdir()
    assert f"wrote ../{HOOKS}\n" in run(repository / "deploy", "init").stderr
    (repository / HOOKS).unlink()
    assert f"wrote {repository / HOOKS}\n" in run(repository, "init", str(repository / "other")).stderr


def test_a_link_to_a_folder_of_the_repository_is_followed(repository: Path) -> None:
    (repository / "deploy").mkdir()
    (repository / "link").symlink_to("deploy")
    assert run(repository, "init", "link/here").code == 0
    assert (repository / HOOKS).read_text() == hooks_with(hook_for("deploy/here"))


@pytest.mark.parametrize("quiet", [(), ("--quiet",)], ids=["", "quiet"])
@pytest.mark.parametrize(("folder", "prefix"), [(".", ""), ("deploy", "deploy")])
def test_a_configuration_that_is_there_stays_and_what_it_lacks_is_shown(
    folder: str, prefix: str, quiet: tuple[str, ...], repository: Path
) -> None:
    (repository / HOOKS).write_text(OURS)
    code, _, err = run(repository, "init", folder, *quiet)
    assert (code, (repository / HOOKS).read_text()) == (0, OURS)
    assert f"add this to `repos:` in {HOOKS}:\n{hook_for(prefix)}" in err
    assert hooks_below(repository) == [HOOKS]
    assert run(repository, "validate", "-C", folder).code == 0


def test_a_link_in_its_place_is_not_written_through(repository: Path) -> None:
    (repository / HOOKS).symlink_to("elsewhere")
    assert run(repository, "init", "deploy").code == 0
    assert not (repository / "elsewhere").exists()


def test_outside_of_a_repository_it_stands_in_the_folder(tmp_path: Path) -> None:
    assert run(tmp_path, "init", "deploy").code == 0
    assert (tmp_path / "deploy" / HOOKS).read_text() == hooks_with(hook_for(""))


def test_without_git_every_folder_is_outside_of_a_repository(repository: Path) -> None:
    assert run(repository, "init", "deploy", env={"PATH": ""}).code == 0
    assert hooks_below(repository) == [f"deploy/{HOOKS}"]


def test_in_a_linked_worktree_the_top_is_its_own(repository: Path, tmp_path: Path) -> None:
    git = ("git", "-C", repository, "-c", "user.name=Ann", "-c", "user.email=ann@example.org")
    subprocess.run([*git, "commit", "--quiet", "--allow-empty", "--message=first"], check=True)
    subprocess.run([*git, "worktree", "add", "--quiet", tmp_path / "linked"], check=True, capture_output=True)
    assert run(tmp_path, "init", "linked/deploy").code == 0
    assert hooks_below(tmp_path) == [f"linked/{HOOKS}"]


def test_a_top_that_cannot_be_written_leaves_nothing_behind(repository: Path) -> None:
    (repository / "deploy").mkdir()
    repository.chmod(0o500)
    with modes_hold_for_root():
        code, _, err = run(repository, "init", "deploy")
    repository.chmod(0o755)
    assert (code, f"{HOOKS}` can't be written: permission denied" in err) == (2, True)
    assert [*(repository / "deploy").iterdir()] == []


def test_a_tree_that_is_there_gets_no_hook(repository: Path) -> None:
    (repository / "deploy").mkdir()
    (repository / "deploy/envtree.yaml").write_text(FILES["envtree.yaml"])
    code, _, err = run(repository, "init", "deploy")
    assert (code, "error[tree-not-empty]" in err) == (2, True)
    assert hooks_below(repository) == []


@pytest.mark.parametrize("name", ["it's", 'our "own"', "büro", "a: b", "no", "1.5", "# x", "tab\there", "snow☃man 🎿"])
def test_any_folder_can_be_named(name: str) -> None:
    (repository,) = yaml.safe_load(hooks_with(hook_for(name)))["repos"]
    assert repository["hooks"][0]["args"] == ["-C", name]
