"""The French analyzer, and what holds for any text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.analysis import find_tokens, index_text, iter_tokens
from search.chunks import CHUNK, FORM, MAX_CHUNK_LENGTH, TokenKind
from search.folding import fold, stem, surface

FRENCH = st.text(
    st.sampled_from("aeéèlLdqusx œŒæ'’ʼ-‑·•./()0123 \u00a0\u202f\u00ad\u0301\u200b«»!,\n") | st.characters(),
    max_size=60,
)


def read(text: str) -> list[tuple[str, int, tuple[str, ...]]]:
    return [(text[token.begin : token.end], token.position, token.terms) for token in iter_tokens(text)]


def terms(text: str) -> list[tuple[str, ...]]:
    return [token.terms for token in iter_tokens(text)]


@pytest.mark.parametrize(
    "one, other",
    [
        ("usager", "usagers"), ("élu", "élus"), ("cheval", "chevaux"), ("bateau", "bateaux"), ("jeu", "jeux"),
        ("travail", "travaux"), ("cœur", "COEURS"), ("l’été", "l'ete"), ("Élysée", "elysee"), ("an", "ans"),
        ("aujourd’hui", "aujourd'hui"), ("mai\u00adrie", "mairie"), ("e\u0301lu", "élu"),
        ("journal", "journaux"), ("D.S.I.", "DSI"), ("30 000", "30\u202f000"), ("30\u00a0000", "30000"),
        ("Hauts‑de‑Seine", "hauts-de-seine"),
    ],
)  # fmt: skip
def test_these_answer_to_each_other(one, other):
    assert terms(one) == terms(other)


@pytest.mark.parametrize(
    "one, other",
    [
        ("usage", "usager"), ("maire", "mairie"), ("entrée", "entre"), ("mois", "moi"), ("mais", "mai"),
        ("fois", "foi"), ("tous", "toux"), ("plus", "plu"), ("dessous", "dessou"), ("vers", "ver"),
    ],
)  # fmt: skip
def test_these_stay_apart(one, other):
    assert not set(terms(one)) & set(terms(other))


@pytest.mark.parametrize("text", ["élu·e·s", "élu.e.s", "élu-e-s", "élu(e)s", "élu•es", "élu⋅e⋅s", "élu·e.s"])
def test_inclusive_writing_says_both_at_one_position(text):
    assert read(text) == [(text, 0, ("elu", "elue"))]


@pytest.mark.parametrize(
    "text, masculine, feminine",
    [
        ("citoyen-ne-s", "citoyen", "citoyenne"), ("animateurs·trices", "animateur", "animatrice"),
        ("Malakoffiot·tes", "malakoffiot", "malakoffiotte"), ("chacun-e", "chacun", "chacune"),
        ("chercheur·euse·s", "chercheur", "chercheuse"), ("conseiller·ère·s", "conseiller", "conseillere"),
        ("actif·ve·s", "actif", "active"), ("professionnel·le·s", "professionnel", "professionnelle"),
        ("acteur·rice", "acteur", "actrice"), ("étudiant/e", "etudiant", "etudiante"),
        ("tou·te·s", "tous", "toute"), ("nouveaux·elles", "nouveau", "nouvelle"),
        ("habitant·e.s", "habitant", "habitante"), ("salarié‧es", "salarie", "salariee"),
        ("auditeur∙trice", "auditeur", "auditrice"), ("ÉLU⋅E", "elu", "elue"),
        ("heureux·ses", "heureu", "heureuse"), ("agent(e)s", "agent", "agente"),
    ],
)  # fmt: skip
def test_feminines_append_double_or_replace(text, masculine, feminine):
    [[*forms]] = terms(text)
    assert (forms[0], forms[-1]) == (masculine, feminine)


def test_compounds_are_parts_in_a_row_and_one_word_beside():
    assert read("une plate-forme libre") == [
        ("une", 0, ("une",)),
        ("plate", 1, ("plate",)),
        ("plate-forme", 1, ("plateforme",)),
        ("forme", 2, ("forme",)),
        ("libre", 3, ("libre",)),
    ]
    assert [text for text, _, _ in read("est-ce, dis-le")] == ["est", "est-ce", "ce", "dis", "dis-le", "le"]


def test_elided_articles_have_a_place_of_their_own():
    assert read("l’association qu'on") == [
        ("l", 0, ("l",)),
        ("association", 1, ("association",)),
        ("qu", 2, ("qu",)),
        ("on", 3, ("on",)),
    ]
    kinds = [token.kind for token in iter_tokens("l’association")]
    assert kinds == [TokenKind.ARTICLE, TokenKind.WORD]
    assert terms("quelqu’un, prud'hommes") == [("quelquun",), ("prudhomme",)]


def test_names_numbers_and_sites_are_kept():
    assert terms("X HoliznaCC0 2020/2026 14h30") == [
        ("x",), ("holiznacc0",), ("2020",), ("2026",), ("14h30",)
    ]  # fmt: skip
    assert ("libreavou",) in terms("libreavous.org")


@given(FRENCH)
def test_offsets_slice_the_original(text):
    for token in iter_tokens(text):
        written = text[token.begin : token.end]
        assert written
        assert fold(written)[0] == token.terms[0][0]
        assert all(fold(term) == term for term in token.terms)


@given(FRENCH)
def test_positions_and_offsets_ascend(text):
    tokens = list(iter_tokens(text))
    places = [token.position for token in tokens]
    assert places == sorted(places)
    assert [token.begin for token in tokens] == sorted(token.begin for token in tokens)
    assert set(places) == set(range(len(set(places))))


@given(FRENCH)
def test_index_and_highlight_read_the_same_tokens(text):
    positions, _, width = index_text(text)
    tokens = list(iter_tokens(text))
    assert {(term, at) for term, held in positions.items() for at in held if FORM not in term} == {
        (term, token.position) for token in tokens for term in token.terms
    }
    assert all(held == sorted(set(held)) for held in positions.values())
    assert width == len({token.position for token in tokens})
    assert list(find_tokens(text, frozenset(positions))) == tokens


@pytest.mark.parametrize(
    "text",
    ["plate-forme", "est-ce", "1.e", "dis-le", "prends-les", "il/elle", "fin.E", "celui·celle", "un·une"],
)
def test_what_looks_inclusive_and_is_not_stays_apart(text):
    assert all(len(token.terms) == 1 for token in iter_tokens(text))
    assert len(terms(text)) >= 2


@given(st.text())
def test_folding_and_stemming_twice_changes_nothing(word):
    folded = fold(word)
    assert fold(folded) == folded
    assert stem(stem(folded)) == stem(folded)


@given(FRENCH)
def test_terms_do_not_depend_on_the_normal_form(text):
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert terms(composed) == terms(decomposed)


@given(FRENCH)
def test_the_work_is_bounded_by_the_length_of_the_text(text):
    """Whatever the text, it is cut into chunks of at most so many characters, which do not overlap."""
    chunks = CHUNK.findall(text)
    assert sum(map(len, chunks)) <= len(text)
    assert all(len(chunk) <= MAX_CHUNK_LENGTH for chunk in chunks)


@pytest.mark.parametrize(
    "unit", ["a-", "a.a", "a(e)", "1 ", "1 000 ", "'", "é", "a·e·s", "mot ", "a'", "s.", "l’élu·e·s, ", "日"]
)
def test_twice_the_text_is_twice_the_work(unit):
    once, twice = (len(CHUNK.findall(unit * count)) for count in (20_000, 40_000))
    assert abs(twice - 2 * once) <= 2
    assert index_text(unit * 20_000).width <= len(unit) * 20_000


@given(FRENCH)
def test_forms_are_the_spellings_of_words_not_written_as_their_term(text):
    forms = {tuple(form.split(FORM)) for form in index_text(text).forms}
    written = {
        (token.terms[0], surface(text[token.begin : token.end]))
        for token in iter_tokens(text)
        if token.kind is not TokenKind.ARTICLE
    }
    assert forms <= written
    assert all(spelling != term for term, spelling in forms)


def test_a_compound_says_which_of_its_positions_are_its_own():
    positions = index_text("une plate-forme libre").positions
    assert positions["plateforme"] == [1] and positions[f"plateforme{FORM}1"] == [2]
    assert "plateforme" in index_text("plateforme").positions
    assert f"plateforme{FORM}1" not in index_text("plateforme").positions
