"""Subtitles are read back by other libraries and say what was said, whatever a word or a name holds."""

from io import StringIO
from itertools import pairwise

import pysubs2
import pytest
import webvtt
from hypothesis import given, settings

from media.transcript import Turn, TurnKind, Word, speech_turn
from media.transcripts import StoredTurn
from media.writing.cues import CUE_MS, LINE_LENGTH, MAX_LINES, cut_cues
from media.writing.script import clean, plain_name
from media.writing.subtitles import NoTimesError, render_srt, render_vtt, safe_line
from tests.media.writing.scripts import LABELS, make_script, spoken, stored

LONGEST_WORD_MS = 600


def said(turns: list[StoredTurn]) -> str:
    return " ".join(clean(turn.turn.text) for turn in turns)


def timed(text: str, start_ms: int = 0, each_ms: int = 300) -> Turn:
    words = [
        Word(word, start_ms + at * each_ms, start_ms + (at + 1) * each_ms)
        for at, word in enumerate(text.split())
    ]
    return speech_turn(words, 1)


@settings(max_examples=60)
@given(spoken())
def test_cues_hold_every_word_once_in_order_and_fit_a_screen(turns: list[StoredTurn]):
    cues = cut_cues(turns, LABELS)
    assert " ".join(cue.text for cue in cues) == said(turns)
    assert all(0 < cue.end_ms - cue.start_ms <= CUE_MS + LONGEST_WORD_MS for cue in cues)
    assert all(len(cue.lines) <= MAX_LINES for cue in cues)
    assert all(len(line) <= LINE_LENGTH for cue in cues for line in cue.lines)
    assert all(a.end_ms <= b.start_ms for a, b in pairwise(cues))


@settings(max_examples=60)
@given(spoken())
def test_webvtt_is_read_back_by_an_independent_library(turns: list[StoredTurn]):
    """FAULTS 57: an arrow or a tag inside a word ends no cue, and no word names a speaker."""
    captions = webvtt.from_buffer(StringIO(render_vtt(make_script(turns)))).captions
    cues = cut_cues(turns, LABELS)
    assert [caption.start for caption in captions] == [f"{_clock(cue.start_ms)}" for cue in cues]
    assert all(
        caption.raw_text.count("<") == (1 if cue.speaker else 0)
        for caption, cue in zip(captions, cues, strict=True)
    )


@settings(max_examples=60)
@given(spoken())
def test_subrip_is_read_back_by_an_independent_library(turns: list[StoredTurn]):
    """FAULTS 57."""
    events = pysubs2.SSAFile.from_string(render_srt(make_script(turns)), format_="srt").events
    cues = cut_cues(turns, LABELS, naming=True)
    assert len(events) >= len(cues)
    assert [event.start for event in events[: len(cues)]] == [cue.start_ms for cue in cues]
    shown = [event.plaintext.replace("\n", " ") for event in events[: len(cues)]]
    assert shown == [safe_line(cue.text) for cue in cues]


@settings(max_examples=60)
@given(spoken())
def test_in_subrip_whoever_seems_to_be_named_is_who_speaks(turns: list[StoredTurn]):
    """FAULTS 57: words that look like a name come after the name of who says them."""
    names = {plain_name(turn, LABELS) for turn in turns}
    for cue in cut_cues(turns, LABELS, naming=True):
        head, colon, _ = cue.text.partition(": ")
        if colon and len(head) <= 40 and ":" not in head:
            assert head.replace("\N{NO-BREAK SPACE}", " ").rstrip() in names


def test_a_cue_ends_with_its_sentence_and_lines_are_balanced():
    turn = timed("Bonjour à toutes et à tous. Nous parlons aujourd’hui du logiciel libre dans les mairies.")
    cues = cut_cues([stored(turn)], LABELS)
    assert [cue.lines for cue in cues] == [
        ("Bonjour à toutes et à tous.",),
        ("Nous parlons aujourd’hui", "du logiciel libre dans les mairies."),
    ]


def test_a_cue_stays_to_be_read_where_silence_follows():
    quick = timed("Oui, bien sûr, tout à fait d’accord.", each_ms=60)
    later = timed("Bon.", start_ms=10_000)
    first, _ = cut_cues([stored(quick), stored(later, 1)], LABELS)
    assert first.end_ms - first.start_ms == len(first.text) * 1000 // 17


def test_words_without_times_share_the_time_of_their_turn():
    turn = Turn((Word("un"), Word("deux", 1_000, 1_400), Word("trois")), 1, start_ms=0, end_ms=2_000)
    (cue,) = cut_cues([stored(turn)], LABELS)
    assert (cue.start_ms, cue.end_ms, cue.text) == (0, 2_000, "un deux trois")


def test_a_new_speaker_is_named_once_in_subrip():
    turns = [stored(timed("Bonjour."), 0, "Zoé"), stored(timed("Oui.", 2000), 1, "Zoé")]
    written = render_srt(make_script(turns))
    assert written.startswith("1\n00:00:00,000 --> 00:00:01,000\nZoé: Bonjour.\n\n2\n")
    assert "\nOui.\n" in written


def test_events_are_shown_as_events_not_as_speech():
    music = stored(Turn(kind=TurnKind.MUSIC, start_ms=0, end_ms=4000))
    assert "[Music or jingle]" in render_vtt(make_script([music]))
    assert "<v " not in render_vtt(make_script([music]))


def test_what_goes_with_every_copy_goes_with_subtitles():
    turns = [stored(timed("Bonjour."), 0, "Zoé")]
    vtt = render_vtt(make_script(turns))
    events = pysubs2.SSAFile.from_string(render_srt(make_script(turns)), format_="srt").events
    srt = " ".join(event.plaintext.replace("\n", " ") for event in events)
    for particular in ("Là-haut", "2026-03-01", "Verbatim", "Positions personnelles.", "Word for word"):
        assert particular in vtt.split("-->")[0]
        assert particular in srt


@pytest.mark.parametrize("render", [render_vtt, render_srt])
def test_a_text_without_times_is_said_to_have_none(render):
    turn = stored(speech_turn([Word("Sans"), Word("heure.")], 1), name="Zoé")
    with pytest.raises(NoTimesError) as raised:
        render(make_script([turn]))
    assert "no times yet" in raised.value.message.msgid


def _clock(ms: int) -> str:
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}"
