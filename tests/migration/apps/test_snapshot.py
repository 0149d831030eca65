"""A fleet as JSON and back: exact, checked to the last word, and silent about what it holds."""

from __future__ import annotations

import json
import traceback
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envtree.migration.apps.fleet import App, Attachment, Fleet, ProcessType
from envtree.migration.apps.snapshot import FORMAT, InvalidSnapshot, as_json, read, read_config

CANARY = "canary-5e1f"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NUMBER = st.integers(-(2**70), 2**70)
APP = st.builds(
    App,
    TEXT,
    TEXT,
    TEXT,
    TEXT,
    st.none() | st.dictionaries(TEXT, TEXT, max_size=3),
    st.none() | NUMBER,
    st.none() | st.lists(st.builds(ProcessType, TEXT, TEXT, NUMBER), max_size=2).map(tuple),
    st.none()
    | st.lists(st.builds(Attachment, TEXT, TEXT, TEXT, st.lists(TEXT, max_size=2).map(tuple)), max_size=2).map(tuple),
    st.none() | st.lists(TEXT, max_size=2).map(tuple),
    TEXT,
)
FLEET = st.builds(Fleet, st.lists(APP, max_size=3, unique_by=lambda app: app.name).map(tuple), TEXT, TEXT)


@given(FLEET)
def test_what_is_read_is_what_was_written(fleet: Fleet) -> None:
    assert read(as_json(fleet)) == fleet


def test_equal_fleets_are_equal_texts_in_ascii() -> None:
    one, other = ({"B": "é\u2028", "A": "\x1b"}, {"A": "\x1b", "B": "é\u2028"})
    text = as_json(Fleet((App("x", values=one),)))
    assert text == as_json(Fleet((App("x", values=other),)))
    assert text.isascii()
    assert text.replace("\n", "").isprintable()


def test_an_app_shows_no_value_of_its_own_accord() -> None:
    assert CANARY not in f"{Fleet((App('acme', values={'KEY': CANARY}),))!r}"


def test_half_a_character_harms_nothing() -> None:
    fleet = Fleet((App("x", values={"A": "\ud800"}),))
    assert read(as_json(fleet)) == fleet


def whole() -> dict[str, Any]:
    app = App(
        "acme",
        values={"KEY": CANARY},
        release=4,
        formation=(ProcessType("web", CANARY, 1),),
        attachments=(Attachment("DATABASE", CANARY, "", ("DATABASE_URL",)),),
        features=(CANARY,),
    )
    data: dict[str, Any] = json.loads(as_json(Fleet((app,), "https://api.heroku.com", "2026-11-24T00:00:00Z")))
    return data


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of everything in a JSON value."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(each for key, value in inner for each in places(value, (*path, key)))]


@pytest.mark.parametrize("path", places(whole()), ids=lambda path: ".".join(map(str, path)) or "all")
def test_a_wrong_type_is_refused_wherever_it_stands(path: tuple[Any, ...]) -> None:
    for wrong in (True, 1.5, {CANARY: 1}, [[CANARY]]):
        data = whole()
        if not path:
            data = wrong  # type: ignore[assignment]
        else:
            at: Any = data
            for key in path[:-1]:
                at = at[key]
            at[path[-1]] = wrong
        with pytest.raises(InvalidSnapshot) as caught:
            read(json.dumps(data))
        assert CANARY not in "".join(traceback.format_exception(caught.value))


KEYS = [path for path in places(whole()) if path and isinstance(path[-1], str) and "values" not in path[:-1]]
NEW = ("size", "buildpacks", "domains", "drains")  # older snapshots have none
KEYS = [path for path in KEYS if path[-1] not in NEW]


@pytest.mark.parametrize("path", KEYS, ids=lambda path: ".".join(map(str, path)))
def test_a_key_that_lacks_is_refused(path: tuple[Any, ...]) -> None:
    data = at = whole()
    for key in path[:-1]:
        at = at[key]
    del at[path[-1]]
    with pytest.raises(InvalidSnapshot, match=f"has no `{path[-1]}`|no snapshot"):
        read(json.dumps(data))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "it is empty"),
        (" \n", "it is empty"),
        ("[" * 100_000, "not JSON"),
        (f'{{"KEY": "{CANARY}', "not JSON, or ends before"),
        (f'{{"KEY": "{CANARY}"}}', "doesn't say which format"),
        (f'"{CANARY}"', "doesn't say which format"),
        ('{"format": 1}', "doesn't say which format"),
        ('{"format": "envtree heroku snapshot 2", "new": 1}', r"newer envtree \(format 2, and this one reads 1\)"),
        (json.dumps({**whole(), CANARY: 1}), "it has a key that this format doesn't know"),
        (json.dumps({**whole(), "apps": whole()["apps"] * 2}), "an app twice"),
        (f'{{"format": "{FORMAT}", "format": "{FORMAT}"}}', "stands twice"),
        (f'{{"apps": [{{"values": {{"{CANARY}": "a", "{CANARY}": "b"}}}}]}}', "stands twice"),
    ],
)
def test_what_is_no_snapshot_is_refused_without_a_word_of_it(text: str, words: str) -> None:
    with pytest.raises(InvalidSnapshot, match=words) as caught:
        read(text)
    assert CANARY not in "".join(traceback.format_exception(caught.value, chain=True))
    assert caught.value.__context__ is None


def test_what_the_command_line_of_heroku_saves_is_an_app_with_nothing_but_values() -> None:
    text = '{\n  "A": "1",\n  "B": "zwei\\n\\u00e4"\n}\n'
    assert read_config("acme", text) == App("acme", values={"A": "1", "B": "zwei\nä"})
    assert read_config("acme", "{}\n") == App("acme", values={})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ('{"A": "1",', "not JSON"),
        ('{"A": 1}', "variable 1 of it is no text"),
        ('{"A": null}', "no text"),
        ('{"A": {"B": "c"}}', "no text"),
        ("[]", "no object of names and texts"),
        ("null", "no object"),
        ('{"A": "1", "A": "1"}', "twice"),
    ],
)
def test_what_is_no_flat_object_of_texts_is_refused(text: str, words: str) -> None:
    with pytest.raises(InvalidSnapshot, match=words):
        read_config("acme", text)
