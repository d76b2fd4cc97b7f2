"""Follow words one by one through texts that take each other's place. Pure.

Each word of the turns that a quote was taken from has a number. A word that goes leaves a mark
where it stood, so that it is known again when it comes back (an undo, an earlier version put
back), and so that the words that took its place are known as such. Words that came from
elsewhere have no number; neither have new ones.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from media.correction.alignment import align_words, word_key

FOREIGN = -1  # a word that was there, of a turn that nobody quoted
NEW = -2  # a word that was written since


class Token(NamedTuple):
    """A word, or the mark that it left."""

    number: int  # from 0 in the order of the quoted turns, FOREIGN or NEW
    text: str
    is_there: bool = True


class Spot(NamedTuple):
    """A word of today's text."""

    turn_id: int
    word: int  # index in the turn
    text: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A word of today, and the numbered words that it is or stands for."""

    spot: Spot
    owner: int | None  # the numbered word that it is, or whose place it took; None: it came between
    stands_for: tuple[int, ...]  # all that may have been meant by it


def foreign(texts: Iterable[str]) -> list[Token]:
    """Make the tokens of a turn that was not quoted."""
    return [Token(FOREIGN, text) for text in texts]


def retype(tokens: Sequence[Token], texts: Sequence[str]) -> list[Token]:
    """Put a text in the place of the words that are there, each word known that can be.

    >>> before = [Token(0, "un"), Token(1, "petit"), Token(2, "chat")]
    >>> after = retype(before, ["un", "chat"])
    >>> after[1]
    Token(number=1, text='petit', is_there=False)
    >>> retype(after, ["un", "petit", "chat"]) == before
    True
    """
    there = [at for at, token in enumerate(tokens) if token.is_there]
    if [tokens[at].text for at in there] == list(texts):
        return list(tokens)
    pairs = _pair([tokens[at].text for at in there], texts)
    done, written = 0, 0
    result: list[Token] = []
    for of, to in [*pairs, (len(there), len(texts))]:
        upto = there[of] if of < len(there) else len(tokens)
        if upto > done or to > written:
            result += _fill_gap(tokens[done:upto], texts[written:to])
        if to < len(texts):
            result.append(Token(tokens[upto].number, texts[to]))
        done, written = upto + 1, to + 1
    return result


def cut_tokens(tokens: Sequence[Token], lengths: Sequence[int]) -> Iterator[list[Token]]:
    """Cut tokens into turns of so many words; marks stay with the word before them."""
    at = 0
    for place, length in enumerate(lengths):
        part: list[Token] = []
        last = place == len(lengths) - 1
        while at < len(tokens) and (length or not tokens[at].is_there or last):
            length -= tokens[at].is_there
            part.append(tokens[at])
            at += 1
        yield part


def send_home(parts: Sequence[list[Token]], turn_ids: Sequence[int], homes: Mapping[int, int]) -> None:
    """Give marks at the end of a turn to the turn after it, where its words went from that one.

    Two turns that were joined are two again: a word taken out at the second's beginning before
    that is missing there, and not at the first's end.
    """
    for left, right, home in zip(parts, parts[1:], turn_ids[1:], strict=False):
        at = len(left)
        while at and not left[at - 1].is_there and homes.get(left[at - 1].number) == home:
            at -= 1
        right[:0] = left[at:]
        del left[at:]


def lay_out(turns: Iterable[tuple[int, Sequence[Token]]]) -> list[Kept]:
    """Say of each word of these turns, given in order, which numbered words it stands for."""
    kept: list[Kept] = []
    gone: list[int | None] = []  # words that went, since the last that stayed
    fresh: list[Spot] = []  # words that came meanwhile
    newest: int | None = None  # the highest number of the turn before

    def close() -> None:
        known = tuple(number for number in gone if number is not None)
        for place, spot in enumerate(fresh):
            owner = gone[place * len(gone) // len(fresh)] if gone else None
            kept.append(Kept(spot, owner, known))
        gone.clear()
        fresh.clear()

    for turn_id, tokens in turns:
        numbers = [token.number for token in tokens if token.number >= 0]
        if not numbers or newest is None or numbers[0] != newest + 1:
            close()  # another turn stands, or stood, between the two
        newest = numbers[-1] if numbers else None
        word = 0
        for token in tokens:
            if not token.is_there:
                gone.append(token.number if token.number >= 0 else None)
                continue
            spot = Spot(turn_id, word, token.text)
            word += 1
            if token.number == NEW:
                fresh.append(spot)
                continue
            close()
            own = token.number if token.number >= 0 else None
            kept.append(Kept(spot, own, () if own is None else (own,)))
    close()
    return kept


def read_range(kept: Sequence[Kept], first: int, last: int) -> list[Kept]:
    """Read what stands today in the place of the words from one number to another."""
    inside = [at for at, word in enumerate(kept) if word.owner is not None and first <= word.owner <= last]
    return list(kept[inside[0] : inside[-1] + 1]) if inside else []


def count_from(kept: Iterable[Kept], first: int) -> list[Kept]:
    """Give these words the numbers that they have when one counts from another word than the first."""
    return [
        Kept(
            word.spot,
            None if word.owner is None else word.owner - first,
            tuple(number - first for number in word.stands_for),
        )
        for word in kept
    ]


def _fill_gap(tokens: Sequence[Token], texts: Sequence[str]) -> Iterator[Token]:
    """Find words again among those that went; the others are new."""
    went = [Token(token.number, token.text, False) for token in tokens if token.number != NEW]
    if not went or not texts:
        yield from went
        yield from (Token(NEW, text) for text in texts)
        return
    at = written = 0
    for of, to in [*_pair([token.text for token in went], texts), (len(went), len(texts))]:
        yield from went[at:of]
        yield from (Token(NEW, text) for text in texts[written:to])
        if to < len(texts):
            yield Token(went[of].number, texts[to])
        at, written = of + 1, to + 1


def _pair(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    return align_words([word_key(text) for text in before], [word_key(text) for text in after])
