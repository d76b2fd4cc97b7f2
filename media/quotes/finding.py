"""Find a quote's words again by their text, where history cannot tell where they went.

First the very words, those with the most of the same words around them and nearest to their
times; then the stretch that reads most like them. Fuzzy anchoring, as annotation tools do it:
exact text with what stood before and after (W3C Web Annotation, TextQuoteSelector). Pure.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from rapidfuzz.fuzz import partial_ratio_alignment

from media.correction.alignment import word_key
from media.quotes.tokens import Kept, Spot, Token, count_from, lay_out, read_range, retype
from media.quotes.values import Passage, Quote
from media.transcript import Word
from media.transcripts import StoredTurn

REACH_MS = 60_000  # another transcript hears words this far from where the first did, at most
ALIKE = 70  # of 100: what reads less alike is not the same passage
NEAR_MS = 3_000
TELLING_WORDS = 6  # so many in a row are nobody else's
LEAST_SHARE = 0.5  # of a span's words that must be there again

Place = tuple[int, int, Word]  # a turn, the index of a word in it, the word


def find_again(quote: Quote, turns: Sequence[StoredTurn]) -> list[list[Kept]] | None:
    """Find each span of a quote among these turns, given in order; None where one cannot be found.

    Words are counted from the first of their span.
    """
    places = [(held.id, at, word) for held in turns for at, word in enumerate(held.turn.words)]
    found: list[list[Kept]] = []
    for at, span in enumerate(quote.spans):
        before = quote.before if at == 0 else ()
        after = quote.after if at == len(quote.spans) - 1 else ()
        spot = _find_span(places, before, span, after)
        if spot is None:
            return None
        found.append(spot)
    return found


def _find_span(places: Sequence[Place], before: Passage, span: Passage, after: Passage) -> list[Kept] | None:
    keys = [word_key(word.text) for _, _, word in places]
    left, own, right = ([word_key(text) for text in _texts(part)] for part in (before, span, after))
    at = _find_exact(places, keys, left, own, right, span[0].words[0].start_ms)
    if at is not None:
        return _compare(_texts(span), range(len(own)), places[at : at + len(own)])
    window = _find_alike(keys, [*left, *own, *right])
    if window is None:
        return None
    words = [*_texts(before), *_texts(span), *_texts(after)]
    return _compare(words, range(len(left), len(left) + len(own)), places[slice(*window)])


def _find_exact(
    places: Sequence[Place],
    keys: Sequence[str],
    left: Sequence[str],
    own: Sequence[str],
    right: Sequence[str],
    start_ms: int | None,
) -> int | None:
    """Find the very words; None where they are not there, or several times and nothing tells which.

    A few words alone are no proof: they are the same where something around them is, or the time.
    """

    def rank(at: int) -> tuple[int, int]:
        said_ms = places[at][2].start_ms
        far = 0 if said_ms is None or start_ms is None else abs(said_ms - start_ms)
        return -_count_alike(keys, at, at + len(own), left, right), far

    ranked = sorted((rank(at), at) for at in _find_all(keys, own))
    if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
        return None
    (unlike, far), at = ranked[0]
    is_near = start_ms is not None and far <= NEAR_MS
    return at if unlike or is_near or len(own) >= TELLING_WORDS else None


def _find_all(keys: Sequence[str], own: Sequence[str]) -> Iterator[int]:
    for at, key in enumerate(keys):
        if key == own[0] and keys[at : at + len(own)] == own:
            yield at


def _count_alike(keys: Sequence[str], first: int, end: int, left: Sequence[str], right: Sequence[str]) -> int:
    """Count the words that stand around as they did, from the nearest outwards."""
    before = after = 0
    while before < min(len(left), first) and keys[first - 1 - before] == left[-1 - before]:
        before += 1
    while after < min(len(right), len(keys) - end) and keys[end + after] == right[after]:
        after += 1
    return before + after


def _find_alike(keys: Sequence[str], wanted: Sequence[str]) -> tuple[int, int] | None:
    """Find the words that read most like these: the first, and the one after the last."""
    whole = " ".join(keys)
    spot = partial_ratio_alignment(" ".join(wanted), whole, score_cutoff=ALIKE) if whole else None
    if spot is None:
        return None
    offsets = list(accumulate((len(key) + 1 for key in keys), initial=0))
    inside = [at for at, (a, b) in enumerate(pairwise(offsets)) if a < spot.dest_end and b > spot.dest_start]
    slack = len(wanted) // 4
    return max(0, inside[0] - slack), min(len(keys), inside[-1] + 1 + slack)


def _compare(words: Sequence[str], own: range, places: Sequence[Place]) -> list[Kept] | None:
    """Lay a span with what was around it beside some words; None where too few of its own are there."""
    tokens = [Token(number, word) for number, word in enumerate(words)]
    after = retype(tokens, [word.text for _, _, word in places])
    if sum(token.is_there and token.number in own for token in after) < LEAST_SHARE * len(own):
        return None
    kept = count_from(read_range(lay_out([(0, after)]), own.start, own.stop - 1), own.start)
    return [
        Kept(Spot(*places[held.spot.word][:2], held.spot.text), held.owner, held.stands_for) for held in kept
    ]


def _texts(passage: Passage) -> list[str]:
    return [word.text for piece in passage for word in piece.words]
