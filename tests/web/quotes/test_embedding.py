"""A quote in another page: framed by anybody, true for as long as it lasts, described by oEmbed."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as some
from starlette.testclient import TestClient

from media.correction.acts import save_text
from media.correction.authors import Author
from media.people.withdrawals import withdraw_words
from media.quotes.capturing import capture, find_span
from media.quotes.values import Quote
from media.transcript import Edition
from media.transcripts import get_turns
from tests.web.conftest import Archive, open_client
from web.quotes.embedding import frame_code

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SITE = "http://127.0.0.1:8765"
MAX_BYTES = 30_000


@pytest.fixture(scope="module")
def quote(archive: Archive) -> Quote:
    return make_quote(archive)


@pytest.fixture(scope="module")
def reader(archive: Archive) -> Iterator[TestClient]:
    with open_client(archive.settings) as client:
        yield client


def make_quote(archive: Archive) -> Quote:
    with archive.database.write() as connection:
        span = find_span(connection, archive.talk, Edition.SPOKEN, 40_000, 52_000)
        return capture(connection, archive.talk, Edition.SPOKEN, [span], None, NOW)


def test_an_embed_holds_all_that_a_reader_needs_without_script_in_under_30_kb(
    reader: TestClient, quote: Quote
) -> None:
    answer = reader.get(f"/embed/q/{quote.id}")
    page = answer.text
    assert answer.status_code == 200
    assert len(answer.content) < MAX_BYTES
    assert "<script" not in page
    for said in (
        "Julien Morvan",
        "Place du Marché",
        "Valbrune passe au logiciel libre",
        "November 19, 2025",
        "Machine",
    ):
        assert said in page, said
    assert f'src="/q/{quote.id}/clip.mp3"' in page
    assert f'href="{SITE}/q/{quote.id}"' in page
    assert "set-cookie" not in answer.headers


def test_an_embed_asks_nothing_of_anybody_else(reader: TestClient, quote: Quote) -> None:
    answer = reader.get(f"/embed/q/{quote.id}", headers={"cookie": "entendu_session=whatever"})
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "media-src 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"https?:", policy)
    loaded = re.findall(r'(?:src|rel="stylesheet" href)="([^"]+)"', answer.text)
    assert all(address.startswith("/") and not address.startswith("//") for address in loaded)


def test_only_embeds_may_be_framed(reader: TestClient, archive: Archive, quote: Quote) -> None:
    framed = [f"/embed/q/{quote.id}", f"/embed/c/{archive.talk}/40000-52000", "/embed/q/nothere"]
    for path in framed:
        headers = reader.get(path).headers
        assert "frame-ancestors *" in headers["content-security-policy"], path
        assert "x-frame-options" not in headers
    kept = ["/", f"/q/{quote.id}", f"/c/{archive.talk}/40000-52000", f"/q/{quote.id}/card.png", "/nowhere"]
    kept += [
        f"/q/{quote.id}/clip.mp3",
        f"/episode/{archive.talk}/x",
        "/login",
        f"/oembed?url={SITE}/q/{quote.id}",
    ]
    for path in kept:
        headers = reader.get(path).headers
        assert headers["x-frame-options"] == "DENY", path
        assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_an_embed_says_what_became_of_the_words(own_archive: Archive) -> None:
    quote = make_quote(own_archive)
    word = quote.words[2].text
    with open_client(own_archive.settings) as client:
        path = f"/embed/q/{quote.id}"
        assert 'class="told"' not in client.get(path).text
        with own_archive.database.write() as connection:
            piece = quote.pieces[0]
            held = get_turns(connection, [piece.turn_id])[piece.turn_id]
            text = held.turn.text.replace(word, "Rectifié", 1)
            save_text(connection, held.id, held.version, text, Author(1, "Samira Benali"), NOW)
        page = client.get(path).text
        assert "corrected since" in page
        assert quote.text.split()[3] in page
        assert "Rectifié" in page
        with own_archive.database.write() as connection:
            for piece in quote.pieces:
                length = len(get_turns(connection, [piece.turn_id], public=False)[piece.turn_id].turn.words)
                withdraw_words(connection, piece.turn_id, (0, length - 1), "demande", None, NOW)
        answer = client.get(path)
        assert "withdrawn" in answer.text
        assert "Rectifié" not in answer.text
        assert "<audio" not in answer.text
        assert not any(word.text in answer.text for word in quote.words if len(word.text) > 6)
        assert "frame-ancestors *" in answer.headers["content-security-policy"]
        assert ask(client, f"{SITE}/q/{quote.id}").status_code == 410


def test_a_frame_says_what_is_wrong_inside_of_itself(reader: TestClient, archive: Archive) -> None:
    for path in (
        "/embed/q/nothere",
        f"/embed/c/{archive.private}/0-5000",
        f"/embed/c/{archive.talk}/9000-5000",
    ):
        answer = reader.get(path)
        assert answer.status_code in {400, 404}
        assert 'class="told"' in answer.text


def test_a_frame_speaks_the_reader_s_language(reader: TestClient, quote: Quote) -> None:
    page = reader.get(f"/embed/q/{quote.id}", headers={"accept-language": "fr"}).text
    assert '<html lang="fr">' in page
    assert "19 novembre 2025" in page


# oEmbed


def ask(client: TestClient, address: str, **params: str) -> Any:
    return client.get("/oembed?" + urlencode({"url": address, **params}))


def test_oembed_describes_the_frame_of_a_quote_in_both_formats(reader: TestClient, quote: Quote) -> None:
    found = ask(reader, f"{SITE}/q/{quote.id}").json()
    assert found["version"] == "1.0"
    assert found["type"] == "rich"
    assert (found["provider_name"], found["provider_url"]) == ("Entendu", f"{SITE}/")
    assert found["author_name"] == "Julien Morvan"
    assert f'src="{SITE}/embed/q/{quote.id}"' in found["html"]
    assert 'title="' in found["html"]
    assert found["thumbnail_url"] == f"{SITE}/q/{quote.id}/card.png"
    answer = ask(reader, f"{SITE}/q/{quote.id}", format="xml")
    assert answer.headers["content-type"].startswith("text/xml")
    written = {element.tag: element.text for element in ElementTree.fromstring(answer.content)}
    assert written == {name: str(value) for name, value in found.items()}


def test_pages_announce_where_oembed_describes_them(
    reader: TestClient, archive: Archive, quote: Quote
) -> None:
    for path in (f"/q/{quote.id}", f"/c/{archive.talk}/40000-52000"):
        page = reader.get(path).text
        links = re.findall(r'<link rel="alternate" type="([^"]+\+oembed)" href="([^"]+)"', page)
        assert [kind for kind, _ in links] == ["application/json+oembed", "text/xml+oembed"]
        for _, address in links:
            found = reader.get(address.replace("&amp;", "&").removeprefix(SITE))
            assert found.status_code == 200
            assert f"/embed{path}" in found.text
    page = reader.get(f"/episode/{archive.talk}/valbrune-passe-au-logiciel-libre?at=40.5").text
    address = re.search(r'<link rel="alternate" type="application/json\+oembed" href="([^"]+)"', page)
    assert address is not None
    found = reader.get(address[1].replace("&amp;", "&").removeprefix(SITE))
    assert f"/embed/c/{archive.talk}/40500-70500" in found.json()["html"]


def test_moments_of_an_episode_can_be_embedded(reader: TestClient, archive: Archive) -> None:
    episode = f"{SITE}/episode/{archive.talk}/valbrune"
    asked = {
        f"{SITE}/c/{archive.talk}/40000-52000": "40000-52000",
        f"{episode}#t=40.000,52.000": "40000-52000",
        f"{episode}?at=40": "40000-70000",
        f"{episode}#t=170": "170000-180000",
    }
    for address, moment in asked.items():
        found = ask(reader, address)
        assert found.status_code == 200, address
        assert f"/embed/c/{archive.talk}/{moment}" in found.json()["html"]
        assert reader.get(f"/embed/c/{archive.talk}/{moment}").status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        f"{SITE}/q/nothere12345",
        f"{SITE}/",
        f"{SITE}/episode/1/x",
        f"{SITE}/c/1/5-1#x/../..",
        f"{SITE}/c/999999/1000-9000",
        "https://elsewhere.example/q/abc",
        "http://127.0.0.1:8765.evil.example/q/abc",
        "http://user@127.0.0.1:8765/q/abc",
        "//127.0.0.1:8765/q/abc",
        "javascript:alert(1)",
        "file:///etc/passwd",
        f"{SITE}/q/../../etc/passwd",
        "http://[",
    ],
)
def test_addresses_that_are_not_ours_are_not_found(address: str, reader: TestClient) -> None:
    assert ask(reader, address).status_code in {400, 404}


def test_what_oembed_cannot_read_is_refused_in_words(reader: TestClient, quote: Quote) -> None:
    address = f"{SITE}/q/{quote.id}"
    assert reader.get("/oembed").status_code == 400
    assert ask(reader, "x" * 5_000).status_code == 400
    assert ask(reader, address, format="yaml").status_code == 501
    for size in ("0", "-1", "wide", "1e9", "9999999"):
        assert ask(reader, address, maxwidth=size).status_code == 400


@settings(max_examples=20)
@drawn(width=some.integers(1, 3_000), height=some.integers(1, 3_000))
def test_a_frame_is_never_larger_than_asked_for(
    width: int, height: int, reader: TestClient, quote: Quote
) -> None:
    found = ask(reader, f"{SITE}/q/{quote.id}", maxwidth=str(width), maxheight=str(height)).json()
    assert found["width"] <= width
    assert found["height"] <= height
    assert f'width="{found["width"]}" height="{found["height"]}"' in found["html"]
    if "thumbnail_width" in found:
        assert (found["thumbnail_width"] <= width, found["thumbnail_height"] <= height) == (True, True)


@drawn(title=some.text(max_size=80))
def test_nothing_in_a_title_leaves_its_attribute(title: str) -> None:
    code = frame_code("https://site.example/embed/q/1", title, 640, 300)
    assert re.fullmatch(
        r'<iframe src="[^"<>]*" title="[^"<>]*" width="640" height="300" [^<>]*></iframe>', code
    )
    assert json.loads(json.dumps(code)) == code
