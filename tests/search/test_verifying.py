"""The index is compared with the catalogue entry by entry, and nothing wrong goes unseen (FAULTS I3)."""

import numpy as np
import pytest
from sqlalchemy import delete, update

from media import schema
from media.episodes import update_episode
from media.keeping.findings import FindingKind
from media.transcript import Edition, TurnState
from media.transcripts import list_turns, replace_turns
from search.folder import IndexFolder
from search.verifying import verify_index


def found(library) -> list[tuple[FindingKind, int | str | None]]:
    """Say what is wrong, and of which episode."""
    return [(finding.kind, finding.subject) for finding in verify_index(library.settings, library.database)]


def test_an_index_that_followed_its_catalogue_has_no_finding(real_library):
    assert found(real_library) == []
    changed = real_library.add([("Ana", "une phrase de plus " * 120 + "dite"), (None, "et la fin !")])
    assert found(real_library) == []  # it is late, not wrong
    real_library.sync()
    with real_library.database.write() as connection:
        update_episode(connection, changed, {"title": "Un autre titre"}, real_library.now)
    real_library.sync()
    assert found(real_library) == []
    real_library.rebuild()
    assert found(real_library) == []


@pytest.mark.parametrize(
    "change",
    [
        {"words": '[["ville",0,400,null,1]]'},
        {"state": TurnState.READ},
        {"voice_id": None},
        {"kind": "event"},
    ],
)
def test_what_changes_behind_the_log_is_found(library, change):
    library.add([("Ana", "la mairie"), ("Bob", "le parc")])
    touched = library.add([("Ana", "la mairie"), ("Bob", "le parc")])
    library.sync()
    with library.database.write() as connection:
        first = list_turns(connection, touched)[0].id
        connection.execute(update(schema.turn).where(schema.turn.c.id == first).values(change))
    assert found(library) == [(FindingKind.INDEX, touched)]
    library.rebuild()
    assert found(library) == []


def test_entries_of_an_episode_that_is_gone_are_found(library):
    gone = library.add([(None, "la mairie")])
    library.sync()
    with library.database.write() as connection:
        connection.execute(delete(schema.episode).where(schema.episode.c.id == gone))
    assert found(library) == [(FindingKind.INDEX, gone)]


def test_words_that_cannot_be_read_are_no_entry_and_end_no_look(library):
    touched = library.add([(None, "la mairie")])
    library.sync()
    with library.database.write() as connection:
        connection.execute(update(schema.turn).values(words="[["))
    assert found(library) == [(FindingKind.INDEX, touched)]


def test_words_in_another_order_are_another_entry(library):
    touched = library.add([(None, "la ville de la mairie")])
    library.sync()
    with library.database.write() as connection:
        turn = list_turns(connection, touched)[0].turn
        exchanged = [word.text for word in turn.words][::-1]
        packed = [[text, 0, 400, None, 1] for text in exchanged]
        connection.execute(
            update(schema.turn).values(words=str(packed).replace("'", '"').replace("None", "null"))
        )
    assert found(library) == [(FindingKind.INDEX, touched)]


def test_a_damaged_index_is_one_finding(library):
    """FAULTS 17."""
    library.add([(None, "la mairie")])
    library.sync()
    index = IndexFolder(library.settings.index_folder).current
    segment = next(path for path in index.iterdir() if path.suffix == ".seg")
    content = np.frombuffer(segment.read_bytes(), np.uint8).copy()
    content[len(content) // 2] ^= 1
    segment.write_bytes(content.tobytes())
    assert found(library) == [(FindingKind.INDEX, None)]


def test_a_rebuilt_index_holds_published_texts_of_episodes_whose_sound_is_awaited(library):
    waiting = library.add([(None, "la mairie")])
    with library.database.write() as connection:
        turns = [held.turn for held in list_turns(connection, waiting)]
        replace_turns(connection, waiting, Edition.PUBLISHED, turns, {})
        update_episode(connection, waiting, {"status": "waiting"}, library.now)
    library.rebuild()
    assert found(library) == [] and library.search("mairie").total == 1
