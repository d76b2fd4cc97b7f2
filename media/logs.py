"""Log lines: what each belongs to, how it is written, and what is never in it.

Whoever takes up a request or an episode says so once, by `belonging`, and every line written
meanwhile in that thread (and in those started for it) carries it: one search gives the whole
story of one request, or of one episode on every machine. A line is one line whatever it quotes,
so that no title or address forges another; passwords and keys are masked in what errors quote.
"""

import json
import logging
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from textwrap import indent
from types import MappingProxyType

from media.settings import Settings

_BELONGING: ContextVar[Mapping[str, str | int]] = ContextVar("belonging", default=MappingProxyType({}))
# Libraries that log each address they ask, or what we report ourselves.
NOISY = ("alembic", "faster_whisper", "httpx", "dbos")
HANDLER = "entendu"
MASK = "…"
SECRETS = re.compile(
    r"(?P<before>://[^/\s:@]*:)[^/\s@]+(?=@)"  # passwords in addresses
    r"|(?P<name>(?i:password|passwd|token|secret|signature|api_?key|authorization)[\"']?\s*[=:]\s*[\"']?)"
    r"(?:(?i:basic|bearer)\s+)?[^\s&\"',;)]+"
    r"|(?P<path>/(?:invitation|proposal)/)[\w-]+"  # what opens a page by being known
)
CONTROLS = {code: repr(chr(code))[1:-1] for code in (*range(32), 127, 0x85, 0x2028, 0x2029)}


@contextmanager
def belonging(**of: str | int) -> Iterator[None]:
    """Have every line that is logged meanwhile say what it belongs to: `request="4f…"`, `episode=12`."""
    before = _BELONGING.set({**_BELONGING.get(), **of})
    try:
        yield
    finally:
        _BELONGING.reset(before)


def belong(**of: str | int) -> None:
    """Have every line of this task, to its end, say what it belongs to."""
    _BELONGING.set({**_BELONGING.get(), **of})


def mask_secrets(text: str) -> str:
    """Take out of a text what would open a door.

    >>> mask_secrets("smtps://radio:hunter2@mail.example refused token=abc123")
    'smtps://radio:…@mail.example refused token=…'
    """
    return SECRETS.sub(lambda found: (found["before"] or found["name"] or found["path"]) + MASK, text)


class TextLines(logging.Formatter):
    """A line for people: when, who, what, then what it belongs to; a traceback follows, indented."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 -- logging's own name
        """Write the first line."""
        line = super().formatMessage(record).translate(CONTROLS)
        of = " ".join(f"{name}={value}" for name, value in _belongs_to(record).items())
        return mask_secrets(f"{line} [{of}]" if of else line)

    def formatException(self, ei: object) -> str:  # noqa: N802 -- logging's own name
        """Write a traceback so that no line of it can pass for a line of the log."""
        return indent(mask_secrets(super().formatException(ei)), "    ")  # type: ignore[arg-type]


class JsonLines(logging.Formatter):
    """A line for programs: one JSON document."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record as a document; `error` is its traceback, where there is one."""
        said = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": mask_secrets(record.getMessage()),
            **_belongs_to(record),
        }
        if record.exc_info:
            said["error"] = mask_secrets(self.formatException(record.exc_info))
        return json.dumps(said, ensure_ascii=False)


class _Belonging(logging.Filter):
    """Puts on each record what it belongs to, in the thread that made it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.belonging = _BELONGING.get()
        return True


def write_log_lines(settings: Settings | None = None) -> None:
    """Write this process's log to standard error, as the settings ask; on a terminal, failures only."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if settings and settings.log_format == "json" else TextLines())
    handler.addFilter(_Belonging())
    set_log_level(handler)


def set_log_level(handler: logging.Handler) -> None:
    """Log by this handler alone: failures on a terminal, where somebody watches, else a line an event."""
    level = logging.ERROR if sys.stderr.isatty() else logging.INFO
    root = logging.getLogger()
    for before in [held for held in root.handlers if held.name == HANDLER]:
        root.removeHandler(before)
    handler.set_name(HANDLER)
    root.addHandler(handler)
    root.setLevel(level)
    for name in NOISY:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def _belongs_to(record: logging.LogRecord) -> Mapping[str, str | int]:
    of: Mapping[str, str | int] = getattr(record, "belonging", {})
    return of
