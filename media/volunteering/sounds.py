"""How alike two spellings sound in French, so that a term is recognised in what was misheard.

A key writes a word as it is heard: silent letters go, one sound has one sign. *Moove flo* and
*MoveFlow* then differ by a letter. A pair is judged by its letters and by its key, over up to three
words joined, because a recogniser writes an unknown name as several known words.
"""

import re
from functools import lru_cache

from rapidfuzz.distance import OSA

from media.volunteering.writing import fold

MIN_LETTERS = 4  # of a term: shorter ones are near to too many words
NEAR = 0.70  # least likeness by sound; 1 is the same
NEAR_LETTERS = 0.75  # least likeness by letters alone
REMEMBERED = 1 << 15

# In order: a later rule reads what an earlier one wrote. Capitals are sounds, not letters.
RULES = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"([^aeiou])\1+", r"\1"),
        (r"^h|(?<![cps])h", ""),
        (r"sch|sh|ch", "C"),
        (r"ph", "f"),
        (r"th", "t"),
        (r"gn", "N"),
        (r"qu|q|ck", "k"),
        (r"c(?=[eiy])", "s"),
        (r"c", "k"),
        (r"gu(?=[eiy])", "g"),
        (r"ge(?=[ao])|g(?=[eiy])|dj", "j"),
        (r"tion", "siO"),
        (r"x", "ks"),
        (r"w(?=[aeiou])", "v"),
        (r"eau|au", "o"),
        (r"ow\b|ow$", "o"),
        (r"w", "o"),
        (r"oo|ou", "u"),
        (r"oi", "ua"),
        (r"oeu|eu", "e"),
        (r"(?:ain|ein|in|im|yn|ym)(?![aeiouyn])", "I"),
        (r"(?:an|en|am|em)(?![aeiouymn])", "A"),
        (r"(?:on|om)(?![aeiouymn])", "O"),
        (r"un(?![aeiouymn])", "I"),
        (r"ai|ei|ay|ey", "e"),
        (r"y", "i"),
        (r"z", "s"),
        (r"(?<=\w\w)es?$", ""),
        (r"(?<=\w\w)[stdpxzg]+$", ""),
        (r"(.)\1+", r"\1"),
    )
]


@lru_cache(REMEMBERED)
def hear(folded: str) -> str:
    """Write a folded word as it sounds; never empty for a word that is not.

    >>> hear("moveflow"), hear("mooveflo"), hear("gutierez"), hear("gutierrez")
    ('moveflo', 'muveflo', 'gutier', 'gutier')
    """
    heard = folded
    for pattern, sound in RULES:
        heard = pattern.sub(sound, heard)
    return heard or folded


@lru_cache(REMEMBERED)
def compare(left: str, right: str) -> float:
    """Say how alike two folded words are, from 0 to 1, by letters or by sound, whichever is more."""
    by_letters = OSA.normalized_similarity(left, right)
    by_sound = OSA.normalized_similarity(hear(left), hear(right))
    return max(by_letters, by_sound)


def is_near(heard: str, term: str) -> float | None:
    """Return how near folded words heard are to a folded term; None where they are not, or are it.

    A term's plural is the term: it is never near itself.

    >>> [is_near(heard, "moveflow") is not None for heard in ("mouflow", "moveflows", "flot")]
    [True, False, False]
    """
    if len(term) < MIN_LETTERS or heard.rstrip("sx") == term.rstrip("sx") or not heard:
        return None
    if not 0.6 <= len(heard) / len(term) <= 1.6:
        return None
    by_letters = OSA.normalized_similarity(heard, term, score_cutoff=NEAR_LETTERS)
    left, right = hear(heard), hear(term)
    by_sound = OSA.normalized_similarity(left, right, score_cutoff=NEAR)
    if by_sound and not _share_an_end(left, right):
        by_sound = 0.0
    best = max(by_letters, by_sound)
    return best or None


def fold_words(words: str) -> str:
    """Fold several words into one, as they are compared."""
    return "".join(fold(word) for word in words.split())


def _share_an_end(left: str, right: str) -> bool:
    """Misheard names keep their first sound, or their last two: others are other words."""
    return left[:1] == right[:1] or left[-2:] == right[-2:]
