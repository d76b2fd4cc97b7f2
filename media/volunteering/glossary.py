"""The glossary of a show: names and words to be written so, and how the recogniser mishears them.

What is written here goes to the show's `terms`, which the recogniser is given for later episodes:
those corrected most come first, since it takes only so many. Terms that came to a show by another
way (its feed, the command line) are terms like any other from the first time that somebody asks.
Every change keeps its author; a term removed stays removed, and is not proposed again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from media import schema
from media.correction.authors import Author
from media.errors import N_, MediaError
from media.volunteering import tables
from media.volunteering.near import Terms, identify_words
from media.volunteering.rarity import mark_show_stale

MAX_SPELLING = 80
MAX_FORMS = 30
MAX_TERMS = 2_000  # of a show
TIMES_TO_PROPOSE = 2
PAGE_LENGTH = 100


class GlossaryError(MediaError):
    """A term cannot be kept so."""


class BadTermError(GlossaryError):
    """A term is empty, or too long."""

    msgid = N_("A term has one to %(most)d characters.")


class FullGlossaryError(GlossaryError):
    """A show has as many terms as it may."""

    msgid = N_("This show has %(most)d terms, and can take no more. Remove some first.")


class UnknownTermError(GlossaryError):
    """The show has no such term."""

    msgid = N_("There is no term “%(name)s” in this glossary.")


@dataclass(frozen=True, slots=True)
class Term:
    """How something is to be written in a show, and what was heard instead."""

    show_id: int
    spelling: str
    forms: tuple[str, ...] = ()  # wrong ones, as first written


@dataclass(frozen=True, slots=True)
class ProposedTerm:
    """A term that people's corrections suggest."""

    show_id: int
    spelling: str
    forms: tuple[str, ...]
    times: int  # that it was corrected


@dataclass(frozen=True, slots=True)
class GlossaryChange:
    """One change of a glossary, as its history tells it."""

    act: str  # "added", "edited", "removed"
    spelling: str
    detail: Mapping[str, Any]
    made_at: datetime
    author: str


def list_terms(connection: Connection, show_id: int) -> list[Term]:
    """List a show's terms by spelling."""
    held = {row.spelling: row for row in connection.execute(_rows(show_id))}
    bare = connection.execute(select(schema.show.c.terms).where(schema.show.c.id == show_id)).scalar() or []
    terms = [_term(row) for row in held.values() if not row.removed or row.spelling in bare]
    terms += [Term(show_id, spelling) for spelling in dict.fromkeys(bare) if spelling not in held]
    return sorted(terms, key=lambda term: term.spelling.casefold())


def read_terms(connection: Connection, show_id: int) -> Terms:
    """Read a show's terms as they are looked for in its words."""
    terms = list_terms(connection, show_id)
    recorded = tuple((form, term.spelling) for term in terms for form in term.forms)
    return Terms(tuple(term.spelling for term in terms), recorded)


def add_term(
    connection: Connection,
    show_id: int,
    spelling: str,
    author: Author,
    now: datetime,
    forms: Iterable[str] = (),
) -> Term:
    """Add a term, or forms to the one there is; BadTermError or FullGlossaryError where it cannot be."""
    spelling = _clean(spelling)
    known = find_term(connection, show_id, spelling)
    if known is None and len(list_terms(connection, show_id)) >= MAX_TERMS:
        raise FullGlossaryError(f"show {show_id} has {MAX_TERMS} terms", most=MAX_TERMS)
    wrong = _clean_forms(spelling, (*(known.forms if known else ()), *forms))
    if known is not None and known.forms == wrong:
        return known
    _write(connection, Term(show_id, spelling, wrong), removed=False)
    act = "added" if known is None else "edited"
    _record(connection, show_id, act, spelling, {"forms": list(wrong)}, author, now)
    return Term(show_id, spelling, wrong)


def edit_term(
    connection: Connection,
    show_id: int,
    spelling: str,
    other: str,
    forms: Iterable[str],
    author: Author,
    now: datetime,
) -> Term:
    """Give a term another spelling, and these forms heard; UnknownTermError where there is none."""
    known, other = get_term(connection, show_id, spelling), _clean(other)
    wrong = _clean_forms(other, forms)
    if other == known.spelling and wrong == known.forms:
        return known
    if other != known.spelling:
        _write(connection, known, removed=True)
    _write(connection, Term(show_id, other, wrong), removed=False)
    detail = {"forms": list(wrong), "was": known.spelling, "forms_were": list(known.forms)}
    if other == known.spelling:
        del detail["was"]
    _record(connection, show_id, "edited", other, detail, author, now)
    return Term(show_id, other, wrong)


def remove_term(connection: Connection, show_id: int, spelling: str, author: Author, now: datetime) -> None:
    """Take a term out of a glossary; UnknownTermError where there is none."""
    known = get_term(connection, show_id, spelling)
    _write(connection, known, removed=True)
    _record(connection, show_id, "removed", known.spelling, {"forms": list(known.forms)}, author, now)


def import_terms(
    connection: Connection, show_id: int, lines: Iterable[str], author: Author, now: datetime
) -> int:
    """Add a term a line, as « spelling = form heard, other form »; returns how many were read.

    Empty lines and those that begin by # are passed over.
    """
    count = 0
    for line in lines:
        spelling, _, forms = line.partition("=")
        if not spelling.strip() or line.lstrip().startswith("#"):
            continue
        add_term(connection, show_id, spelling, author, now, forms.split(","))
        count += 1
    return count


def find_term(connection: Connection, show_id: int, spelling: str) -> Term | None:
    """Find a term by its very spelling."""
    return next((term for term in list_terms(connection, show_id) if term.spelling == spelling), None)


def get_term(connection: Connection, show_id: int, spelling: str) -> Term:
    """Find a term by its very spelling; UnknownTermError where there is none."""
    term = find_term(connection, show_id, spelling)
    if term is None:
        raise UnknownTermError(f"no term {spelling!r} in show {show_id}", name=spelling[:MAX_SPELLING])
    return term


def list_proposed(connection: Connection, show_id: int | None = None, limit: int = 50) -> list[ProposedTerm]:
    """List the terms that corrections made twice or more suggest, most often corrected first."""
    pairs = (
        select(
            schema.episode.c.show_id,
            tables.replacement.c.written,
            tables.replacement.c.heard,
            func.sum(tables.replacement.c.count).label("times"),
        )
        .join(schema.episode, schema.episode.c.id == tables.replacement.c.episode_id)
        .group_by(schema.episode.c.show_id, tables.replacement.c.written, tables.replacement.c.heard)
    )
    if show_id is not None:
        pairs = pairs.where(schema.episode.c.show_id == show_id)
    forms: dict[tuple[int, str], dict[str, int]] = {}
    for show, written, heard, times in connection.execute(pairs):
        forms.setdefault((show, written), {})[heard] = int(times)
    proposed = [
        ProposedTerm(show, written, tuple(sorted(heard, key=lambda form: -heard[form])), sum(heard.values()))
        for (show, written), heard in forms.items()
        if sum(heard.values()) >= TIMES_TO_PROPOSE
    ]
    proposed = [term for term in proposed if not _is_known(connection, term)]
    return sorted(proposed, key=lambda term: (-term.times, term.spelling.casefold()))[:limit]


def list_changes(connection: Connection, show_id: int, limit: int = PAGE_LENGTH) -> list[GlossaryChange]:
    """List what was done to a show's glossary, latest first."""
    query = (
        select(tables.glossary_change)
        .where(tables.glossary_change.c.show_id == show_id)
        .order_by(tables.glossary_change.c.id.desc())
        .limit(limit)
    )
    return [
        GlossaryChange(row.act, row.spelling, row.detail, row.made_at, row.author)
        for row in connection.execute(query)
    ]


def _is_known(connection: Connection, term: ProposedTerm) -> bool:
    """Tell whether a term and all its forms are in the glossary, or somebody took it out."""
    query = _rows(term.show_id).where(tables.glossary_term.c.spelling == term.spelling)
    row = connection.execute(query).first()
    if row is None:
        return False
    return bool(row.removed) or {identify_words(form) for form in term.forms} <= {
        identify_words(form) for form in row.forms
    }


def _clean(spelling: str) -> str:
    plain = " ".join(spelling.split())
    if not 1 <= len(plain) <= MAX_SPELLING or not identify_words(plain).strip() or not plain.isprintable():
        raise BadTermError(f"a term of {len(plain)} characters", most=MAX_SPELLING)
    return plain


def _clean_forms(spelling: str, forms: Iterable[str]) -> tuple[str, ...]:
    """Keep each form once, none that is the spelling itself."""
    kept: dict[str, str] = {}
    for form in forms:
        plain = " ".join(form.split())[:MAX_SPELLING]
        if plain.isprintable() and (key := identify_words(plain).strip()):
            kept.setdefault(key, plain)
    kept.pop(identify_words(spelling), None)
    return tuple(kept.values())[:MAX_FORMS]


def _write(connection: Connection, term: Term, *, removed: bool) -> None:
    here = (tables.glossary_term.c.show_id == term.show_id) & (
        tables.glossary_term.c.spelling == term.spelling
    )
    values = {"forms": list(term.forms), "removed": removed}
    if not connection.execute(update(tables.glossary_term).where(here).values(**values)).rowcount:
        connection.execute(
            insert(tables.glossary_term).values(show_id=term.show_id, spelling=term.spelling, **values)
        )


def _record(
    connection: Connection,
    show_id: int,
    act: str,
    spelling: str,
    detail: Mapping[str, Any],
    author: Author,
    now: datetime,
) -> None:
    _give_to_recogniser(connection, show_id, spelling if act == "removed" else detail.get("was"))
    row = {"show_id": show_id, "act": act, "spelling": spelling, "detail": dict(detail), "made_at": now}
    row |= {"account_id": author.account_id, "author": author.name}
    connection.execute(insert(tables.glossary_change).values(**row))
    mark_show_stale(connection, show_id)


def _give_to_recogniser(connection: Connection, show_id: int, without: str | None) -> None:
    """Write the show's terms but this one, those misheard in the most ways first: they help most."""
    terms = sorted(list_terms(connection, show_id), key=lambda term: -len(term.forms))
    spellings = [term.spelling for term in terms if term.spelling != without]
    connection.execute(update(schema.show).where(schema.show.c.id == show_id).values(terms=spellings))


def _rows(show_id: int) -> Any:
    return (
        select(tables.glossary_term)
        .where(tables.glossary_term.c.show_id == show_id)
        .order_by(tables.glossary_term.c.id)
    )


def _term(row: Row[Any]) -> Term:
    return Term(row.show_id, row.spelling, tuple(row.forms))
