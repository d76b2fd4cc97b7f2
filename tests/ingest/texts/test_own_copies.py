"""What this program writes, it reads: words, speakers, times and particulars of every format."""

from dataclasses import replace

import pytest

from ingest.texts import read_text
from media.texts.values import ReadText, turns_of
from media.transcript import Chapter, Turn, TurnKind, Word, speech_turn
from media.writing.formats import FORMATS
from media.writing.script import make_labels
from tests.media.writing.scripts import make_script, stored

WORDS = {
    "Ana Bel": "Bonjour à tous. On commence par une longue phrase, puis une autre.",
    "Zoé": "Oui, c’est «\xa0bien\xa0» *vrai* [dit-on] & <voilà>.",
}


def say(text: str, start_ms: int) -> list[Word]:
    return [
        Word(word, start_ms + 400 * at, start_ms + 400 * at + 300, paragraph=at == 3)
        for at, word in enumerate(text.split(" "))
    ]


def copy(form: str, content: str) -> ReadText:
    return read_text(content.encode(), f"copie.{form}")


@pytest.mark.parametrize("form", FORMATS)
def test_a_copy_of_ours_is_read_back(form: str):
    turns = [
        stored(speech_turn(say(WORDS["Ana Bel"], 0), 1), 0, "Ana Bel"),
        stored(Turn(kind=TurnKind.EVENT, label="[Jingle]", start_ms=6000, end_ms=7000), 1),
        stored(speech_turn(say(WORDS["Zoé"], 8000), 2), 2, "Zoé"),
    ]
    script = make_script(turns, (Chapter(8000, "La suite"),))
    found = copy(form, FORMATS[form].render(script))
    read = turns_of(found)
    spoken = [at for at, turn in enumerate(read.turns) if turn.kind is TurnKind.SPEECH]
    said = {read.speakers[at]: read.turns[at].text for at in spoken}
    if form == "srt":  # has no escapes: signs that players take for tags are written with their likes
        said = {who: text.replace("‹", "<").replace("›", ">") for who, text in said.items()}
    assert said == WORDS
    assert [turn.label for turn in read.turns if turn.kind is TurnKind.EVENT] == ["Jingle"]
    assert (found.header.show, found.header.licence) == ("Là-haut", "Verbatim copying")
    assert [read.turns[at].start_ms for at in spoken] == [0, 8000]


SOUNDS = [
    (TurnKind.EVENT, "Rires", "Rires"),
    (TurnKind.EVENT, "[Applaudissements de [la salle]]", "(Applaudissements de (la salle))"),
    (TurnKind.EVENT, "Générique : une longue musique que tout le monde connaît, et qui finit bien", None),
    (TurnKind.EVENT, "Musique", "Musique"),
    (TurnKind.MUSIC, "Fascist par Momma Swift", "Fascist par Momma Swift"),
    (TurnKind.MUSIC, "Stand by Me", "Stand by Me"),
    (TurnKind.MUSIC, "Sans artiste", "Sans artiste"),
    (TurnKind.MUSIC, "Etc.", "Etc."),
    (TurnKind.MUSIC, None, None),
]


@pytest.mark.parametrize("language", ["fr", "en", "de"])
@pytest.mark.parametrize("labels", ["fr", "en"])
@pytest.mark.parametrize("form", FORMATS)
def test_what_nobody_says_comes_back_as_what_it_is(form: str, labels: str, language: str):
    turns = [
        stored(speech_turn(say("Bonjour à tous, et merci.", 0), 1), 0, "Ana Bel"),
        *(
            stored(Turn(kind=kind, label=label, start_ms=3000 * at, end_ms=3000 * at + 2000), at)
            for at, (kind, label, _) in enumerate(SOUNDS, 1)
        ),
        stored(speech_turn(say("Au revoir à tous.", 60_000), 2), 20, "Zoé"),
    ]
    script = make_script(turns)
    script = replace(
        script, episode=replace(script.episode, spoken_language=language), labels=make_labels(labels)
    )
    read = turns_of(copy(form, FORMATS[form].render(script)))
    assert [turn.kind for turn in read.turns] == [held.turn.kind for held in turns]
    assert [speaker for speaker in read.speakers if speaker] == ["Ana Bel", "Zoé"]
    if form != "wiki":  # the volunteers' own way says « par » of any music
        back = [turn.label for turn in read.turns[1:-1]]
        assert back == [wanted or label for _, label, wanted in SOUNDS]


@pytest.mark.parametrize("form", FORMATS)
def test_a_turn_that_is_only_a_time_of_day_is_said(form: str):
    turns = [
        stored(speech_turn([Word("Oui.", 0, 900)], 1), 0, "Ana Bel"),
        stored(speech_turn([Word("12:30", 5000, 5900)], 2), 1, "Zoé"),
        stored(speech_turn([Word("Bien,", 6000, 6900), Word("merci.", 7000, 7900)], 1), 2, "Ana Bel"),
        stored(speech_turn([Word("18:00", 9000, 9900)], 2), 3, "Zoé"),
    ]
    read = turns_of(copy(form, FORMATS[form].render(make_script(turns))))
    assert [turn.text for turn in read.turns] == ["Oui.", "12:30", "Bien, merci.", "18:00"]
    assert [turn.start_ms for turn in read.turns] == [0, 5000, 6000, 9000]
