"""What is withdrawn of one text of an episode can be read in neither."""

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from media.people.withdrawn import Withdrawn, WithdrawnPassage, fold_words
from media.transcript import Edition, Turn, TurnKind, Word, speech_turn

DAY = datetime(2026, 3, 3, 9, tzinfo=UTC)
SAID = "euh alors moi je suis tombé malade en mars et et puis voilà on a fermé la boutique"
WRITTEN = (
    "Bonjour à toutes. Je suis tombé malade en mars, et nous avons fermé la boutique. Merci de m’avoir reçu."
)


def say(text: str, start_ms: int | None = 0, *, heard: bool = True) -> tuple[Word, ...]:
    return tuple(
        Word(word)
        if start_ms is None
        else Word(word, start_ms + 300 * at, start_ms + 300 * at + 250, heard=heard)
        for at, word in enumerate(text.split())
    )


def withdraw(words: tuple[Word, ...], edition: Edition = Edition.SPOKEN) -> Withdrawn:
    passage = WithdrawnPassage(
        id=1,
        episode_id=7,
        made_at=DAY,
        start_ms=words[0].start_ms,
        end_ms=words[-1].end_ms,
        turn_id=1,
        first_word=0,
        last_word=len(words) - 1,
        words=fold_words(words),
        edition=edition,
    )
    return Withdrawn({7: (passage,)}, {7: "fr"})


def read(withdrawn: Withdrawn, turn: Turn, edition: Edition = Edition.PUBLISHED) -> str:
    return withdrawn.hide_turn(turn, 7, 99, edition).text


def test_a_passage_withdrawn_of_what_was_said_is_not_in_the_text_that_is_timed():
    written = speech_turn(say(WRITTEN))  # spoken as written: its own clock
    left = read(withdraw(say(" ".join(WRITTEN.split()[3:15]), 900)), written)
    assert "malade" not in left and "boutique" not in left
    assert left.startswith("Bonjour à toutes.") and left.endswith("Merci de m’avoir reçu.")


def test_where_the_text_has_no_times_its_words_are_known():
    left = read(withdraw(say(SAID, 50_000)), speech_turn(say(WRITTEN, None)))
    assert "malade" not in left
    assert left.startswith("Bonjour à toutes. [") and left.endswith("Merci de m’avoir reçu.")


def test_what_is_withdrawn_of_a_text_without_times_is_not_in_what_was_said():
    passage = say("Je suis tombé malade en mars, et nous avons fermé la boutique.", None)
    hidden = withdraw(passage, Edition.PUBLISHED).hide_turn(
        speech_turn(say(SAID, 9_000)), 7, 3, Edition.SPOKEN
    )
    assert (hidden.kind, hidden.words) == (TurnKind.EVENT, ())


def test_times_that_are_only_estimated_take_the_whole_run_with_them():
    words = [
        *say("Avant cela", 0),
        *say("il raconta tout de sa vie", 2_000, heard=False),
        *say("Après.", 9_000),
    ]
    left = read(withdraw(say("sa vie", 3_000)), speech_turn(words))
    assert left.startswith("Avant cela [") and left.endswith("] Après.")


def test_other_stretches_are_the_very_same():
    withdrawn = withdraw(say("je ne sais pas", 50_000))
    for turn in (speech_turn(say("mais je ne crois pas", None)), speech_turn(say("je ne sais pas", 200_000))):
        assert withdrawn.hide_turn(turn, 7, 99, Edition.PUBLISHED) is turn


@given(
    texts=st.lists(
        st.sampled_from(["un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit"]),
        min_size=2,
        max_size=30,
    ),
    cut=st.tuples(st.integers(0, 29), st.integers(0, 29)),
    drift=st.integers(-200, 200),
)
def test_no_word_said_in_the_stretch_is_readable_in_the_other_text(
    texts: list[str], cut: tuple[int, int], drift: int
):
    first, last = sorted(at % len(texts) for at in cut)
    said = say(" ".join(texts), 1_000)
    marked = [replace(word, text=f"{word.text}{at}") for at, word in enumerate(said)]
    other = [
        replace(word, start_ms=(word.start_ms or 0) + drift, end_ms=(word.end_ms or 0) + drift)
        for word in marked
    ]
    passage = tuple(marked[first : last + 1])
    left = read(withdraw(passage), speech_turn(other)).split()
    assert not {word.text for word in passage} & set(left)
