"""Read what a person typed into clauses, all required, that any engine can evaluate.

A clause holds paths: ways in which its words may stand in a text, each a row of places, each
place a set of terms that answer there. « plate-forme » has two paths, the row *plate forme* and
the joined *plateforme*. Nothing typed raises: what cannot be used is said in `ignored`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from search.analysis import Token, TokenKind, iter_tokens

MAX_QUERY_LENGTH = 300  # characters
MAX_QUERY_TERMS = 16
MAX_PATHS = 8  # of one clause
MAX_IGNORED_LENGTH = 40  # characters of an ignored part that are shown

QUOTES = {
    '"': '"',
    "«": "»",
    "“": "”",
    "„": "“”",
    "\N{FULLWIDTH QUOTATION MARK}": "\N{FULLWIDTH QUOTATION MARK}",
}
CLOSERS = frozenset("»”")

Place = tuple[str, ...]  # terms, any of which answers
Path = tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """Something that a turn must say: a word, or words in a row."""

    source: str  # as typed
    paths: tuple[Path, ...]
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """Clauses, all required, and what was left out."""

    clauses: tuple[Clause, ...]
    ignored: tuple[str, ...] = ()


def parse_query(text: str) -> ParsedQuery:
    """Read a query; words are required, words between quotation marks stand in that order.

    >>> [clause.source for clause in parse_query('la mairie « logiciel libre »').clauses]
    ['la', 'mairie', 'logiciel libre']
    >>> parse_query('"mairie').ignored
    ('"',)
    """
    clauses: list[Clause] = []
    ignored = [_shorten(text[MAX_QUERY_LENGTH:])] if len(text) > MAX_QUERY_LENGTH else []
    terms = 0
    for piece, quoted in _split_quoted(text[:MAX_QUERY_LENGTH], ignored):
        read = [_read_phrase(piece)] if quoted else list(_read_words(piece))
        if not read:
            ignored.extend(_leftovers(piece))
        for clause in filter(None, read):
            length = max(map(len, clause.paths))
            if any(clause.paths == held.paths for held in clauses):
                continue
            if terms + length > MAX_QUERY_TERMS:
                ignored.append(_shorten(clause.source))
                continue
            terms += length
            clauses.append(clause)
    return ParsedQuery(tuple(clauses), tuple(ignored))


def _split_quoted(text: str, ignored: list[str]) -> Iterator[tuple[str, bool]]:
    """Yield the text between and within quotation marks; one never closed is ignored."""
    plain_from = at = 0
    while at < len(text):
        closers = QUOTES.get(text[at])
        end = (
            min((text.find(c, at + 1) for c in closers if c in text[at + 1 :]), default=-1) if closers else -1
        )
        if end < 0:
            if closers or text[at] in CLOSERS:
                ignored.append(text[at])
            at += 1
            continue
        yield text[plain_from:at], False
        yield text[at + 1 : end], True
        plain_from = at = end + 1
    yield text[plain_from:], False


def _read_phrase(text: str) -> Clause | None:
    paths = _find_paths(list(iter_tokens(text)))
    return Clause(text.strip(), paths, quoted=True) if paths else None


def _read_words(text: str) -> Iterator[Clause]:
    """Yield a clause for each word; a compound is one, the article elided before a word is none."""
    for tokens in _group_by_word(text):
        while len(tokens) > 1 and tokens[0].kind is TokenKind.ARTICLE:
            del tokens[0]
        source = text[tokens[0].begin : max(token.end for token in tokens)]
        yield Clause(source, _find_paths(tokens))


def _group_by_word(text: str) -> Iterator[list[Token]]:
    group: list[Token] = []
    for token in iter_tokens(text):
        if group and any(map(str.isspace, text[group[-1].end : token.begin])):
            yield group
            group = []
        group.append(token)
    if group:
        yield group


def _find_paths(tokens: Sequence[Token]) -> tuple[Path, ...]:
    """List the rows of places that lead from the first token to the last; the parts of compounds first."""
    if not tokens:
        return ()
    starting: dict[int, list[Token]] = {}
    for token in tokens:
        starting.setdefault(token.position, []).append(token)
    end = max(token.position + token.width for token in tokens)
    return tuple(islice(_walk(starting, tokens[0].position, end), MAX_PATHS))


def _walk(starting: dict[int, list[Token]], position: int, end: int) -> Iterator[Path]:
    if position == end:
        yield ()
    for token in starting.get(position, ()):
        for rest in _walk(starting, position + token.width, end):
            yield (token.terms, *rest)


def _leftovers(piece: str) -> Iterable[str]:
    return [_shorten(piece.strip())] if piece.strip() else []


def _shorten(text: str) -> str:
    return text if len(text) <= MAX_IGNORED_LENGTH else text[: MAX_IGNORED_LENGTH - 1] + "…"
