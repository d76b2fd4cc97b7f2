"""The operator's page says what needs a hand, in words, and looks as every page does."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from media.changes import Lag
from media.episodes import EpisodeStatus
from media.nodes import record_node
from media.pace import Amount, FeedStates
from media.workers import Worker, WorkerCard, WorkerState, keep_beating
from search.standing import IndexStanding
from tests.web.conftest import PASSWORD
from tests.web.test_accessibility import LOOKS, breaches
from web.watching.state import Disk, State, list_needs

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CARD = WorkerCard("orge-0-5f3a", "orge", "place", "0.1", 2, 2, 2_000)
WELL = State(
    counted={status: Amount(0, 0) for status in EpisodeStatus},
    periods=[],
    causes=[],
    feeds=FeedStates(3, 0, 1, NOW),
    workers=[Worker(CARD, 9, WorkerState.WORKING, NOW, NOW, None)],
    alive=frozenset({CARD.name}),
    working=[],
    nodes=[],
    newest=4,
    index=IndexStanding(4, Lag(4, 0, None), None, is_damaged=False),
    disk=Disk(80.0, 100),
)
WAITING = {**WELL.counted, EpisodeStatus.WAITING: Amount(1, 0)}


def late(minutes: int, followed: int = 3) -> IndexStanding:
    return IndexStanding(followed, Lag(4, 1, NOW - timedelta(minutes=minutes)), None, is_damaged=False)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (WELL, None),
        (replace(WELL, counted=WAITING), None),
        (replace(WELL, counted=WAITING, alive=frozenset()), "no worker takes any"),
        (replace(WELL, workers=[], alive=frozenset()), None),
        (replace(WELL, index=late(0)), None),
        (replace(WELL, index=late(5)), "5 minutes late"),
        (replace(WELL, index=late(5, followed=-1)), "no index yet"),
        (replace(WELL, disk=Disk(1.5, 100)), "1.5 GiB are left"),
        (replace(WELL, disk=None), "Check the disk"),
        (replace(WELL, feeds=FeedStates(1, 2, 0, None)), "cannot be read: 2"),
        (replace(WELL, feeds=FeedStates(1, 0, 0, NOW - timedelta(hours=3))), "are not read"),
        (replace(WELL, counted={**WELL.counted, EpisodeStatus.FAILED: Amount(4, 0)}), "stand failed: 4"),
    ],
)
def test_what_needs_a_hand_is_said_and_nothing_else(state: State, said: str | None) -> None:
    needs = [need.msgid % dict(need.values) for need in list_needs(state, NOW)]
    assert len(needs) == (said is not None)
    assert all(said in need for need in needs if said)


def sign_in(client: TestClient, login: str) -> None:
    form = re.search(r'name="form_token" value="([^"]+)"', client.get("/login").text)
    assert form is not None
    client.post("/login", data={"form_token": form[1], "login": login, "password": PASSWORD})


def test_the_page_is_for_administrators(own_client: TestClient) -> None:
    assert own_client.get("/admin/state").headers["location"] == "/login?next=/admin/state"
    sign_in(own_client, "voisin")
    assert own_client.get("/admin/state").status_code == 403


def test_the_page_tells_how_the_service_stands(own_client: TestClient, own_archive: Any) -> None:
    now = datetime.now(UTC)
    with own_archive.database.write() as connection:
        keep_beating(connection, CARD, WorkerState.WORKING, now)
        keep_beating(connection, replace(CARD, name="seigle-0-1"), WorkerState.DRAINED, now)
        record_node(connection, "orge-1", 0, None, now)
        record_node(connection, "seigle-1", -1, 42, now)
    sign_in(own_client, own_archive.login)
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", own_client.get("/admin/state").text))
    for said in (
        "As of",
        "Episodes that stand failed: 1.",
        "There is no file “panne.mp3” here. about to begin 1",
        "the last 24 hours 0 0 0",
        "orge orge-0-5f3a silent; last seen",
        "drained: it may be stopped",
        "being built, 42%",
        "holds every change",
        "GiB free of",
    ):
        assert said in text, said


@pytest.mark.slow
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: "-".join(map(str, look)))
def test_the_page_has_no_breach_of_accessibility(
    browser: Browser, home: Any, look: tuple[str, Any, int]
) -> None:
    locale, scheme, width = look
    with home.database.write() as connection:
        keep_beating(connection, CARD, WorkerState.WORKING, datetime.now(UTC))
        record_node(connection, "orge-1", 0, None, datetime.now(UTC))
    context = browser.new_context(
        base_url=home.settings.site_url,
        locale=locale,
        color_scheme=scheme,
        viewport={"width": width, "height": 800},
        bypass_csp=True,
    )
    page = context.new_page()
    page.goto("/login?next=/admin/state")
    page.fill("[name=login]", home.login)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/admin/state")
    assert breaches(page) == []
    for narrow in (320, width):
        page.set_viewport_size({"width": narrow, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    context.close()
