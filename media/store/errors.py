"""What can go wrong where audio lies.

StorageError
├── StorageDownError
├── AudioDamagedError
└── StoreSettingError
NotFoundError
└── AudioMissingError
"""

from media.errors import N_, NotFoundError, StorageError


class StorageDownError(StorageError):
    """The audio storage cannot be reached, or refuses us; what is on this machine is not concerned."""

    msgid = N_(
        "The audio storage %(name)s cannot be used: %(reason)s. Search and corrections go on; what is to be "
        "kept there is tried again."
    )


class AudioDamagedError(StorageError):
    """What the storage gave back is not what was kept there."""

    msgid = N_(
        "The audio file %(path)s in the storage is damaged: it is not what was kept there. Restore it from "
        "a backup, or have the episode fetched again."
    )
    transient = False


class StoreSettingError(StorageError):
    """The setting says no place that audio could lie in."""

    msgid = N_("ENTENDU_AUDIO_URL cannot be used: %(reason)s. Give a folder, or s3://bucket/prefix.")
    transient = False


class AudioMissingError(NotFoundError):
    """There is no such file where audio lies."""

    def __init__(self, name: str, place: str) -> None:
        super().__init__(f"{name} is not in {place}", kind="audio", name=name)
