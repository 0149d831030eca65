"""Variables that are to go: a warning until their last day, an error after it, and who is left."""

from __future__ import annotations

import json
import time
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from envtree.core.schema.language import Deprecated
from envtree.core.schema.marks.deprecated import deprecation_text
from tests.builders import Ran, envtree_here, small_tree, write_tree
from tests.repositories import git, repository

if TYPE_CHECKING:
    from pathlib import Path

LAST_DAY = "2027-01-31"
BEFORE = str(int(datetime.fromisoformat(f"{LAST_DAY}T23:59:59+00:00").timestamp()))
AFTER = str(int(BEFORE) + 1)
HEAD = (
    "from typing import Annotated\nfrom pydantic import Field\nfrom envtree import *\nfrom envtree import Deprecated\n"
)
FIELDS = f"    NEW: str\n    OLD: Annotated[str | None, Deprecated('use `NEW`', after='{LAST_DAY}')] = None\n"
SCHEMA = f"{HEAD}class Common(Settings):\n{FIELDS}"
TREE = small_tree(**{"configs/common.yaml": "NEW: a\nOLD: b\n", "schemas/common.py": SCHEMA})


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a command line at a time in seconds."""

    def run(seconds: str, *words: str | Path) -> Ran:
        monkeypatch.setenv("SOURCE_DATE_EPOCH", seconds)
        return envtree_here(*words)

    return run


def test_a_line_is_a_warning_until_the_last_day_and_an_error_after_it(tmp_path: Path, at: Any) -> None:
    write_tree(tmp_path, TREE)
    before, after = at(BEFORE, "-C", tmp_path, "validate"), at(AFTER, "-C", tmp_path, "validate")
    assert (before.code, after.code) == (0, 1)
    assert "warning[deprecated-variable]: `OLD` is deprecated: use `NEW`\n" in before.out
    assert f"= note: an error after {LAST_DAY}\n" in before.out
    assert f"error[deprecated-variable]: `OLD` is still set after {LAST_DAY}: use `NEW`\n" in after.out
    assert at(BEFORE, "-C", tmp_path, "build", "--out", tmp_path / "one").code == 0
    assert at(AFTER, "-C", tmp_path, "build", "--out", tmp_path / "two").code == 1
    assert at(AFTER, "-C", tmp_path, "build", "--out", tmp_path / "one").code == 0  # that is built already


def test_without_a_day_given_it_is_that_of_the_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tree(tmp_path, TREE)
    for seconds, code in ((BEFORE, 0), (AFTER, 1)):
        monkeypatch.setattr(time, "time", lambda now=float(seconds): now)
        assert envtree_here("-C", tmp_path, "validate").code == code


@pytest.mark.parametrize("given", ["soon", "1.5", "9" * 30, "0x10"])
def test_a_day_that_is_none_is_said(given: str, tmp_path: Path, at: Any) -> None:
    write_tree(tmp_path, TREE)
    done = at(given, "-C", tmp_path, "validate")
    assert (done.code, "`SOURCE_DATE_EPOCH` is no number of seconds" in done.err) == (2, True)
    write_tree(tmp_path, {"schemas/common.py": SCHEMA.replace(f", after='{LAST_DAY}'", "")})
    assert at(given, "-C", tmp_path, "validate").code == 0  # nothing asks for the day


def test_a_commit_that_was_valid_stays_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository(tmp_path, TREE)
    commit = {"GIT_COMMITTER_DATE": f"{BEFORE} +0000", "GIT_AUTHOR_DATE": f"{AFTER} +0000"}
    git(tmp_path, "commit", "-q", "--amend", "--no-edit", "--reset-author", **commit)
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "later", GIT_COMMITTER_DATE=f"{AFTER} +0000")
    monkeypatch.setattr(time, "time", lambda: float(AFTER) + 1e6)
    assert [envtree_here("-C", tmp_path, "validate", *words).code for words in ((), ("--staged",))] == [1, 1]
    assert [envtree_here("-C", tmp_path, "validate", "--ref", each).code for each in ("HEAD", "HEAD~1")] == [1, 0]
    assert envtree_here("-C", tmp_path, "build", "--ref", "HEAD~1", "--out", tmp_path / "out").code == 0
    history = envtree_here("-C", tmp_path, "history", "production/accounts/web", "--run-old-schemas")
    assert (history.code, "invalid" in history.out) == (0, False)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", BEFORE)
    assert envtree_here("-C", tmp_path, "validate").code == 0


def test_each_line_that_sets_it_is_found_once_with_all_that_see_it(tmp_path: Path, at: Any) -> None:
    more = {
        "configs/staging.yaml": "OLD: c\n",
        "configs/production.yaml": "OLD: !unset\n",
        "configs/accounts/web/staging.yaml": "OLD: !expand ${NEW}\n",
    }
    write_tree(tmp_path, {**TREE, **more})
    done = at(BEFORE, "-C", tmp_path, "lint", "--deprecated", "-f", "json")
    found = {each["file"]: each["targets"] for each in json.loads(done.out)["diagnostics"]}
    both = ["production/accounts/web", "staging/accounts/web"]
    assert found == {
        "configs/common.yaml": both,
        "configs/staging.yaml": both[1:],
        "configs/accounts/web/staging.yaml": both[1:],
    }
    assert done.code == 1
    only = json.loads(at(BEFORE, "-C", tmp_path, "lint", "--deprecated", "production", "-f", "json").out)
    assert [each["file"] for each in only["diagnostics"]] == ["configs/common.yaml"]


def test_when_nobody_is_left_the_declaration_can_go(tmp_path: Path, at: Any) -> None:
    write_tree(tmp_path, {**TREE, "configs/common.yaml": "NEW: a\n"})
    done = at(AFTER, "-C", tmp_path, "lint", "--deprecated")
    assert (done.code, "warning[unused-declaration]: `OLD` is deprecated, and no line" in done.out) == (1, True)
    assert at(AFTER, "-C", tmp_path, "validate").out == ""
    said = "nothing deprecated is left in 1 process\n"
    assert at(AFTER, "-C", tmp_path, "lint", "--deprecated", "staging") == Ran(0, "", said)
    write_tree(tmp_path, {"configs/staging.yaml": "OLD: !unset\n"})  # it would be unknown without the declaration
    assert at(AFTER, "-C", tmp_path, "lint", "--deprecated").code == 0


def test_who_is_left_is_answered_for_a_tree_that_is_red_for_it(tmp_path: Path, at: Any) -> None:
    write_tree(tmp_path, TREE)
    assert "error[deprecated-variable]" in at(AFTER, "-C", tmp_path, "lint", "--deprecated").out
    write_tree(tmp_path, {"configs/common.yaml": "NEW: a\nOLD: b\nNEW: c\n"})
    done = at(AFTER, "-C", tmp_path, "lint", "--deprecated", "--max", "1")
    assert "the tree has 1 error, and not all could be looked at" in done.err
    for words in (["--fix"], ["--leaks"], ["--no-schemas"]):
        assert at(AFTER, "-C", tmp_path, "lint", "--deprecated", *words).code == 2


def test_a_secret_that_is_to_go_is_not_shown(tmp_path: Path, at: Any) -> None:
    fields = FIELDS.replace("[str", "[Secret")
    write_tree(tmp_path, {**TREE, "schemas/common.py": f"{HEAD}class Common(Settings):\n{fields}"})
    write_tree(tmp_path, {"configs/common.yaml": "NEW: a\nOLD: c4n4ry-value\n"})
    for seconds in (BEFORE, AFTER):
        for output_format in ("text", "json", "github", "sarif", "short"):
            done = at(seconds, "-C", tmp_path, "lint", "--deprecated", "-f", output_format)
            assert "deprecated-variable" in done.out
            assert "c4n4ry" not in done.out + done.err


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("OLD: str | None = Field(default=None, deprecated='use NEW')", "`OLD` is deprecated: use NEW"),
        ("OLD: str | None = Field(default=None, deprecated=True)", "`OLD` is deprecated"),
        ("OLD: Annotated[str, Deprecated('a\\nb')] | None = None", "`OLD` is deprecated: a\\nb"),
        ("OLD: Annotated[str, Deprecated('postgres://a:hunter2@b/c')]", "postgres://a:[hidden]@b/c"),
    ],
)
def test_without_a_day_it_is_a_warning_always(field: str, message: str, tmp_path: Path, at: Any) -> None:
    write_tree(tmp_path, {**TREE, "schemas/common.py": f"{HEAD}class Common(Settings):\n    NEW: str\n    {field}\n"})
    done = at(AFTER, "-C", tmp_path, "validate")
    assert (done.code, f"{message}\n" in done.out) == (0, True), done.out
    assert "hunter2" not in done.out


@pytest.mark.parametrize(
    "words", ["", "'a', after='soon'", "'a', after=1", "1", "'a', after=__import__('datetime').datetime(2027, 1, 1)"]
)
def test_a_mark_that_makes_no_sense_is_an_error_at_its_line(words: str, tmp_path: Path, at: Any) -> None:
    fields = f"    NEW: str\n    OLD: Annotated[str | None, Deprecated({words})] = None\n"
    write_tree(tmp_path, {**TREE, "schemas/common.py": f"{HEAD}class Common(Settings):\n{fields}"})
    done = at(BEFORE, "-C", tmp_path, "validate")
    assert (done.code, "schema-failed" in done.out, "schemas/common.py:7" in done.out) == (1, True, True), done.out


def test_it_is_explained(tmp_path: Path, at: Any) -> None:
    write_tree(tmp_path, TREE)
    words = ("-C", tmp_path, "explain", "staging/accounts/web", "OLD", "--no-blame")
    assert f"    Deprecated: use `NEW` (until {LAST_DAY})\n" in at(BEFORE, *words).out
    declared = json.loads(at(BEFORE, *words, "-f", "json").out)["declarations"][0]
    assert declared["deprecated"] == {"message": "use `NEW`", "after": LAST_DAY}
    other = ("-C", tmp_path, "explain", "staging/accounts/web", "NEW", "--no-blame", "-f", "json")
    assert json.loads(at(BEFORE, *other).out)["declarations"][0]["deprecated"] is None


def test_a_mark_is_said_in_one_line() -> None:
    assert deprecation_text(Deprecated("")) == "Deprecated"
    assert deprecation_text(Deprecated("", after=date(2027, 1, 31))) == f"Deprecated: until {LAST_DAY}"
    assert Deprecated("a", after=LAST_DAY) == Deprecated("a", after=date(2027, 1, 31))
