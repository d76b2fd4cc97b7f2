"""The machine's words against those that people left: how many were wrong, and what was put for what.

Only turns that somebody has read are compared, each with the machine's words of its stretch of
audio, so that the cost is that of the turn. Case and punctuation are no errors; accents are.
Word error: words substituted, left out and added, over the words that people left (the NIST
measure). Pure.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein, Opcode

from media.transcript import Transcript, TurnKind, TurnState, Word
from media.transcripts import StoredTurn
from media.volunteering.frequent import FREQUENT
from media.volunteering.writing import ends_sentence, fold, identify, is_number, looks_like_name, take_apart

MAX_REPLACED = 3  # words on either side of what teaches a term
MAX_FORM = 80  # characters
MIN_TERM = 3  # letters


@dataclass(frozen=True, slots=True)
class Compared:
    """What was found in an episode."""

    tallies: dict[str, tuple[int, int]]  # speaker's name, "" unnamed: words left, errors
    replaced: Counter[tuple[str, str]]  # what was heard, what was written


def compare_episode(machine: Transcript | None, turns: Iterable[StoredTurn]) -> Compared:
    """Compare an episode's read turns with its machine's first transcript."""
    tallies: dict[str, tuple[int, int]] = {}
    replaced: Counter[tuple[str, str]] = Counter()
    heard = [] if machine is None else _timed_words(machine)
    middles = [_middle(word) for word in heard]
    for held in turns:
        turn = held.turn
        if not heard or turn.kind is not TurnKind.SPEECH or turn.state is TurnState.MACHINE:
            continue
        if turn.start_ms is None or turn.end_ms is None or not turn.words:
            continue
        first, last = bisect_left(middles, turn.start_ms), bisect_left(middles, turn.end_ms + 1)
        errors, pairs = compare_words(heard[first:last], turn.words)
        name = (held.voice.name or "") if held.voice else ""
        words, wrong = tallies.get(name, (0, 0))
        tallies[name] = (words + len(_spoken(turn.words)), wrong + errors)
        replaced.update(pairs)
    return Compared(tallies, replaced)


def compare_words(heard: Sequence[Word], left: Sequence[Word]) -> tuple[int, list[tuple[str, str]]]:
    """Count the errors of the words heard, and list the names that were put in place of others."""
    before, after = _spoken(heard), _spoken(left)
    matches = Levenshtein.opcodes(
        [identify(take_apart(word.text).core) for word in before],
        [identify(take_apart(word.text).core) for word in after],
    )
    errors = 0
    pairs: list[tuple[str, str]] = []
    for block in _joined(matches):
        errors += max(block[1] - block[0], block[3] - block[2])
        if pair := _read_pair(before[block[0] : block[1]], after[block[2] : block[3]], after, block[2]):
            pairs.append(pair)
    return errors, pairs


def _joined(matches: Iterable[Opcode]) -> Iterator[tuple[int, int, int, int]]:
    """Join the edits that touch: « moo flow » for « MoveFlow » is one replacement."""
    held: tuple[int, int, int, int] | None = None
    for code in matches:
        if code.tag == "equal":
            if held is not None:
                yield held
            held = None
            continue
        first = held or (code.src_start, code.src_end, code.dest_start, code.dest_end)
        held = (first[0], code.src_end, first[2], code.dest_end)
    if held is not None:
        yield held


def _read_pair(
    heard: Sequence[Word], written: Sequence[Word], all_written: Sequence[Word], at: int
) -> tuple[str, str] | None:
    """Read what a replacement teaches: nothing, unless a name or a rare word was put for other words."""
    if not (1 <= len(heard) <= MAX_REPLACED and 1 <= len(written) <= MAX_REPLACED):
        return None
    cores = [take_apart(word.text).core for word in written]
    begins = at == 0 or ends_sentence(all_written[at - 1].text)
    if not any(_teaches(core, begins_sentence=begins and not place) for place, core in enumerate(cores)):
        return None
    wrong = " ".join(identify(take_apart(word.text).core) for word in heard)[:MAX_FORM]
    right = " ".join(cores)[:MAX_FORM]
    return wrong, right


def _teaches(core: str, *, begins_sentence: bool) -> bool:
    folded = fold(core)
    if len(folded) < MIN_TERM or folded in FREQUENT or is_number(core):
        return False
    return looks_like_name(core, begins_sentence=begins_sentence)


def _spoken(words: Sequence[Word]) -> list[Word]:
    return [word for word in words if take_apart(word.text).core]


def _timed_words(machine: Transcript) -> list[Word]:
    words = [word for turn in machine.turns for word in turn.words if word.start_ms is not None]
    return sorted(words, key=_middle)


def _middle(word: Word) -> int:
    return ((word.start_ms or 0) + (word.end_ms or 0)) // 2
