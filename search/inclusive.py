"""Inclusive writing: what « élu·e·s » says, the masculine and the feminine.

One form may be written with any of several separators, and its feminine ending may append to the
word (élu·e), double a letter (citoyen·ne) or replace an ending (animateur·trice). Endings come
from a list, so that « plate-forme », « est-ce » or « dis-le » stay what they are.
"""

from collections.abc import Iterator

DOTS = "·•⋅‧∙"  # as separators they are used for nothing else
STRICT = ".-‐‑/("  # used for much else: fewer endings, known ones
SEPARATORS = DOTS + STRICT
MIN_BASE_LENGTH = 2  # « un·e »

# Feminine ending, folded and in the singular: masculine endings that it stands for.
ENDINGS = {
    "e": ("",),
    "ne": ("",),
    "te": ("",),
    "le": ("",),
    "se": ("r", "x", ""),
    "ere": ("er",),
    "iere": ("ier",),
    "trice": ("teur",),
    "rice": ("eur",),
    "ice": ("eur",),
    "euse": ("eur", "eux"),
    "eresse": ("eur",),
    "ive": ("if",),
    "ve": ("f",),
    "elle": ("el", "eau"),
    "enne": ("en",),
    "onne": ("on",),
    "ienne": ("ien",),
    "ale": ("al",),
    "esse": ("e", ""),
    "sse": ("",),
    "ee": ("e",),
    "che": ("c",),
    "que": ("c",),
}
FIRST_ENDINGS = frozenset(["s", *ENDINGS, *(f"{ending}s" for ending in ENDINGS)])  # what may follow a base
MASCULINES = {"tou": "tous"}  # « tou·te·s »
GROWN = {"ice": "rice"}  # « acteur·ice » leaves a letter out
PRONOUNS = frozenset({"le", "se"})  # « dis-le », not « professionnel-le »


def read_feminine(base: str, ending: str, separators: str) -> tuple[str, ...] | None:
    """Write out the forms of a folded word and its folded ending(s); None where it is not inclusive.

    >>> read_feminine("elu", "es", "··"), read_feminine("animateurs", "trices", "·")
    (('elu', 'elues'), ('animateurs', 'animatrices'))
    >>> read_feminine("plate", "forme", "-"), read_feminine("dis", "le", "-")
    (None, None)
    """
    if len(base) < MIN_BASE_LENGTH or not base.isalpha():
        return None
    strict = any(separator in STRICT for separator in separators)
    if ending == "s":
        return (base,) if separators[0] in DOTS + "(" else None
    plural = ending.endswith("s")
    feminine = ending[:-1] if plural else ending
    if feminine not in ENDINGS or (strict and feminine in PRONOUNS and not plural):
        return None
    if strict and ending in ("les", "ses"):  # « dis-les »
        return None
    forms = tuple(dict.fromkeys(_feminines(base, feminine, plural=plural)))
    return (MASCULINES.get(base, base), *forms) if forms else None


def _feminines(base: str, ending: str, *, plural: bool) -> Iterator[str]:
    """Yield the words that the ending may make; a final s of the base may be its plural or its own."""
    singulars = [base]
    if plural and base.endswith(("s", "x")):
        singulars.insert(0, base[:-1])
    for singular in singulars:
        for masculine in ENDINGS[ending]:
            if singular.endswith(masculine) and len(singular) > len(masculine):
                root = singular[: len(singular) - len(masculine)]
                yield root + GROWN.get(ending, ending) + ("s" if plural else "")
                break
