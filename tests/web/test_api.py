"""The API answers what its description says."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient


@pytest.fixture
def description(client: TestClient) -> Any:
    return client.get("/api").json()


def check(description: Any, path: str, document: Any, status: str = "200") -> None:
    content = description["paths"][path]["get"]["responses"][status]["content"]["application/json"]
    schema = {**content["schema"], "components": description["components"]}
    Draft202012Validator(schema).validate(document)


def test_the_description_is_openapi_with_valid_schemas(description: Any) -> None:
    assert description["openapi"].startswith("3.1")
    assert description["servers"] == [{"url": "http://127.0.0.1:8765"}]
    for schema in description["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize(
    "address",
    [
        "/api",
        "/api/search?q=logiciel",
        "/api/search?q=",
        "/api/search?q=" + "x" * 5_000,
        "/api/search?q=logiciel&show=la-riviere&sort=newest",
        "/api/search?q=logiciel&show=la-riviere&show=place-du-marche&year=2024&year=2025&state=machine&state=read",
        "/api/search?q=bibliothequue",
        "/api/search?q=%22logiciel",
        "/api/shows",
        "/api/episodes",
        "/api/episodes?show=la-riviere&offset=1",
        "/api/status",
    ],
)
def test_every_answer_is_as_described(client: TestClient, description: Any, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    check(description, address.split("?")[0], answer.json())


def test_every_episode_is_as_described(client: TestClient, description: Any, archive: Any) -> None:
    for episode in (archive.talk, archive.text, archive.waiting):
        check(description, "/api/episodes/{id}", client.get(f"/api/episodes/{episode}").json())


def test_what_is_missing_is_said_in_json(client: TestClient, description: Any) -> None:
    for address, path in (
        ("/api/episodes/999", "/api/episodes/{id}"),
        ("/api/episodes?show=x", "/api/episodes"),
    ):
        answer = client.get(address)
        assert answer.status_code == 404
        check(description, path, answer.json(), "404")
    assert client.get("/api/nothing").json() == {
        "error": "There is nothing at this address. It may have moved: try a search."
    }


def test_an_excerpt_leads_to_its_second(client: TestClient, archive: Any) -> None:
    excerpt = client.get("/api/search?q=bibliothèque").json()["excerpts"][0]
    ms = excerpt["start_ms"]
    assert excerpt["url"] == (
        f"http://127.0.0.1:8765/episode/{archive.talk}/valbrune-passe-au-logiciel-libre"
        f"#t={ms // 1000}.{ms % 1000:03d}"
    )


def test_several_values_of_a_filter_are_any_of_them(client: TestClient) -> None:
    def count(address: str) -> int:
        total: int = client.get(address).json()["total"]
        return total

    shows = [count(f"/api/search?q=logiciel&show={show}") for show in ("la-riviere", "place-du-marche")]
    assert all(shows)
    assert count("/api/search?q=logiciel&show=la-riviere&show=place-du-marche") == sum(shows)


@pytest.mark.parametrize(("limit", "shown"), [("1", 1), ("0", 1), ("100", 3), ("9999", 3), ("x", 3)])
def test_a_program_says_how_many_excerpts_it_wants(client: TestClient, limit: str, shown: int) -> None:
    answer = client.get(f"/api/search?q=logiciel&limit={limit}").json()
    assert len(answer["excerpts"]) == min(shown, answer["total"])


def test_what_was_left_out_or_spelled_otherwise_is_said(client: TestClient) -> None:
    assert client.get("/api/search?q=%22logiciel").json()["ignored"] == ['"']
    found = client.get("/api/search?q=bibliothequue").json()
    assert found["corrected"] is None or found["total"] > 0


def test_nothing_changes_by_the_api(client: TestClient) -> None:
    for path in ("/api", "/api/search", "/api/shows", "/api/status"):
        assert client.post(path).status_code == 405
