"""Find likelier spellings of a query: its unknown words, changed for words that were said.

A speech recogniser and a hurried hand make the same mistakes: letters swapped, doubled, left out,
heard alike. A word of the index is proposed only if more turns say it than the typed one, as it
is written there (« Diop »). Nothing is swapped here: these are other queries, to be offered.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby, islice, product
from math import log10
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from search.analysis import iter_tokens
from search.chunks import FORM, PART, TokenKind
from search.clauses import name_words
from search.folding import fold
from search.nodes import All, AnyOf, Clause, Field, Filter, Node
from search.query import ParsedQuery, format_node
from search.schema import EXACT, SPEAKER, TEXT
from search.snapshot import Snapshot

MAX_SPELLINGS = 3  # of a query
MAX_CHANGED_WORDS = 4
MAX_CANDIDATES = 3  # for one word
MAX_NEIGHBOURS = 64
MIN_LENGTH = 3  # letters; shorter words are all near one another
LONG_WORD = 6  # letters, that may be twice mistaken
RARE = 3  # turns that say a word that may yet be a mistake
MUCH_MORE = 20  # times as frequent
SLIGHT = 0.5  # mistakes: letters swapped, doubled, or that sound alike
HEARD_ALIKE = {
    **dict.fromkeys(("f", "ph"), ("f", "ph")),
    **dict.fromkeys(("i", "y"), ("i", "y")),
    **dict.fromkeys(("k", "qu"), ("k", "qu", "c")),
    **dict.fromkeys(("o", "au", "eau"), ("o", "au", "eau")),
}
PIECES = re.compile("ph|qu|eau|au|.")
SOUNDS = (("ph", "f"), ("qu", "k"), ("eau", "o"), ("au", "o"), ("y", "i"), ("ç", "s"), ("c", "k"), ("h", ""))


class Candidate(NamedTuple):
    """A word that may have been meant."""

    written: str
    passages: int  # that say it
    cost: float  # how unlikely it is


def list_spellings(parsed: ParsedQuery, snapshot: Snapshot) -> tuple[str, ...]:
    """List the query spelled in likelier ways, the likeliest first; empty where every word is known.

    The first is the nearest spelling of the whole query.
    """
    if parsed.root is None:
        return ()
    words = islice(dict.fromkeys(_list_words(parsed.root)), MAX_CHANGED_WORDS)
    changes = {}
    for word in words:
        if found := _find_candidates(word, parsed.languages[0], snapshot):
            changes[word] = found
    if not changes:
        return ()
    best = {word: found[0].written for word, found in changes.items()}
    ways = [best]
    ways += [best | {word: other.written} for word, found in changes.items() for other in found[1:]]
    texts = dict.fromkeys(format_node(_respell(parsed.root, way)) for way in ways)
    return tuple(islice(texts, MAX_SPELLINGS))


class _Word(NamedTuple):
    written: str
    field: Field | None  # of the filter that it is in


def _list_words(node: Node) -> Iterator[_Word]:
    """Yield the words that must be said, and those of names, as typed."""
    match node:
        case Clause(starts=()):
            yield from (_Word(written, None) for written in PART.findall(node.source))
        case Filter(field=Field.SPEAKER | Field.SHOW):
            value = node.source.partition(":")[2]
            yield from (_Word(written, node.field) for written in PART.findall(value))
        case All(nodes=nodes) | AnyOf(nodes=nodes):
            for each in nodes:
                yield from _list_words(each)


def _respell(node: Node, changed: Mapping[_Word, str]) -> Node:
    """Change words of a tree, which is then only good to be written."""
    match node:
        case Clause(starts=()):
            return replace(node, source=_change(node.source, None, changed))
        case Filter(field=Field.SPEAKER | Field.SHOW):
            name, _, value = node.source.partition(":")
            return replace(node, source=f"{name}:{_change(value, node.field, changed)}")
        case All(nodes=nodes):
            return All(tuple(_respell(each, changed) for each in nodes))
        case AnyOf(nodes=nodes):
            return AnyOf(tuple(_respell(each, changed) for each in nodes))
        case _:
            return node


def _change(text: str, field: Field | None, changed: Mapping[_Word, str]) -> str:
    return PART.sub(lambda found: changed.get(_Word(found.group(), field), found.group()), text)


def _find_candidates(word: _Word, language: str, snapshot: Snapshot) -> list[Candidate]:
    if word.field is not None:
        return _find_names(word, snapshot)
    tokens = list(iter_tokens(word.written, language))
    if len(tokens) != 1 or not tokens[0].terms[0].isalpha() or tokens[0].kind is not TokenKind.WORD:
        return []
    typed = tokens[0].terms[0]
    known = snapshot.frequency(TEXT, typed)
    if known > RARE or len(typed) < MIN_LENGTH:
        return []
    if known:  # only a slight mistake is doubted: few words to look up, and no list of all of them
        slips = {term: snapshot.frequency(TEXT, term) for term in _slip(typed)}
        found = _find_near(typed, {term: count for term, count in slips.items() if count}, known)
    else:
        found = _find_near(typed, snapshot.list_terms(), known)
    return [each._replace(written=_show(each.written, word.written, snapshot)) for each in found]


def _find_names(word: _Word, snapshot: Snapshot) -> list[Candidate]:
    """Find the words of names that are near a word that no name has."""
    counts: dict[str, int] = {}
    shown: dict[str, str] = {}
    for name, count in snapshot.list_names(str(word.field)):
        for part, folded in zip(PART.findall(name), name_words(name), strict=False):
            counts[folded] = counts.get(folded, 0) + count
            shown.setdefault(folded, part)
    typed = fold(word.written)
    if typed in counts or len(typed) < MIN_LENGTH:
        return []
    return [each._replace(written=shown[each.written]) for each in _find_near(typed, counts, 0)]


def _find_near(typed: str, counts: Mapping[str, int], known: int) -> list[Candidate]:
    """Find the words near a typed one that are said more often, the likeliest first."""
    mistakes = 2 if len(typed) >= LONG_WORD and not known else 1
    near = process.extract(
        typed, list(counts), scorer=OSA.distance, score_cutoff=mistakes, limit=MAX_NEIGHBOURS
    )
    alike = [(term, mistakes, 0) for term in _spell_as_heard(typed) if term in counts]
    found = []
    for term, distance, _ in {held[0]: held for held in (*alike, *near)}.values():
        count = counts[term]
        cost = _cost(typed, term, distance)
        if FORM in term or term == typed or not term.isalpha() or count <= known:
            continue
        if known and (cost > SLIGHT or count < MUCH_MORE * known):
            continue
        found.append(Candidate(term, count, 2 * cost - log10(count + 1)))
    most = max((each.passages for each in found), default=0)
    likely = [each for each in found if each.passages * MUCH_MORE > most]  # others are the same mistake
    return sorted(likely, key=lambda each: (each.cost, each.written))[:MAX_CANDIDATES]


def _cost(typed: str, term: str, distance: float) -> float:
    """Weigh mistakes: slight ones are likelier, and one in the first letter is not."""
    if _sound(typed) == _sound(term) or (distance == 1 and sorted(typed) == sorted(term)):
        return SLIGHT
    return distance + (SLIGHT if typed[0] != term[0] else 0)


def _slip(word: str) -> set[str]:
    """Spell a word with one slight mistake: two letters swapped, one doubled or not, a word heard alike.

    >>> sorted(_slip("elle") - _spell_as_heard("elle"))
    ['eelle', 'ele', 'elel', 'ellee', 'ellle', 'lele']
    """
    pairs = range(len(word) - 1)
    swapped = {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in pairs}
    doubled = {word[:at] + word[at] + word[at:] for at in range(len(word))}
    single = {word[:at] + word[at + 1 :] for at in pairs if word[at] == word[at + 1]}
    return (swapped | doubled | single | _spell_as_heard(word)) - {word}


def _spell_as_heard(word: str) -> set[str]:
    """Spell a word in the other ways that sound alike.

    >>> sorted(_spell_as_heard("farmaci"))
    ['farmaci', 'farmacy', 'pharmaci', 'pharmacy']
    """
    pieces = [HEARD_ALIKE.get(piece, (piece,)) for piece in PIECES.findall(word)]
    return {"".join(way) for way in islice(product(*pieces), MAX_NEIGHBOURS)}


def _sound(word: str) -> str:
    """Write a word roughly as it is heard.

    >>> _sound("malakof") == _sound("malakoff"), _sound("fotografie") == _sound("photographie")
    (True, True)
    """
    for letters, sound in SOUNDS:
        word = word.replace(letters, sound)
    return "".join(letter for letter, _ in groupby(word))


def _show(term: str, typed: str, snapshot: Snapshot) -> str:
    """Write a term as the archive writes it: the form most like the typed one, in its case."""
    forms = {key.partition(FORM)[2]: count for key, count in snapshot.list_terms(term + FORM, EXACT).items()}
    plain = snapshot.frequency(TEXT, term) - sum(forms.values())
    written = {term: plain, **forms} if plain > 0 or not forms else forms
    folded = fold(typed)
    words = {form: count for form, count in written.items() if PART.fullmatch(form)} or {term: plain}
    best = min(words, key=lambda form: (OSA.distance(fold(form), folded), -words[form], form))
    return _in_case_of(typed, best, snapshot)


def _in_case_of(typed: str, word: str, snapshot: Snapshot) -> str:
    """Give a word the capitals of the typed one, or those of the name of somebody who speaks."""
    if typed.isupper() and len(typed) > 1:
        return word.upper()
    if typed[0].isupper():
        return word[0].upper() + word[1:]
    names: Sequence[str] = [
        part
        for name, _ in snapshot.list_names(SPEAKER)
        for part in PART.findall(name)
        if fold(part) == fold(word)
    ]
    return names[0] if names else word
