"""Saving a turn: its text, its confirmation, the choice between two texts; undo and redo.

Each answer tells what the archive holds now. A text is saved over the version that its page
showed, under a token of the page, so that a save sent twice is one.
"""

from starlette.responses import Response

from media.correction.acts import set_state
from media.correction.journal import Outcome
from media.correction.saving import Resolution, Save, resolve_conflict, save_turn
from media.correction.undoing import redo, undo
from media.errors import N_, NotFoundError
from media.language import load_translations
from media.transcript import TurnState
from media.transcripts import get_turns
from web.correction.answering import Done, Fields, answer, whole_number
from web.correction.passages import author_of
from web.errors import BadFormError
from web.visits import Visit

MAX_TOKEN = 64


def save(visit: Visit, fields: Fields) -> Response:
    """Save a turn's text; with the form's "confirm", say that it was read as well."""
    turn_id, version = visit.request.path_params["turn"], whole_number(fields, "version")
    if "text" not in fields:
        raise BadFormError("a save without text")
    author = author_of(visit)
    sent = Save(turn_id, version, fields["text"], token=read_token(fields))
    outcome = save_turn(visit.site.database, sent, author, visit.now)
    held = {stored.id: stored for stored in outcome.turns}.get(turn_id)
    if held is None:
        raise NotFoundError(f"turn {turn_id} after its save", kind="turn", name=str(turn_id))
    if fields.get("confirm") == "yes" and held.turn.state is TurnState.MACHINE:
        with visit.site.database.write() as connection:
            outcome = set_state(connection, turn_id, held.version, TurnState.READ, author, visit.now)
    return answer(visit, fields, held.episode_id, Done(outcome, focus=turn_id))


def confirm(visit: Visit, fields: Fields) -> Response:
    """Say that a turn says what is heard; what is validated stays so."""
    turn_id, version = visit.request.path_params["turn"], whole_number(fields, "version")
    with visit.site.database.write() as connection:
        held = get_turns(connection, [turn_id]).get(turn_id)
        if held is not None and held.turn.state is not TurnState.MACHINE:
            outcome = Outcome((held,), None)
        else:
            author, token = author_of(visit), read_token(fields)
            outcome = set_state(connection, turn_id, version, TurnState.READ, author, visit.now, token=token)
    return answer(visit, fields, outcome.turns[0].episode_id, Done(outcome, focus=turn_id))


def choose_text(visit: Visit, fields: Fields) -> Response:
    """Settle which of two texts of a turn stays; the other is in its history."""
    try:
        resolution = Resolution(fields.get("resolution", ""))
    except ValueError as error:
        raise BadFormError("a choice between texts without its choice") from error
    author, conflict = author_of(visit), visit.request.path_params["conflict"]
    version, text = whole_number(fields, "version"), fields.get("text") or None
    with visit.site.database.write() as connection:
        outcome = resolve_conflict(connection, conflict, resolution, version, author, visit.now, text=text)
    said = load_translations(visit.language).gettext(N_("The other text is kept in the history."))
    turn = outcome.turns[0]
    return answer(visit, fields, turn.episode_id, Done(outcome, said, turn.id))


def take_back(visit: Visit, fields: Fields) -> Response:
    """Undo an act."""
    return _travel(visit, fields, again=False)


def do_again(visit: Visit, fields: Fields) -> Response:
    """Do an undone act again."""
    return _travel(visit, fields, again=True)


def read_token(fields: Fields) -> str | None:
    """Read the token of a page's act; none where a page has none."""
    return fields.get("token", "")[:MAX_TOKEN] or None


def _travel(visit: Visit, fields: Fields, *, again: bool) -> Response:
    act_id, author = whole_number(fields, "act"), author_of(visit)
    gettext = load_translations(visit.language).gettext
    with visit.site.database.write() as connection:
        outcome = (redo if again else undo)(connection, act_id, author, visit.now)
    said = gettext(N_("Done again.")) if again else gettext(N_("Undone."))
    focus = outcome.turns[0].id if outcome.turns else None
    episode_id = visit.request.path_params["episode"]
    return answer(visit, fields, episode_id, Done(outcome, said, focus, whole=True))
