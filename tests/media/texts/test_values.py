"""What a document says becomes turns, and no word of it is lost on the way."""

from hypothesis import given
from hypothesis import strategies as st

from media.correction.typed import split_words
from media.texts.values import (
    MAX_TURN_LENGTH,
    Block,
    BlockKind,
    ReadText,
    ReadWord,
    TextChapter,
    TextFormat,
    TimeHint,
    turns_of,
)
from media.transcript import DoubtKind, TurnKind, Word


def speech(text: str, speaker: str | None = None, start_ms: int | None = None, end_ms: int | None = None):
    words = tuple(ReadWord(word, 0, 0) for word in split_words(text))
    return Block(BlockKind.SPEECH, 0, 0, speaker=speaker, words=words, start_ms=start_ms, end_ms=end_ms)


def heading(title: str, start_ms: int | None = None):
    return Block(BlockKind.HEADING, 0, 0, label=title, start_ms=start_ms)


def read(*blocks: Block, form: TextFormat = TextFormat.WIKI) -> ReadText:
    return ReadText(form, "", "utf-8", blocks=blocks)


JINGLE = Block(BlockKind.EVENT, 0, 0, label="Jingle")
SONG = Block(BlockKind.MUSIC, 0, 0, label="Fascist", value="Momma Swift")


def test_paragraphs_of_one_speaker_are_one_turn_and_say_where_they_begin():
    found = turns_of(read(speech("Bonjour à tous.", "Ana"), speech("Bienvenue."), speech("Salut !", "Bob")))
    assert [turn.text for turn in found.turns] == ["Bonjour à tous. Bienvenue.", "Salut\xa0!"]
    assert [word.text for word in found.turns[0].words if word.paragraph] == ["Bienvenue."]
    assert found.speakers == ("Ana", "Bob")
    assert [turn.voice for turn in found.turns] == [1, 2]
    assert found.blocks == ((0, 1), (2,))


def test_events_and_headings_end_a_turn_which_its_speaker_goes_on_with():
    found = turns_of(
        read(speech("Un.", "Ana"), JINGLE, speech("Deux."), SONG, heading("Suite"), speech("Trois."))
    )
    assert [turn.kind for turn in found.turns] == [
        TurnKind.SPEECH,
        TurnKind.EVENT,
        TurnKind.SPEECH,
        TurnKind.MUSIC,
        TurnKind.SPEECH,
    ]
    assert found.speakers == ("Ana", None, "Ana", None, "Ana")
    assert found.turns[3].label == "Fascist par Momma Swift"
    assert found.chapters == (TextChapter("Suite", 4),)


def test_a_name_alone_speaks_the_next_paragraph_and_a_nameless_voice_is_nobody():
    found = turns_of(read(speech("", "Ana"), speech("Oui."), speech("Non.", "")))
    assert found.speakers == ("Ana", None)
    assert found.turns[1].voice is None


def test_doubts_and_the_times_that_a_text_gives_are_kept():
    found = turns_of(
        read(heading("Deuxième partie", 2_877_000), speech("C’était ??? [32 min 50] alors ???", "Ana"))
    )
    assert [doubt.kind for doubt in found.turns[0].doubts] == [DoubtKind.MARKED] * 2
    assert found.hints == (TimeHint(0, 0, 2_877_000), TimeHint(0, 1, 1_970_000))
    assert found.chapters == (TextChapter("Deuxième partie", 0, 2_877_000),)
    assert found.turns[0].start_ms is None


def test_the_time_of_a_cue_is_shared_among_its_words_as_an_estimate():
    cues = [speech("un deux", "Ana", 1000, 2000), speech("trois", None, 1500, 3000)]
    [turn] = turns_of(read(*cues, form=TextFormat.VTT)).turns
    assert (turn.start_ms, turn.end_ms) == (1000, 3000)
    assert not any(word.heard or word.paragraph for word in turn.words)
    starts = [word.start_ms for word in turn.words]
    assert starts == sorted(starts)


def test_words_without_times_share_what_lies_between_those_that_have_some():
    words = (ReadWord("En", 0, 0, 1000, 1200), ReadWord("2024", 0, 0), ReadWord("donc", 0, 0, 2000, 2300))
    [turn] = turns_of(read(Block(BlockKind.SPEECH, 0, 0, words=words, start_ms=900, end_ms=2300))).turns
    assert turn.words == (
        Word("En", 1000, 1200),
        Word("2024", 1200, 2000, heard=False),
        Word("donc", 2000, 2300),
    )


def test_a_monologue_is_cut_into_turns_that_can_be_edited():
    found = turns_of(read(speech("Une phrase assez courte. " * 3000, "Ana"), speech("Fin.")))
    assert all(len(turn.text) <= MAX_TURN_LENGTH for turn in found.turns)
    assert set(found.speakers) == {"Ana"}
    assert all(turn.text.endswith(".") for turn in found.turns)


BLOCKS = st.one_of(
    st.builds(
        speech,
        st.text(alphabet="ab.? «»[]é\xa0", max_size=60),
        st.sampled_from([None, "Ana", "Bob", ""]),
        st.none() | st.integers(0, 9000),
        st.none() | st.integers(0, 9000),
    ),
    st.builds(heading, st.sampled_from(["", "Suite"]), st.none() | st.integers(0, 9000)),
    st.sampled_from([JINGLE, SONG, Block(BlockKind.MARKUP, 0, 0)]),
)


@given(st.lists(BLOCKS, max_size=8), st.sampled_from(TextFormat))
def test_turns_hold_every_word_in_order(blocks: list[Block], form: TextFormat):
    found = turns_of(read(*blocks, form=form))
    said = [word.text for turn in found.turns for word in turn.words]
    assert said == [word.text for block in blocks for word in block.words]
    assert len(found.turns) == len(found.speakers) == len(found.blocks)
    for turn in found.turns:
        assert not turn.words or not turn.words[0].paragraph
        starts = [word.start_ms for word in turn.words if word.start_ms is not None]
        assert starts == sorted(starts)
    for chapter in found.chapters:
        assert chapter.turn < len(found.turns)
    for hint in found.hints:
        assert hint.word < max(1, len(found.turns[hint.turn].words))
