"""Make a parsed query into the tree of Whoosh queries that the index evaluates.

What must be there decides which turns match; what had better be there is added by AndMaybe and
only raises them. Names are looked up in the snapshot, because a filter gives some words of a name.
"""

from collections.abc import Sequence
from itertools import islice, permutations, product

from whoosh import query

from search.clauses import name_words
from search.nodes import IN_A_ROW, All, AnyOf, Clause, Field, Filter, Node, Not
from search.query import ParsedQuery
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
    return _Builder(snapshot).build(parsed.root)


class _Builder:
    """The building of one tree."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def build(self, node: Node) -> query.Query:
        """Build the tree of a node."""
        match node:
            case Clause():
                return _any_of(list(self._rows(node)))
            case Filter():
                return self._filter(node)
            case AnyOf(nodes=nodes):
                return query.Or([self.build(branch) for branch in nodes])
            case Not():
                return self._all([node])
            case All(nodes=nodes):
                return self._all(nodes)

    def _all(self, nodes: Sequence[Node]) -> query.Query:
        """Build what is required, less what is excluded."""
        wanted = [self.build(node) for node in nodes if not isinstance(node, Not)]
        unwanted = [self.build(node.node) for node in nodes if isinstance(node, Not)]
        tree = query.And(wanted) if len(wanted) > 1 else wanted[0] if wanted else query.Every()
        return query.AndNot(tree, _any_of(unwanted)) if unwanted else tree

    def _rows(self, clause: Clause) -> "list[query.Query]":
        rows = (row for path in clause.paths for row in product(*path))
        found = [_phrase(list(row), clause.slop) for row in islice(rows, MAX_ROWS)]
        return found + [query.Prefix(TEXT, start) for start in clause.starts]

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
        values = self._snapshot.columns.names[column].values
        found = [query.Term(column, name) for name in values if words <= set(name_words(name))]
        return _any_of(found) if found else query.NullQuery


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
