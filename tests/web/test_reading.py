"""Laying a transcript out: nothing lost, nothing twice, doubts where they are."""

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from media.transcript import Chapter, Doubt, DoubtKind, Turn, TurnKind, Word, speech_turn
from media.transcripts import Attribution, StoredTurn, Voice
from web.reading import LANE_UNITS, Mark, cut_doubts, lay_out, mark_pieces, measure_lanes, pack_times

VOICES = [Voice(1, 1, None, Attribution.NONE), Voice(2, 2, "Nadia", Attribution.HUMAN)]
DURATION_MS = 600_000


@st.composite
def spoken_turns(draw: st.DrawFn) -> list[StoredTurn]:
    """Turns of an episode in order, some of them music."""
    starts = sorted(draw(st.lists(st.integers(0, DURATION_MS - 1_000), max_size=25)))
    return [
        _stored(place, start, draw(st.sampled_from([None, *VOICES]))) for place, start in enumerate(starts)
    ]


def _stored(place: int, start_ms: int, voice: Voice | None) -> StoredTurn:
    word = Word("mot", start_ms, start_ms + 900)
    turn = (
        speech_turn([word], voice.number)
        if voice
        else Turn(kind=TurnKind.MUSIC, start_ms=start_ms, end_ms=start_ms)
    )
    return StoredTurn(place + 1, 7, place, turn, voice)


chapters = st.lists(st.integers(0, DURATION_MS), max_size=6, unique=True).map(
    lambda starts: [Chapter(start, f"Chapitre {start}") for start in sorted(starts)]
)


@given(turns=spoken_turns(), chapters=chapters, target=st.none() | st.integers(0, DURATION_MS))
def test_every_turn_stands_once_and_in_order(
    turns: list[StoredTurn], chapters: list[Chapter], target: int | None
) -> None:
    sections = lay_out(turns, chapters, target)
    shown = [reading for section in sections for reading in section.turns]
    assert [reading.stored for reading in shown] == turns
    assert [section.chapter for section in sections if section.chapter] == chapters
    begun = [turn for turn in turns if target is not None and (turn.turn.start_ms or 0) <= target]
    assert [reading.stored for reading in shown if reading.is_target] == begun[-1:]


@given(turns=spoken_turns(), chapters=chapters)
def test_a_human_name_is_never_called_automatic_and_others_are_told_once_a_chapter(
    turns: list[StoredTurn], chapters: list[Chapter]
) -> None:
    for section in lay_out(turns, chapters, None):
        told = [reading.stored.voice for reading in section.turns if reading.tells_attribution]
        assert told in ([], [VOICES[0]])
        assert bool(told) is any(reading.stored.voice == VOICES[0] for reading in section.turns)


@given(
    texts=st.lists(st.text("abcé’", min_size=1, max_size=6), min_size=1, max_size=30),
    spans=st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29)), max_size=4),
)
def test_pieces_joined_are_the_text(texts: list[str], spans: list[tuple[int, int]]) -> None:
    doubts = [Doubt(DoubtKind.MARKED, min(span), max(span)) for span in spans if max(span) < len(texts)]
    turn = speech_turn([Word(text) for text in texts], doubts=doubts)
    pieces = cut_doubts(turn)
    assert " ".join(piece.text for piece in pieces) == turn.text
    doubtful = {place for doubt in doubts for place in range(doubt.first_word, doubt.last_word + 1)}
    marked = [text for piece in pieces if piece.doubt for text in piece.text.split(" ")]
    assert marked == [texts[place] for place in sorted(doubtful)]


@given(turns=spoken_turns())
def test_lanes_stay_in_the_map_and_shares_make_a_whole(turns: list[StoredTurn]) -> None:
    lanes = measure_lanes(turns, VOICES, DURATION_MS)
    for lane in lanes:
        ends = [0, *(start + width for start, width in lane.stretches)]
        assert all(width > 0 for _, width in lane.stretches)
        assert all(start >= before for (start, _), before in zip(lane.stretches, ends, strict=False))
        assert ends[-1] <= LANE_UNITS
    assert not lanes or abs(sum(lane.share for lane in lanes) - 1) < 1e-9
    assert [lane.spoken_ms for lane in lanes] == sorted((lane.spoken_ms for lane in lanes), reverse=True)


@given(st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 2_000)), max_size=40))
def test_packed_times_unpack_to_the_same(spans: list[tuple[int, int]]) -> None:
    words = [Word("mot", start, start + length) for start, length in spans]
    flat = list(accumulate(pack_times(words)))
    assert flat == [time for word in words for time in (word.start_ms, word.end_ms)]


@given(
    texts=st.lists(st.text("abcé’", min_size=1, max_size=6), min_size=1, max_size=20),
    doubtful=st.tuples(st.integers(0, 19), st.integers(0, 19)),
    bounds=st.lists(st.integers(0, 140), max_size=8, unique=True),
)
def test_marks_change_no_text_and_mark_what_they_say(
    texts: list[str], doubtful: tuple[int, int], bounds: list[int]
) -> None:
    doubts = [Doubt(DoubtKind.LOOP, min(doubtful), max(doubtful))] if max(doubtful) < len(texts) else []
    turn = speech_turn([Word(text) for text in texts], doubts=doubts)
    inside = sorted(bound for bound in bounds if bound <= len(turn.text))
    marks = [Mark(begin, end, False) for begin, end in zip(inside[::2], inside[1::2], strict=False)]
    pieces = mark_pieces(cut_doubts(turn), marks)
    assert [(piece.text, piece.doubt) for piece in pieces] == [
        (piece.text, piece.doubt) for piece in cut_doubts(turn)
    ]
    assert all("".join(run.text for run in piece.runs) == piece.text for piece in pieces if piece.runs)
    shown = " ".join(
        "".join(("\0" if run.mark else "") + run.text + ("\0" if run.mark else "") for run in piece.runs)
        if piece.runs
        else piece.text
        for piece in pieces
    )
    assert shown.replace("\0", "") == turn.text
    said = "".join(turn.text[mark.begin : mark.end] for mark in marks).replace(" ", "")
    assert "".join(shown.split("\0")[1::2]).replace(" ", "") == said
    begun = [run.mark for piece in pieces for run in piece.runs if run.mark and not run.is_begun]
    assert len(begun) == len(set(begun))
