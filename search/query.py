"""Read what a person typed into a tree of words, phrases and filters.

Words are all required; quotation marks, ET OU SAUF (AND OR NOT), a hyphen before a word, `pref*`,
parentheses, `"a b"~5` and `field:value` say more. Nothing typed raises: what does not parse is
searched as plain words, and what was left out is said in `ignored`. `format_node` writes a tree
as a query that reads as the same tree, which gives the query without one of its parts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from search.clauses import (
    cut_words,
    read_beginning,
    read_filter,
    read_nearness,
    read_phrase,
    read_words,
)
from search.languages import FRENCH
from search.lexing import OPERATORS, Kind, Lexeme, close_quotation, cut_lexemes
from search.nodes import (
    IN_A_ROW,
    All,
    AnyOf,
    Clause,
    Filter,
    Node,
    Not,
    exclude,
    join_all,
    join_any,
    list_clauses,
)

MAX_QUERY_LENGTH = 300  # characters
MAX_QUERY_TERMS = 16  # words, phrases and filters
MAX_LANGUAGES = 4
MAX_PREFIXES = 2
MAX_IGNORED_LENGTH = 40  # characters of an ignored part that are shown
TRAILING = ".,;:!?…)"
SAID_WHEN_ALONE = ("-", "*", "~")  # other punctuation is left out without a word


@dataclass(frozen=True, slots=True)
class Part:
    """One of the things that a query asks for."""

    source: str
    node: Node
    without: str  # the query, as typed anew, that does not ask for it; may be empty


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """What a query asks for, and what of it was left out."""

    root: Node | None  # None where there is nothing to look for
    ignored: tuple[str, ...] = ()
    languages: tuple[str, ...] = (FRENCH,)  # in which its words were read

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """The words that a match may say, to be highlighted."""
        return tuple(list_clauses(self.root)) if self.root else ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """What is asked for all at once, each with the query that leaves it out."""
        if self.root is None:
            return ()
        nodes = self.root.nodes if isinstance(self.root, All) else (self.root,)
        rests = [join_all([*nodes[:at], *nodes[at + 1 :]]) for at in range(len(nodes))]
        return tuple(
            Part(format_node(node), node, format_node(rest) if rest else "")
            for node, rest in zip(nodes, rests, strict=True)
        )

    def keep(self, parts: Sequence[Part]) -> str:
        """Write the query that asks for these of its parts only."""
        kept = join_all([part.node for part in parts])
        return format_node(kept) if kept else ""


def parse_query(text: str, languages: Sequence[str] = (FRENCH,)) -> ParsedQuery:
    """Read a query, its words in each of the languages that may have been spoken.

    >>> [clause.source for clause in parse_query('la mairie « logiciel libre »').clauses]
    ['la', 'mairie', 'logiciel libre']
    >>> [part.without for part in parse_query("mairie OU ville -libre avant:2024").parts]
    ['']
    >>> parse_query('"mairie').ignored
    ('"',)
    """
    ignored: list[str] = []
    kept = _cut(text, ignored)
    spoken = tuple(languages[:MAX_LANGUAGES]) or (FRENCH,)
    root = _Reader(cut_lexemes(kept, ignored), ignored, spoken).read()
    if root is None:
        ignored = [piece for piece in ignored if piece not in OPERATORS]  # looked for as words
        root = _Reader(cut_words(kept), ignored, spoken).read()
    if root is None and kept.strip() and not ignored:
        ignored.append(_shorten(kept.strip()))
    return ParsedQuery(root, tuple(dict.fromkeys(ignored)), spoken)


def format_node(node: Node) -> str:
    """Write a tree as the query that reads as it.

    >>> format_node(parse_query("( a  OU «b  c») SAUF (d e) ET f*").root)
    '(a OU "b  c") -(d e) f'
    """
    match node:
        case Clause(source=source, quoted=True, slop=slop):
            return f'"{source}"' + (f"~{slop}" if slop > IN_A_ROW else "")
        case Clause(source=source, starts=starts):
            return f"{source}*" if starts else source
        case Filter(source=source):
            return source
        case Not(node=inner):
            return f"-{_bracket(inner)}"
        case AnyOf(nodes=nodes):
            written = [format_node(each) for each in nodes]
            return " OU ".join(
                f"({w})" if isinstance(n, All) else w for n, w in zip(nodes, written, strict=True)
            )
        case All(nodes=nodes):
            return _juxtapose([_bracket(each) for each in nodes])


def _bracket(node: Node) -> str:
    written = format_node(node)
    return f"({written})" if isinstance(node, All | AnyOf) else written


def _juxtapose(pieces: Sequence[str]) -> str:
    """Write pieces one after the other; « 30 » and « 000 » are kept from being read as one number."""
    written = pieces[0]
    for piece in pieces[1:]:
        grouped = written[-1].isdigit() and piece[:3].isdigit()
        written += f" ({piece})" if grouped else f" {piece}"
    return written


def _cut(text: str, ignored: list[str]) -> str:
    """Cut a query that is too long; a quotation that it cuts is closed there."""
    if len(text) <= MAX_QUERY_LENGTH:
        return text
    ignored.append(_shorten(text[MAX_QUERY_LENGTH:]))
    return close_quotation(text[:MAX_QUERY_LENGTH])


class _Reader:
    """One reading of a row of lexemes, by descent: any of, all of, not, one."""

    def __init__(self, lexemes: Sequence[Lexeme], ignored: list[str], languages: Sequence[str]) -> None:
        self._lexemes = lexemes
        self._ignored = ignored
        self._languages = languages
        self._at = 0
        self._terms = 0
        self._prefixes = 0

    def read(self) -> Node | None:
        """Read all of it."""
        return self._read_any()

    def _read_any(self) -> Node | None:
        """Read up to the end, or to a closing parenthesis."""
        branches: list[Node] = []
        pending: Lexeme | None = None  # an operator that still lacks what follows it
        while True:
            branch = self._read_all()
            if branch is not None:
                if pending is not None and not branches:
                    self._ignore(pending.text)
                branches.append(branch)
            elif pending is not None:
                self._ignore(pending.text)
            pending = self._take(Kind.OR)
            if pending is None:
                return join_any(branches)

    def _read_all(self) -> Node | None:
        nodes: list[Node] = []
        while (lexeme := self._peek()) is not None and lexeme.kind not in (Kind.OR, Kind.CLOSE):
            if lexeme.kind is Kind.AND:
                self._at += 1
                after = self._peek()
                if not nodes or after is None or after.kind in (Kind.AND, Kind.OR, Kind.CLOSE):
                    self._ignore(lexeme.text)
            elif lexeme.kind is Kind.NOT:
                self._at += 1
                if (node := self._read_excluded(lexeme)) is not None:
                    nodes.append(exclude(node))
            elif (node := self._read_one()) is not None:
                nodes.append(node)
        return join_all(nodes)

    def _read_excluded(self, operator: Lexeme) -> Node | None:
        after = self._peek()
        if after is None or after.kind in (Kind.AND, Kind.OR, Kind.NOT, Kind.CLOSE):
            self._ignore(operator.text)
            return None
        return self._read_one()

    def _read_one(self) -> Node | None:
        lexeme = self._lexemes[self._at]
        self._at += 1
        if lexeme.kind is Kind.OPEN:
            node = self._read_any()
            self._take(Kind.CLOSE)
            return node
        return self._keep(self._read_leaf(lexeme))

    def _read_leaf(self, lexeme: Lexeme) -> list[Node]:
        if lexeme.kind is Kind.FILTER:
            found = read_filter(lexeme)
            return [found] if found else self._ignore(lexeme.source)
        if lexeme.kind is Kind.QUOTE:
            return self._read_quotation(lexeme)
        if lexeme.text.rstrip(TRAILING).endswith("*"):
            return self._read_beginning(lexeme.text)
        return self._read_words(lexeme.text)

    def _read_quotation(self, lexeme: Lexeme) -> list[Node]:
        if lexeme.slop == IN_A_ROW:
            phrase = read_phrase(lexeme.text, self._languages)
            return [phrase] if phrase else self._ignore(lexeme.text)
        if near := read_nearness(lexeme.text, lexeme.slop, self._languages):
            if near.slop != lexeme.slop:
                self._ignore(f"~{lexeme.slop}")
            return [near]
        self._ignore(f"~{lexeme.slop}")
        return self._read_words(lexeme.text)

    def _read_beginning(self, text: str) -> list[Node]:
        beginning = read_beginning(text, self._languages) if self._prefixes < MAX_PREFIXES else None
        if beginning is None:
            self._ignore("*")
            return self._read_words(text)
        self._prefixes += 1
        return [beginning]

    def _read_words(self, text: str) -> list[Node]:
        words = list(read_words(text, self._languages))
        if not words and text in SAID_WHEN_ALONE:
            self._ignore(text)
        return list(words)

    def _take(self, kind: Kind) -> Lexeme | None:
        lexeme = self._peek()
        if lexeme is None or lexeme.kind is not kind:
            return None
        self._at += 1
        return lexeme

    def _peek(self) -> Lexeme | None:
        return self._lexemes[self._at] if self._at < len(self._lexemes) else None

    def _keep(self, nodes: list[Node]) -> Node | None:
        """Keep what there still is room for."""
        kept = []
        for node in nodes:
            if self._terms == MAX_QUERY_TERMS:
                self._ignore(format_node(node))
            else:
                self._terms += 1
                kept.append(node)
        return join_all(kept)

    def _ignore(self, text: str) -> list[Node]:
        self._ignored.append(_shorten(text))
        return []


def _shorten(text: str) -> str:
    return text if len(text) <= MAX_IGNORED_LENGTH else text[: MAX_IGNORED_LENGTH - 1] + "…"
