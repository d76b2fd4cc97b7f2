"""Read the values that people write into feeds: dates, durations, numbers, yes and no, addresses.

Each function takes whatever a feed holds and returns a value in a sane range, or None: unknown is
never 0, -1 or the year -1 (which "0000-00-00" once gave). Dates as RFC 5322 and RFC 3339 write them
and as feeds misspell them, in English or French. feedparser's own readings are not used: it takes
1719927000 for a day of 2017, and summer time for UTC.
"""

import html
import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import urljoin, urlsplit

import nh3

from ingest.network.addresses import MAX_ADDRESS_LETTERS, SCHEMES

MAX_TITLE_LETTERS = 500
MAX_GUID_LETTERS = 2_000
MAX_RAW_LETTERS = 20_000  # of what is cut to MAX_TITLE_LETTERS once its tags are gone
MAX_DURATION_MS = 7 * 24 * 3_600_000
FIRST_YEAR, LAST_YEAR = 1920, 2100  # radio has archives; feeds have typing errors
UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # what programs write for "no date"

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan janv january janvier",
            "feb fev fevr february fevrier",
            "mar mars march",
            "apr avr april avril",
            "may mai",
            "jun juin june",
            "jul juil july juillet",
            "aug aout august",
            "sep sept september septembre",
            "oct october octobre",
            "nov november novembre",
            "dec december decembre",
        ),
        start=1,
    )
    for name in names.split()
}
_ZONE_HOURS = {"WET": 0, "CET": 1, "MET": 1, "BST": 1, "WEST": 1, "CEST": 2, "MEST": 2, "EET": 2, "EEST": 3}
_ZONE_HOURS |= {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
_TIME = r"(?:[T ,à]+(?P<hour>\d{1,2})[:h](?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?)?"
_ZONE = r"(?: ?(?P<zone>[+-]\d{2}:?\d{2}|[A-Za-z]{1,5}))?(?: ?\([^)]{0,40}\))?"
_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})" + _TIME + _ZONE, re.ASCII)
_WRITTEN = re.compile(
    r"(?:[a-z]{2,10}\.?,? )?(?P<day>\d{1,2})(?:er|st|nd|rd|th)?[ -](?P<month>[a-z]{3,10})\.?[ ,-]+"
    r"(?P<year>\d{4}|\d{2})" + _TIME.replace("T", "t") + _ZONE,
    re.ASCII | re.IGNORECASE,
)
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,4}):(\d{1,2})(?:[.,]\d{1,9})?", re.ASCII)
_SECONDS = re.compile(r"\d{1,9}(?:[.,]\d{1,9})?", re.ASCII)
_SPELT = re.compile(
    r"(?:pt?)?(?:(?P<h>\d{1,3}) ?(?:h|hr|hrs|heures?|hours?)\.? ?)?"
    r"(?:(?P<m>\d{1,4}) ?(?:m|mn|min|mins|minutes?|['’′])?\.? ?)?"
    r"(?:(?P<s>\d{1,6})(?:[.,]\d{1,9})? ?(?:s|sec|secs|secondes?|seconds?|[\"″])\.?)?",
    re.ASCII | re.IGNORECASE,
)
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # controls, less tab and line ends
    "\ud800-\udfff\ue000-\uf8ff\ufffe\uffff"  # halves, private use, none
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"  # direction, byte order
)
_TAG = re.compile(r"</?[A-Za-z!][^<>]{0,2000}>")


def read_date(text: str | None) -> datetime | None:
    """Read a date as aware UTC, or None where there is none in a sane range.

    >>> read_date("Tue, 02 Jul 2024 15:30:00 +0200")
    datetime.datetime(2024, 7, 2, 13, 30, tzinfo=datetime.timezone.utc)
    >>> read_date("2024-07-02T15:30:00.123Z") == read_date("mardi 2 juillet 2024 15h30")
    True
    >>> read_date("2 Jul 24 15:30 CEST").hour, read_date("2024-07-02").day
    (13, 2)
    >>> [read_date(text) for text in ("0000-00-00", "hier", "1719927000", "32 Jul 2024", None)]
    [None, None, None, None, None]
    """
    plain = " ".join(_fold(text or "")[:100].split())
    match = _ISO.fullmatch(plain) or _WRITTEN.fullmatch(plain)
    if match is None:
        return None
    month = match["month"].lower()
    try:
        moment = datetime(
            _full_year(match["year"]),
            int(month) if month.isdigit() else _MONTHS[month],
            int(match["day"]),
            int(match["hour"] or 0),
            int(match["minute"] or 0),
            min(int(match["second"] or 0), 59),  # a leap second is not worth an error
            tzinfo=_read_zone(match["zone"]),
        ).astimezone(UTC)
    except (ValueError, KeyError, OverflowError):
        return None
    return moment if FIRST_YEAR <= moment.year <= LAST_YEAR and moment != UNIX_EPOCH else None


def read_duration(text: str | None) -> int | None:
    """Read a duration as milliseconds; None where there is none, or more than a week.

    >>> [read_duration(text) for text in ("1:30:00", "90:00", "5400", "1 h 30", "1h30min", "PT1H30M")]
    [5400000, 5400000, 5400000, 5400000, 5400000, 5400000]
    >>> read_duration("90 min") == read_duration("5400.0") == read_duration("01:30:00.000")
    True
    >>> [read_duration(text) for text in ("0", "00:00", "-1", "1:75:00", "long", "9" * 40, None)]
    [None, None, None, None, None, None, None]
    """
    plain = " ".join((text or "")[:100].split())
    seconds = _read_seconds(plain)
    if seconds is None or not 0 < seconds * 1000 <= MAX_DURATION_MS:
        return None
    return seconds * 1000


def read_count(text: str | int | None, at_most: int = 1 << 53) -> int | None:
    """Read a number that counts or numbers something; None where it is not above zero.

    >>> read_count(" 12 "), read_count("0"), read_count("-3"), read_count("12 MB"), read_count("٣")
    (12, None, None, None, None)
    """
    plain = str(text if text is not None else "").strip()
    if not (plain.isascii() and plain.isdigit() and len(plain) < 18):
        return None
    return int(plain) if 0 < int(plain) <= at_most else None


def read_yes(text: str | None) -> bool | None:
    """Read yes or no, in the words of itunes:explicit and podcast:locked.

    >>> read_yes("Yes"), read_yes("true"), read_yes("clean"), read_yes("perhaps"), read_yes(None)
    (True, True, False, None, None)
    """
    word = (text or "").strip().lower()
    if word in ("yes", "true", "explicit", "1"):
        return True
    return False if word in ("no", "false", "clean", "notexplicit", "0") else None


def read_language(text: str | None) -> str | None:
    """Read a language as its first subtag, which is what recognisers know.

    >>> read_language("fr-FR"), read_language("FR_ca"), read_language("français"), read_language(None)
    ('fr', 'fr', None, None)
    """
    match = re.fullmatch(r"([a-z]{2,3})(?:[-_][a-z0-9]{1,8}){0,4}", (text or "").strip().lower(), re.ASCII)
    return match[1] if match else None


def read_address(text: str | None, base: str | None = None) -> str | None:
    """Read a web address, made absolute; None unless it is http or https. It is not yet safe to open.

    >>> read_address(" /e/1.mp3 ", "https://radio.test/rss"), read_address("javascript:alert(1)")
    ('https://radio.test/e/1.mp3', None)
    """
    plain = remove_controls(text or "").strip()
    try:
        absolute = urljoin(base or "", plain)
        parts = urlsplit(absolute)
    except ValueError:
        return None
    if not plain or len(absolute) > MAX_ADDRESS_LETTERS or parts.scheme.lower() not in SCHEMES:
        return None
    return absolute if parts.netloc else None


def read_title(text: str | None) -> str:
    """Read a line of plain text: no tags, entities, control or direction characters; cut if long.

    >>> read_title("L&amp;#8217;<b>eau</b> &amp;\\n l’air\\u202e"), read_title("3 < 4 <3"), read_title(None)
    ('L’eau & l’air', '3 < 4 <3', '')
    """
    raw = remove_controls((text or "")[:MAX_RAW_LETTERS])
    if _TAG.search(raw):
        raw = nh3.clean(raw, tags=set())
    for _ in range(2):  # many feeds escape twice
        raw = html.unescape(raw)
    plain = " ".join(remove_controls(raw).split())
    return plain if len(plain) <= MAX_TITLE_LETTERS else plain[: MAX_TITLE_LETTERS - 1].rstrip() + "…"


def read_guid(text: str | None) -> str | None:
    """Read an entry's identity: compared, never shown or opened.

    >>> read_guid("  https://radio.test/?p=12 "), read_guid(" ")
    ('https://radio.test/?p=12', None)
    """
    return remove_controls(text or "").strip()[:MAX_GUID_LETTERS] or None


def remove_controls(text: str) -> str:
    """Remove what no text needs and no database takes: controls, halves of characters, overrides.

    Line ends and tabs stay. Overrides of direction (U+202A–202E, U+2066–2069, U+200E–200F) can
    make a title read as another.
    """
    return _UNWANTED.sub("", text)


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _full_year(text: str) -> int:
    year = int(text)
    if len(text) == 4:
        return year
    return year + (1900 if year >= 70 else 2000)


def _read_zone(text: str | None) -> timezone:
    """Read a zone; one that is unknown or impossible counts as UTC, off by hours and not by years."""
    zone = (text or "").upper()
    if zone[:1] in ("+", "-"):
        hours, minutes = int(zone[1:3]), int(zone[-2:])
        offset = timedelta(hours=hours, minutes=minutes)
        if hours <= 14 and minutes < 60:
            return timezone(offset if zone[0] == "+" else -offset)
        return UTC
    return timezone(timedelta(hours=_ZONE_HOURS.get(zone, 0)))


def _read_seconds(text: str) -> int | None:
    if clock := _CLOCK.fullmatch(text):
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        valid = seconds < 60 and (clock[1] is None or minutes < 60)
        return hours * 3600 + minutes * 60 + seconds if valid else None
    if _SECONDS.fullmatch(text):
        return int(float(text.replace(",", ".")))
    spelt = _SPELT.fullmatch(text)
    if spelt is None or not any(spelt.groups()):
        return None
    hours, minutes, seconds = (int(spelt[unit] or 0) for unit in "hms")
    return hours * 3600 + minutes * 60 + seconds
