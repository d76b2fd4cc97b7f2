"""Which segments to merge: those of about one size once too many have gathered, and mostly dead ones.

Sizes grow by eight, so that a passage is rewritten a few times at most, whatever the number of
changes. How many passages a merge may rewrite is limited by who waits for it.
"""

from collections.abc import Iterable
from typing import Any

MAX_SEGMENTS_A_SIZE = 8
SIZES = (512, 4_096, 32_768)  # passages alive; segments of one size are merged together
MAX_MERGED_IN_PASSING = 2_000  # passages rewritten while a change waits to be found
# And with none waiting: the next may wait for about a second. So no segment is made larger than twice
# this: once most of it is dead, it can still be merged.
MAX_MERGED_WHEN_IDLE = 60_000
MAX_SEGMENT_PASSAGES = 2 * MAX_MERGED_WHEN_IDLE  # of a rebuild: what is inverted in memory at once


def choose_merge(segments: Iterable[Any], max_merged: int) -> list[Any]:
    """Choose segments to merge into one, of at most so many passages in all; none where none need it."""
    sizes: dict[int, list[tuple[int, bool, Any]]] = {}
    for segment in segments:
        alive = segment.doc_count_all() - segment.deleted_count()
        size = sum(alive > limit for limit in SIZES)
        sizes.setdefault(size, []).append((alive, segment.deleted_count() > alive, segment))
    for size, held in sorted(sizes.items()):
        is_many = len(held) > MAX_SEGMENTS_A_SIZE and size < len(SIZES)
        chosen = held if is_many else [one for one in held if one[1]]
        while chosen and sum(alive for alive, _, _ in chosen) > max_merged:
            chosen = sorted(chosen, key=lambda one: one[0])[:-1]
        if len(chosen) > 1 or any(is_dead for _, is_dead, _ in chosen):
            return [segment for _, _, segment in chosen]
    return []
