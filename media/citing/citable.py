"""What there is to cite of a passage, as one value: who, what, where, when."""

from dataclasses import dataclass
from datetime import date

RADIO = "Radio "


@dataclass(frozen=True, slots=True)
class Citable:
    """A passage of an episode, with what bibliographies ask of it; empty where nobody knows."""

    quotation: str  # the exact words, cuts as […]
    speakers: tuple[str, ...]  # who says them, by name
    title: str  # of the episode
    show: str
    url: str  # where the passage is shown, for good
    language: str  # ISO 639-1, of the words
    hosts: tuple[str, ...] = ()
    guests: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    place: str = ""  # of the publisher
    published: date | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    duration_ms: int | None = None  # of the episode
    medium: str = ""  # "OGG audio"

    @property
    def station(self) -> str:
        """Who broadcast it, as a sentence names them."""
        radios = [name for name in self.publishers if name.startswith(RADIO)]
        return radios[0].removeprefix(RADIO) if radios else "".join(self.publishers[-1:])
