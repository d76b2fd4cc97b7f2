"""What follows the change log beside a worker or the pages: the index, and the volunteers' queue.

Each in a thread of its own, so that no survey, of half a second an episode, holds back the index,
in which whoever saved a turn looks for it. At the end of `work --once` both go on to the end of
the log; told to stop, the index follows once more, and nothing is surveyed: somebody waits.
"""

import logging
import threading
import time
from datetime import UTC, datetime, timedelta

from media.database import Database
from media.errors import EntenduError
from media.settings import Settings
from media.volunteering import survey
from search.following import LOOK_EVERY_S, Follower, rest_after

SURVEY_EVERY_S = 3.0  # how often, at most, episodes are surveyed
SURVEYED_AT_ONCE = 2  # episodes, of half a second each

log = logging.getLogger("entendu")


def follow_changes(
    settings: Settings, database: Database, stop: threading.Event, ended: threading.Event | None = None
) -> None:
    """Keep this machine's index in line with the catalogue, and survey what changed, until the end."""
    ended = ended or stop
    surveying = threading.Thread(target=_survey, args=(database, stop, ended), daemon=True)
    surveying.start()
    follower = Follower(settings, database)
    rest_s = LOOK_EVERY_S
    while not ended.wait(rest_s):
        began = time.monotonic()
        _follow(follower)
        rest_s = rest_after(time.monotonic() - began)
    _follow(follower)
    surveying.join()


def _follow(follower: Follower) -> None:
    try:
        follower.go_round()
    except EntenduError as error:
        log.warning("the index does not follow: %s", error)


def _survey(database: Database, stop: threading.Event, ended: threading.Event) -> None:
    while not ended.wait(SURVEY_EVERY_S):
        _survey_some(database, survey.QUIET)
    while not stop.is_set() and _survey_some(database, survey.AT_ONCE):
        pass


def _survey_some(database: Database, quiet: timedelta) -> bool:
    """Survey a few episodes that have been `quiet`; True where there may be more."""
    try:
        return survey.follow_changes(database, datetime.now(UTC), SURVEYED_AT_ONCE, quiet) > 0
    except EntenduError as error:
        log.warning("the queue of doubts does not follow: %s", error)
    except Exception:  # one episode that cannot be surveyed keeps none from being indexed
        log.exception("the queue of doubts does not follow")
    return False
