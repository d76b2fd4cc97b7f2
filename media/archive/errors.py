"""What can be wrong with an archive folder.

MediaError
└── ArchiveError
    ├── ArchiveExistsError
    ├── ArchiveDamagedError
    ├── ArchiveForeignError
    └── CatalogueNotEmptyError
"""

from media.errors import N_, MediaError


class ArchiveError(MediaError):
    """An archive folder cannot be written or read back."""


class ArchiveExistsError(ArchiveError):
    """Something is already there."""

    msgid = N_("There is already something at %(path)s: name a folder that does not exist yet.")


class ArchiveDamagedError(ArchiveError):
    """A file is not what the manifest says, or not what it should hold."""

    msgid = N_("This archive cannot be read back: %(file)s, %(reason)s. Nothing was taken from it.")


class ArchiveForeignError(ArchiveError):
    """It was written by another version of the program, or is of another kind than asked for."""

    msgid = N_("This archive cannot be read back here: %(reason)s. Nothing was taken from it.")


class CatalogueNotEmptyError(ArchiveError):
    """Rows would meet other rows of the same identity."""

    msgid = N_("There are shows here already: an archive is read back into an empty data folder.")
