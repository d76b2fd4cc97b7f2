"""The doubt queue: "I have ten minutes", eight seconds and a sentence at a time.

As a form it works without script: an answer brings the page of the next doubt. With script the
page holds the next doubt already; the answer brings the one after it, as HTML in a JSON document.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.responses import JSONResponse, Response

from media.correction.authors import Author
from media.correction.errors import CorrectionError, RefusedSaveError
from media.correction.saving import keep_refused
from media.errors import EntenduError, Message
from media.language import translate
from media.people.accounts import Account
from media.transcripts import list_speakers
from media.volunteering.answering import (
    Answer,
    Answered,
    Asked,
    NoAnswerError,
    answer_question,
    save_late,
    take_back,
)
from media.volunteering.doubts import Kind
from media.volunteering.effort import count_kinds
from media.volunteering.everywhere import BadCorrectionError, check_correction
from media.volunteering.questions import Question, read_question
from media.volunteering.queue import count_doubts, drop_doubt, take_doubts
from media.volunteering.sittings import MINUTES, Sitting, begin_sitting, get_sitting, measure_harvest
from media.volunteering.survey import QUIET, follow_changes
from web.errors import BadFormError, ForbiddenError
from web.visits import Visit, number, redirect
from web.volunteering import words
from web.volunteering.finding import AT_A_GLANCE, find_everywhere

SURVEYED_AT_ONCE = 2  # episodes that opening the queue may survey, where no worker has
TRIES = 20  # doubts that turn out to be settled, before the page says that there is none
DEFAULT_MINUTES = 10
MAX_ID = 10**9


def show_start(visit: Visit) -> Response:
    """Show what ten minutes would be spent on."""
    follow_changes(visit.site.database, visit.now, SURVEYED_AT_ONCE, QUIET)
    with visit.site.database.read() as connection:
        kinds = count_kinds(connection)
    context = {
        "kinds": [(Message(words.KIND_NAMES[kind]), kinds[kind]) for kind in Kind if kinds.get(kind)],
        "total": sum(kinds.values()),
        "minutes": MINUTES,
        "default_minutes": DEFAULT_MINUTES,
    }
    return visit.render("volunteering/start.html", context)


def begin(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Give somebody their minutes."""
    minutes = number(fields.get("minutes"), DEFAULT_MINUTES, max(MINUTES))
    if minutes not in MINUTES:
        raise BadFormError(f"{minutes} minutes")
    with visit.site.database.write() as connection:
        sitting_id = begin_sitting(connection, _account(visit).id, minutes, visit.now)
    return redirect(f"/doubts/{sitting_id}")


def show_sitting(visit: Visit) -> Response:
    """Show the doubt at hand, or what the minutes have made reliable."""
    account = _account(visit)
    with visit.site.database.write() as connection:
        sitting = get_sitting(connection, visit.request.path_params["sitting"], account.id)
        wants_more = sitting.left_s > 0 and "end" not in visit.request.query_params
        questions = _ask(connection, account, visit) if wants_more else []
        names = _list_names(connection, questions)
        harvest = measure_harvest(connection, sitting.id)
        left = count_doubts(connection)
    told = visit.request.query_params.get("told")
    if not questions:
        return visit.render(
            "volunteering/done.html",
            {
                "sitting": sitting,
                "harvest": harvest,
                "reliable": words.say_reliable(harvest.reliable_ms, visit.language),
                "left": left,
                "minutes": MINUTES,
                "is_empty": wants_more,
            },
        )
    context = {
        "sitting": sitting,
        "questions": questions,
        "names": names,
        "told": _read_told(visit, told),
        "minutes_left": _minutes(sitting.left_s),
        **_question_words(),
    }
    return visit.render("volunteering/sitting.html", context)


def answer(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Take an answer, and bring the next doubt."""
    account = _account(visit)
    author = Author(account.id, account.name)
    sitting_id = visit.request.path_params["sitting"]
    text = fields.get("hint") or fields.get("text", "")
    answered: Answered | None = None
    refusal: EntenduError | None = None
    with visit.site.database.write() as connection:
        sitting = get_sitting(connection, sitting_id, account.id)
        question = read_question(connection, number(fields.get("doubt"), 0, MAX_ID))
        try:
            with connection.begin_nested():
                if question is not None:
                    said = _read_answer(fields)
                    answered = answer_question(
                        connection, question, sitting.id, said, text, author, visit.now
                    )
                elif _read_answer(fields) is None:
                    save_late(connection, _read_asked(fields), text, author, visit.now)
        except RefusedSaveError as error:
            keep_refused(connection, error, author, visit.now)
            refusal = error
        except (NoAnswerError, CorrectionError) as error:
            refusal = error
    if wants_script(visit):
        shown = fields.get("shown", "")
        return _send_next(visit, account, sitting_id, answered, refusal, number(shown, 0, MAX_ID))
    query = {"told": "refused"} if refusal is not None else {"told": str(answered.answer)} if answered else {}
    if answered is not None and answered.answer is Answer.CORRECTED:
        query |= {"heard": answered.heard, "written": answered.written}
    return redirect(f"/doubts/{sitting_id}" + ("?" + urlencode(query) if query else ""))


def undo_last(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Take the latest answer back, and ask it again."""
    account = _account(visit)
    with visit.site.database.write() as connection:
        sitting = get_sitting(connection, visit.request.path_params["sitting"], account.id)
        take_back(connection, sitting.id, Author(account.id, account.name), visit.now)
    return redirect(f"/doubts/{sitting.id}?told=undone")


def end(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Stop before the minutes are over."""
    return redirect(f"/doubts/{visit.request.path_params['sitting']}?end=1")


def wants_script(visit: Visit) -> bool:
    """Tell whether a script asks, which takes JSON."""
    return visit.request.headers.get("accept", "").startswith("application/json")


def _ask(connection: Connection, account: Account, visit: Visit) -> list[Question]:
    """Lease doubts and read them; those whose words have changed since are dropped on the way."""
    for _ in range(TRIES):
        taken = take_doubts(connection, account.id, visit.now)
        questions = [(doubt_id, read_question(connection, doubt_id)) for doubt_id in taken]
        gone = [doubt_id for doubt_id, question in questions if question is None]
        if not gone:
            return [question for _, question in questions if question is not None]
        for doubt_id in gone:
            drop_doubt(connection, doubt_id)
    return []


def _list_names(connection: Connection, questions: list[Question]) -> dict[int, list[str]]:
    """List, for each episode whose voice is asked about, the names that may be its."""
    asked = [question.episode for question in questions if question.kind is Kind.SPEAKER]
    return {
        episode.id: list(
            dict.fromkeys(
                [*(person.name for person in episode.people), *list_speakers(connection, episode.show_id)]
            )
        )
        for episode in asked
    }


def _send_next(
    visit: Visit,
    account: Account,
    sitting_id: int,
    answered: Answered | None,
    refusal: EntenduError | None,
    shown: int,
) -> Response:
    """Send what became of an answer, and the doubt that follows the one on the page already."""
    with visit.site.database.write() as connection:
        sitting = get_sitting(connection, sitting_id, account.id)
        questions = _ask(connection, account, visit) if sitting.left_s > 0 else []
        names = _list_names(connection, questions)
    with visit.site.database.read() as connection:  # the index is asked while nobody waits to write
        others = _find_others(visit, connection, answered)
    following = [question for question in questions if question.id != shown]
    document: dict[str, Any] = {
        "told": _say_answered(visit, answered, refusal),
        "refused": refusal is not None,
        "others": others,
        "minutes": _minutes(sitting.left_s),
        "answered": sitting.answered,
        # Nothing left to ask, or no minutes left: the page goes to what was made reliable.
        "finished": not questions,
        "next": _render_question(visit, sitting, following[0], names) if following else None,
    }
    return JSONResponse(document, headers={"cache-control": "no-store"})


def _find_others(visit: Visit, connection: Connection, answered: Answered | None) -> dict[str, str] | None:
    """Say how often the same correction could be made elsewhere, with the page that shows it."""
    if answered is None or answered.answer is not Answer.CORRECTED:
        return None
    try:
        heard, written = check_correction(answered.heard, answered.written)
    except BadCorrectionError:
        return None
    found = find_everywhere(visit.site, connection, heard, written, AT_A_GLANCE)
    if not found.occurrences:
        return None
    return {
        "text": words.say_others(len(found.occurrences), found.episodes, visit.language),
        "link": "/everywhere?" + urlencode({"heard": heard, "written": written}),
    }


def _say_answered(visit: Visit, answered: Answered | None, refusal: EntenduError | None) -> str:
    if refusal is not None:
        return translate(refusal.message, visit.language)
    if answered is None:
        return translate(Message(words.GONE), visit.language)
    if (msgid := words.TOLD.get(str(answered.answer))) is not None:
        return translate(Message(msgid), visit.language)
    return translate(Message(words.WRITTEN, {"written": answered.written}), visit.language)


def _render_question(visit: Visit, sitting: Sitting, question: Question, names: dict[int, list[str]]) -> str:
    context = {
        "sitting": sitting,
        "question": question,
        "names": names,
        "form_token": visit.form_token,
        **_question_words(),
    }
    return visit.site.templates.render("volunteering/question.html", visit.language, context)


def _read_told(visit: Visit, told: str | None) -> dict[str, Any]:
    """Read from the address what became of the answer before, for who comes without script."""
    params = visit.request.query_params
    heard, written = params.get("heard", ""), params.get("written", "")
    if told == str(Answer.CORRECTED) and written:
        answered = Answered(Answer.CORRECTED, heard, written)
        with visit.site.database.read() as connection:
            others = _find_others(visit, connection, answered)
        return {"text": _say_answered(visit, answered, None), "others": others}
    msgid = words.REFUSED if told == "refused" else words.TOLD.get(told or "", "")
    return {"text": translate(Message(msgid), visit.language) if msgid else "", "others": None}


def _question_words() -> dict[str, Any]:
    return {"kind_questions": {kind: Message(msgid) for kind, msgid in words.KIND_QUESTIONS.items()}}


def _read_answer(fields: Mapping[str, str]) -> Answer | None:
    """Read which button was pressed; None: what was typed says it."""
    said = fields.get("answer", "")
    if said not in ("", *(str(answer) for answer in Answer)):
        raise BadFormError(f"answer {said!r}")
    return Answer(said) if said in (Answer.SKIPPED, Answer.CANNOT_TELL) else None


def _read_asked(fields: Mapping[str, str]) -> Asked:
    return Asked(*(number(fields.get(name), 0, MAX_ID) for name in ("turn", "version", "first", "last")))


def _minutes(seconds: int) -> int:
    return -(-seconds // 60)


def _account(visit: Visit) -> Account:
    if visit.account is None:
        raise ForbiddenError("nobody is signed in")
    return visit.account
