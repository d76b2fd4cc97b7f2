"""Make the pieces of a query into what is looked for: words, phrases, nearness, beginnings, filters.

All go through the analyzer that indexes the texts, so that whatever a text says is found by
typing it. A word of several parts (« plate-forme », « c’est-à-dire ») is one clause.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice

from media.transcript import TurnState
from search.analysis import iter_tokens
from search.chunks import PART, Token, TokenKind
from search.folding import fold
from search.languages import FRENCH, find_language
from search.lexing import FIELDS, Kind, Lexeme, clean_quotation, is_one_word
from search.nodes import Clause, Field, Filter, Path, Place

MAX_PATHS = 16  # of one clause
MIN_PREFIX_LENGTH = 3
MAX_NEAR_WORDS = 4  # they may stand in any order, and each order is looked for
MAX_SPAN = 30  # positions from the first to the last word of a nearness; passages overlap by more
EPOCH = date(1970, 1, 1)

ISO_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
FRENCH_DATE = re.compile(r"(?:(?:(\d{1,2})[/.])?(\d{1,2})[/.])?(\d{4})")
STATES = {
    **dict.fromkeys(("machine",), TurnState.MACHINE),
    **dict.fromkeys(("relu", "relue", "read"), TurnState.READ),
    **dict.fromkeys(("valide", "validee", "validated"), TurnState.VALIDATED),
}


def cut_words(text: str) -> list[Lexeme]:
    """Cut a text into plain words, whatever else they would mean."""
    sources = [clean_quotation(_slice(text, tokens)) for tokens in _group_by_word(text)]
    return [Lexeme(Kind.WORD if is_one_word(source) else Kind.QUOTE, source) for source in sources]


def read_words(text: str, languages: Sequence[str] = (FRENCH,)) -> Iterator[Clause]:
    """Yield a clause for each word; a compound is one, the article elided before a word is none."""
    for tokens in _group_by_word(text):
        source = _slice(text, _without_article(tokens))
        paths = _unite([_find_paths(_without_article(list(iter_tokens(source, code)))) for code in languages])
        yield Clause(source, paths, quoted=not is_one_word(source))


def read_phrase(text: str, languages: Sequence[str] = (FRENCH,)) -> Clause | None:
    """Read words in a row."""
    paths = _unite([_find_paths(list(iter_tokens(text, code))) for code in languages])
    return Clause(text, paths, quoted=True) if paths else None


def read_nearness(text: str, slop: int, languages: Sequence[str] = (FRENCH,)) -> Clause | None:
    """Read words near one another, as near as may be asked; None unless there are a few of them."""
    rows = [
        tuple(place for tokens in _group_by_word(text, code) for place in _near_places(tokens))
        for code in languages
    ]
    if not 1 < len(rows[0]) <= MAX_NEAR_WORDS:
        return None
    paths = _unite([(row,) for row in rows if len(row) == len(rows[0])])
    return Clause(text, paths, quoted=True, slop=min(slop, MAX_SPAN // (len(rows[0]) - 1)))


def read_beginning(text: str, languages: Sequence[str] = (FRENCH,)) -> Clause | None:
    """Read the beginning of a word; None where it is too short, or of several words."""
    tokens = [token for token in iter_tokens(text) if token.kind is not TokenKind.ARTICLE]
    source = _slice(text, tokens) if tokens else ""
    start = fold(source)
    whole = max((token.end - token.begin for token in tokens), default=0) == len(source)
    if not whole or len(start) < MIN_PREFIX_LENGTH or not is_one_word(source):
        return None
    # Terms are without their plural: « chevau* » begins « chevaux », which is under « cheval ».
    stems = [find_language(code).stem for code in languages]
    terms = dict.fromkeys(stem(start + ending) for stem in stems for ending in ("", "s", "x"))
    others = tuple(term for term in terms if not term.startswith(start))
    return Clause(source, ((others,),) if others else (), starts=(start,))


def read_filter(lexeme: Lexeme) -> Filter | None:
    """Read `field:value`; None where the field cannot have that value."""
    field = FIELDS[fold(lexeme.name)]
    value = lexeme.text.rstrip(".,;:!?…")
    quoted = lexeme.quoted or not is_one_word(value)
    source = f'{lexeme.name}:"{value}"' if quoted else f"{lexeme.name}:{value}"
    if field is Field.STATE:
        state = STATES.get(fold(value))
        return Filter(source, field, state=state) if state else None
    if field in (Field.BEFORE, Field.AFTER):
        day = _read_day(value)
        return None if day is None else Filter(source, field, day=day)
    words = _chapter_words(value) if field is Field.CHAPTER else name_words(value)
    return Filter(source, field, words) if words else None


def name_words(text: str) -> tuple[str, ...]:
    """List the words of a name, folded.

    >>> name_words("Anne-Élise d’Œuvre")
    ('anne', 'elise', 'd', 'oeuvre')
    """
    return tuple(filter(None, map(fold, PART.findall(text))))


def _read_day(value: str) -> int | None:
    """Read a year, a month or a day as its first day, from 1970-01-01.

    >>> [_read_day(value) for value in ("1970-01-02", "01/02/1970", "1971", "13/1970", "hier")]
    [1, 31, 365, None, None]
    """
    if match := ISO_DATE.fullmatch(value):
        year, month, day = match.groups()
    elif match := FRENCH_DATE.fullmatch(value):
        day, month, year = match.groups()
    else:
        return None
    try:
        return (date(int(year), int(month or 1), int(day or 1)) - EPOCH).days
    except ValueError:  # no such day
        return None


def _chapter_words(value: str) -> tuple[str, ...]:
    return tuple(token.terms[0] for token in iter_tokens(value) if token.kind is not TokenKind.JOINED)


def _near_places(tokens: list[Token]) -> list[Place]:
    """List the places of a word: a compound has one, its joined form, and its article none."""
    tokens = _without_article(tokens)
    end = tokens[-1].position + 1
    places: list[Place] = []
    position = tokens[0].position
    while position < end:
        widest = max((t for t in tokens if t.position == position), key=lambda token: token.width)
        places.append(widest.terms)
        position += widest.width
    return places


def _group_by_word(text: str, language: str = FRENCH) -> Iterator[list[Token]]:
    group: list[Token] = []
    for token in iter_tokens(text, language):
        if group and any(map(str.isspace, text[group[-1].end : token.begin])):
            yield group
            group = []
        group.append(token)
    if group:
        yield group


def _without_article(tokens: list[Token]) -> list[Token]:
    """Leave out what is elided before a word."""
    first = next((at for at, token in enumerate(tokens) if token.kind is not TokenKind.ARTICLE), -1)
    return tokens[first:]


def _unite(found: Sequence[tuple[Path, ...]]) -> tuple[Path, ...]:
    """Unite the paths that the languages find; those of one word are one place with all the terms."""
    if len(found) == 1:
        return found[0]
    paths = dict.fromkeys(path for paths in found for path in paths)
    words = dict.fromkeys(term for path in paths if len(path) == 1 for term in path[0])
    several = [path for path in paths if len(path) > 1]
    return ((((*words,),),) if words else ()) + tuple(several[:MAX_PATHS])


def _slice(text: str, tokens: Sequence[Token]) -> str:
    return text[tokens[0].begin : max(token.end for token in tokens)]


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
