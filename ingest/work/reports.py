"""Say where the archive stands: for `entendu status`, as a document and as a table."""

from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from ingest.work.console import STEP_NAMES, seconds_left, share_done
from ingest.work.slots import list_living
from media.database import Database
from media.episodes import EpisodeStatus, count_episodes
from media.errors import N_
from media.language import load_translations, translate
from media.progress import Progress, list_progress
from media.settings import Settings
from media.shows import list_shows
from media.workers import WorkerState, list_workers


def describe_status(settings: Settings, database: Database) -> dict[str, Any]:
    """Describe shows, episodes by status, workers, and each piece of work under way or failed."""
    now = datetime.now(UTC)
    with database.read() as connection:
        counts = count_episodes(connection)
        shows = list_shows(connection)
        rows = list_progress(connection)
        workers = list_workers(connection)
    return {
        "shows": len(shows),
        "episodes": {str(status): count for status, count in counts.items()},
        "workers": len(list_living(settings)),
        "machines": [
            {
                "worker": worker.card.name,
                "host": worker.card.host,
                "state": "gone"
                if worker.gone_at and worker.state is not WorkerState.DRAINED
                else worker.state,
                "processes": worker.card.processes,
                "seen_at": worker.seen_at.isoformat(),
            }
            for worker in workers
        ],
        "feeds": [
            {
                "title": show.title,
                "next_poll_at": show.next_poll_at and show.next_poll_at.isoformat(),
                "failure": show.failure and translate(show.failure, "en"),
            }
            for show in shows
            if show.feed_url
        ],
        "work": [_describe(row, now) for row in rows],
    }


def print_status(console: Console, settings: Settings, database: Database, language: str) -> None:
    """Print the same for people, in their language."""
    say = load_translations(language).gettext
    with database.read() as connection:
        counts = count_episodes(connection)
        rows = list_progress(connection)
        feeds = [show for show in list_shows(connection) if show.failure]
    console.print(
        say("%(ready)d episodes transcribed, %(waiting)d waiting, %(working)d under way, %(failed)d failed.")
        % {str(status): count for status, count in counts.items()}
    )
    workers = len(list_living(settings))
    console.print(say("Workers on this machine: %(count)d") % {"count": workers})
    if counts[EpisodeStatus.WAITING] and not workers:
        console.print(say("Nothing is working. Run `entendu work` or `entendu serve`."))
    if rows:
        console.print(_table(rows, language))
    for show in feeds:
        if show.failure:
            console.print(f"{show.title}: {translate(show.failure, language)}", style="red")


def _describe(row: Progress, now: datetime) -> dict[str, Any]:
    return {
        "episode_id": row.episode_id,
        "show": row.show_title,
        "episode": row.episode_title,
        "status": str(row.status),
        "step": str(row.step),
        "percent": share_done(row) // 10,
        "seconds_left": seconds_left(row, now) if row.status is EpisodeStatus.WORKING else None,
        "attempts": row.attempts,
        "failure": row.failure and translate(row.failure, "en"),
        "retry_at": row.retry_at and row.retry_at.isoformat(),
    }


def _table(rows: list[Progress], language: str) -> Table:
    say = load_translations(language).gettext
    table = Table(box=None, pad_edge=False)
    for heading in (N_("Episode"), N_("Step"), N_("Done"), N_("Left"), N_("Remark")):
        table.add_column(say(heading))
    now = datetime.now(UTC)
    for row in rows:
        working = row.status is EpisodeStatus.WORKING
        left = seconds_left(row, now) if working else None
        table.add_row(
            f"{row.show_title} — {row.episode_title}",
            say(STEP_NAMES[row.step]),
            f"{share_done(row) // 10} %",
            "" if left is None else f"{left // 60}:{left % 60:02d}",
            _remark(row, language),
        )
    return table


def _remark(row: Progress, language: str) -> str:
    if row.failure is None:
        return ""
    again = load_translations(language).gettext("Next try: %(when)s.")
    when = again % {"when": f"{row.retry_at.astimezone():%d/%m %H:%M}"} if row.retry_at else ""
    return f"{translate(row.failure, language)} {when}".strip()
