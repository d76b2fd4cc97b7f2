"""Mail a link, where the operator named a mail server; nothing here needs one.

Called from the threads that answer requests. A server of another machine is spoken to over TLS
only. https://www.rfc-editor.org/rfc/rfc5321
"""

import logging
import re
import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from media.settings import Settings

log = logging.getLogger(__name__)

TIMEOUT_S = 15
ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\]{1,190}")
HERE = ("localhost", "127.0.0.1", "::1")
PORTS = {"smtps": 465, "smtp": 587}


def can_mail(settings: Settings) -> bool:
    """Tell whether the operator named a mail server and an address to send from."""
    return bool(settings.mail_url and settings.mail_from)


def is_address(text: str) -> bool:
    """Tell whether a text can be somebody's mail address.

    >>> is_address("zoe@radio.example"), is_address("zoe@a.example, luc@b.example"), is_address("zoe")
    (True, False, False)
    """
    return ADDRESS.fullmatch(text) is not None


def send_mail(settings: Settings, to: str, subject: str, text: str) -> bool:
    """Send a message; False, and the reason in the log, where the server does not take it."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings.mail_from, to, subject
    message.set_content(text)
    try:
        with _connect(settings.mail_url) as server:
            server.send_message(message)
    except (OSError, smtplib.SMTPException):
        log.exception("a message was not sent")  # to whom is nobody's business
        return False
    return True


def _connect(url: str) -> smtplib.SMTP:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    context = ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT_S)
        if host not in HERE:
            server.starttls(context=context)
    if parts.username:
        server.login(unquote(parts.username), unquote(parts.password or ""))
    return server
