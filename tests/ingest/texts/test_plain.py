"""Plain text: a copy of a volunteers' page, dialogues as people type them, letters cut at a width."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from ingest.texts import read_text
from media.texts.values import Block, BlockKind, ReadText, TextFormat, turns_of
from media.transcript import TurnKind


def read(text: str, **options: object) -> ReadText:
    return read_text(text.encode(), "copie.txt", **options)  # type: ignore[arg-type]


def spoken(found: ReadText) -> list[tuple[str | None, str]]:
    return [
        (block.speaker, " ".join(word.text for word in block.words))
        for block in found.blocks
        if block.kind is BlockKind.SPEECH
    ]


def of_kind(found: ReadText, kind: BlockKind) -> list[Block]:
    return [block for block in found.blocks if block.kind is kind]


def test_a_real_copy_of_a_page_is_counted_exactly(shared: Path):
    found = read_text(next((shared / "transcripts").glob("004_*")).read_bytes(), "004.txt")
    assert found.format is TextFormat.PLAIN
    assert Counter(block.speaker for block in found.blocks if block.speaker) == {
        "Étienne Gonnu": 33,
        "Corinne Migeon": 13,
        "Grégory Gutierez": 10,
        "Voix off": 3,
        "Julie Chaumard": 1,
    }
    assert len(of_kind(found, BlockKind.MUSIC)) == 2
    assert len(of_kind(found, BlockKind.EVENT)) == 7
    turns = turns_of(found)
    kinds = Counter(turn.kind for turn in turns.turns)
    assert kinds == {TurnKind.SPEECH: 60, TurnKind.EVENT: 7, TurnKind.MUSIC: 2}
    assert sum(len(turn.doubts) for turn in turns.turns) == 2
    assert [hint.at_ms for hint in turns.hints] == [2_877_000, 1_970_000]
    assert [chapter.start_ms for chapter in turns.chapters] == [None, None, 2_877_000]
    assert (found.header.published, found.header.duration_ms) == (date(2024, 7, 2), 90 * 60_000)
    assert found.header.people[-1].role == "à la régie"
    assert len(found.header.notes[0].split("\n")) == 2
    assert found.text.count("\xa0") == 163


def test_a_line_that_cannot_be_decided_is_asked_and_either_answer_is_taken_back(shared: Path):
    content = next((shared / "transcripts").glob("004_*")).read_bytes()
    [question] = read_text(content, "004.txt").questions
    assert len(question.text) == 194
    assert question.choices == (BlockKind.HEADING, BlockKind.SPEECH)
    chosen = read_text(content, "004.txt", choices={question.block: BlockKind.SPEECH})
    assert chosen.blocks[question.block].words
    assert [again.taken for again in chosen.questions] == [BlockKind.SPEECH]
    back = read_text(content, "004.txt", choices={question.block: BlockKind.HEADING})
    assert back == read_text(content, "004.txt")


@pytest.mark.parametrize("number", ["000", "001", "002", "003"])
def test_texts_that_are_no_dialogue_are_paragraphs_of_nobody(shared: Path, number: str):
    found = read_text(next((shared / "transcripts").glob(f"{number}_*")).read_bytes(), f"{number}.txt")
    assert not [block for block in found.blocks if block.speaker]
    assert len(of_kind(found, BlockKind.SPEECH)) > 5
    assert not found.questions


PAGE = """Une page

De Le Wiki
Aller à la navigation

Titre : Une émission

Intervenants : Ana Bel, Zoé

Transcription

Ana Bel\xa0: Bonjour.
Elle disait : « Voilà :
Zoé : non, jamais »

Sujet du jour

Zoé : Merci !

Pause musicale : Un air par Toi.

Un titre si long que personne ne saurait dire s’il a été lu à l’antenne ou seulement écrit au-dessus\
 du texte par qui a voulu bien faire

Ana Bel : Fin [inaudible].

[inaudible]
"""


def test_a_copied_page_loses_its_chrome_and_keeps_its_grammar():
    found = read(PAGE)
    assert found.header.title == "Une émission"
    assert spoken(found) == [
        ("Ana Bel", "Bonjour."),
        (None, "Elle disait\xa0: «\xa0Voilà\xa0:"),
        (None, "Zoé\xa0: non, jamais\xa0»"),
        ("Zoé", "Merci\xa0!"),
        ("Ana Bel", "Fin [inaudible]."),
        (None, "[inaudible]"),
    ]
    assert len(of_kind(found, BlockKind.HEADING)) == 2
    assert len(found.questions) == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Alice : Bonjour\nBob : Salut\n", [("Alice", "Bonjour"), ("Bob", "Salut")]),
        (
            "Alice:\nBonjour\n\nBob:\nSalut\n",
            [("Alice", ""), (None, "Bonjour"), ("Bob", ""), (None, "Salut")],
        ),
        ("[00:01:05] Ana Bel : Oui\n\n[00:01:09] Zoé : Non\n", [("Ana Bel", "Oui"), ("Zoé", "Non")]),
        (
            "Ana Bel  0:03\nOui.\n\nZoé Roc  0:09\nNon.\n",
            [("Ana Bel", ""), (None, "Oui."), ("Zoé Roc", ""), (None, "Non.")],
        ),
        ("Ana (00:03) : Oui.\nZoé (00:09) : Non.\n", [("Ana", "Oui."), ("Zoé", "Non.")]),
        ("Ana : À 10:30 nous venons.\nZoé : Oui.\n", [("Ana", "À 10:30 nous venons."), ("Zoé", "Oui.")]),
        ("Ana : 12:30\nZoé : Oui.\n", [("Ana", "12:30"), ("Zoé", "Oui.")]),
        ("Zoé : Oui.\n\nAna : 12:30\n", [("Zoé", "Oui."), ("Ana", "12:30")]),
        ("Zoé : Oui.\n\nAna : 12:30\n\n[Rires]\n", [("Zoé", "Oui."), ("Ana", "12:30")]),
        ("[0:05] Ana : 12:30\n\n[0:09] Zoé : Oui.\n", [("Ana", "12:30"), ("Zoé", "Oui.")]),
        (
            "Ana : 12:30\nOui.\n\nZoé : 12:40\nNon.\n",
            [("Ana", ""), (None, "Oui."), ("Zoé", ""), (None, "Non.")],
        ),
        ("https://exemple.invalid\n\nAna : Oui.\n\nAna : Non.\n", [("Ana", "Oui."), ("Ana", "Non.")]),
    ],
)
def test_dialogues_are_read_however_they_are_typed(text: str, expected: list[tuple[str | None, str]]):
    assert spoken(read(text)) == expected


def test_a_time_that_is_all_that_somebody_says_dates_nothing():
    found = read("Zoé : Oui.\n\nAna : 12:30\n\nZoé : Non.\n")
    assert [block.start_ms for block in found.blocks] == [None, None, None]


def test_times_in_a_dialogue_are_kept():
    found = read("[00:01:05] Ana Bel : Oui.\n\n[00:01:09.500] Zoé : Non.\n\n[1:00:00]\n\nAna Bel : Fin.\n")
    assert [block.start_ms for block in found.blocks] == [65_000, 69_500, 3_600_000, None]
    assert turns_of(found).turns[1].start_ms == 69_500
    assert turns_of(found).hints[-1].at_ms == 3_600_000


def test_speakers_that_the_archive_knows_are_believed():
    text = "Bonjour à tous.\n\nun intervenant : voilà.\n\nRésultat : rien.\n"
    assert [who for who, _ in spoken(read(text))] == [None, None, None]
    known = spoken(read(text, known_speakers=["Un intervenant"]))
    assert [who for who, _ in known] == [None, "Un intervenant", None]


def test_lines_cut_at_a_width_are_joined():
    line = "les mots de cette lettre vont jusqu’au bord de la page et reviennent\n"
    text = f"Madame,\n\n{line * 4}à la ligne.\n\n{line * 4}et finissent.\n"
    assert [len(what.split()) for _, what in spoken(read(text))] == [1, 55, 54]
