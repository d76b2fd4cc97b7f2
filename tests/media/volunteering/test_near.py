"""Near-misses: what a name was misheard as is found, and ordinary words are left alone."""

from hypothesis import given, settings
from hypothesis import strategies as st

from media.transcript import Word
from media.volunteering.doubts import Lexicon
from media.volunteering.frequent import FREQUENT
from media.volunteering.near import Terms, find_near_misses
from media.volunteering.sounds import compare, fold_words, is_near
from tests.media.volunteering.conftest import say

TERMS = Terms(
    ("MoveFlow", "Grégory Gutierez", "LibreOffice", "Framasoft", "Corinne Migeon", "Étalab", "PeerTube"),
    (("bouge flotte", "MoveFlow"),),
)
LEXICON = Lexicon(TERMS, {}, 0)
letters = st.text("abcdefghijklmnopqrstuvwxyzéèêçàœ", min_size=1, max_size=14)


def misses(text: str, terms: Terms = TERMS) -> list[tuple[str, str]]:
    words = say(text)
    rarity = Lexicon(terms, {}, 0).rarity
    return [
        (" ".join(word.text for word in words[miss.first_word : miss.last_word + 1]), miss.spelling)
        for miss in find_near_misses(words, terms, rarity)
    ]


def test_a_name_misheard_in_one_word_or_several_is_found():
    assert misses("On a choisi *mooflow*, pour finir") == [("mooflow,", "MoveFlow")]
    assert misses("On a choisi *mouve* *flo* pour finir") == [("mouve flo", "MoveFlow")]
    assert misses("avec *Grégory* *Gutierrès* aujourd’hui") == [("Grégory Gutierrès", "Grégory Gutierez")]
    assert misses("sur *pire* *tube* et *frama* *sophe* .") == [
        ("pire tube", "PeerTube"),
        ("frama sophe", "Framasoft"),
    ]


def test_a_term_cut_into_words_is_found():
    assert misses("avec *Libre* *Office* on écrit") == [("Libre Office", "LibreOffice")]


def test_a_form_that_people_corrected_before_is_found_however_sure_the_machine_was():
    assert misses("et donc bouge flotte arrive") == [("bouge flotte", "MoveFlow")]


def test_words_heard_surely_and_frequent_words_are_left_alone():
    assert misses("On a choisi mooflow pour finir") == []
    assert misses("*et* *donc* *la* *maire* *de* *la* *ville* *avait* *raison* *de* *tout* *ouvrir*") == []


def test_what_a_person_wrote_is_left_alone():
    typed = [Word(text, 0, 1) for text in ("mooflow", "Gutierrès")]
    assert list(find_near_misses(typed, TERMS, LEXICON.rarity)) == []


def test_nothing_is_found_across_the_end_of_a_clause():
    assert misses("je *mouve,* *flo* *arrive*") == []


@given(st.sampled_from([*TERMS.spellings, "L’Alambic", "Saint-Étienne", "DSI"]), st.booleans())
def test_a_term_never_flags_itself(spelling: str, plural: bool):
    """Property: nor its plural, whatever its case, article and punctuation."""
    terms = Terms((*TERMS.spellings, "L’Alambic", "Saint-Étienne", "DSI"), TERMS.recorded)
    said = spelling + ("s" if plural else "")
    for written in (said, said.lower(), said.upper(), f"l’{said},", f"«\N{NO-BREAK SPACE}{said}»"):
        text = " ".join(f"*{word}*" for word in written.split(" "))
        assert misses(f"avec {text} ici", terms) == []


@given(st.lists(st.sampled_from(sorted(FREQUENT)), min_size=1, max_size=12))
@settings(max_examples=60)
def test_the_little_words_of_french_never_flag(said: list[str]):
    """Property: alone or in any row."""
    assert misses(" ".join(f"*{word}*" for word in said)) == []


@given(letters, letters)
@settings(max_examples=80)
def test_likeness_is_mutual_and_whole_for_the_same_word(left: str, right: str):
    one, other = fold_words(left), fold_words(right)
    assert compare(one, other) == compare(other, one)
    assert compare(one, one) == 1.0
    assert is_near(one, one) is None
