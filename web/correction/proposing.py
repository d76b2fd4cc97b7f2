"""Anyone proposes a correction, is thanked, and follows by a secret link what becomes of it.

Nobody needs an account. What is typed comes back with every refusal: a text that is too long, a
page that is too old, a turn that changed meanwhile, a budget of tries that is spent.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from media.correction.authors import Author
from media.correction.errors import CorrectionError
from media.correction.journal import gone_turn
from media.correction.proposals import MAX_COMMENT_LENGTH, Fate, Proposal, find_proposal, propose
from media.correction.typed import MAX_TURN_LENGTH
from media.episodes import get_episode
from media.errors import N_, Message, NotFoundError
from media.language import translate
from media.people.attempts import Budget, refuse_spent, take_try
from media.people.withdrawn import read_withdrawn
from media.transcript import TurnKind
from media.transcripts import StoredTurn, get_turns
from web.correction.kept_forms import Fields
from web.correction.telling import tell_changes
from web.episodes import public_episode
from web.errors import EpisodeWithdrawnError
from web.visits import Visit, number, redirect

FROM_ADDRESS = Budget("proposal-address", 30)
FROM_EVERYWHERE = Budget("proposal", 300)
MAX_NAME_LENGTH = 80
MAX_SECRET_LENGTH = 100
MAX_VERSION = 10**9
VISITOR = N_("A visitor")
FATES = {
    Fate.WAITING: N_("It waits for a reviewer, who will listen to it."),
    Fate.ACCEPTED: N_("It was accepted: the transcript now says what you wrote."),
    Fate.ADJUSTED: N_("It was accepted with some other words."),
    Fate.RETURNED: N_("It was not taken up."),
    Fate.OVERTAKEN: N_("The words that it was about have changed since."),
}


class LockedTurnError(CorrectionError):
    """Words of the turn are withdrawn."""

    msgid = N_("Words of this turn were withdrawn: nobody corrects it now.")


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody filled in."""

    text: str
    version: int
    name: str = ""
    comment: str = ""


def show_form(visit: Visit) -> Response:
    """Show a turn to correct to whoever has no account; the others go to the editor."""
    turn_id = visit.request.path_params["turn"]
    if visit.account is not None:
        return redirect(f"/correct/at/{turn_id}")
    with visit.site.database.read() as connection:
        stored = _find_turn(connection, turn_id)
    return _show(visit, None if stored is None else Typed(stored.turn.text, stored.version))


def send(visit: Visit, fields: Fields) -> Response:
    """Take a proposal, whoever sends it."""
    return redirect(f"/proposal/{_keep(visit, read_typed(fields))}?new=1")


def show_again(visit: Visit, fields: Fields, message: Message, status: int) -> Response:
    """Show the form again with all that was typed, and say why."""
    return _show(visit, read_typed(fields), message, status)


def read_typed(fields: Fields) -> Typed:
    """Read what somebody filled in; a name or comment is cut at its length."""
    return Typed(
        fields.get("text", ""),
        number(fields.get("version"), 0, MAX_VERSION),
        " ".join(fields.get("name", "").split())[:MAX_NAME_LENGTH],
        fields.get("comment", "")[:MAX_COMMENT_LENGTH],
    )


def show_proposal(visit: Visit) -> Response:
    """Tell a proposer what became of what they sent."""
    secret = visit.request.path_params["secret"]
    with visit.site.database.read() as connection:
        proposal = find_proposal(connection, secret) if len(secret) <= MAX_SECRET_LENGTH else None
        if proposal is None:
            raise NotFoundError("a proposal's link that leads nowhere", kind="page", name="")
        episode = get_episode(connection, proposal.episode_id)
        if episode.private:
            public_episode(connection, episode.id)
        turn = get_turns(connection, [proposal.turn_id]).get(proposal.turn_id)
        withdrawn = read_withdrawn(connection, [episode.id])
    context = {
        "proposal": proposal,
        "fate": Message(FATES[proposal.fate]),
        "episode": episode,
        "turn": turn,
        "told": tell_changes(proposal.replaced, proposal.text),
        "adjusted": _tell_adjusted(proposal, turn),
        "answer": withdrawn.hide_names(proposal.answer or ""),
        "is_new": "new" in visit.request.query_params,
    }
    return visit.render("correction/proposal.html", context)


def _keep(visit: Visit, typed: Typed) -> str:
    keys = {FROM_ADDRESS: visit.address, FROM_EVERYWHERE: ""}
    turn_id = visit.request.path_params["turn"]
    with visit.site.database.read() as connection:
        refuse_spent(connection, keys, visit.now)
        stored = _find_turn(connection, turn_id)
        if stored is None:  # of a private episode, too
            raise gone_turn(connection, turn_id, typed.version, typed.text)
    if _is_locked(visit, stored):
        raise LockedTurnError(f"turn {turn_id} has withdrawn words")
    with visit.site.database.write() as connection:
        _, secret = propose(
            connection,
            turn_id,
            typed.version,
            typed.text,
            _author(visit, typed.name),
            visit.now,
            comment=typed.comment,
        )
        take_try(connection, keys, visit.now)
    return secret


def _author(visit: Visit, name: str) -> Author:
    if visit.account is not None:
        return Author(visit.account.id, visit.account.name)
    return Author(None, name or translate(Message(VISITOR), visit.site.settings.language))


def _show(visit: Visit, typed: Typed | None, failure: Message | None = None, status: int = 200) -> Response:
    turn_id = visit.request.path_params["turn"]
    with visit.site.database.read() as connection:
        stored = _find_turn(connection, turn_id)
        episode = None if stored is None else public_episode(connection, stored.episode_id)
    if stored is None and typed is None:
        raise NotFoundError(f"no turn {turn_id}", kind="turn", name=str(turn_id))
    context: dict[str, Any] = {
        "stored": stored,
        "episode": episode,
        "typed": typed,
        "version": stored.version if stored is not None else 0,
        "locked": Message(LockedTurnError.msgid)
        if stored is not None and _is_locked(visit, stored)
        else None,
        "failure": failure,
        "path": visit.request.url.path,
        "max_length": MAX_TURN_LENGTH,
        "max_name": MAX_NAME_LENGTH,
        "max_comment": MAX_COMMENT_LENGTH,
    }
    return visit.render("correction/propose.html", context, status)


def _find_turn(connection: Connection, turn_id: int) -> StoredTurn | None:
    """Find a turn of words that anybody may read; None where there is none, or no longer."""
    stored = get_turns(connection, [turn_id]).get(turn_id)
    if stored is None:
        return None
    try:
        public_episode(connection, stored.episode_id)
    except (NotFoundError, EpisodeWithdrawnError):
        return None
    return stored if stored.turn.kind is TurnKind.SPEECH else None


def _is_locked(visit: Visit, stored: StoredTurn) -> bool:
    with visit.site.database.read() as connection:
        held = get_turns(connection, [stored.id], public=False).get(stored.id)
        withdrawn = read_withdrawn(connection, [stored.episode_id])
    return held is not None and withdrawn.touches(held.turn, held.episode_id, held.id, held.edition)


def _tell_adjusted(proposal: Proposal, turn: StoredTurn | None) -> Any:
    """Compare what was proposed with what the transcript says now, where a reviewer chose other words."""
    if proposal.fate is not Fate.ADJUSTED or turn is None:
        return None
    return tell_changes(proposal.text, turn.turn.text)
