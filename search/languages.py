"""What differs between the languages that are spoken: how plurals are stemmed, what is elided.

French is ours. Others have Snowball's stemmer where there is one, over folded words, so that
accents may be left out in a query as in French; a language without one is folded and no more.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

from search.folding import fold, stem

FRENCH = "fr"
MAX_LANGUAGES = 64  # whose rules are remembered

SNOWBALL = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "eo": "esperanto",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fa": "persian",
    "fi": "finnish",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "ne": "nepali",
    "nl": "dutch",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}
ALIASES = {"nb": "no", "nn": "no", "hr": "sr", "bs": "sr"}

ELISIONS = {
    FRENCH: ("l", "d", "j", "m", "t", "s", "n", "c", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu"),
    "it": ("l", "d", "un", "c", "s", "m", "t", "n", "v", "dell", "all", "dall", "nell", "sull", "quell"),
    "ca": ("l", "d", "m", "t", "s", "n"),
}
# French words that hold an apostrophe of their own, as their two parts, folded.
WHOLE = frozenset(
    [("aujourd", "hui"), ("quelqu", "un"), ("quelqu", "une"), ("presqu", "ile"), ("presqu", "iles")]
    + [("prud", end) for end in ("homme", "hommes", "homie", "homal", "homale", "homaux", "homales")]
    + [("entr", end) for end in ("acte", "actes", "aide", "ouvert", "ouverte")]
)


@dataclass(frozen=True)
class Language:
    """The rules of one language."""

    code: str
    stem: Callable[[str], str]  # of a folded word
    elisions: frozenset[str]
    whole: frozenset[tuple[str, str]]
    is_inclusive: bool  # « élu·e·s » is read as its forms


def find_language(code: str | None) -> Language:
    """Find the rules for a language tag; without one, it is French.

    >>> find_language("en-GB").stem("cities"), find_language("tlh").stem("cities")
    ('citi', 'cities')
    """
    primary = (code or FRENCH).replace("_", "-").split("-")[0].lower()
    return _load_language(ALIASES.get(primary, primary))


@lru_cache(MAX_LANGUAGES)
def _load_language(code: str) -> Language:
    if code == FRENCH:
        return Language(code, stem, frozenset(ELISIONS[code]), WHOLE, is_inclusive=True)
    elisions = frozenset(ELISIONS.get(code, ()))
    return Language(code, _find_stemmer(code), elisions, frozenset(), is_inclusive=False)


def _find_stemmer(code: str) -> Callable[[str], str]:
    if code not in SNOWBALL:
        return str
    stemmer = snowballstemmer.stemmer(SNOWBALL[code])
    lock = threading.Lock()  # a stemmer keeps the word that it works on

    def stem_word(folded: str) -> str:
        with lock:
            return fold(stemmer.stemWord(folded)) or folded

    return stem_word
