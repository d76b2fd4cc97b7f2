"""Bytes as text: the encoding found by what is in them, never by what they claim.

UTF-8 is tried first, since no other text of any length passes for it; then UTF-16 by its mark or
its zeros; then Windows' Western Latin where its letters make French or English sense; only then
charset-normalizer guesses. A page that declares another encoding than it is written in is read
as it is written.
"""

import codecs
import re

from charset_normalizer import from_bytes

from ingest.texts.errors import EmptyTextError, NotTextError, OtherFileError, TextTooLargeError
from media.errors import N_, Message

MAX_MB = 16
MAX_BYTES = MAX_MB * 1_000_000  # a day of speech, every word with its times in JSON
GUESS_BYTES = 65_536  # what the guess looks at
FEW_BROKEN = 0.002  # share of characters that may be damaged in what is UTF-8 otherwise
MANY_ACCENTS = 0.4  # share of letters: more, and they are those of another alphabet
MAX_CONTROLS = 0.02  # share of characters that text never holds, in what is text all the same

KINDS = (
    (b"%PDF", "PDF"),
    (b"PK\x03\x04", "ZIP, DOCX, ODT"),
    (b"\xd0\xcf\x11\xe0", "DOC"),
    (b"{\\rtf", "RTF"),
    (b"ID3", "MP3"),
    (b"OggS", "Ogg"),
    (b"RIFF", "WAV"),
    (b"fLaC", "FLAC"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf", "7z"),
    (b"SQLite format 3", "SQLite"),
    (b"\x7fELF", "ELF"),
)
CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x9f]")
NULS = re.compile("\x00+")
WESTERN = re.compile(
    "[^\x00-\x7fàâäçéèêëîïôöùûüÿœæÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸŒÆáíóúñãõåøßìò€«»“”‘’…–—•·°§©®™ºª²³½¿¡\xa0]"
)
MOJIBAKE = re.compile("Ã[\x80-\xbf©¨ª®´¢§«»¹¯±²³¼½¾¿€‚ƒ„…†‡ˆ‰Š‹Œ]|â€[™œ\x9d“”¦]")
DECLARED = re.compile(rb"""(?:charset|encoding)\s{0,5}=\s{0,5}["']?([\w.:-]{2,40})""", re.IGNORECASE)


def decode(content: bytes, name: str) -> tuple[str, str, list[Message]]:
    """Read bytes as text; return it, its encoding, and what there is to say of them."""
    if not content.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise EmptyTextError("no text", name=name)
    if len(content) > MAX_BYTES:
        raise TextTooLargeError(f"{len(content)} bytes", name=name, limit_mb=MAX_MB)
    for magic, kind in KINDS:
        if content.startswith(magic):
            raise OtherFileError(f"a {kind}", name=name, kind=kind)
    text, encoding, broken = _decode(content, name)
    controls = len(CONTROL.findall(text))
    if controls > MAX_CONTROLS * len(text) + 2:
        raise NotTextError(f"{controls} control characters among {len(text)}", name=name)
    return text, encoding, _warnings(content, text, encoding, broken, controls)


def _decode(content: bytes, name: str) -> tuple[str, str, int]:
    """Return the text, its encoding and how many characters could not be read."""
    if wide := _find_wide(content):
        text = content.decode(wide, errors="replace")
        return text, wide, text.count("\ufffd")
    utf8 = "utf-8-sig" if content.startswith(codecs.BOM_UTF8) else "utf-8"
    try:
        return content.decode(utf8), utf8, 0
    except UnicodeDecodeError:
        text = content.decode(utf8, errors="replace")
        broken = text.count("\ufffd")
    whole = sum(ord(char) > 127 for char in text[:200_000]) - text[:200_000].count("\ufffd")
    if utf8 == "utf-8-sig" or (broken <= FEW_BROKEN * len(text) and whole > 4 * broken):
        return text, utf8, broken
    western = content.decode("cp1252", errors="replace")
    sample = western[:200_000]
    accented = sum(char.isalpha() for char in sample if char > "\x7f")
    high = sum(char > "\x7f" for char in sample)
    letters = sum(map(str.isalpha, sample))
    if accented <= MANY_ACCENTS * letters and len(WESTERN.findall(sample)) <= high * 0.1:
        return western, "cp1252", western.count("\ufffd")
    return _guess(content, name)


def _find_wide(content: bytes) -> str | None:
    """Tell UTF-16 and UTF-32 by their mark, which stays in the text, or by where the zeros of letters lie."""
    for mark, encoding in (
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if content.startswith(mark):
            return encoding
    sample = content[:4096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) > 0.35 * len(sample) and min(even, odd) < 0.05 * len(sample):
        return "utf-16-le" if odd > even else "utf-16-be"
    return None


def _guess(content: bytes, name: str) -> tuple[str, str, int]:
    """Guess from a sample around the first bytes that are no ASCII."""
    first = next((at for at, byte in enumerate(content) if byte > 127), 0)
    begin = max(0, first - GUESS_BYTES // 4)
    best = from_bytes(content[begin : begin + GUESS_BYTES]).best()
    if best is None:
        raise NotTextError("no encoding fits", name=name)
    text = content.decode(best.encoding, errors="replace")
    return text, best.encoding.replace("_", "-"), text.count("\ufffd")


def _warnings(content: bytes, text: str, encoding: str, broken: int, controls: int) -> list[Message]:
    warnings = []
    if broken:
        said = N_("%(count)s characters are damaged and were replaced by “\ufffd” (read as %(encoding)s).")
        warnings.append(Message(said, {"count": broken, "encoding": encoding}))
    declared = DECLARED.search(content[:2048])
    if declared and not _same(declared[1].decode("ascii", "replace"), encoding, content):
        said = N_(
            "The document says that it is written in %(declared)s; it was read as %(encoding)s, which it is."
        )
        values = {"declared": declared[1].decode("ascii", "replace"), "encoding": encoding}
        warnings.append(Message(said, values))
    if controls:
        said = N_("%(count)s characters that no text holds were left out.")
        warnings.append(Message(said, {"count": controls}))
    if len(MOJIBAKE.findall(text[:200_000])) > 2:
        said = N_(
            "Accents look damaged (« Ã© » for « é »): the file was converted twice. Find a better copy."
        )
        warnings.append(Message(said))
    return warnings


def _same(declared: str, encoding: str, content: bytes) -> bool:
    """Tell whether a declared encoding is the one found, or says the same of this content."""
    try:
        name = codecs.lookup(declared).name
    except LookupError:
        return False
    latin = ("iso8859-1", "iso8859-15", "ascii")
    found = codecs.lookup(encoding.replace("-sig", "")).name
    return name == found or content.isascii() or (name in latin and found == "cp1252")
