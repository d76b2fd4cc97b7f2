"""A machine that joins takes the copy of an index that another offers, verified, or builds its own."""

import io
import logging
import tarfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from media import schema
from media.files import hash_file
from media.index_offers import SUFFIX
from media.keeping.sound import list_orphans
from media.settings import Settings
from media.store.opening import open_store
from search import SearchRequest, indexing, open_index, sync_index
from search.folder import IndexFolder
from search.offers import offer_index
from tests.search.conftest import NOW, Library

pytestmark = pytest.mark.usefixtures("shared_place")


@pytest.fixture
def shared_place(library: Library, tmp_path: Path) -> Path:
    """A folder that all machines mount; the library's machine offers its index there."""
    place = tmp_path / "shared"
    place.mkdir()
    library.settings = library.settings.model_copy(update={"audio_url": str(place)})
    return place


@pytest.fixture
def other(library: Library, tmp_path: Path) -> Settings:
    """The settings of another machine."""
    update = {"data": tmp_path / "other", "database_url": library.settings.catalogue_url}
    return library.settings.model_copy(update=update)


@pytest.fixture
def joins(
    library: Library, other: Settings, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], tuple[int, bool]]:
    """Have the other machine join; says what it finds of “perroquet”, and whether it built its index."""
    built: list[int] = []
    build = indexing._build
    monkeypatch.setattr(indexing, "_build", lambda *given: built.append(1) or build(*given))

    def join() -> tuple[int, bool]:
        built.clear()
        sync_index(other, library.database)
        found = open_index(other, library.database).search(SearchRequest("perroquet"))
        return found.total, bool(built)

    return join


def offer(library: Library, now=NOW) -> bool:
    return offer_index(library.settings, library.database, now, least=1)


def offered(place: Path) -> Path:
    [found] = place.glob(f"??/*{SUFFIX}")
    return found


def test_a_machine_that_joins_takes_the_index_and_follows_on_from_there(library, joins):
    library.add([(None, "un perroquet gris")])
    library.sync()
    assert offer(library)
    library.add([(None, "un perroquet vert")])  # nobody's index has followed this yet
    assert joins() == (2, False)


def test_an_offer_is_no_orphan_and_the_next_one_takes_its_place(library, shared_place, joins):
    for number in range(3):
        library.add([(None, f"un perroquet {number}")])
        library.sync()
        assert offer(library, NOW + number * timedelta(days=2))
        offered(shared_place)  # one, and no other
    assert list_orphans(library.database, open_store(library.settings), NOW + timedelta(days=9_999)) == []
    assert list(library.settings.index_folder.glob("offering*")) == []
    assert joins() == (3, False)


def test_one_machine_of_all_offers_once_a_day(library, shared_place):
    library.add([(None, "un perroquet gris")])
    library.sync()
    tries = [offer(library, NOW + timedelta(hours=hours)) for hours in (0, 1, 23, 25, 26)]
    assert tries == [True, False, False, True, False]


def test_nothing_is_offered_where_nobody_else_looks_nor_of_a_small_index(library):
    library.add([(None, "un perroquet gris")])
    library.sync()
    assert not offer_index(library.settings, library.database, NOW)
    alone = library.settings.model_copy(update={"audio_url": ""})
    assert not offer_index(alone, library.database, NOW, least=1)


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def poison(path: Path) -> None:
    """Another whole copy of an index, sealed and all, under the name of the one that was offered."""
    with tarfile.open(path, "a") as tar:
        tar.add(__file__, arcname="more")


@pytest.mark.parametrize("harm", [flip, poison, Path.unlink, lambda path: path.write_bytes(b"")])
def test_an_offer_that_is_not_what_the_catalogue_knows_is_never_opened(
    library, shared_place, joins, harm, monkeypatch, caplog
):
    library.add([(None, "un perroquet gris")])
    library.sync()
    offer(library)
    harm(offered(shared_place))
    monkeypatch.setattr("search.offers.tarfile.open", lambda *_, **__: pytest.fail("it was opened"))
    with caplog.at_level(logging.WARNING):
        assert joins() == (1, True)
    assert "cannot be taken" in caplog.text


@pytest.mark.parametrize("name", ["../escaped", "/tmp/escaped"])
def test_even_an_offer_of_ours_writes_nowhere_else(library, shared_place, joins, other, name):
    library.add([(None, "un perroquet gris")])
    library.sync()
    offer(library)
    held = offered(shared_place)
    with tarfile.open(held, "a") as tar:
        tar.addfile(tarfile.TarInfo(name), io.BytesIO())
    sha256, size = hash_file(held), held.stat().st_size
    lasting = shared_place / sha256[:2] / f"{sha256}{SUFFIX}"
    lasting.parent.mkdir(exist_ok=True)
    held.replace(lasting)
    with library.database.write() as connection:
        connection.execute(update(schema.index_offer).values(sha256=sha256, size_bytes=size))
    assert joins() == (1, True)
    index = IndexFolder(other.index_folder).current
    assert index is not None and [path.name for path in other.index_folder.glob("index-*")] == [index.name]


def test_an_index_that_was_taken_and_cannot_be_read_is_built(library, joins, other):
    library.add([(None, "un perroquet gris")])
    library.sync()
    offer(library)
    assert joins() == (1, False)
    folder = IndexFolder(other.index_folder)
    assert folder.current is not None
    folder.set_damaged(folder.current)
    assert joins() == (1, True)
