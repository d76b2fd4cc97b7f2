"""Words that may be a term of the glossary, misheard.

A form that people have corrected into the term before counts as such, surely. Otherwise one to
three words are compared with each term by letters and by sound, and only where the recogniser
was itself not certain, or nobody says such a word here: frequent words are what they are.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from media.transcript import Word
from media.volunteering.frequent import FREQUENT
from media.volunteering.sounds import fold_words, is_near
from media.volunteering.writing import SENTENCE_ENDS, fold, identify, take_apart

MAX_WINDOW = 3  # words that one term may have been heard as
CERTAIN = 0.9  # a word heard with more than this is not a near-miss
RARE = 0.3  # least rarity of a word that may be a misheard name
SPLIT = 0.95  # likeness of a term whose letters are all there, cut into words
RECORDED = 1.0
MAX_TERMS = 400  # compared; a longer glossary is compared by its first


@dataclass(frozen=True)
class Terms:
    """A show's terms, made ready to be looked for."""

    spellings: tuple[str, ...]
    recorded: tuple[tuple[str, str], ...]  # a form heard, and the spelling that it stands for

    @cached_property
    def folded(self) -> tuple[tuple[str, str], ...]:
        """Each spelling, folded."""
        pairs = ((fold_words(spelling), spelling) for spelling in self.spellings[:MAX_TERMS])
        return tuple((folded, spelling) for folded, spelling in pairs if folded)

    @cached_property
    def by_form(self) -> dict[str, str]:
        """Spellings by the forms heard, as they are compared."""
        return {identify_words(form): spelling for form, spelling in self.recorded}

    @cached_property
    def own(self) -> frozenset[str]:
        """Every spelling as it is compared: none is a near-miss of another."""
        return frozenset(identify_words(spelling) for spelling in self.spellings)

    @cached_property
    def sizes(self) -> frozenset[int]:
        """How many words spellings have."""
        return frozenset(len(spelling.split()) for spelling in self.spellings)

    @cached_property
    def parts(self) -> frozenset[str]:
        """Each word of each spelling, folded."""
        return frozenset(
            fold(take_apart(word).core) for spelling in self.spellings for word in spelling.split()
        )


@dataclass(frozen=True, slots=True)
class NearMiss:
    """Words of a turn that may be a term."""

    first_word: int
    last_word: int  # inclusive
    spelling: str
    likeness: float
    is_recorded: bool  # people have corrected this very form before


def find_near_misses(
    words: Sequence[Word], terms: Terms, rarity: Callable[[str], float]
) -> Iterator[NearMiss]:
    """Yield the near-misses of a turn's words in order; of any that overlap, the nearest."""
    if not terms.spellings:
        return
    cores = [take_apart(word.text).core for word in words]
    taken = _find_terms(cores, terms)
    found = [
        miss
        for at in range(len(words))
        for size in range(1, MAX_WINDOW + 1)
        if taken.isdisjoint(range(at, at + size))
        and (miss := _look(words, cores, at, size, terms, rarity)) is not None
    ]
    kept = []
    for miss in sorted(found, key=lambda miss: (-miss.likeness, miss.last_word - miss.first_word)):
        places = range(miss.first_word, miss.last_word + 1)
        if taken.isdisjoint(places):
            taken.update(places)
            kept.append(miss)
    yield from sorted(kept, key=lambda miss: miss.first_word)


def _find_terms(cores: Sequence[str], terms: Terms) -> set[int]:
    """Find the words that are in a term written right, or in its plural."""
    names = [identify(core) for core in cores]
    return {
        place
        for size in terms.sizes
        for at in range(len(names) - size + 1)
        if {said := " ".join(names[at : at + size]), said.rstrip("sx")} & terms.own
        for place in range(at, at + size)
    }


def identify_words(words: str) -> str:
    """Write words so that two such are equal where they are the same words."""
    return " ".join(identify(take_apart(word).core) for word in words.split())


def _look(
    words: Sequence[Word],
    cores: Sequence[str],
    at: int,
    size: int,
    terms: Terms,
    rarity: Callable[[str], float],
) -> NearMiss | None:
    held = cores[at : at + size]
    if len(held) < size or not all(held) or _is_broken(words[at : at + size]):
        return None
    said = " ".join(identify(core) for core in held)
    if (spelling := terms.by_form.get(said)) is not None:
        return NearMiss(at, at + size - 1, spelling, RECORDED, True)
    if not _is_suspect(words[at : at + size], held, terms, rarity):
        return None
    near = list(_compare("".join(fold(core) for core in held), size, terms))
    if not near:
        return None
    likeness, spelling = max(near)
    return NearMiss(at, at + size - 1, spelling, likeness, False)


def _compare(heard: str, size: int, terms: Terms) -> Iterable[tuple[float, str]]:
    for folded, spelling in terms.folded:
        if heard == folded:
            if size != len(spelling.split()):
                yield SPLIT, spelling
        elif (likeness := is_near(heard, folded)) is not None:
            yield likeness, spelling


def _is_suspect(
    words: Sequence[Word], cores: Sequence[str], terms: Terms, rarity: Callable[[str], float]
) -> bool:
    """Tell whether these may be a misheard name: heard with doubt, and not ordinary words."""
    probabilities = [word.probability for word in words]
    if any(probability is None for probability in probabilities):
        return False  # a person wrote this
    if min(probability or 0.0 for probability in probabilities) >= CERTAIN:
        return False
    folded = [fold(core) for core in cores]
    if len(folded) == 1:
        return folded[0] not in FREQUENT and folded[0] not in terms.parts and rarity(cores[0]) >= RARE
    # Ordinary words may make up a name; but not with a little word at either end.
    return not any(len(word) < 2 for word in folded) and max(map(rarity, cores)) >= RARE


def _is_broken(words: Sequence[Word]) -> bool:
    """Tell whether a sentence or a clause ends inside these words."""
    return any(word.text.rstrip().endswith((*SENTENCE_ENDS, ",", ";", ":", "»", ")")) for word in words[:-1])
