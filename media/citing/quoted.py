"""Gather what there is to cite of a quote, from the quote itself and from what the catalogue knows."""

import re
from collections.abc import Sequence

from sqlalchemy import Connection

from media import files
from media.citing.citable import Citable
from media.episodes import Person, get_episode
from media.quotes.values import CUT, Passage, Quote
from media.shows import get_show

DEFAULT_LANGUAGE = "fr"
HOSTING = re.compile(r"host|anima|présent|present|produc|\banchor\b", re.IGNORECASE)
BETWEEN_PUBLISHERS = re.compile(r"\s*[;/|]\s*")
MEDIA = {
    "audio/mpeg": "MP3 audio",
    "audio/ogg": "OGG audio",
    "audio/mp3": "MP3 audio",
    "audio/wav": "WAV audio",
}


def describe_quote(connection: Connection, quote: Quote, url: str) -> Citable:
    """Say what there is to cite of a quote that is shown at this address."""
    episode = get_episode(connection, quote.episode_id)
    show = get_show(connection, episode.show_id)
    original = files.get_audio(connection, quote.original_sha256 or "")
    hosts, guests = share_people(episode.people, quote.speakers)
    return Citable(
        quotation=write_quotation(quote.spans),
        speakers=quote.speakers,
        title=quote.episode,
        show=quote.show,
        url=url,
        language=(quote.language or DEFAULT_LANGUAGE)[:2],
        hosts=hosts,
        guests=guests,
        publishers=tuple(filter(None, BETWEEN_PUBLISHERS.split(show.author.strip()))),
        published=quote.published_at.date() if quote.published_at else None,
        start_ms=quote.start_ms,
        end_ms=quote.end_ms,
        duration_ms=episode.duration_ms,
        medium=_name_medium(original.media_type) if original else "",
    )


def share_people(
    people: Sequence[Person], speakers: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Tell hosts from guests by their announced roles; who speaks and is no host is a guest."""
    hosts = tuple(person.name for person in people if HOSTING.search(person.role))
    others = [*speakers, *(person.name for person in people if not person.role or _is_guest(person))]
    return hosts, tuple(dict.fromkeys(name for name in others if name not in hosts))


def write_quotation(spans: Sequence[Passage]) -> str:
    """Write the words, cuts as […]; where several people speak, each on a line with their name."""
    pieces = [piece for span in spans for piece in span]
    if len({(piece.speaker, piece.voice) for piece in pieces}) < 2:
        return f" {CUT} ".join(" ".join(piece.text for piece in span) for span in spans)
    lines: list[str] = []
    for number, span in enumerate(spans):
        for at, piece in enumerate(span):
            cut = f"{CUT} " if number and not at else ""
            named = f"{piece.speaker}\N{NO-BREAK SPACE}: " if piece.speaker else "— "
            lines.append(f"{cut}{named}{piece.text}")
    return "\n".join(lines)


def _is_guest(person: Person) -> bool:
    return "guest" in person.role.lower() or "invit" in person.role.lower()


def _name_medium(media_type: str) -> str:
    """Name a kind of file.

    >>> _name_medium("audio/ogg"), _name_medium("audio/x-m4a")
    ('OGG audio', 'M4A audio')
    """
    kind = media_type.split("/")[-1].removeprefix("x-").upper()
    return MEDIA.get(media_type, f"{kind} audio")
