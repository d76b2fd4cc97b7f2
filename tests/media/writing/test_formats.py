"""Texts, pages and JSON are read back by other libraries, whatever a word, a name or a title holds."""

import json
import re

import html5lib
import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from media.transcript import Chapter, Turn, TurnKind, Word, speech_turn
from media.transcripts import StoredTurn
from media.writing.formats import FORMATS
from media.writing.html import render_html
from media.writing.podcasting import render_chapters, render_json
from media.writing.script import clean, speaker_name
from media.writing.text import escape_markdown, render_markdown, render_text
from tests.media.writing.scripts import LABELS, NASTY_NAMES, NASTY_WORDS, make_script, spoken, stored

XHTML = "{http://www.w3.org/1999/xhtml}"
TRANSCRIPT_SCHEMA = {  # of transcripts/transcripts.md of the podcast namespace
    "type": "object",
    "required": ["version", "segments"],
    "properties": {
        "version": {"type": "string"},
        "segments": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["startTime", "endTime", "body"],
                "properties": {
                    "speaker": {"type": "string"},
                    "startTime": {"type": "number", "minimum": 0},
                    "endTime": {"type": "number", "minimum": 0},
                    "body": {"type": "string"},
                },
            },
        },
    },
}
CHAPTERS_SCHEMA = {  # of chapters/jsonChapters.md
    "type": "object",
    "required": ["version", "chapters"],
    "properties": {
        "version": {"const": "1.2.0"},
        "chapters": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["startTime"],
                "properties": {
                    "startTime": {"type": "number", "minimum": 0},
                    "title": {"type": "string"},
                    "url": {"type": "string", "format": "uri"},
                },
            },
        },
    },
}


def said(turns: list[StoredTurn]) -> str:
    return " ".join(clean(turn.turn.text) for turn in turns)


@settings(max_examples=40)
@given(spoken(), st.sampled_from(NASTY_NAMES[1:]))
def test_a_page_shows_every_word_and_opens_no_tag_of_a_words(turns: list[StoredTurn], title: str):
    """FAULTS 48, 57."""
    page = render_html(make_script(turns, (Chapter(0, title),), title=title))
    parser = html5lib.HTMLParser(strict=False)
    root = parser.parse(page)
    assert not parser.errors
    tags = {element.tag.removeprefix(XHTML) for element in root.iter() if isinstance(element.tag, str)}
    assert not tags & {"script", "b", "v", "img", "iframe"}
    assert root.get("lang") == "fr"
    assert not [name for element in root.iter() for name in element.attrib if name.startswith("on")]
    assert said(turns).split() == [word for turn in turns for word in _spoken_words(root, turn.position)]


def _spoken_words(root, position: int) -> list[str]:
    """Read a turn's words off the page: its paragraphs up to the next turn's, name and time aside."""
    found: list[str] = []
    inside = False
    for element in root.iter():
        if element.get("id", "").startswith("p"):
            inside = element.get("id") == f"p{position + 1}"  # the chapter is first
        if inside and element.tag == f"{XHTML}p":
            whole = "".join(element.itertext())
            for aside in (*element.iter(f"{XHTML}time"), *element.iter(f"{XHTML}strong")):
                whole = whole.replace("".join(aside.itertext()), "", 1)
            found += whole.split()
    return found


@settings(max_examples=60)
@given(spoken(), st.sampled_from(NASTY_NAMES[1:]))
def test_markdown_shows_every_word_as_it_is(turns: list[StoredTurn], title: str):
    """FAULTS 57."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(
        render_markdown(make_script(turns, title=title))
    )
    kinds = {token.type for token in tokens}
    assert kinds <= {
        "heading_open", "heading_close", "inline", "paragraph_open", "paragraph_close",
        "bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close",
    }  # fmt: skip
    inline = [child for token in tokens if token.children for child in token.children]
    assert {child.type for child in inline} <= {
        "text", "text_special", "strong_open", "strong_close", "link_open", "link_close",
    }  # fmt: skip
    paragraphs = ["".join(child.content for child in token.children) for token in tokens if token.children]
    shown = " ".join(paragraphs).split()
    for word in said(turns).split():
        assert word in shown


@given(st.lists(st.sampled_from(NASTY_WORDS), min_size=1, max_size=8))
def test_escaped_markdown_is_read_back(words: list[str]):
    text = clean(" ".join(words))
    (_, token, _) = MarkdownIt("gfm-like", {"linkify": False}).parse(escape_markdown(text))
    assert "".join(child.content for child in token.children) == text.strip()


@settings(max_examples=40)
@given(spoken())
def test_in_plain_text_whoever_seems_to_be_named_is_who_speaks(turns: list[StoredTurn]):
    """FAULTS 57: a paragraph of text never begins with another's name."""
    written = render_text(make_script(turns))
    names = {speaker_name(turn, LABELS).replace(":", "·") for turn in turns}
    for paragraph in written.split("\n\n")[2:]:
        head, colon, _ = re.sub(r"^\[[\d:]+\] ", "", paragraph).partition(":")
        if colon and len(head) <= 40 and re.match(r"\s", _ or " "):
            head = head.rstrip()
            assert head in names or any(name.startswith(head.rstrip("…")) for name in names)


@settings(max_examples=40)
@given(spoken())
def test_json_is_what_the_namespace_asks_and_holds_every_word(turns: list[StoredTurn]):
    document = json.loads(render_json(make_script(turns)))
    jsonschema.validate(document, TRANSCRIPT_SCHEMA)
    assert " ".join(segment["body"] for segment in document["segments"]) == said(turns)
    assert (document["licence"]["id"], document["edition"]) == ("verbatim", "spoken")


def test_chapters_are_what_the_namespace_asks():
    chapters = [Chapter(61_500, "Deux <b>"), Chapter(None, "Sans heure"), Chapter(0, "Un")]
    document = json.loads(render_chapters(chapters, "Titre", "https://archive.test/episode/1/titre"))
    jsonschema.validate(document, CHAPTERS_SCHEMA)
    assert [chapter["startTime"] for chapter in document["chapters"]] == [0, 61.5]
    assert document["chapters"][1]["url"].endswith("#t=61.500")


@pytest.mark.parametrize("name", [name for name in FORMATS if not FORMATS[name].needs_times])
def test_a_text_without_times_is_still_text(name: str):
    turn = stored(speech_turn([Word("Sans"), Word("heure."), Word("Fin.", paragraph=True)], 1), name="Zoé")
    written = FORMATS[name].render(make_script([turn], (Chapter(None, "Partie", 1),)))
    day = "1er mars 2026" if name == "wiki" else "2026-03-01"
    for part in ("Zoé", "Sans heure.", "Fin.", "Verbatim", "Positions personnelles.", day):
        assert part in written
    assert "None" not in written


def test_a_paragraph_is_a_paragraph_and_a_chapter_stands_before_its_turn():
    turn = stored(speech_turn([Word("Sans"), Word("heure."), Word("Fin.", paragraph=True)], 1), name="Zoé")
    written = render_text(make_script([turn], (Chapter(None, "Partie", 1),)))
    assert written.endswith("== Partie ==\n\nZoé\N{NO-BREAK SPACE}: Sans heure.\n\nFin.\n")


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_ends_with_one_newline_and_is_the_same_twice(name: str):
    script = make_script([stored(speech_turn([Word("Bonjour.", 0, 500)], 1))])
    written = FORMATS[name].render(script)
    assert written == FORMATS[name].render(script)
    assert written.endswith("\n")
    assert not written.endswith("\n\n")


@pytest.mark.parametrize("name", FORMATS)
def test_a_turn_emptied_by_a_person_is_in_no_export(name: str):
    kept = stored(speech_turn([Word("Bonjour.", 0, 400)], 1), name="Zoé")
    emptied = stored(Turn(voice=2, start_ms=400, end_ms=900), 1, "Luk")
    render = FORMATS[name].render
    assert render(make_script([kept, emptied])) == render(make_script([kept]))


def test_events_are_in_brackets_and_no_ones_words():
    jingle = stored(Turn(kind=TurnKind.EVENT, label="Jingle", start_ms=0, end_ms=900))
    assert "[0:00] [Jingle]" in render_text(make_script([jingle]))
    assert '<p id="p0" class="event">' in render_html(make_script([jingle]))
