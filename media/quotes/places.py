"""Read places in an episode as people write them: times, and words by turn.

>>> parse_time("29:12"), parse_time("0:29:12.5"), parse_time("1752.5")
(1752000, 1752500, 1752500)
>>> str(parse_span("12.3-14.0"))
'12.3-14.0'
"""

import re

from media.quotes.errors import RangeUnreadError
from media.quotes.values import Place, Span

CLOCK = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,6})(?:[.,](\d{1,3}))?", re.ASCII)
SPAN = re.compile(r"(\d{1,9})\.(\d{1,5})-(\d{1,9})\.(\d{1,5})", re.ASCII)
MAX_SHOWN = 60  # characters of what could not be read


def parse_time(text: str) -> int:
    """Read a time in seconds, minutes or hours as milliseconds; RangeUnreadError for anything else."""
    found = CLOCK.fullmatch(text.strip())
    if found is None:
        raise _unread(text)
    hours, minutes, seconds, fraction = found.groups()
    if (minutes and len(seconds) != 2) or (hours and len(minutes) != 2):
        raise _unread(text)
    total_s = (int(hours or 0) * 60 + int(minutes or 0)) * 60 + int(seconds)
    return total_s * 1000 + int((fraction or "").ljust(3, "0"))


def parse_span(text: str) -> Span:
    """Read `turn.word-turn.word`; RangeUnreadError for anything else."""
    found = SPAN.fullmatch(text.strip())
    if found is None:
        raise _unread(text)
    turn, word, last_turn, last_word = map(int, found.groups())
    return Span(Place(turn, word), Place(last_turn, last_word))


def _unread(text: str) -> RangeUnreadError:
    return RangeUnreadError(f"{text!r} is no place", text=text[:MAX_SHOWN])
