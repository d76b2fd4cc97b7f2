"""What makes a document of text unusable, said in one sentence each.

IngestError
└── TextError (name)
    ├── TextTooLargeError, TooManyWordsError, TooManyLinesError, TooMuchMarkupError, TooManySpeakersError
    ├── NotTextError: OtherFileError (kind)
    ├── EmptyTextError, NoSpeechError
    └── BrokenTextError (format)
"""

from ingest.errors import IngestError
from media.errors import N_


class TextError(IngestError):
    """A document cannot be read. Carries `name`, the file's."""

    def __init__(self, detail: str, *, name: str, **values: str | int) -> None:
        super().__init__(f"{name}: {detail}", name=name, **values)
        self.name = name


class TextTooLargeError(TextError):
    """It is larger than any transcript."""

    msgid = N_("“%(name)s” is larger than %(limit_mb)s MB, more than any transcript: it was not read.")


class TooManyWordsError(TextError):
    """It holds more words than are said in a day."""

    msgid = N_("“%(name)s” holds more than %(limit)s words. Cut it into one file an episode.")


class TooManyLinesError(TextError):
    """It holds more lines than any transcript."""

    msgid = N_("“%(name)s” holds more than %(limit)s lines, more than any transcript: it was not read.")


class TooMuchMarkupError(TextError):
    """It holds more tags than any page."""

    msgid = N_("“%(name)s” holds more than %(limit)s marks, more than any page: it was not read.")


class TooManySpeakersError(TextError):
    """It names more people than any episode could hear."""

    msgid = N_("“%(name)s” seems to name more than %(limit)s speakers: it is not one episode's transcript.")


class NotTextError(TextError):
    """It holds bytes that are no text in any encoding."""

    msgid = N_("“%(name)s” is not text. Give a transcript as text, a wiki or web page, subtitles or JSON.")


class OtherFileError(NotTextError):
    """It is a file of another kind, which the sentence names."""

    msgid = N_(
        "“%(name)s” is a file of the kind %(kind)s, not text. Save its text as a web page or plain text."
    )


class EmptyTextError(TextError):
    """There is nothing in it."""

    msgid = N_("“%(name)s” is empty: there is no text in it.")


class NoSpeechError(TextError):
    """It can be read, but nobody says anything in it."""

    msgid = N_("“%(name)s” holds nothing that somebody says.")


class BrokenTextError(TextError):
    """It promises a format and does not keep to it."""

    msgid = N_("“%(name)s” is damaged, or of another kind: it cannot be read as %(format)s.")
