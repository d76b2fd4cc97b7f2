"""What is worked out from the whole archive is worked out when it changed, by one thread."""

import threading
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from media.changes import last_change, log_change
from media.database import Database
from web.kept import KeptUntilChange

WAIT_S = 60.0


def test_an_answer_is_worked_out_once_a_change_and_nobody_waits_for_another(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'catalogue.sqlite'}")
    database.upgrade()
    begun, go_on = threading.Event(), threading.Event()
    worked: list[int] = []

    def work_out(connection: Connection) -> int:
        worked.append(last_change(connection))
        if len(worked) == 2:
            begun.set()
            assert go_on.wait(WAIT_S)
        return worked[-1]

    kept = KeptUntilChange(work_out)

    def read() -> int:
        with database.read() as connection:
            return kept.read(connection)

    assert (read(), read(), worked) == (0, 0, [0])
    with database.write() as connection:  # as another machine would
        log_change(connection, 1, datetime(2026, 3, 1, tzinfo=UTC))
    slow = threading.Thread(target=read)
    slow.start()
    assert begun.wait(WAIT_S)
    assert read() == 0  # the answer before, at once
    go_on.set()
    slow.join(WAIT_S)
    assert (read(), worked) == (1, [0, 1])
    database.close()
