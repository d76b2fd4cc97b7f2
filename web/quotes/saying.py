"""How quotes are told: moments to the tenth of a second, lengths, what each text is, how times are known."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from babel.numbers import format_decimal

from media.errors import N_, Message
from media.quotes.values import Check, Fate, Piece, Standing
from media.transcript import Edition
from media.transcripts import Attribution
from web.clock import format_position

MS_PER_S = 1_000
EDITION_NAMES = {
    Edition.SPOKEN: N_("word for word"),
    Edition.PUBLISHED: N_("published text, smoothed"),
}
ATTRIBUTION_NAMES = {
    Attribution.NONE: N_("voice told apart automatically"),
    Attribution.HUMAN: N_("named by a person"),
    Attribution.IMPORTED: N_("voice named by the transcript"),
}
CHECK_NAMES = {
    Check.MACHINE: N_("Machine"),
    Check.READ: N_("Read"),
    Check.VALIDATED: N_("Validated"),
    Check.HEARD: N_("Verified by ear"),
}
FATES = {
    Fate.MOVED: N_("The words are the same; their place has changed since."),
    Fate.JOINED: N_("The words are the same; their turn was merged with another since."),
    Fate.CUT: N_("The words are the same; their turn was split since."),
    Fate.RENAMED: N_("These words have been given to another voice since."),
    Fate.RETRANSCRIBED: N_("The episode has been transcribed again since."),
    Fate.CORRECTED: N_("These words have been corrected since."),
    Fate.LOST: N_("These words can no longer be found in the transcript."),
    Fate.PARTLY_WITHDRAWN: N_("Some of these words were withdrawn at a person’s request."),
    Fate.UNPUBLISHED: N_("This episode is no longer published: its words are not shown."),
    Fate.WITHDRAWN: N_("These words were withdrawn at a person’s request."),
}
CHANGES = {
    Fate.SAME: N_("the words were put back as they are quoted"),
    Fate.MOVED: N_("the words were moved"),
    Fate.JOINED: N_("the turn was merged with another"),
    Fate.CUT: N_("the turn was split"),
    Fate.RENAMED: N_("the words were given to another voice"),
    Fate.RETRANSCRIBED: N_("the episode was transcribed again"),
    Fate.CORRECTED: N_("the words were corrected"),
    Fate.LOST: N_("the words were lost"),
    Fate.PARTLY_WITHDRAWN: N_("some words were withdrawn"),
    Fate.UNPUBLISHED: N_("the episode was unpublished"),
    Fate.WITHDRAWN: N_("the words were withdrawn"),
}
WITHDRAWALS = {Fate.WITHDRAWN, Fate.PARTLY_WITHDRAWN}


@dataclass(frozen=True, slots=True)
class ToldChange:
    """One thing that was done to what is quoted, as its page says it."""

    said: Message
    made_at: datetime
    author: str  # empty: the machine's, or nobody's name
    reason: str | None


def tell_fates(standing: Standing) -> list[Message]:
    """Say all that became of a quote, the gravest first; nothing where it is the same."""
    return [Message(FATES[fate]) for fate in standing.fates if fate in FATES]


def tell_changes(standing: Standing) -> list[ToldChange]:
    """Tell what was done to what is quoted, oldest first."""
    told = [
        ToldChange(Message(CHANGES[change.fate]), change.made_at, change.author, change.reason)
        for change in standing.changes
    ]
    withdrawn = next((fate for fate in standing.fates if fate in WITHDRAWALS), None)
    if withdrawn is not None and standing.withdrawn_at is not None:
        told.append(ToldChange(Message(CHANGES[withdrawn]), standing.withdrawn_at, "", None))
    return sorted(told, key=lambda change: change.made_at)


def list_speakers(pieces: Iterable[Piece]) -> list[Piece]:
    """List one piece of each voice that speaks, in order."""
    heard: dict[object, Piece] = {}
    for piece in pieces:
        heard.setdefault((piece.speaker, piece.voice), piece)
    return list(heard.values())


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
