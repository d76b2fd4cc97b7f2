"""The page of an episode: its words to read, hear, follow and find; its voices to name."""

import re
from collections.abc import Mapping

from sqlalchemy import Connection
from starlette.responses import Response

from media.episodes import Episode, EpisodeStatus, episode_path, get_episode, list_chapters
from media.errors import N_, Message, NotFoundError
from media.people.accounts import Account
from media.people.withdrawals import withdrawn_since
from media.progress import get_progress
from media.quotes.hearings import list_heard_words
from media.transcript import DoubtKind, Edition, TurnState
from media.transcripts import (
    StoredTurn,
    get_turns,
    list_editions,
    list_speakers,
    list_turns_around,
    list_voices,
    name_voice,
)
from media.wishes import UNHEARD, is_wished
from web import finding, reading
from web.alignment import describe_alignment
from web.editions import read_shown
from web.errors import BadFormError, EpisodeWithdrawnError
from web.facets import STATE_NAMES
from web.feeds.downloads import list_downloads
from web.metadata.episodes import describe_episode_head
from web.pairing import pair_turns
from web.quotes.embedding import discover
from web.shows import STATUS_NAMES
from web.sides import tell_side
from web.visits import Visit, number, redirect

SECONDS = re.compile(r"\d{1,6}(\.\d{1,3})?", re.ASCII)
REACHES = (1, 3)  # turns of context on each side
MAX_NAME_LENGTH = 120
SPEEDS = ("0.5", "0.75", "1", "1.25", "1.5", "1.75", "2")
DOUBT_NAMES = {
    DoubtKind.LOOP: N_("the recogniser repeated itself here"),
    DoubtKind.UNHEARD: N_("no speech was heard here"),
    DoubtKind.MARKED: N_("somebody is not sure of this"),
    DoubtKind.DISCUSSED: N_("a reviewer asks for this to be looked at again"),
    DoubtKind.UNPLACED: N_("nobody was heard to say this: its time is a guess"),
}


def show_episode(visit: Visit) -> Response:
    """Show an episode and its transcript."""
    with visit.site.database.read() as connection:
        episode = public_episode(connection, visit.request.path_params["id"], visit.account)
        if visit.request.path_params.get("slug") != episode.slug:
            query = visit.request.url.query
            return redirect(episode_path(episode.id, episode.title) + (f"?{query}" if query else ""))
        editions = list_editions(connection, episode.id)
        shown = read_shown(visit, episode, editions)
        texts = [visit.site.shelf.list_turns(connection, episode, edition) for edition in shown.editions]
        told = [edition for edition in shown.editions if len(editions) > 1 or edition is Edition.PUBLISHED]
        sides = [tell_side(connection, episode, edition, visit.language) for edition in told if texts[0]]
        every = [turn for text in texts for turn in text]
        heard = list_heard_words(connection, episode.id, every)
        chapters = list_chapters(connection, episode.id)
        voices = list_voices(connection, episode.id)
        alignment = describe_alignment(connection, episode.id) if visit.account else None
        work = None if episode.status is EpisodeStatus.READY else get_progress(connection, episode.id)
        wished = is_wished(connection, episode.id)
        known = list_speakers(connection, episode.show_id) if visit.is_administrator else []
    params = visit.request.query_params
    target_ms = read_seconds(params.get("at"))
    found = finding.find_in_episode(visit.index, params.get("find", ""), episode.id, shown)
    found_at = max(0, min(number(params.get("match"), 1, finding.MAX_SPOTS), len(found.spots)) - 1)
    turns, marks = texts[0], found.marks(found_at)
    sections = reading.lay_out(turns, chapters, target_ms, marks)
    beside = [read for text in texts[1:] for read in reading.read_turns(text, marks)]
    context = {
        "episode": episode,
        "sections": sections,
        "paired": pair_turns(sections, beside) if len(texts) > 1 else (),
        "shown": shown,
        "sides": sides,
        "locked_editions": [side.edition for side in sides if side.lock],
        "found": found,
        "found_at": found_at,
        "chapters": chapters,
        "lanes": reading.measure_lanes(turns, voices, episode.duration_ms or 0),
        "lane_units": reading.LANE_UNITS,
        "lane_height": reading.LANE_HEIGHT,
        "states": reading.count_states(turns),
        "heard_turns": reading.tell_heard(every, heard),
        "doubts": sum(len(stored.turn.doubts) for stored in turns),
        "target_ms": target_ms,
        "oembed": () if target_ms is None else discover(visit.site.settings.site_url, _moment_url(visit)),
        "has_audio": episode.listening_sha256 is not None,
        "names": list(dict.fromkeys([*(person.name for person in episode.people), *known])),
        "work": work,
        "is_wished": wished,
        "can_be_wished": episode.status in UNHEARD,
        "alignment": alignment,
        "status_name": Message(STATUS_NAMES[episode.status]),
        "downloads": list_downloads(episode, turns, editions),
        "speeds": SPEEDS,
        "metadata": describe_episode_head(
            episode,
            chapters,
            visit.site.settings.site_url.rstrip("/"),
            episode.licence_url or episode.licence,
        ),
        **turn_words(),
    }
    return visit.render("episode.html", context)


def send_found(visit: Visit) -> Response:
    """Send what is found in an episode that anybody may read."""
    with visit.site.database.read() as connection:
        episode = public_episode(connection, visit.request.path_params["id"], visit.account)
        shown = read_shown(visit, episode, list_editions(connection, episode.id))
    return finding.send_found(visit, episode.id, shown)


def show_context(visit: Visit) -> Response:
    """Show a turn with the turns around it, for a reader who came from a search."""
    params = visit.request.query_params
    reach = number(params.get("reach"), REACHES[0], REACHES[-1])
    with visit.site.database.read() as connection:
        episode = public_episode(connection, visit.request.path_params["id"], visit.account)
        turn = _turn_of(connection, episode, number(params.get("turn"), 0, 10**9))
        near = list_turns_around(connection, turn, max(reach, 1))
    here = {turn.id: [reading.Mark(0, 0, is_here=True)]}
    context = {
        "episode": episode,
        "turn": turn,
        "readings": [read for section in reading.lay_out(near, [], None, here) for read in section.turns],
        "wider": next((wider for wider in REACHES if wider > reach), None),
        "has_audio": episode.listening_sha256 is not None,
        **turn_words(),
    }
    return visit.render("context.html", context)


def give_name(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Say who a voice is; an empty name takes back what was said."""
    name = " ".join(fields.get("name", "").split())
    voice = number(fields.get("voice"), 0, 10_000)
    if len(name) > MAX_NAME_LENGTH:
        raise BadFormError(f"a name of {len(name)} characters")
    with visit.site.database.write() as connection:
        episode = public_episode(connection, visit.request.path_params["id"], visit.account)
        account_id = None if visit.account is None else visit.account.id
        name_voice(connection, episode.id, voice, name or None, visit.now, account_id)
    return redirect(episode_path(episode.id, episode.title) + f"#voice-{voice}")


def public_episode(connection: Connection, episode_id: int, reader: Account | None = None) -> Episode:
    """Read an episode that anybody may read, or one that is private with its `reader`'s account.

    NotFoundError for any other; EpisodeWithdrawnError, whoever reads, for one that was withdrawn.
    """
    episode = get_episode(connection, episode_id)
    if episode.private:
        if (since := withdrawn_since(connection, episode_id)) is not None:
            raise EpisodeWithdrawnError(f"episode {episode_id} is withdrawn", since)
        if reader is None:
            raise NotFoundError(f"episode {episode_id} is private", kind="episode", name=str(episode_id))
    return episode


def turn_words() -> dict[str, object]:
    """Say what templates of turns need to name states and doubts."""
    return {
        "state_names": {TurnState(name): Message(msgid) for name, msgid in STATE_NAMES.items()},
        "doubt_names": {kind: Message(msgid) for kind, msgid in DOUBT_NAMES.items()},
    }


def read_seconds(text: str | None) -> int | None:
    """Read a moment of an address, in seconds; None for anything else.

    >>> read_seconds("754.3"), read_seconds("-1"), read_seconds("1e9"), read_seconds(None)
    (754300, None, None, None)
    """
    if text is None or not SECONDS.fullmatch(text):
        return None
    return round(float(text) * 1_000)


def _moment_url(visit: Visit) -> str:
    """Write the address of this page at the moment that it was asked for."""
    url = visit.request.url
    return f"{visit.site.settings.site_url.rstrip('/')}{url.path}?at={visit.request.query_params['at']}"


def _turn_of(connection: Connection, episode: Episode, turn_id: int) -> StoredTurn:
    turn = get_turns(connection, [turn_id]).get(turn_id)
    if turn is None or turn.episode_id != episode.id:
        raise NotFoundError(f"no turn {turn_id} in episode {episode.id}", kind="turn", name=str(turn_id))
    return turn
