"""JSON read part by part while its bytes arrive: memory holds one part, and what is needed of the parts before it."""

from __future__ import annotations

import codecs
import json
import re
from typing import TYPE_CHECKING, Any

from envtree.migration.apps.answers import UnexpectedAnswer, as_object, no_number, short

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from envtree.migration.apps.answers import Fields

LONGEST_PART = 128 << 10
"""Characters of a part of a list: about fifty times what an app or an attachment takes."""
LONGEST_TEXTS = 1 << 20
"""Characters of an app's config vars: Heroku takes 64 KB, which may be six times as long in escapes."""
MAX_PARTS = 50_000
"""Parts of a list: ten times the apps whose config vars Heroku answers in an hour."""
_BLANKS = re.compile(r"[ \t\n\r]*")
_OF_NUMBERS = "+-.0123456789Ee"
_DECODER = json.JSONDecoder(object_pairs_hook=as_object, parse_constant=no_number)


async def read_items(chunks: AsyncIterator[bytes], fields: Fields) -> list[Any]:
    """Return the parts of a list with the fields that are needed; None for a part that is no object.

    Raises UnexpectedAnswer.
    """
    text = JsonText(chunks)
    await _open(text, "[", "the answer is no list")
    found: list[Any] = []
    while await _has_more(text, "]", found):
        found.append(only(await text.value(LONGEST_PART), fields))
        if len(found) > MAX_PARTS:
            raise UnexpectedAnswer(f"the list has more than {MAX_PARTS} parts")
    return found


async def read_texts(chunks: AsyncIterator[bytes]) -> dict[str, str]:
    """Return config vars, an object that has nothing but texts; raises UnexpectedAnswer."""
    text = JsonText(chunks)
    await _open(text, "{", "its config vars are no object")
    found: dict[str, str] = {}
    while await _has_more(text, "}", found):
        name = await _text(text, "the answer is no JSON")
        if name in found:
            raise UnexpectedAnswer("the answer says a name twice")
        await text.expect(":")
        found[name] = await _text(text, f"its config var `{short(name)}` is no text")
        if text.taken > LONGEST_TEXTS:
            raise UnexpectedAnswer(f"its config vars are longer than {LONGEST_TEXTS >> 10} KiB")
    return found


def only(found: Any, fields: Fields) -> dict[str, Any] | None:
    """Return the needed fields of an object; what has another form than a field may have becomes None."""
    if not isinstance(found, dict):
        return None
    return {
        name: _plain(found[name]) if inner is None else only(found[name], inner)
        for name, inner in fields.items()
        if name in found
    }


def _plain(found: Any) -> Any:
    """Return a text, number or list of such as it is."""
    if isinstance(found, list):
        return None if any(isinstance(each, list | dict) for each in found) else found
    return None if isinstance(found, dict) else found


async def _text(text: JsonText, problem: str) -> str:
    if await text.symbol() != '"':
        raise UnexpectedAnswer(problem)
    found: str = await text.value(LONGEST_TEXTS)
    return found


async def _open(text: JsonText, opening: str, problem: str) -> None:
    """Go past a bracket; another value than the one that it opens is a problem of its own."""
    symbol = await text.symbol()
    if symbol != opening and symbol and symbol in '[{"-0123456789tfn':
        raise UnexpectedAnswer(problem)
    await text.expect(opening)


async def _has_more(text: JsonText, closing: str, found: Collection[object]) -> bool:
    """Return whether another part follows, past the comma; after the end nothing but blanks may follow."""
    if await text.symbol() == closing:
        await text.expect(closing)
        await text.expect("")
        return False
    if found:
        await text.expect(",")
    return True


class JsonText:
    """A text whose bytes arrive piece by piece; raises UnexpectedAnswer for what is no JSON (RFC 8259)."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self._chunks = chunks
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._held = ""
        self._at = 0
        self._is_whole = False
        self.taken = 0
        """Characters of all values so far."""

    async def symbol(self) -> str:
        """Return the next character that is no blank; empty at the end."""
        while True:
            blanks = _BLANKS.match(self._held, self._at)
            self._at = blanks.end() if blanks else self._at
            if self._at < len(self._held) or self._is_whole:
                return self._held[self._at : self._at + 1]
            await self._receive(1)

    async def expect(self, symbol: str) -> None:
        """Go past a character, where it is the next one."""
        if await self.symbol() != symbol:
            raise UnexpectedAnswer("the answer is no JSON")
        self._at += len(symbol)

    async def value(self, longest: int) -> Any:
        """Return the next value and go past it; it takes at most so many characters."""
        await self.symbol()
        while True:
            found, end = self._decoded()
            # A number may go on in what is still to come (`1`, `.5`); whatever else is whole here is whole.
            after = self._held[end : end + 1] if end >= 0 else ""
            is_found = end >= 0 and (self._is_whole or (after != "" and after not in _OF_NUMBERS))
            length = (end if is_found else len(self._held)) - self._at
            if length > longest:
                raise UnexpectedAnswer(f"the answer is no JSON, or a part of it is longer than {longest >> 10} KiB")
            if is_found:
                self._at, self.taken = end, self.taken + length
                return found
            if self._is_whole:
                raise UnexpectedAnswer("the answer is no JSON")
            await self._receive(min(2 * length + 1, longest + 1))  # twice as much: each is looked at a few times

    def _decoded(self) -> tuple[Any, int]:
        """Return the value that is whole here and where it ends; -1 where more may make it one."""
        try:
            return _DECODER.raw_decode(self._held, self._at)
        except ValueError:  # the text of the error may quote the body
            return None, -1
        except RecursionError:
            raise UnexpectedAnswer("the answer is no JSON") from None

    async def _receive(self, size: int) -> None:
        """Hold at least so many characters from here on, or all that are left."""
        parts = [self._held[self._at :]]
        missing = size - len(parts[0])
        while missing > 0 and not self._is_whole:
            data = await anext(self._chunks, None)
            self._is_whole = data is None
            parts.append(self._as_text(data or b""))
            missing -= len(parts[-1])
        self._held, self._at = "".join(parts), 0

    def _as_text(self, data: bytes) -> str:
        try:
            return self._decoder.decode(data, final=self._is_whole)
        except ValueError:
            raise UnexpectedAnswer("the answer is no JSON") from None
