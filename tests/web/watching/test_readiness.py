"""Alive is who answers; ready is who can serve readers, and has caught up once."""

import shutil
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from media.changes import log_change
from search.indexing import sync_index
from tests.web.conftest import open_client


def test_a_site_with_its_index_is_ready(client: TestClient) -> None:
    assert client.get("/health").json() == {"alive": True}
    answer = client.get("/ready")
    assert (answer.status_code, answer.json()) == (200, {"ready": True})
    assert answer.headers["cache-control"] == "no-store"


def test_a_machine_that_has_not_caught_up_is_sent_no_readers_until_it_has(own_archive: Any) -> None:
    with own_archive.database.write() as connection:
        log_change(connection, own_archive.talk, datetime.now(UTC) - timedelta(minutes=1))
    with open_client(own_archive.settings) as behind:
        answer = behind.get("/ready")
        assert (answer.status_code, answer.json()) == (503, {"ready": False, "index": "1 changes behind"})
        assert behind.get("/health").status_code == 200
        sync_index(own_archive.settings, own_archive.database)
        assert behind.get("/ready").status_code == 200
        with own_archive.database.write() as connection:
            log_change(connection, own_archive.talk, datetime.now(UTC) - timedelta(minutes=5))
        assert behind.get("/ready").status_code == 200, "one that serves goes on, and says that it lags"


def test_a_machine_without_an_index_is_not_ready(own_archive: Any) -> None:
    shutil.rmtree(own_archive.settings.index_folder)
    with open_client(own_archive.settings) as empty:
        answer = empty.get("/ready")
        assert answer.status_code == 503
        assert answer.json()["index"].startswith("being built")


def test_without_its_catalogue_a_site_lives_and_is_not_ready(
    own_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert own_client.get("/ready").status_code == 200
    monkeypatch.setattr("web.watching.readiness.read_standing", _unreachable)
    answer = own_client.get("/ready")
    assert (answer.status_code, answer.json()) == (503, {"ready": False, "catalogue": "unreachable"})
    assert own_client.get("/health").status_code == 200


def _unreachable(*_: object) -> None:
    from media.errors import DatabaseError

    raise DatabaseError("postgresql://entendu@host is down", path="p", reason="r")
