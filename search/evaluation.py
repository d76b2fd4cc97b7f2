"""Evaluate a Whoosh query tree over a snapshot: which documents match, and how well.

Whoosh's own trees, and its BM25, over whole arrays of postings where Whoosh walks matchers one
document at a time; a test holds the two equal. Words that are all required, and words excluded,
may stand in different passages of a turn, so conjunctions are joined by turn; where every turn
is one passage that is what Whoosh does. Whoosh's AndNot returns an excluded document now and
then; this one does not.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray
from whoosh import query

from search.engine.arrays import (
    NO_DOCUMENTS,
    NO_SCORES,
    Documents,
    Scores,
    among,
    meet,
    spread,
    unite,
    unite_best,
)
from search.engine.phrases import find_row
from search.engine.postings import Postings
from search.engine.segments import LENGTHS
from search.schema import NAMES, NUMBERS, SCORED
from search.snapshot import Mask, Snapshot

K1 = 1.2
B = 0.75
MAX_EXPANSIONS = 512  # terms that one prefix stands for in a segment, the most frequent ones
LOWEST, HIGHEST = -(1 << 31), (1 << 32) - 1  # of any number column

Found = tuple[Documents, Scores]
NOTHING: Found = NO_DOCUMENTS, NO_SCORES


@dataclass(frozen=True, slots=True)
class Matches:
    """Documents that match, deleted ones left out, and their scores."""

    documents: Documents
    scores: Scores
    partial: bool  # cut short by the time limit, or by the number of terms of a prefix


def evaluate(
    tree: query.Query,
    snapshot: Snapshot,
    deadline: float = float("inf"),
    clock: Callable[[], float] = time.monotonic,
) -> Matches:
    """Find the documents of a snapshot that match a tree, until the deadline of a monotonic clock."""
    evaluator = _Evaluator(snapshot, deadline, clock)
    documents, scores = evaluator.find(tree, None)
    if snapshot.has_dead:
        alive = snapshot.live[documents]
        documents, scores = documents[alive], scores[alive]
    return Matches(documents, scores, evaluator.partial)


class _Evaluator:
    """One evaluation: its clock, and what it has run out of.

    `within` is None, or the only documents that matter, with every passage of their turns.
    """

    def __init__(self, snapshot: Snapshot, deadline: float, clock: Callable[[], float]) -> None:
        self._snapshot = snapshot
        self._size = len(snapshot.columns)
        self._deadline = deadline
        self._clock = clock
        self._is_stopped = False
        self.partial = False

    def find(self, tree: query.Query, within: Documents | None) -> Found:
        """Find what matches a tree."""
        if self._is_late():
            return NOTHING
        match tree:
            case query.Term():
                return self._find_term(tree, within)
            case query.Phrase():
                return self._find_phrase(tree, within)
            case query.Prefix():
                return self._find_prefix(tree, within)
            case query.And():
                return _boosted(self._find_all(tree.subqueries, within), tree.boost)
            case query.Or():
                return _boosted(self._find_any(tree.subqueries, within), tree.boost)
            case query.DisjunctionMax():
                found = [self.find(branch, within) for branch in tree.subqueries]
                return _boosted(unite_best(found, self._size) if found else NOTHING, tree.boost)
            case query.AndMaybe():
                return self._find_maybe(tree, within)
            case query.AndNot():
                return self._without(self.find(tree.a, within), tree.b)
            case query.Not():
                return self._without(self._constant(self._everything(within)), tree.query)
            case query.ConstantScoreQuery():
                return self._constant(self.find(tree.child, within)[0], tree.score)
            case query.NumericRange():
                return self._find_numbers(tree, within)
            case query.Every():
                return self._constant(self._everything(within), tree.boost)
        if tree is query.NullQuery:
            return NOTHING
        raise TypeError(f"no evaluation of {tree!r}")

    def _find_term(self, tree: query.Term, within: Documents | None) -> Found:
        if tree.fieldname in NAMES:
            mask = self._snapshot.name_mask(tree.fieldname, frozenset([tree.text]))
            return self._narrow(mask, within, tree.boost)
        if tree.fieldname in NUMBERS:
            number = int(tree.text)
            return self._narrow(self._snapshot.mask_of(tree.fieldname, number, number), within, tree.boost)
        held = self._snapshot.postings(tree.fieldname, tree.text)
        documents, counts = held.documents, held.counts
        if within is not None:
            here, _ = meet(documents, within, self._size)
            documents, counts = documents[here], counts[here]
        return documents, self._score(tree.fieldname, held, documents, counts, tree.boost)

    def _find_phrase(self, tree: query.Phrase, within: Documents | None) -> Found:
        words = [self._snapshot.postings(tree.fieldname, word) for word in tree.words]
        if len(words) == 1:
            return self._find_term(query.Term(tree.fieldname, tree.words[0], tree.boost), within)
        if not words or not all(len(word.documents) for word in words):
            return NOTHING
        documents = find_row(words, tree.slop, within, self._size)
        scores = np.zeros(len(documents), np.float32)
        for word in words:  # as Whoosh: by the words of it
            _, at = meet(documents, word.documents, self._size)
            scores += self._score(tree.fieldname, word, documents, word.counts[at], tree.boost)
        return documents, scores

    def _find_prefix(self, tree: query.Prefix, within: Documents | None) -> Found:
        documents, is_whole = self._snapshot.postings_of_prefix(tree.fieldname, tree.text, MAX_EXPANSIONS)
        self.partial |= not is_whole
        if within is not None:
            documents = documents[among(documents, within, self._size)]
        return self._constant(documents, tree.boost)

    def _find_numbers(self, tree: query.NumericRange, within: Documents | None) -> Found:
        low = LOWEST if tree.start is None else tree.start + bool(tree.startexcl)
        high = HIGHEST if tree.end is None else tree.end - bool(tree.endexcl)
        return self._narrow(self._snapshot.mask_of(tree.fieldname, low, high), within, tree.boost)

    def _find_all(self, trees: Sequence[query.Query], within: Documents | None) -> Found:
        """Find what matches every tree in some passage of the same turn; the rarest is looked for first."""
        excluded = [tree.query for tree in trees if isinstance(tree, query.Not)]
        required = [tree for tree in trees if not isinstance(tree, query.Not)]
        parts: list[Found] = []
        for tree in sorted(required, key=self._estimate):
            parts.append(self.find(tree, within))
            within = self._with_turns(parts[-1][0])
            if not len(within):
                return NOTHING
        found = self._gather(parts, within) if parts and within is not None else self._all_unscored(within)
        for tree in excluded:
            documents, scores = self._without(found, tree)
            found = documents, scores + np.float32(1)  # as Whoosh scores what is not there
        return found

    def _gather(self, parts: Sequence[Found], within: Documents) -> Found:
        """Add the scores of each part in the documents `within`; those in none of the parts are left out."""
        if len(parts) == 1:
            return parts[0]
        summed, held = np.zeros(len(within), np.float32), np.zeros(len(within), np.bool_)
        for documents, scores in parts:
            at, here = meet(within, documents, self._size)
            summed[at] += scores[here]
            held[at] = True
        return (within, summed) if held.all() else (within[held], summed[held])

    def _find_any(self, trees: Sequence[query.Query], within: Documents | None) -> Found:
        return unite([self.find(tree, within) for tree in trees] or [NOTHING], self._size)

    def _find_maybe(self, tree: query.AndMaybe, within: Documents | None) -> Found:
        documents, scores = self.find(tree.a, within)
        if not len(documents):
            return NOTHING
        others, more = self.find(tree.b, self._with_turns(documents))
        here, there = meet(documents, others, self._size)
        scores = scores.copy()
        scores[here] += more[there]
        return documents, scores

    def _without(self, found: Found, tree: query.Query) -> Found:
        """Leave out the turns that match a tree in any of their passages; nothing is left when late."""
        documents, scores = found
        if not len(documents):
            return NOTHING
        excluded = self._with_turns(self.find(tree, self._with_turns(documents))[0])
        if self._is_late():
            return NOTHING
        kept = ~among(documents, excluded, self._size)
        return documents[kept], scores[kept]

    def _with_turns(self, documents: Documents) -> Documents:
        """List every passage of the turns of these documents."""
        snapshot = self._snapshot
        if snapshot.turns_are_passages or not len(documents):
            return documents
        turns = snapshot.turn_numbers[documents]
        turns = turns[np.flatnonzero(np.diff(turns, prepend=-1))]
        begins, ends = snapshot.turn_begins[turns], snapshot.turn_begins[turns + 1]
        return spread(begins, ends - begins)

    def _all_unscored(self, within: Documents | None) -> Found:
        documents = self._everything(within)
        return documents, np.zeros(len(documents), np.float32)

    def _everything(self, within: Documents | None) -> Documents:
        return np.arange(self._size, dtype=np.int32) if within is None else within

    def _narrow(self, mask: Mask, within: Documents | None, boost: float) -> Found:
        documents = np.flatnonzero(mask).astype(np.int32) if within is None else within[mask[within]]
        return self._constant(documents, boost)

    def _constant(self, documents: Documents, score: float = 1.0) -> Found:
        return documents, np.full(len(documents), score, np.float32)

    def _score(
        self, field: str, held: Postings, documents: Documents, counts: NDArray[np.uint16], boost: float
    ) -> Scores:
        """Score by BM25; a field of which no lengths are kept, by how many times the term is there."""
        times = counts.astype(np.float32)
        if field not in SCORED or not len(documents):  # none: an index may hold nothing but what is gone
            return times * np.float32(boost)
        rarity = log(self._size / (len(held.documents) + 1)) + 1
        weight = np.float32(boost * rarity * (K1 + 1))
        lengths = self._snapshot.columns.lengths[field][documents]
        damping = K1 * (1 - B + B * LENGTHS / self._snapshot.mean_length(field))
        return np.asarray(weight * times / (times + damping.astype(np.float32)[lengths]), np.float32)

    def _estimate(self, tree: query.Query) -> int:
        """Estimate how many documents match, to look for the rarest first."""
        match tree:
            case query.Term() if tree.fieldname not in NAMES and tree.fieldname not in NUMBERS:
                return self._snapshot.frequency(tree.fieldname, tree.text)
            case query.Phrase():
                return min((self._snapshot.frequency(tree.fieldname, word) for word in tree.words), default=0)
            case query.And():
                return min(map(self._estimate, tree.subqueries), default=0)
            case query.Or() | query.DisjunctionMax():
                return sum(map(self._estimate, tree.subqueries))
            case query.AndMaybe() | query.AndNot():
                return self._estimate(tree.a)
            case query.ConstantScoreQuery():
                return self._estimate(tree.child)
        return self._size

    def _is_late(self) -> bool:
        if not self._is_stopped and self._clock() > self._deadline:
            self.partial = self._is_stopped = True
        return self._is_stopped


def _boosted(found: Found, boost: float) -> Found:
    return found if boost == 1 else (found[0], found[1] * np.float32(boost))
