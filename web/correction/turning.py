"""Acts on turns: cut, join, move a boundary, say who speaks, mark a language, write a sound.

Where scripts cut, they send the text before the cut: it is measured on the turn's words by its
letters, as spaces are not the same in a field and in the archive. A form sends a word's number.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection
from starlette.responses import Response

from media.correction import acts, events, marks
from media.correction.journal import Outcome
from media.correction.speakers import Scope, assign_speaker
from media.correction.typed import split_words
from media.errors import N_, NotFoundError
from media.language import load_translations
from media.transcripts import get_turns
from web.correction.answering import Done, Fields, answer, whole_number
from web.correction.passages import author_of
from web.correction.saving import read_token
from web.errors import BadFormError
from web.visits import Visit, field

MAX_NAME_LENGTH = 120
MAX_LABEL_LENGTH = 200
MAX_LANGUAGE_LENGTH = 8
EPISODE_BOX = "in-"


def split(visit: Visit, fields: Fields) -> Response:
    """Cut a turn before a word."""
    turn_id, author = visit.request.path_params["turn"], author_of(visit)
    version, token = whole_number(fields, "version"), read_token(fields)
    with visit.site.database.write() as connection:
        at_word = _word(connection, [turn_id], fields, "at_word")
        outcome = acts.split_turn(connection, turn_id, version, at_word, author, visit.now, token=token)
    return _tell(visit, fields, outcome, N_("The turn is split."), focus=outcome.turns[-1].id)


def merge(visit: Visit, fields: Fields) -> Response:
    """Join a turn with the one after it."""
    author, token = author_of(visit), read_token(fields)
    first, second = _pair(visit, fields)
    keeps_second = fields.get("keep") == "second"
    with visit.site.database.write() as connection:
        outcome = acts.merge_turns(
            connection, first, second, author, visit.now, keep_voice_of_second=keeps_second, token=token
        )
    return _tell(visit, fields, outcome, N_("The turns are merged."), focus=first[0])


def move_boundary(visit: Visit, fields: Fields) -> Response:
    """Move where a turn ends and the next begins."""
    author, token = author_of(visit), read_token(fields)
    first, second = _pair(visit, fields)
    with visit.site.database.write() as connection:
        at_word = _word(connection, [first[0], second[0]], fields, "at_word")
        at_word += whole_number(fields, "shift") if "shift" in fields else 0
        outcome = acts.move_boundary(connection, first, second, at_word, author, visit.now, token=token)
    return _tell(visit, fields, outcome, N_("The words are moved."), focus=second[0])


def name_speaker(visit: Visit, fields: Fields) -> Response:
    """Say who speaks: in this turn, from here on, in the whole episode, or everywhere."""
    turn_id, author, token = visit.request.path_params["turn"], author_of(visit), read_token(fields)
    version, name = whole_number(fields, "version"), field(fields, "name", MAX_NAME_LENGTH)
    try:
        scope = Scope(fields.get("scope", ""))
    except ValueError as error:
        raise BadFormError("a speaker without scope") from error
    with visit.site.database.write() as connection:
        outcome = assign_speaker(
            connection,
            turn_id,
            version,
            name,
            scope,
            author,
            visit.now,
            episodes=_chosen_episodes(fields),
            token=token,
        )
    count = len(outcome.turns)
    ngettext = load_translations(visit.language).ngettext
    said = ngettext("%(count)d turn renamed", "%(count)d turns renamed", count) % {"count": count}
    return _tell(visit, fields, outcome, said, focus=turn_id)


def mark_language(visit: Visit, fields: Fields) -> Response:
    """Say in which language some words are."""
    turn_id, author, token = visit.request.path_params["turn"], author_of(visit), read_token(fields)
    version, language = whole_number(fields, "version"), field(fields, "language", MAX_LANGUAGE_LENGTH)
    with visit.site.database.write() as connection:
        first, last = _stretch(connection, turn_id, fields)
        outcome = marks.mark_language(
            connection, turn_id, version, first, last, language, author, visit.now, token=token
        )
    return _tell(visit, fields, outcome, N_("The language is marked."), focus=turn_id)


def write_event(visit: Visit, fields: Fields) -> Response:
    """Write a sound after a turn."""
    turn_id, author, token = visit.request.path_params["turn"], author_of(visit), read_token(fields)
    version, label = whole_number(fields, "version"), field(fields, "label", MAX_LABEL_LENGTH)
    with visit.site.database.write() as connection:
        outcome = events.insert_event(connection, turn_id, version, label, author, visit.now, token=token)
    return _tell(visit, fields, outcome, N_("The sound is written."), focus=turn_id)


def remove_event(visit: Visit, fields: Fields) -> Response:
    """Take a sound away that is not heard."""
    turn_id, author, token = visit.request.path_params["turn"], author_of(visit), read_token(fields)
    version = whole_number(fields, "version")
    with visit.site.database.write() as connection:
        outcome = events.delete_event(connection, turn_id, version, author, visit.now, token=token)
    return _tell(visit, fields, outcome, N_("The sound is removed."), focus=None)


def _chosen_episodes(fields: Fields) -> list[int]:
    """Read the episodes that were left ticked, of those where a name would change."""
    ticked = [name.removeprefix(EPISODE_BOX) for name in fields if name.startswith(EPISODE_BOX)]
    return [int(held) for held in ticked if held.isdecimal() and len(held) < 10]


def _pair(visit: Visit, fields: Fields) -> tuple[tuple[int, int], tuple[int, int]]:
    first = (visit.request.path_params["turn"], whole_number(fields, "version"))
    return first, (whole_number(fields, "other"), whole_number(fields, "other_version"))


def count_words(words: Iterable[str], head: str) -> int:
    """Count the words that a text before a place holds, whatever its spaces.

    >>> count_words(["quoi", "?", "Rien."], "quoi\N{NO-BREAK SPACE}?"), count_words(["a", "b"], "a")
    (2, 1)
    """
    left = _count_letters(" ".join(split_words(head)))
    count = 0
    for word in words:
        if left <= 0:
            break
        left -= _count_letters(word)
        count += 1
    return count


def _count_letters(text: str) -> int:
    return len("".join(text.split()))


def _word(connection: Connection, turn_ids: Sequence[int], fields: Fields, name: str) -> int:
    """Read with which word something begins: its number, or the text before it."""
    if "head" not in fields:
        return whole_number(fields, name)
    return count_words(_read_words(connection, turn_ids), fields["head"])


def _stretch(connection: Connection, turn_id: int, fields: Fields) -> tuple[int, int]:
    if "chosen" not in fields:
        return whole_number(fields, "first_word"), whole_number(fields, "last_word")
    words, head = _read_words(connection, [turn_id]), fields.get("head", "")
    first = count_words(words, head)
    return first, max(first, count_words(words, head + fields["chosen"]) - 1)


def _read_words(connection: Connection, turn_ids: Sequence[int]) -> list[str]:
    held = get_turns(connection, turn_ids, public=False)
    return [word.text for turn_id in turn_ids if turn_id in held for word in held[turn_id].turn.words]


def _tell(visit: Visit, fields: Fields, outcome: Outcome, said: str, focus: int | None) -> Response:
    held = outcome.turns
    episode_id = held[0].episode_id if held else _episode_of(fields)
    said = load_translations(visit.language).gettext(said)
    return answer(visit, fields, episode_id, Done(outcome, said, focus, whole=True))


def _episode_of(fields: Fields) -> int:
    if "episode" not in fields:
        raise NotFoundError("an act that left no turn, of no episode", kind="turn", name="")
    return whole_number(fields, "episode")
