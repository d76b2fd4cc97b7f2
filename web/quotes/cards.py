"""The pictures of links: of a quote, and of a moment of an episode, which has a page to carry it.

A fragment (#t=…) never reaches a server, so that what previews a link needs a path: /c/12/754300-761050
is a small page with the words, the sound and the way to the episode.
"""

from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection
from starlette.responses import FileResponse, Response

from ingest.sound.cards import BARS, LinkCard, write_card
from ingest.sound.clips import Bounds, check_bounds
from ingest.sound.made import name_made
from media.episodes import Episode
from media.errors import N_, NotFoundError
from media.files import get_peaks
from media.language import load_translations
from media.quotes.showing import show_quote
from media.quotes.values import ShownQuote
from media.transcript import Edition, TurnKind
from media.transcripts import StoredTurn
from media.writing.clocks import clock
from media.writing.script import make_labels, speaker_name
from web.clock import format_day
from web.episodes import public_episode
from web.listening import FRESH
from web.metadata.head import CARD_SIZE
from web.quotes.captions import read_heard
from web.quotes.embedding import discover
from web.quotes.making import CARDS_FROM_ADDRESS, files_of, take_budget
from web.quotes.saying import tell_fates
from web.visits import Visit

DRAWN_LIKE = 1  # grows when the same words are to be drawn otherwise
LOUDEST = 255
PEAK_MS = 100
MAX_SHOWN = 700  # characters of a moment's words
TOLD = {
    False: N_("Changed since: see the page"),
    True: N_("Withdrawn"),
}
ANYWHERE = {"cross-origin-resource-policy": "cross-origin"}


@dataclass(frozen=True, slots=True)
class Moment:
    """A stretch of an episode that anybody may read, and what is said in it."""

    episode: Episode
    bounds: Bounds
    turns: tuple[StoredTurn, ...]

    @property
    def path(self) -> str:
        """The address of its page."""
        return f"/c/{self.episode.id}/{self.bounds.start_ms}-{self.bounds.end_ms}"

    @property
    def text(self) -> str:
        """What is said, cut where it is long for a card."""
        said = " ".join(held.turn.text for held in self.turns if held.turn.kind is TurnKind.SPEECH)
        return said if len(said) <= MAX_SHOWN else said[:MAX_SHOWN].rsplit(" ", 1)[0] + "…"

    def name_speakers(self, language: str) -> list[str]:
        """Name who speaks, in order, each once."""
        labels = make_labels(language)
        return list(dict.fromkeys(filter(None, (speaker_name(held, labels) for held in self.turns))))


def send_quote_card(visit: Visit) -> Response:
    """Send the picture of a quote's link; of a withdrawn one, a picture that says so."""
    with visit.site.database.read() as connection:
        shown = show_quote(connection, visit.request.path_params["id"])
        card = _card_of_quote(visit, connection, shown)
    return _send(visit, card)


def send_moment_card(visit: Visit) -> Response:
    """Send the picture of the link of a moment."""
    site, language = visit.site, visit.site.settings.language
    with site.database.read() as connection:
        moment = read_moment(visit, connection)
        episode, bounds = moment.episode, moment.bounds
        card = LinkCard(
            show=episode.show_title,
            episode=episode.title,
            about=_about(format_day(episode.published_at, language), bounds.start_ms, bounds.end_ms),
            speaker=", ".join(moment.name_speakers(language)),
            text=_quoted(moment.text),
            told="",
            link=_plain_link(site.settings.site_url, moment.path),
            peaks=_read_peaks(connection, episode, bounds.start_ms, bounds.end_ms),
        )
    return _send(visit, card)


def show_moment(visit: Visit) -> Response:
    """Show a moment: its words, its sound, the way to the episode; what previews links reads its head."""
    with visit.site.database.read() as connection:
        moment = read_moment(visit, connection)
    labels, site_url = make_labels(visit.language), visit.site.settings.site_url.rstrip("/")
    width, height = CARD_SIZE
    context = {
        "moment": moment,
        "episode": moment.episode,
        "said": [
            (held, speaker_name(held, labels)) for held in moment.turns if held.turn.kind is TurnKind.SPEECH
        ],
        "names": moment.name_speakers(visit.language),
        "starts": clock(moment.bounds.start_ms),
        "ends": clock(moment.bounds.end_ms),
        "card_width": width,
        "card_height": height,
        "has_audio": moment.episode.listening_sha256 is not None,
        "oembed": discover(site_url, site_url + moment.path),
    }
    return visit.render("quotes/moment.html", context)


def read_moment(visit: Visit, connection: Connection) -> Moment:
    """Read the moment that an address names; the tree of ClipError says what no moment is."""
    params = visit.request.path_params
    return find_moment(connection, params["episode"], params["start"], params["end"])


def find_moment(connection: Connection, episode_id: int, start_ms: int, end_ms: int) -> Moment:
    """Find what is said between two bounds of an episode, in the text that leads."""
    episode = public_episode(connection, episode_id)
    if episode.duration_ms is None:
        raise NotFoundError(f"episode {episode_id} has no times", kind="audio", name=episode.title)
    bounds = check_bounds(start_ms, end_ms, episode.duration_ms)
    editions = sorted(Edition, key=lambda edition: edition is not episode.edition)
    return Moment(episode, bounds, read_heard(connection, episode_id, bounds, editions).turns)


def moment_at(connection: Connection, episode_id: int, at_ms: int, length_ms: int) -> Moment:
    """Find the moment that begins here, cut at the end of the episode."""
    episode = public_episode(connection, episode_id)
    return find_moment(connection, episode_id, at_ms, min(at_ms + length_ms, episode.duration_ms or 0))


def _card_of_quote(visit: Visit, connection: Connection, shown: ShownQuote) -> LinkCard:
    site, language = visit.site, visit.site.settings.language
    quote, standing = shown.quote, shown.standing
    say = load_translations(language).gettext
    told = ""
    if not standing.is_shown:
        told = say(TOLD[True])
    elif not standing.says_the_same:
        told = say(TOLD[False])
    is_heard = quote.start_ms is not None and quote.end_ms is not None and standing.is_shown
    episode = public_episode(connection, quote.episode_id) if is_heard else None
    start_ms, end_ms = quote.start_ms or 0, quote.end_ms or 0
    day = format_day(quote.published_at, language)
    return LinkCard(
        show=quote.show,
        episode=quote.episode,
        about=_about(day, start_ms, end_ms) if is_heard else day,
        speaker=", ".join(quote.speakers) if standing.is_shown else "",
        text=_quoted(quote.text) if standing.is_shown else say(tell_fates(standing)[0].msgid),
        told=told,
        link=_plain_link(site.settings.site_url, f"/q/{quote.id}"),
        peaks=_read_peaks(connection, episode, start_ms, end_ms) if episode else (),
    )


def _send(visit: Visit, card: LinkCard) -> Response:
    name = name_made({"like": DRAWN_LIKE, **asdict(card)}, "png")
    files = files_of(visit.site)
    made = files.find(name)
    if made is None:
        take_budget(visit.site, CARDS_FROM_ADDRESS, visit.address, visit.now)

        def write(file: Any) -> None:
            write_card(card, file)

        made = visit.site.studio.make(files, name, write)
    headers = {"etag": f'"{made.stem}"', "cache-control": FRESH, **ANYWHERE}
    return FileResponse(made, headers=headers, media_type="image/png")


def _read_peaks(connection: Connection, episode: Episode, start_ms: int, end_ms: int) -> tuple[float, ...]:
    """Read what to draw of a passage: the loudest of as many parts as there are bars."""
    sha256 = episode.listening_sha256
    peaks = (get_peaks(connection, sha256) if sha256 else None) or b""
    part = peaks[start_ms // PEAK_MS : -(-end_ms // PEAK_MS)]
    if not part:
        return ()
    edges = [number * len(part) // BARS for number in range(BARS + 1)]
    bars = [max(part[low : max(high, low + 1)]) for low, high in pairwise(edges)]
    most = max(*bars, 1)
    return tuple(round(bar / most, 2) for bar in bars)


def _about(day: str, start_ms: int, end_ms: int) -> str:
    return " · ".join(filter(None, (day, f"{clock(start_ms)}–{clock(end_ms)}")))


def _quoted(text: str) -> str:
    return f"«\N{NO-BREAK SPACE}{text}\N{NO-BREAK SPACE}»" if text else ""


def _plain_link(site_url: str, path: str) -> str:
    return f"{site_url.rstrip('/')}{path}".removeprefix("https://").removeprefix("http://")
