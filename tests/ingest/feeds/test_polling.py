"""Feeds end to end, against a server that misbehaves: from an address to rows of the catalogue."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest.feeds.polling import poll_show
from ingest.feeds.subscriptions import preview_feed, subscribe
from media.database import Database, open_database
from media.episodes import (
    Episode,
    EpisodeStatus,
    count_episodes,
    list_announced,
    list_episodes,
    update_episode,
)
from media.settings import Settings
from media.shows import Show, add_show, claim_due_show, get_show, list_shows, next_poll, update_show
from tests.ingest.evil_server import EvilServer, Exchange, evil_server, network_of
from tests.ingest.workers import Place, becomes, cut_demo

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HERE = "127.0.0.1"


@pytest.fixture
def server() -> Iterator[EvilServer]:
    with evil_server() as running:
        yield running


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", allowed_hosts=(HERE,))


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    database = open_database(settings)
    yield database
    database.close()


def item(number: int, *, guid: str | None = None, audio: str | None = None, title: str | None = None) -> str:
    return (
        f"<item><title>{title or f'Épisode {number}'}</title><guid>{guid or f'g{number}'}</guid>"
        f"<pubDate>Mon, {number % 28 + 1:02d} Jan 2024 10:00:00 GMT</pubDate>"
        f"<enclosure url='{audio or f'/{number}.mp3'}' type='audio/mpeg' length='1'/></item>"
    )


def feed_of(*items: str, title: str = "Radio") -> bytes:
    channel = f"<title>{title}</title><description>d</description>{''.join(items)}"
    return f"<rss version='2.0'><channel>{channel}</channel></rss>".encode()


def serve(server: EvilServer, path: str, *items: str, etag: str = '"1"') -> None:
    def answer(exchange: Exchange) -> None:
        if exchange.headers.get("if-none-match") == etag:
            exchange.send("304 Not Modified", ETag=etag)
        else:
            exchange.send("200 OK", feed_of(*items), ETag=etag, Content_Type="application/rss+xml")

    server(path)(answer)


def take(
    server: EvilServer, database: Database, settings: Settings, path: str = "/rss", **options: int
) -> Show:
    preview = preview_feed(server.url(path, HERE), settings)
    return subscribe(database, preview, settings, NOW, **options)


def poll(database: Database, settings: Settings, show: Show, now: datetime = NOW) -> Show:
    with database.read() as connection:
        held = get_show(connection, show.id)
    poll_show(database, settings, network_of((HERE,)), held, now)
    with database.read() as connection:
        return get_show(connection, show.id)


def announced(database: Database, show: Show) -> list[Episode]:
    with database.read() as connection:
        return list_announced(connection, show.id)


def test_first_reading_takes_all_and_the_second_brings_no_byte(
    server: EvilServer, database: Database, settings: Settings
) -> None:
    """FAULTS 33."""
    serve(server, "/rss", item(1), item(2))
    show = take(server, database, settings)
    assert [episode.title for episode in announced(database, show)] == ["Épisode 1", "Épisode 2"]
    later = poll(database, settings, show)
    assert server.asked[-1].headers["if-none-match"] == '"1"'
    assert later.next_poll_at == next_poll(show.id, NOW, timedelta(minutes=settings.poll_minutes))
    assert later.failure is None and later.etag == '"1"'


def test_a_subscription_is_not_due_again_at_once(
    server: EvilServer, database: Database, settings: Settings
) -> None:
    serve(server, "/rss", item(1))
    take(server, database, settings)
    with database.write() as connection:
        assert claim_due_show(connection, NOW) is None


def test_a_subscription_cut_off_by_a_crash_is_completed_by_the_next_reading(
    server: EvilServer, database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAULTS 7: the answer's validators are kept last, or 304 would hide the episodes for ever."""
    serve(server, "/rss", item(1), item(2))

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ingest.feeds.subscriptions.apply_feed", crash)
    with pytest.raises(KeyboardInterrupt):
        take(server, database, settings)
    with database.write() as connection:
        (show,) = list_shows(connection)
        assert claim_due_show(connection, datetime.now(UTC))
    poll(database, settings, show)
    assert len(announced(database, show)) == 2


def test_of_a_new_show_only_the_latest_are_taken_when_asked(
    server: EvilServer, database: Database, settings: Settings
) -> None:
    serve(server, "/rss", item(1), item(9), item(4))
    show = take(server, database, settings, keep=1)
    wanted = {episode.guid: episode.status for episode in announced(database, show)}
    assert wanted == {"g1": EpisodeStatus.SKIPPED, "g9": EpisodeStatus.WAITING, "g4": EpisodeStatus.SKIPPED}
    serve(server, "/rss", item(10), item(1), item(9), item(4), etag='"2"')
    poll(database, settings, show)
    assert announced(database, show)[-1].status is EpisodeStatus.WAITING


def test_a_new_entry_and_a_changed_title_are_taken_over(
    server: EvilServer, database: Database, settings: Settings
) -> None:
    serve(server, "/rss", item(1))
    show = take(server, database, settings)
    (before,) = announced(database, show)
    with database.write() as connection:
        update_episode(connection, before.id, {"status": EpisodeStatus.READY})
    serve(server, "/rss", item(2), item(1, title="Titre corrigé"), etag='"2"')
    poll(database, settings, show)
    first, second = announced(database, show)
    assert (first.id, first.title, first.status) == (before.id, "Titre corrigé", EpisodeStatus.READY)
    assert (second.title, second.status) == ("Épisode 2", EpisodeStatus.WAITING)


def test_a_feed_moved_for_good_is_followed_and_one_gone_is_asked_no_more(
    server: EvilServer, database: Database, settings: Settings
) -> None:
    """FAULTS 32."""
    serve(server, "/rss", item(1))
    show = take(server, database, settings)
    server("/rss")(lambda exchange: exchange.send("301 Moved Permanently", Location="/new"))
    serve(server, "/new", item(1), item(2), etag='"n"')
    moved = poll(database, settings, show)
    assert moved.feed_url == server.url("/new", HERE) and len(announced(database, show)) == 2
    server("/new")(lambda exchange: exchange.send("410 Gone"))
    gone = poll(database, settings, show)
    assert gone.next_poll_at is None and gone.failure and "410" in gone.failure.msgid
    assert len(announced(database, show)) == 2


def test_a_busy_server_is_left_alone_as_long_as_it_asks(
    server: EvilServer, database: Database, settings: Settings
) -> None:
    """FAULTS 33."""
    serve(server, "/rss", item(1))
    show = take(server, database, settings)
    server("/rss")(lambda exchange: exchange.send("503 Busy", Retry_After="7200"))
    busy = poll(database, settings, show)
    assert busy.next_poll_at == NOW + timedelta(hours=2) and busy.poll_failures == 1
    assert busy.failure


def test_a_feed_that_fails_again_and_again_is_read_ever_less_often(
    server: EvilServer, database: Database, settings: Settings
) -> None:
    serve(server, "/rss", item(1))
    show = take(server, database, settings)
    server("/rss")(lambda exchange: exchange.send("500 Oops"))
    waits = []
    for _ in range(7):
        failing = poll(database, settings, show)
        assert failing.next_poll_at
        waits.append(failing.next_poll_at - NOW)
    assert waits == sorted(waits) and waits[1] == 2 * waits[0] and waits[-1] == timedelta(days=1)
    serve(server, "/rss", item(1), etag='"2"')
    assert poll(database, settings, show).poll_failures == 0


def test_ten_thousand_entries_come_once_and_keep_no_editor_waiting(
    server: EvilServer, database: Database, settings: Settings
) -> None:
    """FAULTS 28."""
    serve(server, "/rss", *(item(number) for number in range(10_000)))
    with database.write() as connection:
        show = add_show(connection, "Grande", NOW, feed_url=server.url("/rss", HERE))
    seen_meanwhile: set[int] = set()
    done = threading.Event()

    def edit() -> None:
        while not done.wait(0.02):
            with database.write() as connection:
                update_show(connection, show.id, {"author": "x"})
                seen_meanwhile.add(count_episodes(connection, show.id)[EpisodeStatus.WAITING])

    editor = threading.Thread(target=edit)
    editor.start()
    poll(database, settings, show)
    done.set()
    editor.join()
    with database.read() as connection:
        assert count_episodes(connection, show.id)[EpisodeStatus.WAITING] == 10_000
    assert seen_meanwhile - {0, 10_000}  # somebody wrote between two batches
    serve(server, "/rss", *(item(number) for number in range(10_000)), etag='"2"')
    poll(database, settings, show)
    with database.read() as connection:
        assert count_episodes(connection, show.id)[EpisodeStatus.WAITING] == 10_000


def test_one_slow_host_delays_no_other_feed_and_audio_goes_to_words(
    server: EvilServer, tmp_path: Path
) -> None:
    place = Place.at(tmp_path / "data", allowed_hosts=(HERE, "localhost"))
    sound = cut_demo(tmp_path, 0).read_bytes()
    server("/slow")(lambda exchange: exchange.drip(b"HTTP/1.1 200 OK\r\n" * 200, 0.5))
    server("/a.mp3")(lambda exchange: exchange.send("200 OK", sound))
    serve(server, "/fast", item(1, audio="/a.mp3"))
    try:
        with place.database.write() as connection:
            add_show(connection, "Lente", NOW, feed_url=server.url("/slow", "localhost"))
            fast = add_show(connection, "Vive", NOW, feed_url=server.url("/fast", HERE))
        place.start(once=False)
        assert becomes(lambda: place.counts()[EpisodeStatus.READY] == 1), place.log()
        (episode,) = announced(place.database, fast)
        assert episode.original_sha256 and episode.enclosure_url == server.url("/a.mp3", HERE)
    finally:
        place.close()


def test_an_episode_published_again_is_folded_into_the_older_one(server: EvilServer, tmp_path: Path) -> None:
    """FAULTS 31: under a new guid and a new address, with the same sound; nothing is heard again."""
    place = Place.at(tmp_path / "data", allowed_hosts=(HERE,))
    sound = cut_demo(tmp_path, 0).read_bytes()
    for path in ("/a.mp3", "/b.mp3"):
        server(path)(lambda exchange: exchange.send("200 OK", sound))
    serve(server, "/rss", item(1, audio="/a.mp3"))
    try:
        show = take(server, place.database, place.settings)
        place.finish()
        heard = place.heard()
        (before,) = announced(place.database, show)
        serve(server, "/rss", item(1, guid="other", audio="/b.mp3"), etag='"2"')
        poll(place.database, place.settings, show)
        assert len(announced(place.database, show)) == 2
        place.finish()
        (after,) = announced(place.database, show)
        assert after == replace(before, guid="other", enclosure_url=server.url("/b.mp3", HERE))
        assert place.heard() == heard
        poll(place.database, place.settings, show)
        with place.database.read() as connection:
            assert len(list_episodes(connection, show_id=show.id)) == 1
    finally:
        place.close()
