"""What is chosen keeps to its passage, whatever is asked, and each button moves one bound."""

from hypothesis import given, settings
from hypothesis import strategies as st

from media.transcript import Word, speech_turn
from media.transcripts import StoredTurn
from web.quotes.selections import Move, Passage, choose, choose_sentence, read_spans
from web.quotes.sentences import find_sentences

TEXTS = ("Oui. Un matin, la facture arrive ! Elle double.", "M. Morvan la lit. Et il rit.")


def passage(*texts: str) -> Passage:
    turns, at = [], 1_000
    for place, text in enumerate(texts):
        words = []
        for word in text.replace(" !", "\N{NO-BREAK SPACE}!").split(" "):
            words.append(Word(word, at, at + 300))
            at += 400
        turns.append(StoredTurn(10 + place, 1, place, speech_turn(words), None))
    return Passage(tuple(turns))


WHOLE = passage(*TEXTS)


def said(first: int, last: int) -> str:
    return " ".join(word.text for word in WHOLE.words[first : last + 1])


def test_sentences_end_at_points_and_not_at_titles() -> None:
    assert find_sentences([word.text for word in WHOLE.turns[1].turn.words]) == [0, 4]
    assert [WHOLE.words[start].text for start in WHOLE.sentences] == ["Oui.", "Un", "Elle", "M.", "Et"]


def test_a_word_s_sentence_is_what_is_chosen() -> None:
    held = choose_sentence(WHOLE, 3)
    assert said(held.first, held.last) == "Un matin, la facture arrive\N{NO-BREAK SPACE}!"
    assert [str(span) for span in held.spans()] == ["10.1-10.5"]


def test_buttons_move_by_words_and_by_sentences_and_into_the_next_turn() -> None:
    held = choose(WHOLE, 3, 4)
    assert held.move(Move.START_EARLIER).first == 2
    assert held.move(Move.START_SENTENCE).first == 1
    assert held.move(Move.START_SENTENCE).move(Move.START_SENTENCE).first == 0
    assert held.move(Move.END_SENTENCE).last == 5
    across = held.move(Move.END_SENTENCE).move(Move.END_SENTENCE).move(Move.END_SENTENCE)
    assert said(across.first, across.last).endswith("M. Morvan la lit.")
    assert [str(span) for span in across.spans()] == ["10.3-11.3"]
    assert across.move(Move.START_NEXT).first == 6
    assert across.move(Move.END_BEFORE).last == 7
    assert choose(WHOLE, 3, 3).move(Move.START_LATER) == choose(WHOLE, 3, 3)


def test_what_is_cut_is_no_part_of_the_spans_nor_of_the_length() -> None:
    held = choose(WHOLE, 1, 7).cut(3, 4)
    assert [str(span) for span in held.spans()] == ["10.1-10.2", "10.5-10.7"]
    assert (held.count, held.length_ms) == (5, 700 + 1_100)
    assert held.uncut(0).cuts == ()


def test_spans_that_are_none_are_left_out() -> None:
    assert read_spans(["", "1.2", "1.2-3", "x", "1.2-3.4"]) == [((1, 2), (3, 4))]


places = st.integers(-3, len(WHOLE.words) + 3)


@settings(max_examples=60)
@given(places, places, st.lists(st.tuples(places, places), max_size=4), st.lists(st.sampled_from(Move)))
def test_no_choice_leaves_its_passage_or_cuts_its_bounds(
    first: int, last: int, cuts: list[tuple[int, int]], moves: list[Move]
) -> None:
    held = choose(WHOLE, first, last)
    for cut in cuts:
        held = held.cut(*cut)
    for move in moves:
        held = held.move(move)
    assert 0 <= held.first <= held.last < len(WHOLE.words)
    assert not held.is_cut(held.first)
    assert not held.is_cut(held.last)
    quoted = [at for low, high in held.runs() for at in range(low, high + 1)]
    kept = [at for at in range(held.first, held.last + 1) if not held.is_cut(at)]
    assert quoted == kept
    assert held.count == len(kept)
