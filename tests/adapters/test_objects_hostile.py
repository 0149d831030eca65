"""What GitPython is asked runs nothing of a repository's, nor of the caller's; without the fence, it does."""

from __future__ import annotations

import contextlib
import inspect
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import git as gitpython
import pytest

from envtree.adapters.git import objects
from envtree.adapters.git.plumbing import GitError
from tests.adapters.hostile import COMMON, SCENARIOS, copied, place
from tests.adapters.questions import answer, answers, questions, seen
from tests.repositories import attempt, git, state

if TYPE_CHECKING:
    from collections.abc import Callable

    from envtree.adapters.git.repository import Repository

ROOT = Path(__file__).parent.parent.parent
UNFENCED: dict[str, Callable[[gitpython.Repo], object]] = {
    "fsmonitor": lambda repo: repo.git.ls_files(),
    "filters": lambda repo: repo.index.diff(None),
    "a filter that goes on": lambda repo: repo.index.diff(None),
    "attributes in the tree": lambda repo: repo.blame("HEAD", COMMON),
    "textconv": lambda repo: repo.blame("HEAD", COMMON),
    "an external diff": lambda repo: repo.git.log("-p", "--ext-diff"),
    "hooks": lambda repo: repo.untracked_files,
    "aliases": lambda repo: repo.git.zz(),
    "signatures": lambda repo: repo.git.log(),
    "a promise by ext": lambda repo: repo.blame("HEAD", COMMON),
    "a promise by ssh": lambda repo: repo.blame("HEAD", COMMON),
    "a promise by a proxy": lambda repo: (repo.commit("HEAD~1").tree / COMMON).data_stream.read(),
    "a promise by uploadpack": lambda repo: (repo.commit("HEAD~1").tree / COMMON).data_stream.read(),
    "included": lambda repo: repo.is_dirty(),
    "configuration of the worktree": lambda repo: repo.is_dirty(),
    "a repository elsewhere": lambda repo: repo.git.ls_files(),
    "viewers of help": lambda repo: [*repo.iter_commits("--help")],
    "submodules": lambda repo: repo.git.submodule("update", "--force"),
    "all at once": lambda repo: repo.untracked_files,
}
"""What runs the payload where GitPython is used as it comes, in each kind that has any such."""
NO_IDS = (
    *("--help", "-h", "--output=mark", "-o", "--upload-pack=true", "--end-of-options", "--", "-", "--all", "^main"),
    *("a..b", "HEAD~2..HEAD", "main...HEAD", "HEAD^@", "", " ", "\0", "HEAD\0", "HEAD\n", "HEAD\n--help", "\udcff"),
    *("HEAD --help", "@{upstream}", "HEAD:configs", "0" * 40, "f" * 64, "x" * 70_000, "../../mark", "/etc/passwd"),
)
"""What users may type, and what names no commit."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A friendly repository, from which each hostile one starts."""
    folder = tmp_path_factory.mktemp("friendly") / "here"
    folder.mkdir()
    place(folder)
    return folder


@pytest.fixture(scope="module")
def ids(template: Path) -> list[str]:
    return git(template / "repository", "rev-list", "HEAD").split()


@pytest.fixture(scope="module")
def friendly(template: Path, ids: list[str]) -> dict[str, object]:
    """What is said of the friendly one."""
    said = answers(f"{template}/repository", ids)
    assert None not in said.values()
    return said


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_question_runs_anything_of_a_hostile_repository(
    name: str, template: Path, ids: list[str], friendly: dict[str, object], tmp_path: Path
) -> None:
    scenario, here = SCENARIOS[name], copied(template, tmp_path / "here")
    scenario.make(here)
    here.mark.unlink(missing_ok=True)
    before = state(tmp_path)
    said = answers(str(here.top), ids)
    assert state(tmp_path) == before
    if scenario.is_same:
        assert said == friendly


def test_each_function_that_asks_gitpython_is_among_the_questions() -> None:
    own = [each for each in vars(objects).values() if inspect.isfunction(each) and each.__module__ == objects.__name__]
    asked = {getattr(ask, "func", ask) for ask in questions(["1", "2", "3"]).values()}
    assert {each for each in own if not each.__name__.startswith("_")} == asked


@pytest.mark.parametrize("name", UNFENCED)
def test_gitpython_as_it_comes_runs_what_a_hostile_repository_names(name: str, template: Path, tmp_path: Path) -> None:
    here = copied(template, tmp_path / "here")
    SCENARIOS[name].make(here)
    here.mark.unlink(missing_ok=True)
    with gitpython.Repo(here.top) as opened, contextlib.suppress(gitpython.GitError, ValueError, OSError):
        UNFENCED[name](opened)
    assert here.mark.exists()


@pytest.mark.parametrize("text", NO_IDS)
def test_what_a_user_typed_is_never_an_option(text: str, template: Path, ids: list[str], tmp_path: Path) -> None:
    here = copied(template, tmp_path / "here")
    SCENARIOS["viewers of help"].make(here)
    repository, before = seen(str(here.top)), state(tmp_path)
    asked: list[Callable[[], object]] = [
        lambda: objects.resolve(repository, text),
        lambda: objects.rev_list(repository, text, "%H", [COMMON]),
        lambda: objects.rev_list(repository, ids[0], "%H", [COMMON], without=text or "-"),
        lambda: objects.rev_lists(repository, text, "%H", [COMMON]),
        lambda: objects.rev_lists(repository, ids[0], "%H", [COMMON], without=text or "-"),
        lambda: objects.blame(repository, text, {COMMON: [(1, 1)]}),
        lambda: objects.blame(repository, ids[0], {COMMON: [(1, 1)]}, without=text or "-"),
        lambda: objects.parents(repository, text),
        lambda: objects.merge_base(repository, text, ids[0]),
        lambda: objects.merge_base(repository, ids[0], text),
        lambda: objects.independent(repository, [[ids[0], text]]),
    ]
    passed: list[Callable[[Repository], object]] = [
        lambda repository: objects.rev_list(repository, ids[0], "%H", [text]),
        lambda repository: objects.rev_lists(repository, ids[0], "%H", [text]),
        lambda repository: objects.blame(repository, ids[0], {text: [(1, 1)]}),
    ]
    for few in (objects.FEW, 0):  # GitPython, and the plumbing that is asked about many files
        with patch.object(objects, "FEW", few):
            for ask in asked:
                with pytest.raises(GitError):
                    ask()
            objects.rev_list(repository, ids[0], "%H", [COMMON], since=text.replace("\0", ""))
            for pass_on in passed:
                answer(repository, pass_on)
    assert state(tmp_path) == before


@pytest.mark.parametrize("name", ["--help", "-h", "--output=mark", "-x", "a b"])
def test_a_branch_may_have_the_name_of_an_option(name: str, template: Path, ids: list[str], tmp_path: Path) -> None:
    here = copied(template, tmp_path / "here")
    SCENARIOS["viewers of help"].make(here)
    made = attempt(here.top, "update-ref", f"refs/heads/{name}", ids[1]).returncode == 0
    before = state(tmp_path)
    assert answer(seen(str(here.top)), lambda repository: objects.resolve(repository, name)) == (
        ids[1] if made else None
    )
    assert state(tmp_path) == before


SCRIPT = """
import json, os, sys
before = dict(os.environ)
from tests.adapters.questions import answers
said = answers(sys.argv[1], sys.argv[2:])
assert dict(os.environ) == before
print(json.dumps({name: str(each) for name, each in said.items()}))
"""


def test_what_a_caller_or_a_hook_has_set_for_git_runs_nothing_and_leads_nowhere(
    template: Path, ids: list[str], friendly: dict[str, object], tmp_path: Path
) -> None:
    here = copied(template, tmp_path / "here")
    another = copied(template, tmp_path / "another")
    git(another.top, "update-ref", "refs/heads/main", ids[2])
    hook = {
        "GIT_DIR": another.top / ".git",
        "GIT_COMMON_DIR": another.top / ".git",
        "GIT_WORK_TREE": another.top,
        "GIT_OBJECT_DIRECTORY": tmp_path,
        "GIT_INDEX_FILE": another.top / ".git/index",
        "GIT_PREFIX": "configs/",
        "GIT_PYTHON_GIT_EXECUTABLE": here.payload,
        "GIT_PYTHON_REFRESH": "nonsense",
        "GIT_PYTHON_TRACE": "full",
        "GIT_EXEC_PATH": tmp_path,
        "GIT_CONFIG_PARAMETERS": f"'core.fsmonitor={here.payload}'",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.fsmonitor",
        "GIT_CONFIG_VALUE_0": here.payload,
        "GIT_SSH_COMMAND": here.payload,
        "GIT_PAGER": here.payload,
        "GIT_TRACE": here.mark,
        "GIT_TRACE2_EVENT": here.mark,
        "LC_ALL": "C.UTF-8",
    }
    environment = {**os.environ, **{name: str(value) for name, value in hook.items()}, "PYTHONPATH": str(ROOT)}
    before = state(tmp_path)
    command = [sys.executable, "-c", SCRIPT, str(here.top), *ids]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert state(tmp_path) == before
    assert json.loads(done.stdout) == {name: str(each) for name, each in friendly.items()}
    plain = subprocess.run([sys.executable, "-c", "import git"], env=environment, capture_output=True, check=False)
    assert (plain.returncode, here.mark.exists()) == (1, True)
