"""Times, dates and sizes as a reader's language writes them.

Pure functions: milliseconds or aware dates in, short texts out. Positions in the audio are
written as on a clock (12:34, 1:02:03), which is also what is read aloud best.
"""

from datetime import date, datetime

from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_decimal, format_percent

MS_PER_S = 1_000
S_PER_MINUTE = 60
S_PER_HOUR = 3_600


def format_position(ms: int | None) -> str:
    """Write a place in the audio as on a clock.

    >>> format_position(754_300), format_position(3_723_000), format_position(None)
    ('12:34', '1:02:03', '')
    """
    if ms is None:
        return ""
    hours, rest = divmod(ms // MS_PER_S, S_PER_HOUR)
    minutes, seconds = divmod(rest, S_PER_MINUTE)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def format_fragment(ms: int | None, end_ms: int | None = None) -> str:
    """Write a place, or a stretch, as a Media Fragment: seconds with three decimals.

    >>> format_fragment(754_300), format_fragment(754_300, 760_050)
    ('t=754.300', 't=754.300,760.050')
    """
    if ms is None:
        return ""
    start = f"t={ms // MS_PER_S}.{ms % MS_PER_S:03d}"
    return start if end_ms is None else f"{start},{end_ms // MS_PER_S}.{end_ms % MS_PER_S:03d}"


def format_iso_duration(ms: int) -> str:
    """Write a duration for `<time datetime>`.

    >>> format_iso_duration(754_300)
    'PT12M34S'
    """
    minutes, seconds = divmod(ms // MS_PER_S, S_PER_MINUTE)
    return f"PT{minutes}M{seconds}S"


def format_day(moment: date | None, language: str) -> str:
    """Write a date in full.

    >>> from datetime import UTC
    >>> format_day(datetime(2024, 7, 2, tzinfo=UTC), "fr")
    '2 juillet 2024'
    """
    return "" if moment is None else format_date(moment, format="long", locale=language)


def format_moment(moment: datetime, now: datetime, language: str) -> str:
    """Write a recent moment: the hour alone today, the day and hour otherwise (UTC).

    >>> from datetime import UTC
    >>> format_moment(datetime(2024, 7, 2, 9, 5, tzinfo=UTC), datetime(2024, 7, 2, 12, tzinfo=UTC), "fr")
    '09:05'
    """
    if moment.date() == now.date():
        return format_time(moment, format="short", locale=language)
    return format_datetime(moment, format="medium", locale=language)


def format_count(number: int, language: str) -> str:
    """Write a whole number with its separators."""
    return format_decimal(number, locale=language)


def format_share(part: float, language: str) -> str:
    """Write a part of one as a percentage.

    >>> format_share(0.42, "en")
    '42%'
    """
    return format_percent(part, locale=language)
