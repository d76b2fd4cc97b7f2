"""Progress as people see it: bars on a terminal, lines elsewhere, the same figures in `status`."""

import io
import logging
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from ingest.work.console import STEP_NAMES, STEP_SHARES, Display, seconds_left, share_done
from ingest.work.reports import describe_status, print_status
from media.database import open_database
from media.episodes import EpisodeStatus, add_episode
from media.errors import Message
from media.progress import Progress, Step, begin_attempt, record_failure, record_progress
from media.settings import Settings
from media.shows import add_show
from tests.ingest.workers import NOW

ROW = Progress(
    episode_id=1,
    episode_title="Le [bold]libre[/bold]",
    show_title="Radio",
    status=EpisodeStatus.WORKING,
    step=Step.RECOGNISE,
    done=3,
    total=8,
    attempts=1,
    retries=0,
    run="r",
    hold=1,
    worker="w",
    started_at=NOW,
    updated_at=NOW,
    retry_at=None,
    failure=None,
)
LATER = NOW + timedelta(seconds=60)


def test_every_step_has_a_name_and_a_share_that_follows_the_one_before() -> None:
    assert set(STEP_NAMES) == set(STEP_SHARES) == set(Step)
    shares = [STEP_SHARES[step] for step in Step]
    assert all(before[1] == after[0] for before, after in pairwise(shares))
    assert shares[0][0] == 0 and shares[-1][1] == 1000


@given(st.lists(st.tuples(st.sampled_from(Step), st.integers(0, 9)), min_size=2, max_size=2))
def test_further_on_the_way_is_never_less_done(places: list[tuple[Step, int]]) -> None:
    order = list(Step)
    first, second = sorted(places, key=lambda place: (order.index(place[0]), place[1]))
    before, after = (
        share_done(replace(ROW, step=step, done=done, total=9)) for step, done in (first, second)
    )
    assert 0 <= before <= after <= 1000


def test_time_left_follows_the_step_s_own_speed() -> None:
    assert seconds_left(ROW, LATER) == 100
    assert seconds_left(replace(ROW, done=0), LATER) is None
    assert seconds_left(replace(ROW, total=0), LATER) is None
    assert seconds_left(replace(ROW, done=8), LATER) == 0
    assert seconds_left(ROW, NOW) is None


def test_a_terminal_shows_each_episode_s_step_and_time_left_and_how_it_ended() -> None:
    written = io.StringIO()
    console = Console(file=written, force_terminal=True, width=120)
    with Display(console, str) as display:
        display.show(
            [ROW, replace(ROW, episode_id=2, episode_title="Autre", step=Step.DECODE, done=0)], LATER
        )
        display._bars.refresh()  # type: ignore[union-attr]
        during = written.getvalue()
        display.show([replace(ROW, status=EpisodeStatus.FAILED, failure=Message("no"))], LATER)
    after = written.getvalue()[len(during) :]
    assert "Le [bold]libre[/bold]" in during and "recognition" in during and "1 min 40 left" in during
    assert "45 %" in during and "Autre" in during and "decoding" in during
    assert "stopped" in after and "ready" in after and "100 %" in after
    assert written.getvalue().rstrip("\n").endswith("\x1b[?25h")  # the cursor is back


def test_without_a_terminal_there_is_one_line_a_step(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with Display(Console(file=io.StringIO()), str) as display:
        for row in (replace(ROW, step=Step.DECODE), ROW, replace(ROW, done=4)):
            display.show([row], LATER)
        display.show([], LATER)
    assert [record.message.rpartition(": ")[2] for record in caplog.records] == [
        "decode",
        "recognise",
        "ready",
    ]


def test_status_says_the_same_as_a_document_and_as_a_table(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    database = open_database(settings)
    with database.write() as connection:
        show = add_show(connection, "Radio", NOW)
        first, second, third = (add_episode(connection, show.id, str(n), f"É{n}", NOW) for n in range(3))
        for episode_id in (first, second):
            begin_attempt(connection, episode_id, f"run-{episode_id}", "w", NOW)
        record_progress(connection, first, Step.RECOGNISE, 3, 8, NOW)
        record_failure(connection, second, Message("The file %(name)s is gone.", {"name": "x"}), LATER, NOW)
    said = describe_status(settings, database)
    assert third and said["episodes"] == {"waiting": 1, "working": 1, "ready": 0, "failed": 1, "skipped": 0}
    work = {row["episode"]: row for row in said["work"]}
    assert (work["É0"]["step"], work["É0"]["percent"], work["É0"]["status"]) == ("recognise", 45, "working")
    assert work["É0"]["seconds_left"] > 0
    assert work["É1"]["failure"] == "The file x is gone." and work["É1"]["retry_at"] == LATER.isoformat()
    written = io.StringIO()
    print_status(Console(file=written, width=160), settings, database, "en")
    text = written.getvalue()
    assert "1 waiting, 1 under way, 1 failed" in text and "Nothing is working" in text
    assert "45 %" in text and "The file x is gone. Next try:" in text
    database.close()
