"""What can be refused when people quote: nothing is made, and one sentence says why.

MediaError
└── QuoteError
    ├── RangeReversedError, RangeOutsideError, RangeUnreadError
    ├── NoWordsError, NoTimesError, WordsGoneError, WordsWithdrawnError
    ├── QuoteTooLongError, TooManyCutsError
    └── NothingToHearError
"""

from media.errors import N_, MediaError


class QuoteError(MediaError):
    """These words cannot be quoted so."""


class RangeReversedError(QuoteError):
    """A range ends before it begins, or cuts are not in order."""

    msgid = N_("A quote ends after it begins. Exchange its start and its end.")


class RangeOutsideError(QuoteError):
    """A range is not within the audio."""

    msgid = N_("This is outside of the episode, which lasts %(length)s.")


class RangeUnreadError(QuoteError):
    """A time, or the place of a word, is not written as one."""

    msgid = N_("“%(text)s” is not a place in an episode. Write a time as 29:12, 0:29:12 or 1752.5.")


class NoWordsError(QuoteError):
    """Nobody speaks there."""

    msgid = N_("Nobody says a word there. Choose a longer time.")


class NoTimesError(QuoteError):
    """The text has no times to find words by."""

    msgid = N_("This text has no times yet: choose its words on the page of the episode.")


class WordsGoneError(QuoteError):
    """The words that were chosen are not in the transcript."""

    msgid = N_("These words are not in the transcript, or it has changed since. Choose them again.")


class WordsWithdrawnError(QuoteError):
    """Some of the words were withdrawn."""

    msgid = N_("Words of this passage were withdrawn on %(day)s: it cannot be quoted.")


class QuoteTooLongError(QuoteError):
    """More was chosen than a quotation holds."""

    msgid = N_(
        "A quote holds at most %(words)d words and %(minutes)d minutes. "
        "Choose fewer, or make several quotes of them."
    )


class TooManyCutsError(QuoteError):
    """More is left out than one quotation can show."""

    msgid = N_("A quote leaves words out in at most %(most)d places.")


class NothingToHearError(QuoteError):
    """A quote is said to be heard whose words are withdrawn, lost, or without audio."""

    msgid = N_("This quote cannot be checked by ear: its words, or their sound, are not there.")
