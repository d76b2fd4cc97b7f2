"""How long a file says that it lasts, so that a download cut short is noticed (FAULTS 37).

A truncated MP3 or WAV decodes without complaint; only its own header knows better. Ogg declares
nothing, and MP4 without its end does not open at all.
"""

from pathlib import Path

from ingest.sound.audio import AudioFacts
from ingest.sound.mpeg import find_chain, read_declared_ms
from ingest.sound.sniffing import skip_tags

UNKNOWN_SIZES = (0, 0xFFFFFFFF)  # written by encoders that could not go back
CHUNK_HEADER = 8
RIFF_HEADER = 12
RATE_OFFSET = 8  # of the bytes a second, in WAV's "fmt " chunk


def read_declared(path: Path, facts: AudioFacts) -> int | None:
    """Read the duration that a file's header promises, in ms; None where it promises none."""
    with path.open("rb") as file:
        _, head = skip_tags(file)
    if facts.container == "mp3":
        chain = find_chain(head)
        return read_declared_ms(head[chain[1] :]) if chain else None
    return read_wav_ms(head) if facts.container == "wav" else facts.duration_ms


def read_wav_ms(head: bytes) -> int | None:
    """Read the duration that a WAV header promises; None where it is not there.

    https://www.mmsp.ece.mcgill.ca/Documents/AudioFormats/WAVE/WAVE.html
    """
    at, rate = RIFF_HEADER, 0
    while len(head) >= at + CHUNK_HEADER:
        kind, size = head[at : at + 4], int.from_bytes(head[at + 4 : at + CHUNK_HEADER], "little")
        at += CHUNK_HEADER
        if kind == b"data":
            return size * 1000 // rate if rate and size not in UNKNOWN_SIZES else None
        if kind == b"fmt ":
            rate = int.from_bytes(head[at + RATE_OFFSET : at + RATE_OFFSET + 4], "little")
        at += size + size % 2
    return None
