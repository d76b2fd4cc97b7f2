"""Feeds of shows are read back by feed readers, ours included, and hold what anybody may read and hear."""

import json
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import feedparser
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from ingest.feeds.opml import read_opml
from ingest.feeds.reading import read_feed
from media.episodes import Person
from media.licences import describe_licence
from media.people.withdrawals import withdraw_name
from tests.media.writing.scripts import NASTY_NAMES
from tests.web.conftest import NOW, Archive, open_client
from tests.web.test_admin import token_of
from web.feeds.rss import PODCAST, Item, ShowFeed, Sound, TranscriptLink, write_rss

NS = {"podcast": PODCAST}
PREFIX = "http://127.0.0.1:8765"


def item(title: str = "Un", description: str = "<p>Bonjour</p>") -> Item:
    return Item(
        "guid-1", title, description, f"{PREFIX}/episode/1/un", datetime(2026, 3, 1, tzinfo=UTC),
        [Person("Zoé", "animatrice"), Person("Luk")], describe_licence("CC BY-SA 4.0"),
        Sound(f"{PREFIX}/episode/1/audio.mp3", "audio/mpeg", 1234, 61_000),
        [TranscriptLink(f"{PREFIX}/episode/1/export.vtt", "text/vtt", "fr", True)],
        f"{PREFIX}/episode/1/chapters.json",
    )  # fmt: skip


def show(items: list[Item], title: str = "Là-haut") -> ShowFeed:
    address = f"{PREFIX}/show/la-haut"
    return ShowFeed(
        title, "", "April", "fr", address, f"{address}/feed.xml", describe_licence("Verbatim"), items
    )


def test_the_tags_are_those_of_the_namespace():
    """Written by hand from docs/1.0.md of the podcast namespace."""
    root = ET.fromstring(write_rss(show([item()])))
    one = root.find("channel/item")
    assert one is not None
    transcript, chapters = one.find("podcast:transcript", NS), one.find("podcast:chapters", NS)
    assert transcript.attrib == {
        "url": f"{PREFIX}/episode/1/export.vtt", "type": "text/vtt", "language": "fr", "rel": "captions",
    }  # fmt: skip
    assert chapters.attrib == {
        "url": f"{PREFIX}/episode/1/chapters.json",
        "type": "application/json+chapters",
    }
    people = [(person.text, person.get("role")) for person in one.findall("podcast:person", NS)]
    assert people == [("Zoé", "host"), ("Luk", "guest")]
    licence = one.find("podcast:license", NS)
    assert (licence.text, licence.get("url")) == (
        "cc-by-sa-4.0",
        "https://creativecommons.org/licenses/by-sa/4.0/",
    )
    assert root.find("channel/podcast:license", NS).text == "verbatim"
    assert one.find("enclosure").attrib["length"] == "1234"
    assert one.find("guid").attrib == {"isPermaLink": "false"}


@settings(max_examples=30)
@given(st.sampled_from([name for name in NASTY_NAMES if name]), st.text(max_size=40))
def test_titles_of_any_sort_are_text(title: str, description: str):
    """FAULTS 48: what a feed holds is escaped, and what XML cannot hold left out."""
    root = ET.fromstring(write_rss(show([item(title, description)], title)))
    assert not {tag.tag for tag in root.iter()} & {"script", "b", "v"}
    assert len(feedparser.parse(write_rss(show([item(title, description)]))).entries) == 1


def test_a_shows_feed_is_read_back_by_our_reader_and_by_feedparser(client: TestClient, archive: Archive):
    answer = client.get("/show/place-du-marche/feed.xml")
    assert answer.headers["content-type"].startswith("application/rss+xml")
    ours = read_feed(answer.content, PREFIX)
    theirs = feedparser.parse(answer.content)
    assert not theirs.bozo
    assert [entry.title for entry in ours.entries] == [entry.title for entry in theirs.entries]
    talk = next(entry for entry in ours.entries if f"/episode/{archive.talk}/" in (entry.link or ""))
    assert talk.enclosure is not None
    length = len(client.get(f"/episode/{archive.talk}/audio.mp3").content)
    assert (talk.enclosure.url, talk.enclosure.length) == (
        f"{PREFIX}/episode/{archive.talk}/audio.mp3",
        length,
    )
    for link in (f"/episode/{archive.talk}/export.vtt", f"/episode/{archive.talk}/chapters.json"):
        assert link.encode() in answer.content
        assert client.get(link).status_code == 200
    assert f"/episode/{archive.private}/".encode() not in answer.content


def test_a_feed_that_did_not_change_is_not_sent_again(client: TestClient):
    first = client.get("/show/place-du-marche/feed.xml")
    again = client.get("/show/place-du-marche/feed.xml", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_chapters_are_json_of_the_namespace(client: TestClient, archive: Archive):
    answer = client.get(f"/episode/{archive.talk}/chapters.json")
    document = json.loads(answer.content)
    assert answer.headers["content-type"] == "application/json+chapters"
    assert document["version"] == "1.2.0"
    assert [chapter["startTime"] for chapter in document["chapters"]] == sorted(
        chapter["startTime"] for chapter in document["chapters"]
    )


def test_what_is_private_has_no_chapters_and_no_export(client: TestClient, archive: Archive):
    for end in ("chapters.json", "export.wiki", "export.html", "export.md"):
        assert client.get(f"/episode/{archive.private}/{end}").status_code == 404


def test_a_text_without_times_is_offered_in_no_subtitles(client: TestClient, archive: Archive):
    page = client.get(f"/episode/{archive.text}", follow_redirects=True).text
    assert f"/episode/{archive.text}/export.html" in page
    assert f"/episode/{archive.text}/export.vtt" not in page
    answer = client.get(f"/episode/{archive.text}/export.vtt")
    assert answer.status_code == 409
    assert "no times yet" in answer.text
    assert client.get(f"/episode/{archive.talk}/export.txt?text=published").status_code == 404


def test_a_withdrawn_name_is_in_no_feed(own_archive: Archive):
    """The right of objection reaches feeds."""
    with own_archive.database.write() as connection:
        withdraw_name(connection, "Julien Morvan", "à sa demande", None, NOW)
    with open_client(own_archive.settings) as client:
        assert "Julien Morvan" not in client.get("/show/place-du-marche/feed.xml").text


def test_the_list_of_feeds_is_read_back(client: TestClient):
    feeds = read_opml(client.get("/shows.opml").content, "shows.opml")
    assert all(feed.url.startswith(f"{PREFIX}/show/") for feed in feeds)


def enter(client: TestClient, archive: Archive) -> str:
    """Sign the administrator in, and return a token for forms."""
    token = token_of(client.get("/login").text)
    who = {"login": archive.login, "password": archive.password}
    client.post("/login", data={"form_token": token, **who})
    return token_of(client.get("/admin").text)


def test_an_administrator_pastes_a_list_and_sees_its_feeds(own_archive: Archive):
    with open_client(own_archive.settings) as client:
        token = enter(client, own_archive)
        hostile = '<!DOCTYPE x [<!ENTITY a "b">]><opml><body><outline xmlUrl="http://a.test/"/></body></opml>'
        refused = client.post("/admin/opml", data={"opml": hostile, "form_token": token})
        assert refused.status_code == 422
        listed = '<opml version="2.0"><body><outline text="&lt;b&gt;" xmlUrl="http://127.0.0.1:1/feed"/></body></opml>'
        page = client.post("/admin/opml", data={"opml": listed, "form_token": token})
        assert "&lt;b&gt;" in page.text
        assert 'value="http://127.0.0.1:1/feed"' in page.text
        added = client.post(
            "/admin/opml/add", data={"feed-1": "http://127.0.0.1:1/feed", "form_token": token}
        )
        assert "error-text" in added.text  # the guarded client reaches no machine of this network


def test_an_administrator_says_what_a_shows_licence_is_and_it_goes_with_every_text(own_archive: Archive):
    address = "/show/place-du-marche/settings"
    with open_client(own_archive.settings) as client:
        assert client.get(address).status_code == 303
        token = enter(client, own_archive)
        fields = {
            "form_token": token,
            "title": "Place du Marché",
            "language": "fr",
            "terms": "Valbrune\nMorvan",
        }
        chosen = {**fields, "licence": "cc-by-nd-4.0", "notice": "Propos personnels.", "clips": "on"}
        assert client.post(address, data=chosen).status_code == 303
        page = client.get(address).text
        assert '<option value="cc-by-nd-4.0" selected>' in page
        assert "Valbrune\nMorvan" in page
        text = client.get(f"/episode/{own_archive.talk}/export.txt").text
        assert "CC BY-ND 4.0" in text
        assert "Propos personnels." in text
        assert "cc-by-nd-4.0" in client.get("/show/place-du-marche/feed.xml").text
        wrong = {
            **fields,
            "licence": "other",
            "licence_words": "La nôtre",
            "licence_url": "javascript:alert(1)",
        }
        refused = client.post(address, data=wrong)
        assert (refused.status_code, 'role="alert"' in refused.text) == (422, True)
        own = {**wrong, "licence_url": "https://exemple.test/droits"}
        assert client.post(address, data=own).status_code == 303
        assert (
            "La nôtre (https://exemple.test/droits)"
            in client.get(f"/episode/{own_archive.talk}/export.txt").text
        )
