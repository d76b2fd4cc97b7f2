"""Feeds of shows for podcast apps, episodes' chapters, and the list of feeds as OPML.

What a feed holds is what anybody may read and hear here: no private episode, no sound that is not
here, and names that were withdrawn as they are shown. Its guids are those that the episodes have
in the show's own feed, so that an app that knows one knows the other.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, select
from starlette.responses import Response

from media import schema
from media.episodes import Episode, EpisodeStatus, episode_path, list_chapters, list_episodes, read_chapters
from media.errors import NotFoundError
from media.files import get_audio
from media.licences import describe_licence
from media.people.withdrawn import read_names
from media.shows import Show, find_show, list_shows
from media.writing.formats import FORMATS
from media.writing.gathering import find_terms
from media.writing.opml import write_opml
from media.writing.podcasting import render_chapters
from web.episodes import public_episode
from web.feeds.rss import MEDIA_TYPE, Item, ShowFeed, Sound, TranscriptLink, write_rss
from web.feeds.sending import send_kept
from web.visits import Visit

MAX_ITEMS = 300  # latest episodes: an app reads them all each time
OFFERED = ("vtt", "srt", "json", "html", "txt")
CAPTIONS = ("vtt", "srt")
FIRST_TURNS = 5  # where one of these has a time, the text has times


def send_show(visit: Visit) -> Response:
    """Send the feed of a show: its episodes that can be read here, newest first."""
    slug = visit.request.path_params["slug"]
    with visit.site.database.read() as connection:
        show = find_show(connection, slug)
        if show is None or show.slug != slug:
            raise NotFoundError(f"no show {slug!r}", kind="show", name=slug)
        content = write_rss(_describe(visit, connection, show))
    return send_kept(visit.request, content, f"{MEDIA_TYPE}; charset=utf-8")


def send_chapters(visit: Visit) -> Response:
    """Send an episode's chapters as the podcast namespace has them."""
    with visit.site.database.read() as connection:
        episode = public_episode(connection, visit.request.path_params["id"])
        chapters = list_chapters(connection, episode.id)
    page_url = _site(visit) + episode_path(episode.id, episode.title)
    content = render_chapters(chapters, episode.title, page_url).encode()
    return send_kept(visit.request, content, "application/json+chapters")


def send_shows(visit: Visit) -> Response:
    """Send the feeds of every show, for a podcast app to follow them all."""
    with visit.site.database.read() as connection:
        rows = [(show.title, f"{_site(visit)}/show/{show.slug}/feed.xml") for show in list_shows(connection)]
    headers = {"content-disposition": 'attachment; filename="shows.opml"'}
    return send_kept(visit.request, write_opml("Entendu", rows), "text/x-opml; charset=utf-8", headers)


def _describe(visit: Visit, connection: Connection, show: Show) -> ShowFeed:
    site = _site(visit)
    ready = [EpisodeStatus.READY]
    episodes = list_episodes(connection, show_id=show.id, statuses=ready, limit=MAX_ITEMS)
    timed = _find_timed(connection, [episode.id for episode in episodes])
    chapters = read_chapters(connection, [episode.id for episode in episodes], read_names(connection))
    with_chapters = {
        episode_id
        for episode_id, listed in chapters.items()
        if any(chapter.start_ms is not None for chapter in listed)
    }
    items = [
        Item(
            episode.guid,
            episode.title,
            episode.description,
            site + episode_path(episode.id, episode.title),
            episode.published_at,
            episode.people,
            find_terms(episode, show)[0],
            _find_sound(visit, connection, episode),
            _list_transcripts(site, episode, has_times=episode.id in timed),
            f"{site}/episode/{episode.id}/chapters.json" if episode.id in with_chapters else None,
        )
        for episode in episodes
    ]
    return ShowFeed(
        show.title,
        show.description,
        show.author,
        show.language,
        f"{site}/show/{show.slug}",
        f"{site}/show/{show.slug}/feed.xml",
        describe_licence(show.licence, show.licence_url),
        items,
    )


def _find_sound(visit: Visit, connection: Connection, episode: Episode) -> Sound | None:
    audio = episode.listening_sha256 and get_audio(connection, episode.listening_sha256)
    if not audio or not visit.site.store.expects(audio.sha256, audio.suffix):
        return None
    url = f"{_site(visit)}/episode/{episode.id}/audio.mp3"
    return Sound(url, audio.media_type, audio.size_bytes, audio.duration_ms)


def _list_transcripts(site: str, episode: Episode, *, has_times: bool) -> list[TranscriptLink]:
    return [
        TranscriptLink(
            f"{site}/episode/{episode.id}/export.{name}",
            FORMATS[name].media_type,
            episode.spoken_language or episode.language,
            name in CAPTIONS,
        )
        for name in OFFERED
        if has_times or name in ("html", "txt")
    ]


def _find_timed(connection: Connection, episode_ids: Iterable[int]) -> set[int]:
    """Find which episodes have times in the text that leads."""
    turn, episode = schema.turn.c, schema.episode.c
    query = (
        select(turn.episode_id)
        .join(schema.episode, episode.id == turn.episode_id)
        .where(
            turn.episode_id.in_(list(episode_ids)),
            turn.edition == episode.edition,
            turn.position < FIRST_TURNS,
            turn.start_ms.is_not(None),
        )
        .distinct()
    )
    return set(connection.execute(query).scalars())


def _site(visit: Visit) -> str:
    return visit.site.settings.site_url.rstrip("/")
