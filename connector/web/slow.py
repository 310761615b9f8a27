"""Connections that are opened and say nothing, or their headers byte by byte, are closed."""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from connector.web.limits import DEADLINE


class Patient(H11Protocol):
    """uvicorn's HTTP/1.1, with a deadline by which the headers of a request are there."""

    seconds = DEADLINE
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """The first request is waited for."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Something came: perhaps a part of a further request."""
        if self._late is None and self._between_requests():
            self._wait()
        super().data_received(data)
        if not self._between_requests():
            self._forget()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is waited for any more."""
        self._forget()
        super().connection_lost(exc)

    def _between_requests(self) -> bool:
        return self.conn.their_state is h11.IDLE

    def _wait(self) -> None:
        self._late = self.loop.call_later(self.seconds, self._too_late)

    def _forget(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _too_late(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
