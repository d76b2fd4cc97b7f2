"""The two texts of an episode, as addresses and pages name them: “published”, and “word for word”.

An address says `?text=published`, `?text=spoken` or `?text=both`; without it, and where an episode has
one text only, the text that leads is meant.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from media.episodes import Episode
from media.errors import N_, Message
from media.transcript import Edition
from web.visits import Visit

PARAMETER = "text"
BOTH = "both"
EDITION_NAMES = {
    Edition.PUBLISHED: N_("Published text"),
    Edition.SPOKEN: N_("Word for word"),
}


BOTH_NAME = N_("Both")


@dataclass(frozen=True, slots=True)
class Shown:
    """Which texts of an episode a page shows, of those that it has."""

    editions: tuple[Edition, ...]  # shown, the one that leads first
    there: tuple[Edition, ...]  # all that have words
    leading: Edition  # of the episode

    @property
    def choice(self) -> str:
        """What an address says to show these."""
        return BOTH if len(self.editions) > 1 else str(self.editions[0])

    @property
    def query(self) -> str:
        """What an address needs to show these: nothing for the text that leads."""
        return "" if self.editions == (self.leading,) else f"?{PARAMETER}={self.choice}"

    @property
    def searched(self) -> tuple[Edition | None, ...]:
        """The texts in which words are looked for; None: the only one there is."""
        return self.editions if len(self.there) > 1 else (None,)

    @property
    def choices(self) -> list[tuple[str, Message]]:
        """What there is to choose from, as addresses say it, with its name; nothing beside a single text."""
        if len(self.there) < 2:
            return []
        named = [(str(edition), Message(EDITION_NAMES[edition])) for edition in self.there]
        return [*named, (BOTH, Message(BOTH_NAME))]


ONE_TEXT = Shown((Edition.SPOKEN,), (Edition.SPOKEN,), Edition.SPOKEN)  # of an episode as machines make it


def read_shown(visit: Visit, episode: Episode, there: Sequence[Edition]) -> Shown:
    """Read which texts of an episode an address asks for: those that lead, for any that is not there."""
    asked = visit.request.query_params.get(PARAMETER)
    edition = read_edition(asked)
    if asked == BOTH and len(there) > 1:
        shown = tuple(there)
    elif edition is not None and edition in there:
        shown = (edition,)
    else:
        shown = (episode.edition,)
    return Shown(shown, tuple(there), episode.edition)


def read_edition(text: str | None) -> Edition | None:
    """Read which text an address asks for; None for none of them.

    >>> read_edition("spoken"), read_edition("both"), read_edition(None)
    (<Edition.SPOKEN: 'spoken'>, None, None)
    """
    return next((edition for edition in Edition if edition == text), None)


def edition_names() -> dict[Edition, Message]:
    """Say what templates need to name editions."""
    return {edition: Message(msgid) for edition, msgid in EDITION_NAMES.items()}
