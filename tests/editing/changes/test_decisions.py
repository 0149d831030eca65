"""What an edit decides without a file: where an entry goes, which problems are new, what is worth a note."""

from __future__ import annotations

import pytest

from envtree.core.model.diagnostic import Code, Diagnostic
from envtree.core.model.tree import Entry, Span, Target
from envtree.editing.changes.notes import notes
from envtree.editing.changes.placement import LayerEdit, SecretsGo, place
from envtree.editing.changes.problems import new_problems

FILE = "configs/common.yaml"
WEB, WORKER = Target("production", "accounts", "web"), Target("production", "accounts", "worker")


def entry(name: str, text: str | None = "x", line: int = 1, *, sealed: bool = False) -> Entry:
    return Entry(name, text, FILE, line, 4, 1, line, 1, opaque=sealed, sealed=sealed)


def problem(message: str, line: int, *targets: Target, file: str = FILE, code: Code = "invalid-value") -> Diagnostic:
    return Diagnostic(code, message, Span(file, line, 1), targets=targets)


OWN = {"CLEAR": entry("CLEAR"), "SEALED": entry("SEALED", "", sealed=True), "BOTH": entry("BOTH")}
SEALED_NAMES = {"SEALED", "BOTH"}


@pytest.mark.parametrize(
    ("name", "secret", "secrets_go", "edit"),
    [
        ("NEW", set(), "sealed", LayerEdit({"NEW": "v"}, {})),
        ("CLEAR", set(), "sealed", LayerEdit({"CLEAR": "v"}, {})),
        ("NEW", {"NEW"}, "sealed", LayerEdit({}, {"NEW": "v"})),
        ("CLEAR", {"CLEAR"}, "sealed", LayerEdit({}, {"CLEAR": "v"}, ("CLEAR",))),
        ("SEALED", {"SEALED"}, "sealed", LayerEdit({}, {"SEALED": "v"})),
        ("NEW", {"NEW"}, "clear", LayerEdit({"NEW": "v"}, {})),
        ("SEALED", {"SEALED"}, "clear", LayerEdit({"SEALED": "v"}, {}, (), ("SEALED",))),
        ("BOTH", {"BOTH"}, "sealed", LayerEdit({}, {"BOTH": "v"}, ("BOTH",))),
        ("BOTH", {"BOTH"}, "clear", LayerEdit({"BOTH": "v"}, {}, (), ("BOTH",))),
    ],
)
def test_an_entry_stays_in_one_file(name: str, secret: set[str], secrets_go: SecretsGo, edit: LayerEdit) -> None:
    assert place({name: "v"}, OWN, SEALED_NAMES, secret, secrets_go) == edit


@pytest.mark.parametrize(
    ("before", "after", "count"),
    [
        ([], [problem("a", 1)], 1),
        ([problem("a", 1)], [problem("a", 7)], 0),
        ([problem("a", 1, WEB)], [problem("a", 1, WEB, WORKER)], 1),
        ([problem("a", 1, WEB, WORKER)], [problem("a", 1, WEB)], 0),
        ([problem("a", 1, file="configs/x.yaml")], [problem("a", 1)], 1),
        ([problem("a", 1)], [problem("b", 1)], 1),
        ([problem("a", 1)], [problem("a", 1, code="unknown-variable")], 1),
        ([problem("a", 3)], [problem("a", 3)], 1),
        ([problem("a", 1)], [], 0),
    ],
)
def test_a_problem_is_new_unless_it_was_there_for_the_same_processes(
    before: list[Diagnostic], after: list[Diagnostic], count: int
) -> None:
    assert len(new_problems(before, after, [entry("EDITED", line=3)])) == count


@pytest.mark.parametrize(
    ("now", "secret", "said"),
    [
        (entry("CLEAR", "x"), {"CLEAR"}, "is in clear in configs/common.yaml"),
        (entry("CLEAR", "x"), set(), ""),
        (entry("CLEAR", "${HOME}/x"), set(), "`${...}` in it"),
        (entry("CLEAR", "$HOME $$ ${} {HOME}"), set(), ""),
        (entry("CLEAR", None), {"CLEAR"}, ""),
        (entry("SEALED", "", sealed=True), {"SEALED"}, ""),
        (entry("SUM", "x"), set(), "was computed by `!expand`"),
    ],
)
def test_a_note_says_what_a_valid_edit_does_unseen(now: Entry, secret: set[str], said: str) -> None:
    was = {**OWN, "SUM": entry("SUM")._replace(parts=("x",))}
    found = notes(was, [now], secret)
    assert len(found) == bool(said)
    assert said in "".join(found)
