"""Which sound a quote may be given with: the copy that is served, on the clock that it was quoted on.

Every reason against is found here, before anything is made, and each is one sentence: the quote's
page says it where the clip would be, the address of the clip answers with it. A licence that an
imported text came with is the transcript's, not the recording's, and forbids nothing here: the
sound's is what the show says.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from ingest.errors import ClipError, ClipsForbiddenError
from ingest.sound.clips import Bounds, check_bounds
from media.episodes import Episode, get_episode
from media.errors import N_, NotFoundError
from media.files import AudioFile, get_audio
from media.licences import Licence, describe_licence
from media.quotes.values import Quote, ShownQuote
from media.shows import get_show
from media.writing.gathering import find_terms
from web.errors import WebError


class QuoteWithdrawnError(WebError):
    """The words of a quote may no longer be given, nor their sound."""

    status = 410
    msgid = N_("This quotation was withdrawn: neither its words nor its sound are given any more.")


class SoundReplacedError(ClipError):
    """The audio is another than the one that was quoted: its times are not those of the quote."""

    msgid = N_("The audio was replaced since this was quoted, and the times with it: no clip can be cut.")


class LicenceForbidsError(ClipsForbiddenError):
    """The show's licence asks that the whole be given, or nothing."""

    msgid = N_("The licence of “%(show)s” (%(licence)s) does not let parts of its sound be given.")


@dataclass(frozen=True, slots=True)
class Sound:
    """The sound of a quote, which may be given."""

    quote: Quote
    episode: Episode
    audio: AudioFile
    bounds: Bounds
    licence: Licence  # of the sound: the show's
    notice: str
    text_licence: Licence  # of the words: the episode's own, where an imported text said one
    text_notice: str


def find_sound(connection: Connection, shown: ShownQuote, language: str) -> Sound:
    """Find the sound of a quote; EntenduError says in words why none is given."""
    quote = shown.quote
    refuse_withdrawn(shown)
    episode = get_episode(connection, quote.episode_id)
    audio = find_same_audio(connection, quote, episode)
    show = get_show(connection, episode.show_id)
    licence = describe_licence(show.licence, show.licence_url)
    if not show.clips:
        raise ClipsForbiddenError(f"clips of show {show.id} are off", show=show.title)
    if not licence.allows_clips:
        said = licence.name(language)
        raise LicenceForbidsError(f"{licence.id} of show {show.id}", show=show.title, licence=said)
    bounds = check_bounds(quote.start_ms or 0, quote.end_ms or 0, audio.duration_ms or 0)
    return Sound(quote, episode, audio, bounds, licence, show.notice or "", *find_terms(episode, show))


def find_same_audio(connection: Connection, quote: Quote, episode: Episode) -> AudioFile:
    """Find the copy of an episode that is heard now, where a quote's times are those of it.

    A copy in which something was silenced since is another file of the same length and size, with
    the same times; a copy of another recording is not.
    """
    now = episode.listening_sha256 and get_audio(connection, episode.listening_sha256)
    if not now or quote.start_ms is None or quote.end_ms is None:
        raise NotFoundError(f"quote {quote.id} has no sound", kind="audio", name=quote.episode)
    then = quote.copy_sha256 and get_audio(connection, quote.copy_sha256)
    if quote.copy_sha256 != now.sha256 and (
        not then or (then.size_bytes, then.duration_ms) != (now.size_bytes, now.duration_ms)
    ):
        raise SoundReplacedError(f"quote {quote.id} is of {quote.copy_sha256}, not {now.sha256}")
    return now


def has_same_audio(connection: Connection, quote: Quote, episode: Episode | None) -> bool:
    """Tell whether a quote can be heard at its own times in the copy of today."""
    try:
        return episode is not None and bool(find_same_audio(connection, quote, episode))
    except (NotFoundError, SoundReplacedError):
        return False


def refuse_withdrawn(shown: ShownQuote) -> None:
    """Raise QuoteWithdrawnError where nothing of a quote may be given."""
    if not shown.standing.is_shown:
        raise QuoteWithdrawnError(f"quote {shown.quote.id} is {shown.standing.fate}")


def name_file(quote: Quote, start_ms: int, suffix: str, what: str = "") -> str:
    """Name a file as people will find it again: show, date, time.

    The show's short name has nothing but letters, digits and hyphens.
    """
    seconds = start_ms // 1_000
    time = f"{seconds // 3_600}h{seconds // 60 % 60:02d}m{seconds % 60:02d}s"
    date = f"{quote.published_at:%Y-%m-%d}-" if quote.published_at else ""
    return f"{quote.show_slug}-{date}{time}{what}.{suffix}"
