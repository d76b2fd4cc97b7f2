"""Five hundred feeds, of which one host answers nothing: how long a worker takes to read them all.

    .venv/bin/python -m bench.feeds [--feeds 500]

A server on this machine's own addresses plays forty hosts; one in ten feeds lies with a host that
accepts a connection and says nothing. `entendu work` reads them, then, when all are due again,
asks what has changed. When each is due next is counted by minutes.
"""

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from sqlalchemy import update

from bench.table import Row, print_rows
from media import schema
from media.database import Database, open_database
from media.settings import Settings
from media.shows import Show, add_show, list_shows

HOSTS, SILENT_ONE_IN = 40, 10
SILENT_HOST = "127.0.1.1"
GIVE_UP_S = 600
FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Une</title><link>https://x.example/</link>
<description>x</description></channel></rss>"""


class Server(ThreadingHTTPServer):
    """Answers every path with a feed, and counts its answers by status."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("0.0.0.0", 0), Answers)
        self.answers: Counter[int] = Counter()


class Answers(BaseHTTPRequestHandler):
    """One feed for everybody, with a validator."""

    server: Server

    def do_GET(self) -> None:
        """Send the feed, or say that it has not changed."""
        status = 304 if self.headers.get("if-none-match") == '"1"' else 200
        self.server.answers[status] += 1
        self.send_response(status)
        self.send_header("etag", '"1"')
        self.send_header("content-type", "application/rss+xml")
        self.send_header("content-length", str(len(FEED) if status == 200 else 0))
        self.end_headers()
        if status == 200:
            self.wfile.write(FEED)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--feeds", type=int, default=500)
    count = parser.parse_args().feeds
    server, silent = Server(), socket.socket()
    silent.bind((SILENT_HOST, 0))
    silent.listen(128)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as data:
        settings = Settings(data=Path(data))
        database = open_database(settings)
        quick = _subscribe(database, count, server.server_port, silent.getsockname()[1])
        with _working(settings):
            first = _read_all(database, quick, server)
            with database.write() as connection:
                connection.execute(update(schema.show).values(next_poll_at=datetime.now(UTC)))
            again = _read_all(database, quick, server)
        with database.read() as connection:
            shows = [show for show in list_shows(connection) if show.id in quick]
        print_rows(
            f"{count} feeds, of which {count - len(quick)} of a host that answers nothing",
            [
                Row("all others read for the first time", f"{first[0]:.0f} s", "", None, ""),
                Row("all others asked again", f"{again[0]:.0f} s", "", None, ""),
                Row(
                    "of which unchanged (304), without a body", str(again[1][304]), "", None, str(len(quick))
                ),
                Row(
                    "due in the same minute next time, at most",
                    str(_most_in_a_minute(shows)),
                    "",
                    None,
                    f"{len(quick) / settings.poll_minutes:.0f} in the mean",
                ),
            ],
        )
        database.close()


def _subscribe(database: Database, count: int, port: int, silent_port: int) -> set[int]:
    """Subscribe to so many feeds; returns the shows of those that answer."""
    quick, now = set(), datetime.now(UTC)
    with database.write() as connection:
        for number in range(count):
            is_silent = number % SILENT_ONE_IN == 0
            host = f"{SILENT_HOST}:{silent_port}" if is_silent else f"127.0.0.{number % HOSTS + 2}:{port}"
            show = add_show(connection, f"Émission {number}", now, feed_url=f"http://{host}/{number}")
            if not is_silent:
                quick.add(show.id)
    return quick


def _read_all(database: Database, quick: set[int], server: Server) -> tuple[float, Counter[int]]:
    """Wait until every feed that answers has been read since now; returns how long, and the answers."""
    server.answers.clear()
    began, since = time.monotonic(), datetime.now(UTC)

    def unread() -> int:
        with database.read() as connection:
            shows = list_shows(connection)
        return sum(show.polled_at is None or show.polled_at < since for show in shows if show.id in quick)

    _wait_until(lambda: not unread())
    return time.monotonic() - began, Counter(server.answers)


def _most_in_a_minute(shows: list[Show]) -> int:
    due = Counter(int(show.next_poll_at.timestamp() // 60) for show in shows if show.next_poll_at)
    return max(due.values())


def _wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + GIVE_UP_S
    while not holds():
        if time.monotonic() > end:
            raise SystemExit("some feeds were never read")
        time.sleep(0.2)


@contextmanager
def _working(settings: Settings) -> Iterator[None]:
    hosts = ",".join(f'"127.0.0.{number + 2}"' for number in range(HOSTS))
    own = {"ENTENDU_DATA": str(settings.data), "ENTENDU_ALLOWED_HOSTS": f'[{hosts},"{SILENT_HOST}"]'}
    command = [sys.executable, "-m", "entendu", "work"]
    process = subprocess.Popen(
        command, env={**os.environ, **own}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


if __name__ == "__main__":
    main()
