"""Find the words of a query again in a text, as the index found them: for excerpts and highlights."""

from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import NamedTuple

from search.analysis import find_tokens
from search.chunks import Token, TokenKind
from search.languages import FRENCH
from search.nodes import IN_A_ROW, Clause, Path


class Hit(NamedTuple):
    """Characters of a text that answer a clause: whole words, an article only with its word."""

    begin: int
    end: int
    clause: int  # its number in the row of clauses


def find_hits(text: str, clauses: Sequence[Clause], language: str | None = FRENCH) -> Iterator[Hit]:
    """Yield, clause by clause, every word of a text that answers; a phrase yields each of its words.

    An article alone answers where nothing else in the text does, so that who asks for « l’ » sees it.
    """
    terms = frozenset(term for clause in clauses for path in clause.paths for place in path for term in place)
    starts = tuple(start for clause in clauses for start in clause.starts)
    tokens = list(find_tokens(text, terms, starts, language))
    starting: dict[int, list[Token]] = {}
    for token in tokens:
        starting.setdefault(token.position, []).append(token)
    articles: list[Hit] = []
    is_found = False
    for number, clause in enumerate(clauses):
        for matched in _find_clause(clause, starting):
            if len(matched) == 1 and matched[0].kind is TokenKind.ARTICLE:
                articles.append(Hit(matched[0].begin, matched[0].end, number))
            for begin, end in _spans(matched):
                is_found = True
                yield Hit(begin, end, number)
    if not is_found:
        yield from articles


def _find_clause(clause: Clause, starting: dict[int, list[Token]]) -> Iterator[list[Token]]:
    for path in clause.paths:
        if len(path) == 1:
            [place] = path
            for tokens in starting.values():
                yield from ([token] for token in tokens if not set(token.terms).isdisjoint(place))
            continue
        orders = permutations(path) if clause.slop > IN_A_ROW else [path]
        for order in orders:
            for position in starting:
                matched = _match(order, clause.slop, starting, position)
                if matched:
                    yield matched
    if clause.starts:
        for tokens in starting.values():
            yield from ([token] for token in tokens if any(t.startswith(clause.starts) for t in token.terms))


def _match(path: Path, slop: int, starting: dict[int, list[Token]], position: int) -> list[Token]:
    """List the tokens that stand, from this position, as the path says; empty where they do not.

    The next word of a phrase stands where the token ends: a joined compound covers its parts.
    """
    reached: dict[int, list[Token]] = {position: []}  # where the next word may stand: tokens so far
    for place in path:
        further: dict[int, list[Token]] = {}
        for at, matched in reached.items():
            for token in starting.get(at, ()):
                if set(token.terms).isdisjoint(place):
                    continue
                nexts = (
                    range(token.position + 1, token.position + slop + 1)
                    if slop > IN_A_ROW
                    else [token.position + token.width]
                )
                for following in nexts:
                    further.setdefault(following, [*matched, token])
        reached = further
        if not reached:
            return []
    return next(iter(reached.values()))


def _spans(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Yield the spans to mark: an elided article with the word after it, or not at all."""
    article: Token | None = None
    for token in tokens:
        if token.kind is TokenKind.ARTICLE:
            article = token
            continue
        beside = article is not None and article.position + 1 == token.position
        yield (article.begin if article and beside else token.begin), token.end
        article = None
