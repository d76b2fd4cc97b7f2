"""Review: take the next, hear it, and validate it, adjust it, or return it with a reason.

A reading is validated by another person than the one who read it; a visitor's or a machine's
proposal is answered by a reviewer. The text is always in a field: changed, it is an adjustment.
"""

from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.responses import Response

from media.correction.acts import save_text
from media.correction.errors import CorrectionError, ProposalDecidedError
from media.correction.history import TurnVersion, list_versions
from media.correction.machine_words import list_heard_words
from media.correction.proposals import (
    Fate,
    Proposal,
    Source,
    accept,
    adjust,
    get_proposal,
    return_proposal,
    write_text,
)
from media.correction.review import return_turn, validate, validate_adjusted
from media.correction.typed import split_words
from media.episodes import Episode
from media.errors import N_, Message, NotFoundError
from media.people.withdrawn import read_withdrawn
from media.transcript import TurnKind, TurnState
from media.transcripts import get_turns
from web.correction.answering import whole_number
from web.correction.editor import EditedTurn, make_token, read_turns
from web.correction.kept_forms import Fields
from web.correction.passages import author_of
from web.correction.proposing import FATES
from web.correction.saving import read_token
from web.correction.telling import tell_changes
from web.correction.waiting import Kind, find_next, list_waiting, read_skipped
from web.episodes import public_episode, turn_words
from web.errors import ForbiddenError
from web.visits import Visit, redirect

SHOWN = 30
DONE = {
    "validated": N_("Validated."),
    "adjusted": N_("Adjusted, and validated."),
    "corrected": N_("Your correction is kept: another person validates it."),
    "returned": N_("Returned, with your reason."),
    "accepted": N_("Accepted: the transcript now says so."),
    "accepted-adjusted": N_("Accepted with your adjustment."),
    "set-aside": N_("Set aside: the text stays as it is."),
}
KINDS = {
    Kind.PROPOSAL: N_("Proposed by a reader"),
    Kind.READING: N_("Read by one person"),
    Kind.MACHINE: N_("Heard otherwise by a machine"),
}


class ChangedAndReturnedError(CorrectionError):
    """A text was changed, and the turn is returned: one of the two is not meant."""

    msgid = N_("You changed the text and you return it: put the text back, or accept it with your changes.")


def show_queue(visit: Visit) -> Response:
    """Show what waits."""
    account = visit.account
    if account is None:
        raise ForbiddenError("nobody is signed in")
    with visit.site.database.read() as connection:
        items = list_waiting(connection, account)
    context = {
        "items": items[:SHOWN],
        "counts": [(kind, sum(item.kind is kind for item in items)) for kind in Kind],
        "total": len(items),
        "done": _done(visit),
        **_words(),
    }
    return visit.render("correction/queue.html", context)


def take_next(visit: Visit) -> Response:
    """Lead to what is to be decided next."""
    params = visit.request.query_params
    skipped = read_skipped(params.get("skipped"))
    account = visit.account
    if account is None:
        raise ForbiddenError("nobody is signed in")
    with visit.site.database.read() as connection:
        item = find_next(connection, account, skipped)
    told = {name: params[name] for name in ("done", "was") if name in params}
    if item is None:
        return redirect("/review" + (f"?{urlencode(told)}" if told else ""))
    query = told | ({"skipped": ",".join(skipped)} if skipped else {})
    return redirect(item.path + (f"?{urlencode(query)}" if query else ""))


def show_reading(visit: Visit) -> Response:
    """Show what one person read."""
    return _show_reading(visit)


def show_proposed(visit: Visit) -> Response:
    """Show what somebody, or a machine, proposes."""
    return _show_proposed(visit)


def show_reading_again(visit: Visit, fields: Fields, message: Message, status: int) -> Response:
    """Give a refused decision back with what was typed."""
    return _show_reading(visit, fields, message, status)


def show_proposed_again(visit: Visit, fields: Fields, message: Message, status: int) -> Response:
    """Give a refused decision back with what was typed."""
    return _show_proposed(visit, fields, message, status)


def decide_reading(visit: Visit, fields: Fields) -> Response:
    """Validate a turn, adjust it, or return it."""
    turn_id, author = visit.request.path_params["turn"], author_of(visit)
    version, token = whole_number(fields, "version"), read_token(fields)
    with visit.site.database.write() as connection:
        held = get_turns(connection, [turn_id], public=False).get(turn_id)
        if held is not None:
            public_episode(connection, held.episode_id)
        changed = held is None or _is_other(fields, held.turn.text)
        if fields.get("act") == "return":
            if changed and held is not None and held.version == version:
                raise ChangedAndReturnedError(f"turn {turn_id} is returned with other words")
            reason = fields.get("reason", "")
            return_turn(connection, turn_id, version, reason, author, visit.now, token=token)
            done = "returned"
        elif not changed:
            validate(connection, turn_id, version, author, visit.now, token=token)
            done = "validated"
        elif visit.is_reviewer:
            validate_adjusted(connection, turn_id, version, fields["text"], author, visit.now)
            done = "adjusted"
        else:
            save_text(connection, turn_id, version, fields["text"], author, visit.now, token=token)
            done = "corrected"
    return _go_on(fields, done, turn_id)


def decide_proposed(visit: Visit, fields: Fields) -> Response:
    """Accept a proposal, adjust it, or return it."""
    proposal_id, author = visit.request.path_params["proposal"], author_of(visit)
    version = whole_number(fields, "version")
    with visit.site.database.write() as connection:
        proposal = get_proposal(connection, proposal_id)
        public_episode(connection, proposal.episode_id)
        if fields.get("act") == "return":
            if _is_other(fields, *_list_offered(connection, proposal)):
                raise ChangedAndReturnedError(f"proposal {proposal_id} is returned with other words")
            return_proposal(connection, proposal_id, fields.get("reason", ""), author, visit.now)
            done = "returned" if proposal.source is Source.PERSON else "set-aside"
        else:
            done = _accept(connection, visit, proposal, version, fields.get("text", ""))
    return _go_on(fields, done, proposal.turn_id)


def _accept(connection: Connection, visit: Visit, proposal: Proposal, version: int, text: str) -> str:
    """Accept as it is what still fits the turn as it is; anything else is an adjustment."""
    author = author_of(visit)
    held = get_turns(connection, [proposal.turn_id], public=False).get(proposal.turn_id)
    fits = held is not None and (proposal.source is Source.MACHINE or held.turn.text == proposal.replaced)
    if held is not None and fits and split_words(text) == split_words(write_text(connection, proposal, held)):
        accept(connection, proposal.id, author, visit.now)
        return "accepted"
    adjust(connection, proposal.id, version, text, author, visit.now)
    return "accepted-adjusted"


def _show_reading(
    visit: Visit, fields: Fields | None = None, failure: Message | None = None, status: int = 200
) -> Response:
    turn_id = visit.request.path_params["turn"]
    with visit.site.database.read() as connection:
        episode, edited = _find(connection, turn_id)
        versions = list_versions(connection, turn_id)
        base = _find_base(connection, edited, versions)
    stored = edited.stored
    is_mine = visit.account is not None and stored.read_by == visit.account.id
    waits = stored.turn.state is TurnState.READ and not is_mine
    context = {
        "kind": Kind.READING,
        "by": next((held.author.name for held in reversed(versions) if held.read_by == stored.read_by), ""),
        "offered": stored.turn.text,
        "told": tell_changes(base, stored.turn.text),
        "comment": None,
        "fate": None,
        "waits": waits,
        "moved": False,
        "is_mine": is_mine,
        **_frame(visit, episode, edited, fields, failure),
    }
    return visit.render("correction/review.html", context, status)


def _show_proposed(
    visit: Visit, fields: Fields | None = None, failure: Message | None = None, status: int = 200
) -> Response:
    with visit.site.database.read() as connection:
        proposal = get_proposal(connection, visit.request.path_params["proposal"])
        episode, edited = _find(connection, proposal.turn_id)
        withdrawn = read_withdrawn(connection, [episode.id])
        is_hidden = edited.locked or any(
            withdrawn.hide_names(text) != text for text in (proposal.text, proposal.replaced)
        )
        offered, failure = _offer(connection, proposal, edited, failure)
    waits = proposal.fate is Fate.WAITING
    now_said = edited.stored.turn.text
    is_person = proposal.source is Source.PERSON
    context = {
        "kind": Kind.PROPOSAL if is_person else Kind.MACHINE,
        "by": proposal.author.name,
        "offered": now_said if is_hidden else offered,
        "told": tell_changes(now_said, now_said if is_hidden else offered),
        "comment": withdrawn.hide_names(proposal.comment) if proposal.comment else None,
        "fate": None if waits else Message(FATES[proposal.fate]),
        "waits": waits,
        "moved": waits and is_person and not is_hidden and now_said != proposal.replaced,
        "is_mine": False,
        **_frame(visit, episode, edited, None if is_hidden else fields, failure),
    }
    return visit.render("correction/review.html", context | {"locked": is_hidden}, status)


def _offer(
    connection: Connection, proposal: Proposal, edited: EditedTurn, failure: Message | None
) -> tuple[str, Message | None]:
    """Write the whole turn as it is proposed; the turn as it is where a machine's words have moved."""
    try:
        return write_text(connection, proposal, edited.stored), failure
    except ProposalDecidedError as error:
        return edited.stored.turn.text, failure or error.message


def _frame(
    visit: Visit, episode: Episode, edited: EditedTurn, fields: Fields | None, failure: Message | None
) -> dict[str, Any]:
    skipped = read_skipped((fields or visit.request.query_params).get("skipped"))
    path = visit.request.url.path
    here = f"{'t' if '/turn/' in path else 'p'}{path.rpartition('/')[2]}"
    return {
        "episode": episode,
        "stored": edited.stored,
        "locked": edited.locked,
        "typed": None if fields is None else fields.get("text"),
        "reason": "" if fields is None else fields.get("reason", ""),
        "failure": failure,
        "skipped": ",".join(skipped),
        "skip": urlencode({"skipped": ",".join([*skipped, here])}),
        "path": path,
        "act_token": make_token(),
        "done": _done(visit) if fields is None else None,
        "is_reviewer": visit.is_reviewer,
        **_words(),
    }


def _find(connection: Connection, turn_id: int) -> tuple[Episode, EditedTurn]:
    for edited in read_turns(connection, [turn_id]):
        if edited.stored.turn.kind is TurnKind.SPEECH or edited.locked:
            return public_episode(connection, edited.stored.episode_id), edited
    raise NotFoundError(f"no turn {turn_id}", kind="turn", name=str(turn_id))


def _find_base(connection: Connection, edited: EditedTurn, versions: list[TurnVersion]) -> str:
    """Find what a reading is compared with: the last validated words, else the machine's."""
    turn = edited.stored.turn
    for held in reversed(versions[:-1]):
        if held.turn.state is TurnState.VALIDATED and not held.gone:
            return held.text
    if versions and (versions[0].turn.start_ms, versions[0].turn.end_ms) == (turn.start_ms, turn.end_ms):
        return versions[0].text
    if edited.locked or turn.start_ms is None:
        return versions[0].text if versions else turn.text
    heard = list_heard_words(connection, edited.stored.episode_id, turn.start_ms, turn.end_ms)
    return " ".join(word.text for word in heard)


def _list_offered(connection: Connection, proposal: Proposal) -> list[str]:
    """List the texts that the field may have shown unchanged: the turn as proposed, or as it is."""
    found = read_turns(connection, [proposal.turn_id])
    shown = [_offer(connection, proposal, edited, None)[0] for edited in found]
    return [proposal.text, *shown, *(edited.stored.turn.text for edited in found)]


def _is_other(fields: Fields, *texts: str) -> bool:
    """Tell whether the field says something else than what it showed."""
    return "text" in fields and split_words(fields["text"]) not in map(split_words, texts)


def _go_on(fields: Fields, done: str, turn_id: int) -> Response:
    skipped = read_skipped(fields.get("skipped"))
    query = {"done": done, "was": turn_id} | ({"skipped": ",".join(skipped)} if skipped else {})
    return redirect("/review/next?" + urlencode(query))


def _done(visit: Visit) -> dict[str, Any] | None:
    params = visit.request.query_params
    if params.get("done") not in DONE:
        return None
    was = params.get("was", "")
    return {"said": Message(DONE[params["done"]]), "was": was if was.isdecimal() else ""}


def _words() -> dict[str, Any]:
    return {"kind_names": {kind: Message(msgid) for kind, msgid in KINDS.items()}, **turn_words()}
