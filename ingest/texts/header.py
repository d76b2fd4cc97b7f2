"""What the head of a transcript says of its episode: the volunteers' fields, by their French names.

A field is understood by the beginning of its label, written with or without inclusive endings; one
that is not understood stays in the document, and out of the header.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from ingest.texts.clocks import fold, read_date, read_duration
from media.episodes import Person
from media.errors import N_, Message
from media.texts.values import Header

MAX_PEOPLE = 200
AUDIO_ENDINGS = (".mp3", ".ogg", ".opus", ".oga", ".m4a", ".flac", ".wav", ".webm", ".mp4", ".ogv")

# The beginning of a folded label, and what it announces; the first that fits is taken.
LABELS = {
    "titre": "title",
    "title": "title",
    "intervenant": "people",
    "invite": "people",
    "participant": "people",
    "speakers": "people",
    "personnes": "people",
    "avec": "people",
    "lieu": "place",
    "place": "place",
    "date": "published",
    "duree": "duration",
    "duration": "duration",
    "licence": "licence",
    "license": "licence",
    "nb": "notes",
    "note": "notes",
    "remarque": "notes",
    "relecture": "",
    "relu": "",
    "transcri": "transcribers",
    "emission": "show",
    "show": "show",
    "langue": "language",
    "language": "language",
    "podcast": "audio",
    "audio": "audio",
    "video": "audio",
    "ecouter": "page",
    "listen": "page",
    "enregistrement": "audio",
    "lien vers l'audio": "audio",
    "lien vers le podcast": "audio",
    "lien vers la video": "audio",
    "fichier": "audio",
    "telecharger": "audio",
    "page": "page",
    "lien vers la page": "page",
    "source": "page",
    "site": "page",
    "url": "page",
    "illustration": "",
    "diaporama": "",
    "support": "",
}
LANGUAGES = {"francais": "fr", "french": "fr", "anglais": "en", "english": "en", "espagnol": "es"}
LANGUAGES |= {
    "allemand": "de",
    "german": "de",
    "italien": "it",
    "spanish": "es",
    "breton": "br",
    "occitan": "oc",
}
ROLE = re.compile(r"^(.{2,60}?),?\s+((?:à la|à l’|à l'|au|aux|en|derrière la)\s+\S.{0,40})$", re.IGNORECASE)
ROLE_IN_BRACKETS = re.compile(r"^(.{2,60}?)\s*[(\[]([^()\[\]]{2,60})[)\]]$")
ADDRESS_AFTER = re.compile(r"(.{1,200}?)\s*\((https?://[^\s()]{1,500})\)$")
BETWEEN_DASHES = re.compile(r"(?:^|[\s\xa0])[-–—](?=[\s\xa0]|$)")
BETWEEN_COMMAS = re.compile(r"\s*(?:[,;]|\s+et\s+|\s+&\s+|\s+and\s+)\s*")


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a header."""

    label: str
    value: str = ""
    url: str | None = None


def announces(label: str) -> str | None:
    """Say what a label announces: a key of `LABELS`' values; "" is known and of no use; None unknown.

    >>> announces("Intervenant·e·s"), announces("Durée "), announces("Résultat")
    ('people', 'duration', None)
    """
    folded = re.sub(r"[^a-z' ]", "", fold(label[:60]))
    return next((key for start, key in LABELS.items() if _begins(folded, start)), None)


def _begins(label: str, start: str) -> bool:
    rest = label.removeprefix(start)
    open_ended = start in ("intervenant", "invite", "participant", "transcri", "note", "licence", "remarque")
    return rest != label and (not rest or rest[0] == " " or (open_ended and len(rest) < 40) or rest == "s")


def understand(fields: Iterable[Field]) -> tuple[Header, list[Message]]:
    """Make a header of fields; the first of two that say the same thing counts."""
    header, warnings = Header(), list[Message]()
    for field in fields:
        for key, value in _read(field, warnings).items():
            if not getattr(header, key):
                header = replace(header, **{key: value})  # type: ignore[arg-type]
            elif key == "notes":
                header = replace(header, notes=(*header.notes, field.value))
    return header, warnings


def _read(field: Field, warnings: list[Message]) -> dict[str, object]:
    kind, value = announces(field.label), field.value.strip()
    if kind == "people":
        return {"people": tuple(read_people(value))}
    if kind == "transcribers":
        return {"transcribers": tuple(person.name for person in read_people(value))}
    if kind == "published":
        return _read_date(value, warnings)
    if kind == "duration":
        return {"duration_ms": read_duration(value)}
    if kind == "licence":
        found = ADDRESS_AFTER.match(value)
        return {"licence": found[1], "licence_url": found[2]} if found else _licence(value, field.url)
    if kind == "notes":
        return {"notes": (value,) if value else ()}
    if kind == "language":
        return {"language": read_language(value)}
    if kind in ("audio", "page"):
        return _read_address(kind, field)
    return {kind: value} if kind else {}


def _licence(value: str, url: str | None) -> dict[str, object]:
    return {"licence": value, "licence_url": url}


def read_particulars(text: str) -> Header:
    """Read the lines that our own copies hold in a note: title, date, licence, address."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    fields = [Field("Date", line) for line in lines if re.fullmatch(r"\d{4}-\d{2}-\d{2}", line)]
    for line in lines[1:]:
        label, colon, value = line.partition(":")
        if colon and len(label) <= 60 and announces(label):
            fields.append(Field(label, value))
    header, _ = understand(fields)
    show, dash, title = lines[0].partition(" — ") if lines else ("", "", "")
    return replace(header, title=title[:300], show=show[:300]) if dash and header.licence else Header()


def _read_date(value: str, warnings: list[Message]) -> dict[str, object]:
    found = read_date(value)
    if found is None:
        if value:
            warnings.append(Message(N_("The date “%(date)s” could not be read."), {"date": value[:80]}))
        return {}
    if not found.exact:
        text = N_("The date “%(date)s” names no day: the first of the month was taken.")
        warnings.append(Message(text, {"date": value[:80]}))
    return {"published": found.day}


def _read_address(kind: str, field: Field) -> dict[str, object]:
    value = field.url or (field.value.strip() if re.fullmatch(r"\s*https?://\S+\s*", field.value) else None)
    sounds = value is not None and is_sound(value)
    return {"audio_url" if sounds or kind == "audio" else "page_url": value}


def is_sound(url: str) -> bool:
    """Tell by its name whether an address leads to a sound or a film."""
    try:
        return urlsplit(url).path.lower().endswith(AUDIO_ENDINGS)
    except ValueError:
        return False


def read_language(text: str) -> str | None:
    """Read the name or the tag of a language as ISO 639-1.

    >>> read_language("Français"), read_language("en-GB"), read_language("?")
    ('fr', 'en', None)
    """
    folded = fold(text[:40])
    tag = re.match(r"([a-z]{2})(?:[-_][a-z0-9]+)*$", folded)
    return tag[1] if tag else LANGUAGES.get(folded)


def read_people(value: str) -> Iterator[Person]:
    """Read a list of names, each with its role where one is told.

    >>> [(who.name, who.role) for who in read_people("Luk - Marie - - Julie Chaumard à la régie")]
    [('Luk', ''), ('Marie', ''), ('Julie Chaumard', 'à la régie')]
    >>> [who.name for who in read_people("Ana Bel, Jean-Pierre Dup et Zoé")]
    ['Ana Bel', 'Jean-Pierre Dup', 'Zoé']
    """
    dashed = BETWEEN_DASHES.search(value) is not None
    slots = (BETWEEN_DASHES if dashed else BETWEEN_COMMAS).split(value)
    for slot in slots[:MAX_PEOPLE]:
        name = " ".join(slot.split()).strip(" .;,")
        if not name or len(name) > 120:
            continue
        if found := ROLE_IN_BRACKETS.match(name) or ROLE.match(name):
            yield Person(found[1], found[2])
        elif dashed and ", " in name:
            yield Person(*name.split(", ", 1))
        else:
            yield Person(name)
