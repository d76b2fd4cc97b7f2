"""Excerpts hold what matched, at most sixty words of it, with whole words marked."""

from hypothesis import given
from hypothesis import strategies as st

from search.excerpts import MAX_EXCERPT_WORDS, cut_excerpt
from search.folding import fold
from search.query import parse_query

PIECES = st.sampled_from(
    ["mairie", "mairies.", "l’élu·e", "Le", "mot", "fin.", "logiciel", "libre,", "«\u00a0Ah\u00a0!\u00a0»"]
)
QUERIES = st.sampled_from(["mairie", "élue libre", '"logiciel libre"', "« l’élu »", "le mot", "l'"])


def cut(text: str, query: str, first: int = 0, last: int | None = None):
    texts = text.split(" ")
    return cut_excerpt(texts, parse_query(query).clauses, first, len(texts) - 1 if last is None else last)


def marked(text: str, query: str) -> list[str]:
    found = cut(text, query)
    return [found.text[begin:end] for begin, end in found.highlights]


def test_whole_words_are_marked_without_their_article():
    assert marked("l’association d’élu·e·s", "association élue") == ["association", "élu·e·s"]


def test_an_article_is_never_marked_alone():
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
        assert fold(found.text[begin:end]) not in ("l", "d")
        assert (begin == 0 or not found.text[begin - 1].isalnum()) and not found.text[end : end + 1].isalnum()
        ends = end
