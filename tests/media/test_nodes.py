"""How far each machine's index is, as any other sees it."""

from datetime import UTC, datetime, timedelta

from media.database import Database
from media.nodes import list_nodes, record_node

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_machine_is_told_of_until_it_has_been_silent_for_a_day(database: Database) -> None:
    with database.write() as connection:
        record_node(connection, "a", -1, 40, NOW)
        record_node(connection, "a", 12, None, NOW + timedelta(seconds=5))
        record_node(connection, "b", 11, None, NOW + timedelta(hours=23))
        held = [(node.name, node.beats, node.followed, node.percent) for node in list_nodes(connection)]
        assert held == [("a", 2, 12, None), ("b", 1, 11, None)]
        record_node(connection, "c", 12, None, NOW + timedelta(hours=25))
        assert [node.name for node in list_nodes(connection)] == ["b", "c"]
