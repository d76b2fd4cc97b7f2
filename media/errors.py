"""What can go wrong, in two voices: one for the log, one for people.

    EntenduError
    ├── SettingsError
    └── MediaError
        ├── DatabaseError
        ├── NotFoundError
        └── StorageError

Each other room roots its own tree in `EntenduError`. `args` is the log's sentence, in English,
with the thing and the cause. `message` is for the person: a gettext msgid and the values that
fill it, translated only where it is shown, so that one failure reads in each reader's language.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence for people, not yet in their language: a msgid with named values."""

    msgid: str  # `N_()` marks it for the catalogue
    values: Mapping[str, str | int] = field(default_factory=dict)


def N_(msgid: str) -> str:  # noqa: N802 -- gettext's own name
    """Mark a msgid for extraction, and return it untranslated (gettext's convention)."""
    return msgid


class EntenduError(Exception):
    """A failure that we understand: `message` says to a person what happened and what to do."""

    msgid = N_("Something went wrong; the log has the details.")
    transient = False  # whether trying again by itself can help

    def __init__(self, detail: str, **values: str | int) -> None:
        super().__init__(detail)
        self.message = Message(self.msgid, values)

    def __reduce__(self) -> tuple[Any, ...]:
        """Cross a process or the work queue whole, whatever a subclass's constructor asks for."""
        return _revive, (type(self), self.args, self.__dict__)


def _revive(kind: type[EntenduError], args: tuple[Any, ...], state: dict[str, Any]) -> EntenduError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


NOT_FOUND = {
    "show": N_("There is no show “%(name)s” here."),
    "episode": N_("There is no episode %(name)s here."),
    "voice": N_("There is no voice %(name)s in this episode."),
    "account": N_("There is no account “%(name)s” here."),
    "turn": N_("This passage is no longer there: the transcript has changed since."),
    "audio": N_("The audio of this episode is not here."),
    "page": N_("There is nothing at this address."),
}


class SettingsError(EntenduError):
    """A setting has a value that cannot be used."""

    msgid = N_("The setting %(name)s cannot be used: %(reason)s.")


class MediaError(EntenduError):
    """The library could not do what was asked."""


class DatabaseError(MediaError):
    """The catalogue cannot be opened, read or written."""

    msgid = N_("The catalogue %(path)s cannot be used: %(reason)s. Check the disk, or restore a backup.")
    transient = True


class NotFoundError(MediaError):
    """What was asked for is not here; `kind` is what it was to be, one of `NOT_FOUND`'s or a page."""

    def __init__(self, detail: str, *, kind: str, name: str) -> None:
        self.msgid = NOT_FOUND.get(kind, NOT_FOUND["page"])
        super().__init__(detail, name=name)


class StorageError(MediaError):
    """A file could not be written or read back."""

    msgid = N_(
        "The file %(path)s cannot be written or read: %(reason)s. Free some space or check its rights."
    )
    transient = True
