"""Where a term stands in the documents of a segment."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.engine.arrays import NO_DOCUMENTS, Documents


class Postings(NamedTuple):
    """Where a term stands: in which documents, how many times, and at which positions."""

    documents: Documents
    counts: NDArray[np.uint16]
    positions: NDArray[np.uint16] | None  # of each document in turn, ascending; None where not kept


NO_POSTINGS = Postings(NO_DOCUMENTS, np.empty(0, np.uint16), np.empty(0, np.uint16))
