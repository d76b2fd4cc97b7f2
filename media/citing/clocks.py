"""Write moments and days as each way of citing has them."""

from datetime import date

from babel.dates import format_date

NO_BREAK = "\N{NO-BREAK SPACE}"


def padded_clock(ms: int) -> str:
    """Write a moment with its hours.

    >>> padded_clock(1_752_400)
    '00:29:12'
    """
    minutes, seconds = divmod(ms // 1000, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"


def spoken_clock(ms: int) -> str:
    """Write a moment in units, which French and English share.

    >>> spoken_clock(1_752_400).replace(NO_BREAK, "_"), spoken_clock(3_600_000).replace(NO_BREAK, "_")
    ('29_min_12_s', '1_h_0_min_0_s')
    """
    seconds = ms // 1000
    units = [(seconds // 3600, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s")]
    while len(units) > 1 and not units[0][0]:
        units = units[1:]
    return NO_BREAK.join(f"{count}{NO_BREAK}{unit}" for count, unit in units)


def say_day(day: date, language: str) -> str:
    """Write a day in words.

    >>> say_day(date(2024, 7, 2), "fr"), say_day(date(2024, 7, 2), "en")
    ('2 juillet 2024', 'July 2, 2024')
    """
    return format_date(day, "long", locale=language)


def say_day_first(day: date) -> str:
    """Write a day in English, the day first, as encyclopaedias do.

    >>> say_day_first(date(2024, 7, 2))
    '2 July 2024'
    """
    return format_date(day, "d MMMM y", locale="en")
