"""What a terminal is told, in its language: results on standard output, problems on the other one."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.logging import RichHandler

from media.errors import EntenduError
from media.language import load_translations, terminal_language, translate

out = Console(highlight=False, soft_wrap=True, markup=False)
problems = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)


def say(msgid: str, **values: Any) -> str:
    """Say a sentence in the terminal's language."""
    sentence = load_translations(terminal_language()).gettext(msgid)
    return sentence % values if values else sentence


@contextmanager
def named_failures(*, leave: bool = True) -> Iterator[None]:
    """Turn what we understand into one sentence and exit status 1; a bug keeps its traceback."""
    try:
        yield
    except EntenduError as error:
        logging.getLogger("entendu").debug("%s", error, exc_info=True)
        problems.print(translate(error.message, terminal_language()), style="red")
        if leave:
            raise typer.Exit(1) from error


def set_up_logging() -> None:
    """Log a line an event to standard error; on a terminal, where bars are drawn, bugs only."""
    watched = sys.stderr.isatty()
    level = logging.ERROR if watched else logging.INFO
    handlers: list[logging.Handler] = [RichHandler(console=problems, show_path=False)] if watched else []
    log_format = "%(name)s: %(message)s" if watched else "%(asctime)s %(name)s: %(message)s"
    logging.basicConfig(level=level, format=log_format, handlers=handlers or None)
    for noisy in ("alembic", "faster_whisper", "httpx"):
        logging.getLogger(noisy).setLevel(max(level, logging.WARNING))
    queue = logging.getLogger("dbos")  # logs what we report ourselves
    queue.setLevel(logging.CRITICAL if watched else logging.WARNING)
