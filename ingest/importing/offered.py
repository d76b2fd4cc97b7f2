"""Fetch the transcripts that feeds offer, keep them unchanged, and publish them where the show wishes.

Fetched by the guarded client, with what the server said of its last answer, so that what has not
changed costs a question. A later edition of a text that is published here is merged into it; where
the show does not prefer them, transcripts are only kept, for people to look at. Whatever is wrong
with one is noted on it, and the episode goes on without.
"""

import logging
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from sqlalchemy import Connection

from ingest.alignment.episodes import align_episode
from ingest.errors import IngestError, ServerBusyError
from ingest.importing.arriving import check_heard, name_source
from ingest.network.addresses import Network
from ingest.network.fetching import Fetched, NotModified, fetch_bytes
from ingest.texts import read_text
from ingest.texts.decoding import MAX_BYTES
from media.correction.authors import Author
from media.database import Database
from media.episodes import get_episode
from media.errors import EntenduError, NotFoundError
from media.shows import get_show
from media.store.values import AudioStore
from media.texts.documents import GivenDocument, add_document, get_document, latest_document
from media.texts.errors import TextRefusedError
from media.texts.installing import install_text
from media.texts.offers import FORMS, Offer, list_offers, rank_form, record_offer, record_offer_failure
from media.texts.values import ReadText, TextFormat, turns_of
from media.transcript import Edition
from media.transcripts import list_speakers, list_turns

log = logging.getLogger(__name__)

# What a type promises and a login page does not keep: the others are told by their content.
HINTS = {
    "text/vtt": TextFormat.VTT,
    "application/x-subrip": TextFormat.SRT,
    "application/srt": TextFormat.SRT,
}
RETRIES = (timedelta(minutes=1), timedelta(minutes=30), timedelta(hours=6))  # of what may pass


def take_offer(database: Database, network: Network, store: AudioStore, offer: Offer, now: datetime) -> None:
    """Ask for a transcript, and take what comes; what is wrong with it is noted, never raised."""
    try:
        answer = fetch_bytes(
            offer.url, network, max_bytes=MAX_BYTES, etag=offer.etag, last_modified=offer.last_modified
        )
        _take(database, store, offer, answer, now)
    except NotFoundError:
        log.info("the episode of %s is gone", offer.url)
    except (IngestError, TextRefusedError) as error:
        log.warning("the transcript %s: %s", offer.url, error)
        with database.write() as connection:
            record_offer_failure(connection, offer, error.message, _retry_at(error, offer, now), now)


def take_preferred(
    database: Database, network: Network, store: AudioStore, episode_id: int, now: datetime
) -> bool:
    """Publish what a feed offers for an episode, where its show prefers that; the fullest form first.

    Returns whether every word of the text has its time, so that nothing needs to be recognised.
    """
    with database.read() as connection:
        episode = get_episode(connection, episode_id)
        prefers = get_show(connection, episode.show_id).prefer_offered
        offers = [offer for offer in list_offers(connection, episode_id) if offer.is_announced]
    if not prefers:
        return False
    for offer in sorted(offers, key=lambda offer: rank_form(offer.type, offer.url)):
        if _is_published(database, episode_id):
            break
        take_offer(database, network, store, offer, now)
    with database.read() as connection:
        turns = list_turns(connection, episode_id, Edition.PUBLISHED, public=False)
    words = [word for held in turns for word in held.turn.words]
    return bool(words) and all(word.start_ms is not None for word in words)


def _take(
    database: Database, store: AudioStore, offer: Offer, answer: Fetched | NotModified, now: datetime
) -> None:
    with database.read() as connection:
        before = None if offer.document_id is None else get_document(connection, offer.document_id)
        episode = get_episode(connection, offer.episode_id)
        show = get_show(connection, episode.show_id)
        known = list_speakers(connection, show.id)
        heard = bool(list_turns(connection, episode.id, Edition.SPOKEN, public=False))
        latest = latest_document(connection, episode.id)
    same = isinstance(answer, NotModified) or (before is not None and before.content == answer.content)
    may_publish = show.prefer_offered and latest is None
    if isinstance(answer, Fetched):
        content, etag, last_modified = answer.content, answer.etag, answer.last_modified
    elif before is not None and may_publish:  # kept until now, and wanted since
        content, etag, last_modified = before.content, offer.etag, offer.last_modified
    if same and not (before is not None and may_publish):
        with database.write() as connection:
            record_offer(connection, offer, now)
        return
    name = _name(offer)
    hint = HINTS.get(offer.type or "")
    read = read_text(content, name, hint=hint, known_speakers=known)
    publisher = Author(None, urlsplit(offer.url).hostname or show.title)
    source = name_source(read, offer.url, publisher)
    given = GivenDocument(name, content, source, offer.type or "text/plain", offer.url)
    is_update = latest is not None and latest.document.url == offer.url
    wanted = is_update or may_publish
    if wanted and heard and not is_update:
        with database.read() as connection:
            check_heard(connection, episode.id, turns_of(read), name)
    with database.write() as connection:
        document_id = _keep(connection, offer, read, given, publisher, now, wanted=wanted)
        validators = {"etag": etag, "last_modified": last_modified}
        record_offer(connection, offer, now, document_id=document_id, **validators)
    if wanted and heard:
        align_episode(database, store, episode.id, now)


def _keep(
    connection: Connection,
    offer: Offer,
    read: ReadText,
    given: GivenDocument,
    publisher: Author,
    now: datetime,
    *,
    wanted: bool,
) -> int | None:
    """Publish a transcript, or only keep it; return the document's identity."""
    if wanted:
        return install_text(connection, offer.episode_id, read, given, publisher, now).document_id
    return add_document(connection, offer.episode_id, given, read, turns_of(read), now, installed=False)


def _is_published(database: Database, episode_id: int) -> bool:
    with database.read() as connection:
        return latest_document(connection, episode_id) is not None


def _name(offer: Offer) -> str:
    """Name a document by the end of its address, with a suffix that says what it is."""
    last = unquote(PurePosixPath(urlsplit(offer.url).path).name) or "transcript"
    suffix = dict(FORMS).get(offer.type or "", "")
    return last if PurePosixPath(last).suffix else last + suffix


def _retry_at(error: EntenduError, offer: Offer, now: datetime) -> datetime | None:
    if not error.transient or offer.checks >= len(RETRIES):
        return None
    asked = error.retry_after_s if isinstance(error, ServerBusyError) else None
    return now + max(RETRIES[offer.checks], timedelta(seconds=asked or 0))
