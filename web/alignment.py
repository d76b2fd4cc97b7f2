"""How a published text was laid on its sound, as the episode's page tells it to those who are signed in.

What is told is kept (`media.texts.alignment`): how much was heard, what does not meet, whose voice
is whose and why. A name that is withdrawn is told nowhere.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from media.errors import N_, Message
from media.texts.alignment import AlignmentReport, GapKind, VoiceVerdict, read_alignment
from media.transcript import Edition
from media.transcripts import Voice, list_turns, list_voices

GAP_NAMES = {
    GapKind.SPEECH: N_("people speak, and the text says nothing"),
    GapKind.TEXT: N_("the text goes on, and nobody was heard to say it"),
    GapKind.UNRECOGNISED: N_("the machine understood nothing here: the times are estimates"),
}
VERDICT_NAMES = {
    VoiceVerdict.NAMED: N_("one and the same"),
    VoiceVerdict.KEPT: N_("somebody named this voice otherwise: it keeps that name"),
    VoiceVerdict.UNSURE: N_("too little to tell"),
}
UNSURE = 0.5  # of a paragraph's characters, below which it is pointed out
MOST_POINTED_OUT = 12
SHIFT_TOLD_MS = 1_000


@dataclass(frozen=True, slots=True)
class ShownGap:
    """A stretch where text and sound do not meet."""

    start_ms: int
    end_ms: int
    name: Message


@dataclass(frozen=True, slots=True)
class ShownVoice:
    """A name of the text beside a voice that was heard."""

    named: Voice
    heard: Voice
    shared_ms: int
    heard_ms: int
    name: Message


@dataclass(frozen=True, slots=True)
class ShownParagraph:
    """A paragraph whose place is unsure."""

    start_ms: int
    confidence: float
    opening: str


@dataclass(frozen=True, slots=True)
class ShownAlignment:
    """What the page tells."""

    report: AlignmentReport
    gaps: tuple[ShownGap, ...]
    voices: tuple[ShownVoice, ...]
    paragraphs: tuple[ShownParagraph, ...]
    shift_ms: int | None  # where it is worth telling


def describe_alignment(connection: Connection, episode_id: int) -> ShownAlignment | None:
    """Tell how an episode's published text was laid on its sound; None: it was not."""
    report = read_alignment(connection, episode_id)
    if report is None:
        return None
    shift = report.clock_shift_ms
    return ShownAlignment(
        report,
        tuple(ShownGap(gap.start_ms, gap.end_ms, Message(GAP_NAMES[gap.kind])) for gap in report.gaps),
        tuple(_pair_voices(report, list_voices(connection, episode_id))),
        tuple(_find_unsure(connection, episode_id, report)),
        shift if shift is not None and abs(shift) >= SHIFT_TOLD_MS else None,
    )


def _pair_voices(report: AlignmentReport, voices: Iterable[Voice]) -> Iterator[ShownVoice]:
    known = {voice.id: voice for voice in voices}
    for each in report.voices:
        named, heard = known.get(each.text_voice), known.get(each.heard_voice)
        if named is not None and heard is not None:
            name = Message(VERDICT_NAMES[each.verdict])
            yield ShownVoice(named, heard, each.shared_ms, each.heard_ms, name)


def _find_unsure(
    connection: Connection, episode_id: int, report: AlignmentReport
) -> Sequence[ShownParagraph]:
    """Find the paragraphs whose place is least sure, in order of time."""
    confidences = report.confidences or {}
    found = []
    for held in list_turns(connection, episode_id, Edition.PUBLISHED):
        words = held.turn.words
        firsts = [0, *(at for at, word in enumerate(words) if at and word.paragraph)]
        for first, confidence in zip(firsts, confidences.get(held.id, ()), strict=False):
            word = words[first] if words else None
            if word is not None and word.start_ms is not None and confidence < UNSURE:
                opening = " ".join(each.text for each in words[first : first + 6])
                found.append(ShownParagraph(word.start_ms, confidence, opening))
    least = sorted(found, key=lambda paragraph: paragraph.confidence)[:MOST_POINTED_OUT]
    return sorted(least, key=lambda paragraph: paragraph.start_ms)
