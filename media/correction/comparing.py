"""What differs between two texts, word by word, to be told in sentences. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from media.correction.alignment import align_words


@dataclass(frozen=True, slots=True)
class Difference:
    """Words that stand in place of others: none before, added; none after, removed; equal, kept."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    first_before: int  # index of the first word of each, or where it would stand
    first_after: int

    @property
    def kept(self) -> bool:
        """Tell words that both texts have."""
        return self.before == self.after


def compare_words(
    before: Sequence[str], after: Sequence[str], pairs: Sequence[tuple[int, int]] | None = None
) -> Iterator[Difference]:
    """Cut two texts into runs, kept or changed; `pairs` says which words are the same, where that is known.

    >>> [(d.before, d.after) for d in compare_words(["un", "mooflow"], ["un", "MoveFlow"])]
    [(('un',), ('un',)), (('mooflow',), ('MoveFlow',))]
    """
    one = other = 0
    kept_from: tuple[int, int] | None = None
    found = align_words(before, after) if pairs is None else pairs
    for at, to in [*found, (len(before), len(after))]:
        changed = at > one or to > other
        ends = at == len(before) and to == len(after)
        if kept_from is not None and (changed or ends):
            yield _run(before, after, kept_from, (one, other))
            kept_from = None
        if changed:
            yield _run(before, after, (one, other), (at, to))
        if kept_from is None and not ends:
            kept_from = (at, to)
        one, other = at + 1, to + 1


def _run(
    before: Sequence[str], after: Sequence[str], start: tuple[int, int], end: tuple[int, int]
) -> Difference:
    return Difference(tuple(before[start[0] : end[0]]), tuple(after[start[1] : end[1]]), *start)
