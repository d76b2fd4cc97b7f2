"""Which copy of an index may be taken, and who makes the next."""

from datetime import UTC, datetime, timedelta

from media.database import Database
from media.index_offers import Offer, claim_offering, find_offer, list_offered, record_offer

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OURS = "new"


def test_offers_of_another_version_are_let_be_and_then_forgotten(database: Database):
    def make(version: str, days: int) -> Offer:
        return Offer(version, f"{days:064}", 1, days, NOW + timedelta(days=days))

    with database.write() as connection:
        assert claim_offering(connection, "old", NOW)
        assert not claim_offering(connection, "old", NOW + timedelta(minutes=59))
        assert claim_offering(connection, "old", NOW + timedelta(minutes=61))  # the other went away
        assert record_offer(connection, make("old", 1)) == []
        assert record_offer(connection, make(OURS, 2)) == []
        assert find_offer(connection, "old") == make("old", 1)
        assert record_offer(connection, make(OURS, 40)) == [f"{1:064}", f"{2:064}"]
        assert find_offer(connection, "old") is None
        assert list_offered(connection) == [f"{40:064}"]
