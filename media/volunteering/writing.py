"""Words as people write them: what of a word is compared, and what hangs on it.

« l’élu, » is an elided article, a word and a comma: a correction changes the word and keeps the
rest. Two words are the same where they differ only by case and by the shape of the apostrophe:
accents count, *élu* is not *elu*, nor is *élus*. A compound (« porte-clé ») is one word.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

APOSTROPHES = "'’‘ʼ′"
ELISIONS = "jusqu|lorsqu|puisqu|quoiqu|qu|[ldjmtsnc]"
SENTENCE_ENDS = ".!?…"
INVISIBLE = dict.fromkeys(map(ord, "\N{SOFT HYPHEN}\N{ZERO WIDTH SPACE}\N{WORD JOINER}\ufeff"))
REMEMBERED = 1 << 14
WRITTEN = re.compile(
    rf"(?P<before>[\W_]*(?:(?:{ELISIONS})[{APOSTROPHES}](?=\w))?)(?P<core>.*?)(?P<after>[\W_]*)",
    re.IGNORECASE | re.DOTALL,
)
NUMBERS = frozenset(
    """deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize vingt trente
    quarante cinquante soixante septante huitante octante nonante cent cents mille million millions
    milliard milliards pour-cent""".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Written:
    """A word taken apart; the three parts put together are the word as it was."""

    before: str  # opening marks and an elided article: « l’
    core: str  # empty where the word is only punctuation
    after: str  # closing marks: ,

    @property
    def is_elided(self) -> bool:
        """Whether an article hangs on the word."""
        return self.before.endswith(tuple(APOSTROPHES)) and len(self.before) > 1


@lru_cache(REMEMBERED)
def take_apart(word: str) -> Written:
    """Take a written word apart.

    >>> take_apart("«\N{NO-BREAK SPACE}l’élu,")
    Written(before='«\\xa0l’', core='élu', after=',')
    >>> take_apart("aujourd’hui").core, take_apart("d’abord").core, take_apart("?").core
    ('aujourd’hui', 'abord', '')
    """
    match = WRITTEN.fullmatch(word)
    if match is None:  # no text escapes the pattern: each part may be empty
        return Written("", word, "")
    before, core, after = match.group("before", "core", "after")
    return Written(before, core, after)


@lru_cache(REMEMBERED)
def identify(core: str) -> str:
    """Write a core so that two are equal exactly where they are one word: case and apostrophe aside.

    >>> identify("MooFlow") == identify("mooflow"), identify("élu") == identify("elu")
    (True, False)
    """
    plain = unicodedata.normalize("NFC", core).casefold().translate(INVISIBLE)
    return re.sub(f"[{APOSTROPHES}]", "'", plain)


@lru_cache(REMEMBERED)
def fold(core: str) -> str:
    """Write a core in plain letters and digits: accents, ligatures, case and marks go.

    >>> fold("Œuvrée"), fold("Saint-Étienne")
    ('oeuvree', 'saintetienne')
    """
    lower = unicodedata.normalize("NFKD", core.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(char for char in lower if char.isalnum())


def ends_sentence(word: str) -> bool:
    """Tell whether a sentence ends with this word: « DSI ?, » does not end one."""
    return word.rstrip("»”\"') \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}").endswith(tuple(SENTENCE_ENDS))


def looks_like_name(core: str, *, begins_sentence: bool) -> bool:
    """Tell a name by its capitals; at the start of a sentence, only by one further in.

    >>> looks_like_name("MoveFlow", begins_sentence=True), looks_like_name("Alors", begins_sentence=True)
    (True, False)
    """
    if any(char.isupper() for char in core[1:]) and not core.isdigit():
        return True
    return core[:1].isupper() and not begins_sentence


def is_number(core: str) -> bool:
    """Tell whether a core is a number, in digits or in letters; « un » and « une » are articles."""
    return any(char.isdigit() for char in core) or any(part in NUMBERS for part in core.lower().split("-"))


def is_plain(text: str) -> bool:
    """Tell whether a text of one line holds nothing that cannot be seen, no-break spaces aside."""
    return all(char.isprintable() or char in "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}" for char in text)
