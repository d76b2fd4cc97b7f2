"""What is kept in memory is never stale and never too much."""

from datetime import UTC, datetime
from typing import Any

import pytest

from media.episodes import get_episode
from media.transcripts import list_turns, name_voice
from web import shelf
from web.shelf import Shelf


def test_turns_are_read_once_for_a_revision_and_again_for_the_next(own_archive: Any) -> None:
    held = Shelf()
    with own_archive.database.write() as connection:
        before = get_episode(connection, own_archive.talk)
        turns = held.list_turns(connection, before)
        assert turns == list_turns(connection, own_archive.talk)
        assert held.list_turns(connection, before) is turns
        name_voice(connection, own_archive.talk, 2, "Samira Benali", datetime.now(UTC))
        after = held.list_turns(connection, get_episode(connection, own_archive.talk))
    assert {turn.voice.name for turn in after if turn.voice and turn.voice.number == 2} == {"Samira Benali"}


def test_the_longest_unread_goes_first(own_archive: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "MAX_WORDS", 150)
    held = Shelf()
    with own_archive.database.read() as connection:
        text, talk = (get_episode(connection, number) for number in (own_archive.text, own_archive.talk))
        turns = held.list_turns(connection, text)
        held.list_turns(connection, talk)
        assert held.list_turns(connection, text) is not turns
    assert len(held._held) == 1
