"""Every answer has an identity that the log knows; the log knows no reader."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from media.errors import DatabaseError
from web.watching.requests import HEADER
from web.watching.tally import Count, Tally, add_up


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What is logged, from the first word on."""
    caplog.set_level(logging.WARNING, "httpx2")  # the browser of these tests has a log of its own
    caplog.set_level(logging.INFO)
    return caplog


def test_every_answer_has_an_identity_of_its_own(client: TestClient) -> None:
    paths = ["/", "/nothing", "/health", "/static/none", "/api/search?q=a", "/episode/1"]
    seen = [client.get(path, headers={HEADER: "chosen-by-a-stranger"}).headers[HEADER] for path in paths]
    assert len({*seen}) == len(paths)
    assert all(len(identity) == 16 and set(identity) <= set("0123456789abcdef") for identity in seen)


@pytest.mark.parametrize("accepts", ["text/html", "application/json"])
def test_a_failure_is_told_with_what_finds_it_in_the_log(
    own_client: TestClient, monkeypatch: pytest.MonkeyPatch, accepts: str
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr("web.shows.list_shows", fail)
    answer = own_client.get("/shows", headers={"accept": accepts})
    assert answer.status_code == 500
    assert answer.headers[HEADER] in answer.text


def test_reading_leaves_no_line_and_what_changes_something_is_logged_by_route(
    client: TestClient, lines: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.watching.requests.SLOW_S", 600.0)  # slow ones are logged, and machines are busy
    client.get("/search?q=une+confidence+rarissime")
    client.get("/invitation/abc-secret")
    client.get("/episode/1/valbrune")
    assert not [record for record in lines.records if record.name.startswith("web.watching")]
    client.post("/invitation/abc-secret", data={"form_token": "a"})
    client.post("/somewhere/abc-secret")
    said = [record.getMessage() for record in lines.records if record.name.startswith("web.watching")]
    assert [line.rpartition(" in ")[0] for line in said] == ["POST /invitation/{token}: 403"]
    assert "abc-secret" not in lines.text
    assert "rarissime" not in lines.text


def test_what_is_searched_stays_out_of_the_log_when_the_search_fails(
    own_client: TestClient, monkeypatch: pytest.MonkeyPatch, lines: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a broken segment")

    monkeypatch.setattr("search.index._ask", fail)
    assert own_client.get("/search?q=rarissime").status_code == 200
    assert "a search failed" in lines.text
    assert "rarissime" not in lines.text


def test_what_a_statement_was_given_stays_out_of_errors(archive: Any) -> None:
    from sqlalchemy import text

    with pytest.raises(DatabaseError) as failed, archive.database.read() as connection:
        connection.execute(text("SELECT :word FROM nowhere"), {"word": "hunter2"})
    assert "hunter2" not in str(failed.value)


def count_of(tally: Tally) -> Iterator[tuple[dict[str, str], float]]:
    return (
        (sample.labels, sample.value)
        for metric in tally.add_up()
        for sample in metric.samples
        if sample.name == "entendu_http_requests_total"
    )


def test_requests_are_counted_by_route_method_and_status(own_client: TestClient) -> None:
    for path in ("/episode/1", "/episode/2/some-title", "/episode/999", "/none/1", "/none/2"):
        own_client.get(path)
    own_client.request("BREW", "/none")
    tally: Tally = own_client.app.state.tally  # type: ignore[attr-defined]
    counted = {tuple(labels.values()): value for labels, value in count_of(tally)}
    assert counted[("GET", "nowhere", "404")] == 2
    assert counted[("other", "nowhere", "404")] == 1
    assert counted[("GET", "/episode/{id:int}", "404")] == 1
    assert counted[("GET", "/episode/{id:int}/{slug}", "303")] == 1
    assert not [route for _, route, _ in counted if "some-title" in route or "999" in route]


def test_processes_add_up_and_what_an_ended_one_held_is_not_counted(tmp_path: Path) -> None:
    mine = (
        "# HELP entendu_http_requests_total Requests.\n# TYPE entendu_http_requests_total counter\n"
        'entendu_http_requests_total{method="GET",route="/",status="200"} 3\n'
        "# HELP process_resident_memory_bytes Memory.\n# TYPE process_resident_memory_bytes gauge\n"
        "process_resident_memory_bytes 100\n"
    )
    cut_short = mine[:-40] + "\nentendu_http"
    added = {
        sample.name: sample.value
        for metric in add_up(
            [Count(mine, lives=True), Count(mine, lives=False), Count(cut_short, lives=True)]
        )
        for sample in metric.samples
    }
    assert added["entendu_http_requests_total"] in {6.0, 9.0}
    assert added["process_resident_memory_bytes"] == 100


def test_another_process_s_count_is_read_from_its_file(tmp_path: Path) -> None:
    here = Tally(tmp_path / "metrics")
    assert list(count_of(here)) == []
    here.share()
    (left,) = (tmp_path / "metrics").iterdir()
    left.rename(left.with_name("1.prom"))  # the first process, which lives as long as the machine
    text = left.with_name("1.prom").read_text()
    assert "process_resident_memory_bytes" in text
    memory = [m.samples[0].value for m in here.add_up() if m.name == "process_resident_memory_bytes"]
    alone = [m.samples[0].value for m in add_up([Count(text, lives=True)]) if m.name.endswith("memory_bytes")]
    assert memory[0] > 1.5 * alone[0]
    left.with_name("1.prom").write_bytes(b"\xff damaged \x00")
    left.with_name("2.prom").write_text("damaged {")
    assert list(here.add_up())
