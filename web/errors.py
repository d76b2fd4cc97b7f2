"""What can go wrong between a reader and a page.

    EntenduError
    └── WebError (500)
        ├── SignedOutError (401)
        ├── ForbiddenError (403)
        │   └── ForgedFormError
        ├── EpisodeWithdrawnError (410)
        ├── BodyTooLargeError (413)
        └── BadFormError (400)

Each class knows its HTTP status, so that one handler turns any of them into a page or a JSON
document. Failures of other rooms keep their own trees: `web.failures` says how they are shown.
"""

from datetime import datetime

from media.errors import N_, EntenduError


class WebError(EntenduError):
    """A request could not be answered."""

    status = 500


class SignedOutError(WebError):
    """What was asked needs somebody signed in, and nobody is, or no longer."""

    status = 401
    msgid = N_("You are no longer signed in. Sign in, then send it again: nothing was changed.")


class ForbiddenError(WebError):
    """The visitor may not do this."""

    status = 403
    msgid = N_("Your account may not do this. Ask an administrator.")


class ForgedFormError(ForbiddenError):
    """A form came from another site, or from a page that is too old."""

    msgid = N_("This form could not be trusted, and nothing was changed. Reload its page and send it again.")


class EpisodeWithdrawnError(WebError):
    """Somebody asked that an episode be published no more; `since` is when that was done."""

    status = 410
    msgid = N_("This episode was withdrawn on %(day)s at a person’s request.")

    def __init__(self, detail: str, since: datetime) -> None:
        super().__init__(detail, day=since.date().isoformat())
        self.since = since


class BodyTooLargeError(WebError):
    """The request carries more than any form of ours."""

    status = 413
    msgid = N_("What was sent is too large. Nothing was changed.")


class BadFormError(WebError):
    """A form cannot be read, or lacks a field."""

    status = 400
    msgid = N_("This form could not be read. Nothing was changed; send it again from its page.")
