"""Answers that programs ask for again and again: sent once, then only said to be unchanged."""

from collections.abc import Mapping
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response


def send_kept(
    request: Request, content: bytes, media_type: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Send a content under a tag made of it; 304 where the asker holds it (RFC 9110, 13.1.2)."""
    tag = f'"{sha256(content).hexdigest()[:32]}"'
    kept = {"etag": tag, "cache-control": "public, no-cache", **(headers or {})}
    held = request.headers.get("if-none-match", "")
    if held.strip() == "*" or tag in [known.strip().removeprefix("W/") for known in held.split(",")]:
        return Response(status_code=304, headers=kept)
    return Response(content, media_type=media_type, headers=kept)
