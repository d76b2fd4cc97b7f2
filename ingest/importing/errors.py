"""What can be refused when texts are brought in; nothing is then kept.

IngestError
└── ImportRefusedError
    ├── NothingToImportError
    ├── AudioThereError
    ├── UnknownChoiceError
    └── StubAloneError
"""

from ingest.errors import IngestError
from media.errors import N_


class ImportRefusedError(IngestError):
    """A text cannot be brought in so."""


class NothingToImportError(ImportRefusedError):
    """A folder holds no file."""

    msgid = N_("There is no file to import in %(path)s.")


class AudioThereError(ImportRefusedError):
    """The episode has its audio already."""

    msgid = N_("The episode “%(title)s” has its audio already: import the text without --audio.")


class UnknownChoiceError(ImportRefusedError):
    """A choice names no line that was asked about, or no kind that it may have."""

    msgid = N_("“%(choice)s” answers no question about “%(name)s”: write the number and one of its choices.")


class StubAloneError(ImportRefusedError):
    """A page says that its text is elsewhere, and nothing here is that episode's."""

    msgid = N_("“%(name)s” holds no transcript: it says that it is published at %(url)s. Import that page.")
