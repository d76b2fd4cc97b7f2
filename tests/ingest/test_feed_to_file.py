"""The way in from a feed's address to a complete audio file, with real audio over loopback."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from ingest.feeds.decisions import New, Same, decide
from ingest.feeds.reading import read_feed
from ingest.network.download import DownloadLimits, download_file
from ingest.network.fetching import MIB, Fetched, NotModified, fetch_bytes
from ingest.sound.sniffing import sniff_media
from tests.ingest.evil_server import Exchange, evil_server, network_of
from tests.ingest.feeds.test_decisions import keep
from tests.ingest.network.test_download import serve_ranges

NOW = datetime(2024, 7, 10, tzinfo=UTC)


def test_real_audio_comes_from_feed_to_file_and_a_second_poll_brings_nothing(
    shared: Path, tmp_path: Path
) -> None:
    """FAULTS 19, 32, 33, 43: moved feed, cut connections, unchanged at the second poll."""
    originals = sorted(
        path for path in (shared / "audio").iterdir() if path.suffix in (".mp3", ".ogg", ".opus", ".wav")
    )
    audio = {f"/{number}{path.suffix}": path.read_bytes() for number, path in enumerate(originals)}
    assert audio
    network = network_of()
    with evil_server() as server:

        @server("/rss")
        def poll(exchange: Exchange) -> None:
            if exchange.headers.get("if-none-match"):
                exchange.send("304 Not Modified")
                return
            items = "".join(
                f"<item><title>{path}</title><enclosure url='{path}' type='audio/mpeg' length='1'/></item>"
                for path in audio
            )
            feed = f"<rss version='2.0'><channel><title>Réel</title>{items}</channel></rss>"
            exchange.send("200 OK", feed.encode(), ETag='"1"', Content_Type="text/plain")

        server("/old")(lambda exchange: exchange.send("301 Moved", Location="/rss"))
        for path, content in audio.items():
            server(path)(serve_ranges(content, cut=len(content) // 3 + 1))

        answer = fetch_bytes(server.url("/old"), network, max_bytes=15 * MIB)
        assert isinstance(answer, Fetched) and answer.moved_to == server.url("/rss")
        feed = read_feed(answer.content, answer.url)
        intents = decide([], feed, NOW)
        hashes = set()
        for number, intent in enumerate(intents):
            assert isinstance(intent, New) and intent.entry.enclosure is not None
            url, to = intent.entry.enclosure.url, tmp_path / str(number)
            limits = DownloadLimits(max_bytes=1_500 * MIB)
            hashes.add(download_file(url, to, network, sniff=sniff_media, limits=limits).sha256)
        assert hashes == {hashlib.sha256(content).hexdigest() for content in audio.values()}

        again = fetch_bytes(answer.moved_to, network, max_bytes=15 * MIB, etag=answer.etag)
        assert isinstance(again, NotModified)
        known = keep([], intents)
        assert all(isinstance(intent, Same) for intent in decide(known, feed, NOW))
