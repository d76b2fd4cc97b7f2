"""An archive with one of everything: shared by tests that change nothing, or one's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.attacks.whole import Whole, make_whole


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, sound: Path) -> Iterator[Whole]:
    """Such an archive, for the tests of a module."""
    held = make_whole(tmp_path_factory.mktemp("whole"), sound)
    yield held
    held.archive.database.close()


@pytest.fixture
def own_whole(tmp_path: Path, sound: Path) -> Iterator[Whole]:
    """Such an archive of one's own."""
    held = make_whole(tmp_path, sound)
    yield held
    held.archive.database.close()
