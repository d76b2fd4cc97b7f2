"""Transcripts that a feed offers: kept unchanged, asked for with care, published where the show wishes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.feeds.polling import poll_show
from ingest.feeds.subscriptions import preview_feed, subscribe
from ingest.importing.offered import take_offer, take_preferred
from media.correction.acts import save_text
from media.correction.authors import Author
from media.database import Database
from media.episodes import list_announced, update_episode
from media.settings import Settings
from media.shows import Show, update_show
from media.store.folder import FolderStore
from media.texts.documents import latest_document, list_documents
from media.texts.offers import Offer, claim_due_offer, count_due_offers, list_offers
from media.transcript import Edition
from media.transcripts import list_turns
from tests.ingest.evil_server import EvilServer, Exchange, evil_server, network_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HERE = "127.0.0.1"
NETWORK = network_of((HERE,))
NO_AUDIO = FolderStore(Path("no-audio"))  # nothing is withdrawn here, so no copy is made again
VTT = """WEBVTT

00:01.000 --> 00:03.000
<v Anne>Bonjour à toutes.

00:04.000 --> 00:06.500
<v Luk>Merci Anne.
"""
FEED = """<rss version='2.0' xmlns:podcast='https://podcastindex.org/namespace/1.0'><channel>
<title>Radio</title><language>fr</language><item><title>Un</title><guid>g1</guid>
<enclosure url='/1.mp3' type='audio/mpeg' length='1'/>{links}</item></channel></rss>"""
LINKS = """<podcast:transcript url='/1.srt' type='application/x-subrip'/>
<podcast:transcript url='/1.vtt' type='text/vtt' language='fr' rel='captions'/>"""


@pytest.fixture
def server() -> Iterator[EvilServer]:
    with evil_server() as running:
        yield running


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"allowed_hosts": (HERE,)})


@pytest.fixture
def show(server: EvilServer, database: Database, settings: Settings) -> Show:
    serve(server, "/rss", FEED.format(links=LINKS))
    serve(server, "/1.vtt", VTT)
    return subscribe(database, preview_feed(server.url("/rss", HERE), settings), settings, NOW)


def serve(server: EvilServer, path: str, body: str, etag: str = '"1"') -> None:
    def answer(exchange: Exchange) -> None:
        if exchange.headers.get("if-none-match") == etag:
            exchange.send("304 Not Modified", ETag=etag)
        else:
            exchange.send("200 OK", body.encode(), ETag=etag)

    server(path)(answer)


def take_due(database: Database, now: datetime = NOW) -> Offer | None:
    with database.write() as connection:
        offer = claim_due_offer(connection, now)
    if offer is not None:
        take_offer(database, NETWORK, NO_AUDIO, offer, now)
    return offer


def offers(database: Database, show: Show) -> list[Offer]:
    with database.read() as connection:
        (episode,) = list_announced(connection, show.id)
        return list_offers(connection, episode.id)


def texts(database: Database, episode_id: int = 1) -> list[str]:
    with database.read() as connection:
        return [held.turn.text for held in list_turns(connection, episode_id, Edition.PUBLISHED)]


def asked(server: EvilServer, path: str) -> int:
    return sum(exchange.path == path for exchange in server.asked)


def prefer(database: Database, show: Show) -> None:
    with database.write() as connection:
        update_show(connection, show.id, {"prefer_offered": True})


def test_what_is_offered_is_kept_and_the_fullest_form_is_fetched_once(
    server: EvilServer, database: Database, show: Show
):
    held = offers(database, show)
    assert [(offer.type, offer.captions, offer.next_at) for offer in held] == [
        ("text/vtt", True, NOW),
        ("application/x-subrip", False, None),
    ]
    take_due(database)
    assert take_due(database) is None
    assert (asked(server, "/1.vtt"), asked(server, "/1.srt")) == (1, 0)
    with database.read() as connection:
        (document,) = list_documents(connection, 1)
        assert latest_document(connection, 1) is None
    assert (document.installed, document.source) == (False, HERE)
    assert texts(database) == []


def test_where_the_show_prefers_it_it_is_the_text_with_its_times(
    server: EvilServer, database: Database, show: Show
):
    prefer(database, show)
    take_due(database)
    assert texts(database) == ["Bonjour à toutes.", "Merci Anne."]
    with database.read() as connection:
        first = list_turns(connection, 1, Edition.PUBLISHED)[0]
        kept = latest_document(connection, 1)
    assert (first.turn.start_ms, first.voice and first.voice.name) == (1_000, "Anne")
    assert kept is not None and kept.content == VTT.encode()
    assert take_preferred(database, NETWORK, NO_AUDIO, 1, NOW)
    assert asked(server, "/1.vtt") == 1


def test_a_setting_changed_later_publishes_what_was_kept(server: EvilServer, database: Database, show: Show):
    take_due(database)
    assert not take_preferred(database, NETWORK, NO_AUDIO, 1, NOW)
    prefer(database, show)
    assert take_preferred(database, NETWORK, NO_AUDIO, 1, NOW)
    assert texts(database) == ["Bonjour à toutes.", "Merci Anne."]


def test_what_changes_there_is_merged_and_no_correction_is_lost(
    server: EvilServer, database: Database, show: Show
):
    prefer(database, show)
    take_due(database)
    with database.write() as connection:
        held = list_turns(connection, 1, Edition.PUBLISHED)
        save_text(connection, held[0].id, 0, "Bonjour à toutes et à tous.", Author(None, "Luk"), NOW)
    day = NOW + timedelta(days=1)
    assert take_due(database, day) is not None
    assert server.asked[-1].headers["if-none-match"] == '"1"'
    serve(server, "/1.vtt", VTT.replace("Merci Anne", "Merci beaucoup Anne"), etag='"2"')
    take_due(database, day + timedelta(days=7))
    assert texts(database) == ["Bonjour à toutes et à tous.", "Merci beaucoup Anne."]


def test_what_does_not_change_is_asked_for_ever_more_rarely_then_no_more(
    server: EvilServer, database: Database, settings: Settings, show: Show
):
    days = [0, 1, 8, 38, 400]
    for day in days:
        take_due(database, NOW + timedelta(days=day))
    assert asked(server, "/1.vtt") == 4
    poll_show(database, settings, NETWORK, show, NOW + timedelta(days=401))
    with database.read() as connection:
        assert count_due_offers(connection, NOW + timedelta(days=500)) == 0


def test_another_form_is_asked_for_where_the_best_cannot_be_had(
    server: EvilServer, database: Database, show: Show
):
    server.routes.pop("/1.vtt")
    serve(server, "/1.srt", "1\n00:00:01,000 --> 00:00:03,000\nBonjour à toutes.\n")
    prefer(database, show)
    take_due(database)
    assert offers(database, show)[0].failure is not None
    take_due(database)
    assert texts(database) == ["Bonjour à toutes."]


def test_a_new_address_is_asked_for_and_one_that_is_gone_is_kept(
    server: EvilServer, database: Database, settings: Settings, show: Show
):
    take_due(database)
    serve(server, "/rss", FEED.format(links="<podcast:transcript url='/2.vtt' type='text/vtt'/>"), '"2"')
    serve(server, "/2.vtt", VTT)
    poll_show(database, settings, NETWORK, show, NOW)
    assert [offer.is_announced for offer in offers(database, show)] == [False, False, True]
    take_due(database)
    assert asked(server, "/2.vtt") == 1


def test_episodes_that_nobody_asked_for_fetch_nothing(server: EvilServer, database: Database, show: Show):
    with database.write() as connection:
        update_episode(connection, 1, {"status": "skipped"})
        assert claim_due_offer(connection, NOW) is None


def test_a_hostile_transcript_is_a_note_on_the_offer(server: EvilServer, database: Database, show: Show):
    prefer(database, show)
    serve(server, "/1.vtt", "\x00\x01" * 400)
    serve(server, "/1.srt", "<html>login</html>")
    take_due(database)
    take_due(database)
    assert all(offer.failure is not None for offer in offers(database, show))
    assert texts(database) == []
