"""History: what each turn was, who made it so, when and why; what was done to an episode; and back.

A turn's history is public, as its words are. Restoring is for volunteers, as any correction is;
a volunteer takes back what they did themselves, a reviewer what anybody did.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from media.correction.errors import CorrectionError
from media.correction.history import Act, TurnVersion, list_act_versions, list_acts, list_versions
from media.correction.journal import ActKind
from media.correction.restoring import restore
from media.correction.saving import list_conflicts
from media.correction.undoing import redo, undo
from media.errors import N_, Message, NotFoundError
from media.people.withdrawn import Withdrawn, read_withdrawn
from media.transcript import Edition
from web.correction.answering import whole_number
from web.correction.editor import make_token, read_turns
from web.correction.kept_forms import Fields
from web.correction.passages import author_of
from web.correction.saving import read_token
from web.correction.telling import Told, tell_changes
from web.episodes import public_episode, turn_words
from web.errors import ForbiddenError
from web.visits import Visit, number, redirect

ACTS_SHOWN = 30
MAX_REASON_LENGTH = 500
MAX_ACT = 10**9
MACHINE = N_("Written by the machine")
IMPORTED = N_("As it was imported")
KINDS = {
    ActKind.TEXT: N_("Text corrected"),
    ActKind.SPLIT: N_("Turn split"),
    ActKind.MERGE: N_("Turns merged"),
    ActKind.BOUNDARY: N_("Words moved between two turns"),
    ActKind.SPEAKER: N_("Speaker changed"),
    ActKind.DOUBT: N_("Doubt marked"),
    ActKind.DOUBT_CLEARED: N_("Doubt settled"),
    ActKind.CONFIRM: N_("Words confirmed"),
    ActKind.LANGUAGE: N_("Language marked"),
    ActKind.EVENT: N_("Sound written"),
    ActKind.REMOVE: N_("Sound removed"),
    ActKind.RETURN: N_("Returned, to be heard again"),
    ActKind.BULK: N_("Corrected everywhere"),
    ActKind.PROPOSAL: N_("Proposal accepted"),
    ActKind.RESTORE: N_("Earlier version restored"),
    ActKind.IMPORT: N_("Brought in line with its source"),
    ActKind.UNDO: N_("Act undone"),
}
CONFIRMED = N_("Read, and confirmed")
VALIDATED = N_("Validated")
OTHER = N_("Changed")
DONE = {
    "restored": N_("This version is what the turn says again. All others are kept."),
    "undone": N_("Undone."),
    "partly": N_("Undone, but for turns that were changed since: these stay as they are."),
    "redone": N_("Done again."),
}


class HistoryGoneError(CorrectionError):
    """The turn is no longer there: there is nothing to put words back into."""

    msgid = N_("This turn is no longer there: undo the act that merged it, and its versions serve again.")


@dataclass(frozen=True, slots=True)
class Step:
    """One version of a turn, as its history tells it."""

    version: TurnVersion
    said: Message
    told: Told | None  # against the version before; None where no word changed
    speaker: tuple[str, str] | None  # before and after
    reason: str
    can_restore: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One act upon an episode."""

    act: Act
    said: Message
    reason: str
    turns: tuple[int, ...]
    can_undo: bool


def show_turn(visit: Visit) -> Response:
    """Show all that a turn ever was, the latest first."""
    return _show_turn(visit)


def show_turn_again(visit: Visit, _fields: Fields, message: Message, status: int) -> Response:
    """Say why a version was not restored."""
    return _show_turn(visit, message, status)


def restore_version(visit: Visit, fields: Fields) -> Response:
    """Make an earlier version what the turn says."""
    turn_id = visit.request.path_params["turn"]
    wanted, version = whole_number(fields, "wanted"), whole_number(fields, "version")
    reason = " ".join(fields.get("reason", "").split())[:MAX_REASON_LENGTH] or None
    with visit.site.database.write() as connection:
        _public_turn(connection, turn_id, visit)
        author, token = author_of(visit), read_token(fields)
        restore(connection, turn_id, wanted, version, author, visit.now, reason=reason, token=token)
    return redirect(f"/history/{turn_id}?done=restored")


def show_acts(visit: Visit) -> Response:
    """Show what was done to an episode, the latest first."""
    return _show_acts(visit)


def show_acts_again(visit: Visit, _fields: Fields, message: Message, status: int) -> Response:
    """Say why an act was not undone."""
    return _show_acts(visit, message, status)


def undo_act(visit: Visit, fields: Fields) -> Response:
    """Take an act back, or do it again."""
    episode_id, act_id = visit.request.path_params["episode"], whole_number(fields, "act")
    again = fields.get("again") == "yes"
    with visit.site.database.write() as connection:
        public_episode(connection, episode_id, visit.account)
        acts = list_acts(connection, episode_id, limit=1, before=act_id + 1)
        if not acts or acts[0].id != act_id:
            raise NotFoundError(f"no act {act_id} on episode {episode_id}", kind="page", name=str(act_id))
        if not _may_undo(visit, acts[0]):
            raise ForbiddenError(f"act {act_id} is another person's")
        author, token = author_of(visit), read_token(fields)
        outcome = (redo if again else undo)(connection, act_id, author, visit.now, token=token)
    done = "partly" if outcome.refused else "redone" if again else "undone"
    return redirect(f"/history/episode/{episode_id}?done={done}")


def _show_turn(visit: Visit, failure: Message | None = None, status: int = 200) -> Response:
    turn_id = visit.request.path_params["turn"]
    with visit.site.database.read() as connection:
        versions = list_versions(connection, turn_id)
        edited = next(iter(read_turns(connection, [turn_id])), None)
        episode_id = edited.stored.episode_id if edited else versions[-1].episode_id if versions else None
        if episode_id is None:
            raise NotFoundError(f"no turn {turn_id}", kind="turn", name=str(turn_id))
        episode = public_episode(connection, episode_id, visit.account)
        withdrawn = read_withdrawn(connection, [episode_id])
        refused = list_conflicts(connection, turn_id=turn_id) if visit.account is not None else []
    locked = edited is not None and edited.locked
    now_said = edited.stored.turn.text if edited else None
    may_restore = visit.account is not None and edited is not None and not locked
    steps = [
        _tell(held, versions, withdrawn, now_said if may_restore else None) for held in reversed(versions)
    ]
    context = {
        "episode": episode,
        "stored": edited.stored if edited else None,
        "last": versions[-1] if versions else None,
        "steps": steps,
        "refused": [] if locked else refused,
        "act_token": make_token,
        "failure": failure,
        "done": _done(visit),
        "max_reason": MAX_REASON_LENGTH,
        **turn_words(),
    }
    return visit.render("correction/history.html", context, status)


def _show_acts(visit: Visit, failure: Message | None = None, status: int = 200) -> Response:
    episode_id = visit.request.path_params["episode"]
    before = number(visit.request.query_params.get("before"), 0, MAX_ACT) or None
    with visit.site.database.read() as connection:
        episode = public_episode(connection, episode_id, visit.account)
        acts = list_acts(connection, episode_id, limit=ACTS_SHOWN + 1, before=before)
        withdrawn = read_withdrawn(connection, [episode_id])
        entries = [_enter(connection, visit, act, episode_id, withdrawn) for act in acts[:ACTS_SHOWN]]
    context = {
        "episode": episode,
        "entries": entries,
        "older": entries[-1].act.id if len(acts) > ACTS_SHOWN else None,
        "act_token": make_token,
        "failure": failure,
        "done": _done(visit),
    }
    return visit.render("correction/acts.html", context, status)


def _tell(
    held: TurnVersion, versions: Sequence[TurnVersion], withdrawn: Withdrawn, now_said: str | None
) -> Step:
    before = next((other for other in versions if other.version == held.before), None)
    speaker = None
    if before is not None and before.speaker != held.speaker:
        speaker = (before.speaker or "", held.speaker or "")
    changed = before is not None and before.text != held.text and not held.gone
    first = Message(IMPORTED if held.edition is Edition.PUBLISHED else MACHINE)
    said = _say(held.kind, {"state": held.turn.state}) if held.act_id is not None else first
    return Step(
        held,
        said,
        tell_changes(before.text, held.text) if before is not None and changed else None,
        speaker,
        withdrawn.hide_names(held.reason or ""),
        now_said is not None and not held.gone and bool(held.text) and held.text != now_said,
    )


def _enter(connection: Connection, visit: Visit, act: Act, episode_id: int, withdrawn: Withdrawn) -> Entry:
    left = list_act_versions(connection, act.id)
    turns = tuple(dict.fromkeys(held.turn_id for held in left if held.episode_id == episode_id))
    can_undo = _may_undo(visit, act) and act.kind != ActKind.UNDO
    return Entry(act, _say(act.kind, act.detail), withdrawn.hide_names(act.reason or ""), turns, can_undo)


def _say(kind: str | None, detail: Mapping[str, Any]) -> Message:
    if kind == ActKind.STATE:
        return Message(VALIDATED if detail.get("state") == "validated" else CONFIRMED)
    names = {str(name): msgid for name, msgid in KINDS.items()}
    return Message(names.get(kind or "", OTHER))


def _may_undo(visit: Visit, act: Act) -> bool:
    own = visit.account is not None and act.author.account_id == visit.account.id
    return own or visit.is_reviewer


def _public_turn(connection: Connection, turn_id: int, visit: Visit) -> None:
    for edited in read_turns(connection, [turn_id]):
        public_episode(connection, edited.stored.episode_id, visit.account)
        return
    raise HistoryGoneError(f"turn {turn_id} is no longer there")


def _done(visit: Visit) -> Message | None:
    msgid = DONE.get(visit.request.query_params.get("done", ""))
    return None if msgid is None else Message(msgid)
