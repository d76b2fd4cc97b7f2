"""What may no longer be read: the rule that every public reading of words and names goes through.

Pure but for `read_withdrawn`. A passage is withdrawn by its time, so that neither a correction,
a split nor another transcription brings its words back; where a text has no audio, by its words.
It is withdrawn of both texts of its episode, whichever it was chosen in: `media.people.elsewhere`. In
their place stands a dated notice. A name is withdrawn wherever it is written as one.
RGPD, article 21.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from babel.dates import format_date
from sqlalchemy import Connection, select

from media import schema
from media.errors import N_, Message
from media.language import LANGUAGES, translate
from media.people import tables
from media.people.elsewhere import find_elsewhere
from media.transcript import Doubt, Edition, Turn, TurnKind, Word

NEAR_MS = 1_500  # another transcription may hear a word this far from where the first did
TURN_NOTICE = N_("Passage withdrawn on %(day)s at a person’s request")
WORDS_NOTICE = N_("passage withdrawn on %(day)s")
PSEUDONYM = N_("A person")
PSEUDONYM_SAID = N_("a person")
WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class WithdrawnPassage:
    """Words of an episode that may not be read, and since when."""

    id: int
    episode_id: int
    made_at: datetime
    start_ms: int | None  # None: a text without audio, known by turn and words
    end_ms: int | None
    turn_id: int | None
    first_word: int | None
    last_word: int | None  # inclusive
    words: tuple[str, ...]  # folded
    edition: Edition = Edition.SPOKEN  # the text in which it was chosen


@dataclass(frozen=True, slots=True)
class HiddenRun:
    """Words of a turn that may not be read, both bounds included, and what is read instead."""

    first: int
    last: int
    notice: str
    since: datetime | None  # when the passage was withdrawn; None: a withdrawn name, said


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """All that may not be read of some episodes, ready to be applied to what is read."""

    passages: dict[int, tuple[WithdrawnPassage, ...]] = field(default_factory=dict)  # by episode
    languages: dict[int, str] = field(default_factory=dict)  # of what stands instead, by episode
    names: tuple[tuple[str, ...], ...] = ()  # folded, a word each; longest first

    def hide_turn(
        self,
        turn: Turn,
        episode_id: int,
        turn_id: int | None = None,
        edition: Edition = Edition.SPOKEN,
    ) -> Turn:
        """Put a notice in place of a turn's withdrawn words; all withdrawn, it is an event without voice."""
        passages, language = self.passages.get(episode_id, ()), self.languages.get(episode_id)
        if not passages and not self.names:
            return turn
        if turn.kind is not TurnKind.SPEECH:
            return self._hide_label(turn, passages, language)
        runs = self.list_hidden(turn, episode_id, turn_id, edition)
        withdrawn = sum(run.last + 1 - run.first for run in runs if run.since is not None)
        if runs and runs[0].since is not None and withdrawn == len(turn.words):
            notice = _notice(TURN_NOTICE, runs[0].since, language)
            return replace(turn, words=(), voice=None, kind=TurnKind.EVENT, label=notice, doubts=())
        return _with_notices(turn, [(run.first, run.last, run.notice) for run in runs]) if runs else turn

    def list_hidden(
        self,
        turn: Turn,
        episode_id: int,
        turn_id: int | None = None,
        edition: Edition = Edition.SPOKEN,
    ) -> list[HiddenRun]:
        """List the words of a turn of speech that may not be read, in order, with what stands for them."""
        passages, language = self.passages.get(episode_id, ()), self.languages.get(episode_id)
        hidden = _hidden_words(turn, turn_id, edition, passages)
        runs = []
        for first, last in _join(hidden):
            since = hidden[first].made_at
            runs.append(HiddenRun(first, last, _notice(WORDS_NOTICE, since, language), since))
        said = [run for run in self.find_names(turn) if not set(range(run[0], run[1] + 1)) & hidden.keys()]
        runs += [HiddenRun(first, last, _say(PSEUDONYM_SAID, language), None) for first, last in said]
        return sorted(runs, key=lambda run: run.first)

    def find_names(self, turn: Turn) -> list[tuple[int, int]]:
        """Find where withdrawn names are said in a turn: first and last word of each, in order."""
        if not self.names:
            return []
        offsets = turn.word_offsets
        return [
            (bisect_right(offsets, begin) - 1, bisect_right(offsets, end - 1) - 1)
            for begin, end in _find_names(turn.text, self.names)
        ]

    def _hide_label(self, turn: Turn, passages: Sequence[WithdrawnPassage], language: str | None) -> Turn:
        inside = [passage for passage in passages if _covers(passage, turn)]
        label = _notice(TURN_NOTICE, inside[0].made_at, language) if inside else turn.label
        label = label and self.hide_names(label, language)
        return turn if label == turn.label else replace(turn, label=label)

    def hide_names(self, text: str, language: str | None = None) -> str:
        """Put “A person” in place of each withdrawn name in a text, plain or HTML."""
        if not self.names:
            return text
        text = unicodedata.normalize("NFC", text)
        pieces, upto = [], 0
        for begin, end in _find_names(text, self.names):
            pieces += [text[upto:begin], _say(PSEUDONYM, language)]
            upto = end
        return "".join([*pieces, text[upto:]])

    def hide_speaker(self, name: str | None, episode_id: int) -> str | None:
        """Return the name of a voice, or what stands for it."""
        return name and self.hide_names(name, self.languages.get(episode_id))

    def hide_within(self, value: Any, episode_id: int) -> Any:
        """Put “A person” in place of each withdrawn name in whatever JSON holds."""
        if isinstance(value, str):
            return self.hide_names(value, self.languages.get(episode_id))
        if isinstance(value, Mapping):
            return {key: self.hide_within(held, episode_id) for key, held in value.items()}
        if isinstance(value, list):
            return [self.hide_within(held, episode_id) for held in value]
        return value

    def tell(self, episode_id: int) -> str:
        """Say that words of an episode are withdrawn, where they stood."""
        since = self.passages[episode_id][0].made_at
        return "[" + _notice(WORDS_NOTICE, since, self.languages.get(episode_id)) + "]"

    def touches(
        self,
        turn: Turn,
        episode_id: int,
        turn_id: int | None = None,
        edition: Edition = Edition.SPOKEN,
    ) -> bool:
        """Tell whether some of this turn may not be read."""
        return self.hide_turn(turn, episode_id, turn_id, edition) is not turn


def read_withdrawn(connection: Connection, episode_ids: Iterable[int]) -> Withdrawn:
    """Read what may not be read of these episodes."""
    held = tables.withdrawal
    live = held.c.lifted_at.is_(None)
    wanted = set(episode_ids)
    query = select(held).where(live, held.c.kind == "passage", held.c.episode_id.in_(wanted))
    passages: dict[int, tuple[WithdrawnPassage, ...]] = {}
    for row in connection.execute(query.order_by(held.c.start_ms, held.c.id)):
        passage = WithdrawnPassage(
            row.id,
            row.episode_id,
            row.made_at,
            row.start_ms,
            row.end_ms,
            row.turn_id,
            row.first_word,
            row.last_word,
            tuple(row.words.split()),
            Edition(row.edition),
        )
        passages[row.episode_id] = (*passages.get(row.episode_id, ()), passage)
    names = read_names(connection).names
    languages = _read_languages(connection, wanted) if names or passages else {}
    return Withdrawn(passages, languages, names)


def read_names(connection: Connection) -> Withdrawn:
    """Read which names may not be read, of any episode."""
    held = tables.withdrawal
    query = select(held.c.name).where(held.c.lifted_at.is_(None), held.c.kind == "name")
    return Withdrawn(names=split_names(connection.execute(query).scalars()))


def split_names(names: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Cut names into the words by which they are known, the longest first."""
    split = {tuple(WORD.findall(fold_name(name))) for name in names}
    return tuple(sorted(filter(None, split), key=lambda words: (-len(words), words)))


def fold_name(name: str) -> str:
    """Write a name as names are compared: without case or accents, spaces single.

    >>> fold_name(" Hélène  CASTAING ")
    'helene castaing'
    """
    plain = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(char for char in plain if not unicodedata.combining(char)).split())


def fold_words(words: Iterable[Word]) -> tuple[str, ...]:
    """Write words as they are compared: letters and digits only; one without any stays as it is.

    >>> fold_words([Word("Été,"), Word("?")])
    ('ete', '?')
    """
    folded = [fold_name(word.text) for word in words]
    return tuple("".join(filter(str.isalnum, text)) or "".join(text.split()) for text in folded)


def _read_languages(connection: Connection, episode_ids: set[int]) -> dict[int, str]:
    columns = (schema.episode.c.id, schema.episode.c.spoken_language, schema.episode.c.language)
    query = select(*columns).where(schema.episode.c.id.in_(episode_ids))
    return {identity: _ours(spoken or given) for identity, spoken, given in connection.execute(query)}


def _hidden_words(
    turn: Turn, turn_id: int | None, edition: Edition, passages: Sequence[WithdrawnPassage]
) -> dict[int, WithdrawnPassage]:
    """Find the words that may not be read, by index, each with the passage that holds it."""
    hidden: dict[int, WithdrawnPassage] = {}
    found: Iterable[int]
    for passage in passages:
        if passage.edition is not edition:
            found = _elsewhere(turn, passage)
        elif passage.start_ms is not None:
            found = _timed(turn, passage)
        else:
            found = _worded(turn, turn_id, passage)
        hidden.update((at, passage) for at in found if at not in hidden)
    return dict(sorted(hidden.items()))


def _elsewhere(turn: Turn, passage: WithdrawnPassage) -> set[int]:
    times = None
    if passage.start_ms is not None and passage.end_ms is not None:
        times = passage.start_ms, passage.end_ms
    return find_elsewhere(turn.words, fold_words(turn.words), times, passage.words)


def _timed(turn: Turn, passage: WithdrawnPassage) -> set[int]:
    start, end = passage.start_ms or 0, passage.end_ms or 0
    if turn.start_ms is None:
        return set(_worded(turn, None, passage))
    if turn.start_ms > end + NEAR_MS or (turn.end_ms or turn.start_ms) < start - NEAR_MS:
        return set()
    found = {at for at, word in enumerate(turn.words) if _overlaps(word, start, end)}
    folded = fold_words(turn.words)
    if _are_these(sorted(found), folded, passage.words):
        return found
    near = {at for at, word in enumerate(turn.words) if _overlaps(word, start - NEAR_MS, end + NEAR_MS)}
    return found | {at for at in near if folded[at] in passage.words}


def _worded(turn: Turn, turn_id: int | None, passage: WithdrawnPassage) -> Iterable[int]:
    folded, wanted = fold_words(turn.words), passage.words
    if turn_id is not None and turn_id == passage.turn_id and passage.first_word is not None:
        own = range(passage.first_word, (passage.last_word or 0) + 1)
        if tuple(folded[at] for at in own if at < len(folded)) == wanted:
            return own
    starts = [at for at in range(len(folded)) if wanted and folded[at : at + len(wanted)] == wanted]
    return {at for start in starts for at in range(start, start + len(wanted))}


def _are_these(found: Sequence[int], folded: Sequence[str], wanted: tuple[str, ...]) -> bool:
    """Tell whether these are the withdrawn words, or the part of them that a turn cut there has."""
    held = tuple(folded[at] for at in found)
    if not held or held == wanted:
        return held == wanted
    begins, ends = found[0] == 0, found[-1] == len(folded) - 1
    if begins and ends:
        return any(wanted[at : at + len(held)] == held for at in range(len(wanted)))
    return (begins and wanted[-len(held) :] == held) or (ends and wanted[: len(held)] == held)


def _overlaps(word: Word, start_ms: int, end_ms: int) -> bool:
    if word.start_ms is None or word.end_ms is None:
        return False
    if word.start_ms == word.end_ms:
        return start_ms <= word.start_ms < end_ms
    return word.start_ms < end_ms and word.end_ms > start_ms


def _covers(passage: WithdrawnPassage, turn: Turn) -> bool:
    if None in (passage.start_ms, passage.end_ms, turn.start_ms, turn.end_ms):
        return False
    return (passage.start_ms or 0) <= (turn.start_ms or 0) and (turn.end_ms or 0) <= (passage.end_ms or 0)


def _find_names(text: str, names: Sequence[tuple[str, ...]]) -> Iterator[tuple[int, int]]:
    """Yield where names stand in a text, as character offsets."""
    found = list(WORD.finditer(text))
    folded = tuple(fold_name(match[0]) for match in found)
    at = 0
    while at < len(found):
        length = next((len(name) for name in names if folded[at : at + len(name)] == name), 0)
        if length:
            yield found[at].start(), found[at + length - 1].end()
        at += length or 1


def _join(hidden: Mapping[int, WithdrawnPassage]) -> list[tuple[int, int]]:
    """Join neighbouring words of one passage into runs, first and last word."""
    runs: list[tuple[int, int]] = []
    for at, passage in hidden.items():
        if runs and runs[-1][1] == at - 1 and hidden[at - 1].id == passage.id:
            runs[-1] = (runs[-1][0], at)
        else:
            runs.append((at, at))
    return runs


def _with_notices(turn: Turn, runs: Sequence[tuple[int, int, str]]) -> Turn:
    """Put one word with its notice in place of each run of words."""
    words: list[Word] = []
    places: list[int | None] = []  # where each word of the turn is now
    upto = 0
    for first, last, notice in [*runs, (len(turn.words), len(turn.words), "")]:
        kept = turn.words[upto:first]
        places += [*range(len(words), len(words) + len(kept)), *[None] * (last + 1 - first)]
        words += kept
        if notice:
            text = "[" + notice.replace(" ", "\N{NO-BREAK SPACE}") + "]"
            times = turn.words[first].start_ms, turn.words[last].end_ms
            opens = turn.words[first].paragraph
            words.append(Word(text, *_both_or_neither(*times), heard=False, paragraph=opens))
        upto = last + 1
    return replace(turn, words=tuple(words), doubts=tuple(_moved(turn.doubts, places)))


def _both_or_neither(start_ms: int | None, end_ms: int | None) -> tuple[int | None, int | None]:
    """Give the times of words of which only some may have any."""
    return (None, None) if start_ms is None or end_ms is None else (start_ms, max(start_ms, end_ms))


def _moved(doubts: Iterable[Doubt], places: Sequence[int | None]) -> Iterator[Doubt]:
    for doubt in doubts:
        kept = [place for place in places[doubt.first_word : doubt.last_word + 1] if place is not None]
        if kept:
            yield replace(doubt, first_word=kept[0], last_word=kept[-1])


def _notice(msgid: str, since: datetime, language: str | None) -> str:
    day = format_date(since.date(), format="long", locale=_ours(language))
    return _say(msgid, language, day=day)


def _say(msgid: str, language: str | None, **values: str) -> str:
    return translate(Message(msgid, values), _ours(language))


def _ours(language: str | None) -> str:
    return language if language in LANGUAGES else LANGUAGES[0]
