"""The JSON API: what programs may read of the archive; nothing here changes anything.

`/api` is its description (OpenAPI 3.1, `web.openapi`), tested against these answers. Failures
are `{"error": sentence}` with the matching status.
"""

from typing import Any

from starlette.responses import JSONResponse, Response

from media.episodes import (
    PAGE_LENGTH,
    Episode,
    EpisodeStatus,
    count_by_show,
    count_episodes,
    episode_path,
    list_chapters,
    list_episodes,
)
from media.errors import NotFoundError
from media.shows import Show, find_show, list_shows
from media.transcripts import Attribution, StoredTurn
from search.answers import MAX_LIMIT, describe_result
from web.episodes import public_episode
from web.openapi import describe_api
from web.searches import PAGE_LENGTH as PER_PAGE
from web.searches import read_search
from web.visits import Visit, number

MAX_OFFSET = 10**6


def send_description(visit: Visit) -> Response:
    """Send the OpenAPI description."""
    return JSONResponse(describe_api(visit.site.settings.site_url))


def send_search(visit: Visit) -> Response:
    """Send what `entendu search --json` prints."""
    params = visit.request.query_params
    limit = max(1, number(params.get("limit"), PER_PAGE, MAX_LIMIT))
    result = visit.index.search(read_search(params, limit=limit))
    return JSONResponse(describe_result(result, visit.site.settings.site_url))


def send_shows(visit: Visit) -> Response:
    """Send every show."""
    with visit.site.database.read() as connection:
        counts = count_by_show(connection)
        shows = [_show(show, counts[show.id]) for show in list_shows(connection)]
    return JSONResponse({"shows": shows})


def send_episodes(visit: Visit) -> Response:
    """Send a page of episodes, newest first, of one show or of all."""
    params = visit.request.query_params
    offset = number(params.get("offset"), 0, MAX_OFFSET)
    with visit.site.database.read() as connection:
        show_id = None
        if slug := params.get("show"):
            show = find_show(connection, slug)
            if show is None:
                raise NotFoundError(f"no show {slug!r}", kind="show", name=slug)
            show_id = show.id
        episodes = list_episodes(connection, show_id=show_id, offset=offset)
        total = sum(count_episodes(connection, show_id).values())
    found = [_episode(episode, visit.site.settings.site_url) for episode in episodes]
    return JSONResponse({"total": total, "offset": offset, "limit": PAGE_LENGTH, "episodes": found})


def send_episode(visit: Visit) -> Response:
    """Send one episode with its chapters and turns."""
    with visit.site.database.read() as connection:
        episode = public_episode(connection, visit.request.path_params["id"])
        chapters = list_chapters(connection, episode.id)
        turns = visit.site.shelf.list_turns(connection, episode)
    document = {
        **_episode(episode, visit.site.settings.site_url),
        "chapters": [{"start_ms": chapter.start_ms, "title": chapter.title} for chapter in chapters],
        "turns": [_turn(stored) for stored in turns],
    }
    return JSONResponse(document)


def send_status(visit: Visit) -> Response:
    """Send how many episodes stand where."""
    with visit.site.database.read() as connection:
        counts = count_episodes(connection)
        shows = len(list_shows(connection))
    return JSONResponse({"shows": shows, "episodes": {status.value: n for status, n in counts.items()}})


def _show(show: Show, counts: dict[EpisodeStatus, int]) -> dict[str, Any]:
    return {
        "slug": show.slug,
        "title": show.title,
        "author": show.author,
        "language": show.language,
        "description_html": show.description,
        "episodes": sum(counts.values()),
        "transcribed": counts[EpisodeStatus.READY],
    }


def _episode(episode: Episode, site_url: str) -> dict[str, Any]:
    return {
        "id": episode.id,
        "show": episode.show_title,
        "show_slug": episode.show_slug,
        "title": episode.title,
        "published": None if episode.published_at is None else episode.published_at.isoformat(),
        "duration_ms": episode.duration_ms,
        "language": episode.spoken_language or episode.language,
        "status": episode.status.value,
        "revision": episode.revision,
        "url": site_url.rstrip("/") + episode_path(episode.id, episode.title),
    }


def _turn(stored: StoredTurn) -> dict[str, Any]:
    voice, turn = stored.voice, stored.turn
    return {
        "id": stored.id,
        "kind": turn.kind.value,
        "label": turn.label,
        "voice": None if voice is None else voice.number,
        "speaker": None if voice is None else voice.name,
        "attribution": (Attribution.NONE if voice is None else voice.attribution).value,
        "start_ms": turn.start_ms,
        "end_ms": turn.end_ms,
        "text": turn.text,
        "state": turn.state.value,
        "doubts": [
            {"kind": doubt.kind.value, "first_word": doubt.first_word, "last_word": doubt.last_word}
            for doubt in turn.doubts
        ],
    }
