"""Tell a person's given and family names apart, as bibliographies sort by the second.

Nobody says which is which in a transcript. The rule is the usual one of French and English
names: the last word is the family name, with the particles before it that are written small.
A name of one word, or of an organisation, is kept whole.
"""

from dataclasses import dataclass

PARTICLES = frozenset(
    ("d", "d'", "d’", "da", "de", "del", "della", "der", "des", "di", "dos", "du", "l", "l'", "l’")
) | {"la", "le", "les", "ten", "ter", "van", "von", "zu"}
LINKED = ("d'", "d’", "l'", "l’")  # « d’Ormesson »: the particle hangs on the name


@dataclass(frozen=True, slots=True)
class Name:
    """A name for a bibliography; `family` alone where it cannot be cut."""

    family: str
    given: str = ""

    @property
    def whole(self) -> str:
        """The name as it is said."""
        return f"{self.given} {self.family}".strip()

    @property
    def sorted(self) -> str:
        """The family name first, as a bibliography's index has it."""
        return f"{self.family}, {self.given}" if self.given else self.family


def split_name(name: str) -> Name:
    """Cut a person's name.

    >>> split_name("Étienne Gonnu")
    Name(family='Gonnu', given='Étienne')
    >>> split_name("Jean-Marie de La Fontaine"), split_name("Luk")
    (Name(family='de La Fontaine', given='Jean-Marie'), Name(family='Luk', given=''))
    """
    parts = name.split()
    at = next((n for n, part in enumerate(parts) if n and _opens_family(part)), len(parts) - 1)
    return Name(" ".join(parts[at:]), " ".join(parts[:at])) if parts else Name("")


def _opens_family(part: str) -> bool:
    return part in PARTICLES or part.startswith(LINKED)
