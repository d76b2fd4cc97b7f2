"""What raises a match: words as typed, words together, words of the title.

Each bonus is as large as the scores of the words can be, so that bonuses decide before them: a
text that says the words in a row comes before one that says them near one another, that before
scattered words; among equals the spelling as typed comes before the same letters with other
accents, and that before other forms of the word.
"""

from collections.abc import Iterator, Sequence
from itertools import islice, pairwise, product
from math import log

from whoosh import query

from search.analysis import iter_tokens
from search.chunks import FORM, Token, TokenKind
from search.folding import fold, surface
from search.nodes import IN_A_ROW, Clause
from search.schema import EXACT, HEADING, TEXT
from search.snapshot import Snapshot

MAX_GAIN = 2.2  # of a word's rarity, by BM25
AS_TYPED = 1 * MAX_GAIN
SAME_LETTERS = 1 * MAX_GAIN
TOGETHER = 3 * MAX_GAIN  # near one another; as much again in a row
TITLE = 0.5
NEAR = 6  # words
MAX_PAIRS = 5
MAX_PHRASES = 4
MAX_FORMS = 16  # of one word
TOO_COMMON = 100_000  # documents: a word in more of them is not worth the time to rank by


def rank_clause(clause: Clause, languages: Sequence[str], snapshot: Snapshot) -> list[query.Query]:
    """List what raises a match of a clause: its words as typed, and those that the title has."""
    if clause.starts:
        return []
    better: list[query.Query] = []
    for language in languages:
        for token in _whole_tokens(clause.source, language):
            better += _rank_forms(clause.source[token.begin : token.end], token.terms[0], snapshot)
    titles = dict.fromkeys(term for path in clause.paths if len(path) == 1 for term in path[0])
    better += [query.Term(HEADING, term, boost=TITLE) for term in titles if snapshot.frequency(HEADING, term)]
    return better


def rank_together(clauses: Sequence[Clause], snapshot: Snapshot) -> list[query.Query]:
    """List what raises a match of several words: all of them in a row, and neighbours near each other."""
    words = [clause for clause in clauses if clause.paths and clause.slop == IN_A_ROW and not clause.starts]
    if len(words) < 2:
        return []
    worth = TOGETHER * sum(_rarity(clause, snapshot) for clause in words)
    rows = islice(product(*(clause.paths for clause in words)), MAX_PHRASES)
    phrases = [query.Phrase(TEXT, [place[0] for path in row for place in path]) for row in rows]
    better: list[query.Query] = [query.ConstantScoreQuery(query.DisjunctionMax(phrases), worth)]
    pairs = list(pairwise(words))
    for one, other in pairs[:MAX_PAIRS]:
        ends = one.paths[0][-1][0], other.paths[0][0][0]
        if ends[0] == ends[1] or min(snapshot.frequency(TEXT, term) for term in ends) > TOO_COMMON:
            continue
        orders = [query.Phrase(TEXT, list(order), slop=NEAR) for order in (ends, ends[::-1])]
        better.append(query.ConstantScoreQuery(query.DisjunctionMax(orders), worth / len(pairs)))
    return better


def _rank_forms(written: str, term: str, snapshot: Snapshot) -> Iterator[query.Query]:
    """Yield what raises the spellings of a term that are the typed one, and those with its letters."""
    frequency = snapshot.frequency(TEXT, term)
    if not frequency or frequency > TOO_COMMON:
        return
    forms = snapshot.list_terms(term + FORM, EXACT)
    if not forms:
        return  # always written as it is indexed
    rarity = _rarity_of(frequency, snapshot)
    folded, typed = fold(written), term + FORM + surface(written)
    unmarked = query.AndNot(query.Term(TEXT, term), query.Prefix(EXACT, term + FORM))
    others = [form for form in forms if fold(form.partition(FORM)[2]) == folded and form != typed]
    alike = [query.Term(EXACT, form) for form in others[:MAX_FORMS]]
    if surface(written) == term:
        yield query.ConstantScoreQuery(unmarked, (AS_TYPED + SAME_LETTERS) * rarity)
    elif folded == term:
        alike.append(unmarked)
    if typed in forms:
        yield query.ConstantScoreQuery(query.Term(EXACT, typed), (AS_TYPED + SAME_LETTERS) * rarity)
    if alike:
        yield query.ConstantScoreQuery(query.Or(alike), SAME_LETTERS * rarity)


def _whole_tokens(source: str, language: str) -> Iterator[Token]:
    """Yield the words of a clause, a compound as one; no elided article."""
    following = 0
    tokens = sorted(iter_tokens(source, language), key=lambda token: (token.position, -token.width))
    for token in tokens:
        if token.position >= following and token.kind is not TokenKind.ARTICLE:
            following = token.position + token.width
            yield token


def _rarity(clause: Clause, snapshot: Snapshot) -> float:
    return sum(_rarity_of(snapshot.frequency(TEXT, place[0]), snapshot) for place in clause.paths[0])


def _rarity_of(frequency: int, snapshot: Snapshot) -> float:
    """Tell how rare a term is, as BM25 has it."""
    return log(max(1, len(snapshot.columns)) / (frequency + 1)) + 1
