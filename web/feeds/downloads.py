"""What can be taken away of an episode, said in words for its page."""

from collections.abc import Sequence
from dataclasses import dataclass

from media.episodes import Episode
from media.errors import N_, Message
from media.transcript import Edition
from media.transcripts import StoredTurn
from media.writing.formats import FORMATS, Format

EDITION_NAMES = {Edition.PUBLISHED: N_("Published text"), Edition.SPOKEN: N_("Word for word")}


@dataclass(frozen=True, slots=True)
class Download:
    """One file to take away."""

    url: str
    title: Message
    purpose: Message


@dataclass(frozen=True, slots=True)
class Downloads:
    """The files of one edition; its name only where there are two."""

    name: Message | None
    files: tuple[Download, ...]


def list_downloads(
    episode: Episode, turns: Sequence[StoredTurn], editions: Sequence[Edition]
) -> list[Downloads]:
    """List what can be taken away, edition by edition, the leading one first.

    `turns` are of the leading edition; what is said without times is offered in no subtitles.
    """
    has_times = any(held.turn.start_ms is not None for held in turns)
    return [
        Downloads(
            Message(EDITION_NAMES[edition]) if len(editions) > 1 else None,
            tuple(
                _download(episode, edition, name, format)
                for name, format in FORMATS.items()
                if has_times or edition is not episode.edition or not format.needs_times
            ),
        )
        for edition in editions
    ]


def _download(episode: Episode, edition: Edition, name: str, format: Format) -> Download:
    asked = "" if edition is episode.edition else f"?text={edition}"
    return Download(
        f"/episode/{episode.id}/export.{name}{asked}", Message(format.title), Message(format.purpose)
    )
