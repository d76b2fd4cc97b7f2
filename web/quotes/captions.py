"""The words that are heard in a clip, when they are spoken: as WebVTT, and for the pictures of a film.

They are those of the text that is word for word, as it stands today, not those of the quote: a
quotation may be of a smoothed text, and may leave words out that are heard. Only where nothing
word for word is kept are they the published ones, and then that is said.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from sqlalchemy import Connection, select

from ingest.sound.clips import Bounds
from ingest.sound.films import Caption, SpokenWord
from media import schema
from media.transcript import Edition, TurnKind, Word
from media.transcripts import StoredTurn, get_turns
from media.writing.clocks import full_clock
from media.writing.cues import Cue, cut_cues
from media.writing.script import Labels, clean

ROUNDING_MS = 1


@dataclass(frozen=True, slots=True)
class Heard:
    """What is said in a clip, on the clip's own clock, and in which of the two texts it is written."""

    edition: Edition
    turns: tuple[StoredTurn, ...]


def read_heard(
    connection: Connection,
    episode_id: int,
    bounds: Bounds,
    editions: Sequence[Edition] = (Edition.SPOKEN, Edition.PUBLISHED),
) -> Heard:
    """Read what is said between two bounds, without what was withdrawn, in the first text that says it."""
    for edition in editions:
        turn = schema.turn.c
        here = (turn.episode_id == episode_id) & (turn.edition == edition)
        query = select(turn.id).where(here, turn.start_ms < bounds.end_ms, turn.end_ms > bounds.start_ms)
        ids = connection.execute(query.order_by(turn.position)).scalars().all()
        if ids:
            held = get_turns(connection, ids)
            return Heard(edition, tuple(_cut_turns((held[turn_id] for turn_id in ids), bounds)))
    return Heard(Edition.SPOKEN, ())


def cut_captions(heard: Heard, labels: Labels) -> list[Caption]:
    """Cut what is said into captions, each word with its time; none overlaps the next."""
    captions = [caption for turn in heard.turns for caption in _caption_turn(turn, labels)]
    captions.sort(key=lambda caption: caption.start_ms)
    ends = [*(after.start_ms for after in captions[1:]), captions[-1].end_ms if captions else 0]
    return [
        replace(caption, end_ms=max(caption.start_ms + 1, min(caption.end_ms, end)))
        for caption, end in zip(captions, ends, strict=True)
    ]


def render_captions(captions: Iterable[Caption], notes: Iterable[str]) -> str:
    """Write WebVTT: a cue a caption, a time before each word after its first."""
    lines = [note.replace("-->", "→") for note in map(clean, notes) if note]
    blocks = ["WEBVTT", "NOTE\n" + "\n".join(lines)]
    for caption in captions:
        times = f"{full_clock(caption.start_ms)} --> {full_clock(caption.end_ms)}"
        speaker = f"<v {_escape(caption.speaker)}>" if caption.speaker else ""
        blocks.append(f"{times}\n{speaker}{_write_words(caption)}")
    return "\n\n".join(blocks) + "\n"


def _cut_turns(turns: Iterable[StoredTurn], bounds: Bounds) -> Iterable[StoredTurn]:
    for held in turns:
        words = tuple(_cut_words(held.turn.words, bounds))
        if held.turn.kind is TurnKind.SPEECH and not words:
            continue
        start_ms = max((held.turn.start_ms or 0) - bounds.start_ms, 0)
        end_ms = min((held.turn.end_ms or 0) - bounds.start_ms, bounds.length_ms)
        yield replace(held, turn=replace(held.turn, words=words, start_ms=start_ms, end_ms=end_ms, doubts=()))


def _cut_words(words: Iterable[Word], bounds: Bounds) -> Iterable[Word]:
    """Keep the words that are heard whole, or for the most part, on the clip's own clock."""
    for word in words:
        if word.start_ms is None or word.end_ms is None:
            continue
        if bounds.start_ms - ROUNDING_MS <= (word.start_ms + word.end_ms) / 2 <= bounds.end_ms + ROUNDING_MS:
            start_ms = max(word.start_ms - bounds.start_ms, 0)
            end_ms = max(min(word.end_ms - bounds.start_ms, bounds.length_ms), start_ms)
            yield replace(word, start_ms=start_ms, end_ms=end_ms)


def _caption_turn(turn: StoredTurn, labels: Labels) -> Iterable[Caption]:
    """Caption a turn: its words keep their own times, in the cues that subtitles would have."""
    words = iter([SpokenWord(clean(w.text), w.start_ms or 0) for w in turn.turn.words if clean(w.text)])
    for cue in cut_cues([turn], labels):
        yield Caption(cue.start_ms, cue.end_ms, cue.speaker, tuple(_take_words(cue, turn, words)))


def _take_words(cue: Cue, turn: StoredTurn, words: Iterable[SpokenWord]) -> Sequence[SpokenWord]:
    if turn.turn.kind is not TurnKind.SPEECH:
        return [SpokenWord(text, cue.start_ms) for text in cue.text.split(" ")]
    own = islice(words, len(cue.text.split(" ")))
    return [replace(word, start_ms=max(word.start_ms, cue.start_ms)) for word in own]


def _write_words(caption: Caption) -> str:
    written, at_ms = "", caption.start_ms
    for number, word in enumerate(caption.words):
        time = f"<{full_clock(word.start_ms)}>" if number and at_ms < word.start_ms < caption.end_ms else ""
        at_ms = max(at_ms, word.start_ms)
        written += (" " if number else "") + time + _escape(word.text)
    return written


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
