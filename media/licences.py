"""Licences that texts and recordings are given under: found in what people wrote, and what each allows.

A show or an episode keeps the licence as its people wrote it; here that writing is understood. A
licence forbids something only where its own terms do: where none is known, nothing is promised
to others and nothing is refused to the people of the house. What the law allows everywhere (a
short quotation, France's CPI L.122-5) needs no licence and is not said here.
Terms: creativecommons.org/licenses, artlibre.org, gnu.org/licenses. Our reading, not advice.
"""

import re
import unicodedata
from dataclasses import dataclass

CC_TERMS = ("by", "by-sa", "by-nd", "by-nc", "by-nc-sa", "by-nc-nd")
CC_LATEST = "4.0"
CC_VERSIONS = ("1.0", "2.0", "2.5", "3.0", "4.0")
MAX_LENGTH = 2_000  # characters of a text that are looked at


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence, its names and notice in both languages, and what its own terms leave to readers."""

    id: str  # of SPDX in lower case where it has one, as podcast:license asks: "cc-by-sa-4.0"
    name_fr: str
    name_en: str
    url: str | None
    allows_changes: bool  # may the text be given changed?
    allows_clips: bool  # may a part be given, rather than the whole?
    notice_fr: str
    notice_en: str

    def name(self, language: str) -> str:
        """Name the licence in French, or else in English."""
        return self.name_fr if language == "fr" else self.name_en

    def notice(self, language: str) -> str:
        """Write the notice that goes with every copy, in French or else in English."""
        return self.notice_fr if language == "fr" else self.notice_en


VERBATIM = Licence(
    "verbatim",
    "Verbatim",
    "Verbatim copying",
    "https://www.gnu.org/licenses/licenses.html#VerbatimCopying",
    False,
    False,
    "La reproduction exacte et la distribution intégrale de ce texte sont permises sur n’importe quel "
    "support, pourvu que cette notice soit préservée.",
    "Verbatim copying and distribution of this entire text are permitted in any medium, "
    "provided this notice is preserved.",
)
CC0 = Licence(
    "cc0-1.0",
    "Creative Commons CC0 1.0 (domaine public)",
    "Creative Commons CC0 1.0 (public domain)",
    "https://creativecommons.org/publicdomain/zero/1.0/",
    True,
    True,
    "Versé au domaine public : copie, modification et diffusion sont libres, sans condition.",
    "Dedicated to the public domain: copying, changing and sharing are free, without condition.",
)
ART_LIBRE = Licence(
    "art-libre-1.3",
    "Licence Art Libre 1.3",
    "Free Art License 1.3",
    "https://artlibre.org/licence/lal/",
    True,
    True,
    "Copyleft : vous pouvez copier, diffuser et modifier cette œuvre selon les termes de la licence "
    "Art Libre, http://artlibre.org.",
    "Copyleft: this is a free work, you can copy, distribute, and modify it under the terms of the "
    "Free Art License, http://artlibre.org.",
)
GFDL = Licence(
    "gfdl-1.3",
    "Licence de documentation libre GNU 1.3",
    "GNU Free Documentation License 1.3",
    "https://www.gnu.org/licenses/fdl-1.3.html",
    True,
    True,
    "Copie, diffusion et modification sont permises selon les termes de la licence de documentation "
    "libre GNU.",
    "Permission is granted to copy, distribute and modify under the terms of the GNU Free "
    "Documentation License.",
)
ALL_RIGHTS_RESERVED = Licence(
    "all-rights-reserved",
    "Tous droits réservés",
    "All rights reserved",
    None,
    False,
    False,
    "Tous droits réservés : au-delà de la courte citation, demandez l’accord des titulaires des droits.",
    "All rights reserved: beyond a short quotation, ask those who hold the rights.",
)
UNKNOWN = Licence(
    "unknown",
    "Licence non précisée",
    "Licence not stated",
    None,
    True,
    True,
    "Aucune licence n’est précisée : demandez avant de diffuser ce texte au-delà de la courte citation.",
    "No licence is stated: ask before sharing this text beyond a short quotation.",
)


def get_licence(licence_id: str) -> Licence | None:
    """Look a licence up by its id, a Creative Commons one in any version; None where it is not ours.

    >>> get_licence("cc-by-sa-3.0").url
    'https://creativecommons.org/licenses/by-sa/3.0/'
    >>> get_licence("cc-by-xx-3.0")
    """
    if licence_id in _FIXED:
        return _FIXED[licence_id]
    parts = re.fullmatch(r"cc-([a-z-]+?)(?:-(\d\.\d))?", licence_id)
    if parts is None or parts[1] not in CC_TERMS or parts[2] not in (None, *CC_VERSIONS):
        return None
    return _creative_commons(parts[1], parts[2])


def find_licence(text: str | None) -> Licence | None:
    """Find the first licence that a text, an address or an id names; None where it names none.

    >>> find_licence("Licence de la transcription\N{NO-BREAK SPACE}: Verbatim").id
    'verbatim'
    >>> find_licence("https://creativecommons.org/licenses/by-sa/2.0/fr/").id
    'cc-by-sa-2.0'
    >>> find_licence("Creative Commons Attribution – Partage dans les mêmes conditions 4.0").id
    'cc-by-sa-4.0'
    >>> find_licence("comme vous voulez")
    """
    if not text:
        return None
    folded = _fold(text[:MAX_LENGTH])
    found = [(match.start(), name) for name, pattern in _PATTERNS if (match := pattern.search(folded))]
    if not found:
        return None
    at, name = min(found)
    return _FIXED[name] if name in _FIXED else _read_creative_commons(folded[at:])


def describe_licence(text: str | None, url: str | None = None) -> Licence:
    """Understand what people wrote of a licence; what is not known stays in their words."""
    known = find_licence(text) or find_licence(url)
    if known is not None:
        return known
    if not text and not url:
        return UNKNOWN
    said = text or url or ""
    return Licence(said, said, said, url, True, True, said, said)


def list_choices() -> tuple[Licence, ...]:
    """List the licences that a form offers, the freest first."""
    commons = (_creative_commons(terms, CC_LATEST) for terms in CC_TERMS)
    return (CC0, *commons, ART_LIBRE, GFDL, VERBATIM, ALL_RIGHTS_RESERVED)


_FIXED = {held.id: held for held in (VERBATIM, CC0, ART_LIBRE, GFDL, ALL_RIGHTS_RESERVED, UNKNOWN)}
_PATTERNS = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("verbatim", r"\bverbatim(copying)?\b"),
        ("cc0-1.0", r"\bcc[ -]?(zero|0)\b|publicdomain/zero|\bdomaine public\b|\bpublic domain\b"),
        ("art-libre-1.3", r"\bart[ -]?libre\b|\bfree art\b|artlibre\.org|\bfal[ -]1"),
        ("gfdl-1.3", r"\bgfdl\b|licenses/fdl|free documentation|documentation libre|\bgnu fdl\b"),
        ("all-rights-reserved", r"\btous droits reserves\b|\ball[ -]rights[ -]reserved\b|©|\bcopyright\b"),
        ("unknown", r"^unknown$"),
        (
            "cc",
            r"\bcc[ -]?by\b|creativecommons\.org/licen[sc]es/by|\bcreative commons[ -]+"
            r"(?!cc[ -]?(0|zero)|zero)(\(?cc\)?[ -]+)?(by|attribution|paternite)",
        ),
    )
)
_SHARE_ALIKE = re.compile(r"\bsa\b|share ?alike|partage (dans les memes|a l'identique|des conditions)")
_NO_CHANGE = re.compile(r"\bnd\b|no ?deriv|(pas|sans) d.?(oe)?uvre|pas de modif|sans modif|pas de deriv")
_NOT_SOLD = re.compile(r"\bnc\b|non ?commercial|(pas|sans) d'utilisation commerciale|pas d'utilisation")
_VERSION = re.compile(r"(?<!\d)([1-4]\.[05])(?!\d)")
_CC_REACH = 160  # characters that the naming of one Creative Commons licence takes
_CC_NAMES = {
    "by": ("Attribution", "Attribution"),
    "sa": ("Partage dans les mêmes conditions", "ShareAlike"),
    "nd": ("Pas de modification", "NoDerivatives"),
    "nc": ("Pas d’utilisation commerciale", "NonCommercial"),
}


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe"))
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return re.sub(r"[\s_–—‑]+", " ", plain.replace("’", "'").replace("‐", "-"))


def _read_creative_commons(folded: str) -> Licence:
    said = re.split(r"[;,)\]]|\bet\b|\band\b|\bou\b|\bor\b", folded[:_CC_REACH])[0]
    said = said or folded[:_CC_REACH]
    spaced = said.replace("-", " ").replace("/", " ")
    terms = ["by"]
    if _NOT_SOLD.search(spaced):
        terms.append("nc")
    if _NO_CHANGE.search(spaced):
        terms.append("nd")
    elif _SHARE_ALIKE.search(spaced):
        terms.append("sa")
    version = _VERSION.search(said)
    return _creative_commons("-".join(terms), version[1] if version and version[1] in CC_VERSIONS else None)


def _creative_commons(terms: str, version: str | None) -> Licence:
    number = f" {version}" if version else ""
    short = f"CC {terms.upper()}{number}"
    french, english = zip(*(_CC_NAMES[term] for term in terms.split("-")), strict=True)
    address = f"https://creativecommons.org/licenses/{terms}/{version}/"
    url = address if version else "https://creativecommons.org/share-your-work/cclicenses/"
    changes = "nd" not in terms
    return Licence(
        f"cc-{terms}-{version}" if version else f"cc-{terms}",
        f"Creative Commons {' – '.join(french)}{number} ({short})",
        f"Creative Commons {'-'.join(english)}{number} ({short})",
        url,
        changes,
        True,  # « in whole or in part », even without changes
        f"Diffusé selon les termes de la licence {short} : {url}",
        f"Shared under the terms of the licence {short}: {url}",
    )
