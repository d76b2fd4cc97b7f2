"""A real worker: an episode whose feed offers a timed transcript is heard, and not recognised."""

from pathlib import Path

from ingest.feeds.subscriptions import preview_feed, subscribe
from media.database import Database
from media.episodes import EpisodeStatus, get_episode
from media.shows import update_show
from media.transcript import Edition
from media.transcripts import list_editions, list_turns
from tests.ingest.evil_server import EvilServer, Exchange, evil_server
from tests.ingest.importing.test_offered import FEED, HERE, LINKS, VTT, serve
from tests.ingest.workers import NOW, Place, cut_demo


def test_a_timed_transcript_takes_the_place_of_recognising(tmp_path: Path):
    place = Place.at(tmp_path / "data", allowed_hosts=(HERE,))
    try:
        with evil_server() as server:
            serve_episode(server, cut_demo(tmp_path, 0).read_bytes())
            preview = preview_feed(server.url("/rss", HERE), place.settings)
            show = subscribe(place.database, preview, place.settings, NOW)
            with place.database.write() as connection:
                update_show(connection, show.id, {"prefer_offered": True})
            place.finish()
        check(place.database)
        assert place.heard() == []
    finally:
        place.close()


def serve_episode(server: EvilServer, sound: bytes) -> None:
    serve(server, "/rss", FEED.format(links=LINKS))
    serve(server, "/1.vtt", VTT)

    def send_sound(exchange: Exchange) -> None:
        exchange.send("200 OK", sound, Content_Type="audio/mpeg")

    server("/1.mp3")(send_sound)


def check(database: Database) -> None:
    with database.read() as connection:
        episode = get_episode(connection, 1)
        assert (episode.status, episode.edition) == (EpisodeStatus.READY, Edition.PUBLISHED)
        assert episode.listening_sha256 is not None and episode.spoken_language == "fr"
        assert list_editions(connection, 1) == (Edition.PUBLISHED,)
        assert [held.turn.start_ms for held in list_turns(connection, 1)] == [1_000, 4_000]
