"""A followed search, and what is new in the archive, as feeds: new only, playable, sent once."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import feedparser
import pytest
from sqlalchemy import update
from starlette.testclient import TestClient

from media import schema
from media.changes import log_change
from media.correction.journal import ActKind
from media.transcript import TurnState
from media.transcripts import record_act
from search.indexing import sync_index
from tests.web.conftest import NOW, open_client
from web import following

BEFORE, AFTER = "2026-03-01T11:59Z", "2026-03-01T12:01Z"  # the archive was transcribed at noon
SITE = "http://127.0.0.1:8765"


@pytest.fixture(autouse=True)
def _kept_for_long(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The archive of tests is as old as it is: feeds keep it all the same."""
    monkeypatch.setattr(following, "KEPT", timedelta(days=36_500))
    yield


def read_feed(client: TestClient, address: str) -> Any:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    read = feedparser.parse(answer.content, sanitize_html=False)
    assert not read.bozo, read.bozo_exception
    return read


def test_a_followed_search_holds_playable_excerpts(client: TestClient, archive: Any) -> None:
    read = read_feed(client, f"/search.atom?q=bibliothèque&after={BEFORE}")
    (entry,) = read.entries
    assert re.fullmatch(r"Voice 3 in “Valbrune passe au logiciel libre”, \d:\d\d", entry.title)
    assert entry.updated == "2026-03-01T12:00:00Z"
    episode = f"{SITE}/episode/{archive.talk}/valbrune-passe-au-logiciel-libre"
    assert re.fullmatch(rf"{re.escape(episode)}\?at=([\d.]+)#t=\1", entry.link)
    (sound,) = entry.enclosures
    assert re.fullmatch(rf"{SITE}/episode/{archive.talk}/audio\.mp3#t=[\d.]+,[\d.]+", sound.href)
    assert sound.type == "audio/mpeg"
    heard = client.get(urlsplit(sound.href).path, headers={"range": "bytes=0-9"})
    assert (heard.status_code, int(sound.length)) == (206, int(heard.headers["content-range"].split("/")[1]))
    assert "<mark>bibliothèque</mark>" in entry.content[0].value
    assert "Une facture de trop" in entry.content[0].value


def test_an_excerpt_without_sound_has_no_enclosure(client: TestClient, archive: Any) -> None:
    (entry,) = read_feed(client, f"/search.atom?q=pain&after={BEFORE}").entries
    assert entry.get("enclosures") == []
    assert entry.link.startswith(f"{SITE}/episode/{archive.text}/le-pain-partage#t-")


def test_only_what_is_transcribed_since_is_new(client: TestClient) -> None:
    read = read_feed(client, f"/search.atom?q=logiciel&after={AFTER}")
    assert read.entries == []
    assert read.feed.updated == "2026-03-01T12:01:00Z"
    assert read_feed(client, "/search.atom?q=logiciel&after=hier").entries
    assert not read_feed(client, "/search.atom").entries


def test_filters_hold_in_a_feed_too(client: TestClient) -> None:
    read = read_feed(client, f"/search.atom?q=logiciel&show=la-riviere&state=machine&after={BEFORE}")
    assert read.feed.title == "logiciel · La Rivière · Machine — Search — Entendu"
    every = read_feed(client, f"/search.atom?q=logiciel&after={BEFORE}").entries
    some = read_feed(client, f"/search.atom?q=logiciel&show=la-riviere&show=autre&after={BEFORE}").entries
    assert len(every) > len(some) == 1


def test_another_spelling_is_not_followed(client: TestClient) -> None:
    assert "bibliotheques" not in client.get("/search?q=bibliothequue").text.replace("bibliothequue", "")
    assert read_feed(client, f"/search.atom?q=bibliothequue&after={BEFORE}").entries == []


def test_a_correction_keeps_its_entry_the_same(own_client: TestClient, own_archive: Any) -> None:
    """Readers who saw it are not shown it again: same identity, same moment."""
    address = f"/search.atom?q=bibliothèque&after={BEFORE}"
    (before,) = read_feed(own_client, address).entries
    with own_archive.database.write() as connection:
        talk = schema.turn.c.episode_id == own_archive.talk
        connection.execute(update(schema.turn).where(talk).values(state=TurnState.READ))
        log_change(connection, own_archive.talk, NOW + timedelta(hours=1))
    sync_index(own_archive.settings, own_archive.database)
    (after,) = read_feed(own_client, address).entries
    assert (after.id, after.updated) == (before.id, before.updated)
    assert "Read" in after.content[0].value


@pytest.mark.parametrize(
    "path", [f"/search.atom?q=logiciel&after={BEFORE}", "/transcribed.atom", "/validated.atom"]
)
def test_an_unchanged_feed_is_not_sent_again(client: TestClient, path: str) -> None:
    tag = client.get(path).headers["etag"]
    for held in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = client.get(path, headers={"if-none-match": held})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200


def test_what_is_new_in_the_archive_is_followed_too(own_client: TestClient, own_archive: Any) -> None:
    read = read_feed(own_client, "/transcribed.atom")
    assert {entry.title for entry in read.entries} == {"Valbrune passe au logiciel libre", "Le pain partagé"}
    assert all(entry.link.startswith(SITE) for entry in read.entries)
    assert read_feed(own_client, "/validated.atom").entries == []
    assert "Newly validated</h2>" not in own_client.get("/").text
    with own_archive.database.write() as connection:
        text = schema.turn.c.episode_id == own_archive.text
        connection.execute(update(schema.turn).where(text).values(state=TurnState.VALIDATED))
        record_act(connection, own_archive.text, ActKind.STATE, {}, NOW)
        log_change(connection, own_archive.text, NOW)
    assert [entry.title for entry in read_feed(own_client, "/validated.atom").entries] == ["Le pain partagé"]
    assert "Newly validated</h2>" in own_client.get("/").text


def test_pages_lead_to_their_feeds(client: TestClient) -> None:
    page = client.get("/search?q=logiciel&show=la-riviere").text
    links = re.findall(r'<link rel="alternate" type="application/atom\+xml"[^>]* href="([^"]+)"', page)
    assert len(links) == 1
    assert re.fullmatch(r"/search\.atom\?q=logiciel&amp;show=la-riviere&amp;after=[\dT%A-Z-]+", links[0])
    assert f'value="{SITE}{links[0]}"' in page
    assert read_feed(client, links[0].replace("&amp;", "&")).entries == []
    home = client.get("/").text
    for name in ("/transcribed.atom", "/validated.atom"):
        assert f'type="application/atom+xml" title="Newly {name[1:-5]}" href="{name}"' in home


def test_a_browser_is_shown_a_feed_with_its_style(client: TestClient) -> None:
    answer = client.get("/transcribed.atom", headers={"accept": "text/html,application/xml;q=0.9"})
    assert answer.headers["content-type"] == "application/xml; charset=utf-8"
    assert "Accept" in answer.headers["vary"].split(", ")
    style = re.search(r'<\?xml-stylesheet type="text/css" href="([^"]+)"\?>', answer.text)
    assert style is not None
    assert client.get(style[1]).headers["content-type"].startswith("text/css")


def test_hostile_words_are_escaped_twice(client: TestClient) -> None:
    hostile = "<script>alert(1)</script>&]]>"
    answer = client.get("/search.atom", params={"q": hostile, "show": hostile})
    assert "<script" not in answer.text
    assert hostile in feedparser.parse(answer.content, sanitize_html=False).feed.title.replace(
        "&lt;", "<"
    ).replace("&gt;", ">").replace("&amp;", "&")


def test_while_the_index_is_rebuilt_a_feed_says_later(own_archive: Any) -> None:
    index = own_archive.settings.index_folder
    for path in sorted(index.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    with open_client(own_archive.settings) as client:
        answer = client.get("/search.atom?q=logiciel")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")


def test_no_address_of_a_feed_comes_from_the_request(client: TestClient) -> None:
    """FAULTS 54."""
    for path in (f"/search.atom?q=logiciel&after={BEFORE}", "/transcribed.atom"):
        answer = client.get(path, headers={"host": "evil.example", "x-forwarded-host": "evil.example"})
        assert "evil.example" not in answer.text + str(answer.headers)
        assert SITE in answer.text


def test_a_private_episode_is_in_no_feed(client: TestClient) -> None:
    """FAULTS 52."""
    for path in (f"/search.atom?q=confidence&after={BEFORE}", "/transcribed.atom", "/validated.atom"):
        assert "Secret" not in client.get(path).text
