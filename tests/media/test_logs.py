"""A line says what it belongs to, is one line, and holds no key to anything."""

import io
import json
import logging
import threading
from collections.abc import Callable

import pytest

from media.logs import JsonLines, TextLines, _Belonging, belonging, mask_secrets

Lines = Callable[[logging.Formatter], list[str]]


@pytest.fixture
def written() -> tuple[logging.Logger, Lines]:
    """A logger of one's own, and what it has written by a formatter."""
    log, stream = logging.Logger("entendu.test"), io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(_Belonging())
    log.addHandler(handler)

    def lines(formatter: logging.Formatter) -> list[str]:
        handler.setFormatter(formatter)
        stream.seek(0)
        stream.truncate()
        with belonging(request="4f2a"):
            log.warning("the title is %s", "Une\nligne\r\n2026-01-01 ERROR forged\u2028 password=hunter2")
            with belonging(episode=12):
                try:
                    raise ValueError("smtps://radio:hunter2@mail.example\n2026-01-01 ERROR forged")
                except ValueError:
                    log.exception("it failed")
        log.info("alone")
        return stream.getvalue().split("\n")[:-1]

    return log, lines


def test_a_line_for_people_is_one_line_whatever_it_quotes(written: tuple[logging.Logger, Lines]) -> None:
    lines = written[1](TextLines())
    assert "hunter2" not in "".join(lines)
    assert lines[0].endswith(r"Une\nligne\r\n2026-01-01 ERROR forged\u2028 password=… [request=4f2a]")
    assert lines[1].endswith("it failed [request=4f2a episode=12]")
    assert lines[-1].endswith("INFO entendu.test: alone")
    assert all(line.startswith("    ") for line in lines[2:-1])


def test_a_line_for_programs_is_one_document(written: tuple[logging.Logger, Lines]) -> None:
    documents = [json.loads(line) for line in written[1](JsonLines())]
    assert [document.get("request") for document in documents] == ["4f2a", "4f2a", None]
    assert [document.get("episode") for document in documents] == [None, 12, None]
    assert documents[0]["level"] == "warning"
    assert "forged" in documents[0]["message"]
    assert "Traceback" in documents[1]["error"]
    assert "hunter2" not in str(documents)


def test_another_thread_belongs_to_nothing() -> None:
    seen = []
    with belonging(request="4f2a"):
        record = logging.LogRecord("a", logging.INFO, "", 0, "", (), None)
        thread = threading.Thread(target=lambda: seen.append(_Belonging().filter(record)))
        thread.start()
        thread.join()
    assert seen == [True]
    assert vars(record)["belonging"] == {}


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        (
            "postgresql+psycopg://entendu:s3cret@host/entendu refused",
            "postgresql+psycopg://entendu:…@host/entendu refused",
        ),
        ("https://:key@host/a", "https://:…@host/a"),
        ("GET https://host/feed?token=abc&page=2", "GET https://host/feed?token=…&page=2"),
        ("{'password': 'hunter2', 'login': 'a'}", "{'password': '…', 'login': 'a'}"),
        ("Authorization: Bearer abc", "Authorization: …"),
        ("/invitation/AbC-_9 is gone", "/invitation/… is gone"),
        ("https://host/emission@home", "https://host/emission@home"),
        ("à 12:30 le mot de passe", "à 12:30 le mot de passe"),
    ],
)
def test_what_opens_a_door_is_masked(line: str, masked: str) -> None:
    assert mask_secrets(line) == masked
