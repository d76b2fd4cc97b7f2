"""A quote's page cites it, machines read it there, and nothing of it is given once it was withdrawn."""

import json
import re
from collections.abc import Iterator
from html import unescape

import pytest
import rispy
from starlette.testclient import TestClient

from media.citing import RECORDS, STYLES
from media.episodes import get_episode
from media.people.withdrawals import withdraw_episode
from media.quotes.capturing import capture
from media.quotes.values import Place, Quote, Span
from media.transcript import TurnKind
from media.transcripts import list_turns
from tests.web.conftest import NOW, Archive, open_client


@pytest.fixture
def quote(own_archive: Archive) -> Quote:
    """Eight words of a turn of the talk."""
    with own_archive.database.write() as connection:
        turns = list_turns(connection, own_archive.talk)
        turn = next(t for t in turns if t.turn.kind is TurnKind.SPEECH and len(t.turn.words) > 9)
        span = Span(Place(turn.id, 1), Place(turn.id, 8))
        return capture(connection, own_archive.talk, turn.edition, [span], None, NOW)


@pytest.fixture
def reader(own_archive: Archive) -> Iterator[TestClient]:
    with open_client(own_archive.settings) as client:
        yield client


def test_the_page_holds_every_style_and_record(reader: TestClient, quote: Quote) -> None:
    page = reader.get(f"/q/{quote.id}").text
    for style in STYLES:
        assert f'id="citation-{style}"' in page
        cited = reader.get(f"/q/{quote.id}/cite/{style}")
        assert cited.headers["content-type"].startswith("text/plain")
        assert cited.text.strip()
    for form, (media_type, _write) in RECORDS.items():
        record = reader.get(f"/q/{quote.id}/record.{form}")
        assert record.headers["content-type"].startswith(media_type)
    (read,) = rispy.loads(reader.get(f"/q/{quote.id}/record.ris").text)
    assert read["urls"] == [f"http://127.0.0.1:8765/q/{quote.id}"]


def test_what_does_not_exist_is_said_to_be_missing(reader: TestClient, quote: Quote) -> None:
    assert reader.get(f"/q/{quote.id}/cite/vancouver").status_code == 404
    assert reader.get(f"/q/{quote.id}/record.xls").status_code == 404
    assert reader.get("/q/nowhere/cite/apa").status_code == 404
    assert reader.get("/q/nowhere/annotation.jsonld").status_code == 404


def test_machines_read_a_quotation_of_a_clip_of_an_episode(
    reader: TestClient, quote: Quote, own_archive: Archive
) -> None:
    page = reader.get(f"/q/{quote.id}").text
    (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    document = json.loads(data)
    assert document["@type"] == "Quotation"
    assert document["text"] == quote.text
    clip = document["isBasedOn"]
    assert quote.start_ms is not None
    assert quote.end_ms is not None
    assert (clip["startOffset"], clip["endOffset"]) == (quote.start_ms / 1000, quote.end_ms / 1000)
    with own_archive.database.read() as connection:
        episode = get_episode(connection, own_archive.talk)
    assert clip["partOfEpisode"]["name"] == episode.title
    tags = dict(re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)">', page))
    assert tags["og:url"] == f"http://127.0.0.1:8765/q/{quote.id}"
    assert unescape(tags["citation_title"]) == episode.title
    assert tags["og:audio:type"] == "audio/mpeg"
    assert quote.text in unescape(tags["og:description"])


def test_the_page_of_an_episode_is_read_as_a_podcast_episode(
    reader: TestClient, own_archive: Archive
) -> None:
    page = reader.get(f"/episode/{own_archive.talk}", follow_redirects=True).text
    (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    document = json.loads(data)
    assert document["@type"] == "PodcastEpisode"
    assert document["associatedMedia"]["contentUrl"].endswith(f"/episode/{own_archive.talk}/audio.mp3")
    assert [part["@type"] for part in document["hasPart"]] == ["Clip"] * len(document["hasPart"])


def test_an_annotation_points_at_the_sound_and_at_the_words(reader: TestClient, quote: Quote) -> None:
    answer = reader.get(f"/q/{quote.id}/annotation.jsonld")
    assert answer.headers["content-type"].startswith("application/ld+json")
    sound, words = answer.json()["target"]
    assert quote.start_ms is not None
    assert quote.end_ms is not None
    moment = f"t={quote.start_ms / 1000:.3f},{quote.end_ms / 1000:.3f}"
    assert sound["selector"]["value"] == moment
    assert words["selector"]["exact"] == quote.text
    assert words["selector"]["prefix"]


def test_a_withdrawn_quote_is_cited_nowhere(reader: TestClient, quote: Quote, own_archive: Archive) -> None:
    with own_archive.database.write() as connection:
        withdraw_episode(connection, own_archive.talk, "demande", None, NOW)
    addresses = ["cite/apa", "record.ris", "record.csl.json", "annotation.jsonld"]
    for address in ["", *(f"/{held}" for held in addresses)]:
        answer = reader.get(f"/q/{quote.id}{address}")
        assert answer.status_code == 410
        assert quote.text not in unescape(answer.text)
        assert "ld+json" not in answer.text
