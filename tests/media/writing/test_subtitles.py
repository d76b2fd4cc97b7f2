"""Exports are read back by other libraries and say what was said, whatever a word or a name holds."""

import json
from io import StringIO

import pytest
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from media.episodes import Episode, EpisodeStatus
from media.formats import CUE_MS, FORMATS, Labels, cut_cues, render_json, render_srt, render_text, render_vtt
from media.transcript import Turn, TurnKind, Word, speech_turn
from media.transcripts import Attribution, StoredTurn, Voice
from tests.media.conftest import NOW

LABELS = Labels()
nasty = st.sampled_from(["-->", "<v", "</v>", "&amp;", "WEBVTT", "NOTE", "1", "00:00:01,000", "é", "mot"])


def episode(title: str = "Le libre & <vous>") -> Episode:
    return Episode(
        id=1, show_id=1, show_title="Là-haut", show_slug="la-haut", guid="g", title=title, description="",
        link=None, published_at=NOW, first_seen_at=NOW, language="fr", people=(), enclosure_url=None,
        enclosure_type=None, enclosure_bytes=None, declared_ms=None, chapters_url=None, speakers=None,
        original_sha256=None, listening_sha256=None, duration_ms=None, spoken_language="fr", partial=False,
        private=False,
        status=EpisodeStatus.READY, revision=1, transcribed_at=NOW,
    )  # fmt: skip


def stored(turn: Turn, position: int = 0, name: str | None = None) -> StoredTurn:
    voice = None if turn.voice is None else Voice(turn.voice, turn.voice, name, Attribution.HUMAN)
    return StoredTurn(position + 1, 1, position, turn, voice)


@st.composite
def spoken(draw: st.DrawFn) -> list[StoredTurn]:
    clock, turns = 0, []
    for position in range(draw(st.integers(1, 4))):
        words = []
        for text in draw(st.lists(nasty, min_size=1, max_size=40)):
            start = clock + draw(st.sampled_from([0, 40, 900]))
            clock = start + draw(st.integers(1, 600))
            words.append(Word(text, start, clock))
        turns.append(stored(speech_turn(words, 1), position, draw(st.sampled_from([None, "Zoé --> <b>"]))))
    return turns


@given(spoken())
def test_cues_hold_every_word_once_in_order_and_never_last_too_long(turns: list[StoredTurn]):
    cues = list(cut_cues(turns, LABELS))
    assert " ".join(cue.text for cue in cues) == " ".join(turn.turn.text for turn in turns)
    assert all(cue.start_ms < cue.end_ms for cue in cues)
    longest_word = 600
    assert all(cue.end_ms - cue.start_ms <= CUE_MS + longest_word for cue in cues)


@given(spoken())
def test_webvtt_is_read_back_by_an_independent_library(turns: list[StoredTurn]):
    """FAULTS 57: an arrow or a tag inside a word ends no cue."""
    captions = webvtt.from_buffer(StringIO(render_vtt(episode(), turns, LABELS))).captions
    assert len(captions) == len(list(cut_cues(turns, LABELS)))


@given(spoken())
def test_subrip_has_one_block_a_cue(turns: list[StoredTurn]):
    """FAULTS 57."""
    blocks = render_srt(episode(), turns, LABELS).strip().split("\n\n")
    assert len(blocks) == len(list(cut_cues(turns, LABELS)))
    assert all(block.count("-->") == 1 for block in blocks)


@given(spoken())
def test_json_holds_the_words_with_seconds(turns: list[StoredTurn]):
    document = json.loads(render_json(episode(), turns, LABELS))
    said = " ".join(segment["body"] for segment in document["segments"])
    assert (document["version"], said) == ("1.0.0", " ".join(turn.turn.text for turn in turns))


def test_events_are_shown_as_events_not_as_speech():
    music = stored(Turn(kind=TurnKind.MUSIC, start_ms=0, end_ms=4000))
    assert "[Music or jingle]" in render_vtt(episode(), [music], LABELS)
    assert "<v " not in render_vtt(episode(), [music], LABELS)


def test_a_transcript_without_times_is_still_text():
    turn = stored(speech_turn([Word("Sans"), Word("heure.")], 1), name="Zoé")
    assert "Zoé\N{NO-BREAK SPACE}: Sans heure." in render_text(episode(), [turn], LABELS)
    assert render_srt(episode(), [turn], LABELS) == ""


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_ends_with_one_newline(name: str):
    turn = stored(speech_turn([Word("Bonjour.", 0, 500)], 1))
    written = FORMATS[name][1](episode(), [turn], LABELS)
    assert written.endswith("\n")
    assert not written.endswith("\n\n")


def test_a_turn_emptied_by_a_person_is_in_no_export():
    said = stored(speech_turn([Word("Bonjour.", 0, 400)], 1), name="Zoé")
    emptied = stored(Turn(voice=2, start_ms=400, end_ms=900), 1, "Luk")
    for _, render in FORMATS.values():
        assert render(episode(), [said, emptied], LABELS) == render(episode(), [said], LABELS)
