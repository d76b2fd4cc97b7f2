"""A place for audio on a real server."""

from tests.storage import bucket, line, server, store

__all__ = ["bucket", "line", "server", "store"]
