"""What pictures of a passage are drawn with: one font, one palette, lines of words, a waveform.

The font is FiraGO (SIL Open Font License 1.1), whole inside the wheel pymupdf-fonts: Latin,
Cyrillic, Greek, Arabic, Hebrew, Thai, Georgian and Devanagari; nothing is fetched and nothing of
the machine's own fonts is used, so that a card is the same everywhere. The palette is the dark
one of web/static/app.css: a card stands alone on somebody else's page.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from pymupdf_fonts import FiraGO_Bold, FiraGO_Regular

from media.transcript import BREAKING_SPACE

GROUND = (17, 23, 22)
SHEET = (26, 34, 33)
INK = (231, 238, 236)
SOFT = (169, 184, 180)
LINE = (70, 88, 84)
ACCENT = (127, 208, 203)
ACCENT_INK = (6, 33, 31)
WARN = (255, 181, 156)
LEADING = 1.32  # from one line to the next, in sizes
ELLIPSIS = "…"
MAX_TEXT_LENGTH = 4_000  # characters laid out; a card shows a few hundred
MARK = ((0.18, 0.38, 0.56), (0.34, 0.23, 0.77), (0.5, 0.34, 0.66), (0.66, 0.17, 0.83), (0.82, 0.4, 0.6))

Color = tuple[int, int, int]
Peaks = NDArray[np.float64]  # the loudest of each part of a passage, 0 to 1


@dataclass(frozen=True, slots=True)
class Type:
    """How letters are set: their size in pixels, and whether they are bold."""

    size: int
    bold: bool = False

    @property
    def leading(self) -> int:
        """From one line to the next, in pixels."""
        return round(self.size * LEADING)


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """A word where it stands: its number in the text, and its place in pixels."""

    number: int
    text: str
    left: float
    top: int
    width: float


def load_font(kind: Type) -> ImageFont.FreeTypeFont:
    """Load the font in a size; drawing with one of another thread is safe, since each has its own."""
    return ImageFont.truetype(BytesIO(_read_font(bold=kind.bold)), kind.size)


def lay_out(texts: Sequence[str], font: ImageFont.FreeTypeFont, width: int, leading: int) -> list[PlacedWord]:
    """Set words on lines of this width; a word that is wider than a line stands on one alone.

    Lines of a script that is written from right to left begin at the right.
    """
    space, placed, left, top = font.getlength(" "), list[PlacedWord](), 0.0, 0
    for number, text in enumerate(texts):
        length = font.getlength(text)
        if left and left + length > width:
            left, top = 0.0, top + leading
        placed.append(PlacedWord(number, text, left, top, length))
        left += length + space
    if not _reads_from_right(" ".join(texts)):
        return placed
    return [PlacedWord(w.number, w.text, width - w.left - w.width, w.top, w.width) for w in placed]


def split_words(text: str) -> list[str]:
    """Split a text where a line may end: no-break spaces stay inside of words."""
    return [word for word in BREAKING_SPACE.split(text[:MAX_TEXT_LENGTH]) if word]


def fit_text(text: str, kind: Type, width: int, lines: int) -> list[PlacedWord]:
    """Set a text on at most this many lines; what does not fit is left out, and … says so."""
    font, texts = load_font(kind), [_shorten(word, kind, width) for word in split_words(text)]
    placed = lay_out(texts, font, width, kind.leading)
    kept = [word for word in placed if word.top < lines * kind.leading]
    while kept and len(kept) < len(placed):
        ended = [*texts[: len(kept) - 1], texts[len(kept) - 1].rstrip(",;:.") + ELLIPSIS]
        trial = lay_out(ended, font, width, kind.leading)
        if trial[-1].top < lines * kind.leading:
            return trial
        kept = kept[:-1]
    return kept


def draw_text(
    picture: Image.Image, at: tuple[int, int], text: str, kind: Type, color: Color, width: int, lines: int = 1
) -> int:
    """Draw a text with its top left corner here; return where the next line would stand."""
    pen, font = ImageDraw.Draw(picture), load_font(kind)
    placed = fit_text(text, kind, width, lines)
    for word in placed:
        pen.text((at[0] + word.left, at[1] + word.top), word.text, font=font, fill=color)
    return at[1] + (placed[-1].top + kind.leading if placed else 0)


def draw_mark(picture: Image.Image, at: tuple[int, int], size: int) -> None:
    """Draw the sign of this program: five bars of sound."""
    pen = ImageDraw.Draw(picture)
    for along, high, low in MARK:
        x = at[0] + along * size
        line = [(x, at[1] + high * size), (x, at[1] + low * size)]
        pen.line(line, fill=ACCENT, width=max(2, size // 11))


def measure_peaks(samples: NDArray[np.int16], count: int) -> Peaks:
    """Measure the loudest of each of `count` parts; the loudest of all is 1, silence 0."""
    loud = np.abs(samples.astype(np.int32).reshape(len(samples), -1)).max(axis=1)
    edges = np.linspace(0, len(loud), count + 1).astype(int)[:-1]
    peaks = np.maximum.reduceat(loud, np.minimum(edges, len(loud) - 1)).astype(np.float64)
    return peaks / max(float(peaks.max()), 1.0)


def draw_waveform(
    picture: Image.Image, box: tuple[int, int, int, int], peaks: Sequence[float] | Peaks, heard: int
) -> None:
    """Draw a bar a peak between left, top, right and bottom; the first `heard` of them stand out."""
    left, top, right, bottom = box
    pen, middle, step = ImageDraw.Draw(picture), (top + bottom) / 2, (right - left) / max(len(peaks), 1)
    for number, peak in enumerate(peaks):
        half = max(2.0, float(peak) * (bottom - top) / 2)
        x = left + number * step
        shape = [(x, middle - half), (x + step * 0.62, middle + half)]
        pen.rounded_rectangle(shape, radius=step * 0.31, fill=ACCENT if number < heard else LINE)


def _shorten(word: str, kind: Type, width: int) -> str:
    """Cut a word that is wider than a line."""
    font = load_font(kind)
    if font.getlength(word) <= width:
        return word
    while word and font.getlength(word + ELLIPSIS) > width:
        word = word[:-1]
    return word + ELLIPSIS


def _reads_from_right(text: str) -> bool:
    strong = (unicodedata.bidirectional(char) for char in text)
    return next((kind for kind in strong if kind in {"L", "R", "AL"}), "L") != "L"


@cache
def _read_font(*, bold: bool) -> bytes:
    return bytes((FiraGO_Bold if bold else FiraGO_Regular).fontbuffer)
