"""The two texts of an episode, as addresses and pages name them: “published”, and “word for word”.

An address says `?text=published`, `?text=spoken` or `?text=both`; without it, and where an episode has
one text only, the text that leads is meant.
"""

from media.errors import N_, Message
from media.transcript import Edition

PARAMETER = "text"
EDITION_NAMES = {
    Edition.PUBLISHED: N_("Published text"),
    Edition.SPOKEN: N_("Word for word"),
}


def read_edition(text: str | None) -> Edition | None:
    """Read which text an address asks for; None for none of them.

    >>> read_edition("spoken"), read_edition("both"), read_edition(None)
    (<Edition.SPOKEN: 'spoken'>, None, None)
    """
    return next((edition for edition in Edition if edition == text), None)


def edition_names() -> dict[Edition, Message]:
    """Say what templates need to name editions."""
    return {edition: Message(msgid) for edition, msgid in EDITION_NAMES.items()}
