"""What can go wrong in keeping an archive.

MediaError
└── KeepingError
    ├── TakenError
    ├── CopyDiffersError
    ├── BackupBusyError
    ├── NoBackupError
    ├── BackupDamagedError
    └── BackupNewerError
"""

from media.errors import N_, MediaError


class KeepingError(MediaError):
    """An archive cannot be backed up, restored or moved."""


class TakenError(KeepingError):
    """Where an archive was to be put, there is something."""

    msgid = N_(
        "There is already something at %(path)s, and nothing was changed. Name an empty database or folder, "
        "or move away what is there."
    )


class CopyDiffersError(KeepingError):
    """A copy of the catalogue is not equal to it."""

    msgid = N_(
        "The copy of the table %(table)s is not equal to the original: nothing was moved, and the old "
        "catalogue is in use as before."
    )


class BackupBusyError(KeepingError):
    """Another backup is being written to the same folder."""

    msgid = N_("Another backup is being written to %(path)s. Wait until it is done.")


class NoBackupError(KeepingError):
    """A folder holds no whole backup."""

    msgid = N_("There is no whole backup in %(path)s.")


class BackupDamagedError(KeepingError):
    """A backup is not what was written."""

    msgid = N_("The backup %(path)s is damaged: %(reason)s. Nothing was restored from it; try an older one.")


class BackupNewerError(KeepingError):
    """A backup was made by a later version of the program."""

    msgid = N_(
        "The backup %(path)s was made by a later version of Entendu (%(version)s). Install that one first."
    )
