"""Wiki pages as volunteers write them: every variant of their grammar, and nothing of it lost."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.texts import read_text, wiki
from ingest.texts.wiki import MAX_OPENERS, read_wiki
from media.episodes import Person
from media.texts.values import Block, BlockKind, ReadText, TextFormat, turns_of

PAGE = """[[Catégorie:Transcriptions]]

'''Titre :''' Le libre au jardin<br />
'''Intervenant·e·s :''' Ana Bel - Zoé - - Jean Roc à la régie

'''Lieu :''' Radio des Dunes

'''Date :''' mardi 3 mars 2026

'''Durée :''' 1 h 02 min

'''[https://exemple.invalid/son/jardin.ogg Podcast]'''

[https://exemple.invalid/jardin Page de présentation de l'émission]

'''Licence de la transcription :''' [https://www.gnu.org/licenses/licenses.html#VerbatimCopying Verbatim]

'''NB :''' <em>Transcription réalisée par nos soins.<br/>
Les positions exprimées sont celles des personnes.</em>

Transcrit MO

==Transcription==

<b>Ana Bel : </b>Bonjour à toutes. <!-- à
relire --> Bonjour à tous.<br/>
Le <em>logiciel</em> ''libre'' au [https://exemple.invalid/j jardin].<br/>
On écoute la DAB+ [Digital Audio Broadcasting].

Une suite, {{souligné|sans}} nouveau nom.

[Jingle]

==Deuxième partie 47‘ 57==

'''Zoé :'''Merci l’&eacute;quipe&nbsp;!

<b>Jean Roc</b> : Oui, ??? [32 min 50] aussi.

Pause musicale : Passe par ici par Les Uns.

==52’ 58==

<strong>Ana Bel :</strong>
Au revoir.
"""


def read(page: str, **options: object) -> ReadText:
    return read_text(page.encode(), "page.wiki", **options)  # type: ignore[arg-type]


def said(block: Block) -> str:
    return " ".join(word.text for word in block.words)


def spoken(found: ReadText) -> list[tuple[str | None, str]]:
    return [(block.speaker, said(block)) for block in found.blocks if block.kind is BlockKind.SPEECH]


def of_kind(found: ReadText, kind: BlockKind) -> list[Block]:
    return [block for block in found.blocks if block.kind is kind]


def test_a_page_of_the_volunteers_is_understood_in_full():
    found = read(PAGE)
    assert found.format is TextFormat.WIKI
    assert spoken(found) == [
        ("Ana Bel", "Bonjour à toutes. Bonjour à tous."),
        (None, "Le logiciel libre au jardin."),
        (None, "On écoute la DAB+ [Digital Audio Broadcasting]."),
        (None, "Une suite, nouveau nom."),
        ("Zoé", "Merci l’équipe\xa0!"),
        ("Jean Roc", "Oui, ??? [32 min 50] aussi."),
        ("Ana Bel", ""),
        (None, "Au revoir."),
    ]
    assert [block.label for block in of_kind(found, BlockKind.EVENT)] == ["Jingle"]
    assert [(block.label, block.value) for block in of_kind(found, BlockKind.MUSIC)] == [
        ("Passe par ici", "Les Uns")
    ]
    assert [(block.label, block.start_ms) for block in of_kind(found, BlockKind.HEADING)] == [
        ("Deuxième partie", 2_877_000),
        ("", 3_178_000),
    ]
    assert not found.questions
    turns = turns_of(found)
    assert [turn.text for turn in turns.turns][-1] == "Au revoir."
    assert [chapter.title for chapter in turns.chapters] == ["Deuxième partie"]


def test_the_fields_of_a_page_fill_the_episode():
    header = read(PAGE).header
    assert header.title == "Le libre au jardin"
    assert header.people == (Person("Ana Bel"), Person("Zoé"), Person("Jean Roc", "à la régie"))
    assert header.place == "Radio des Dunes"
    assert header.published == date(2026, 3, 3)
    assert header.duration_ms == 62 * 60_000
    assert header.audio_url == "https://exemple.invalid/son/jardin.ogg"
    assert header.page_url == "https://exemple.invalid/jardin"
    assert (header.licence, header.licence_url) == (
        "Verbatim",
        "https://www.gnu.org/licenses/licenses.html#VerbatimCopying",
    )
    assert header.notes == (
        "Transcription réalisée par nos soins.\nLes positions exprimées sont celles des personnes.",
    )
    assert header.transcribers == ("MO",)


def test_words_stand_where_the_page_has_them():
    found = read(PAGE)
    written = {word.text: found.text[word.begin : word.end] for block in found.blocks for word in block.words}
    assert written["logiciel"] == "logiciel"
    assert written["l’équipe\xa0!"] == "l’&eacute;quipe&nbsp;!"
    assert written["jardin."] == "jardin]."


@pytest.mark.parametrize(
    ("line", "speaker", "text"),
    [
        ("<b>Ana Bel : </b>Bonjour", "Ana Bel", "Bonjour"),
        ("'''Ana Bel :''' Bonjour", "Ana Bel", "Bonjour"),
        ("'''Ana Bel''' : Bonjour", "Ana Bel", "Bonjour"),
        ("<b>Ana Bel :</b>Bonjour", "Ana Bel", "Bonjour"),
        ("<b>Ana\xa0Bel\xa0: Bonjour", "Ana Bel", "Bonjour"),
        ("Ana Bel :Bonjour", "Ana Bel", "Bonjour"),
        ("'''[[Ana Bel]] :''' Bonjour", "Ana Bel", "Bonjour"),
        ("<b>Voix off : </b>Cause Commune, 93.1.", "Voix off", "Cause Commune, 93.1."),
        ("'''[00:12:34] Ana Bel :''' Bonjour", "Ana Bel", "Bonjour"),
    ],
)
def test_names_are_recognised_however_they_are_marked(line: str, speaker: str, text: str):
    [(who, what)] = spoken(read(f"'''Intervenants :''' Ana Bel, Zoé\n\n==Transcription==\n\n{line}\n"))
    assert (who, what) == (speaker, text)


@pytest.mark.parametrize(
    "line",
    [
        "<b>Luk : </b>'''mot''' dit",
        "'''Luk : '''<b>mot</b> dit",
        "<b>Luk :</b> <strong>mot dit</strong>",
        "<b>Luk</b><b> : </b><b>mot</b> dit",
        "<b>[[Luk]] : </b>'''mot''' ''dit''",
        "[00:12] <b>Luk : </b>'''mot''' dit",
    ],
)
def test_a_name_in_bold_ends_with_its_bold_even_where_bold_words_touch_it(line: str):
    """Nothing else here knows the name."""
    [(who, what), *_] = spoken(read(f"==Transcription==\n\n{line}\n\nUne suite.\n\nUne autre.\n"))
    assert (who, what) == ("Luk", "mot dit")


def test_a_colon_in_a_paragraph_names_nobody():
    page = "==Transcription==\n\n<b>Ana : </b>Oui.\n\nUn point charnière : oui.\n\nDu coup : non."
    assert [who for who, _ in spoken(read(page))] == ["Ana", None, None]


def test_a_page_that_was_emptied_says_where_its_text_is():
    found = read("[[Catégorie:Transcriptions]]\nPublié [https://exemple.invalid/texte ici] - Juillet 2019\n")
    assert found.published_at_url == "https://exemple.invalid/texte"
    assert not any(block.words for block in found.blocks)


def test_what_nobody_here_understands_is_kept_and_not_said():
    box, table = "{{Boîte\n| un = '''gras'''\n| deux\n}}", "{|\n! a\n|-\n| b\n|}"
    page = f"<b>Ana : </b>Avant.\n\n{box}\n\n{table}\n\nAprès.<ref>Une\nnote</ref>\n"
    found = read(page)
    assert [what for _, what in spoken(found)] == ["Avant.", "Après."]
    assert [found.text[block.begin : block.end] for block in of_kind(found, BlockKind.MARKUP)] == [box, table]


def test_markup_left_open_ends_with_its_line():
    page = "<b>Ana : Bonjour.\n\n<b>Bob : </b>Salut ''toi.\n\n{{Jamais fermé\n\n<!-- ni ça\n\n"
    page += "<b>Ana : </b>Fin.\n"
    assert [who for who, _ in spoken(read(page))][:2] == ["Ana", "Bob"]
    assert spoken(read(page))[-1] == ("Ana", "Fin.")


@pytest.mark.parametrize(
    "mark", ["<b>", "'''a ", "[http://a ", "[[", "{{", "{|\n", "<ref>", "<!--", "<b>x\n", "&", "'''''"]
)
def test_a_page_of_open_marks_is_read_in_the_time_of_its_size(mark: str):
    page = mark * (50_000 // len(mark))
    lines = read_wiki(page)
    assert len(mark) * 10 < MAX_OPENERS * 10_000
    assert sum(line.end - line.begin for line in lines) <= len(page)


MARKS = [
    "<b>",
    "</b>",
    "'''",
    "''",
    "[[",
    "]]",
    "[http://a.b ",
    "]",
    "{{",
    "}}",
    "<!--",
    "-->",
    "<br/>",
    "\n",
    "\n\n",
]
MARKS += [
    "==",
    " : ",
    "Ana",
    "Bob",
    "mot ",
    "é",
    "&eacute;",
    "<ref>",
    "</ref>",
    "<nowiki>",
    "{|",
    "|}",
    "* ",
    "<",
]


@given(st.lists(st.sampled_from(MARKS), max_size=40).map("".join))
def test_any_markup_is_cut_into_lines_that_cover_it(page: str):
    lines = read_wiki(page)
    at = 0
    for line in lines:
        assert at <= line.begin < line.end <= len(page)
        at = line.end
        for word in line.words():
            assert line.begin <= word.begin < word.end <= line.end


SIMPLY = [
    *(
        "'",
        "''",
        "'''",
        "<b>",
        "</b>",
        "<i>",
        "</i>",
        "<strong>",
        "</strong>",
        "<em>",
        "</em>",
        "==",
        "===",
        "=",
    ),
    *(
        "[",
        "]",
        "*",
        "#",
        ":",
        ";",
        "-",
        "----",
        "/",
        "//",
        "&",
        "|",
        "Luk",
        " : ",
        " ",
        "mot",
        "l'eau",
        "a:b",
    ),
    *(
        "[Rires]",
        "??? [32 min 50]",
        "tel:1",
        "news: x",
        "mailto:a",
        "http://a.b",
        "12:30",
        "R&D",
        "&eacute;",
        "\xa0:",
    ),
]


@settings(max_examples=300)
@given(st.lists(st.sampled_from(SIMPLY), min_size=1, max_size=9).map("".join).map(str.strip).filter(bool))
def test_lines_that_are_read_without_the_parser_are_read_as_it_reads_them(line: str):
    view = wiki._see_simple(line, 5)
    if view is not None and wiki.MARKED.search(line):
        assert view == wiki._see_parsed(line, 5, parse=True)


def test_a_page_of_more_marks_than_a_day_of_words_is_read_without_its_parser(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(wiki, "MAX_PARSED", 2)
    assert [line.text for line in read_wiki("[[a|b]]\n" * 3)] == ["b", "b", "[[a|b]]"]


@pytest.mark.parametrize(
    "line", ["==a==", "* a b", "[Rires]", "<b>Ana : </b>Oui, ''non'' [rires].", "'''Ana :''' R&D et/ou l'eau"]
)
def test_the_lines_of_volunteers_need_no_parser(line: str):
    assert wiki._see_simple(line, 0) is not None
