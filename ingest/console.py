"""Show work as it goes: bars on a terminal, one log line a step elsewhere.

Both follow the same `progress` rows, so that the process that works and one that only looks
show the same thing.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from media.errors import N_
from media.progress import Progress, Step

log = logging.getLogger(__name__)

TITLE_LENGTH = 38
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
Translate = Callable[[str], str]


def share_done(progress: Progress) -> int:
    """Say how much of an episode's work is done, in thousandths."""
    begin, end = STEP_SHARES[progress.step]
    part = min(progress.done / progress.total, 1) if progress.total else 0
    return round(begin + (end - begin) * part)


def seconds_left(progress: Progress, now: datetime) -> int | None:
    """Estimate what an episode's work still takes at the speed so far; None before that shows."""
    done = share_done(progress)
    elapsed_s = (now - progress.started_at).total_seconds()
    return round(elapsed_s * (1000 - done) / done) if done and elapsed_s > 1 else None


class Display:
    """The progress of every episode under way, redrawn as `show` is given the rows anew."""

    def __init__(self, console: Console, translate: Translate) -> None:
        self._translate = translate
        self._steps: dict[int, Step] = {}
        self._tasks: dict[int, TaskID] = {}
        self._left: dict[int, str] = {}
        self._bars = (
            Bars(
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.percentage:>3.0f} %"),
                TextColumn("{task.fields[step]}"),
                TimeElapsedColumn(),
                TextColumn("{task.fields[left]}"),
                console=console,
            )
            if console.is_terminal
            else None
        )

    def __enter__(self) -> "Display":
        if self._bars:
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bars:
            self._bars.stop()

    def show(self, rows: Iterable[Progress], now: datetime) -> None:
        """Draw where each episode is; an episode that is no longer there is done."""
        under_way = {row.episode_id: row for row in rows if row.failure is None}
        for episode_id in set(self._tasks) - set(under_way):
            self._finish(episode_id)
        for row in under_way.values():
            self._draw(row, now)
            if self._steps.get(row.episode_id) is not row.step:
                self._steps[row.episode_id] = row.step
                self._log_step(row)

    def _draw(self, row: Progress, now: datetime) -> None:
        if not self._bars:
            return
        if row.episode_id not in self._tasks:
            self._tasks[row.episode_id] = self._bars.add_task(
                row.episode_title[:TITLE_LENGTH], total=1000, step="", left=""
            )
        left = seconds_left(row, now)
        self._bars.update(
            self._tasks[row.episode_id],
            completed=share_done(row),
            step=self._translate(STEP_NAMES[row.step]),
            left=""
            if left is None
            else self._translate(N_("%(minutes)d min %(seconds)02d left")) % _clock(left),
        )

    def _finish(self, episode_id: int) -> None:
        task = self._tasks.pop(episode_id)
        if self._bars:
            self._bars.update(task, completed=1000, step="", left="")

    def _log_step(self, row: Progress) -> None:
        if not self._bars:
            log.info("%s / %s: %s", row.show_title, row.episode_title, row.step)


def _clock(seconds: int) -> dict[str, int]:
    return {"minutes": seconds // 60, "seconds": seconds % 60}
