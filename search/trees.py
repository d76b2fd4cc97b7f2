"""Make a parsed query into the tree of Whoosh queries that the index evaluates.

What must be there decides which turns match; `ranking` adds what had better be there, which only
raises them. Names and compounds are looked up in the snapshot: a filter gives some words of a
name, and « plateforme » in a phrase may stand in a text as two words, « plate-forme ».
"""

from collections.abc import Iterator, Sequence
from itertools import islice, permutations, product

from whoosh import query

from search.chunks import FORM, MAX_JOINED_PARTS, list_continuations
from search.clauses import name_words
from search.nodes import IN_A_ROW, All, AnyOf, Clause, Field, Filter, Node, Not
from search.query import ParsedQuery
from search.ranking import rank_clause, rank_together
from search.schema import HEADING, NO_DAY, STATES, TEXT
from search.snapshot import Snapshot

MAX_ROWS = 32  # in which one clause is looked for
MAX_ROW_TERMS = 16  # of a phrase looked for at once; a longer one is several that overlap
ROW_STEP = MAX_ROW_TERMS // 2
FIRST_DAY, LAST_DAY = NO_DAY + 1, (1 << 31) - 1


def build_tree(parsed: ParsedQuery, snapshot: Snapshot) -> query.Query:
    """Build the tree of a query for one state of the index."""
    if parsed.root is None:
        return query.NullQuery
    return _Builder(snapshot, parsed.languages).build(parsed.root)


class _Builder:
    """The building of one tree."""

    def __init__(self, snapshot: Snapshot, languages: Sequence[str]) -> None:
        self._snapshot = snapshot
        self._languages = languages

    def build(self, node: Node, *, ranked: bool = True) -> query.Query:
        """Build the tree of a node; what is excluded need not be ranked."""
        match node:
            case Clause():
                tree = _any_of(list(self._rows(node)))
                better = rank_clause(node, self._languages, self._snapshot) if ranked else []
                return query.AndMaybe(tree, query.Or(better)) if better else tree
            case Filter():
                return self._filter(node)
            case AnyOf(nodes=nodes):
                return query.Or([self.build(branch, ranked=ranked) for branch in nodes])
            case Not():
                return self._all([node], ranked=ranked)
            case All(nodes=nodes):
                return self._all(nodes, ranked=ranked)

    def _all(self, nodes: Sequence[Node], *, ranked: bool) -> query.Query:
        """Build what is required, less what is excluded."""
        wanted = [self.build(node, ranked=ranked) for node in nodes if not isinstance(node, Not)]
        unwanted = [self.build(node.node, ranked=False) for node in nodes if isinstance(node, Not)]
        tree = _all_of(wanted) if wanted else query.Every()
        if unwanted:
            tree = query.AndNot(tree, query.Or(unwanted) if len(unwanted) > 1 else unwanted[0])
        clauses = [node for node in nodes if isinstance(node, Clause)]
        better = rank_together(clauses, self._snapshot) if ranked else []
        return query.AndMaybe(tree, query.Or(better)) if better else tree

    def _rows(self, clause: Clause) -> Iterator[query.Query]:
        typed = (row for path in clause.paths for row in product(*path))
        spelt = (row for terms in typed for row in self._spell_out(terms, clause.slop))
        for row in islice(spelt, MAX_ROWS):
            yield _phrase(row, clause.slop)
        for start in clause.starts:
            yield query.Prefix(TEXT, start)

    def _spell_out(self, row: tuple[str, ...], slop: int) -> Iterator[list[str]]:
        """Yield a row of terms as typed, and as it stands where some of them are written as compounds."""
        if len(row) == 1 or slop > IN_A_ROW:
            yield list(row)
            return
        ways = [self._list_ways(term) for term in row[:-1]]
        for way in product(*ways):
            yield [*(term for terms in way for term in terms), row[-1]]

    def _list_ways(self, term: str) -> list[list[str]]:
        """List the rows of terms as which one term stands in a text."""
        ways = [[term]]
        for width in range(2, MAX_JOINED_PARTS + 1):
            if not self._snapshot.frequency(TEXT, f"{term}{FORM}{width - 1}"):
                break
            ways.append([term, *list_continuations(term, width)])
        return ways

    def _filter(self, node: Filter) -> query.Query:
        match node.field:
            case Field.SPEAKER | Field.SHOW:
                return self._names(str(node.field), frozenset(node.words))
            case Field.CHAPTER:
                return _all_of([query.Term(HEADING, word) for word in node.words])
            case Field.STATE:
                assert node.state is not None  # noqa: S101 -- so read
                state = STATES.index(node.state)
                return query.NumericRange("state", state, state)
            case Field.BEFORE:
                assert node.day is not None  # noqa: S101 -- so read
                return query.NumericRange("day", FIRST_DAY, node.day - 1)
            case Field.AFTER:
                return query.NumericRange("day", node.day, LAST_DAY)

    def _names(self, column: str, words: frozenset[str]) -> query.Query:
        """Build what has one of the names that hold all these words."""
        names = [name for name, _ in self._snapshot.list_names(column) if words <= set(name_words(name))]
        return query.Or([query.Term(column, name) for name in names]) if names else query.NullQuery


def _phrase(row: list[str], slop: int) -> query.Query:
    if len(row) == 1:
        return query.Term(TEXT, row[0])
    if slop > IN_A_ROW:
        return _any_of([query.Phrase(TEXT, list(order), slop=slop) for order in permutations(row)])
    if len(row) <= MAX_ROW_TERMS:
        return query.Phrase(TEXT, row)
    starts = [*range(0, len(row) - MAX_ROW_TERMS, ROW_STEP), len(row) - MAX_ROW_TERMS]
    return _all_of([query.Phrase(TEXT, row[start : start + MAX_ROW_TERMS]) for start in starts])


def _any_of(trees: Sequence[query.Query]) -> query.Query:
    return trees[0] if len(trees) == 1 else query.DisjunctionMax(list(trees))


def _all_of(trees: Sequence[query.Query]) -> query.Query:
    return trees[0] if len(trees) == 1 else query.And(list(trees))
