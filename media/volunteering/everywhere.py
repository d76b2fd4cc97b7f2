"""One correction in many places: every occurrence shown in its sentence, those chosen changed by one act.

An occurrence is whole words that differ from those looked for by case at most: « l’élu » has
*élu*, and neither *elu*, *élus* nor *porte-élu* is it. What hangs on a word stays: its elided
article, its comma. Where the article no longer agrees (« l’ » before a consonant), it is said,
and the place is not chosen by itself; nor is a validated one.
Pure, but for the acts at the end.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from media.correction.acts import TextChange, save_texts
from media.correction.authors import Author
from media.correction.locks import find_lock
from media.correction.undoing import undo
from media.errors import N_, MediaError, NotFoundError
from media.transcript import TurnKind, TurnState, Word
from media.transcripts import StoredTurn
from media.volunteering import tables
from media.volunteering.open_turns import get_open_turns
from media.volunteering.survey import survey_turns
from media.volunteering.writing import ends_sentence, fold, identify, is_plain, take_apart

MAX_LENGTH = 80  # characters of either side
MAX_WORDS = 6
WORDS_AROUND = 12
VOWELS = "aeiouyh"
# Before a vowel these are elided, except where they stand for something else; before a consonant, not.
ARTICLES = frozenset(["le", "la", "de", "ne", "que", "je", "me", "te", "se", "ce"])


class BadCorrectionError(MediaError):
    """A correction everywhere has nothing to look for, or nothing to write."""

    msgid = N_("Say what is written and what it should be: one to %(most)d words each, not the same.")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Words of a turn that could be corrected."""

    held: StoredTurn
    first_word: int
    last_word: int  # inclusive
    before: str  # of the sentence, what comes first
    found: str  # the words as written, with what hangs on them
    becomes: str
    after: str
    is_awkward: bool  # the article before it would no longer agree
    is_validated: bool

    @property
    def is_chosen(self) -> bool:
        """Whether it is corrected unless somebody says otherwise."""
        return not (self.is_awkward or self.is_validated)


@dataclass(frozen=True, slots=True)
class Pick:
    """An occurrence that somebody chose, as they saw it."""

    turn_id: int
    version: int
    first_word: int


@dataclass(frozen=True, slots=True)
class Sweep:
    """A correction that was made in many places."""

    id: int
    heard: str
    written: str
    act_id: int
    places: int
    turns: tuple[tuple[int, int], ...]  # episode, turn
    made_at: datetime
    undone_at: datetime | None
    author: str

    @property
    def episodes(self) -> int:
        """In how many episodes it was."""
        return len({episode for episode, _ in self.turns})


def check_correction(heard: str, written: str) -> tuple[str, str]:
    """Tidy what is looked for and what is written instead; BadCorrectionError where either is nothing."""
    tidy = [" ".join(side.split()) for side in (heard, written)]
    cores = [[take_apart(word).core for word in side.split()] for side in tidy]
    is_good = all(
        len(side) <= MAX_LENGTH and 1 <= len(words) <= MAX_WORDS and all(words) and is_plain(side)
        for side, words in zip(tidy, cores, strict=True)
    )
    if not is_good or tidy[0] == tidy[1]:
        raise BadCorrectionError(f"{heard[:MAX_LENGTH]!r} by {written[:MAX_LENGTH]!r}", most=MAX_WORDS)
    return " ".join(cores[0]), tidy[1]


def find_occurrences(turns: Iterable[StoredTurn], heard: str, written: str) -> Iterator[Occurrence]:
    """Yield where these turns say what is looked for and would change, in order."""
    wanted = [identify(take_apart(word).core) for word in heard.split()]
    for held in turns:
        if held.turn.kind is not TurnKind.SPEECH:
            continue
        words = held.turn.words
        for first in _find(words, wanted):
            occurrence = _show(held, first, first + len(wanted) - 1, written)
            if occurrence.found != occurrence.becomes:
                yield occurrence


def correct_text(held: StoredTurn, heard: str, written: str, chosen: Iterable[int]) -> tuple[str, int]:
    """Write a turn's text with the occurrences that begin at these words corrected, and count them."""
    starts = set(chosen)
    texts = [word.text for word in held.turn.words]
    places = [o for o in find_occurrences([held], heard, written) if o.first_word in starts]
    for occurrence in reversed(places):
        texts[occurrence.first_word : occurrence.last_word + 1] = [occurrence.becomes]
    return " ".join(texts), len(places)


def apply_everywhere(
    connection: Connection,
    heard: str,
    written: str,
    picks: Sequence[Pick],
    author: Author,
    now: datetime,
    *,
    token: str | None = None,
) -> tuple[int | None, int]:
    """Correct the places chosen by one act; returns the sweep's identity, and how many were left out.

    A place is left out where its turn has changed since it was shown, was withdrawn, or is of a text
    that its licence keeps as it is; with none left, nothing is done and the identity is None.
    """
    held = get_open_turns(connection, {pick.turn_id for pick in picks})
    texts = {(turn.episode_id, turn.edition) for turn in held.values()}
    closed = {text for text in texts if find_lock(connection, *text)}
    locked = {turn.id for turn in held.values() if (turn.episode_id, turn.edition) in closed}
    chosen: dict[int, list[int]] = {}
    for pick in picks:
        turn = held.get(pick.turn_id)
        if turn is not None and turn.version == pick.version and pick.turn_id not in locked:
            chosen.setdefault(pick.turn_id, []).append(pick.first_word)
    changes, places = [], 0
    for turn_id, starts in chosen.items():
        text, count = correct_text(held[turn_id], heard, written, starts)
        places += count
        if count:
            changes.append(TextChange(turn_id, held[turn_id].version, text))
    if not changes:
        return None, len(picks)
    outcome = save_texts(connection, changes, author, now, reason=f"{heard} → {written}", token=token)
    if outcome.act_id is None:
        return None, len(picks)
    turns = sorted((held[change.turn_id].episode_id, change.turn_id) for change in changes)
    sweep_id = _keep(connection, (heard, written), outcome.act_id, places, turns, author, now)
    _look_again(connection, turns)
    return sweep_id, len(picks) - places


def undo_sweep(connection: Connection, sweep_id: int, author: Author, now: datetime) -> Sweep:
    """Take a correction back everywhere, by one act; UndoRefusedError where nothing of it can be."""
    sweep = get_sweep(connection, sweep_id)
    undo(connection, sweep.act_id, author, now)
    here = tables.sweep.c.id == sweep_id
    connection.execute(update(tables.sweep).where(here).values(undone_at=now))
    _look_again(connection, sweep.turns)
    return get_sweep(connection, sweep_id)


def get_sweep(connection: Connection, sweep_id: int) -> Sweep:
    """Read a correction made everywhere; NotFoundError where there is none."""
    row = connection.execute(select(tables.sweep).where(tables.sweep.c.id == sweep_id)).first()
    if row is None:
        raise NotFoundError(f"no sweep {sweep_id}", kind="page", name=str(sweep_id))
    return _sweep(row)


def list_sweeps(connection: Connection, limit: int = 20) -> list[Sweep]:
    """List the corrections made everywhere, latest first."""
    query = select(tables.sweep).order_by(tables.sweep.c.id.desc()).limit(limit)
    return [_sweep(row) for row in connection.execute(query)]


def _find(words: Sequence[Word], wanted: Sequence[str]) -> Iterator[int]:
    parts = [take_apart(word.text) for word in words]
    names = [identify(part.core) for part in parts]
    size, at = len(wanted), 0
    while at + size <= len(words):
        inner = [
            mark
            for place in range(at, at + size - 1)
            for mark in (parts[place].after, parts[place + 1].before)
        ]
        if names[at : at + size] == wanted and not any(inner):
            yield at
            at += size
        else:
            at += 1


def _show(held: StoredTurn, first: int, last: int, written: str) -> Occurrence:
    words = held.turn.words
    opening, closing = take_apart(words[first].text), take_apart(words[last].text)
    said = " ".join(take_apart(word.text).core for word in words[first : last + 1])
    begin, end = first, last + 1
    while begin > max(0, first - WORDS_AROUND) and not ends_sentence(words[begin - 1].text):
        begin -= 1
    while end < min(len(words), last + 1 + WORDS_AROUND) and not ends_sentence(words[end - 1].text):
        end += 1
    return Occurrence(
        held,
        first,
        last,
        " ".join(word.text for word in words[begin:first]),
        " ".join(word.text for word in words[first : last + 1]),
        opening.before + match_case(said, written) + closing.after,
        " ".join(word.text for word in words[last + 1 : end]),
        _is_awkward(words[first - 1].text if first else "", opening.is_elided, said, written),
        held.turn.state is TurnState.VALIDATED,
    )


def match_case(found: str, written: str) -> str:
    """Write a correction as what it replaces was written: a name keeps its own capitals.

    >>> match_case("Mooflow", "MoveFlow"), match_case("Claif", "clef"), match_case("CLAIF", "clef")
    ('MoveFlow', 'Clef', 'CLEF')
    """
    if any(char.isupper() for char in written):
        return written
    if len(found) > 1 and found.isupper():
        return written.upper()
    return written[:1].upper() + written[1:] if found[:1].isupper() else written


def _is_awkward(word_before: str, is_elided: bool, found: str, written: str) -> bool:
    """Tell whether an article agreed with what was found and would not with what is written."""
    had, has = fold(found)[:1] in VOWELS, fold(written)[:1] in VOWELS
    if is_elided:
        return not has
    return has and not had and identify(take_apart(word_before).core) in ARTICLES


def _keep(
    connection: Connection,
    correction: tuple[str, str],
    act_id: int,
    places: int,
    turns: Sequence[tuple[int, int]],
    author: Author,
    now: datetime,
) -> int:
    values: Mapping[str, Any] = {
        "heard": correction[0],
        "written": correction[1],
        "act_id": act_id,
        "places": places,
        "turns": [list(place) for place in turns],
        "made_at": now,
        "account_id": author.account_id,
        "author": author.name,
    }
    statement = insert(tables.sweep).values(**values)
    return int(connection.execute(statement.returning(tables.sweep.c.id)).scalar_one())


def _look_again(connection: Connection, turns: Sequence[tuple[int, int]]) -> None:
    by_episode: dict[int, list[int]] = {}
    for episode_id, turn_id in turns:
        by_episode.setdefault(episode_id, []).append(turn_id)
    for episode_id, turn_ids in by_episode.items():
        survey_turns(connection, episode_id, turn_ids)


def _sweep(row: Row[Any]) -> Sweep:
    return Sweep(
        row.id,
        row.heard,
        row.written,
        row.act_id,
        row.places,
        tuple((episode, turn) for episode, turn in row.turns),
        row.made_at,
        row.undone_at,
        row.author,
    )
