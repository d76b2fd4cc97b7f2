"""What a worker fetches beside its work: feeds that are due, and the transcripts that they offer.

A few at a time, and never two from one host: one that answers slowly, or that holds a hundred
feeds of which none answers, keeps a single thread, and delays nobody's feeds but its own.
"""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime

from ingest.feeds.polling import poll_show
from ingest.importing.offered import take_offer
from ingest.work.steps import Tools
from media.shows import claim_due_show, host_of
from media.texts.offers import claim_due_offer

log = logging.getLogger(__name__)

AT_ONCE = 8  # threads that mostly wait


class Errands:
    """What is being fetched, each errand by the host that it goes to."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="errand")
        self._under_way: dict[Future[None], str] = {}

    @property
    def are_under_way(self) -> bool:
        """Whether any is not done yet, or not seen to be."""
        return bool(self._under_way)

    @property
    def are_unfinished(self) -> bool:
        """Whether any is still being done."""
        return any(not errand.done() for errand in self._under_way)

    def start_due(self, feeds: int, offers: int, now: datetime) -> None:
        """Start what is due of these many feeds and offers, as far as threads and hosts are free."""
        self._note_done()
        tools = self._tools
        while feeds and self._has_room:
            with tools.database.write() as connection:
                show = claim_due_show(connection, now, busy_hosts=self._hosts)
            if show is None:
                break
            host = host_of(show.feed_url)
            self._start(host, poll_show, tools.database, tools.settings, tools.network, show, now)
        while offers and self._has_room:
            with tools.database.write() as connection:
                offer = claim_due_offer(connection, now, busy_hosts=self._hosts)
            if offer is None:
                break
            host = host_of(offer.url)
            self._start(host, take_offer, tools.database, tools.network, tools.store, offer, now)

    def look_after(self, chore: Callable[..., None], *given: object) -> None:
        """Do something here, beside what is fetched."""
        self._start("", chore, *given)

    def end(self, *, wait: bool) -> None:
        """Begin nothing more; with `wait`, return when all is done."""
        self._threads.shutdown(wait=wait, cancel_futures=True)

    @property
    def _has_room(self) -> bool:
        return len(self._under_way) < AT_ONCE

    @property
    def _hosts(self) -> set[str]:
        return set(filter(None, self._under_way.values()))

    def _start(self, host: str, errand: Callable[..., None], *given: object) -> None:
        self._under_way[self._threads.submit(errand, *given)] = host

    def _note_done(self) -> None:
        for errand in [errand for errand in self._under_way if errand.done()]:
            host = self._under_way.pop(errand)
            if error := errand.exception():  # what was claimed is due again after its lease
                log.error("an errand to %s failed", host or "our own files", exc_info=error)
