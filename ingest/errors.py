"""What can go wrong on the way in; each class says what to do about it.

IngestError
├── FeedError (url)
├── AudioError (the file)
├── RecognitionError
└── WorkerError
"""

from media.errors import EntenduError


class IngestError(EntenduError):
    """Something could not come in. `transient` says whether trying again can help."""

    transient = False
