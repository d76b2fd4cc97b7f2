"""Programs quote by the JSON API: answers as described, refusals in words, nothing made by a refusal."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import func, select, update
from starlette.testclient import TestClient

from media import schema
from media.people import withdrawals
from media.people.attempts import Budget
from media.quotes import tables
from tests.web.conftest import NOW, Archive, make_archive, open_client
from tests.web.importing.conftest import sign_in


@pytest.fixture(scope="module")
def quoted(tmp_path_factory: pytest.TempPathFactory, sound: Any) -> Iterator[Archive]:
    held = make_archive(tmp_path_factory.mktemp("quoted"), sound)
    yield held
    held.database.close()


@pytest.fixture(scope="module")
def reader(quoted: Archive) -> Iterator[TestClient]:
    with open_client(quoted.settings) as client:
        yield client


def check(client: TestClient, document: Any) -> None:
    described = client.get("/api").json()
    Draft202012Validator(
        {"$ref": "#/components/schemas/Quote", "components": described["components"]}
    ).validate(document)


def count_quotes(archive: Archive) -> int:
    with archive.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(tables.quote)).scalar_one())


def test_a_quote_is_made_read_and_the_same_when_asked_again(reader: TestClient, quoted: Archive) -> None:
    asked = {"episode": quoted.talk, "start": "0:01", "end": 4}
    made = reader.post("/api/quotes", json=asked)
    assert made.status_code == 201
    check(reader, made.json())
    quote_id = made.json()["id"]
    assert reader.post("/api/quotes", json=asked).json()["id"] == quote_id
    for address in (f"/api/quotes/{quote_id}", f"/q/{quote_id}.json"):
        read = reader.get(address)
        assert read.status_code == 200
        check(reader, read.json())
        assert read.json()["text"] == made.json()["text"]
    held = made.json()
    assert held["standing"]["fate"] == "same" and held["check"] == "machine"
    assert held["speakers"] == ["Julien Morvan"]
    assert held["episode_url"].endswith(f"#t={held['start']['ms'] / 1000:.3f},{held['end']['ms'] / 1000:.3f}")


def test_words_are_quoted_by_their_places(reader: TestClient, quoted: Archive) -> None:
    turns = reader.get(f"/api/episodes/{quoted.talk}").json()["turns"]
    turn = next(turn for turn in turns if len(turn["text"].split(" ")) > 6)
    spans = [f"{turn['id']}.0-{turn['id']}.1", f"{turn['id']}.4-{turn['id']}.5"]
    made = reader.post("/api/quotes", json={"episode": quoted.talk, "spans": spans}).json()
    words = turn["text"].split(" ")
    assert made["text"] == f"{words[0]} {words[1]} […] {words[4]} {words[5]}"


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ({"start": 170, "end": 200}, 400, "lasts 0:03:00"),
        ({"start": 40, "end": 20}, 400, "ends after it begins"),
        ({"start": 0, "end": 10_800}, 400, "lasts"),
        ({"start": "midi", "end": 20}, 400, "not a place"),
        ({"start": 0, "end": 0.4}, 400, "Nobody says a word"),
        ({"start": float("inf"), "end": 3}, 400, ""),
        ({"spans": ["1.0-999999.3"]}, 400, "not in the transcript"),
        ({"spans": ["1.0"]}, 400, "not a place"),
        ({"text": "sung", "start": 1, "end": 3}, 400, "Send JSON"),
        ({}, 400, "Send JSON"),
        ({"episode": 999, "start": 1, "end": 3}, 404, ""),
        ({"episode": "one", "start": 1, "end": 3}, 400, "Send JSON"),
    ],
)
def test_what_cannot_be_quoted_is_refused_in_words_and_nothing_is_made(
    reader: TestClient, quoted: Archive, asked: dict[str, Any], status: int, said: str
) -> None:
    before = count_quotes(quoted)
    if asked.get("start") == float("inf"):
        body = f'{{"episode": {quoted.talk}, "start": Infinity, "end": 3}}'
        answer = reader.post("/api/quotes", content=body, headers={"content-type": "application/json"})
    else:
        answer = reader.post("/api/quotes", json={"episode": quoted.talk, **asked})
    assert (answer.status_code, count_quotes(quoted)) == (status, before)
    assert said in answer.json()["error"]


@pytest.mark.parametrize("body", ["", "[1]", "{", "[" * 50_000, '{"episode": NaN}'])
def test_what_is_no_request_is_refused(reader: TestClient, body: str) -> None:
    answer = reader.post("/api/quotes", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400


def test_a_form_of_another_site_makes_no_quote_in_somebody_s_name(
    reader: TestClient, quoted: Archive
) -> None:
    asked = f'{{"episode": {quoted.talk}, "start": 1, "end": 3}}'
    forged = reader.post("/api/quotes", content=asked, headers={"content-type": "text/plain"})
    assert forged.status_code == 400
    headers = {"content-type": "application/json", "origin": "https://elsewhere.example"}
    assert reader.post("/api/quotes", content=asked, headers=headers).status_code == 403


def test_one_s_own_quotes_are_listed_and_taken_away_by_nobody_else(quoted: Archive) -> None:
    with open_client(quoted.settings) as client:
        assert client.get("/api/quotes").status_code == 401
        sign_in(client, quoted.login)
        asked = {"episode": quoted.talk, "start": 5, "end": 8}
        made = client.post("/api/quotes", json=asked).json()
        assert made["author"] == "Samira Benali"
        listed = client.get("/api/quotes").json()["quotes"]
        assert [held["id"] for held in listed] == [made["id"]]
        check(client, listed[0])
        table = client.get("/api/quotes?format=csv")
        rows = list(csv.DictReader(io.StringIO(table.text)))
        assert [(row["url"], row["text"]) for row in rows] == [(made["url"], made["text"])]
        assert "attachment" in table.headers["content-disposition"]
    with open_client(quoted.settings) as client:
        sign_in(client, "voisin")
        assert client.get("/api/quotes").json() == {"quotes": []}


def test_a_withdrawn_quote_answers_410_without_its_words(reader: TestClient, quoted: Archive) -> None:
    made = reader.post("/api/quotes", json={"episode": quoted.talk, "start": 30, "end": 33}).json()
    turn_id = made["spans"][0][0]["turn_id"]
    with quoted.database.write() as connection:
        act = withdrawals.withdraw_words(connection, turn_id, None, "asked", None, NOW)
    answer = reader.get(f"/api/quotes/{made['id']}")
    check(reader, answer.json())
    assert (answer.status_code, answer.json()["text"]) == (410, None)
    assert answer.json()["standing"]["withdrawn_at"] is not None
    assert made["text"][:12] not in answer.text
    again = reader.post("/api/quotes", json={"episode": quoted.talk, "start": 30, "end": 33})
    assert again.status_code == 400 and "withdrawn" in again.json()["error"]
    with quoted.database.write() as connection:
        withdrawals.lift_withdrawal(connection, act, "agreed", None, NOW)
    assert reader.get(f"/api/quotes/{made['id']}").json()["text"] == made["text"]


def test_too_many_quotes_from_one_address_wait(
    reader: TestClient, quoted: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.quoting.QUOTES_FROM_ADDRESS", Budget("quotes-test", 2))
    asked = {"episode": quoted.talk, "start": 20, "end": 23}
    answers = [reader.post("/api/quotes", json=asked) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429], answers[0].text
    refused = reader.post("/api/quotes", json=asked)
    assert "Too many tries" in refused.json()["error"]
    assert int(refused.headers["retry-after"]) > 60


def test_a_quote_outlives_titles_and_addresses(reader: TestClient, quoted: Archive) -> None:
    made = reader.post("/api/quotes", json={"episode": quoted.talk, "start": 12, "end": 15}).json()
    old = made["episode_url"].split("#")[0].removeprefix(quoted.settings.site_url)
    with quoted.database.write() as connection:
        this = schema.episode.c.id == quoted.talk
        connection.execute(update(schema.episode).where(this).values(title="Un autre titre"))
    moved = reader.get(old)
    assert moved.status_code in {302, 303, 307}
    assert "/un-autre-titre" in moved.headers["location"]
    assert reader.get(f"/api/quotes/{made['id']}").json()["episode"] == made["episode"]


def test_what_does_not_exist_is_said(reader: TestClient) -> None:
    for address in ("/api/quotes/nothing", "/q/nothing.json"):
        answer = reader.get(address, headers={"accept": "application/json"})
        assert answer.status_code == 404 and answer.json()["error"]
