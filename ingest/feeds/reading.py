"""Read an untrusted feed in a process of its own, which has seconds and megabytes to do so.

Parsing is Python and regular expressions over megabytes that strangers wrote: some input will always
be slow, and a thread cannot be stopped. The child costs about half a second, and only when a feed
has changed. It is `python -m ingest.feeds.reading`: bytes in by stdin, a pickle of our own values out.
"""

import os
import pickle
import resource
import subprocess
import sys

from ingest.errors import FeedError, FeedTooComplexError, FeedTooSlowError
from ingest.feeds.feed import Feed, parse_feed
from ingest.network.addresses import show_address

READ_S = 30.0
MAX_MEMORY_BYTES = 2 << 30  # address space, of which a feed of 15 MiB uses a small part


def read_feed(data: bytes, url: str, *, limit_s: float = READ_S) -> Feed:
    """Read a feed fetched from `url` as `parse_feed` does, bounded; leaves FeedError only."""
    shown = show_address(url)
    command = [sys.executable, "-m", "ingest.feeds.reading", str(limit_s)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    given = url.encode() + b"\n" + data  # not an argument: other users see those
    try:
        child = subprocess.run(  # noqa: S603 - our own module, by its name
            command, input=given, capture_output=True, timeout=limit_s, env=environment
        )
    except subprocess.TimeoutExpired as error:
        raise FeedTooSlowError(f"more than {limit_s:g} s", url=shown, seconds=round(limit_s)) from error
    if child.returncode:
        last = child.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise FeedTooComplexError(f"the reader ended with {child.returncode}: {last}", url=shown)
    outcome = pickle.loads(child.stdout)  # noqa: S301 - written by our own child
    if isinstance(outcome, FeedError):
        raise outcome
    if not isinstance(outcome, Feed):
        raise FeedTooComplexError(f"the reader returned {type(outcome).__name__}", url=shown)
    return outcome


def _answer(limit_s: float) -> None:
    """Be the child: parse stdin, and write the feed or the error to stdout."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, hard))
    seconds = int(limit_s) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    url, _, data = sys.stdin.buffer.read().partition(b"\n")
    outcome: Feed | FeedError
    try:
        outcome = parse_feed(data, url.decode())
    except FeedError as error:
        error.__cause__ = error.__context__ = None  # foreign exceptions stay here
        outcome = error
    sys.stdout.buffer.write(pickle.dumps(outcome))


if __name__ == "__main__":
    _answer(float(sys.argv[1]))
