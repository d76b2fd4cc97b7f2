"""What can be refused when a document is to become an episode's published text; nothing is then changed.

MediaError
└── TextRefusedError (the document's name)
    ├── NoWordsError
    ├── TooManySpeakersError
    ├── TimesBeyondError
    └── OtherTextError       carries the score; `anyway` takes the document all the same
"""

from media.errors import N_, MediaError


class TextRefusedError(MediaError):
    """A document cannot be this episode's text."""


class NoWordsError(TextRefusedError):
    """Nobody says anything in it."""

    msgid = N_("There is nothing said in “%(name)s”: no turn was found. Look at its preview.")


class TooManySpeakersError(TextRefusedError):
    """It names more people than an episode has."""

    msgid = N_(
        "“%(name)s” names %(count)d speakers, more than the %(most)d that an episode has: "
        "what stands before its colons is no name."
    )


class TimesBeyondError(TextRefusedError):
    """Its times lie after the end of the audio."""

    msgid = N_(
        "“%(name)s” goes on to %(time)s, and the audio of this episode ends at %(end)s: "
        "it is the text of another recording."
    )


class OtherTextError(TextRefusedError):
    """It has too little in common with what the episode says."""

    msgid = N_(
        "“%(name)s” seems to be the text of another episode: it shares %(percent)d%% of its words with this "
        "one. If it is right all the same, say so (--anyway, or the box of the page)."
    )

    def __init__(self, detail: str, *, score: float, **values: str | int) -> None:
        super().__init__(detail, percent=round(100 * score), **values)
        self.score = score
