"""An event loop that a slow name server can't hold up."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from threading import Thread
from typing import Any


class PromptLoop(asyncio.SelectorEventLoop):
    """An event loop that looks hosts up in threads that nothing waits for.

    A usual loop joins them when it closes, so that ctrl-C and a deadline would wait for a name server that is silent.
    """

    async def getaddrinfo(self, host: Any, port: Any, **options: Any) -> Any:
        """Look a host up as asyncio does, but in a thread of its own."""
        future: asyncio.Future[Any] = self.create_future()

        def look_up() -> None:
            try:
                answer, error = socket.getaddrinfo(host, port, **options), None
            except (OSError, UnicodeError) as failed:
                answer, error = [], failed
            with suppress(RuntimeError):  # the loop is closed: nothing waits for the result
                self.call_soon_threadsafe(_settle, future, answer, error)

        Thread(target=look_up, daemon=True).start()
        return await future


def _settle(future: asyncio.Future[Any], answer: Any, error: Exception | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(answer)
    else:
        future.set_exception(error)
