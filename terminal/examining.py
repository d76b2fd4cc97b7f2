"""`entendu doctor --deep`: every row, reference, hash and index entry; and what of it can be made again."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from media.database import Database
from media.errors import N_, EntenduError
from media.keeping.findings import Finding
from media.keeping.repairing import repair
from media.keeping.sound import verify_sound
from media.keeping.verifying import verify_catalogue
from media.language import terminal_language, translate
from media.settings import Settings
from media.store.opening import open_store
from media.store.values import AudioStore
from search import rebuild_index
from search.verifying import verify_index
from terminal.saying import out, say

MAX_SAID = 50  # findings of one kind of look that are said in full


def examine(settings: Settings, database: Database, *, mend: bool) -> bool:
    """Look through the whole archive, say what is wrong, mend what can be; True where nothing is left."""
    store = open_store(settings)
    looks: list[tuple[str, Callable[[], list[Finding]]]] = [
        (N_("every row of the catalogue"), partial(verify_catalogue, database)),
        (N_("every audio file, by its hash"), lambda: verify_sound(database, store, datetime.now(UTC))),
        (N_("every entry of the index"), partial(verify_index, settings, database)),
    ]
    mended = partial(_mend, settings, database, store)
    whole = [_look(name, look, mended, mend=mend) for name, look in looks]  # each, whatever the others say
    return all(whole)


def _look(
    name: str,
    look: Callable[[], list[Finding]],
    mended: Callable[[list[Finding]], int],
    *,
    mend: bool,
) -> bool:
    try:
        found = look()
        _tell(name, found)
        if mend and found and mended(found):
            found = look()
            out.print(say("After the repair:"))
            _tell(name, found)
    except EntenduError as error:
        out.print(f"✗ {say(name)}: {translate(error.message, terminal_language())}", style="red")
        return False
    return not found


def _mend(settings: Settings, database: Database, store: AudioStore, found: list[Finding]) -> int:
    return repair(database, store, found, lambda: rebuild_index(settings, database))


def _tell(name: str, found: list[Finding]) -> None:
    if not found:
        out.print(f"✓ {say(name)}", style="green")
        return
    out.print(f"✗ {say(name)}: {len(found)}", style="red")
    for finding in found[:MAX_SAID]:
        out.print(f"  {translate(finding.message, terminal_language())}")
    if len(found) > MAX_SAID:
        out.print("  …")
