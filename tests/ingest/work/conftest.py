"""Storage far away, for the steps that keep and read audio."""

from tests.storage import bucket, line, server

__all__ = ["bucket", "line", "server"]
