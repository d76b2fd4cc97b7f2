"""Who speaks: names before a colon, told from sentences that only hold a colon.

A name in bold is believed. Another is believed when the header, the archive or the text itself
knows it, or when it looks like one and the document is a dialogue; « Je vois un point important
dans les années 2010 : les services » never is.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ingest.texts.clocks import BEGINS_WITH_CLOCK, COLON_CLOCK, clock_ms, fold
from ingest.texts.lines import Line

MAX_NAME_LENGTH = 40  # characters of a name that nothing marks as one
MAX_STRONG_LENGTH = 80  # of one in bold
DIALOGUE_IN_CUES = 0.15  # share of cues that do
DIALOGUE = 0.4  # share of paragraphs that begin with what looks like a name

COLON = re.compile(r"[\s\xa0]*:(?!//)[\s\xa0]*")
NAME_AND_COLON = re.compile(rf"([^:\n«»“”?!…]{{1,{MAX_STRONG_LENGTH}}}?)[\s\xa0]*:(?!//)(?!\d)[\s\xa0]*")
NAME_AND_CLOCK = re.compile(
    rf"([^:\n\d\[(]{{1,{MAX_NAME_LENGTH}}}?)\s*(?P<o>[\[(]?){COLON_CLOCK}[\])]?\s*(?::\s*)?$"
)
NAME_THEN_CLOCK = re.compile(
    rf"([^:\n\d\[(«»“”?!…]{{1,{MAX_NAME_LENGTH}}}?)\s*[\[(]{COLON_CLOCK}[\])]\s*(?::\s*|$)"
)
CLOCK_ALONE = re.compile(rf"\s*[\[(]?{COLON_CLOCK}[\])]?\s*$")
CLOCK_AFTER_NAME = re.compile(rf"^(.*?)\s*[\[(]{COLON_CLOCK}[\])]$")
NAME_CHARACTERS = re.compile(r"[^\W_][\w\s\xa0.’'·()&/-]*")
PARTICLES = {
    *("de", "du", "des", "la", "le", "les", "d'", "l'", "von", "van", "der", "den", "di", "da", "do", "dos"),
    *("al", "el", "ben", "ibn", "bin", "y", "et", "e", "off", "of", "the", "and", "dit", "dite"),
}
ROLES = {
    *(
        "voix off",
        "voix-off",
        "public",
        "auditeur",
        "auditrice",
        "un auditeur",
        "une auditrice",
        "journaliste",
    ),
    *("animateur", "animatrice", "intervieweur", "intervieweuse", "question", "reponse", "narrateur"),
    *("narratrice", "un intervenant", "une intervenante", "dans le public", "host", "guest", "interviewer"),
    *("narrator", "audience", "question du public", "presentateur", "presentatrice"),
}
NOT_SPEAKERS = {
    *("http", "https", "ftp", "mailto", "nb", "ps", "note", "notes", "resultat", "exemple", "par exemple"),
    *("conclusion", "rappel", "attention", "bilan", "remarque", "source", "sources", "donc", "bref", "mais"),
    *("lien", "liens", "references", "pause musicale", "musique", "titre", "date", "duree", "licence"),
    *("permanent link", "last update", "from", "to", "subject", "le portrait", "le jour", "catégorie"),
}


@dataclass(frozen=True, slots=True)
class Head:
    """How a paragraph begins: perhaps a time, perhaps what may be a name, then what is said."""

    at: int  # where speech begins, in the line's text, if the name is one
    name: str = ""
    strong: bool = False  # in bold: nothing else is
    start_ms: int | None = None
    after_time: int = 0  # where speech begins if it is none
    clock: int | None = None  # where a time stands that may be all that is said


def read_head(line: Line) -> Head:
    """Read a paragraph's beginning, believing nothing yet."""
    text, skip, start_ms = line.text, 0, line.start_ms
    found = BEGINS_WITH_CLOCK.match(text)
    if found and _is_time(found, line):
        skip, start_ms = found.end(), clock_ms(found)
    bold = line.strong_until(skip)
    if bold > skip and (head := _read_strong(line, skip, bold, start_ms)):
        return head
    if found := NAME_THEN_CLOCK.match(text, skip):
        return Head(found.end(), _plain(found[1]), start_ms=clock_ms(found), after_time=skip)
    if found := NAME_AND_COLON.match(text, skip):
        if not _is_dated(line, skip) and (alone := CLOCK_ALONE.match(text, found.end())):
            name, at_ms = _plain(found[1]), clock_ms(alone)
            return Head(len(text), name, start_ms=at_ms, after_time=skip, clock=found.end())
        return Head(found.end(), _plain(found[1]), start_ms=start_ms, after_time=skip)
    if found := NAME_AND_CLOCK.match(text, skip):
        return Head(len(text), _plain(found[1]), start_ms=clock_ms(found), after_time=skip)
    return Head(skip, start_ms=start_ms, after_time=skip)


def _is_time(found: re.Match[str], line: Line) -> bool:
    """Tell a time ahead of a paragraph, by its brackets, its link or the name after it, from « 10:30 »."""
    marked = found["o"] or found["c"] or line.pieces[0].url or line.strong_until(found.end()) > found.end()
    return bool(marked) or (found.end() == len(line.text) and not _is_dated(line))


def _is_dated(line: Line, skip: int = 0) -> bool:
    """Tell a line that has its time, as a cue or after a clock: another one in it is said."""
    return skip > 0 or line.end_ms is not None


def _read_strong(line: Line, skip: int, end: int, start_ms: int | None) -> Head | None:
    """Read a name that is in bold, with its colon or before it."""
    bold = line.text[skip:end].rstrip()
    if bold.endswith(":"):
        name, at = bold[:-1], end
    elif after := COLON.match(line.text, end):
        name, at = bold, after.end()
    else:
        return None
    if dated := CLOCK_AFTER_NAME.match(name.rstrip()):
        name, start_ms = dated[1], clock_ms(dated)
    clock = None
    if not _is_dated(line, skip) and (alone := CLOCK_ALONE.match(line.text, at)):
        clock, at, start_ms = at, len(line.text), clock_ms(alone)  # <cite>Ana:</cite> <time>0:12</time>
    name = _plain(name)
    if not name or len(name) > MAX_STRONG_LENGTH or ":" in name:
        return None
    return Head(at, name, strong=True, start_ms=start_ms, after_time=skip, clock=clock)


def _plain(name: str) -> str:
    return " ".join(name.split()).strip("-–—•* ")


def find_cast(heads: Sequence[tuple[Line, Head]], known: Iterable[str]) -> Mapping[str, str]:
    """Choose which names of a document are speakers: folded, with how they are to be written."""
    cast = {fold(name): name for name in reversed([*known]) if name}
    bold = [head.name for _, head in heads if head.strong]
    for name in bold:
        cast.setdefault(fold(name), name)
    candidates = [(line, head) for line, head in heads if head.name and not head.strong]
    counts = Counter(fold(head.name) for _, head in candidates)
    loose = Counter(fold(head.name) for line, head in candidates if line.loose)
    shaped = sum(_shape(head.name) == "name" for _, head in candidates)
    cues = any(line.start_ms is not None for line, _ in heads[:20])
    dialogue = shaped >= (DIALOGUE_IN_CUES if cues else DIALOGUE) * len(heads)
    others = bool(cast) or any(times > 1 for times in counts.values())
    for _, head in candidates:
        key = fold(head.name)
        if key in cast or key in NOT_SPEAKERS:
            continue
        if bold and len(bold) >= len(candidates) // 2:
            continue  # whoever marks names in bold marks them all
        if _believed(head.name, counts[key], loose[key], dialogue=dialogue, others=others):
            cast[key] = head.name
    return cast


def _believed(name: str, times: int, loose: int, *, dialogue: bool, others: bool) -> bool:
    shape = _shape(name)
    if shape == "name":
        return times > 1 or dialogue or (others and " " in name and loose > 0)
    return shape == "role" and (fold(name) in ROLES or loose > 1)


def _shape(name: str) -> str:
    """Say what words look like: a `name`, a `role` (« Un auditeur »), or neither.

    >>> _shape("Grégory Gutierez"), _shape("Un auditeur"), _shape("Je vois un point important")
    ('name', 'role', '')
    """
    if len(name) > MAX_NAME_LENGTH or not NAME_CHARACTERS.fullmatch(name):
        return ""
    words = name.split()
    if not (name[0].isupper() or name[0].isdigit()) or not any(map(str.isalpha, name)) or len(words) > 5:
        return ""
    if all(_is_proper(word) for word in words):
        return "name" if fold(words[-1]) not in PARTICLES or fold(name) in ROLES else "role"
    return "role" if len(words) <= 3 else ""


def _is_proper(word: str) -> bool:
    return word[0].isupper() or word[0].isdigit() or word[0] in "(&/" or fold(word) in PARTICLES


def is_speaker(head: Head, cast: Mapping[str, str], *, quoting: Collection[str] | None) -> bool:
    """Decide on one paragraph; inside « » only names of `quoting`, the people known before, are believed."""
    key = fold(head.name)
    if not key or (key not in cast and not head.strong):
        return False
    return head.strong or quoting is None or key in quoting
