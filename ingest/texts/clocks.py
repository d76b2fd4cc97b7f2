"""Dates, durations and moments as people write them in transcripts, in French and English."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

LONGEST_MS = 48 * 3_600_000  # nothing recorded lasts longer: a time beyond it is a mistake

MONTHS = {
    name: number
    for number, names in enumerate(
        [
            ("janvier", "january"),
            ("fevrier", "february"),
            ("mars", "march"),
            ("avril", "april"),
            ("mai", "may"),
            ("juin", "june"),
            ("juillet", "july"),
            ("aout", "august"),
            ("septembre", "september"),
            ("octobre", "october"),
            ("novembre", "november"),
            ("decembre", "december"),
        ],
        start=1,
    )
    for name in names
}
MONTH = f"({'|'.join(sorted(MONTHS))})"
DAY_FIRST = re.compile(rf"\b(\d{{1,2}})(?:er|st|nd|rd|th)? {MONTH} (\d{{4}})\b")
MONTH_FIRST = re.compile(rf"\b{MONTH} (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}})\b")
MONTH_ONLY = re.compile(rf"\b{MONTH} (\d{{4}})\b")
YEAR_FIRST = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
NUMBERS = re.compile(r"\b(\d{1,2})[/.](\d{1,2})[/.](\d{4})\b")  # the day first, as in French

HOURS = re.compile(
    r"\b(\d{1,3}) ?(?:heures?|hours?|hrs?|h)(?![a-z])"
    r"(?: ?(\d{1,2}) ?(?:minutes?|mins?|mn|m)?(?![a-z0-9]))?(?: ?(\d{1,2}) ?s)?"
)
MINUTES = re.compile(r"\b(\d{1,4}) ?(?:minutes?|mins?|mn|['’])(?![a-z])(?: ?(\d{1,2})\b)?")
COLONS = re.compile(r"\b(?:(\d{1,3}):)?(\d{1,3}):(\d{2})\b")

# « 47‘ 57 », « 12’ 58 », « 1:02:33 », « 32 min 50 »
_CLOCK = (
    r"(?:(?:(?P<h>\d{1,2})(?:\ ?[h:]\ ?))?(?P<m>\d{1,3})\ ?(?:[’'‘′:]|min)\ ?(?P<s>[0-5]?\d)"
    r"(?:[.,](?P<f>\d{1,3}))?\ ?(?:s|''|”|’’|″)?)"
)
ENDS_IN_CLOCK = re.compile(rf"(?:^|[\s\[(–—-]){_CLOCK}[\])]?\s*$", re.VERBOSE)
COLON_CLOCK = r"(?:(?P<h>\d{1,2}):)?(?P<m>\d{1,3}):(?P<s>[0-5]\d)(?:[.,](?P<f>\d{1,3}))?"
BEGINS_WITH_CLOCK = re.compile(rf"\s*(?P<o>[\[(]?){COLON_CLOCK}(?P<c>[\])]?)(?=\s|$)(?:\s*[-–—](?=\s))?\s*")


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """A date, and whether its day was written."""

    day: date
    exact: bool = True


def fold(text: str) -> str:
    """Write a text in lower case, without accents, with plain spaces, to compare it.

    >>> fold("Durée\\xa0 ÉMISSION’s")
    "duree emission's"
    """
    plain = unicodedata.normalize("NFD", text.replace("’", "'").casefold())
    return " ".join("".join(char for char in plain if not unicodedata.combining(char)).split())


def read_date(text: str) -> WrittenDate | None:
    """Find the first date in a text.

    >>> read_date("diffusée mardi 1er février 2024").day.isoformat()
    '2024-02-01'
    >>> read_date("02/07/2024").day.isoformat(), read_date("32 juillet 2024")
    ('2024-07-02', None)
    >>> read_date("novembre 2019")
    WrittenDate(day=datetime.date(2019, 11, 1), exact=False)
    """
    folded = fold(text[:1000])
    if found := DAY_FIRST.search(folded):
        return _date(int(found[3]), MONTHS[found[2]], int(found[1]))
    if found := MONTH_FIRST.search(folded):
        return _date(int(found[3]), MONTHS[found[1]], int(found[2]))
    if found := YEAR_FIRST.search(folded):
        return _date(int(found[1]), int(found[2]), int(found[3]))
    if found := NUMBERS.search(folded):
        return _date(int(found[3]), int(found[2]), int(found[1]))
    if (found := MONTH_ONLY.search(folded)) and not re.search(r"\d ?$", folded[: found.start()]):
        first = _date(int(found[2]), MONTHS[found[1]], 1)
        return first and WrittenDate(first.day, exact=False)
    return None


def _date(year: int, month: int, day: int) -> WrittenDate | None:
    try:
        return WrittenDate(date(year, month, day))
    except ValueError:
        return None


def read_duration(text: str) -> int | None:
    """Read how long something lasts, in milliseconds.

    >>> [read_duration(text) for text in ("1 h 30 min", "45 min 30", "1h30", "90 minutes", "1:30:00")]
    [5400000, 2730000, 5400000, 5400000, 5400000]
    >>> read_duration("longue")
    """
    folded = fold(text[:1000])
    if found := HOURS.search(folded):
        hours, minutes, seconds = found.groups()
    elif found := MINUTES.search(folded):
        hours, (minutes, seconds) = None, found.groups()
    elif found := COLONS.search(folded):
        hours, minutes, seconds = found.groups()
    else:
        return None
    return _ms(hours, minutes, seconds, None) or None


def split_heading(title: str) -> tuple[str, int | None]:
    """Take the time at a heading's end away.

    >>> split_heading("Deuxième partie 47‘ 57"), split_heading("12’ 58")
    (('Deuxième partie', 2877000), ('', 778000))
    >>> split_heading("Logiciel libre en 2020")
    ('Logiciel libre en 2020', None)
    """
    found = ENDS_IN_CLOCK.search(title, max(0, len(title) - 40))
    if not found or (at_ms := clock_ms(found)) is None:
        return title, None
    return title[: found.start()].strip(" \xa0-–—[("), at_ms


def clock_ms(found: re.Match[str]) -> int | None:
    """Read the hours, minutes, seconds and fraction that a pattern of this module found."""
    return _ms(found["h"], found["m"], found["s"], found["f"])


def _ms(hours: str | None, minutes: str | None, seconds: str | None, fraction: str | None) -> int | None:
    whole = (int(hours or 0) * 60 + int(minutes or 0)) * 60 + int(seconds or 0)
    ms = whole * 1000 + int((fraction or "0").ljust(3, "0"))
    return ms if ms <= LONGEST_MS else None
