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


DAMAGES = {
    "large": N_("This archive cannot be read back: %(file)s is too large. Nothing was taken from it."),
    "json": N_("This archive cannot be read back: %(file)s is not JSON. Nothing was taken from it."),
    "many": N_("This archive cannot be read back: %(file)s names too many files. Nothing was taken from it."),
    "names": N_(
        "This archive cannot be read back: %(file)s names a file that cannot be. Nothing was taken from it."
    ),
    "plain": N_("This archive cannot be read back: %(file)s is no plain file. Nothing was taken from it."),
    "changed": N_(
        "This archive cannot be read back: %(file)s was changed or is cut short. Nothing was taken from it."
    ),
    "unlisted": N_(
        "This archive cannot be read back: its manifest does not name %(file)s. Nothing was taken from it."
    ),
    "hash": N_(
        "This archive cannot be read back: the name of %(file)s is not the hash of its content. "
        "Nothing was taken from it."
    ),
    "missing": N_("This archive cannot be read back: %(file)s is missing. Nothing was taken from it."),
    "rows": N_(
        "This archive cannot be read back: the rows of %(file)s do not fit together. "
        "Nothing was taken from it."
    ),
    "long": N_(
        "This archive cannot be read back: a line of %(file)s is too long. Nothing was taken from it."
    ),
    "columns": N_(
        "This archive cannot be read back: rows of %(file)s name different columns. "
        "Nothing was taken from it."
    ),
    "line": N_(
        "This archive cannot be read back: line %(line)s of %(file)s cannot be understood. "
        "Nothing was taken from it."
    ),
}
FOREIGN = {
    "accounts": N_(
        "This archive holds accounts: say --everything to read it back. Nothing was taken from it."
    ),
    "public": N_(
        "This is a public archive, which holds no accounts: read it back without --everything. "
        "Nothing was taken from it."
    ),
    "version": N_(
        "This archive was written by another version of Entendu, and can be read back only there. "
        "Nothing was taken from it."
    ),
    "other": N_("This folder is not an archive of Entendu. Nothing was taken from it."),
    "kind": N_("This archive is of a kind that this version does not know. Nothing was taken from it."),
}


class ArchiveDamagedError(ArchiveError):
    """A file is not what the manifest says, or not what it should hold; `damage` is one of `DAMAGES`."""

    def __init__(self, detail: str, damage: str, *, file: str, **values: int) -> None:
        self.msgid = DAMAGES[damage]
        super().__init__(detail, file=file, **values)


class ArchiveForeignError(ArchiveError):
    """It was written elsewhere, or is of another kind than asked for; `reason` is one of `FOREIGN`."""

    def __init__(self, detail: str, reason: str) -> None:
        self.msgid = FOREIGN[reason]
        super().__init__(detail)


class CatalogueNotEmptyError(ArchiveError):
    """Rows would meet other rows of the same identity."""

    msgid = N_("There are shows here already: an archive is read back into an empty data folder.")
