"""Wiki pages come back to the byte, with what was corrected here, and are read again as what was said."""

from dataclasses import replace
from datetime import UTC, datetime

import mwparserfromhell
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.texts import read_text
from media.licences import describe_licence
from media.texts.documents import Document, HeldDocument
from media.texts.values import TextFormat, TextTurns, turns_of
from media.transcript import Chapter, Edition, Turn, TurnKind, Word, begin_turn, speech_turn
from media.transcripts import Attribution, StoredTurn, Voice
from media.writing.script import Script
from media.writing.wiki import render_wiki, render_wiki_page
from tests.media.writing.scripts import LABELS, make_episode, make_script, spoken, stored

PAGE = """[[Catégorie:Transcriptions]]

'''Titre :''' Souveraineté

'''Intervenants :''' Luk - Zoé Martin - Julie à la régie

'''Licence de la transcription :''' [https://www.gnu.org/licenses/ Verbatim]<br/>

==Transcription==

<b>Voix off : </b>''Libre à vous !'', l’émission.

[Virgule sonore]

==Première partie 02’ 10==

<b>Zoé Martin : </b>Bonjour à tous. On parle de [https://april.org l’April], de <em>logiciel libre</em><br/>
C’est ça, ???, à l’époque ??? [32 min 50], etc.

Et ce paragraphe suit.
<!-- relu jusqu’ici -->

<b>Luk : </b>Merci {{Ref|1}} à vous <ref>une note</ref> toutes&nbsp;!

Pause musicale : Fascist par Momma Swift.

<b>Zoé Martin :</b> De retour. Voilà.
"""


def hold(page: str) -> HeldDocument:
    """Keep a page as the catalogue does."""
    read = read_text(page.encode(), "page.wiki", hint=TextFormat.WIKI)
    text = turns_of(read)
    voices = {name: number for number, name in enumerate(dict.fromkeys(filter(None, text.speakers)), 1)}
    document = Document(
        1, 1, "page.wiki", None, "0" * 64, "text/x-wiki", read.format, read.encoding,
        datetime(2026, 3, 1, tzinfo=UTC), None, "wiki", "", None, {}, True, None,
    )  # fmt: skip
    return HeldDocument(document, page.encode(), read, text, voices)


def keep(text: TextTurns) -> list[StoredTurn]:
    """Make stored turns of a text, as an import does."""
    names = list(dict.fromkeys(filter(None, text.speakers)))
    return [
        StoredTurn(
            at + 1, 1, at, turn,
            None if speaker is None else voice_of(speaker, names.index(speaker) + 1),
            edition=Edition.PUBLISHED,
        )
        for at, (turn, speaker) in enumerate(zip(text.turns, text.speakers, strict=True))
    ]  # fmt: skip


def voice_of(name: str, number: int) -> Voice:
    return Voice(number, number, name, Attribution.IMPORTED)


def export(held: HeldDocument, turns: list[StoredTurn]) -> str:
    terms = describe_licence("Verbatim")
    return render_wiki(Script(make_episode(), turns, (), Edition.PUBLISHED, terms, "", None, LABELS, held))


def said(page: str) -> list[tuple[str | None, str, list[str]]]:
    """Read a page: who says what, in which paragraphs."""
    text = turns_of(read_text(page.encode(), "page.wiki", hint=TextFormat.WIKI))
    return what_is_said(keep(text))


def what_is_said(turns: list[StoredTurn]) -> list[tuple[str | None, str, list[str]]]:
    rows = []
    for held in turns:
        paragraphs: list[list[str]] = []
        for word in held.turn.words:
            if word.paragraph or not paragraphs:
                paragraphs.append([])
            paragraphs[-1].append(word.text)
        name = held.voice.name if held.voice else None
        rows.append((name, held.turn.label or "", [" ".join(words) for words in paragraphs]))
    return rows


def correct(turns: list[StoredTurn], at: int, text: str) -> list[StoredTurn]:
    turn = replace(turns[at].turn, words=tuple(Word(word) for word in text.split(" ")), doubts=())
    return [*turns[:at], replace(turns[at], turn=turn), *turns[at + 1 :]]


def text_of(turns: list[StoredTurn], part: str) -> int:
    return next(at for at, held in enumerate(turns) if part in held.turn.text)


def test_a_page_that_was_not_changed_comes_back_to_the_byte():
    held = hold(PAGE)
    assert export(held, keep(held.base)) == PAGE


def test_a_corrected_word_changes_that_word_only():
    held = hold(PAGE)
    turns = keep(held.base)
    at = text_of(turns, "Bonjour")
    words = [replace(w, text="l’ADULLACT,") if w.text == "l’April," else w for w in turns[at].turn.words]
    turns[at] = replace(turns[at], turn=replace(turns[at].turn, words=tuple(words)))
    assert export(held, turns) == PAGE.replace("l’April]", "l’ADULLACT]")


def test_words_added_and_taken_away_leave_the_markup_around_them():
    held = hold(PAGE)
    turns = keep(held.base)
    at = text_of(turns, "Bonjour")
    words = [w for w in turns[at].turn.words if w.text not in ("logiciel", "parle")]
    words.insert(1, Word("bien"))
    turns[at] = replace(turns[at], turn=replace(turns[at].turn, words=tuple(words), doubts=()))
    wanted = PAGE.replace("Bonjour à", "Bonjour bien à").replace("On parle de", "On de")
    assert export(held, turns) == wanted.replace("<em>logiciel libre</em>", "<em>libre</em>")


def test_a_speaker_named_otherwise_is_named_so_wherever_they_speak():
    held = hold(PAGE)
    turns = keep(held.base)
    for at, it in enumerate(turns):
        if it.voice and it.voice.name == "Zoé Martin":
            turns[at] = replace(it, voice=replace(it.voice, name="Zoé Martine"))
    written = export(held, turns)
    assert written.count("<b>Zoé Martine\N{NO-BREAK SPACE}: </b>") == 2
    assert what_is_said(turns) == said(written)


def test_a_turn_split_merged_added_or_taken_away_is_read_again_so():
    held = hold(PAGE)
    base = keep(held.base)
    at = text_of(base, "Bonjour")
    luk = next(it.voice for it in base if it.voice and it.voice.name == "Luk")
    turn = base[at].turn
    halves = [
        replace(base[at], turn=replace(turn, words=turn.words[:3], doubts=())),
        replace(base[at], id=90, voice=luk, turn=replace(turn, words=begin_turn(turn.words[3:]), doubts=())),
    ]
    split = [*base[:at], *halves, *base[at + 1 :]]
    added = [*base, StoredTurn(91, 1, 99, speech_turn([Word("Au"), Word("revoir.")], luk.number), luk)]
    gone = [it for it in base if "Merci" not in it.turn.text]
    no_jingle = [it for it in base if it.turn.label != "Virgule sonore"]
    first = text_of(base, "Merci")
    both = replace(base[first - 1].turn, words=base[first - 1].turn.words + base[first].turn.words)
    merged = [*base[: first - 1], replace(base[first - 1], turn=both), *base[first + 1 :]]
    for turns in (split, added, gone, no_jingle, merged):
        written = export(held, turns)
        assert said(written) == what_is_said(turns)
        assert "'''Intervenants :''' Luk - Zoé Martin - Julie à la régie" in written
        assert "<!-- relu jusqu’ici -->" in written
    assert "[https://april.org l’April], de <em>logiciel libre</em>" in export(held, split)


GAP = "\N{NO-BREAK SPACE}"
WORDS = st.sampled_from(["mot", "libre", "l’April", "fin.", f"quoi{GAP}?", "DAB+[gloss]", f"«{GAP}oui{GAP}»"])
MARKED = st.sampled_from(
    [
        "%s",
        "''%s''",
        "<em>%s</em>",
        "[https://x.test/a?b=c %s]",
        "<u>%s</u>",
        "%s<ref>n</ref>",
        "{{x|y}} %s",
        "%s&nbsp;!",
    ]
)


@st.composite
def pages(draw: st.DrawFn) -> str:
    """Draw a page of the grammar, with markup of all sorts."""
    lines = ["'''Titre :''' Essai\n\n==Transcription==\n"]
    for _ in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(["turn", "turn", "turn", "event", "heading", "music", "unknown"]))
        if kind == "turn":
            paragraphs = []
            for _ in range(draw(st.integers(1, 3))):
                words = draw(st.lists(st.tuples(MARKED, WORDS), min_size=1, max_size=8))
                paragraphs.append(
                    "Bon, "
                    + " ".join(mark % (word if "http" not in mark else "lien") for mark, word in words)
                )
            name = draw(st.sampled_from(["Luk", "Zoé Martin", "Voix off"]))
            lines.append(
                f"<b>{name} : </b>" + draw(st.sampled_from(["<br/>\n", "<br />\n", "\n\n"])).join(paragraphs)
            )
        else:
            lines.append(
                {
                    "event": "[Jingle]",
                    "heading": "== Partie 12’ 30 ==",
                    "music": "Pause musicale : X par Y.",
                    "unknown": "{{Boîte\n|a=b}}",
                }[kind]
            )
    return "\n\n".join([*lines, "<b>Luk : </b>Au revoir."]) + draw(
        st.sampled_from(["", "\n", "\n\n[[Catégorie:X]]\n"])
    )


@settings(max_examples=60)
@given(pages())
def test_any_page_of_the_grammar_comes_back_to_the_byte(page: str):
    held = hold(page)
    assert export(held, keep(held.base)) == page


@settings(max_examples=80)
@given(pages(), st.data())
def test_what_was_corrected_here_is_what_is_read_again(page: str, data: st.DataObject):
    held = hold(page)
    turns = keep(held.base)
    for _ in range(data.draw(st.integers(1, 3))):
        speech = [at for at, it in enumerate(turns) if len(it.turn.words) > 2]
        if not speech:
            break
        at = data.draw(st.sampled_from(speech))
        words = list(turns[at].turn.words)
        place = data.draw(st.integers(1, len(words) - 1))
        act = data.draw(st.sampled_from(["replace", "delete", "insert", "split"]))
        if act == "replace":
            words[place] = replace(words[place], text=data.draw(WORDS))
        elif act == "delete":
            gone = words.pop(place)
            if gone.paragraph and place < len(words):
                words[place] = replace(words[place], paragraph=True)
        elif act == "insert":
            words.insert(place, Word("ajouté"))
        else:
            voice = Voice(9, 9, "Anne", Attribution.HUMAN)
            tail = replace(
                turns[at],
                id=100 + at,
                voice=voice,
                turn=replace(turns[at].turn, words=begin_turn(words[place:]), doubts=()),
            )
            turns.insert(at + 1, tail)
            words = words[:place]
        turns[at] = replace(turns[at], turn=replace(turns[at].turn, words=tuple(words), doubts=()))
    assert said(export(held, turns)) == what_is_said(turns)


@settings(max_examples=60)
@given(spoken(longest=12, without="00:"))  # a clock alone is a time, for whoever reads the page
def test_a_page_written_by_the_grammar_says_what_was_said(turns: list[StoredTurn]):
    """FAULTS 57: no word opens markup, ends a line or names a speaker."""
    page = render_wiki_page(make_script(turns))
    code = mwparserfromhell.parse(page.split("==Transcription==")[1])
    assert not code.filter_templates()
    assert not code.filter_wikilinks()
    assert {str(tag.tag) for tag in code.filter_tags()} <= {"b", "br"}
    read = turns_of(read_text(page.encode(), "page.wiki", hint=TextFormat.WIKI))
    assert len(read.turns) == len(turns)
    heard = " ".join(turn.text for turn in read.turns).replace("\N{NO-BREAK SPACE}", " ").split()
    spoken_words = (
        " ".join(held.turn.text for held in turns).replace("\N{NO-BREAK SPACE}", " ").replace("\u202e", "")
    )
    assert heard == spoken_words.split()


def test_a_page_written_by_the_grammar_has_all_that_its_readers_expect():
    turns = [
        stored(speech_turn([Word("Bonjour.", 0, 400), Word("Bien.", 400, 900, paragraph=True)], 1), 0, "Zoé"),
        stored(Turn(kind=TurnKind.EVENT, label="Jingle", start_ms=1000, end_ms=2000), 1),
        stored(Turn(kind=TurnKind.MUSIC, label="Fascist par Momma Swift", start_ms=2000, end_ms=3000), 2),
        stored(speech_turn([Word("Oui."), Word("???"), Word("[32"), Word("min"), Word("50]")], 2), 3, None),
    ]
    page = render_wiki_page(make_script(turns, (Chapter(0, "Partie"),)))
    for part in (
        "[[Catégorie:Transcriptions]]\n",
        "'''Titre\N{NO-BREAK SPACE}: ''' Le libre & &lt;vous>",
        "'''Date\N{NO-BREAK SPACE}: ''' 1er mars 2026",
        "Verbatim",
        "<!-- t=0.000 -->\n==Partie 00’ 00==",
        "<b>Zoé\N{NO-BREAK SPACE}: </b>Bonjour.<br/>\nBien.",
        "[Jingle]",
        "Pause musicale\N{NO-BREAK SPACE}: Fascist par Momma Swift.",
        "<b>Voice 2\N{NO-BREAK SPACE}: </b>Oui. ??? [32 min 50]",
    ):
        assert part in page
    read = read_text(page.encode(), "page.wiki")
    assert read.format is TextFormat.WIKI
    assert (read.header.title, read.header.published.isoformat()) == ("Le libre & <vous>", "2026-03-01")
    text = turns_of(read)
    assert [turn.kind for turn in text.turns] == [held.turn.kind for held in turns]
    assert [turn.label for turn in text.turns] == [held.turn.label for held in turns]
    assert text.chapters[0].title == "Partie"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_the_real_page_grammar_survives_every_encoding(encoding: str):
    held = hold(PAGE.encode(encoding).decode("utf-8"))
    assert export(held, keep(held.base)).lstrip("\ufeff") == PAGE
