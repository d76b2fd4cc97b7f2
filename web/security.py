"""What guards every answer and every form: headers, body size, cookies, forged forms.

The policy of the browser: nothing from any other host, no inline script or style, no framing but
of the pages that are made to be embedded, which hold no form and know no visitor.
Forms carry a token bound to the visitor's session (or, before sign-in, to a random cookie), and
the browser's own word on where a request comes from (Origin, Sec-Fetch-Site) must agree. The
token is masked anew on every page, so that compression tells nothing of it (BREACH).
"""

import base64
import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.addresses import replace_nul
from web.errors import BodyTooLargeError, ForgedFormError
from web.site import Site

MAX_BODY_BYTES = 64 * 1024  # no form of ours is longer, but those of a turn's text
MAX_TEXT_BYTES = 1024 * 1024  # the longest turn as a form writes it, and more: given back, not lost
LONG_TEXTS = ("/correct/", "/review/", "/propose/")  # addresses of those forms
MAX_UPLOAD_BYTES = 64 * 1024 * 1024  # of documents, several at once
UPLOADS = "/import"  # address of that form
COOKIE_SECONDS = 30 * 24 * 3_600
TOKEN_BYTES = 32

CONTENT_POLICY = "; ".join(
    [
        "default-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    ]
)
FRAMED_ANYWHERE = "frame-ancestors *"  # of the pages of web/quotes/embed.py alone
HEADERS = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # "no-referrer" would make Origin "null" on our own forms
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "private, no-cache",  # but where an answer is the same for everybody, and says so
}


class SecurityHeaders:
    """Middleware: put the headers on every answer, and refuse a body larger than any form."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer through the application, guarded."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                add_headers(MutableHeaders(scope=message))
            await send(message)

        replace_nul(scope)
        await self.app(scope, _count_body(scope, receive), send_guarded)


def add_headers(headers: MutableHeaders) -> None:
    """Put the guarding headers on an answer; what it set itself stays.

    An answer whose own policy lets anybody frame it has no older header that says otherwise.
    """
    for name, value in HEADERS.items():
        if name != "x-frame-options" or FRAMED_ANYWHERE not in headers.get("content-security-policy", ""):
            headers.setdefault(name, value)


def check_origin(request: Request, site: Site) -> None:
    """Refuse a request that changes something and that another site made a browser send."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise ForgedFormError(f"sec-fetch-site {request.headers['sec-fetch-site']!r}")
    origin = request.headers.get("origin")
    if (
        origin is not None
        and origin != site.origin
        and urlsplit(origin).netloc != request.headers.get("host")
    ):
        raise ForgedFormError(f"origin {origin!r}")


def make_form_token(secret: str) -> str:
    """Make the token of a form for the visitor who holds this cookie; never the same twice."""
    pad = secrets.token_bytes(TOKEN_BYTES)
    return base64.urlsafe_b64encode(pad + _xor(pad, _form_key(secret))).decode()


def check_form_token(secret: str | None, token: str) -> None:
    """Raise ForgedFormError unless this token was made for the holder of this cookie."""
    try:
        sent = base64.urlsafe_b64decode(token.encode())
    except ValueError as error:
        raise ForgedFormError("a form token that is not base64") from error
    pad, masked = sent[:TOKEN_BYTES], sent[TOKEN_BYTES:]
    if secret is None or len(masked) != TOKEN_BYTES:
        raise ForgedFormError("a form without cookie or token")
    if not hmac.compare_digest(_xor(pad, masked), _form_key(secret)):
        raise ForgedFormError("a form token of another visitor")


def cookie_name(site: Site, name: str) -> str:
    """Name a cookie; over TLS, so that no other host or plain page can have set it."""
    return f"__Host-{name}" if site.is_https else name


def _form_key(secret: str) -> bytes:
    return hashlib.sha256(b"form:" + secret.encode()).digest()


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def _count_body(scope: Scope, receive: Receive) -> Receive:
    declared = Headers(scope=scope).get("content-length", "0")
    most = MAX_TEXT_BYTES if scope["path"].startswith(LONG_TEXTS) else MAX_BODY_BYTES
    most = MAX_UPLOAD_BYTES if scope["path"] == UPLOADS else most
    received = 0

    async def receive_counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > most or (declared.isdecimal() and int(declared[:12]) > most):
            raise BodyTooLargeError(f"a body of {declared} bytes declared, {received} received")
        return message

    return receive_counted
