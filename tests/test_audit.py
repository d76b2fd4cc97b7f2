"""The audit of dependencies fails on a known hole, and says when it could not ask."""

import importlib.util
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

AUDIT = Path(__file__).parents[1] / ".ci" / "audit.py"


@contextmanager
def database_of_holes(name: str) -> Iterator[str]:
    """Answer as OSV does, on loopback: one package has a hole."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            package = {"name": name, "ecosystem": "PyPI"}
            events = [{"introduced": "0"}, {"fixed": "99.0"}]
            affected = {"package": package, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
            hole = {"id": "CVE-2099-1", "summary": "A hole.", "affected": [affected]}
            body = json.dumps({"vulns": [hole]} if asked["package"]["name"] == name else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def audit(address: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(AUDIT), "--osv-url", address]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(autouse=True)
def needs_pip_audit() -> None:
    pytest.importorskip("pip_audit", reason="pip-audit is not installed")


def test_a_known_hole_fails_and_names_the_remedy() -> None:
    with database_of_holes("starlette") as address:
        done = audit(address)
    assert done.returncode == 1
    assert "has a known hole, CVE-2099-1; fixed in 99.0" in done.stdout, done


def test_without_a_network_nothing_fails_and_nothing_is_called_audited() -> None:
    done = audit("http://127.0.0.1:9/")
    assert done.returncode == 0
    assert "NOT audited" in done.stdout and "no known hole" not in done.stdout, done


def test_every_pin_is_asked_about_once() -> None:
    spec = importlib.util.spec_from_file_location("audit", AUDIT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    files = [file.splitlines() for file in module.list_pins()]
    names = [[pin.partition("==")[0] for pin in file] for file in files]
    assert all(len(set(file)) == len(file) for file in names)
    assert {"torch", "starlette", "sqlalchemy"} <= {name for file in names for name in file}
