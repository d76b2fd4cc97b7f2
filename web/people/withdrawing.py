"""The right of objection: an administrator withdraws a passage, a name or an episode, or lifts that.

The only pages that show what is withdrawn; they are for administrators and are never kept.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection
from starlette.responses import Response

from ingest.redaction import hold_back_copy, redact_copy
from media.episodes import Episode, episode_path, get_episode
from media.errors import N_, Message, NotFoundError
from media.people import withdrawals
from media.people.withdrawals import WithdrawalError, WithdrawalKind
from media.people.withdrawn import read_withdrawn
from media.transcripts import StoredTurn, get_turns, list_editions, list_turns
from web.editions import edition_names, read_edition
from web.errors import BadFormError
from web.visits import Visit, field, number, redirect

PATH = "/admin/withdrawals"
MAX_REASON_LENGTH = 1_000
MAX_NAME_LENGTH = 120
KIND_NAMES = {
    WithdrawalKind.PASSAGE: N_("passage"),
    WithdrawalKind.NAME: N_("name"),
    WithdrawalKind.EPISODE: N_("episode"),
}
SHOWN_WORDS = 12  # of a turn, in the list to choose from


@dataclass(frozen=True, slots=True)
class Choice:
    """A turn that may be withdrawn, as the list shows it."""

    stored: StoredTurn
    beginning: str
    is_withdrawn: bool  # all of it, or some


def show_withdrawals(visit: Visit) -> Response:
    """Show the log, and the form for a name."""
    return _show_log(visit)


def withdraw_name(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Withdraw a name from everywhere."""
    name, reason = " ".join(field(fields, "name", MAX_NAME_LENGTH).split()), _reason(fields)
    try:
        with visit.site.database.write() as connection:
            withdrawals.withdraw_name(connection, name, reason, _own_id(visit), visit.now)
    except WithdrawalError as error:
        return _show_log(visit, error.message)
    return redirect(PATH)


def show_spoken(visit: Visit) -> Response:
    """Show where a withdrawn name is said, each place leading to the form that silences it."""
    with visit.site.database.read() as connection:
        withdrawal = withdrawals.get_withdrawal(connection, visit.request.path_params["id"])
        spoken = [] if withdrawal.name is None else withdrawals.find_spoken(connection, withdrawal.name)
    return visit.render("people/spoken.html", {"withdrawal": withdrawal, "spoken": spoken})


def lift(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Let what was withdrawn be read and heard again."""
    reason, identity = _reason(fields), number(fields.get("withdrawal"), 0, 10**9)
    with visit.site.database.write() as connection:
        lifted = withdrawals.lift_withdrawal(connection, identity, reason, _own_id(visit), visit.now)
        if lifted.episode_id is not None:
            hold_back_copy(connection, lifted.episode_id)
    if lifted.episode_id is not None:
        redact_copy(visit.site.database, visit.site.store, lifted.episode_id)
    return redirect(PATH)


def show_episode(visit: Visit) -> Response:
    """Show an episode's turns to choose from, or the words of the one that was chosen."""
    return _show_episode(visit)


def withdraw_words(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Withdraw a turn, or some of its words, from what is read and heard."""
    reason, episode_id = _reason(fields), visit.request.path_params["id"]
    turn_id = number(fields.get("turn"), 0, 10**9)
    words = _chosen_words(fields)

    def withdraw(connection: Connection) -> None:
        held = get_turns(connection, [turn_id], public=False).get(turn_id)
        if held is None or held.episode_id != episode_id:
            raise NotFoundError(f"no turn {turn_id} in {episode_id}", kind="turn", name=str(turn_id))
        withdrawals.withdraw_words(connection, turn_id, words, reason, _own_id(visit), visit.now)
        hold_back_copy(connection, episode_id)

    answer = _withdraw(visit, withdraw)
    redact_copy(visit.site.database, visit.site.store, episode_id)
    return answer


def withdraw_episode(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Withdraw a whole episode."""
    reason, episode_id = _reason(fields), visit.request.path_params["id"]
    return _withdraw(
        visit,
        lambda connection: withdrawals.withdraw_episode(
            connection, episode_id, reason, _own_id(visit), visit.now
        ),
    )


def _withdraw(visit: Visit, act: Callable[[Connection], object]) -> Response:
    try:
        with visit.site.database.write() as connection:
            act(connection)
    except WithdrawalError as error:
        return _show_episode(visit, error.message)
    return redirect(PATH)


def _show_log(visit: Visit, failure: Message | None = None) -> Response:
    with visit.site.database.read() as connection:
        held = withdrawals.list_withdrawals(connection)
    context = {
        "withdrawals": held,
        "kind_names": {kind: Message(msgid) for kind, msgid in KIND_NAMES.items()},
        "failure": failure,
    }
    return visit.render("people/withdrawals.html", context, 200 if failure is None else 400)


def _show_episode(visit: Visit, failure: Message | None = None) -> Response:
    params = visit.request.query_params
    wanted = number(params.get("turn"), 0, 10**9)
    with visit.site.database.read() as connection:
        episode = get_episode(connection, visit.request.path_params["id"])
        editions = list_editions(connection, episode.id)
        asked = get_turns(connection, [wanted], public=False).get(wanted)
        edition = read_edition(params.get("text")) or (asked.edition if asked else episode.edition)
        turns = list_turns(connection, episode.id, edition, public=False)
        withdrawn = read_withdrawn(connection, [episode.id])
        since = withdrawals.withdrawn_since(connection, episode.id)
    choices = [
        Choice(held, _beginning(held), withdrawn.touches(held.turn, episode.id, held.id, held.edition))
        for held in turns
    ]
    chosen = next((choice for choice in choices if choice.stored.id == wanted), None)
    context = {
        "episode": episode,
        "choices": choices,
        "edition": edition,
        "editions": editions if len(editions) > 1 else (),
        "edition_names": edition_names(),
        "chosen": chosen,
        "first": number(params.get("first"), 0, 10**6),
        "last": number(params.get("last"), len(chosen.stored.turn.words) - 1 if chosen else 0, 10**6),
        "since": since,
        "failure": failure,
        "back": _back(episode, since),
    }
    return visit.render("people/withdraw.html", context, 200 if failure is None else 400)


def _back(episode: Episode, since: datetime | None) -> str:
    return PATH if since is not None else episode_path(episode.id, episode.title)


def _beginning(held: StoredTurn) -> str:
    words = held.turn.words
    said = " ".join(word.text for word in words[:SHOWN_WORDS])
    return said + (" …" if len(words) > SHOWN_WORDS else "") or held.turn.label or ""


def _chosen_words(fields: Mapping[str, str]) -> tuple[int, int] | None:
    if "first" not in fields and "last" not in fields:
        return None
    first, last = fields.get("first", ""), fields.get("last", "")
    if not (first.isdecimal() and last.isdecimal() and len(first + last) < 12):
        raise BadFormError(f"words {first!r} to {last!r}")
    return int(first), int(last)


def _reason(fields: Mapping[str, str]) -> str:
    return field(fields, "reason", MAX_REASON_LENGTH)


def _own_id(visit: Visit) -> int | None:
    return None if visit.account is None else visit.account.id
