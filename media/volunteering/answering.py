"""What an answer to a doubt does: confirm the words, correct them, name the voice, or not tell.

Words change by the acts of `media.correction` alone, so that every answer is in history and can be
taken back. An answer settles its doubt for good; a person who skips, or cannot tell, leaves it to
others, behind the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from media.correction.acts import save_text
from media.correction.authors import Author
from media.correction.history import read_version
from media.correction.marks import clear_doubt, confirm_words, mark_doubt
from media.correction.speakers import Scope, assign_speaker
from media.correction.typed import find_marks, split_words
from media.correction.undoing import undo
from media.errors import N_, MediaError
from media.volunteering.doubts import Kind, name_place
from media.volunteering.open_turns import get_open_turns
from media.volunteering.questions import Question
from media.volunteering.queue import drop_doubt, lease_first, release_doubt
from media.volunteering.sittings import forget_verdict, last_verdict, record_verdict
from media.volunteering.survey import survey_turns

SKIP_COST_S = 6
MAX_ANSWER = 2_000  # characters
CLOSING = (".", ",", ";", ":", "!", "?", "…", "]")  # whoever types one says how the words end
MARKED = {Kind.MARKED, Kind.DISCUSSED, Kind.LOOP, Kind.UNHEARD, Kind.UNPLACED}  # for readers to see already


class Answer(StrEnum):
    """What somebody says of a doubt."""

    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    NAMED = "named"
    SKIPPED = "skipped"
    CANNOT_TELL = "cannot tell"


class NoAnswerError(MediaError):
    """Nothing was typed where something has to be."""

    msgid = N_("Type what you hear, or say that you cannot tell.")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which words a page asked about, as it saw them."""

    turn_id: int
    version: int
    first_word: int
    last_word: int


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of an answer."""

    answer: Answer
    heard: str  # what was asked about
    written: str  # what is there now


def answer_question(
    connection: Connection,
    question: Question,
    sitting_id: int,
    answer: Answer | None,
    text: str,
    author: Author,
    now: datetime,
) -> Answered:
    """Do what an answer says; `answer` None means by what was typed: the same words confirm.

    RefusedSaveError, of `media.correction`, where the turn was changed meanwhile: it carries
    what was typed. NoAnswerError where nothing was.
    """
    typed = " ".join(text.split())[:MAX_ANSWER]
    if answer is None:
        answer = _read_answer(question, typed)
    acts, written = list[int | None](), question.words
    if answer is Answer.NAMED:
        acts, written = [_name(connection, question, typed, author, now)], typed
    elif answer is Answer.CORRECTED:
        acts, written = _correct(connection, question, typed, author, now), typed
    elif answer is Answer.CONFIRMED:
        acts = [_confirm(connection, question, author, now)]
    elif answer is Answer.CANNOT_TELL:
        acts = [_doubt(connection, question, author, now)]
    done = [act_id for act_id in acts if act_id is not None]
    settles = answer not in (Answer.SKIPPED, Answer.CANNOT_TELL)
    record_verdict(
        connection,
        episode_id=question.episode.id,
        turn_id=question.turn_id,
        fingerprint=question.fingerprint,
        place=name_place(question.fingerprint),
        kind=str(question.kind),
        answer=str(answer),
        settles=settles,
        cost_s=SKIP_COST_S if answer is Answer.SKIPPED else question.cost_s,
        acts=done,
        sitting_id=sitting_id,
        account_id=author.account_id,
        made_at=now,
    )
    if settles:
        drop_doubt(connection, question.id)
    else:
        release_doubt(connection, question.id)
    if done:
        survey_turns(connection, question.episode.id, [question.turn_id])
    return Answered(answer, question.words, written)


def save_late(connection: Connection, asked: Asked, text: str, author: Author, now: datetime) -> int | None:
    """Save what was typed for a doubt that is no longer asked; returns the act, None of no change.

    RefusedSaveError, with all that the turn would say, where the turn itself was changed.
    """
    seen = read_version(connection, asked.turn_id, asked.version)
    held = get_open_turns(connection, [asked.turn_id]).get(asked.turn_id)
    words = seen.turn.words if seen is not None else held.turn.words if held is not None else ()
    typed = " ".join(text.split())[:MAX_ANSWER]
    if not typed or not 0 <= asked.first_word <= asked.last_word < len(words):
        return None
    whole = splice([word.text for word in words], asked.first_word, asked.last_word, typed)
    return save_text(connection, asked.turn_id, asked.version, whole, author, now, read=False).act_id


def splice(words: Sequence[str], first: int, last: int, typed: str) -> str:
    """Write a text with some of its words, the last one included, replaced by what was typed."""
    return " ".join([*words[:first], typed, *words[last + 1 :]])


def take_back(connection: Connection, sitting_id: int, author: Author, now: datetime) -> bool:
    """Undo a sitting's latest answer, which is then asked again; False where there is none."""
    verdict = last_verdict(connection, sitting_id)
    if verdict is None:
        return False
    for act_id in reversed(verdict.acts):
        undo(connection, act_id, author, now)
    forget_verdict(connection, verdict.id)
    survey_turns(connection, verdict.episode_id, [verdict.turn_id], voices=True)
    if author.account_id is not None:
        lease_first(connection, verdict.episode_id, verdict.fingerprint, author.account_id, now)
    return True


def _read_answer(question: Question, typed: str) -> Answer:
    if not typed:
        raise NoAnswerError(f"nothing typed for doubt {question.id}")
    if question.kind is Kind.SPEAKER:
        return Answer.NAMED
    return Answer.CONFIRMED if typed == " ".join(question.words.split()) else Answer.CORRECTED


def _correct(
    connection: Connection, question: Question, typed: str, author: Author, now: datetime
) -> list[int | None]:
    """Write what was typed; what was marked about those words no longer holds, unless it is written."""
    held = get_open_turns(connection, [question.turn_id])[question.turn_id]
    first, last = question.first_word, question.last_word
    written = typed if typed.endswith(CLOSING) else typed + question.closing
    text = splice([word.text for word in held.turn.words], first, last, question.opening + written)
    outcome = save_text(connection, held.id, question.version, text, author, now, read=False)
    if not outcome.turns or not outcome.turns[0].turn.doubts or any(find_marks(split_words(typed))):
        return [outcome.act_id]
    turn = outcome.turns[0]
    end = last + len(turn.turn.words) - len(held.turn.words)
    if not first <= end < len(turn.turn.words):
        return [outcome.act_id]
    cleared = clear_doubt(connection, turn.id, turn.version, first, end, author, now)
    return [outcome.act_id, cleared.act_id]


def _name(connection: Connection, question: Question, name: str, author: Author, now: datetime) -> int | None:
    turn_id, version = question.turn_id, question.version
    return assign_speaker(connection, turn_id, version, name, Scope.EPISODE, author, now).act_id


def _confirm(connection: Connection, question: Question, author: Author, now: datetime) -> int | None:
    first, last = question.first_word, question.last_word
    return confirm_words(connection, question.turn_id, question.version, first, last, author, now).act_id


def _doubt(connection: Connection, question: Question, author: Author, now: datetime) -> int | None:
    """Mark the words as doubtful for all who read them; a voice, or what is marked, needs no mark."""
    if question.kind is Kind.SPEAKER or question.kind in MARKED:
        return None
    first, last = question.first_word, question.last_word
    return mark_doubt(connection, question.turn_id, question.version, first, last, author, now).act_id
