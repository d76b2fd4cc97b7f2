"""What is asked, class by class; each engine says it in its own way."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from bench.search.speech import Spoken, list_expressions

QUERIES = 20  # of each class
SAMPLE = 4_000  # turns, for how common a word is
PAGE = 10
FILTER_DAYS = 1_100


@dataclass(frozen=True)
class Question:
    """One search: its words, how they are joined, and where."""

    words: tuple[str, ...]
    joined: str = "all"  # or "row", "any", "near", "prefix"
    speaker: str | None = None
    days: tuple[int, int] | None = None  # before the day of the bench, both included, the later last
    offset: int = 0
    facets: bool = False  # a peer counts them too; ours always does


def choose_questions(turns: Sequence[Spoken], vocabulary: Sequence[str]) -> dict[str, list[Question]]:
    """Choose the questions of each class by how common their words are in a sample of turns."""
    dice = random.Random(5)
    sample = [turn.text.lower().replace(",", "").replace(".", "").split() for turn in turns[:SAMPLE]]
    held = Counter(word for text in sample for word in set(text))
    rows = Counter(pair for text in sample for pair in pairwise(text))

    def between(low: float, high: float) -> list[str]:
        kept = (word for word in vocabulary if low * len(sample) <= held[word] <= high * len(sample))
        return [word for word in kept if len(word) > 3 and word.isalpha()]

    common, middling, rare = between(0.05, 0.30), between(0.01, 0.05), between(0.0002, 0.001)
    expressions = list_expressions(vocabulary)[20:1_000]
    usual = set(between(0.02, 0.9))
    in_rows = [pair for pair, _ in rows.most_common() if usual.issuperset(pair) and pair[0] != pair[1]]

    def times(words: Sequence[str], count: int = 1) -> list[tuple[str, ...]]:
        return [tuple(dice.sample(words, count)) for _ in range(QUERIES)]

    commonest = [Question(words) for words in times(common)]
    return {
        "rare word": [Question(words) for words in times(rare)],
        "common word": commonest,
        "two words": [Question(words) for words in times(middling, 2)],
        "phrase": [Question(tuple(words), "row") for words in dice.sample(expressions, QUERIES)],
        "phrase of common words": [Question(pair, "row") for pair in in_rows[:QUERIES]],
        "any of five": [Question(words, "any") for words in times([*common, *middling], 5)],
        "prefix": [Question((word[:5],), "prefix") for (word,) in times([w for w in middling if len(w) > 6])],
        "nearness": [Question(words, "near") for words in times(middling, 2)],
        "filtered": [
            Question(words, speaker=dice.choice(turns).speaker, days=(500, 500 + FILTER_DAYS))
            for words in times(common)
        ],
        "facet counts": [Question(words, facets=True) for words in times(middling)],
        "page 20": [Question(question.words, offset=19 * PAGE) for question in commonest],
    }
