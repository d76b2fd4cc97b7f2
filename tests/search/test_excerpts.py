"""Excerpts hold what matched, at most sixty words of it, with whole words marked."""

from hypothesis import given
from hypothesis import strategies as st

from search.excerpts import MAX_EXCERPT_WORDS, cut_excerpt, cut_opening
from search.folding import fold
from search.query import parse_query

PIECES = st.sampled_from(
    ["mairie", "mairies.", "l’élu·e", "Le", "mot", "fin.", "logiciel", "libre,", "«\u00a0Ah\u00a0!\u00a0»"]
)
QUERIES = st.sampled_from(
    [
        *("mairie", "élue libre", '"logiciel libre"', "« l’élu »", "le mot", "l'", "mair*"),
        *('"libre mairie"~4', "mairie OU mot", "logiciel -mairie", '(libre OU "le mot") fin'),
    ]
)


def cut(text: str, query: str, first: int = 0, last: int | None = None):
    texts = text.split(" ")
    return cut_excerpt(texts, parse_query(query).clauses, first, len(texts) - 1 if last is None else last)


def marked(text: str, query: str) -> list[str]:
    found = cut(text, query)
    return [found.text[begin:end] for begin, end in found.highlights]


def test_whole_words_are_marked_without_their_article():
    assert marked("l’association d’élu·e·s", "association élue") == ["association", "élu·e·s"]


def test_an_article_is_marked_alone_only_where_nothing_else_is():
    assert marked("l’association", "l’") == ["l"]
    assert marked("l’association et la mairie", "l mairie") == ["mairie"]
    assert marked("de l’association", "« l’association »") == ["l’association"]


def test_only_whole_phrases_are_marked():
    assert marked("libre, le logiciel libre", '"logiciel libre"') == ["logiciel", "libre"]


def test_a_compound_is_marked_however_it_is_written():
    assert marked("une plate-forme", "plateforme") == ["plate-forme"]
    assert marked("une plateforme", "plate-forme") == ["plateforme"]


def test_excerpts_are_cut_at_sentences_around_the_densest_matches():
    filler = "Voilà une phrase qui ne dit rien du tout. "
    text = (
        filler * 20
        + "La mairie parle. "
        + filler * 20
        + "La mairie choisit le logiciel libre. "
        + filler * 20
    )
    found = cut(text.strip(), "mairie logiciel")
    assert "La mairie choisit le logiciel libre." in found.text
    assert "parle" not in found.text
    assert found.text.startswith(("Voilà", "La")) and found.text.endswith(".")


def test_a_turn_that_no_longer_matches_has_no_excerpt():
    assert cut("rien de tel", "mairie") is None


def test_what_is_excluded_is_never_marked():
    assert marked("la mairie et le port", "mairie -port") == ["mairie"]


def test_either_of_two_words_is_marked():
    assert marked("la mairie et le port", "port OU école OU mairie") == ["mairie", "port"]


def test_a_beginning_marks_the_whole_word():
    assert marked("les logiciels, la logithèque, l’analogie", "logi*") == ["logiciels", "logithèque"]


def test_words_near_each_other_are_marked_where_they_are_near():
    text = "libre. " + "mot " * 20 + "un logiciel vraiment libre"
    assert marked(text, '"logiciel libre"~3') == ["logiciel", "libre"]


def test_other_languages_are_marked_by_their_own_rules():
    found = cut_excerpt(["two", "cities"], parse_query("city", ["en"]).clauses, 0, 1, "en")
    assert found.text[slice(*found.highlights[0])] == "cities"


def test_a_word_that_stands_everywhere_says_little_of_a_place():
    text = "le mot " * 60 + "voilà le logiciel " + "le mot " * 60
    assert "logiciel" in cut(text.strip(), "le logiciel").text


def test_matches_are_looked_for_in_the_passage_then_in_the_turn():
    text = "mairie " + "mot " * 300 + "mairie"
    assert cut(text, "mairie", 250, 301).first_match == 301
    assert cut(text, "mairie", 100, 200).first_match == 0


def test_points_of_abbreviations_end_no_sentence():
    text = "Rien ici du tout. " * 8 + "Merci à M. Dupont et J.-B. Martin de la mairie."
    assert cut(text, "mairie", 30, 40).text.endswith("Merci à M. Dupont et J.-B. Martin de la mairie.")
    found = cut("mot " * 55 + "Merci M. Dupont de la mairie. " + "mot " * 60, "mairie")
    assert not found.text.startswith("Dupont")


def test_without_words_to_look_for_a_turn_is_shown_from_its_passage_on():
    texts = ("Une phrase de cinq mots. " * 30).split()
    found = cut_opening(texts, 50)
    assert (found.first_word, found.first_match, found.highlights) == (50, 50, ())
    assert 30 <= found.last_word - found.first_word + 1 <= MAX_EXCERPT_WORDS
    assert found.text.endswith("mots.")


@given(st.lists(PIECES, min_size=1, max_size=300), QUERIES, st.integers(0, 300), st.integers(0, 300))
def test_any_excerpt_is_a_run_of_words_that_holds_matches(words, query, first, last):
    text = " ".join(words)
    found = cut(text, query, first, last)
    if found is None:
        return
    assert found.last_word - found.first_word < MAX_EXCERPT_WORDS
    assert found.text == " ".join(words[found.first_word : found.last_word + 1])
    assert found.highlights
    ends = 0
    for begin, end in found.highlights:
        assert ends <= begin < end <= len(found.text)
        is_article = fold(found.text[begin:end]) in ("l", "d")
        assert not is_article or all(
            fold(found.text[start:stop]) in ("l", "d") for start, stop in found.highlights
        )
        assert (begin == 0 or not found.text[begin - 1].isalnum()) and not found.text[end : end + 1].isalnum()
        ends = end
