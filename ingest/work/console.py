"""Show work as it goes: bars on a terminal, one log line a step elsewhere.

Both follow the same `progress` rows, so that the process that works and one that only looks
show the same thing.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from media.episodes import EpisodeStatus
from media.errors import N_
from media.progress import Progress, Step

log = logging.getLogger(__name__)

TITLE_LENGTH = 38
SHORTEST_S = 1.0  # before that a speed says nothing
# The part of an episode's work, in thousandths, that is done when a step begins and when it ends.
STEP_SHARES = {
    Step.WAITING: (0, 0),
    Step.DOWNLOAD: (0, 50),
    Step.DECODE: (50, 150),
    Step.RECOGNISE: (150, 960),
    Step.DIARISE: (960, 980),
    Step.SAVE: (980, 1000),
}
STEP_NAMES = {
    Step.WAITING: N_("waiting"),
    Step.DOWNLOAD: N_("download"),
    Step.DECODE: N_("decoding"),
    Step.RECOGNISE: N_("recognition"),
    Step.DIARISE: N_("speakers"),
    Step.SAVE: N_("saving"),
}
READY, STOPPED = N_("ready"), N_("stopped")
LEFT = N_("%(minutes)d min %(seconds)02d left")
Translate = Callable[[str], str]


def share_done(progress: Progress) -> int:
    """Say how much of an episode's work is done, in thousandths."""
    begin, end = STEP_SHARES[progress.step]
    part = min(progress.done / progress.total, 1) if progress.total else 0
    return round(begin + (end - begin) * part)


def seconds_left(progress: Progress, now: datetime) -> int | None:
    """Estimate what a step still takes at its speed so far; None before that shows."""
    elapsed_s = (now - progress.started_at).total_seconds()
    if not progress.done or not progress.total or elapsed_s < SHORTEST_S:
        return None
    return max(0, round(elapsed_s * (progress.total - progress.done) / progress.done))


class Display:
    """The progress of every episode under way, redrawn as `show` is given the rows anew."""

    def __init__(self, console: Console, translate: Translate) -> None:
        self._translate = translate
        self._steps: dict[int, Progress] = {}  # of the episodes under way, as last seen
        self._tasks: dict[int, TaskID] = {}
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[step]}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}"),
        )
        self._bars = Bars(*columns, console=console) if console.is_terminal else None

    def __enter__(self) -> "Display":
        if self._bars:
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bars:
            self._bars.stop()

    def show(self, rows: Iterable[Progress], now: datetime) -> None:
        """Draw where each episode is; one that was under way and is not among the rows is ready."""
        held = {row.episode_id: row for row in rows}
        working = {key: row for key, row in held.items() if row.status is EpisodeStatus.WORKING}
        for episode_id in set(self._steps) - set(working):
            self._finish(self._steps.pop(episode_id), READY if episode_id not in held else STOPPED)
        for episode_id, row in working.items():
            before = self._steps.get(episode_id)
            self._steps[episode_id] = row
            if self._bars:
                self._draw(self._bars, row, now)
            elif before is None or before.step is not row.step:
                log.info("%s / %s: %s", row.show_title, row.episode_title, row.step)

    def _draw(self, bars: Bars, row: Progress, now: datetime) -> None:
        if row.episode_id not in self._tasks:
            title = escape(row.episode_title[:TITLE_LENGTH])
            self._tasks[row.episode_id] = bars.add_task(title, total=1000, step="", left="")
        left = seconds_left(row, now)
        said = "" if left is None else self._translate(LEFT) % {"minutes": left // 60, "seconds": left % 60}
        step = self._translate(STEP_NAMES[row.step])
        bars.update(self._tasks[row.episode_id], completed=share_done(row), step=step, left=said)

    def _finish(self, last: Progress, end: str) -> None:
        if self._bars and (task := self._tasks.pop(last.episode_id, None)) is not None:
            done = 1000 if end is READY else share_done(last)
            self._bars.update(task, completed=done, step=self._translate(end), left="")
            self._bars.stop_task(task)
        elif not self._bars:
            log.info("%s / %s: %s", last.show_title, last.episode_title, end)
