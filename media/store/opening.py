"""Open the place for audio that the settings name; nothing is asked of a server before it is used."""

from pathlib import Path

from media.settings import Settings
from media.store.errors import StoreSettingError
from media.store.folder import FolderStore
from media.store.values import AudioStore

S3 = "s3://"


def open_store(settings: Settings) -> AudioStore:
    """Open the place for audio; StoreSettingError where the setting names none."""
    return open_place(settings.audio_url, settings)


def open_place(url: str, settings: Settings) -> AudioStore:
    """Open a place for audio by its address: empty for the data folder's own, a folder, or an S3 address."""
    if not url:
        return FolderStore(settings.audio_folder)
    if "://" not in url:
        return FolderStore(Path(url), is_ours=False)
    if url.startswith(S3):
        # Here, since loading its library takes longer than many a command.
        from media.store.bucket import BucketStore
        from media.store.cache import AudioCache

        return BucketStore(url.rstrip("/"), AudioCache(settings.cache_folder, settings.audio_cache_gb << 30))
    reason = f"nothing is known of {url.partition('://')[0]}://"
    raise StoreSettingError(f"ENTENDU_AUDIO_URL: {reason}", reason=reason)
