"""What Prometheus is given, and who else is given nothing."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from media.errors import DatabaseError
from media.settings import Settings
from tests.web.conftest import open_client

TOKEN = "un mot à ne pas dire".replace(" ", "-").replace("à", "a")


@pytest.fixture
def watched(archive: Any) -> Iterator[TestClient]:
    """A site whose metrics are read with a token."""
    settings = Settings(**{**archive.settings.model_dump(), "metrics_token": TOKEN})
    with open_client(settings) as client:
        yield client


def figures(client: TestClient) -> dict[str, dict[tuple[str, ...], float]]:
    """Read every figure, by its name and its labels' values."""
    answer = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for metric in text_string_to_metric_families(answer.text):
        for sample in metric.samples:
            labels, named = tuple(sample.labels.values()), found.setdefault(sample.name, {})
            assert labels not in named
            named[labels] = sample.value
    return found


def test_the_archive_is_told_in_figures(watched: TestClient) -> None:
    watched.get("/shows")
    read = figures(watched)
    assert read["entendu_episodes"] == {
        ("waiting",): 1, ("working",): 1, ("ready",): 3, ("failed",): 1, ("skipped",): 0,
    }  # fmt: skip
    assert read["entendu_audio_seconds"][("ready",)] == 360
    assert read["entendu_failed_episodes"] == {("other", "waiting"): 1}
    assert read["entendu_feeds"] == {("read",): 0, ("failing",): 1, ("stopped",): 0}
    assert read["entendu_workers"] == {("working",): 0, ("draining",): 0, ("drained",): 0}
    assert read["entendu_catalogue_up"] == {(): 1}
    assert (read["entendu_index_searchable"], read["entendu_index_lag_changes"]) == ({(): 1}, {(): 0})
    assert read["entendu_disk_size_bytes"][()] >= read["entendu_disk_free_bytes"][()] > 0
    assert read["entendu_http_requests_total"][("GET", "/shows", "200")] == 1
    assert read["entendu_http_request_seconds_count"][("/shows",)] == 1
    assert read["process_resident_memory_bytes"][()] > 1 << 20


def test_no_figure_tells_what_a_reader_looked_for_or_where(watched: TestClient) -> None:
    watched.get("/search?q=rarissime")
    watched.get("/q/secret-quote")
    told = watched.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).text
    assert "rarissime" not in told
    assert "secret-quote" not in told


@pytest.mark.parametrize(
    "said", [None, "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer é"]
)
def test_strangers_are_given_no_figures(watched: TestClient, said: str | None) -> None:
    headers = {} if said is None else {"authorization": said.encode()}
    answer = watched.get("/metrics", headers=headers)
    assert answer.status_code == 401
    assert "entendu_episodes" not in answer.text


def test_without_a_token_in_the_settings_only_administrators_read_figures(
    client: TestClient, archive: Any
) -> None:
    assert client.get("/metrics", headers={"authorization": "Bearer "}).status_code == 401
    for login, status in (("voisin", 403), (archive.login, 200)):
        form = re.search(r'name="form_token" value="([^"]+)"', client.get("/login").text)
        assert form is not None
        client.post("/login", data={"form_token": form[1], "login": login, "password": archive.password})
        assert client.get("/metrics").status_code == status
        client.cookies.clear()


def test_a_catalogue_that_is_down_is_a_figure(watched: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object) -> None:
        raise DatabaseError("down", path="p", reason="r")

    monkeypatch.setattr("web.watching.figures.pace.count_audio", unreachable)
    read = figures(watched)
    assert read["entendu_catalogue_up"] == {(): 0}
    assert "entendu_episodes" not in read
    assert "entendu_disk_free_bytes" in read
