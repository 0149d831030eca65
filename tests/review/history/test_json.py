"""The history of a target as JSON: what programs read, and what a terminal gets to see of it."""

from __future__ import annotations

import json

import pytest

from envtree.core.model.commit import Commit
from envtree.core.model.diagnostic import Diagnostic
from envtree.core.model.tree import Target
from envtree.review.diff.comparison import Cause, Change, Pair, Transition
from envtree.review.history.events import ChangeSet, Event, Invalidation
from envtree.review.history.json import as_json
from envtree.review.history.text import DisplayOptions

TARGET = Target("production", "accounts", "web")
OPTIONS = DisplayOptions(TARGET, b"k" * 16)


def event(text: str) -> Event:
    """An event in which a text is wherever somebody else may have written one."""
    transition = Transition(text, f"{text}!", (Pair(TARGET, TARGET),))
    change = Change("A", Cause(None, None), (transition,), hidden=False)
    invalidation = Invalidation("B", Diagnostic("invalid-value", text))
    commit = Commit("0" * 40, text, "2026-03-01T12:00:00Z", text)
    return Event(commit, ChangeSet(changes=(change,), invalid=(invalidation,)))


@pytest.mark.parametrize("text", ["\x9b31mred", "\x85next", "\x1b]0;title\x07", "\x7f", "\u202eback", "\U000e0001"])
def test_what_a_terminal_could_obey_is_written_as_an_escape(text: str) -> None:
    said = as_json([event(text)], OPTIONS, "", [text], is_shallow=False)
    assert said.replace("\n", "").isprintable()
    data = json.loads(said)
    (commit,) = data["commits"]
    assert (commit["author"], commit["subject"], commit["invalid"][0]["message"]) == (text, text, text)
    assert (commit["changes"][0]["before"], commit["changes"][0]["after"]) == (text, f"{text}!")
    assert data["not_committed"] == [text]


def test_what_can_be_read_is_written_as_it_is() -> None:
    said = as_json([event("straße 日本")], OPTIONS, "", [], is_shallow=False)
    assert '"subject": "straße 日本"' in said
    assert said.endswith("}\n")
