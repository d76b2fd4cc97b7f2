"""What of an episode is worth a volunteer's minute: its doubts, each with its likely gain.

Pure: turns and what is known of words in, doubts out. A word is asked about when the recogniser
was unsure of it and it matters (a name, a number, a rare word); little words are not. What
somebody has read is asked about no more, but for what people marked themselves.
A fingerprint names a doubt by its place in the audio and its words, so that an answer given once
holds after the episode is surveyed again, its turns split, merged or corrected elsewhere.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import log

from media.transcript import DoubtKind, Turn, TurnKind, TurnState, Word
from media.transcripts import Attribution, StoredTurn, Voice
from media.volunteering.frequent import FREQUENT
from media.volunteering.near import Terms, find_near_misses
from media.volunteering.writing import (
    ends_sentence,
    fold,
    identify,
    is_number,
    looks_like_name,
    take_apart,
)


class Kind(StrEnum):
    """Why somebody is asked."""

    MARKED = "marked"  # a person wrote « ??? »
    DISCUSSED = "discussed"  # a reviewer returned it
    LOOP = "loop"  # the recogniser repeated itself
    UNHEARD = "unheard"  # words where no speech was detected
    UNPLACED = "unplaced"  # words of a published text that nobody was heard to say
    NEAR = "near"  # nearly a term of the glossary
    NAME = "name"  # the recogniser was unsure of these three
    NUMBER = "number"
    RARE = "rare"
    SPEAKER = "speaker"  # a voice that nobody has named


GAINS = {
    Kind.MARKED: 90.0,
    Kind.DISCUSSED: 95.0,
    Kind.LOOP: 80.0,
    Kind.UNHEARD: 55.0,
    Kind.UNPLACED: 65.0,
    Kind.NEAR: 75.0,
    Kind.NAME: 60.0,
    Kind.NUMBER: 50.0,
    Kind.RARE: 45.0,
    Kind.SPEAKER: 70.0,
}
COSTS_S = {  # what an answer takes, heard twice
    Kind.MARKED: 30,
    Kind.DISCUSSED: 30,
    Kind.LOOP: 40,
    Kind.UNHEARD: 25,
    Kind.UNPLACED: 40,
    Kind.NEAR: 15,
    Kind.NAME: 20,
    Kind.NUMBER: 20,
    Kind.RARE: 20,
    Kind.SPEAKER: 25,
}
UNSURE = 0.6  # the recogniser's probability below which a word may be asked about
MIN_RARITY = 0.45
MAX_UNSURE_SHARE = 0.05  # of an episode's words: more is not a doubt but a bad recording
MIN_UNSURE, MAX_UNSURE = 20, 80  # asked about of an episode, however short or long
MAX_RUN = 4  # words asked about at once
RUN_BONUS = 0.15  # of its gain, for each more word of a run
PRIOR_EPISODES = 50  # an archive of few episodes knows little of what is rare
MIN_VOICE_MS = 5_000
SAMPLE_WORDS = 12  # said by a voice, enough to know it by
MAX_WORDS_KEPT = 400  # characters
FINGERPRINT_LENGTH = 120

_MARKS = {
    DoubtKind.LOOP: Kind.LOOP,
    DoubtKind.UNHEARD: Kind.UNHEARD,
    DoubtKind.UNPLACED: Kind.UNPLACED,
    DoubtKind.MARKED: Kind.MARKED,
    DoubtKind.DISCUSSED: Kind.DISCUSSED,
}
_MACHINE = {DoubtKind.LOOP, DoubtKind.UNHEARD, DoubtKind.UNPLACED}


@dataclass(frozen=True, slots=True)
class FoundDoubt:
    """Words of a turn, or its voice, that somebody should hear."""

    turn_id: int
    kind: Kind
    first_word: int
    last_word: int  # inclusive
    words: str
    hint: str | None
    gain: float
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What is known of words: the show's terms, and in how many episodes each word is said."""

    terms: Terms
    spread: Mapping[str, int]
    episodes: int

    def rarity(self, core: str) -> float:
        """Say how rare a word is, from 0 (in every episode, or a little word) to 1."""
        folded = fold(core)
        if len(folded) < 3 or folded in FREQUENT or folded.rstrip("s") in FREQUENT:
            return 0.0
        episodes = max(self.episodes, PRIOR_EPISODES)
        said = max(1, min(self.spread.get(folded, 1), episodes))  # 0: of a word just written
        return 1.0 - log(said) / log(episodes + 1)


def find_doubts(turns: Sequence[StoredTurn], lexicon: Lexicon) -> list[FoundDoubt]:
    """Find an episode's doubts, those with the most to gain first; of any that overlap, the first."""
    timed = [held for held in turns if held.turn.kind is TurnKind.SPEECH and held.turn.start_ms is not None]
    found = [doubt for held in timed for doubt in _marked(held)]
    found += [doubt for held in timed for doubt in _near(held, lexicon)]
    unsure = sorted((doubt for held in timed for doubt in _unsure(held, lexicon)), key=_by_gain)
    words = sum(len(held.turn.words) for held in timed)
    found += unsure[: min(MAX_UNSURE, max(MIN_UNSURE, int(words * MAX_UNSURE_SHARE)))]
    found += find_voices(timed)
    return _without_overlaps(sorted(found, key=_by_gain))


def find_voices(turns: Sequence[StoredTurn]) -> list[FoundDoubt]:
    """Find the voices that nobody has named, each in a turn that is enough to know it by."""
    spoken: dict[int, int] = {}
    samples: dict[int, tuple[int, StoredTurn, Voice]] = {}
    for held in turns:
        voice, turn = held.voice, held.turn
        if voice is None or voice.attribution is not Attribution.NONE:
            continue
        spoken[voice.id] = spoken.get(voice.id, 0) + _length_ms(turn)
        telling = min(len(turn.words), SAMPLE_WORDS)
        if voice.id not in samples or telling > samples[voice.id][0]:
            samples[voice.id] = (telling, held, voice)
    total = sum(_length_ms(held.turn) for held in turns) or 1
    return [
        FoundDoubt(
            held.id,
            Kind.SPEAKER,
            0,
            len(held.turn.words) - 1,
            _keep(held.turn.words),
            voice.name,
            GAINS[Kind.SPEAKER] * (0.6 + 0.4 * spoken[voice.id] / total),
            f"voice:{voice.number}",
        )
        for _, held, voice in samples.values()
        if spoken[voice.id] >= MIN_VOICE_MS
    ]


def name_doubt(family: str, turn: Turn, turn_id: int, first_word: int, last_word: int) -> str:
    """Make the fingerprint of a doubt: its family, its moment, its words."""
    words = turn.words[first_word : last_word + 1]
    start_ms = words[0].start_ms if words else None
    place = f"t{turn_id}.{first_word}" if start_ms is None else str(start_ms)
    said = " ".join(identify(take_apart(word.text).core) for word in words)
    return f"{family}:{place}:{said}"[:FINGERPRINT_LENGTH]


def name_place(fingerprint: str) -> str:
    """Name the words and the moment of a doubt, whatever makes it one."""
    return fingerprint.partition(":")[2]


def _marked(held: StoredTurn) -> Iterator[FoundDoubt]:
    count = len(held.turn.words)
    for doubt in held.turn.doubts:
        if doubt.first_word >= count:
            continue
        if held.turn.state is TurnState.VALIDATED and doubt.kind in _MACHINE:
            continue
        kind = _MARKS[doubt.kind]
        yield _found(held, kind, doubt.first_word, min(doubt.last_word, count - 1), GAINS[kind], str(kind))


def _near(held: StoredTurn, lexicon: Lexicon) -> Iterator[FoundDoubt]:
    if held.turn.state is TurnState.VALIDATED:
        return
    for miss in find_near_misses(held.turn.words, lexicon.terms, lexicon.rarity):
        if held.turn.state is TurnState.READ and not miss.is_recorded:
            continue
        doubt = _found(
            held, Kind.NEAR, miss.first_word, miss.last_word, GAINS[Kind.NEAR] * miss.likeness, "unsure"
        )
        yield replace(doubt, hint=miss.spelling)


def _unsure(held: StoredTurn, lexicon: Lexicon) -> Iterator[FoundDoubt]:
    """Find runs of unsure words that matter; a run may hold unsure little words, not begin with one."""
    if held.turn.state is not TurnState.MACHINE:
        return
    words = held.turn.words
    at = 0
    while at < len(words):
        weighed = _weigh(words, at, lexicon)
        if weighed is None:
            at += 1
            continue
        last, gains = at, [weighed]
        while (
            last + 1 < len(words) and last - at + 1 < MAX_RUN and (more := _weigh(words, last + 1, lexicon))
        ):
            last += 1
            gains.append(more)
        kind, best = max(gains, key=lambda held: held[1])
        gain = best * (1 + RUN_BONUS * (len(gains) - 1))
        yield _found(held, kind, at, last, gain, "unsure")
        at = last + 1


def _weigh(words: Sequence[Word], at: int, lexicon: Lexicon) -> tuple[Kind, float] | None:
    """Say what an unsure word is and what hearing it may gain; None for one that is not worth it."""
    probability = words[at].probability
    core = take_apart(words[at].text).core
    if probability is None or probability >= UNSURE or not core:
        return None
    doubt = 1.0 - probability
    rarity = lexicon.rarity(core)
    if is_number(core):
        return Kind.NUMBER, GAINS[Kind.NUMBER] * doubt
    begins = at == 0 or ends_sentence(words[at - 1].text)
    if looks_like_name(core, begins_sentence=begins) and rarity > 0:
        return Kind.NAME, GAINS[Kind.NAME] * doubt
    return (Kind.RARE, GAINS[Kind.RARE] * doubt * rarity) if rarity >= MIN_RARITY else None


def _found(held: StoredTurn, kind: Kind, first: int, last: int, gain: float, family: str) -> FoundDoubt:
    fingerprint = name_doubt(family, held.turn, held.id, first, last)
    return FoundDoubt(
        held.id, kind, first, last, _keep(held.turn.words[first : last + 1]), None, gain, fingerprint
    )


def _keep(words: Iterable[Word]) -> str:
    return " ".join(word.text for word in words)[:MAX_WORDS_KEPT]


def _without_overlaps(doubts: Iterable[FoundDoubt]) -> list[FoundDoubt]:
    kept: list[FoundDoubt] = []
    taken: set[tuple[int, int]] = set()
    names: set[str] = set()
    for doubt in doubts:
        places = {(doubt.turn_id, word) for word in range(doubt.first_word, doubt.last_word + 1)}
        asks_words = doubt.kind is not Kind.SPEAKER
        if doubt.fingerprint in names or (asks_words and not taken.isdisjoint(places)):
            continue
        names.add(doubt.fingerprint)
        taken |= places if asks_words else set()
        kept.append(doubt)
    return kept


def _by_gain(doubt: FoundDoubt) -> tuple[float, int, int]:
    return -doubt.gain, doubt.turn_id, doubt.first_word


def _length_ms(turn: Turn) -> int:
    return max(0, (turn.end_ms or 0) - (turn.start_ms or 0))
