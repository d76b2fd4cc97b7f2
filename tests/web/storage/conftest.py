"""A site whose audio lies on a real server of the S3 protocol."""

from tests.storage import bucket, line, server

__all__ = ["bucket", "line", "server"]
