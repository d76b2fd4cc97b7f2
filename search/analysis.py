"""Cut a text into the tokens that are indexed, looked for and highlighted: one analyzer for all three.

The rules work inside one word of the text (`chunks`), in the language of the episode, and what
they make of a word is remembered, because speech repeats itself. Offsets are those of the text as
given. Every token has a position, articles and stop words too, so that a quoted phrase is exact.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from search.chunks import CHUNK, MAX_CHUNK_LENGTH, Chunk, Token, analyse
from search.folding import SPACES
from search.languages import FRENCH, MAX_LANGUAGES, find_language

REMEMBERED_CHUNKS = 1 << 16  # of each language
MAY_GROUP = re.compile(rf"\d[{SPACES}]\d{{3}}(?!\w)")


class IndexedText(NamedTuple):
    """What the index holds of a text."""

    positions: dict[str, list[int]]  # of each term, ascending
    forms: set[str]  # `term FORM spelling` of words that are not written as their term
    width: int  # how many positions there are


def iter_tokens(text: str, language: str | None = FRENCH) -> Iterator[Token]:
    """Yield a text's tokens by position."""
    read = _find_reader(language)
    position = 0
    for match in CHUNK.finditer(text):
        chunk = read(match.group())
        start = match.start()
        for token in chunk.tokens:
            yield _moved(token, start, position)
        position += chunk.width


def find_tokens(
    text: str, wanted: frozenset[str], starts: tuple[str, ...] = (), language: str | None = FRENCH
) -> Iterator[Token]:
    """Yield, by position, the tokens of a text that have one of these terms, or one that begins so."""
    read = _find_reader(language)
    position = 0
    for start, word in _place_words(text):
        chunk = read(word)
        for term, _ in chunk.terms:
            if term in wanted or (starts and term.startswith(starts)):
                for token in chunk.tokens:
                    if any(held in wanted or held.startswith(starts) for held in token.terms):
                        yield _moved(token, start, position)
                break
        position += chunk.width


def index_text(text: str, language: str | None = FRENCH) -> IndexedText:
    """Find what the index holds of a text, at once, without a token for each word."""
    read = _find_reader(language)
    positions: dict[str, list[int]] = {}
    forms: set[str] = set()
    at = 0
    for word in _split(text):
        chunk = read(word)
        for term, place in chunk.terms:
            if term in positions:
                positions[term].append(at + place)
            else:
                positions[term] = [at + place]
        if chunk.forms:
            forms.update(chunk.forms)
        at += chunk.width
    return IndexedText(positions, forms, at)


def _split(text: str) -> list[str]:
    """Split a text at its spaces where that cuts neither a number nor a row too long to remember."""
    words = text.split()
    if MAY_GROUP.search(text) or len(max(words, key=len, default="")) > MAX_CHUNK_LENGTH:
        return CHUNK.findall(text)
    return words


def _place_words(text: str) -> Iterable[tuple[int, str]]:
    """Cut a text at its spaces, as `_split` does, and tell where each word begins."""
    words = text.split(" ")
    lengths = [len(word) + 1 for word in words]
    if max(lengths) > MAX_CHUNK_LENGTH or MAY_GROUP.search(text):
        return [(match.start(), match.group()) for match in CHUNK.finditer(text)]
    return zip(accumulate(lengths, initial=0), words, strict=False)  # the last start is that of no word


def _moved(token: Token, start: int, position: int) -> Token:
    begin, end, place, width, terms, kind = token
    return Token(start + begin, start + end, position + place, width, terms, kind)


@lru_cache(MAX_LANGUAGES)
def _find_reader(language: str | None) -> Callable[[str], Chunk]:
    """Find the function that analyses a word in a language, and remembers it."""
    rules = find_language(language)

    @lru_cache(REMEMBERED_CHUNKS)
    def read_chunk(chunk: str) -> Chunk:
        return analyse(chunk, rules)

    @lru_cache(REMEMBERED_CHUNKS)
    def read(word: str) -> Chunk:
        if (word.isascii() and word.isalnum()) or CHUNK.fullmatch(word):
            return read_chunk(word)
        return _join([(match.start(), read_chunk(match.group())) for match in CHUNK.finditer(word)])

    return read


def _join(chunks: list[tuple[int, Chunk]]) -> Chunk:
    """Join the chunks of a word, each with its offset, into one."""
    tokens: list[Token] = []
    terms: list[tuple[str, int]] = []
    forms: dict[str, None] = {}
    width = 0
    for start, chunk in chunks:
        tokens += [_moved(token, start, width) for token in chunk.tokens]
        terms += [(term, place + width) for term, place in chunk.terms]
        forms.update(dict.fromkeys(chunk.forms))
        width += chunk.width
    return Chunk(tuple(tokens), tuple(terms), tuple(forms), width)
