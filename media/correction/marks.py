"""Say of some words of a turn that they are doubtful, right, or in another language; none is changed."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from media.correction.authors import Author
from media.correction.errors import UnknownLanguageError, UnknownWordsError
from media.correction.journal import ActKind, OpenAct, Outcome, at_version, find_repeated, take_turns
from media.transcript import Doubt, DoubtKind, Turn

LANGUAGE = re.compile("[a-z]{2,3}")


@dataclass(frozen=True, slots=True)
class _Words:
    """Some words of a version of a turn; the last one included."""

    turn_id: int
    version: int
    first: int
    last: int

    def change(self, turn: Turn, **values: Any) -> Turn:
        """Change these words of a turn, and no other."""
        words = tuple(
            replace(word, **values) if self.first <= place <= self.last else word
            for place, word in enumerate(turn.words)
        )
        return replace(turn, words=words)

    def clear(self, turn: Turn) -> Turn:
        """Take away the doubts that are about some of these words."""
        left = (held for held in turn.doubts if held.last_word < self.first or self.last < held.first_word)
        return replace(turn, doubts=tuple(left))


def mark_doubt(
    connection: Connection,
    turn_id: int,
    version: int,
    first_word: int,
    last_word: int,
    author: Author,
    now: datetime,
    *,
    token: str | None = None,
) -> Outcome:
    """Say that one is not sure of these words."""

    def mark(turn: Turn) -> Turn:
        doubt = Doubt(DoubtKind.MARKED, first_word, last_word)
        return turn if doubt in turn.doubts else replace(turn, doubts=(*turn.doubts, doubt))

    words = _Words(turn_id, version, first_word, last_word)
    return _mark(connection, words, ActKind.DOUBT, mark, author, now, token)


def clear_doubt(
    connection: Connection,
    turn_id: int,
    version: int,
    first_word: int,
    last_word: int,
    author: Author,
    now: datetime,
    *,
    token: str | None = None,
) -> Outcome:
    """Take the doubts off these words; one that is written in the text goes with its writing only."""
    words = _Words(turn_id, version, first_word, last_word)
    return _mark(connection, words, ActKind.DOUBT_CLEARED, words.clear, author, now, token)


def confirm_words(
    connection: Connection,
    turn_id: int,
    version: int,
    first_word: int,
    last_word: int,
    author: Author,
    now: datetime,
    *,
    token: str | None = None,
) -> Outcome:
    """Say that these words were heard right: they are as sure as a person's, and no longer in doubt."""
    words = _Words(turn_id, version, first_word, last_word)

    def confirm(turn: Turn) -> Turn:
        return words.clear(words.change(turn, probability=None))

    return _mark(connection, words, ActKind.CONFIRM, confirm, author, now, token)


def mark_language(
    connection: Connection,
    turn_id: int,
    version: int,
    first_word: int,
    last_word: int,
    language: str | None,
    author: Author,
    now: datetime,
    *,
    token: str | None = None,
) -> Outcome:
    """Say in which language these words are, by its code; None or "": in the episode's."""
    if language and not LANGUAGE.fullmatch(language):
        raise UnknownLanguageError(f"{language!r} is no code", name=language[:20])

    words = _Words(turn_id, version, first_word, last_word)

    def mark(turn: Turn) -> Turn:
        return words.change(turn, language=language or None)

    return _mark(connection, words, ActKind.LANGUAGE, mark, author, now, token)


def _mark(
    connection: Connection,
    words: _Words,
    kind: ActKind,
    mark: Callable[[Turn], Turn],
    author: Author,
    now: datetime,
    token: str | None,
) -> Outcome:
    held = take_turns(connection, [words.turn_id])
    if repeated := find_repeated(connection, author, token):
        return repeated
    before = at_version(connection, held, words.turn_id, words.version)
    if not 0 <= words.first <= words.last < len(before.turn.words):
        raise UnknownWordsError(f"turn {before.id} has no words {words.first} to {words.last}")
    turn = mark(before.turn)
    if turn == before.turn:
        return Outcome((before,), None)
    said = " ".join(word.text for word in before.turn.words[words.first : words.last + 1])
    act = OpenAct(connection, kind, author, now, token=token, words=said)
    act.change(before, turn, voice=before.voice, read_by=before.read_by)
    return act.close()
