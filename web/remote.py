"""Audio that lies on another machine, sent by ranges as it comes: nobody waits for a whole file.

Ranges are Starlette's, as for files: only where the bytes come from is another matter. Whether the
storage answers is asked before anything is sent, so that a failure is a page and not half a file.
"""

import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.responses import FileResponse
from starlette.types import Receive, Scope, Send

from media.files import AudioFile
from media.store.values import AudioStore


class RemoteResponse(FileResponse):
    """A kept file that is not on this machine; StorageDownError or AudioMissingError before it begins."""

    def __init__(self, store: AudioStore, audio: AudioFile, headers: dict[str, str]) -> None:
        super().__init__(audio.sha256, headers=headers, media_type=audio.media_type)
        self._store = store
        self._audio = audio
        self._size = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file, or the part of it that was asked for."""
        self._size = await self._store.measure(self._audio.sha256, self._audio.suffix)
        self.stat_result = os.stat_result((stat.S_IFREG, 0, 0, 1, 0, 0, self._size, 0, 0, 0))
        self.set_stat_headers(self.stat_result)
        del self.headers["last-modified"]  # not known, and the tag says more
        await super().__call__(scope, receive, send)

    @asynccontextmanager
    async def _open_file(self) -> AsyncIterator[Any]:
        remote = _RemoteFile(self._store, self._audio, self._size)
        try:
            yield remote
        finally:
            await remote.close()


class _RemoteFile:
    """What Starlette asks of a file: to be read from a place on, a little at a time."""

    def __init__(self, store: AudioStore, audio: AudioFile, size: int) -> None:
        self._store, self._audio, self._size = store, audio, size
        self._at, self._held = 0, b""
        self._coming: Any = None

    async def seek(self, place: int) -> None:
        """Go on from this byte."""
        await self.close()
        self._at, self._held = place, b""

    async def read(self, length: int) -> bytes:
        """Read so many bytes, fewer at the end only."""
        if self._coming is None:
            self._coming = self._store.stream(self._audio.sha256, self._audio.suffix, self._at, self._size)
        while len(self._held) < length:
            more = await anext(self._coming, b"")
            if not more:
                break
            self._held += more
        given, self._held = self._held[:length], self._held[length:]
        return given

    async def close(self) -> None:
        """Ask for no more."""
        if self._coming is not None:
            await self._coming.aclose()
            self._coming = None
