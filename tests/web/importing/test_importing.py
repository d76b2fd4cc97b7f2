"""Texts come in by a page that works without script: looked at, decided on, imported."""

import html
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from media.transcript import Edition
from media.transcripts import list_turns
from search import sync_index
from tests.web.conftest import Archive
from tests.web.importing.conftest import Essay, token_of

Give = Callable[..., str]


def decide(client: TestClient, path: str, **fields: str) -> str:
    """Send a preview's form, and return where it leads."""
    form = {"form_token": token_of(client, path), "show": "Place du Marché", **fields}
    answer = client.post(path, data=form)
    assert answer.status_code == 303, html.unescape(answer.text)
    return str(answer.headers["location"])


def test_a_page_is_looked_at_then_imported_and_read(
    volunteer: TestClient, reader: TestClient, filled: Archive, give: Give, essay: Essay
):
    path = give()
    page = html.unescape(volunteer.get(path).text)
    for said in (
        "a wiki page",
        "It makes a new episode",
        "CC BY-SA 4.0",
        "Anne Martin",
        "[Jingle]",
        essay.word,
    ):
        assert said in page
    assert reader.get(path).status_code == 303  # to sign in
    episode = decide(volunteer, path, do="import")
    read = html.unescape(reader.get(episode).text)
    assert f"{essay.word} connecté" in read and essay.title in read
    sync_index(filled.settings, filled.database)
    assert essay.title in html.unescape(reader.get(f"/search?q={essay.word}").text)
    assert volunteer.get(path).status_code == 404


def test_a_pasted_text_given_again_updates_its_episode(volunteer: TestClient, give: Give, essay: Essay):
    first = decide(volunteer, give(), do="import")
    edited = essay.text.replace("Bonjour à toutes", "Bonjour à toutes et à tous")
    form = {
        "form_token": token_of(volunteer),
        "text": edited,
        "name": f"{essay.word}.wiki",
        "show": "Place du Marché",
    }
    path = volunteer.post("/import", data=form).headers["location"]
    assert "It goes to this episode" in volunteer.get(path).text
    assert decide(volunteer, path, do="import") == first
    assert "Bonjour à toutes et à tous" in volunteer.get(first).text


def test_a_choice_is_recomputed_without_script_and_can_be_taken_back(
    volunteer: TestClient, give: Give, shared: Path
):
    content = (shared / "transcripts" / "004_014a810285a2e1fe.txt").read_bytes()
    path = give(content, "004.txt")
    assert "<strong>60</strong> turns" in volunteer.get(path).text
    decide(volunteer, path, do="look", **{"choice-42": "speech"})
    page = volunteer.get(path).text
    assert "<strong>60</strong> turns" not in page and 'value="speech" checked' in page
    decide(volunteer, path, do="look", **{"choice-42": "heading"})
    assert "<strong>60</strong> turns" in volunteer.get(path).text
    episode = decide(volunteer, path, do="import", **{"choice-42": "heading"})
    documents = "/import/episode/" + episode.split("/")[2]
    page = volunteer.get(documents).text
    assert "004.txt" in page
    number = page.split('name="document" value="')[1].split('"')[0]
    again = volunteer.post(documents, data={"form_token": token_of(volunteer), "document": number})
    assert 'value="heading" checked' in volunteer.get(again.headers["location"]).text
    sent = volunteer.get(f"/import/document/{number}")
    assert sent.content == content and "attachment" in sent.headers["content-disposition"]


def test_several_files_are_listed_and_imported_together(volunteer: TestClient, filled: Archive, essay: Essay):
    pages = [
        ("files", (f"{essay.word}{number}.wiki", essay.text.replace("essai", f"essai {number}")))
        for number in range(3)
    ]
    pages.append(("files", ("image.png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 40)))  # type: ignore[arg-type]
    form = {"form_token": token_of(volunteer), "show": "Place du Marché"}
    assert volunteer.post("/import", data=form, files=pages).headers["location"] == "/import"
    page = html.unescape(volunteer.get("/import").text)
    assert "image.png" in page and "not text" in page
    done = volunteer.post("/import/all", data={"form_token": token_of(volunteer)})
    assert done.headers["location"] == "/import?done=some"
    with filled.database.read() as connection:
        names = set(connection.exec_driver_sql("SELECT name FROM document").scalars())
    assert {f"{essay.word}{number}.wiki" for number in range(3)} <= names


def test_what_cannot_be_imported_says_why_and_can_be_given_up(volunteer: TestClient, give: Give):
    path = give(b"\x00\x01\x02\xff" * 200, "bruit.bin")
    page = html.unescape(volunteer.get(path).text)
    assert "“bruit.bin” is not text" in page
    assert decide(volunteer, path, do="drop") == "/import?done=dropped"


def test_the_text_of_another_episode_needs_to_be_insisted_on(
    volunteer: TestClient, filled: Archive, give: Give, essay: Essay
):
    path = give(essay.text.replace("2 juillet 2024", ""), "autre.wiki", episode=str(filled.talk))
    form = {"form_token": token_of(volunteer, path), "do": "import"}
    refused = volunteer.post(path, data=form)
    assert refused.status_code == 422 and 'name="anyway"' in refused.text
    assert volunteer.post(path, data={**form, "anyway": "yes"}).status_code == 303
    with filled.database.read() as connection:
        assert list_turns(connection, filled.talk, Edition.SPOKEN)
        assert len(list_turns(connection, filled.talk, Edition.PUBLISHED)) == 3


@pytest.mark.parametrize("path", ["/import", "/import/1", "/import/all", "/import/episode/1/privacy"])
def test_forms_of_strangers_and_forgers_are_refused(reader: TestClient, volunteer: TestClient, path: str):
    assert reader.post(path, data={"text": "x"}).status_code == 401
    assert volunteer.post(path, data={"text": "x"}).status_code == 403


def test_an_upload_beyond_the_limit_is_refused(volunteer: TestClient):
    form = {"form_token": token_of(volunteer)}
    huge = {"files": ("huge.txt", b"a" * (65 << 20))}
    assert volunteer.post("/import", data=form, files=huge).status_code == 413
