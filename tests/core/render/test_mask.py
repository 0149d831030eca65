"""Values made fit to be shown."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envtree.core.render.mask import HIDDEN, json_lines, mask_passwords, one_line
from tests.core.secrets.table import VENDORS, Row


@pytest.mark.parametrize(
    "url",
    [
        "postgres://u:hunter2@h/d",
        "postgres://u:hunter2@h:5432/d?sslmode=require",
        "redis://:hunter2@h:6379/0",
        "POSTGRES://U:hunter2@H",
        "postgresql+psycopg2://u:hunter2@h",
        "jdbc:postgresql://u:hunter2@h/d",
        "amqp://u:hunter2@h/%2f",
        "mongodb://u:hunter2@h1:1,h2:2/d",
        "a://u:x@h,b://u:hunter2@h2",
        "a://u:hunter2@h b://u:x@h2",
        '"https://u:hunter2@h"',
        "'https://u:hunter2@h'",
        '{"url":"https://u:hunter2@h"}',
        "see <https://u:hunter2@h>",
        "postgres://u:hunter2@x@h/d",
        "postgres://u:x@hunter2@h/d",
        "postgres://u:hun:hunter2@h",
        "postgres://u:%40hunter2%2F@h",
        "postgres://u:ø-hunter2@h",
        "https://u:hunter2@[::1]:80/",
        "postgres://u:hunter2/x@h/d",
        "postgres://u:x/hunter2@h/d",
        "postgres://u:x?hunter2@h/d",
        "postgres://u:x#hunter2@h/d",
        "postgres://u@example.com:hunter2@h/d",
        "smtp://a@b.c:hunter2@mail:25",
        "x_postgres://u:hunter2@h",
        "1http://u:hunter2@h",
        "postgres://u:hunter2 x@h",
        "DATABASE_URL=postgres://u:hunter2@h/d",
        "git+https://u:hunter2@h/r.git",
        "éhttps://u:hunter2@h",
    ],
)
def test_the_password_of_a_url_is_hidden(url: str) -> None:
    assert "hunter2" not in mask_passwords(url)


@pytest.mark.parametrize(
    "text", ["", "a", "https://h/p", "https://h:80/p", "https://u@h/p", "a:b@c", "12:30", "mailto:a@b.c", "//h", "://"]
)
def test_text_without_a_password_is_shown_as_it_is(text: str) -> None:
    assert mask_passwords(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "app:hunter2@tcp(db:3306)/app",
        "scott/hunter2@db:1521/orcl",
        "Server=db;User Id=app;Password=hunter2;",
        "host=db user=app password=hunter2 dbname=app",
    ],
)
def test_the_password_of_a_connection_string_without_a_scheme_is_hidden(text: str) -> None:
    masked = mask_passwords(text)
    assert "hunter2" not in masked
    assert HIDDEN in masked


@pytest.mark.parametrize("row", VENDORS, ids=lambda row: row.text[:6])
def test_a_key_with_a_published_shape_is_hidden_wherever_it_is(row: Row) -> None:
    masked = mask_passwords(f"use {row.text} here")
    assert HIDDEN in masked
    assert max(row.text.split("\n"), key=len)[-12:] not in masked
    assert mask_passwords(masked) == masked


def test_what_stands_round_a_password_is_kept() -> None:
    assert mask_passwords("postgres://u:p@h:1/d?x=y") == "postgres://u:[hidden]@h:1/d?x=y"


@pytest.mark.parametrize(
    "text",
    [
        "a://" * 200_000,
        "a://u:" * 200_000,
        "a" * 1_000_000 + "://",
        "a://" + ":" * 1_000_000,
        "a://" + "@" * 1_000_000,
        "a-" * 500_000 + "://",
    ],
)
@pytest.mark.timeout(60)  # no calls to count; what looks at a million letters a million times takes hours
def test_a_long_text_is_masked_quickly(text: str) -> None:
    mask_passwords(text)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_one_line_is_one_printable_line(text: str) -> None:
    assert one_line(text).isprintable()
    if text.isprintable():
        assert one_line(text) == text


@given(st.dictionaries(st.text(), st.lists(st.text() | st.integers() | st.none())))
def test_json_says_the_same_and_nothing_that_a_terminal_obeys(data: dict[str, list[object]]) -> None:
    text = json_lines(data)
    assert json.loads(text) == data
    assert text.replace("\n", "").isprintable()


def test_json_keeps_what_can_be_read() -> None:
    assert json_lines(["straße", "日本", "\x9b31m", "\U000e0001"]) == (
        '[\n  "straße",\n  "日本",\n  "\\u009b31m",\n  "\\udb40\\udc01"\n]\n'
    )
