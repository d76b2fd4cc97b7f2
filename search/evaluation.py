"""Evaluate a Whoosh query tree over a snapshot: which documents match, and how well.

One function, so that how postings are walked can change without the rest. Postings are read by
Whoosh's own matchers; scores are BM25 as Whoosh's, computed over arrays. Words that are all
required may stand in different passages of a turn, so a conjunction is joined by turn, which no
matcher of Whoosh's does.
"""

import time
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import islice, product
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh import query
from whoosh.reading import TermNotFound

from search.query import MAX_PATHS, Clause, Path
from search.schema import TEXT
from search.snapshot import Snapshot

K1 = 1.2
B = 0.75
CHECK_EVERY = 256  # postings between two looks at the clock
SKIP_WHERE_FEWER = 8  # times fewer candidates than postings: skipping pays

Documents = NDArray[np.int64]  # ascending
Scores = NDArray[np.float32]
Found = tuple[Documents, Scores]


@dataclass(frozen=True, slots=True)
class Matches:
    """Documents that match, deleted ones left out, and their scores."""

    documents: Documents
    scores: Scores
    partial: bool  # the time limit cut the evaluation short


def build_tree(clauses: Sequence[Clause]) -> query.Query:
    """Build the query tree of clauses that are all required."""
    return query.And([_any_of([_row(path) for path in clause.paths]) for clause in clauses])


def evaluate(
    tree: query.Query,
    snapshot: Snapshot,
    deadline: float = float("inf"),
    clock: Callable[[], float] = time.monotonic,
) -> Matches:
    """Find the documents of a snapshot that match a tree, until the deadline of a monotonic clock."""
    with snapshot.borrow_readers() as readers:
        evaluator = _Evaluator(snapshot, readers, deadline, clock)
        documents, scores = evaluator.find(tree, None)
    alive = snapshot.live[documents]
    return Matches(documents[alive], scores[alive], evaluator.partial)


def _any_of(trees: Sequence[query.Query]) -> query.Query:
    return trees[0] if len(trees) == 1 else query.DisjunctionMax(list(trees))


def _row(path: Path) -> query.Query:
    rows = [list(row) for row in islice(product(*path), MAX_PATHS)]
    return _any_of([query.Term(TEXT, row[0]) if len(row) == 1 else query.Phrase(TEXT, row) for row in rows])


class _Evaluator:
    """One evaluation: its readers, its clock, and what it has run out of."""

    def __init__(
        self, snapshot: Snapshot, readers: Sequence[Any], deadline: float, clock: Callable[[], float]
    ) -> None:
        self._snapshot = snapshot
        self._readers = readers
        self._deadline = deadline
        self._clock = clock
        self.partial = False

    def find(self, tree: query.Query, within: Documents | None) -> Found:
        """Find what matches, at least of the documents `within`."""
        if isinstance(tree, query.Term):
            return self._find_row([tree.text], within)
        if isinstance(tree, query.Phrase):
            return self._find_row(tree.words, within)
        if isinstance(tree, query.DisjunctionMax):
            return reduce(_unite, (self.find(branch, within) for branch in tree.subqueries))
        if isinstance(tree, query.And):
            return self._find_all(tree.subqueries, within)
        raise TypeError(f"no evaluation of {tree!r}")

    def _find_all(self, trees: Sequence[query.Query], within: Documents | None) -> Found:
        """Find what matches every tree in some passage of the same turn; the rarest is looked for first."""
        if len(trees) == 1:
            return self.find(trees[0], within)
        turns = self._snapshot.turn_numbers
        kept = np.ones(int(turns[-1]) + 1 if len(turns) else 0, np.bool_)
        found = []
        for tree in sorted(trees, key=self._count):
            documents, scores = self.find(tree, within)
            found.append((documents, scores))
            these = np.zeros_like(kept)
            these[turns[documents[self._snapshot.live[documents]]]] = True
            kept &= these
            within = np.flatnonzero(kept[turns])
        summed = np.zeros(len(turns), np.float32)
        for documents, scores in found:
            summed[documents] += scores
        matching = np.flatnonzero(kept[turns] & (summed > 0))
        return matching, summed[matching]

    def _find_row(self, words: Sequence[str], within: Documents | None) -> Found:
        """Find a word, or words in a row, segment by segment."""
        terms = [word.encode() for word in words]
        documents, counts = [], []
        for offset, part, reader in zip(
            self._snapshot.offsets, self._snapshot.parts, self._readers, strict=True
        ):
            wanted = None
            if within is not None:
                low, high = np.searchsorted(within, [offset, offset + len(part)])
                wanted = within[low:high] - offset
            here, times = self._walk(reader, terms, wanted)
            documents.append(np.frombuffer(here, np.int64) + offset)
            counts.append(np.frombuffer(times, np.float32))
        held = np.concatenate([np.empty(0, np.int64), *documents])
        return held, self._score(terms, held, np.concatenate([np.empty(0, np.float32), *counts]))

    def _walk(
        self, reader: Any, terms: Sequence[bytes], wanted: Documents | None
    ) -> "tuple[array[int], array[float]]":
        """Walk the postings of one segment: documents, and how many times the row stands in each."""
        documents, counts = array("q"), array("f")
        try:
            matchers = [_postings(reader, term) for term in terms]
        except TermNotFound:
            return documents, counts
        rarest, lead = min(((reader.doc_frequency(TEXT, term), at) for at, term in enumerate(terms)))
        if len(matchers) > 1:
            self._walk_row(matchers, matchers[lead], documents, counts)
        elif wanted is not None and len(wanted) * SKIP_WHERE_FEWER < rarest:
            self._walk_wanted(matchers[0], wanted.tolist(), documents, counts)
        else:
            self._walk_term(matchers[0], documents, counts)
        return documents, counts

    def _walk_term(self, matcher: Any, documents: "array[int]", counts: "array[float]") -> None:
        steps = 0
        while matcher.is_active() and not self._is_late(steps):
            documents.append(matcher.id())
            counts.append(matcher.weight())
            matcher.next()
            steps += 1

    def _walk_wanted(
        self, matcher: Any, wanted: Sequence[int], documents: "array[int]", counts: "array[float]"
    ) -> None:
        for step, document in enumerate(wanted):
            if not matcher.is_active() or self._is_late(step):
                return
            matcher.skip_to(document)
            if matcher.is_active() and matcher.id() == document:
                documents.append(document)
                counts.append(matcher.weight())

    def _walk_row(
        self, matchers: Sequence[Any], lead: Any, documents: "array[int]", counts: "array[float]"
    ) -> None:
        """Leap, led by the rarest word, to each document that holds every word, and count the rows in it."""
        others = [matcher for matcher in matchers if matcher is not lead]
        steps = 0
        while lead.is_active() and not self._is_late(steps):
            steps += 1
            document = lead.id()
            for other in others:
                if other.id() < document:
                    other.skip_to(document)
                    if not other.is_active():
                        return
                if other.id() > document:
                    lead.skip_to(other.id())
                    break
            else:
                if times := _count_rows([matcher.value() for matcher in matchers]):
                    documents.append(document)
                    counts.append(times)
                lead.next()

    def _score(self, terms: Sequence[bytes], documents: Documents, counts: Scores) -> Scores:
        total = len(self._snapshot.columns)
        rarity = sum(log(total / (self._frequency(term) + 1)) + 1 for term in terms)
        lengths = self._snapshot.columns.lengths[documents] / (self._snapshot.mean_length or 1)
        return np.asarray(rarity * counts * (K1 + 1) / (counts + K1 * (1 - B + B * lengths)), np.float32)

    def _count(self, tree: query.Query) -> int:
        """Estimate how many documents match."""
        if isinstance(tree, query.Term):
            return self._frequency(tree.text.encode())
        if isinstance(tree, query.Phrase):
            return min(self._frequency(word.encode()) for word in tree.words)
        return sum(self._count(branch) for branch in tree.subqueries)

    def _frequency(self, term: bytes) -> int:
        return sum(reader.doc_frequency(TEXT, term) for reader in self._readers)

    def _is_late(self, step: int) -> bool:
        if step % CHECK_EVERY == 0 and self._clock() > self._deadline:
            self.partial = True
        return self.partial


def _postings(reader: Any, term: bytes) -> Any:
    # Not `reader.postings`, which filters deleted documents one by one: a mask does that at the end.
    return reader._terms.matcher(TEXT, term, reader.schema[TEXT].format)


def _count_rows(packed: Sequence[bytes]) -> int:
    """Count the places where positions follow one another."""
    places = set(array("H", packed[0]))
    for step, values in enumerate(packed[1:], 1):
        places.intersection_update([place - step for place in array("H", values)])
        if not places:
            return 0
    return len(places)


def _unite(one: Found, other: Found) -> Found:
    """Unite what two trees found; a document found twice keeps its better score."""
    documents = np.union1d(one[0], other[0])
    scores = np.zeros(len(documents), np.float32)
    for found, found_scores in (one, other):
        at = np.searchsorted(documents, found)
        scores[at] = np.maximum(scores[at], found_scores)
    return documents, scores
