"""What tests of workers share: a data folder, sounds to hear, and storage far away."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ingest.workers import Place
from tests.storage import bucket, line, server

__all__ = ["bucket", "line", "server"]  # fixtures


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sounds")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place.at(tmp_path / "data")
    yield place
    place.close()
