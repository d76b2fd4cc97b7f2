"""How much two texts say the same: what tells an edited document from that of another episode.

Runs of three words are counted, wherever they stand: two texts of one language share a third of
their words in order by chance, and next to none of such runs. Pure.
"""

from collections.abc import Sequence

RUN = 3  # words


def share_runs(one: Sequence[str], other: Sequence[str]) -> float:
    """Say how much of the shorter of two texts the other says too, from 0 to 1.

    >>> share_runs("le chat dort bien".split(), "ce soir le chat dort mal et peu".split())
    0.5
    >>> share_runs([], ["un"])
    0.0
    """
    runs, others = _runs(one), _runs(other)
    shorter = min(len(runs), len(others))
    return len(runs & others) / shorter if shorter else 0.0


def _runs(words: Sequence[str]) -> set[tuple[str, ...]]:
    return {tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1)}
