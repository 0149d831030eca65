"""Rows set in a `service.yaml` as people write it: all else stays, and what can't be changed so is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from envtree.core.compile import read_project_of
from envtree.core.model.diagnostic import errors
from envtree.core.yaml.splice import CannotUpdate
from envtree.migration.importing.fitting.process_edit import TABLE, with_tables
from tests.builders import small_tree, source_of

if TYPE_CHECKING:
    from envtree.core.yaml.tables import Path, Rows

FILES = {
    "block": "# ours\nprocesses:\n  web:  # the front\n    command: serve  # so\n",
    "braces": "processes: {web: {command: serve}}\nuser: app\n",
    "rows in braces": "processes:\n  web: {command: serve}  # the front\n\nuser: app\n",
    "line ends of Windows": "processes:\r\n  web:\r\n    command: serve\r\n",
    "a byte order mark": "\ufeffprocesses:\n  web: {command: serve}\n",
    "no line end": "processes:\n  web:\n    command: serve",
    "a block of text": "processes:\n  web:\n    command: |\n      serve\n      # no comment\n",
    "four blanks": "processes:\n    web:\n        command: serve\n        stop: {timeout: 20s}\n",
}
NEW: Rows = {"clock": {"command": "tick 'a: b' # {c}", "count": {"staging": "0"}}, "x": {"command": "1"}}
TABLES: dict[Path, Rows] = {TABLE: NEW, (*TABLE, "web"): {"count": {"production": "0"}}}


@pytest.mark.parametrize("form", FILES)
def test_rows_are_added_to_a_file_of_any_form_and_all_else_stays(form: str) -> None:
    before = FILES[form]
    after = with_tables("configs/accounts/service.yaml", before.encode(), TABLES).decode()
    project, problems = read_project_of(source_of(small_tree(**{"configs/accounts/service.yaml": after})))
    assert not errors(problems)
    found = {each.name: each for each in project.services[0].processes}
    assert (found["clock"].command, found["clock"].counts) == ("tick 'a: b' # {c}", (("staging", 0),))
    assert (found["x"].command, found["web"].counts) == ("1", (("production", 0),))
    rest = iter(after)
    assert all(each in rest for each in before)  # all that was there, in its order
    assert after.startswith("\ufeff") is before.startswith("\ufeff")


@pytest.mark.parametrize("text", ["processes: &all {web: {command: serve}}\n", "- a\n", "processes: [web]\n", "a: [\n"])
def test_what_can_not_be_told_from_what_is_around_it_is_refused(text: str) -> None:
    with pytest.raises(CannotUpdate):
        with_tables("configs/accounts/service.yaml", text.encode(), {TABLE: NEW})


def test_nothing_to_set_changes_nothing() -> None:
    assert with_tables("x", b"a: [", {TABLE: {}}) == b"a: ["
