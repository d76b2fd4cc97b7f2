"""Make a word into the term under which it is indexed: folded, then lightly stemmed.

Case, accents and ligatures are folded, then a plural ending is taken off, and nothing else: French
stemmers that take more merge *usager* with *usage* and *maire* with *mairie*. The stem is a
function of the folded word alone, so that a query typed without accents finds the same term.
"""

import unicodedata

MAX_TERM_LENGTH = 64  # letters; nobody searches for more of a word than this
MIN_STEMMED_LENGTH = 4

# Words whose last letter is no plural, and that would meet another word without it (folded).
INVARIABLE = frozenset(
    """apres aupres cours dans dessous dessus fils fois jadis mais mois moins mars nous ours paris pas
    pays plus poids pres puis sans sous tous toutefois tres vers vous
    aux chaux choix croix dix eux faux ceux deux flux paix prix roux six taux toux voix""".split()  # noqa: SIM905
)
# -aux that is not the plural of -al.
AUX = {
    **dict.fromkeys(("baux",), "bail"),
    **{f"{root}aux": f"{root}ail" for root in ("cor", "em", "soupir", "trav", "vant", "vent", "vitr")},
    **{f"{root}aux": f"{root}au" for root in ("alo", "bo", "jo", "no", "tu", "land", "sarr")},
    **{f"{root}aux": f"{root}au" for root in ("aloy", "boy", "joy", "noy", "tuy", "gru", "fabli", "esquim")},
}
SHORT_PLURALS = {"ans": "an", "eus": "eu", "lus": "lu", "vus": "vu", "rus": "ru"}
SUPPLEMENT = range(0xE0100, 0xE01F0)  # Unicode's variation selectors beyond the first sixteen
# Marks that only say how the letter before is drawn, or hold two together.
SELECTORS = frozenset(
    map(chr, (0x34F, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *SUPPLEMENT))
)
IRREGULAR = {"yeux": "oeil", "cieux": "ciel"}

APOSTROPHES = "'’‘ʼ′＇`"
HYPHENS = "-‐‑"
SPACES = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"
INVISIBLE = (
    "\N{SOFT HYPHEN}\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}\N{WORD JOINER}\ufeff"
)
AS_SHOWN = str.maketrans(
    dict.fromkeys(APOSTROPHES, "’") | dict.fromkeys(HYPHENS, "-") | dict.fromkeys(INVISIBLE)
)


def fold(word: str) -> str:
    """Fold case, accents, ligatures and invisible characters; only letters and digits are left.

    >>> fold("Œuvrée"), fold("e\N{COMBINING ACUTE ACCENT}lu"), fold("mai\N{SOFT HYPHEN}rie")
    ('oeuvree', 'elu', 'mairie')
    """
    if word.isascii():
        return word.lower() if word.isalnum() else "".join(filter(str.isalnum, word.lower()))
    lower = unicodedata.normalize("NFKD", word).casefold().replace("œ", "oe").replace("æ", "ae")
    return "".join(filter(_is_kept, unicodedata.normalize("NFKD", lower)))


def surface(word: str) -> str:
    """Write a word as it may be shown: in lower case, composed, with one sort of apostrophe and hyphen.

    >>> surface("Aujourd'hui"), surface("É\N{SOFT HYPHEN}LU\N{MIDDLE DOT}E")
    ('aujourd’hui', 'élu·e')
    """
    lower = word.lower()
    if lower.isascii() and lower.isalnum():
        return lower
    return unicodedata.normalize("NFC", lower.translate(AS_SHOWN))


def _is_kept(char: str) -> bool:
    """Tell letters, digits, and vowels written as marks (Devanagari, Thai) from accents and the rest."""
    if char.isalnum():
        return True
    return (
        unicodedata.category(char) in ("Mn", "Mc")
        and not unicodedata.combining(char)
        and char not in SELECTORS
    )


def stem(folded: str) -> str:
    """Take a French plural ending off a folded word; a stem is its own stem.

    >>> [stem(word) for word in "elus usagers usage mairies chevaux travaux bateaux jeux".split()]
    ['elu', 'usager', 'usage', 'mairie', 'cheval', 'travail', 'bateau', 'jeu']
    >>> [stem(word) for word in "mais fois bus entree ans".split()]
    ['mais', 'fois', 'bus', 'entree', 'an']
    """
    if len(folded) < MIN_STEMMED_LENGTH:
        return SHORT_PLURALS.get(folded, folded)
    if folded in INVARIABLE:
        return folded
    if folded in IRREGULAR:
        return IRREGULAR[folded]
    if folded[-1] == "s":
        return folded if folded[-2] in "sxz" else folded[:-1]
    if folded.endswith("aux"):
        return AUX.get(folded) or (folded[:-1] if folded[-4] == "e" else folded[:-2] + "l")
    return folded[:-1] if folded.endswith(("eux", "oux")) else folded
