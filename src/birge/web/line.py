"""The connection: HTTP/1.1 that waits neither for a head that comes byte by byte nor for a body that nobody wants."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["HEAD_S", "LINGER_S", "Line"]

HEAD_S = 10.0
"""How long the head of a request may take, from its first byte; a new connection has as long to begin."""
LINGER_S = 2.0
"""How long what is left of a refused body is read and dropped, so that its sender sees the answer; then we hang up."""
LATE = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
log = logging.getLogger("birge.web")


class Line(H11Protocol):
    """One connection of a reader."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._timer: asyncio.TimerHandle | None = None
        self._begun: Any = None
        self._spoke = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Give the first head its time."""
        super().connection_made(transport)
        self._timer = self.loop.call_later(HEAD_S, self._late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of the timer."""
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Give each next head its time; stop counting when it is whole."""
        self._spoke = True
        if self._timer is None and (self.cycle is None or self.cycle.response_complete):
            self._timer = self.loop.call_later(HEAD_S, self._late)
        super().data_received(data)
        if self.cycle is not self._begun:
            self._begun = self.cycle
            self._stop()

    def on_response_complete(self) -> None:
        """After an answer that did not wait for the whole body: linger, then hang up."""
        super().on_response_complete()
        if self._begun is not None and self._begun.more_body and not self.transport.is_closing():
            self._stop()
            self._timer = self.loop.call_later(LINGER_S, self.transport.close)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        self._timer = None
        if self.transport.is_closing():
            return
        if self._spoke:  # a browser may open a connection ahead and say nothing; that is no news
            log.warning("%s sent no whole head within %.0f s: closed", (self.client or ("?",))[0], HEAD_S)
            if self.cycle is None or self.cycle.response_complete:
                self.transport.write(LATE)
        self.transport.close()
