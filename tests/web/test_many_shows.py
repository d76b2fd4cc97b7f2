"""A federation has a thousand shows: what lists them asks the catalogue as often as for two."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from media import shows
from media.database import Database
from tests.web.conftest import NOW, Archive


@contextmanager
def counting(database: Database) -> Iterator[list[str]]:
    """Collect what a catalogue is asked of episodes and shows; the site looks at its workers by itself."""
    given: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "FROM episode" in statement or "FROM show" in statement:
            given.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield given
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("path", ["/shows", "/api/shows"])
def test_shows_are_listed_by_as_many_statements_as_two_are(
    own_client: TestClient, own_archive: Archive, path: str
) -> None:
    site = own_client.app.state.site  # type: ignore[attr-defined]
    with counting(site.database) as before:
        answer = own_client.get(path)
    with own_archive.database.write() as connection:
        for number in range(30):
            shows.add_show(connection, f"Émission {number}", NOW)
    with counting(site.database) as after:
        many = own_client.get(path)
    assert answer.status_code == many.status_code == 200
    assert "Émission 29" in many.text and len(after) == len(before) > 0
