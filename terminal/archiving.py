"""Write the whole archive as a folder, or read one back, and say what it holds."""

from datetime import datetime
from pathlib import Path

from ingest.feeds.sanitising import clean_html
from media.archive.exporting import EVERYTHING, PUBLIC, Wanted, export_archive
from media.archive.restoring import restore_archive
from media.database import Database
from media.errors import N_
from media.language import terminal_language
from media.settings import Settings
from media.store.opening import open_store
from terminal.saying import out, say

MIB = 1 << 20


def write_archive(
    settings: Settings, database: Database, folder: Path, *, audio: bool, everything: bool
) -> None:
    """Write the archive folder."""
    wanted = Wanted(EVERYTHING if everything else PUBLIC, audio, terminal_language())
    written = export_archive(database, open_store(settings), folder, wanted)
    said = N_("%(folder)s: %(shows)d shows, %(episodes)d episodes, %(files)d files, %(size)d MiB.")
    counts = written.counts
    facts = {"shows": counts["show"], "episodes": counts["episode"], "files": written.files}
    out.print(say(said, folder=str(folder), size=written.size_bytes // MIB, **facts))
    if everything:
        out.print(say("It holds accounts and what is private: keep it as you keep a backup."))


def restore_here(
    settings: Settings, database: Database, folder: Path, now: datetime, *, everything: bool
) -> None:
    """Read an archive folder back."""
    restored = restore_archive(database, open_store(settings), folder, clean_html, now, everything=everything)
    said = N_("%(shows)d shows and %(episodes)d episodes were read back. Run `entendu reindex`.")
    out.print(say(said, shows=restored.counts["show"], episodes=restored.counts["episode"]))
