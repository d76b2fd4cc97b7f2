"""What must hold after each fault (FAULTS.md): I1 to I4, nothing twice, no file without its row.

The looks themselves are those of `entendu doctor --deep`: what the harness holds, an operator can
hold too. Before the index is compared, a reader searches, which is what notices a damaged one, and
the log is followed, as a worker does within a second.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from faults.worlds import World
from media.database import Database
from media.errors import EntenduError
from media.keeping.findings import Finding
from media.keeping.sound import verify_sound
from media.keeping.verifying import verify_catalogue
from media.language import translate
from media.store.opening import open_store
from search import SearchRequest, open_index, sync_index
from search.verifying import verify_index

QUERY = "mairie"
AT_ONCE = timedelta(0)  # a file has its row as soon as nobody is at work


def check(world: World) -> list[str]:
    """List what is wrong with a world; none may be."""
    try:
        with world.open() as database:
            found = [f"{one.kind}: {translate(one.message, 'en')}" for one in _verify(world, database)]
            with database.read() as connection:
                lost = world.ledger.find_lost(connection)
    except EntenduError as error:
        return [f"cannot be checked: {error}"]
    return [*world.ledger.problems, *lost, *found]


def _verify(world: World, database: Database) -> Iterator[Finding]:
    yield from verify_catalogue(database)
    yield from verify_sound(database, open_store(world.settings), datetime.now(UTC), settled=AT_ONCE)
    open_index(world.settings, database).search(SearchRequest(QUERY))
    sync_index(world.settings, database)
    yield from verify_index(world.settings, database)
