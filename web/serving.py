"""Run the site: web processes, and beside them one worker that is started again when it dies.

The worker is a process of its own, so that whatever a recording does to it, readers are served
(FAULTS 6). With --no-worker, what runs beside only keeps this machine's index fresh.
"""

import logging
import multiprocessing
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from media.logs import write_log_lines
from media.settings import Settings, read_settings
from web.app import create_app
from web.patience import MAX_CONNECTIONS, PatientProtocol
from web.watching.tally import forget_ended

log = logging.getLogger(__name__)

RESTART_PAUSE_S = 2.0  # before a worker that died is started again
STOP_S = 25  # a deploy waits 30 s (FAULTS 2)
KEEP_ALIVE_S = 15
TRUSTED_PROXY = "127.0.0.1"  # whose word is taken for a reader's address, which login throttling counts by


def run_site(settings: Settings, *, host: str, port: int, processes: int, with_worker: bool) -> None:
    """Serve until told to stop, by SIGTERM or from the keyboard."""
    # uvicorn, once it has stopped, passes on the signal that stopped it: our cleaning up comes first.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    forget_ended(settings)
    _allow_connections()
    with _worker_beside(index_only=not with_worker):
        uvicorn.run(
            "web.serving:make_app",
            factory=True,
            host=host,
            port=port,
            workers=processes,
            http=PatientProtocol,
            log_config=None,  # ours
            log_level="warning",
            access_log=False,
            server_header=False,
            date_header=True,
            forwarded_allow_ips=TRUSTED_PROXY,
            limit_concurrency=MAX_CONNECTIONS,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=STOP_S,
        )
    log.info("stopped serving %s", settings.site_url)


def _allow_connections() -> None:
    """Let this process and those that it starts hold as many connections as they may, with room for files."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * MAX_CONNECTIONS if most == resource.RLIM_INFINITY else min(most, 2 * MAX_CONNECTIONS)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def make_app() -> object:
    """Make the application in a web process, from the same settings as its parent's."""
    settings = read_settings()
    if multiprocessing.parent_process() is not None:  # the first process has set up its own log
        write_log_lines(settings)
    return create_app(settings)


@contextmanager
def _worker_beside(*, index_only: bool) -> Iterator[None]:
    command = [sys.executable, "-m", "entendu", "work", "--beside"]
    command += ["--index-only"] if index_only else []
    stopping = threading.Event()
    running: list[subprocess.Popen[bytes]] = []
    keeper = threading.Thread(target=_keep_running, args=(command, running, stopping), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stopping.set()
        for process in running:
            process.terminate()
        keeper.join(STOP_S)


def _keep_running(
    command: list[str], running: list[subprocess.Popen[bytes]], stopping: threading.Event
) -> None:
    while not stopping.is_set():
        # Its standard input ends with this process, however that dies, and `--beside` stops it then.
        process = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 - our own command line
        running[:] = [process]
        status = process.wait()
        if stopping.wait(RESTART_PAUSE_S):
            return
        log.warning("the worker ended with status %d; starting it again", status)
