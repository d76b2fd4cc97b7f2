"""A film holds the clip's sound, its words when they are spoken, and what it is, in letters of our own."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ingest.sound.clips import Bounds, cut_clip
from ingest.sound.drawing import Type, draw_text, fit_text, lay_out, load_font, measure_peaks
from ingest.sound.films import (
    LAYOUTS,
    PICTURES_A_SECOND,
    Caption,
    FilmShape,
    FilmTitles,
    SpokenWord,
    draw_film,
    write_film,
)
from tests.ingest.sounds import encode, run_ffmpeg

TITLES = FilmTitles(
    "Place du Marché",
    "Une ville\N{NO-BREAK SPACE}!",
    "19 novembre 2025",
    "0:01 – 0:03",
    "site/q/1",
    "Mot à mot",
)
CAPTIONS = (
    Caption(0, 1_000, "Hélène", (SpokenWord("Un", 0), SpokenWord("mot", 500))),
    Caption(1_000, 1_900, "Julien", (SpokenWord("après", 1_000), SpokenWord("l’autre", 1_500))),
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "copy.mp3"
    return encode(
        path, "-b:a", "64k", "-ar", "32000", "-write_xing", "0", sound="sine=f=330:d={seconds}", seconds=5
    )


@pytest.mark.parametrize("shape", FilmShape)
def test_a_film_is_an_mp4_with_sound_that_lasts_as_long_as_the_clip(
    shape: FilmShape, copy: Path, tmp_path: Path
) -> None:
    made = tmp_path / "film.mp4"
    with made.open("w+b") as file:
        write_film(copy, Bounds(1_000, 3_000), shape, TITLES, CAPTIONS, {"title": "Titre"}, file)
    head = made.read_bytes()
    assert head.index(b"moov") < head.index(b"mdat"), "players need the index first"
    assert b"avc1" in head
    assert b"mp4a" in head
    run_ffmpeg(
        "-i", str(made), str(tmp_path / "%02d.png"), "-f", "s16le", "-ar", "8000", str(tmp_path / "sound")
    )
    pictures = sorted(tmp_path.glob("*.png"))
    assert len(pictures) == 2 * PICTURES_A_SECOND
    size = shape.picture
    with Image.open(pictures[0]) as first:
        assert first.size == (size.width, size.height)
    assert abs((tmp_path / "sound").stat().st_size / 2 / 8_000 - 2) < 0.1


def test_words_change_when_they_are_spoken_and_the_bars_with_time(copy: Path) -> None:
    shape = FilmShape.WIDE
    size, layout = shape.picture, LAYOUTS[shape]
    left, top, right, bottom = layout.words
    shown = []
    for planes in draw_film(cut_clip(copy, Bounds(1_000, 3_000)), shape, TITLES, CAPTIONS):
        luma = np.frombuffer(planes, np.uint8)[: size.width * size.height].reshape(size.height, size.width)
        assert len(planes) == size.width * size.height * 3 // 2
        shown.append(
            (luma[top:bottom, left:right].tobytes(), luma[layout.wave[1] : layout.wave[3]].tobytes())
        )
    words, waves = zip(*shown, strict=True)
    changes = [number for number in range(1, len(words)) if words[number] != words[number - 1]]
    spoken_ms = [500, 1_000, 1_500, 1_900]
    assert len(changes) == len(spoken_ms)
    assert all(abs(n * 1_000 / 12 - ms) <= 1_000 / 12 for n, ms in zip(changes, spoken_ms, strict=True))
    assert len(set(waves)) == len(waves), "the waveform moves on with every picture"


def test_letters_of_all_our_languages_are_in_the_font() -> None:
    font = load_font(Type(40))
    missing = bytes(font.getmask("\U0010fffd"))
    for sign in "éÈœŒç«»’…–—“”€ñßłşИжΩأשกქअ":
        assert bytes(font.getmask(sign)) != missing, sign


def test_a_text_that_is_too_long_is_cut_and_says_so() -> None:
    kind, text = Type(30), "anticonstitutionnellement " * 200
    placed = fit_text(text, kind, 400, 3)
    assert placed[-1].text.endswith("…")
    assert max(word.top for word in placed) == 2 * kind.leading
    assert all(word.left + word.width <= 400 for word in fit_text("x" * 3_000 + " fin", kind, 400, 3))
    picture = Image.new("RGB", (400, 100))
    assert draw_text(picture, (0, 0), "", kind, (255, 255, 255), 400) == 0


def test_no_line_ends_at_a_no_break_space() -> None:
    texts = [word.text for word in fit_text("À vous\N{NO-BREAK SPACE}! Oui", Type(30), 2_000, 1)]
    assert texts == ["À", "vous\N{NO-BREAK SPACE}!", "Oui"]


def test_lines_of_a_script_read_from_the_right_begin_there() -> None:
    placed = lay_out(["שלום", "עולם"], load_font(Type(30)), 500, 40)
    assert placed[0].left > placed[1].left
    assert placed[0].left + placed[0].width == 500


def test_a_waveform_is_as_loud_as_its_loudest() -> None:
    samples = np.concatenate([np.zeros(1_000, np.int16), np.full(1_000, -8_000, np.int16)])
    assert list(measure_peaks(samples, 4)) == [0, 0, 1, 1]
    assert list(measure_peaks(np.zeros(100, np.int16), 2)) == [0, 0]
