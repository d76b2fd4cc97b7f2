"""One connection of the program's own server, closed when its client takes too long (FAULTS 55).

uvicorn waits for ever for the rest of a request, and counts every open connection against how many
it answers at once: a few thousand clients who send a letter a minute would keep all readers out. Here
a head has its time, a body its time and a little more for each kilobyte of it that came (as
Apache's mod_reqtimeout), and an answer that nobody takes ends. No address holds more than a few
of the places, but this machine's own, where a proxy speaks for everybody. A proxy stays the better
guard (docs/operators.md): this one is for those who have none, and for what gets past it.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

MAX_CONNECTIONS = 4_000  # of one process; most of them idle: browsers keep theirs open
MAX_FROM_ADDRESS = 200
OWN_ADDRESSES = ("127.0.0.1", "::1")


class PatientProtocol(H11Protocol):
    """uvicorn's connection, with an end to its patience."""

    head_s = 10.0
    body_s = 20.0
    body_bytes_a_second = 1024  # a body may take a second more for each so many
    taking_s = 60.0  # without a byte of an answer taken

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._awaiting = ""  # which part of a request is to come
        self._since = 0.0
        self._came = 0  # bytes of it
        self._ending: asyncio.TimerHandle | None = None
        self._taking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request, unless its address has enough connections."""
        super().connection_made(transport)
        if self._count_neighbours() > MAX_FROM_ADDRESS:
            transport.abort()
            return
        self._await("head")

    def data_received(self, data: bytes) -> None:
        """Take what came, and see what is still to come."""
        super().data_received(data)
        self._came += len(data)
        self._await(self._name_missing())

    def on_response_complete(self) -> None:
        """Let an idle connection be uvicorn's own to end."""
        super().on_response_complete()
        self._await("")

    def pause_writing(self) -> None:
        """Begin to wait for the client to take what was sent."""
        super().pause_writing()
        self._taking = self.loop.call_later(self.taking_s, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on sending."""
        super().resume_writing()
        _cancel(self._taking)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        _cancel(self._ending)
        _cancel(self._taking)
        super().connection_lost(exc)

    def _name_missing(self) -> str:
        if self.cycle is None or self.cycle.response_complete:
            return "head"  # or the rest of a body that was refused
        return "body" if self.cycle.more_body else ""

    def _await(self, part: str) -> None:
        if part == self._awaiting:
            return
        _cancel(self._ending)
        self._awaiting, self._since, self._came = part, self.loop.time(), 0
        if part:
            self._ending = self.loop.call_at(self._due(), self._end_or_wait)

    def _due(self) -> float:
        if self._awaiting == "head":
            return self._since + self.head_s
        return self._since + self.body_s + self._came / self.body_bytes_a_second

    def _end_or_wait(self) -> None:
        due = self._due()
        if due > self.loop.time():
            self._ending = self.loop.call_at(due, self._end_or_wait)
        else:
            self.transport.abort()

    def _count_neighbours(self) -> int:
        if self.client is None or self.client[0] in OWN_ADDRESSES:
            return 0
        held = [connection for connection in self.connections if isinstance(connection, PatientProtocol)]
        return sum(one.client is not None and one.client[0] == self.client[0] for one in held)


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
