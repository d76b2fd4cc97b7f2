"""The administrator's page: feeds to add, shows and their feeds, the queue and its failures.

The web only asks: it adds a feed, puts an episode back in the queue. Workers do the work and
write how far they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.responses import Response

from ingest.errors import IngestError
from ingest.feeds.subscriptions import preview_feed, subscribe
from media.episodes import EpisodeStatus, count_by_show, count_episodes
from media.errors import N_, Message
from media.progress import Progress, Step, ask_again, list_progress
from media.shows import list_shows
from media.workers import SILENCE
from web.visits import Visit, field, number, redirect

MAX_QUEUE_ROWS = 200
MIN_SHARE_FOR_ESTIMATE = 0.02  # before this much is done, a time left is a guess
# Transcribing takes about as long as the audio lasts divided by this, on one core.
AUDIO_MS_PER_WORK_MS = 3
STEP_NAMES = {
    Step.WAITING: N_("about to begin"),
    Step.DOWNLOAD: N_("download"),
    Step.DECODE: N_("reading the audio"),
    Step.RECOGNISE: N_("recognising words"),
    Step.DIARISE: N_("telling voices apart"),
    Step.SAVE: N_("saving"),
}


@dataclass(frozen=True, slots=True)
class Job:
    """An episode being worked on or failed, as the queue shows it."""

    progress: Progress
    share: float | None  # of the step, 0 to 1
    left: timedelta | None
    is_silent: bool  # its worker has written nothing for long


def show_admin(visit: Visit) -> Response:
    """Show feeds, the queue and the worker."""
    with visit.site.database.read() as connection:
        counts = count_episodes(connection)
        progress = list_progress(connection, MAX_QUEUE_ROWS)
        of_show = count_by_show(connection)
        shows = [(show, of_show[show.id]) for show in list_shows(connection)]
    jobs = [describe_job(held, visit.now) for held in progress]
    working = [job for job in jobs if job.progress.status is EpisodeStatus.WORKING]
    context = {
        "counts": {status.value: count for status, count in counts.items()},
        "working": working,
        "failed": [job for job in jobs if job.progress.status is EpisodeStatus.FAILED],
        "is_worker_alive": visit.site.pulse.count_alive() > 0 or any(not job.is_silent for job in working),
        "shows": shows,
        "step_names": {step: Message(msgid) for step, msgid in STEP_NAMES.items()},
        "ready": EpisodeStatus.READY,
        "waiting": EpisodeStatus.WAITING,
        "failure": None,
        "feed": "",
    }
    return visit.render("admin.html", context)


def describe_job(progress: Progress, now: datetime) -> Job:
    """Say how far an episode's step is, and how long it may still take."""
    share = min(1.0, progress.done / progress.total) if progress.total else None
    left = None
    if share is not None and share >= MIN_SHARE_FOR_ESTIMATE:
        elapsed = progress.updated_at - progress.started_at
        left = elapsed * ((1 - share) / share)
    return Job(progress, share, left, now - progress.updated_at > SILENCE)


def preview(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Read the feed of a pasted address and show what it would bring."""
    return show_preview(visit, {"feed": field(fields, "feed")})


def show_preview(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Show what a feed holds before it is added; where it cannot be read, why."""
    feed = fields["feed"].strip()
    context: dict[str, object] = {"feed": feed, "failure": None, "preview": None, "work": None}
    try:
        found = preview_feed(feed, visit.site.settings)
    except IngestError as error:
        return visit.render("preview.html", {**context, "failure": error.message}, 422)
    work = None if found.audio_ms is None else timedelta(milliseconds=found.audio_ms / AUDIO_MS_PER_WORK_MS)
    return visit.render("preview.html", {**context, "preview": found, "work": work})


def add_feed(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Subscribe to a feed that was looked at."""
    feed = field(fields, "feed")
    keep = number(fields.get("keep"), 0, 10_000) or None
    try:
        found = preview_feed(feed, visit.site.settings)
        subscribe(visit.site.database, found, visit.site.settings, visit.now, keep=keep)
    except IngestError as error:
        context = {"feed": feed, "failure": error.message, "preview": None, "work": None}
        return visit.render("preview.html", context, 422)
    return redirect("/admin#shows")


def retry(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Put one failed episode back in the queue."""
    with visit.site.database.write() as connection:
        ask_again(connection, number(fields.get("episode"), 0, 10**9))
    return redirect("/admin#queue")


def retry_all(visit: Visit, _fields: Mapping[str, str]) -> Response:
    """Put every failed episode back in the queue."""
    with visit.site.database.write() as connection:
        for held in list_progress(connection, MAX_QUEUE_ROWS):
            if held.status is EpisodeStatus.FAILED:
                ask_again(connection, held.episode_id)
    return redirect("/admin#queue")
