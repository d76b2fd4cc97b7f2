"""What can be refused when people correct: no refusal loses a typed word.

MediaError
└── CorrectionError
    ├── RefusedSaveError       carries what was typed; `saving.save_turn` keeps it
    │   ├── TurnConflictError  somebody changed the turn since; carries the turn as it is now
    │   ├── TurnGoneError      it was merged or taken away; carries the turn that has its words
    │   ├── TextTooLongError
    │   └── WithdrawnWordsError  an administrator withdrew some of its words
    ├── CutError, NotAdjacentError, NotSpeechError, UnknownWordsError
    ├── SpeakerNameError, LabelError, UnknownLanguageError, TimeOutsideError
    ├── NotReadError, OwnReadingError, LockedTextError
    ├── UndoRefusedError
    └── ReasonMissingError, EmptyProposalError, ProposalDecidedError
"""

from media.errors import N_, MediaError
from media.transcripts import StoredTurn


class CorrectionError(MediaError):
    """A correction cannot be made so."""


class RefusedSaveError(CorrectionError):
    """A text was not saved; `typed` is all that was typed, None where the act types nothing."""

    cause = "refused"

    def __init__(
        self,
        detail: str,
        *,
        turn_id: int,
        version: int,
        typed: str | None,
        current: StoredTurn | None = None,
        **values: str | int,
    ) -> None:
        super().__init__(detail, **values)
        self.turn_id = turn_id
        self.version = version
        self.typed = typed
        self.current = current
        self.conflict_id: int | None = None  # where what was typed is kept


class TurnConflictError(RefusedSaveError):
    """Somebody changed the turn since it was read; `current` is what it is now."""

    msgid = N_("Somebody changed this turn meanwhile. Your text is kept: choose which one stays.")
    cause = "stale"


class TurnGoneError(RefusedSaveError):
    """The turn is no longer there; `current` is the turn that has its words, where one does."""

    msgid = N_("This turn was merged or taken away meanwhile. Your text is kept.")
    cause = "gone"


class TextTooLongError(RefusedSaveError):
    """More was typed than a turn holds."""

    msgid = N_(
        "A turn holds at most %(most)d characters, and this has %(count)d. Your text is kept: split it."
    )
    cause = "long"


class WithdrawnWordsError(RefusedSaveError):
    """Words of the turn are withdrawn: what stands for them is not to be corrected."""

    msgid = N_("Some words here were withdrawn since. Your text is kept, and nobody corrects this turn now.")
    cause = "withdrawn"


class CutError(CorrectionError):
    """A turn cannot be cut there."""

    msgid = N_("A turn is cut between two of its words.")


class NotAdjacentError(CorrectionError):
    """Two turns that are to be joined do not follow each other."""

    msgid = N_("Only turns that follow each other can be merged.")


class NotSpeechError(CorrectionError):
    """This is asked of words where a sound stands, or of a sound where words stand."""

    msgid = N_("This cannot be done here: words and sounds are not changed in the same way.")


class UnknownWordsError(CorrectionError):
    """These are not words of the turn."""

    msgid = N_("These words are no longer in this turn.")


class SpeakerNameError(CorrectionError):
    """A name is empty or too long."""

    msgid = N_("A speaker’s name has 1 to %(most)d characters.")


class LabelError(CorrectionError):
    """What an event is called is empty or too long."""

    msgid = N_("An event is described in 1 to %(most)d characters.")


class UnknownLanguageError(CorrectionError):
    """A language is not given by its code."""

    msgid = N_("A language is given by its code of two or three letters, such as “en”; “%(name)s” is none.")


class TimeOutsideError(CorrectionError):
    """A time is not where it can be."""

    msgid = N_("This time is outside of the episode, or the end is before the start.")


class NotReadError(CorrectionError):
    """A turn is validated that nobody has read."""

    msgid = N_("Nobody has read this turn yet: it is read by one person, then validated by another.")


class OwnReadingError(CorrectionError):
    """A turn is validated by the one who read it."""

    msgid = N_("You read this turn yourself: another person validates it.")


class LockedTextError(CorrectionError):
    """The licence of a published text lets nobody change it."""

    msgid = N_(
        "This text may not be changed: it was published under “%(licence)s”. Send corrections there:"
        " %(where)s. What was said, word for word, can be corrected here."
    )


class UndoRefusedError(CorrectionError):
    """Nothing of an act can be undone: all that it changed was changed since."""

    msgid = N_("This cannot be undone: what it changed was changed again since, or it is undone already.")


class ReasonMissingError(CorrectionError):
    """A correction is returned without a word."""

    msgid = N_("Say why, in a few words: the person who wrote it will read them.")


class EmptyProposalError(CorrectionError):
    """A proposal changes nothing."""

    msgid = N_("This is what is written already: change some words before you send it.")


class ProposalDecidedError(CorrectionError):
    """A proposal was decided already, or its words are no longer there."""

    msgid = N_("This proposal was decided meanwhile, or the words that it is about have changed.")
