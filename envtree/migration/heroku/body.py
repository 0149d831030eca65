"""The bytes of an answer as they come: unpacked piece by piece, and never more of them than are allowed."""

from __future__ import annotations

import zlib
from contextlib import aclosing
from typing import TYPE_CHECKING

from envtree.migration.heroku.refusal import HerokuRefused

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    import httpx

ENCODING = "gzip"
"""What an answer may be packed with; a request says so."""
PIECE = 64 << 10
"""Bytes that are unpacked at once: a thousand times as many as the packed ones, at most."""


class Limit:
    """How many bytes an answer may have, and how many came."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.taken = 0

    def take(self, piece: bytes) -> None:
        """Count the bytes of a piece; raises HerokuRefused for too many."""
        self.taken += len(piece)
        if self.taken > self.size:
            raise HerokuRefused(f"the answer is larger than {self.size >> 20} MiB")


async def read_body(response: httpx.Response, limit: Limit) -> AsyncGenerator[bytes]:
    """Yield the bytes of an answer; raises HerokuRefused for more than the limit, packed or not."""
    encoding, packed_limit = response.headers.get("Content-Encoding", "").strip().lower(), Limit(limit.size)
    if encoding not in ("", "identity", ENCODING):
        raise HerokuRefused("the answer is packed in a way that was not asked for")
    unpacked = _Unpacked() if encoding == ENCODING else None
    async with aclosing(response.aiter_raw()) as pieces:  # type: ignore[type-var]
        async for packed in pieces:
            packed_limit.take(packed)
            for piece in unpacked.pieces(packed) if unpacked else (packed,):
                limit.take(piece)
                yield piece
    if unpacked:
        limit.take(rest := unpacked.end())
        yield rest


class _Unpacked:
    """One gzip file that arrives in pieces."""

    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(zlib.MAX_WBITS | 16)

    def pieces(self, packed: bytes) -> Iterator[bytes]:
        """Yield what some packed bytes hold."""
        while packed:
            if self._zlib.eof:
                raise _damaged()
            try:
                yield self._zlib.decompress(packed, PIECE)
            except zlib.error:
                raise _damaged() from None
            packed = self._zlib.unconsumed_tail or self._zlib.unused_data

    def end(self) -> bytes:
        """Return what is left: a few bytes; raises HerokuRefused where the file goes on."""
        try:
            rest = self._zlib.flush()
        except zlib.error:
            raise _damaged() from None
        if not self._zlib.eof:
            raise _damaged()
        return rest


def _damaged() -> HerokuRefused:
    return HerokuRefused("the answer's compression is damaged")
