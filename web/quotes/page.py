"""The page of a quote: what was frozen, what became of it, who heard it; and how it is made and heard.

The frozen words never change; what happened since is said above them, dated, with the difference.
A withdrawn passage is not given back: the page holds the notice. `quotes/cite.html`, `clip.html`
and `embed.html` are the sections of citing, clips and embedding.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection
from starlette.datastructures import QueryParams
from starlette.responses import Response

from media.correction.authors import Author
from media.episodes import Episode, get_episodes
from media.errors import N_, Message
from media.language import load_translations
from media.licences import describe_licence
from media.people.attempts import take_try
from media.quotes.capturing import QUOTES_FROM_ADDRESS, capture, find_span
from media.quotes.errors import NoWordsError, QuoteError
from media.quotes.hearings import record_hearing
from media.quotes.showing import show_quote
from media.quotes.values import Fate, Piece, Quote, ShownQuote, Span, Standing, find_bounds
from media.transcript import Edition
from media.transcripts import get_turns, list_editions
from web.correction.telling import Told
from web.correction.telling import tell_changes as tell_difference
from web.episodes import public_episode, read_seconds
from web.quotes.choosing import CHANGED, MAX_TURN, fingerprint, read_choice, show_choice
from web.quotes.citing import describe_citing
from web.quotes.clips import describe_taking
from web.quotes.saying import (
    ATTRIBUTION_NAMES,
    CHECK_NAMES,
    EDITION_NAMES,
    list_speakers,
    say_length,
    say_moment,
    tell_changes,
    tell_fates,
)
from web.quotes.selections import read_spans
from web.quotes.sounding import has_same_audio
from web.visits import Visit, number, redirect

AROUND_MS = 5_000  # heard before a quote and after it, to verify it
GONE = {Fate.WITHDRAWN, Fate.UNPUBLISHED}
MUTE = {*GONE, Fate.PARTLY_WITHDRAWN, Fate.LOST}
NOW_AT = N_("Today they are at %(start)s–%(end)s.")


def make_quote(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Freeze the words that a form names, by places or by times, and show the quote."""
    episode_id = number(fields.get("episode"), 0, MAX_TURN)
    spans = read_spans(fields.get("spans", "").replace(",", " ").split())
    author = None if visit.account is None else Author(visit.account.id, visit.account.name)
    with visit.site.database.write() as connection:
        take_try(connection, {QUOTES_FROM_ADDRESS: visit.address}, visit.now)
    try:
        with visit.site.database.write() as connection:
            edition = _edition(connection, episode_id, fields.get("text"))
            if not spans:
                spans = [_span_at(connection, episode_id, edition, fields)]
            if _has_changed(connection, spans, fields.get("seen", "")):
                return _choose_again(visit, connection, fields, spans, Message(CHANGED), 409)
            quote = capture(connection, episode_id, edition, spans, author, visit.now)
    except QuoteError as error:
        with visit.site.database.read() as connection:
            return _choose_again(visit, connection, fields, spans, error.message, 422)
    return redirect(f"/q/{quote.id}")


def hear_quote(visit: Visit, _fields: Mapping[str, str]) -> Response:
    """Record that somebody signed in heard these words."""
    quote_id = visit.request.path_params["id"]
    assert visit.account is not None  # noqa: S101 -- the route asks for a role
    with visit.site.database.write() as connection:
        record_hearing(connection, quote_id, Author(visit.account.id, visit.account.name), visit.now)
    return redirect(f"/q/{quote_id}#heard")


def show_page(visit: Visit) -> Response:
    """Show a quote; 410 where its words may no longer be read."""
    with visit.site.database.read() as connection:
        shown = show_quote(connection, visit.request.path_params["id"])
        episode = get_episodes(connection, [shown.quote.episode_id]).get(shown.quote.episode_id)
        beside = describe_citing(visit, connection, shown) | describe_taking(visit, connection, shown)
        same_audio = has_same_audio(connection, shown.quote, episode)
    status = 410 if shown.standing.fate in GONE else 200
    return visit.render(
        "quotes/page.html", {**_describe(visit, shown, episode, same_audio), **beside}, status
    )


def _describe(visit: Visit, shown: ShownQuote, episode: Episode | None, same_audio: bool) -> dict[str, Any]:
    quote, standing = shown.quote, shown.standing
    voices = list_speakers(quote.pieces)
    here = episode if episode is not None and not episode.private else None
    heard_here = here is not None and here.listening_sha256 is not None and quote.start_ms is not None
    own = visit.account.id if visit.account is not None else None
    length_ms = None if quote.start_ms is None or quote.end_ms is None else quote.end_ms - quote.start_ms
    last_ms = (here.duration_ms if here is not None else None) or quote.end_ms or 0
    licence = describe_licence(quote.licence, quote.licence_url) if quote.licence else None
    return {
        "shown": shown,
        "quote": quote,
        "standing": standing,
        "episode": here,
        "names": [_name(piece, visit.language) for piece in voices],
        "speakers": [(_name(piece, visit.language), _attribution(piece)) for piece in voices],
        "by_several": len(voices) > 1,
        "names_around": len(list_speakers((*quote.before, *quote.pieces, *quote.after))) > 1,
        "times": list_times,
        "told": tell_fates(standing),
        "done": tell_changes(standing),
        "differences": _differences(standing),
        "now_at": _now_at(quote, standing, visit.language),
        "today": standing.text is not None and not standing.says_the_same and standing.is_shown,
        "check": Message(CHECK_NAMES[shown.check]),
        "edition_name": Message(EDITION_NAMES[quote.edition]),
        "hearings": shown.hearings,
        "has_heard": any(one.account_id == own and not one.overtaken_at for one in shown.hearings if own),
        "has_audio": heard_here and same_audio and not MUTE & {standing.fate, *standing.fates},
        "audio_replaced": heard_here and not same_audio,
        "verify_from": max(0, (quote.start_ms or 0) - AROUND_MS),
        "verify_to": min((quote.end_ms or 0) + AROUND_MS, last_ms),
        "starts": say_moment(quote.start_ms, visit.language),
        "ends": say_moment(quote.end_ms, visit.language),
        "length": say_length(length_ms, visit.language),
        "licence": None if licence is None else licence.name(visit.language),
        "quote_path": f"/q/{quote.id}",
    }


def list_times(piece: Piece) -> list[tuple[int | None, int | None]]:
    """List when each word of a piece is heard."""
    return [(word.start_ms, word.end_ms) for word in piece.words]


def _name(piece: Piece, language: str) -> str:
    gettext = load_translations(language).gettext
    if piece.speaker:
        return piece.speaker
    if piece.voice is None:
        return gettext("Unknown voice")
    return gettext("Voice %(number)s") % {"number": piece.voice}


def _attribution(piece: Piece) -> Message:
    return Message(ATTRIBUTION_NAMES[piece.attribution])


def _differences(standing: Standing) -> list[Told]:
    told = []
    for span in standing.differences:
        if any(not run.kept for run in span):
            before = " ".join(word for run in span for word in run.before)
            after = " ".join(word for run in span for word in run.after)
            told.append(tell_difference(before, after))
    return told


def _now_at(quote: Quote, standing: Standing, language: str) -> Message | None:
    start, end = find_bounds(standing.spans)
    if start is None or end is None or (start.ms, end.ms) == (quote.start_ms, quote.end_ms):
        return None
    return Message(NOW_AT, {"start": say_moment(start.ms, language), "end": say_moment(end.ms, language)})


def _edition(connection: Connection, episode_id: int, asked: str | None) -> Edition:
    episode = public_episode(connection, episode_id)
    editions = list_editions(connection, episode.id)
    if not editions:
        raise NoWordsError(f"episode {episode_id} has no words")
    return next((held for held in editions if held == asked), editions[0])


def _span_at(connection: Connection, episode_id: int, edition: Edition, fields: Mapping[str, str]) -> Span:
    start_ms, end_ms = read_seconds(fields.get("start")), read_seconds(fields.get("end"))
    if start_ms is None or end_ms is None:
        raise NoWordsError("neither spans nor times")
    return find_span(connection, episode_id, edition, start_ms, end_ms)


def _has_changed(connection: Connection, spans: list[Span], seen: str) -> bool:
    """Tell whether a turn says something else than on the page that the words were chosen on."""
    marks = dict(part.split(":", 1) for part in seen.split() if ":" in part)
    ends = {place.turn for span in spans for place in span}
    now = get_turns(connection, ends)
    return any(
        str(turn) in marks and (turn not in now or fingerprint(now[turn]) != marks[str(turn)])
        for turn in ends
    )


def _choose_again(
    visit: Visit,
    connection: Connection,
    fields: Mapping[str, str],
    spans: list[Span],
    failure: Message,
    status: int,
) -> Response:
    """Show the chooser at these words, with why they could not be quoted."""
    query = [(name, fields[name]) for name in ("episode", "text") if name in fields]
    if spans:
        (turn, first), (end, last) = spans[0].first, spans[-1].last
        query += [("turn", str(turn)), ("first", str(first)), ("end", str(end)), ("last", str(last))]
    return show_choice(visit, read_choice(connection, QueryParams(query)), failure, status)
