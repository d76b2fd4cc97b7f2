"""A film of a passage for social networks: its waveform, its words as they are spoken, what it is.

Pictures are drawn a few times a second, and only where something changed since the one before:
the word that is spoken, the bars that were heard. They go to the encoder as the planes that it
wants (4:2:0, BT.709), so that two minutes take seconds and little memory.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ingest.sound.clips import Bounds, cut_clip
from ingest.sound.drawing import (
    ACCENT,
    ACCENT_INK,
    GROUND,
    INK,
    SHEET,
    SOFT,
    Peaks,
    Type,
    draw_mark,
    draw_text,
    draw_waveform,
    lay_out,
    load_font,
    measure_peaks,
)
from ingest.sound.encoding import Picture, encode_film
from ingest.sound.passages import AudioSegment

PICTURES_A_SECOND = 12  # a word lasts four of them
BARS = 108
MARGIN = 64
SMALLEST = 20  # pixels of letters
WORD_PADDING = 8
SIDE = MARGIN - WORD_PADDING  # of the words, whose spot stands out

Plane = NDArray[np.uint8]
Box = tuple[int, int, int, int]  # left, top, right, bottom; even numbers


class FilmShape(StrEnum):
    """The shapes that social networks show whole."""

    SQUARE = "square"  # 1:1
    WIDE = "wide"  # 16:9

    @property
    def picture(self) -> Picture:
        """Its pictures."""
        return PICTURES[self]


PICTURES = {
    FilmShape.SQUARE: Picture(1080, 1080, PICTURES_A_SECOND),
    FilmShape.WIDE: Picture(1280, 720, PICTURES_A_SECOND),
}


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word, and when it begins in the clip."""

    text: str
    start_ms: int


@dataclass(frozen=True, slots=True)
class Caption:
    """Words that are shown together, from a moment of the clip on."""

    start_ms: int
    end_ms: int
    speaker: str
    words: tuple[SpokenWord, ...]


@dataclass(frozen=True, slots=True)
class FilmTitles:
    """What is written on every picture."""

    show: str
    episode: str
    day: str  # of publication, as people write it; may be empty
    times: str  # of the passage in its episode
    link: str
    said: str  # what kind of words these are


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where things stand in a shape."""

    words: Box
    wave: Box
    type: Type  # of the words
    title: Type
    small: Type
    title_lines: int


LAYOUTS = {
    FilmShape.SQUARE: _Layout(
        (SIDE, 270, 1080 - SIDE, 720), (MARGIN, 750, 1080 - MARGIN, 890), Type(72), Type(40), Type(30), 2
    ),
    FilmShape.WIDE: _Layout(
        (SIDE, 180, 1280 - SIDE, 460), (MARGIN, 474, 1280 - MARGIN, 564), Type(60), Type(34), Type(26), 1
    ),
}


def write_film(
    copy: Path,
    bounds: Bounds,
    shape: FilmShape,
    titles: FilmTitles,
    captions: Sequence[Caption],
    tags: Mapping[str, str],
    to: IO[bytes],
) -> None:
    """Make the film of a passage and write it to an open file. The tree of AudioError."""
    sound = cut_clip(copy, bounds)
    encode_film(draw_film(sound, shape, titles, captions), shape.picture, sound, tags, to)


def draw_film(
    sound: AudioSegment, shape: FilmShape, titles: FilmTitles, captions: Sequence[Caption]
) -> Iterator[bytes]:
    """Draw every picture of a film, in order, as 4:2:0 planes."""
    layout = LAYOUTS[shape]
    peaks = measure_peaks(np.frombuffer(sound.raw_data, "<i2").reshape(-1, sound.channels), BARS)
    length_ms, picture = len(sound), draw_titles(shape, titles)
    planes = _Planes(picture)
    shown: tuple[Caption | None, int] | None = None
    heard = -1
    for number in range(-(-length_ms * PICTURES_A_SECOND // 1_000)):
        at_ms = number * 1_000 // PICTURES_A_SECOND
        if (now := _find_word(captions, at_ms)) != shown:
            shown = now
            planes.paint(layout.words, _draw_words(layout, *now))
        if (bars := round(at_ms / length_ms * BARS)) != heard:
            heard = bars
            planes.paint(layout.wave, _draw_wave(layout, peaks, bars))
        yield planes.write()


def draw_titles(shape: FilmShape, titles: FilmTitles) -> Image.Image:
    """Draw what stays the same on every picture."""
    size, layout = shape.picture, LAYOUTS[shape]
    picture = Image.new("RGB", (size.width, size.height), GROUND)
    ImageDraw.Draw(picture).rectangle((0, 0, size.width, 12), fill=ACCENT)
    width, small, bold = size.width - 2 * MARGIN, layout.small, Type(layout.small.size, bold=True)
    beside = layout.title.size + 24
    draw_mark(picture, (MARGIN - 8, 50), layout.title.size + 8)
    below = draw_text(picture, (MARGIN + beside, 48), titles.show, bold, ACCENT, width - beside)
    title = Type(layout.title.size, bold=True)
    below = draw_text(
        picture, (MARGIN + beside, below), titles.episode, title, INK, width - beside, layout.title_lines
    )
    about = " · ".join(filter(None, (titles.day, titles.times)))
    foot = size.height - MARGIN // 2 - 2 * small.leading
    draw_text(picture, (MARGIN, foot - small.leading), about, bold, INK, width)
    draw_text(picture, (MARGIN, foot), titles.link, small, ACCENT, width)
    draw_text(picture, (MARGIN, foot + small.leading), titles.said, small, SOFT, width)
    return picture


def _find_word(captions: Sequence[Caption], at_ms: int) -> tuple[Caption | None, int]:
    """Find what is shown at a moment: the caption, and the number of the word that is spoken."""
    for caption in captions:
        if caption.start_ms <= at_ms < caption.end_ms:
            begun = sum(word.start_ms <= at_ms for word in caption.words)
            return caption, max(begun - 1, 0)
    return None, 0


def _draw_words(layout: _Layout, caption: Caption | None, spoken: int) -> Image.Image:
    left, top, right, bottom = layout.words
    picture = Image.new("RGB", (right - left, bottom - top), GROUND)
    if caption is None:
        return picture
    named = Type(layout.small.size, bold=True)
    below = draw_text(picture, (WORD_PADDING, 0), caption.speaker, named, ACCENT, right - left) + 8
    pen, kind = ImageDraw.Draw(picture), _fit_size(layout, caption, bottom - top - below)
    font = load_font(kind)
    texts = [word.text for word in caption.words]
    for word in lay_out(texts, font, right - left - 2 * WORD_PADDING, kind.leading):
        x, y = word.left + WORD_PADDING, below + word.top
        if word.number == spoken:
            spot = (x - WORD_PADDING, y - 2, x + word.width + WORD_PADDING, y + kind.leading - 4)
            pen.rounded_rectangle(spot, radius=10, fill=ACCENT)
        pen.text((x, y), word.text, font=font, fill=ACCENT_INK if word.number == spoken else INK)
    return picture


def _fit_size(layout: _Layout, caption: Caption, height: int) -> Type:
    """Take the largest letters in which all the words of a caption can be seen."""
    texts = [word.text for word in caption.words]
    width = layout.words[2] - layout.words[0] - 2 * WORD_PADDING
    for size in range(layout.type.size, SMALLEST, -4):
        kind = Type(size)
        placed = lay_out(texts, load_font(kind), width, kind.leading)
        if placed[-1].top + kind.leading <= height and max(word.width for word in placed) <= width:
            return kind
    return Type(SMALLEST)


def _draw_wave(layout: _Layout, peaks: Peaks, heard: int) -> Image.Image:
    left, top, right, bottom = layout.wave
    picture = Image.new("RGB", (right - left, bottom - top), SHEET)
    draw_waveform(picture, (16, 10, right - left - 16, bottom - top - 10), peaks, heard)
    return picture


class _Planes:
    """A picture as an encoder takes it, of which parts are painted over."""

    def __init__(self, picture: Image.Image) -> None:
        self._luma: Plane
        self._luma, self._blue, self._red = _split(picture)

    def paint(self, box: Box, picture: Image.Image) -> None:
        """Put a picture in its place."""
        left, top, right, bottom = box
        luma, blue, red = _split(picture)
        self._luma[top:bottom, left:right] = luma
        half = (slice(top // 2, bottom // 2), slice(left // 2, right // 2))
        self._blue[half], self._red[half] = blue, red

    def write(self) -> bytes:
        """Write all the planes, one after the other."""
        return self._luma.tobytes() + self._blue.tobytes() + self._red.tobytes()


def _split(picture: Image.Image) -> tuple[Plane, Plane, Plane]:
    """Turn colours into brightness and half as many differences, as ITU-R BT.709 says, in TV range."""
    rgb = np.asarray(picture, np.float32) / 255
    luma = rgb @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    small = rgb.reshape(rgb.shape[0] // 2, 2, rgb.shape[1] // 2, 2, 3).mean(axis=(1, 3))
    grey = small @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    blue, red = (small[..., 2] - grey) / 1.8556, (small[..., 0] - grey) / 1.5748
    return (
        np.rint(16 + 219 * luma).astype(np.uint8),
        np.rint(128 + 224 * blue).astype(np.uint8),
        np.rint(128 + 224 * red).astype(np.uint8),
    )
