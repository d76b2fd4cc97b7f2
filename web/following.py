"""What is followed with a feed reader: a search, and the episodes lately transcribed or validated.

A feed holds what is new only: of a search, what was transcribed since somebody began to follow
it, and no longer ago than a reader needs to come by. Nothing is found by another spelling here:
who follows a word does not want its neighbour. A feed that has not changed is not sent again.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from media.episodes import get_episodes
from media.errors import N_
from media.news import MOST, News, find_transcribed, read_news
from search.answers import SearchResult
from web.atom import MEDIA_TYPE, Entry, Feed, write_feed
from web.entries import Edition, write_excerpt, write_news
from web.results import read_names
from web.searches import Choices, list_choices, read_moment, read_search
from web.visits import Visit

ENTRIES = 100
PER_EPISODE = 10  # excerpts of one episode; the last leads to the others
KEPT = timedelta(days=60)  # a reader that comes by less often misses what is older
MAX_AGE_S = 600  # for caches between
EPOCH = datetime.fromtimestamp(0, UTC)
NEW_EXCERPTS = N_("This is a feed: give its address to a feed reader, and new excerpts come to you.")
NEW_EPISODES = N_("This is a feed: give its address to a feed reader, and new episodes come to you.")


def send_search(visit: Visit) -> Response:
    """Send what a followed search has newly found, as excerpts to read and play."""
    wanted = read_search(visit.request.query_params)
    choices = list_choices(wanted).minus("sort")
    after = read_moment(visit.request.query_params.get("after"))
    since = max(visit.now - KEPT, after or EPOCH)
    asked = replace(wanted, newer_than=since, sort="newest", limit=ENTRIES, offset=0, per_episode=PER_EPISODE)
    result = visit.site.index.search(asked)
    if result.rebuilding is not None:
        raise HTTPException(503, headers={"retry-after": "60"})  # nothing found yet is not nothing new
    edition = _edition(visit, "search/" + sha256(choices.address().encode()).hexdigest()[:16])
    with visit.site.database.read() as connection:
        entries = _write_excerpts(connection, edition, result, choices)
        names = read_names(connection, choices, edition.language)
        begun = after or _last_transcribed(connection)
    followed = {} if after is None else {"after": after.strftime("%Y-%m-%dT%H:%MZ")}
    values = [names.name(*pair) for pair in choices.pairs]
    feed = Feed(
        id=edition.id,
        title=edition.say(N_("%(query)s — Search — Entendu"), query=" · ".join(values)),
        subtitle=edition.say(NEW_EXCERPTS),
        updated=max([entry.updated for entry in entries], default=begun),
        address=edition.site_url + choices.address("/search.atom", **followed),
        page=edition.site_url + choices.address(),
        language=edition.language,
        entries=entries,
    )
    return _send(visit, feed)


def send_transcribed(visit: Visit) -> Response:
    """Send the episodes transcribed last."""
    with visit.site.database.read() as connection:
        news = read_news(connection, find_transcribed(connection, MOST))
        return _send_news(connection, visit, "transcribed", N_("Newly transcribed"), news)


def send_validated(visit: Visit) -> Response:
    """Send the episodes whose every word was validated, last first."""
    with visit.site.database.read() as connection:
        news = read_news(connection, visit.site.validated.read(connection))
        return _send_news(connection, visit, "validated", N_("Newly validated"), news)


def _send_news(connection: Connection, visit: Visit, name: str, title: str, news: Sequence[News]) -> Response:
    edition = _edition(visit, name)
    feed = Feed(
        id=edition.id,
        title=f"{edition.say(title)} — Entendu",
        subtitle=edition.say(NEW_EPISODES),
        updated=max([held.at for held in news], default=EPOCH),
        address=f"{edition.site_url}/{name}.atom",
        page=edition.site_url + "/",
        language=edition.language,
        entries=[write_news(connection, edition, held) for held in news],
    )
    return _send(visit, feed)


def _write_excerpts(
    connection: Connection, edition: Edition, result: SearchResult, choices: Choices
) -> list[Entry]:
    if result.corrected is not None:
        return []
    episodes = get_episodes(connection, [excerpt.episode_id for excerpt in result.excerpts])
    last = {excerpt.episode_id: excerpt.turn_id for excerpt in result.excerpts}
    entries = []
    for excerpt in result.excerpts:
        if (episode := episodes.get(excerpt.episode_id)) is None:
            continue
        has_more = last[episode.id] == excerpt.turn_id and episode.id in result.more
        others = choices.within(episode.id).address() if has_more else None
        entries.append(write_excerpt(connection, edition, excerpt, episode, others))
    return sorted(filter(None, entries), key=lambda entry: entry.updated, reverse=True)


def _send(visit: Visit, feed: Feed) -> Response:
    content = write_feed(feed, visit.site.templates.static("feed.css"))
    tag = f'"{sha256(content).hexdigest()[:32]}"'
    headers = {
        "etag": tag,
        "cache-control": f"public, max-age={MAX_AGE_S}",
        "vary": "Accept, Accept-Language, Cookie",
    }
    held = visit.request.headers.get("if-none-match", "")
    if held.strip() == "*" or tag in [known.strip().removeprefix("W/") for known in held.split(",")]:
        return Response(status_code=304, headers=headers)
    is_browser = "text/html" in visit.request.headers.get("accept", "")  # which styles plain XML only
    media_type = "application/xml" if is_browser else MEDIA_TYPE
    return Response(content, media_type=f"{media_type}; charset=utf-8", headers=headers)


def _edition(visit: Visit, name: str) -> Edition:
    return Edition(visit.site.settings.site_url.rstrip("/"), visit.language, name)


def _last_transcribed(connection: Connection) -> datetime:
    return next((at for _, at in find_transcribed(connection, 1)), EPOCH)
