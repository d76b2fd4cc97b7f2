"""Sets of documents as ascending arrays of document numbers: where two meet, and their union.

Two ways for each: search the shorter in the longer where one is much shorter, else mark one in an
array over all documents. The first costs little for rare words, the second little for common ones.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Documents = NDArray[np.int32]  # ascending, each once
Scores = NDArray[np.float32]
Places = NDArray[np.intp]

SHORTER = 16  # times: searching pays
SPARSE = 32  # times fewer than all documents: sorting pays, marking does not

NO_DOCUMENTS: Documents = np.empty(0, np.int32)
NO_SCORES: Scores = np.empty(0, np.float32)


def meet(one: Documents, other: Documents, size: int) -> tuple[Places, Places]:
    """Find where the documents of both stand in each; `size` is above every document number."""
    if len(one) > len(other):
        there, here = meet(other, one, size)
        return here, there
    if len(one) * SHORTER < len(other):
        at = np.searchsorted(other, one)
        at[at == len(other)] = 0
        held = np.flatnonzero(other[at] == one)
        return held, at[held]
    marked = np.zeros(size, np.bool_)
    marked[other] = True
    here = np.flatnonzero(marked[one])
    marked[other] = False
    marked[one] = True
    return here, np.flatnonzero(marked[other])


def among(documents: Documents, wanted: Documents, size: int) -> NDArray[np.bool_]:
    """Tell which documents are wanted."""
    if len(documents) * SHORTER < len(wanted):
        if not len(documents):
            return np.empty(0, np.bool_)
        at = np.searchsorted(wanted, documents)
        at[at == len(wanted)] = 0
        return np.asarray(wanted[at] == documents)
    marked = np.zeros(size, np.bool_)
    marked[wanted] = True
    return marked[documents]


def unite(parts: Sequence[tuple[Documents, Scores]], size: int) -> tuple[Documents, Scores]:
    """Unite documents; the scores of one found several times are added."""
    if len(parts) == 1:
        return parts[0]
    if sum(len(documents) for documents, _ in parts) * SPARSE < size:
        documents = np.concatenate([NO_DOCUMENTS, *(documents for documents, _ in parts)])
        scores = np.concatenate([NO_SCORES, *(scores for _, scores in parts)])
        united, places = np.unique(documents, return_inverse=True)
        return united, np.bincount(places, scores, len(united)).astype(np.float32)
    summed, held = np.zeros(size, np.float32), np.zeros(size, np.bool_)
    for documents, scores in parts:
        summed[documents] += scores
        held[documents] = True
    united = _as_documents(np.flatnonzero(held))
    return united, summed[united]


def unite_best(parts: Sequence[tuple[Documents, Scores]], size: int) -> tuple[Documents, Scores]:
    """Unite documents; the best score of one found several times counts."""
    if len(parts) == 1:
        return parts[0]
    united = unite_documents([documents for documents, _ in parts], size)
    best = np.full(len(united), -np.inf, np.float32)
    for documents, scores in parts:
        at, _ = meet(united, documents, size)
        best[at] = np.maximum(best[at], scores)
    return united, best


def unite_documents(parts: Sequence[Documents], size: int) -> Documents:
    """Unite documents."""
    if len(parts) == 1:
        return parts[0]
    if sum(map(len, parts)) * SPARSE < size:
        return np.unique(np.concatenate([NO_DOCUMENTS, *parts]))
    held = np.zeros(size, np.bool_)
    for documents in parts:
        held[documents] = True
    return _as_documents(np.flatnonzero(held))


def spread(begins: NDArray[Any], counts: NDArray[Any]) -> NDArray[np.int32]:
    """List begin, begin + 1… for each begin, as many as its count."""
    ends = np.cumsum(counts, dtype=np.int32)
    steps = np.repeat(begins.astype(np.int32) - (ends - counts.astype(np.int32)), counts)
    return steps + np.arange(len(steps), dtype=np.int32)


def _as_documents(numbers: NDArray[Any]) -> Documents:
    return numbers.astype(np.int32)
