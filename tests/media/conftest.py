"""A real catalogue in a folder of its own, on SQLite, and on PostgreSQL where there is a server."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from media.database import Database

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty catalogue at this program's schema, on each engine in turn."""
    if request.param == "sqlite":
        catalogue = Database(f"sqlite:///{tmp_path / 'catalogue.sqlite'}")
    else:
        catalogue = Database(request.getfixturevalue("fresh_postgres"))
    catalogue.upgrade()
    yield catalogue
    catalogue.close()
