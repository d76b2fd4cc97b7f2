"""Example queries drawn from the archive itself, so that a first click finds something.

From the newest transcripts: a name that comes back, a long word, and two words in quotes that
are said together more than once. The lessons of the query language are made of the same words.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import Connection

from media.episodes import EpisodeStatus, list_episodes
from media.errors import N_, Message
from media.transcript import Turn, TurnKind
from media.transcripts import StoredTurn, list_turns

EPISODES_READ = 3
MIN_NAME_LETTERS = 4
MIN_LONG_LETTERS = 9
MIN_PAIR_LETTERS = 5
PREFIX_LETTERS = 5  # of a long word, enough to tell it from others
TRIMMED = '.,;:!?…«»"“”()[]–—\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}'
ELISION = re.compile(r"^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)['’]", re.IGNORECASE)
KEYWORDS = {"fr": ("OU", "SAUF", "intervenant", "après"), "en": ("OR", "NOT", "speaker", "after")}
# For an archive that says too little: words that most shows say.
USUAL = ("Paris", "association", '"logiciel libre"')


@dataclass(frozen=True, slots=True)
class Examples:
    """What can be asked of the archive as it is."""

    queries: tuple[str, ...]  # up to three, none where nothing is transcribed yet
    speaker: str | None  # somebody who speaks in it


@dataclass(frozen=True, slots=True)
class Lesson:
    """One rule of the query language, by an example."""

    query: str
    rule: Message


def find_examples(connection: Connection) -> Examples:
    """Choose examples from the newest transcripts."""
    latest = list_episodes(connection, statuses=[EpisodeStatus.READY], limit=EPISODES_READ)
    held = [stored for episode in latest for stored in list_turns(connection, episode.id)]
    return Examples(tuple(suggest_queries(stored.turn for stored in held)), _first_speaker(held))


def suggest_queries(turns: Iterable[Turn]) -> list[str]:
    """Choose up to three queries that turns answer, different in kind."""
    spoken = [[_bare(word.text) for word in turn.words] for turn in turns if turn.kind is TurnKind.SPEECH]
    names = Counter(word for words in spoken for word in words[1:] if _is_name(word))
    plain = Counter(word for words in spoken for word in words if _is_plain(word, MIN_LONG_LETTERS))
    pairs = Counter(pair for words in spoken for pair in _pairs(words))
    chosen: list[str] = []
    for counter in (names, plain, pairs):
        wanted = (text for text, _ in counter.most_common() if not _overlaps(text, chosen))
        if (text := next(wanted, None)) is not None:
            chosen.append(text)
    return chosen


def write_lessons(examples: Examples, language: str) -> list[Lesson]:
    """Teach the query language in a few examples, in the reader's own operators."""
    name, word, pair = examples.queries if len(examples.queries) == len(USUAL) else USUAL
    either, but, who, after = KEYWORDS[language]
    lessons = [
        Lesson(f"{name} {word}", Message(N_("both words, anywhere in what one person says"))),
        Lesson(pair, Message(N_("these very words, in this order"))),
        Lesson(f"{pair}~5", Message(N_("these words, within five words of each other"))),
        Lesson(f"{name} {either} {word}", Message(N_("one word or the other"))),
        Lesson(f"{name} {but} {word}", Message(N_("the first word, without the second"))),
        Lesson(f"{word[:PREFIX_LETTERS]}*", Message(N_("every word that begins so"))),
        Lesson(f"{name} {after}:2020", Message(N_("since that year, or that day: 2020-03-15"))),
    ]
    if examples.speaker is not None:
        wanted = f'{who}:"{examples.speaker}" {word}'
        lessons.append(Lesson(wanted, Message(N_("what this person says of it"))))
    return lessons


def _first_speaker(turns: Iterable[StoredTurn]) -> str | None:
    named = (stored.voice.name for stored in turns if stored.voice is not None)
    return next((name for name in named if name and '"' not in name), None)


def _bare(text: str) -> str:
    return ELISION.sub("", text.strip(TRIMMED))


def _is_name(word: str) -> bool:
    return len(word) >= MIN_NAME_LETTERS and word[0].isupper() and word[1:].islower()


def _is_plain(word: str, least: int) -> bool:
    return len(word) >= least and word.isalpha() and word.islower()


def _pairs(words: list[str]) -> Iterator[str]:
    for left, right in pairwise(words):
        if _is_plain(left, MIN_PAIR_LETTERS) and _is_plain(right, MIN_PAIR_LETTERS):
            yield f'"{left} {right}"'


def _overlaps(text: str, chosen: list[str]) -> bool:
    return any(word in other for word in text.strip('"').split() for other in chosen)
