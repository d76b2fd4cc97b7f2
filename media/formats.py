"""Write a transcript in the formats that others read: WebVTT, SubRip, plain text, Podcasting 2.0 JSON.

Pure: takes what the catalogue holds, returns text. Cues follow the usual limits of subtitles,
two lines of at most 42 characters, cut at sentence ends and pauses first; nothing a speaker or
a word contains can end a cue or open a tag (FAULTS 57).
WebVTT: https://www.w3.org/TR/webvtt1/. JSON: the podcast namespace's transcripts/transcripts.md.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap

from media.episodes import Episode
from media.transcript import TurnKind, Word
from media.transcripts import StoredTurn

LINE_LENGTH = 42
CUE_LENGTH = 2 * LINE_LENGTH
CUE_MS = 7_000  # nobody reads one cue for longer
PAUSE_MS = 700  # a silence that ends a cue
SENTENCE_END = re.compile(r"[.!?…][»”\")\]]*$")


@dataclass(frozen=True, slots=True)
class Labels:
    """The few words that a transcript needs in its reader's language."""

    voice: str = "Voice %d"
    music: str = "[Music or jingle]"


@dataclass(frozen=True, slots=True)
class Cue:
    """A few words shown together, and whose they are."""

    start_ms: int
    end_ms: int
    speaker: str
    text: str


def speaker_name(turn: StoredTurn, labels: Labels) -> str:
    """Name who speaks: as a person said, else by the number of the voice, else nobody."""
    if turn.voice is None:
        return ""
    return turn.voice.name or labels.voice % turn.voice.number


def event_label(turn: StoredTurn, labels: Labels) -> str:
    """Say what is heard in an event."""
    return turn.turn.label or labels.music


def clock(ms: int) -> str:
    """Write a moment as people read it.

    >>> clock(754_300), clock(5_025_000)
    ('12:34', '1:23:45')
    """
    hours, minutes, seconds = ms // 3_600_000, ms // 60_000 % 60, ms // 1000 % 60
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def cut_cues(turns: Iterable[StoredTurn], labels: Labels) -> Iterator[Cue]:
    """Cut timed turns into cues, in order; turns without times are left out."""
    for turn in turns:
        if turn.turn.start_ms is None or turn.turn.end_ms is None:
            continue
        if turn.turn.kind is not TurnKind.SPEECH:
            yield Cue(turn.turn.start_ms, turn.turn.end_ms, "", event_label(turn, labels))
            continue
        for words in _cut_words(turn.turn.words):
            start_ms, end_ms = words[0].start_ms or 0, words[-1].end_ms or 0
            text = " ".join(word.text for word in words)
            yield Cue(start_ms, max(end_ms, start_ms + 1), speaker_name(turn, labels), text)


def render_vtt(episode: Episode, turns: Sequence[StoredTurn], labels: Labels) -> str:
    """Write WebVTT, with a voice tag a cue."""
    blocks = ["WEBVTT", "NOTE " + _escape_vtt(f"{episode.show_title} — {episode.title}")]
    for cue in cut_cues(turns, labels):
        times = f"{_clock(cue.start_ms, '.')} --> {_clock(cue.end_ms, '.')}"
        text = "\n".join(wrap(_escape_vtt(cue.text), LINE_LENGTH, break_long_words=False))
        speaker = _escape_vtt(cue.speaker)
        blocks.append(f"{times}\n<v {speaker}>{text}" if speaker else f"{times}\n{text}")
    return "\n\n".join(blocks) + "\n"


def render_srt(_episode: Episode, turns: Sequence[StoredTurn], labels: Labels) -> str:
    """Write SubRip; a new speaker is named at the head of the first cue."""
    blocks = []
    last_speaker = ""
    for number, cue in enumerate(cut_cues(turns, labels), start=1):
        named = f"{cue.speaker}: " if cue.speaker and cue.speaker != last_speaker else ""
        last_speaker = cue.speaker
        text = "\n".join(wrap(_one_line(named + cue.text), LINE_LENGTH, break_long_words=False))
        blocks.append(
            f"{number}\n{_clock(cue.start_ms, ',')} --> {_clock(cue.end_ms, ',')}\n{text.replace('-->', '→')}"
        )
    return "\n\n".join(blocks) + ("\n" if blocks else "")


def render_text(episode: Episode, turns: Sequence[StoredTurn], labels: Labels) -> str:
    """Write plain text: a paragraph a turn, with its speaker and time."""
    date = f" ({episode.published_at:%Y-%m-%d})" if episode.published_at else ""
    paragraphs = [f"{_one_line(episode.show_title)} — {_one_line(episode.title)}{date}"]
    for turn in turns:
        time = "" if turn.turn.start_ms is None else f"[{_clock(turn.turn.start_ms, '.')[:8]}] "
        if turn.turn.kind is not TurnKind.SPEECH:
            paragraphs.append(time + event_label(turn, labels))
            continue
        if not turn.turn.words:  # a person took them all away
            continue
        name = speaker_name(turn, labels)
        said = f"{_one_line(name)}\N{NO-BREAK SPACE}: " if name else ""
        paragraphs.append(f"{time}{said}{turn.turn.text}")
    return "\n\n".join(paragraphs) + "\n"


def render_json(_episode: Episode, turns: Sequence[StoredTurn], labels: Labels) -> str:
    """Write the podcast namespace's JSON: segments with speaker, seconds and body."""
    segments = [
        {
            "speaker": cue.speaker,
            "startTime": cue.start_ms / 1000,
            "endTime": cue.end_ms / 1000,
            "body": cue.text,
        }
        for cue in cut_cues(turns, labels)
    ]
    return json.dumps({"version": "1.0.0", "segments": segments}, ensure_ascii=False, indent=1) + "\n"


Renderer = Callable[[Episode, Sequence[StoredTurn], Labels], str]
FORMATS: dict[str, tuple[str, Renderer]] = {
    "vtt": ("text/vtt", render_vtt),
    "srt": ("application/x-subrip", render_srt),
    "txt": ("text/plain", render_text),
    "json": ("application/json", render_json),
}


def _cut_words(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    first = 0
    length = 0
    for at, word in enumerate(words):
        if at > first and _starts_cue(words[first], words[at - 1], word, length):
            yield words[first:at]
            first, length = at, 0
        length += len(word.text) + 1
    if first < len(words):
        yield words[first:]


def _starts_cue(first: Word, before: Word, word: Word, length: int) -> bool:
    too_long = length + len(word.text) > CUE_LENGTH
    too_slow = (word.end_ms or 0) - (first.start_ms or 0) > CUE_MS
    paused = (word.start_ms or 0) - (before.end_ms or 0) >= PAUSE_MS
    ended = length > LINE_LENGTH and bool(SENTENCE_END.search(before.text))
    return too_long or too_slow or paused or ended


def _clock(ms: int, point: str) -> str:
    seconds, thousandths = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}{point}{thousandths:03d}"


def _escape_vtt(text: str) -> str:
    return _one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _one_line(text: str) -> str:
    return " ".join(text.split(None)) if "\N{NO-BREAK SPACE}" not in text else re.sub(r"[\r\n\t]+", " ", text)
