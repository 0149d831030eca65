"""What git is started with: a git in front of the real one writes down its environment."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from envtree.adapters.git import objects, plumbing
from tests.builders import small_tree, write_tree
from tests.cli.running import run
from tests.repositories import git

if TYPE_CHECKING:
    from pathlib import Path

SECRETS = (
    "HEROKU_API_KEY",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "SOPS_AGE_KEY",
    "GITHUB_TOKEN",
    "GIT_ASKPASS",
)
KEY = "key-5e0c"
SPY = "#!/bin/sh\ntr '\\0' '\\n' </proc/self/environ >>{log}\nexec {git} \"$@\"\n"
COMMANDS = (
    ("validate", "--ref", "HEAD"),
    ("validate", "--staged"),
    ("build", "--out", "out"),
    ("explain", "production/accounts/web", "A"),
    ("history", "production/accounts/web"),
    ("diff", "HEAD:"),
)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a commit, and the spy beside it."""
    top = write_tree(tmp_path / "repository", small_tree(**{"configs/common.yaml": "A: a\n"}))
    git(top, "init", "--quiet")
    git(top, "add", "--all")
    git(top, "commit", "--quiet", "--message=first")
    spy = tmp_path / "bin/git"
    spy.parent.mkdir()
    spy.write_text(SPY.format(log=tmp_path / "seen", git=shutil.which("git")))
    spy.chmod(0o755)
    return top


def seen(repository: Path, *words: str) -> dict[str, str]:
    """The variables that git was started with."""
    log = repository.parent / "seen"
    log.unlink(missing_ok=True)
    path = f"{repository.parent}/bin:{os.environ['PATH']}"
    environment = {**dict.fromkeys(SECRETS, KEY), "PATH": path, "HOME": str(repository.parent), "TZ": "Asia/Tokyo"}
    done = run(repository, *words, env=environment)
    assert done.code in (0, 1), done.stderr
    return dict(line.split("=", 1) for line in log.read_text().splitlines() if "=" in line)


@pytest.mark.parametrize("words", COMMANDS, ids=[" ".join(words) for words in COMMANDS])
def test_git_gets_no_key_of_the_caller(words: tuple[str, ...], repository: Path) -> None:
    found = seen(repository, *words)
    assert found["TZ"] == "Asia/Tokyo"
    own = {*plumbing.KEPT, *plumbing.VARIABLES, *objects.SETTINGS, "GIT_INDEX_FILE", "LANGUAGE"}
    assert set(found) - {"PWD", "OLDPWD", "SHLVL", "_"} <= own
    assert KEY not in found.values()


def test_without_the_choice_it_would_get_them(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plumbing, "KEPT", (*plumbing.KEPT, *SECRETS))
    assert KEY in seen(repository, "validate", "--ref", "HEAD").values()


def test_settings_may_name_a_path_by_the_home_folder(repository: Path) -> None:
    git(repository, "config", "core.excludesFile", "~/ignored")
    git(repository, "config", "core.attributesFile", "~/attributes")
    assert seen(repository, "validate", "--ref", "HEAD")["HOME"] == str(repository.parent)
