"""What a query is made of: words, phrases and filters, joined by all, any and not.

Values only, for whoever reads a query: `query` makes them, `trees` makes them into Whoosh's,
`matching` finds them again in a text.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from media.transcript import TurnState

Place = tuple[str, ...]  # terms, any of which answers
Path = tuple[Place, ...]

IN_A_ROW = 1


class Field(StrEnum):
    """What a filter looks at."""

    SPEAKER = "speaker"
    SHOW = "show"
    CHAPTER = "chapter"
    STATE = "state"
    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Clause:
    """Something that a turn must say: a word, the beginning of one, or words together.

    Its paths are ways in which the words may stand in a text, each a row of places, each place
    a set of terms that answer there: « plate-forme » is the row *plate forme*, or *plateforme*.
    """

    source: str  # as typed, without its marks
    paths: tuple[Path, ...]
    quoted: bool = False
    slop: int = IN_A_ROW  # more: within so many words of one another, in any order
    starts: tuple[str, ...] = ()  # of `pref*`: what a term may begin with, beside the paths


@dataclass(frozen=True, slots=True)
class Filter:
    """Something that a turn must be, whatever it says."""

    source: str  # as typed, its field's name too
    field: Field
    words: tuple[str, ...] = ()  # folded, of a name or a title: all of them are in it
    day: int | None = None  # from 1970-01-01: before it, or from it on
    state: TurnState | None = None


@dataclass(frozen=True, slots=True)
class All:
    """Each of these, anywhere in the turn."""

    nodes: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of these."""

    nodes: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """Turns without this."""

    node: "Node"


Node = Clause | Filter | All | AnyOf | Not


def list_clauses(node: Node) -> Iterator[Clause]:
    """Yield the words that a match may say, in the order typed; what is excluded is left out."""
    if isinstance(node, Clause):
        yield node
    elif isinstance(node, All | AnyOf):
        for branch in node.nodes:
            yield from list_clauses(branch)


def join_all(nodes: list[Node]) -> Node | None:
    """Make one node of several that are all required."""
    flat = _unlike(each for node in nodes for each in (node.nodes if isinstance(node, All) else (node,)))
    return All(flat) if len(flat) > 1 else next(iter(flat), None)


def join_any(nodes: list[Node]) -> Node | None:
    """Make one node of several of which one is enough."""
    flat = _unlike(each for node in nodes for each in (node.nodes if isinstance(node, AnyOf) else (node,)))
    return AnyOf(flat) if len(flat) > 1 else next(iter(flat), None)


def exclude(node: Node) -> Node:
    """Make the contrary of a node."""
    return node.node if isinstance(node, Not) else Not(node)


def _unlike(nodes: Iterator[Node]) -> tuple[Node, ...]:
    """Keep the first of those that ask for the same."""
    kept: dict[object, Node] = {}
    for node in nodes:
        same: object = (node.paths, node.slop, node.starts) if isinstance(node, Clause) else node
        kept.setdefault(same, node)
    return tuple(kept.values())
