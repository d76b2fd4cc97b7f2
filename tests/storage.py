"""A real server of the S3 protocol on loopback, and a line to it that can be cut.

A folder of tests has these fixtures by importing them in its conftest.
"""

import hashlib
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from select import select
from uuid import uuid4

import obstore
import pytest
from moto.server import ThreadedMotoServer
from obstore.store import S3Store

from media.store.bucket import BucketStore
from media.store.cache import AudioCache

SOUND = b"\xff\xfb" + b"sound" * 1000
NAME = hashlib.sha256(SOUND).hexdigest()
TICK_S = 0.05
KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_REGION": "us-east-1"}


class Line:
    """Carries bytes to a server and back; can be cut, after so many bytes of answers."""

    def __init__(self, port: int) -> None:
        self._behind = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.left: int | None = None  # bytes of answers until it is cut; None: it holds
        self.asked = 0
        self._is_closed = False
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def close(self) -> None:
        """Answer nobody any more."""
        self._is_closed = True
        for thread in self._threads:
            thread.join(60)
        self._listening.close()

    def _accept(self) -> None:
        while not self._is_closed:
            if not select([self._listening], [], [], TICK_S)[0]:
                continue
            near, _ = self._listening.accept()
            self.asked += 1
            self._threads.append(threading.Thread(target=self._carry, args=(near,)))
            self._threads[-1].start()

    def _carry(self, near: socket.socket) -> None:
        with near, suppress(OSError), socket.create_connection(("127.0.0.1", self._behind)) as far:
            while not self._is_closed and (self.left is None or self.left > 0):
                for ready in select([near, far], [], [], TICK_S)[0]:
                    data = ready.recv(65_536)
                    if ready is far and self.left is not None:
                        data = data[: self.left]
                        self.left -= len(data)
                    if not data:
                        return
                    (near if ready is far else far).sendall(data)


@pytest.fixture(scope="session")
def server() -> Iterator[int]:
    """The port of a server of the S3 protocol."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    held = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    held.start()
    yield held.get_host_and_port()[1]
    held.stop()


@pytest.fixture
def line(server: int) -> Iterator[Line]:
    """A line to that server."""
    held = Line(server)
    yield held
    held.close()


@pytest.fixture
def bucket(server: int, line: Line, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty bucket, reached over the line."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{line.port}")
    name = f"b{uuid4().hex[:20]}"
    make_bucket(server, name)
    return f"s3://{name}/radio"


@pytest.fixture
def store(bucket: str, tmp_path: Path) -> BucketStore:
    """That bucket, with an empty cache."""
    return BucketStore(bucket, AudioCache(tmp_path / "cache", 1 << 30))


def make_bucket(port: int, name: str) -> None:
    """Make a bucket, as its administrator does."""
    import boto3

    client = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    client.create_bucket(Bucket=name)
    client.close()


def put_behind(bucket: str, name: str, content: bytes) -> None:
    """Change an object behind the program's back."""
    obstore.put(S3Store.from_url(bucket, client_options={"allow_http": True}), name, content)


def arrive(store: BucketStore, content: bytes = SOUND, name: str = "arriving") -> Path:
    """Have a complete file where files wait."""
    path = store.incoming_path(name)
    path.write_bytes(content)
    return path
