"""Every other format that transcripts come in, as its own programs and people write it."""

import json

import pytest

from ingest.texts import read_text
from ingest.texts.errors import BrokenTextError, NoSpeechError
from media.texts.values import UNPLACED, BlockKind, ReadText, TextFormat, turns_of
from media.transcript import TurnKind


def read(text: str | dict | list, name: str, **options: object) -> ReadText:
    held = text if isinstance(text, str) else json.dumps(text)
    return read_text(held.encode(), name, **options)  # type: ignore[arg-type]


def spoken(found: ReadText) -> list[tuple[str | None, str]]:
    return [
        (block.speaker, " ".join(word.text for word in block.words))
        for block in found.blocks
        if block.kind is BlockKind.SPEECH
    ]


def times(found: ReadText) -> list[tuple[int | None, int | None]]:
    return [(block.start_ms, block.end_ms) for block in found.blocks if block.kind is BlockKind.SPEECH]


PAGE = """<!DOCTYPE html>
<html lang="fr"><head><title>Le site</title><style>p { color: red }</style></head>
<body><nav><ul><li>Accueil : ici</li></ul></nav>
<div><h1>Le libre au jardin</h1>
<ul class="spip"><li><strong>Titre :</strong> Le libre au jardin</li>
<li><strong>Date :</strong> 3 mars 2026</li>
<li><strong>Licence de la transcription :</strong> <a href="https://exemple.invalid/v">Verbatim</a></li></ul>
<h2 class="spip">Transcription</h2>
<p><strong>Ana Bel&nbsp;:</strong> Bonjour &agrave; <em>tou</em>tes.<br class='autobr' />
Suite &amp; fin de <a href="https://exemple.invalid/l">phrase</a>.</p>
<p>[Jingle]</p>
<h3>Deuxième partie 47’ 57</h3>
<p><strong>Voix off :</strong> 93.1.<script>alert("<p>non</p>")</script></p>
<p>Pause musicale : Un air par Toi.</p>
</div><footer>Mentions : légales</footer></body></html>
"""


def test_a_web_page_of_the_volunteers_is_read_without_its_chrome():
    found = read(PAGE, "page.html")
    assert found.format is TextFormat.HTML
    assert spoken(found) == [
        ("Ana Bel", "Bonjour à toutes."),
        (None, "Suite & fin de phrase."),
        ("Voix off", "93.1."),
    ]
    assert found.header.title == "Le libre au jardin"
    assert found.header.language == "fr"
    assert found.header.licence_url == "https://exemple.invalid/v"
    assert [chapter.start_ms for chapter in turns_of(found).chapters] == [2_877_000]
    assert [turn.kind for turn in turns_of(found).turns][-1] is TurnKind.MUSIC
    words = {word.text: found.text[word.begin : word.end] for block in found.blocks for word in block.words}
    assert words["toutes."] == "tou</em>tes."
    assert words["à"] == "&agrave;"


def test_a_page_of_the_podcast_namespace_names_speakers_by_citing_them():
    page = "<cite>Ana:</cite><time>0:00</time><p>Oui.</p><cite>Bob:</cite><time>1:05</time><p>Non.</p>"
    found = read(page, "transcript.html")
    turns = turns_of(found)
    assert [turn.text for turn in turns.turns] == ["Oui.", "Non."]
    assert turns.speakers == ("Ana", "Bob")
    assert [block.start_ms for block in found.blocks if block.speaker] == [0, 65_000]


MARKDOWN = """---
title: Le libre au jardin
date: 2026-03-03
---

# Le libre au jardin

**Ana Bel :** Bonjour &amp; *merci* \\[oui\\] les
[amis](https://exemple.invalid/a).
**Bob :** Salut\\*.

> Suite
> citée.

## Deuxième partie

[12:34](<https://exemple.invalid/e#t=754.000>) **Ana Bel :** Fin.

*[Jingle]*
"""


def test_markdown_is_read_and_its_words_found_again():
    found = read(MARKDOWN, "texte.md")
    assert found.format is TextFormat.MARKDOWN
    assert spoken(found) == [
        ("Ana Bel", "Bonjour & merci [oui] les amis."),
        ("Bob", "Salut*."),
        (None, "Suite citée."),
        ("Ana Bel", "Fin."),
    ]
    assert found.header.title == "Le libre au jardin"
    assert times(found)[-1] == (754_000, None)
    assert [block.label for block in found.blocks if block.kind is BlockKind.EVENT] == ["Jingle"]
    words = {word.text: found.text[word.begin : word.end] for block in found.blocks for word in block.words}
    assert words["merci"] == "merci"
    assert words["&"] == "&amp;"
    assert words["amis."].startswith("amis](")


VTT = """WEBVTT
Language: fr

NOTE une note
--- sur deux lignes

1
00:01.000 --> 00:03.500 align:start
<v Ana Bel>Bonjour &amp; <i>bienvenue</i>
à tous.

00:03.500 --> 00:05.000
<v Ana Bel>Oui.</v>

00:05.000 --> 00:07.000
<v Bob>Non. <v Ana Bel>Si.

00:00:07.000 --> 00:00:08.000
[Rires]

00:08.000 --> 00:10.000
Qui <00:09.000>parle <00:09.500>là ?
"""


def test_webvtt_names_voices_by_tags_and_dates_words():
    found = read(VTT, "sous-titres.vtt")
    assert spoken(found) == [
        ("Ana Bel", "Bonjour & bienvenue à tous."),
        (None, "Oui."),
        ("Bob", "Non."),
        ("Ana Bel", "Si."),
        ("", "Qui parle là\xa0?"),
    ]
    assert times(found)[0] == (1000, 3500)
    assert found.header.language == "fr"
    assert [(word.text, word.start_ms, word.end_ms) for word in found.blocks[-1].words] == [
        ("Qui", 8000, 9000),
        ("parle", 9000, 9500),
        ("là\xa0?", 9500, 10_000),
    ]
    turns = turns_of(found)
    assert turns.speakers == ("Ana Bel", "Bob", "Ana Bel", None, None)
    assert turns.turns[-1].words[1].heard
    assert turns.turns[0].words[0].start_ms == 1000


SRT = """1
00:00:01,000 --> 00:00:03,500
Ana Bel : Bonjour {\\an8}à <font color="red">tous</font>.

2
00:00:03,600 --> 00:00:05,000
Merci.

3
00:00:05,000 --> 00:00:07,000
BOB : Oui.

4
00:00:07,000 --> 00:00:09,000
Ana Bel : Non.

5
00:00:09,000 --> 00:00:11,000
- Si.
- Mais non !
"""


def test_subrip_names_speakers_before_a_colon_and_parts_voices_by_dashes():
    found = read(SRT, "sous-titres.srt")
    assert spoken(found) == [
        ("Ana Bel", "Bonjour à tous."),
        (None, "Merci."),
        ("BOB", "Oui."),
        ("Ana Bel", "Non."),
        ("", "Si."),
        ("", "Mais non\xa0!"),
    ]
    assert times(found)[:2] == [(1000, 3500), (3600, 5000)]


def test_subtitles_without_names_are_parted_at_pauses():
    cues = [
        f"{second:02d}:00.000 --> {second:02d}:0{2 if second == 3 else 9}.900\nUne phrase dite."
        for second in range(9)
    ]
    found = read("WEBVTT\n\n" + "\n\n".join(cues), "a.vtt")
    assert len(turns_of(found).turns) == 9
    assert {who for who, _ in spoken(found)} == {None, ""}


def test_cues_that_go_back_or_make_no_sense_lose_their_times_and_keep_their_words():
    cues = [
        "00:01.000 --> 00:02.000\nun",
        "99:00:00.000 --> 99:00:01.000\ndeux",
        "00:05.000 --> 00:04.000\ntrois",
    ]
    cues += [
        "00:02.000 --> 00:03.000\nquatre",
        "00:06.000 --> 00:09.000\ncinq",
        "00:08.000 --> 00:10.000\nsix",
    ]
    found = read("WEBVTT\n\n" + "\n\n".join(cues), "a.vtt")
    assert [what for _, what in spoken(found)] == ["un", "deux", "trois", "quatre", "cinq", "six"]
    starts = [start for start, _ in times(found)]
    assert starts == [1000, None, None, 2000, 6000, 8000]
    assert len(found.warnings) == 4  # absurd, going back, overlapping, nobody named


def test_a_cue_whose_times_are_damaged_keeps_its_words():
    found = read("1\n00:00:01,000 --> 00:00:02,000\nun\n\n2\n0:0:x --> 3\ndeux\n", "a.srt")
    assert "deux" in spoken(found)[-1][1]
    assert times(found)[-1] == (None, None)


PODCASTING = {
    "version": "1.0.0",
    "segments": [
        {"speaker": "Ana", "startTime": 0.5, "endTime": 2.75, "body": "Bonjour à tous."},
        {"speaker": "Ana", "startTime": 2.75, "endTime": 3, "body": "Oui."},
        {"speaker": "Bob", "startTime": 3, "endTime": 4, "body": "Non."},
        {"startTime": 4, "endTime": 5, "body": "[Jingle]"},
    ],
}
PODLOVE = [
    {
        "start": "00:00:00.500",
        "start_ms": 500,
        "end": "00:00:02.750",
        "end_ms": 2750,
        "voice": "Ana",
        "text": "Bonjour à tous.",
    },
    {"start": "00:00:02.750", "end": "00:00:03.000", "speaker": "ana", "voice": "Ana", "text": "Oui."},
    {"start": "00:00:03.000", "end": "00:00:04.000", "voice": "Bob", "text": "Non."},
]
PODLOVE_GROUPED = {
    "transcripts": [
        {
            "voice": "Ana",
            "items": [
                {"start_ms": 500, "end_ms": 2750, "text": "Bonjour à tous."},
                {"start_ms": 2750, "end_ms": 3000, "text": "Oui."},
            ],
        },
        {"voice": "Bob", "items": [{"start_ms": 3000, "end_ms": 4000, "text": "Non."}]},
    ]
}


@pytest.mark.parametrize(
    ("document", "form"),
    [
        (PODCASTING, TextFormat.PODCASTING),
        (PODLOVE, TextFormat.PODLOVE),
        (PODLOVE_GROUPED, TextFormat.PODLOVE),
    ],
)
def test_segments_in_json_are_read(document: dict | list, form: TextFormat):
    found = read(document, "x.json")
    assert found.format is form
    assert spoken(found) == [("Ana", "Bonjour à tous."), (None, "Oui."), ("Bob", "Non.")]
    assert times(found) == [(500, 2750), (2750, 3000), (3000, 4000)]
    assert form in UNPLACED
    assert {(block.begin, block.end) for block in found.blocks} == {(0, 0)}


def test_segments_of_a_word_each_are_joined_into_sentences_with_heard_words():
    text = (
        "Bonjour à tous et à toutes dans cette émission. On commence tout de suite avec vous trois, merci !"
    )
    words = text.split(" ")
    segments = [{"startTime": at / 2, "endTime": at / 2 + 0.4, "body": word} for at, word in enumerate(words)]
    found = read({"version": "1.0.0", "segments": segments}, "x.json")
    assert [what for _, what in spoken(found)] == [
        "Bonjour à tous et à toutes dans cette émission.",
        "On commence tout de suite avec vous trois, merci\xa0!",
    ]
    assert all(word.heard for turn in turns_of(found).turns for word in turn.words)


def test_whisper_words_keep_their_times():
    words = [
        {"word": " Bonjour", "start": 0.5, "end": 1.0, "probability": 0.9},
        {"word": " l", "start": 1.0, "end": 1.1},
        {"word": "'ami", "start": 1.1, "end": 1.5},
        {"word": " !", "start": 1.5, "end": 1.6},
    ]
    document = {
        "text": "…",
        "language": "fr",
        "segments": [{"start": 0.5, "end": 1.6, "text": "x", "words": words}],
    }
    found = read(document, "x.json")
    assert found.format is TextFormat.WHISPER
    assert found.header.language == "fr"
    assert [(word.text, word.start_ms, word.end_ms) for word in found.blocks[0].words] == [
        ("Bonjour", 500, 1000),
        ("l'ami\xa0!", 1000, 1600),
    ]


def test_whisperx_words_change_voice_and_may_lack_times():
    words = [
        {"word": "En", "start": 0.5, "end": 0.7, "speaker": "SPEAKER_00"},
        {"word": "2024", "speaker": "SPEAKER_00"},
        {"word": "oui.", "start": 1.0, "end": 1.2, "speaker": "SPEAKER_00"},
        {"word": "Non.", "start": 1.3, "end": 1.6, "speaker": "SPEAKER_01"},
    ]
    found = read(
        {"segments": [{"start": 0.5, "end": 1.6, "text": "x", "words": words}], "word_segments": []}, "x.json"
    )
    assert spoken(found) == [("SPEAKER_00", "En 2024 oui."), ("SPEAKER_01", "Non.")]
    assert turns_of(found).turns[0].words[1].heard is False


def test_otranscribe_pages_keep_their_stamps():
    text = (
        '<p><span class="timestamp" data-timestamp="1.5">00:01</span> <b>Ana :</b> Oui. '
        '<span class="timestamp" data-timestamp="9.25">00:09</span>Suite.</p><p>Bob : Non&nbsp;!<br></p>'
    )
    found = read({"text": text, "media": "son.mp3", "media-time": 12.0}, "x.otr")
    assert found.format is TextFormat.OTRANSCRIBE
    assert spoken(found) == [("Ana", "Oui."), (None, "Suite."), (None, "Bob\xa0: Non\xa0!")]
    assert [start for start, _ in times(found)] == [1500, 9250, None]


@pytest.mark.parametrize(
    "document",
    [
        '{"a": 1}',
        "[" * 100_000,
        '{"segments": []}',
        '{"segments": [{"text": ""}]}',
        "[1, 2",
        '{"text": "", "media": ""}',
    ],
)
def test_json_that_is_no_transcript_is_refused_in_a_sentence(document: str):
    with pytest.raises((BrokenTextError, NoSpeechError)) as refused:
        read(document, "x.json")
    assert refused.value.message.values["name"] == "x.json"


@pytest.mark.parametrize(
    "time", ["1e999", "NaN", "-5", '"douze"', "null", "[1]", "1" * 5000, "true", "1e300"]
)
def test_times_that_are_none_are_left_out(time: str):
    text = f'{{"segments": [{{"startTime": {time}, "endTime": {time}, "body": "Oui"}}]}}'
    try:
        found = read(text, "x.json")
    except BrokenTextError:
        assert len(time) == 5000
    else:
        assert times(found) == [(None, None)]
