"""The picture of a link, as messengers and social networks show it: the words, who says them, where.

1200 by 630 pixels, the size that all of them take whole. The words take as many lines as fit, in
the largest letters that hold them; what does not fit is left out by an ellipsis.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

from PIL import Image, ImageDraw

from ingest.sound.drawing import (
    ACCENT,
    ACCENT_INK,
    GROUND,
    INK,
    SOFT,
    WARN,
    Type,
    draw_mark,
    draw_text,
    draw_waveform,
    fit_text,
    load_font,
    split_words,
)

WIDTH, HEIGHT = 1200, 630
MARGIN = 64
TEXT_TOP, TEXT_BOTTOM = 164, 440
SIZES = range(58, 30, -4)
SMALLEST = 32
BARS = 72
COLOURS = 64  # a drawing of few colours: a third of the bytes


@dataclass(frozen=True, slots=True)
class LinkCard:
    """What is written on a card."""

    show: str
    episode: str
    about: str  # day and times, as people write them
    speaker: str
    text: str  # with its quotation marks; empty where nothing may be shown
    told: str  # what became of it since; empty: nothing
    link: str
    peaks: Sequence[float]  # of the passage, 0 to 1; none where there is no sound


def write_card(card: LinkCard, to: IO[bytes]) -> None:
    """Draw a card and write it as PNG."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), GROUND)
    pen, width = ImageDraw.Draw(picture), WIDTH - 2 * MARGIN
    pen.rectangle((0, 0, WIDTH, 12), fill=ACCENT)
    draw_mark(picture, (MARGIN - 10, 52), 58)
    below = draw_text(picture, (MARGIN + 64, 46), card.show, Type(30, bold=True), ACCENT, width - 64)
    draw_text(picture, (MARGIN + 64, below), card.episode, Type(28), SOFT, width - 64)
    if card.text:
        _draw_quoted(picture, card.text, width)
    foot = 462
    if card.peaks:
        draw_waveform(picture, (WIDTH - MARGIN - 320, foot + 6, WIDTH - MARGIN, foot + 86), card.peaks, BARS)
    beside = width - 360 if card.peaks else width
    below = draw_text(picture, (MARGIN, foot), card.speaker, Type(34, bold=True), INK, beside)
    draw_text(picture, (MARGIN, below), card.about, Type(28), SOFT, beside)
    draw_text(picture, (MARGIN, HEIGHT - 62), card.link, Type(26), ACCENT, width)
    if card.told:
        _draw_told(picture, card.told)
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(to, "PNG", optimize=True)


def _draw_quoted(picture: Image.Image, text: str, width: int) -> None:
    height = TEXT_BOTTOM - TEXT_TOP
    for size in SIZES:
        kind = Type(size)
        if len(fit_text(text, kind, width, height // kind.leading)) == len(split_words(text)):
            break
    else:
        kind = Type(SMALLEST)
    lines = height // kind.leading
    draw_text(picture, (MARGIN, TEXT_TOP), text, kind, INK, width, lines)


def _draw_told(picture: Image.Image, told: str) -> None:
    """Write what became of it in a band of its own, which no cropping of the sides hides."""
    kind = Type(26, bold=True)
    length = min(load_font(kind).getlength(told), WIDTH // 2)
    left, top = round(WIDTH - MARGIN - length - 32), HEIGHT - 72
    shape = (left, top, WIDTH - MARGIN, top + kind.leading + 14)
    ImageDraw.Draw(picture).rounded_rectangle(shape, radius=12, fill=WARN)
    draw_text(picture, (left + 16, top + 7), told, kind, ACCENT_INK, WIDTH // 2)
