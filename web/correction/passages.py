"""The volunteer's page: passages of five minutes to take, one's own, and those being corrected.

"Correct 5 minutes" takes the best passage there is: of the episodes played most, the one with
the most doubts. A claim says by name who works where; it keeps nobody from saving.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection
from starlette.responses import JSONResponse, Response

from media.correction.authors import Author
from media.correction.claims import Passage, claim_passage, list_passages, read_passage, release_claims
from media.correction.sittings import find_place, list_own_claims, list_unread_episodes
from media.episodes import Episode, get_episode, get_episodes
from media.errors import N_, Message, NotFoundError
from media.language import load_translations
from media.transcript import Edition, TurnState
from media.transcripts import get_turns
from web.correction.received import read_received
from web.editions import PARAMETER, read_edition
from web.episodes import public_episode
from web.visits import Visit, redirect

EPISODES_LOOKED_AT = 6
FREE_SHOWN = 12
TAKEN = N_("Somebody has just taken this passage. Choose another.")


@dataclass(frozen=True, slots=True)
class Sitting:
    """A passage as the volunteer's page lists it."""

    episode: Episode
    passage: Passage
    was_at: int | None = None  # ms: where this volunteer worked last

    @property
    def path(self) -> str:
        """Where it is corrected."""
        return passage_path(self.episode, self.passage)

    @property
    def unread(self) -> int:
        """How many of its turns nobody has read."""
        return self.passage.states[TurnState.MACHINE]


def passage_path(episode: Episode, passage: Passage) -> str:
    """Write the address of a passage: one of the text that does not lead says which."""
    text = "" if passage.edition is episode.edition else f"{passage.edition}/"
    return f"/correct/{episode.id}/{text}{passage.number}"


def author_of(visit: Visit) -> Author:
    """Say whose acts this visitor's are."""
    if visit.account is None:
        raise NotFoundError("a correction without account", kind="account", name="")
    return Author(visit.account.id, visit.account.name)


def show_passages(visit: Visit) -> Response:
    """Show the passages that wait for somebody."""
    author = author_of(visit)
    with visit.site.database.read() as connection:
        mine = _list_mine(connection, author, visit)
        sittings = _list_unread(connection, visit)
        received = read_received(connection, author)
    held = {(one.episode.id, one.passage.number) for one in mine}
    others = [one for one in sittings if (one.episode.id, one.passage.number) not in held]
    gettext = load_translations(visit.language).gettext
    context = {
        "mine": mine,
        "received": received,
        "free": [one for one in others if one.passage.claim is None][:FREE_SHOWN],
        "taken": [one for one in others if one.passage.claim is not None],
        "failure": Message(TAKEN) if "taken" in visit.request.query_params else None,
        "told": gettext(N_("Thank you. All that you did is kept."))
        if "done" in visit.request.query_params
        else None,
    }
    return visit.render("correction/passages.html", context)


def take_next(visit: Visit, _fields: Mapping[str, str]) -> Response:
    """Take the best passage that is free, and go there."""
    with visit.site.database.read() as connection:
        free = [one for one in _list_unread(connection, visit) if one.passage.claim is None]
    for one in free:
        if _claim(visit, one.passage, one.episode.id):
            return redirect(one.path)
    return redirect("/correct")


def take_passage(visit: Visit, _fields: Mapping[str, str]) -> Response:
    """Take this passage, unless somebody else works there."""
    episode_id, number = visit.request.path_params["episode"], visit.request.path_params["passage"]
    with visit.site.database.read() as connection:
        episode, passage = find_passage(connection, episode_id, number, visit)
    if not _claim(visit, passage, episode_id):
        return redirect("/correct?taken=1")
    return redirect(passage_path(episode, passage))


def release_passage(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Let go of a passage, and go to the next or back to the list."""
    episode_id, number = visit.request.path_params["episode"], visit.request.path_params["passage"]
    with visit.site.database.write() as connection:
        release_claims(connection, episode_id, author_of(visit), number, _edition_of(visit))
    return take_next(visit, fields) if fields.get("then") == "next" else redirect("/correct?done=1")


def renew_passage(visit: Visit, _fields: Mapping[str, str]) -> Response:
    """Keep a passage for who works there now, and tell who else does."""
    episode_id, number = visit.request.path_params["episode"], visit.request.path_params["passage"]
    author = author_of(visit)
    with visit.site.database.write() as connection:
        _, passage = find_passage(connection, episode_id, number, visit)
        claim = claim_passage(connection, episode_id, number, author, visit.now, edition=passage.edition)
    return JSONResponse({"other": None if claim.is_of(author) else claim.author.name})


def find_turn(visit: Visit) -> Response:
    """Lead to the passage of a turn, opened there."""
    turn_id = visit.request.path_params["turn"]
    with visit.site.database.read() as connection:
        held = get_turns(connection, [turn_id]).get(turn_id)
        if held is None:
            raise NotFoundError(f"no turn {turn_id}", kind="turn", name=str(turn_id))
        episode = public_episode(connection, held.episode_id, visit.account)
        for passage in list_passages(connection, held.episode_id, visit.now, held.edition):
            if turn_id in passage.turn_ids:
                return redirect(f"{passage_path(episode, passage)}#t-{turn_id}")
    raise NotFoundError(f"turn {turn_id} is in no passage", kind="turn", name=str(turn_id))


def find_passage(
    connection: Connection, episode_id: int, number: int, visit: Visit, edition: Edition | None = None
) -> tuple[Episode, Passage]:
    """Find a passage of an episode that the visitor may read; NotFoundError without it.

    It is of this edition, or else of the one in the address, or of its turn's, or of the one that leads.
    """
    episode = public_episode(connection, episode_id, visit.account)
    edition = edition or _edition_of(visit) or _edition_of_turn(connection, visit)
    passage = read_passage(connection, episode_id, number, visit.now, edition)
    if passage is None:
        raise NotFoundError(f"no passage {number} in episode {episode_id}", kind="turn", name=str(number))
    return episode, passage


def _edition_of(visit: Visit) -> Edition | None:
    """Read which text an address names: in its path, or in its query."""
    named = visit.request.path_params.get("text", visit.request.query_params.get(PARAMETER))
    return read_edition(named)


def _edition_of_turn(connection: Connection, visit: Visit) -> Edition | None:
    turn_id = visit.request.path_params.get("turn")
    held = None if turn_id is None else get_turns(connection, [turn_id]).get(turn_id)
    return None if held is None else held.edition


def _claim(visit: Visit, passage: Passage, episode_id: int) -> bool:
    author = author_of(visit)
    with visit.site.database.write() as connection:
        claim = claim_passage(
            connection, episode_id, passage.number, author, visit.now, edition=passage.edition
        )
    return claim.is_of(author)


def _list_unread(connection: Connection, visit: Visit) -> list[Sitting]:
    """List unread passages, of episodes in the order of what they are worth, most doubtful first."""
    episode_ids = list_unread_episodes(connection, EPISODES_LOOKED_AT)
    episodes = get_episodes(connection, episode_ids)
    found: list[Sitting] = []
    for episode_id in episode_ids:
        passages = list_passages(connection, episode_id, visit.now)
        sittings = [Sitting(episodes[episode_id], passage) for passage in passages]
        unread = [one for one in sittings if one.unread]
        found += sorted(unread, key=lambda one: (-one.passage.doubts, one.passage.number))
    return found


def _list_mine(connection: Connection, author: Author, visit: Visit) -> list[Sitting]:
    mine = []
    for claim in list_own_claims(connection, author):
        episode = get_episode(connection, claim.episode_id)
        for passage in list_passages(connection, claim.episode_id, visit.now, claim.edition):
            if passage.number == claim.passage and not episode.private:
                place = find_place(connection, author, passage.turn_ids)
                turn = None if place is None else get_turns(connection, [place]).get(place)
                was_at = None if turn is None else turn.turn.start_ms
                mine.append(Sitting(episode, passage, was_at))
    return mine
