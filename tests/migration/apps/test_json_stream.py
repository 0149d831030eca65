"""JSON that arrives in pieces is the same as JSON that arrives at once, and less of it is kept."""

import asyncio
import json
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from envtree.migration.apps import json_stream
from envtree.migration.apps.answers import COUPLING, NAMED, UnexpectedAnswer
from envtree.migration.apps.json_stream import only, read_items, read_texts

MIB = 1 << 20
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=9,
)
ITEMS = st.lists(st.dictionaries(st.sampled_from(["id", "name", "other"]), VALUES) | VALUES, max_size=6)


async def arriving(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The pieces as they come."""
    for each in pieces:
        yield each


def items(body: bytes, size: int = 1 << 16) -> list[Any]:
    """A list that arrives in pieces of a size."""
    pieces = (body[start : start + size] for start in range(0, len(body), size))
    return asyncio.run(read_items(arriving(pieces), NAMED))


def texts(body: bytes, size: int = 1 << 16) -> dict[str, str]:
    """Config vars that arrive in pieces of a size."""
    pieces = (body[start : start + size] for start in range(0, len(body), size))
    return asyncio.run(read_texts(arriving(pieces)))


@given(ITEMS, st.booleans(), st.sampled_from([None, 1, 3]), st.integers(1, 9))
@example([-0.0, 1.5, 2e30, -1e-07], False, None, 1)
def test_a_list_is_the_same_in_any_pieces(found: list[Any], ascii_only: bool, indent: int | None, size: int) -> None:
    body = json.dumps(found, ensure_ascii=ascii_only, indent=indent).encode(errors="surrogatepass")
    assert items(body, size) == [only(each, NAMED) for each in json.loads(body)]


@given(st.dictionaries(st.text(), st.text()), st.booleans(), st.sampled_from([None, 2]), st.integers(1, 9))
def test_config_vars_are_the_same_in_any_pieces(
    found: dict[str, str], ascii_only: bool, indent: int | None, size: int
) -> None:
    assert texts(json.dumps(found, ensure_ascii=ascii_only, indent=indent).encode(), size) == found


@given(ITEMS, st.data())
def test_no_part_of_a_list_passes_for_a_whole_one(found: list[Any], data: st.DataObject) -> None:
    body = json.dumps(found).encode()
    with pytest.raises(UnexpectedAnswer):
        items(body[: data.draw(st.integers(0, len(body) - 1))], data.draw(st.integers(1, 9)))


@given(st.binary(max_size=30) | st.text('[]{}",:1aé\\ ', max_size=30).map(str.encode), st.integers(1, 4))
def test_what_passes_is_json(body: bytes, size: int) -> None:
    for read in (items, texts):
        try:
            read(body, size)
        except UnexpectedAnswer:
            continue
        json.loads(body.decode())


WRONG = [
    (b"", "no JSON"),
    (b"<p>", "no JSON"),
    (b"\xef\xbb\xbf[]", "no JSON"),
    (b"{}", "no list"),
    (b"7", "no list"),
    (b"[,]", "no JSON"),
    (b"[1,]", "no JSON"),
    (b"[1 2]", "no JSON"),
    (b"[1]]", "no JSON"),
    (b"[1}", "no JSON"),
    (b"[NaN]", "no JSON"),
    (b"[[NaN]]", "no JSON"),
    (b'["\xff"]', "no JSON"),
    (b'["a\nb"]', "no JSON"),
    (b"[" + b"9" * 9_999 + b"]", "no JSON"),
    (b"[" * 200_000, "no JSON"),
    (b'[{"x": {"A": 1, "A": 1}}]', "a name twice"),
    (b'[{"hunter2-canary": "hunter2-canary"} x]', "no JSON"),
]


@pytest.mark.parametrize(("body", "words"), WRONG)
def test_a_list_that_is_none_is_refused_without_quoting_it(body: bytes, words: str) -> None:
    for size in (1, 7, len(body) + 1):
        with pytest.raises(UnexpectedAnswer, match=words) as refused:
            items(body, size)
        assert "canary" not in repr(refused.value)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"[]", "no object"),
        (b"null", "no object"),
        (b'{"A": 1}', "`A` is no text"),
        (b'{"A": ["hunter2-canary"]}', "`A` is no text"),
        (b'{"A": "hunter2-canary", "B"', "no JSON"),
        (b'{"A" "hunter2-canary"}', "no JSON"),
        (b'{A: "x"}', "no JSON"),
        (b'{"A": "1",}', "no JSON"),
        (b'{"A": "1", "A": "1"}', "a name twice"),
        (b'{"A": "' + b"x" * MIB + b'"}', "longer than 1024 KiB"),
        (b"{" + b",".join(b'"A%d": "%s"' % (each, b"x" * 999) for each in range(2000)) + b"}", "longer than 1024 KiB"),
    ],
)
def test_config_vars_that_are_none_are_refused_without_quoting_them(body: bytes, words: str) -> None:
    with pytest.raises(UnexpectedAnswer, match=words) as refused:
        texts(body)
    assert "canary" not in repr(refused.value)


def test_what_has_another_form_than_a_field_is_not_kept() -> None:
    found = {"id": {"x": 1}, "app": [[]], "pipeline": {"id": ["a", 1], "more": 1}, "stage": [{}], "more": 1}
    assert only(found, COUPLING) == {"id": None, "app": None, "pipeline": {"id": ["a", 1]}, "stage": None}
    assert only([], COUPLING) is None


def peak_of(pieces: Iterator[bytes]) -> tuple[int, str]:
    """The bytes that reading a list takes at most, and why it is refused."""
    tracemalloc.start()
    try:
        asyncio.run(read_items(arriving(pieces), NAMED))
    except UnexpectedAnswer as refused:
        return tracemalloc.get_traced_memory()[1], str(refused)
    else:
        return tracemalloc.get_traced_memory()[1], ""
    finally:
        tracemalloc.stop()


def _repeated(unit: bytes, size: int) -> Iterator[bytes]:
    """A list of so many bytes."""
    yield b"[" + unit
    for _ in range(16 * size // MIB):
        yield (b"," + unit) * ((MIB // 16) // (len(unit) + 1))
    yield b"]"


@pytest.mark.parametrize(
    ("unit", "size"),
    [
        (b"{}", 32 * MIB),
        (b"[]", 32 * MIB),
        (b'{"id":"1"}', 32 * MIB),
        (b'{"id":"1","name":"web","more":{"buildpack":"' + b"x" * 900 + b'"}}', 32 * MIB),
        (b'"' + b"x" * 60_000 + b'"', 32 * MIB),
        (b'{"id":"1","more":[' + b"[]," * 300 + b"[]]}", 8 * MIB),
        (b'{"id":[' + b"[]," * 5_000 + b"[]]}", 8 * MIB),
    ],
    ids=lambda each: str(each)[:30],
)
@pytest.mark.parametrize("share", [4, pytest.param(1, marks=pytest.mark.soak)])
def test_a_list_takes_less_than_its_bytes(unit: bytes, size: int, share: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its parts as Python keeps them take thirty times as much, where they are small."""
    size //= share
    monkeypatch.setattr(json_stream, "MAX_PARTS", json_stream.MAX_PARTS // share)
    peak, problem = peak_of(_repeated(unit, size))
    assert peak < size
    assert problem in ("", f"the list has more than {json_stream.MAX_PARTS} parts")


def test_what_is_kept_naively_takes_many_times_its_bytes() -> None:
    tracemalloc.start()
    assert json.loads(b"[" + b"{}," * (MIB // 3) + b"{}]")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak > 20 * MIB


def test_blanks_take_no_memory() -> None:
    peak, problem = peak_of(b" " * (MIB // 16) if each else b"[ ]" for each in range(32 * 16))
    assert (peak < MIB, problem) == (True, "")


def test_a_value_that_comes_in_single_bytes_is_looked_at_a_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0

    class Counted(json.JSONDecoder):
        def raw_decode(self, s: str, idx: int = 0) -> tuple[Any, int]:
            nonlocal looks
            looks += 1
            return super().raw_decode(s, idx)

    monkeypatch.setattr(json_stream, "_DECODER", Counted())
    assert items(b'[{"id": "' + b"x" * 100_000 + b'"}]', 1) == [{"id": "x" * 100_000}]
    assert looks < 30
