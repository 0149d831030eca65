"""An event loop that a name server can't hold up."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from threading import Thread
from typing import Any


class PromptLoop(asyncio.SelectorEventLoop):
    """Looks hosts up in threads that nobody waits for.

    A usual loop joins them when it closes, so that ctrl-C and a deadline would wait for a name server that is silent.
    """

    async def getaddrinfo(self, host: Any, port: Any, **how: Any) -> Any:
        """As asyncio's, but for the thread."""
        found: asyncio.Future[Any] = self.create_future()

        def look() -> None:
            try:
                answer, error = socket.getaddrinfo(host, port, **how), None
            except (OSError, UnicodeError) as failed:
                answer, error = [], failed
            with suppress(RuntimeError):  # the loop has been closed: nobody listens any more
                self.call_soon_threadsafe(_settle, found, answer, error)

        Thread(target=look, daemon=True).start()
        return await found


def _settle(found: asyncio.Future[Any], answer: Any, error: Exception | None) -> None:
    if found.done():
        return
    if error is None:
        found.set_result(answer)
    else:
        found.set_exception(error)
