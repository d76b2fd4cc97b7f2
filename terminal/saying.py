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
from media.logs import set_log_level, write_log_lines
from media.settings import Settings

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


def set_up_logging(settings: Settings | None = None) -> None:
    """Log a line an event, as the settings ask; on a terminal, where bars are drawn, bugs only."""
    if not sys.stderr.isatty():
        write_log_lines(settings)
        return
    set_log_level(RichHandler(console=problems, show_path=False))
    logging.getLogger("dbos").setLevel(logging.CRITICAL)  # logs what we report ourselves
