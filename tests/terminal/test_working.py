"""What runs beside a worker: the index and the survey follow the change log, and neither stops the other."""

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import terminal.following
from media.correction.acts import save_text
from media.correction.authors import Author
from media.database import Database, open_database
from media.errors import DatabaseError
from media.settings import Settings
from media.shows import add_show
from media.transcripts import list_turns
from media.volunteering import survey
from media.volunteering.queue import count_doubts
from media.volunteering.rarity import count_surveyed
from search import SearchRequest, open_index
from search.following import Follower
from terminal.following import follow_changes
from tests.ingest.test_bad_input import entendu
from tests.media.volunteering.conftest import add_episode, turn

EPISODES = 3
WAIT_S = 60


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A small archive that nothing has read yet, changed just now."""
    settings = Settings(data=tmp_path)
    database = open_database(settings)
    now = datetime.now(UTC)
    with database.write() as connection:
        show = add_show(connection, "Place du Marché", now, terms=["Valbrune"]).id
        for number in range(EPISODES):
            add_episode(
                connection, show, f"N° {number}", [turn("Bienvenue à *Valbrunne* en *2019* ensemble.")]
            )
        held = list_turns(connection, 1)[0]
        save_text(connection, held.id, held.version, f"{held.turn.text} Merci.", Author(None, "Anne"), now)
    database.close()
    return settings


def count_left(database: Database) -> tuple[int, int, int]:
    """Count the episodes that are to be surveyed, those that were, and the doubts found."""
    with database.read() as connection:
        stale = survey.list_stale(connection, 100)
        return len(stale), count_surveyed(connection), count_doubts(connection)


def ended() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


def test_work_once_leaves_no_stale_episode(settings: Settings) -> None:
    result = entendu(settings.data, "work", "--once")
    assert result.returncode == 0 and "WARNING" not in result.stderr and "Traceback" not in result.stderr
    database = open_database(settings)
    stale, surveyed, doubts = count_left(database)
    assert (stale, surveyed) == (0, EPISODES) and doubts > 0
    database.close()


def test_when_the_work_ends_all_is_indexed_and_surveyed(settings: Settings) -> None:
    database = open_database(settings)
    follow_changes(settings, database, threading.Event(), ended())
    assert count_left(database)[:2] == (0, EPISODES)
    assert open_index(settings, database).search(SearchRequest("bienvenue")).total
    database.close()


def test_told_to_stop_it_indexes_and_surveys_nothing(settings: Settings) -> None:
    database = open_database(settings)
    follow_changes(settings, database, ended())
    assert count_left(database) == (0, 0, 0)
    assert open_index(settings, database).search(SearchRequest("bienvenue")).total
    follow_changes(settings, database, ended(), ended())  # Ctrl-C once the work had ended
    assert count_left(database) == (0, 0, 0)
    database.close()


@pytest.mark.parametrize(
    "failure", [ValueError("a word"), DatabaseError("locked", path="catalogue", reason="locked")]
)
def test_a_survey_that_fails_is_logged_and_the_index_goes_on(
    settings: Settings, failure: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stop, tries = threading.Event(), list[int]()

    def fail(*_: Any) -> int:
        tries.append(1)
        if len(tries) > 2:
            stop.set()
        raise failure

    monkeypatch.setattr(terminal.following, "SURVEY_EVERY_S", 0.01)
    monkeypatch.setattr(survey, "follow_changes", fail)
    database = open_database(settings)
    follower = threading.Thread(target=follow_changes, args=(settings, database, stop), daemon=True)
    follower.start()
    follower.join(WAIT_S)
    assert not follower.is_alive()
    assert len(tries) == 3
    assert open_index(settings, database).search(SearchRequest("bienvenue")).total
    assert "the queue of doubts does not follow" in caplog.text
    database.close()


def test_an_index_that_fails_keeps_nothing_from_being_surveyed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise DatabaseError("full", path="index", reason="full")

    monkeypatch.setattr(Follower, "go_round", fail)
    database = open_database(settings)
    follow_changes(settings, database, threading.Event(), ended())
    assert count_left(database)[:2] == (0, EPISODES)
    database.close()
