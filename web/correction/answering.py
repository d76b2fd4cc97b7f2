"""How an act on a turn is asked and answered, by a script or by a plain form.

A script gets JSON: the turns as they are now, and one sentence. A form gets the passage again,
at its turn. Whatever refuses a text gives it back: a lapsed session, a stale page, a text that
is too long; the form comes back with all that was typed, the script keeps it anyway.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from media.correction.claims import Passage
from media.correction.errors import CorrectionError, RefusedSaveError, TurnConflictError, TurnGoneError
from media.correction.history import list_versions
from media.correction.journal import Outcome
from media.episodes import Episode
from media.errors import N_, Message, NotFoundError
from media.language import translate
from media.people.accounts import Role
from media.transcripts import StoredTurn, get_turns
from web.correction.editor import EditedTurn, read_changed, read_turns, render_turn, render_turn_page
from web.correction.passages import find_passage, passage_path
from web.correction.sentences import say_finished
from web.errors import BadFormError, ForgedFormError
from web.forms import read_fields
from web.security import check_form_token, check_origin
from web.site import site_of
from web.visits import ROLES, Visit, begin_visit, number, redirect

MAX_FIELDS = 400  # one for each episode in which a name may be given
SIGNED_OUT = N_("Your session has ended. Sign in in another tab, then save again: your text is still here.")
OLD_FORM = N_("This page was a little old: press “Save” once more.")

Fields = Mapping[str, str]
Act = Callable[[Visit, Fields], Response]


def correct(act: Act) -> Callable[[Request], Any]:
    """Make an endpoint of an act that a volunteer does."""

    async def endpoint(request: Request) -> Response:
        check_origin(request, site_of(request))
        return await run_in_threadpool(_checked, act, request, await read_fields(request, MAX_FIELDS))

    return endpoint


@dataclass(frozen=True, slots=True)
class Done:
    """What an act left, and how it is told."""

    outcome: Outcome
    said: str = ""
    focus: int | None = None  # the turn to go on with
    whole: bool = False  # turns came, went, or changed elsewhere: the passage is shown again


def answer(visit: Visit, fields: Fields, episode_id: int, done: Done) -> Response:
    """Tell what an act left: to a script, the turns that changed; to a form, where to look."""
    with visit.site.database.read() as connection:
        edition = done.outcome.turns[0].edition if done.outcome.turns else None
        number_of = whole_number(fields, "passage")
        episode, passage = find_passage(connection, episode_id, number_of, visit, edition)
        base = passage_path(episode, passage)
        if not wants_json(visit):
            return redirect(f"{base}#t-{done.focus or ''}")
        changed = passage.turn_ids if done.whole else {stored.id for stored in done.outcome.turns}
        turns, finished = read_changed(connection, episode.id, passage, changed)
    return JSONResponse(
        {
            "turns": [describe(visit, episode, base, edited) for edited in turns],
            "act": done.outcome.act_id,
            "said": done.said or (say_finished(visit.language) if finished else ""),
            "focus": done.focus,
            "finished": finished,
        }
    )


def describe(visit: Visit, episode: Episode, base: str, edited: EditedTurn) -> dict[str, Any]:
    """Describe a turn to the editor's scripts."""
    stored = edited.stored
    html = render_turn(visit, episode, base, edited)
    return {"id": stored.id, "version": stored.version, "text": stored.turn.text, "html": html}


def wants_json(visit: Visit) -> bool:
    """Tell whether a script asks."""
    return visit.request.headers.get("accept", "").startswith("application/json")


def whole_number(fields: Fields, name: str) -> int:
    """Read a form's whole number; BadFormError without it."""
    value = number(fields.get(name), -1, 10**9)
    if value < 0:
        raise BadFormError(f"field {name!r}: {fields.get(name, '')[:40]!r}")
    return value


def _checked(act: Act, request: Request, fields: Fields) -> Response:
    visit = begin_visit(request)
    if visit.account is None or ROLES.index(visit.account.role) < ROLES.index(Role.VOLUNTEER):
        return _keep_typed(visit, fields, Message(SIGNED_OUT))
    try:
        check_form_token(visit.secret, fields.get("form_token", ""))
    except ForgedFormError:
        return _keep_typed(visit, fields, Message(OLD_FORM))
    try:
        return act(visit, fields)
    except RefusedSaveError as error:
        return _refuse_text(visit, fields, error)
    except CorrectionError as error:
        return _refuse(visit, fields, error.message, 400)
    except NotFoundError as error:
        return _refuse(visit, fields, error.message, 404)


def _keep_typed(visit: Visit, fields: Fields, message: Message) -> Response:
    """Nothing was done, as it is not certain who asks: the text goes back, to be sent again."""
    if wants_json(visit):
        return JSONResponse({"error": translate(message, visit.language)}, 401)
    return _show_again(visit, fields, message, 401)


def _refuse_text(visit: Visit, fields: Fields, error: RefusedSaveError) -> Response:
    status = 422
    if isinstance(error, TurnGoneError):
        status = 404
    elif isinstance(error, TurnConflictError):
        status = 409
    if not wants_json(visit):
        return _show_again(visit, fields, error.message, status)
    body: dict[str, Any] = {"error": translate(error.message, visit.language), "conflict": error.conflict_id}
    if status == 409 and error.current is not None:
        with visit.site.database.read() as connection:
            body |= _describe_theirs(visit, connection, fields, error.current)
    return JSONResponse(body, status)


def _describe_theirs(
    visit: Visit, connection: Connection, fields: Fields, current: StoredTurn
) -> dict[str, Any]:
    turn_id, number_of = current.id, whole_number(fields, "passage")
    episode, passage = find_passage(connection, current.episode_id, number_of, visit, current.edition)
    base = passage_path(episode, passage)
    turns = read_turns(connection, passage.turn_ids)
    described = [describe(visit, episode, base, edited) for edited in turns]
    theirs = [turn for turn in described if turn["id"] == turn_id]
    versions = list_versions(connection, turn_id)
    return {
        "turns": described,
        "theirs": theirs[0] if theirs else None,
        "author": versions[-1].author.name if versions else "",
    }


def _refuse(visit: Visit, fields: Fields, message: Message, status: int) -> Response:
    if wants_json(visit):
        return JSONResponse({"error": translate(message, visit.language)}, status)
    return _show_again(visit, fields, message, status)


def _show_again(visit: Visit, fields: Fields, message: Message, status: int) -> Response:
    """Give a form back with what was typed; where its turn is gone, the text alone."""
    turn_id = visit.request.path_params.get("turn")
    typed = fields.get("text")
    place: tuple[Episode, Passage] | None = None
    with visit.site.database.read() as connection:
        stored = None if turn_id is None else get_turns(connection, [turn_id]).get(turn_id)
        if stored is not None and visit.account is not None:
            place = find_passage(
                connection, stored.episode_id, number(fields.get("passage"), 0, 10**9), visit
            )
        if place is not None and stored is not None and stored.id in place[1].turn_ids:
            return render_turn_page(
                visit, connection, *place, stored.id, typed=typed, failure=message, status=status
            )
    context = {
        "typed": typed,
        "failure": message,
        "fields": {name: value for name, value in fields.items() if name not in {"text", "form_token"}},
        "path": visit.request.url.path,
    }
    return visit.render("correction/kept.html", context, status)
