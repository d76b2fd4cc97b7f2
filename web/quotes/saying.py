"""How quotes are told: moments to the tenth of a second, lengths, what each text is, how times are known."""

from babel.numbers import format_decimal

from media.errors import N_
from media.transcript import Edition
from web.clock import format_position

MS_PER_S = 1_000
EDITION_NAMES = {
    Edition.SPOKEN: N_("word for word"),
    Edition.PUBLISHED: N_("published text, smoothed"),
}


def say_moment(ms: int | None, language: str) -> str:
    """Write a place in the audio to the tenth of a second, cut and not rounded, as clocks do.

    >>> say_moment(754_380, "fr"), say_moment(754_380, "en"), say_moment(None, "fr")
    ('12:34,3', '12:34.3', '')
    """
    if ms is None:
        return ""
    point = "," if language == "fr" else "."
    return f"{format_position(ms)}{point}{ms % MS_PER_S // 100}"


def say_length(ms: int | None, language: str) -> str:
    """Write a length in seconds, with a tenth.

    >>> say_length(5_320, "fr"), say_length(None, "fr")
    ('5,3', '')
    """
    return "" if ms is None else format_decimal(ms / MS_PER_S, format="0.0", locale=language)
