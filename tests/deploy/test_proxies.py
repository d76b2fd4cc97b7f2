"""The proxies' examples, run as they are: ranges, headers, hosts, bodies, slow clients (FAULTS 53, 54, 55).

Only ports, the certificate's path and the waits are changed. Behind them stands an application that
says what it was asked, guarded as ours is. Skips a proxy that is not installed.
"""

import json
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from web.errors import BodyTooLargeError
from web.patience import PatientProtocol
from web.security import SecurityHeaders

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
NAME = "entendu.example.org"
WAIT_S = 60
AUDIO = bytes(range(256)) * 400


@dataclass(frozen=True)
class Proxy:
    """A proxy that runs, and where."""

    name: str
    port: int
    tls: bool

    def connect(self, host: str = NAME) -> socket.socket:
        held = socket.create_connection(("127.0.0.1", self.port), WAIT_S)
        if not self.tls:
            return held
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        return trusting.wrap_socket(held, server_hostname=host)

    def ask(
        self, path: str, host: str = NAME, method: str = "GET", body: bytes = b"", **more: str
    ) -> HTTPResponse:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in more.items()]
        with closing(self.connect(host)) as held:
            held.sendall("\r\n".join([*lines, "", ""]).encode())
            with suppress(OSError):  # refused by its head
                held.sendall(body)
            answer = HTTPResponse(held)
            answer.begin()
            answer.content = answer.read()  # type: ignore[attr-defined]
            return answer


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """An application that says what it was asked."""
    audio = tmp_path_factory.mktemp("audio") / "audio.mp3"
    audio.write_bytes(AUDIO)

    async def say(request: Request) -> Response:
        if request.url.path.endswith("/audio.mp3"):
            return FileResponse(audio, media_type="audio/mpeg")
        size = len(await request.body())
        return JSONResponse({"path": request.url.path, "size": size, "headers": dict(request.headers)})

    app = Starlette(
        routes=[Route("/{path:path}", say, methods=["GET", "POST"])],
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers={BodyTooLargeError: lambda _request, _error: Response(status_code=413)},
    )
    server = uvicorn.Server(
        uvicorn.Config(app, port=0, http=PatientProtocol, log_config=None, server_header=False)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = server.force_exit = True
    thread.join()


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def proxy(
    request: pytest.FixtureRequest, behind: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Proxy]:
    """One of the two, by its example."""
    name = request.param
    program = shutil.which(name)
    if program is None:
        pytest.skip(f"{name} is not installed")
    folder = tmp_path_factory.mktemp(name)
    port = free_port()
    command = {"nginx": prepare_nginx, "caddy": prepare_caddy}[name](program, folder, port, behind)
    environment = {"PATH": "/usr/sbin:/usr/bin:/bin", "HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    log = (folder / "log").open("wb")
    process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        until(lambda: process.poll() is not None or listens(port))
        assert process.poll() is None, (folder / "log").read_text()
        yield Proxy(name, port, tls=name == "nginx")
    finally:
        process.terminate()
        process.wait()
        log.close()


def prepare_nginx(program: str, folder: Path, port: int, behind: int) -> list[str]:
    subject = [
        "-subj",
        f"/CN={NAME}",
        "-days",
        "1",
        "-keyout",
        str(folder / "key"),
        "-out",
        str(folder / "certificate"),
    ]
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject]
    subprocess.run(make, check=True, capture_output=True)
    text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    text = re.sub(r"listen \[::\]:\S+.*;", "", text)
    text = re.sub(r"listen 80( default_server)?;", rf"listen 127.0.0.1:{free_port()}\1;", text)
    text = re.sub(r"listen 443 ", f"listen 127.0.0.1:{port} ", text)
    text = re.sub(r"ssl_certificate \S+;", f"ssl_certificate {folder}/certificate;", text)
    text = re.sub(r"ssl_certificate_key \S+;", f"ssl_certificate_key {folder}/key;", text)
    text = text.replace("127.0.0.1:8765", f"127.0.0.1:{behind}")
    text = re.sub(r"client_(header|body)_timeout 10s", r"client_\1_timeout 1s", text)
    where = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = (
        f"pid {folder}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{where}{text}\n}}\n"
    )
    (folder / "conf").write_text(whole, encoding="utf-8")
    user = ["-g", "daemon off; user root;"]
    return [program, "-p", str(folder), "-e", "stderr", "-c", str(folder / "conf"), *user]


def prepare_caddy(program: str, folder: Path, port: int, behind: int) -> list[str]:
    text = (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")
    text = text.replace("{\n\tservers {", "{\n\tadmin off\n\tauto_https off\n\tservers {", 1)
    text = text.replace(f"\n{NAME} {{", f"\nhttp://{NAME}:{port} {{", 1)
    text = text.replace("127.0.0.1:8765", f"127.0.0.1:{behind}")
    text = re.sub(r"read_(header|body) \d+s", r"read_\1 1s", text)
    (folder / "Caddyfile").write_text(text, encoding="utf-8")
    return [program, "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


def until(condition) -> None:
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def test_ranges_pass_as_they_are_asked(proxy: Proxy) -> None:
    whole = proxy.ask("/episode/1/audio.mp3")
    assert (whole.status, whole.content, whole.getheader("accept-ranges")) == (200, AUDIO, "bytes")
    tag = whole.getheader("etag")
    part = proxy.ask("/episode/1/audio.mp3", range="bytes=1000-1999", if_range=tag)
    assert (part.status, part.content) == (206, AUDIO[1_000:2_000])
    assert part.getheader("content-range") == f"bytes 1000-1999/{len(AUDIO)}"
    assert proxy.ask("/episode/1/audio.mp3", range="bytes=9999999-").status == 416


def test_every_header_of_the_program_arrives_once_and_the_one_of_the_proxy(proxy: Proxy) -> None:
    answer = proxy.ask("/")
    for name in ("content-security-policy", "x-content-type-options", "x-frame-options", "cache-control"):
        assert len(answer.headers.get_all(name)) == 1, name
    assert answer.getheader("strict-transport-security") == "max-age=31536000"


def test_the_program_hears_its_own_host_and_nobody_s_word_on_where_one_comes_from(proxy: Proxy) -> None:
    answer = proxy.ask("/", x_forwarded_for="1.2.3.4", x_forwarded_proto="javascript")
    heard = json.loads(answer.content)["headers"]
    assert heard["host"].split(":")[0] == NAME
    assert heard["x-forwarded-for"] == "127.0.0.1"
    assert heard["x-forwarded-proto"] in {"http", "https"}


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1"])
def test_another_host_gets_nothing(proxy: Proxy, host: str) -> None:
    """FAULTS 54."""
    try:
        answer = proxy.ask("/", host)
    except OSError:  # whose address the certificate does not name, or a connection that is closed
        return
    assert answer.content == b""


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/login", 64_000, 200),
        ("/login", 70_000, 413),
        ("/correct/turn/1/text", 900_000, 200),
        ("/correct/turn/1/text", 1_200_000, 413),
        ("/import", 1_200_000, 200),
    ],
)
def test_bodies_are_as_long_as_the_program_takes_them(
    proxy: Proxy, path: str, size: int, status: int
) -> None:
    """FAULTS 53: longer ones are refused by nginx; Caddy 2.6 cuts them, and the program refuses that."""
    answer = proxy.ask(path, method="POST", body=b"x" * size)
    assert answer.status == status or (proxy.name, status, answer.status) == ("caddy", 413, 502)
    assert status != 200 or json.loads(answer.content)["size"] == size


@pytest.mark.parametrize(
    "sent", ["GET / HTTP/1.1\r\nHost: x", f"POST / HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 9\r\n\r\na"]
)
def test_who_is_slow_is_not_waited_for(proxy: Proxy, sent: str) -> None:
    """FAULTS 55: a head or a body that never ends."""
    with closing(proxy.connect()) as held:
        held.sendall(sent.encode())
        held.settimeout(WAIT_S)
        while held.recv(1_000):
            pass
        assert held.recv(1) == b""  # the proxy ended it, before our own patience did
