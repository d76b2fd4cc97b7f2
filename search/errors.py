"""What can go wrong in search.

    EntenduError
    └── SearchError
        ├── IndexCorruptedError
        ├── IndexLockedError
        └── IndexWriteError

Whoosh's exceptions stay in this room: whatever a damaged index makes it raise becomes
`IndexCorruptedError`, which means "rebuild", never "tell the reader".
"""

from media.errors import N_, EntenduError


class SearchError(EntenduError):
    """The full-text index could not do what was asked."""

    msgid = N_("Search is not possible just now; the log has the details.")


class IndexCorruptedError(SearchError):
    """The index is missing, damaged or of another version: it is rebuilt from the catalogue."""

    msgid = N_("The index %(path)s cannot be read and is being rebuilt. Nothing is lost.")


class IndexLockedError(SearchError):
    """Another process is writing the index."""

    msgid = N_("Another process is writing the index %(path)s. Wait until it is done, then try again.")


class IndexWriteError(SearchError):
    """The index could not be written; the one in use is as it was."""

    msgid = N_("The index %(path)s cannot be written: %(reason)s. Free some space or check its rights.")
