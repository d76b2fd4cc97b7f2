"""What a feed means for a show (FAULTS 28 to 32)."""

import dataclasses
import doctest
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ingest.feeds import decisions
from ingest.feeds.decisions import Ignore, IgnoreReason, Intent, New, Same, Update, decide, moved_feed
from ingest.feeds.feed import Enclosure, Entry, Feed

NOW = datetime(2024, 7, 10, tzinfo=UTC)
DAY = datetime(2024, 7, 2, 13, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Episode:
    """A known episode, as the catalogue would hold it."""

    id: int
    guid: str
    title: str = "Titre"
    description: str = "<p>Notes</p>"
    link: str | None = "https://radio.test/e"
    published_at: datetime | None = DAY
    enclosure_url: str | None = "https://radio.test/a.mp3"


def entry(guid: str | None = "g", url: str | None = "https://radio.test/a.mp3", **fields: object) -> Entry:
    values: dict[str, object] = {
        "guid": guid,
        "title": "Titre",
        "description_html": "<p>Notes</p>",
        "published_at": DAY,
        "enclosure": Enclosure(url, "audio/mpeg", None) if url else None,
        "duration_ms": None,
        "link": "https://radio.test/e",
        "image_url": None,
        "chapters_url": None,
        "transcripts": (),
        "persons": (),
        "season": None,
        "number": None,
        "explicit": None,
        **fields,
    }
    return Entry(**values)  # type: ignore[arg-type]


def feed(*entries: Entry) -> Feed:
    nothing = dict.fromkeys(field.name for field in dataclasses.fields(Feed))
    return Feed(**{**nothing, "title": "T", "entries": entries, "persons": (), "skipped": 0})  # type: ignore[arg-type]


def keep(known: list[Episode], intents: tuple[Intent, ...]) -> list[Episode]:
    """Do what a caller does with intents."""
    kept = {episode.id: episode for episode in known}
    for intent in intents:
        if isinstance(intent, New):
            number = len(kept) + 1
            assert intent.guid not in {episode.guid for episode in kept.values()}
            enclosure = intent.entry.enclosure
            kept[number] = Episode(
                number,
                intent.guid,
                intent.entry.title,
                intent.entry.description_html,
                intent.entry.link,
                intent.published_at,
                enclosure.url if enclosure else None,
            )
        elif isinstance(intent, Update):
            kept[intent.episode_id] = dataclasses.replace(kept[intent.episode_id], **intent.changes)  # type: ignore[arg-type]
    assert len({episode.guid for episode in kept.values()}) == len(kept)
    return list(kept.values())


def test_unknown_entry_is_new_under_its_guid() -> None:
    (intent,) = decide([], feed(entry()), NOW)
    assert isinstance(intent, New) and (intent.guid, intent.published_at, intent.seen_at) == ("g", DAY, NOW)


def test_known_entry_is_the_same() -> None:
    assert decide([Episode(1, "g")], feed(entry()), NOW) == (Same(1),)


def test_changed_fields_are_named_with_their_new_values() -> None:
    changed = entry(title="Neuf", description_html="<p>Neuf</p>")
    (intent,) = decide([Episode(1, "g")], feed(changed), NOW)
    assert intent == Update(1, changed, {"title": "Neuf", "description": "<p>Neuf</p>"})


def test_what_a_feed_no_longer_says_is_kept() -> None:
    bare = entry(title="", description_html="", published_at=None, link=None)
    assert decide([Episode(1, "g")], feed(bare), NOW) == (Same(1),)


def test_entry_without_guid_uses_enclosure_url() -> None:
    (intent,) = decide([], feed(entry(None)), NOW)
    assert isinstance(intent, New) and intent.guid == "https://radio.test/a.mp3"
    known = keep([], (intent,))
    assert decide(known, feed(entry(None)), NOW) == (Same(1),)


def test_changed_enclosure_url_is_an_update_and_no_new_episode() -> None:
    (intent,) = decide([Episode(1, "g")], feed(entry(url="https://cdn.test/b.mp3")), NOW)
    assert isinstance(intent, Update) and intent.changes == {"enclosure_url": "https://cdn.test/b.mp3"}


def test_entry_without_enclosure_is_ignored_with_its_reason() -> None:
    (intent,) = decide([], feed(entry(url=None)), NOW)
    assert isinstance(intent, Ignore) and intent.reason is IgnoreReason.NO_ENCLOSURE


def test_enclosure_that_is_said_not_to_be_audio_is_ignored() -> None:
    kinds = ["image/png", "application/pdf", "text/html"]
    entries = [entry(enclosure=Enclosure("https://radio.test/x", kind, None)) for kind in kinds]
    entries.append(entry(enclosure=Enclosure("https://radio.test/x.PDF", None, None)))
    assert {i.reason for i in decide([], feed(*entries), NOW) if isinstance(i, Ignore)} == {
        IgnoreReason.NOT_AUDIO
    }


def test_enclosure_of_doubtful_type_is_left_to_be_sniffed() -> None:
    kinds = ["application/octet-stream", None, "video/mp4", "audio/x-wrong", "application/ogg"]
    for kind in kinds:
        (intent,) = decide([], feed(entry(enclosure=Enclosure("https://radio.test/x", kind, None))), NOW)
        assert isinstance(intent, New)


def test_entry_announced_twice_is_one_episode() -> None:
    """FAULTS 30."""
    first, second = decide([], feed(entry(), entry()), NOW)
    assert isinstance(first, New) and isinstance(second, Ignore)
    assert second.reason is IgnoreReason.DUPLICATE


def test_shared_guid_with_different_audio_is_kept_apart_for_good() -> None:
    """FAULTS 30."""
    announced = feed(entry(), entry(url="https://radio.test/b.mp3", title="Autre"))
    known = keep([], decide([], announced, NOW))
    assert len(known) == 2
    assert decide(known, announced, NOW) == (Same(1), Same(2))
    assert decide(known, feed(announced.entries[1]), NOW) == (Same(2),)


def test_guid_that_a_feed_reuses_for_each_episode_does_not_overwrite() -> None:
    """FAULTS 30."""
    tomorrow = entry(url="https://radio.test/b.mp3", title="Demain", published_at=DAY + timedelta(days=7))
    (intent,) = decide([Episode(1, "g")], feed(tomorrow), NOW)
    assert isinstance(intent, New) and intent.guid != "g"


def test_republished_under_a_new_guid_is_the_same_episode() -> None:
    """FAULTS 31."""
    (intent,) = decide([Episode(1, "g")], feed(entry("neuf", url="http://www.radio.test/a.mp3")), NOW)
    assert isinstance(intent, Update) and intent.changes["guid"] == "neuf"


def test_guid_of_another_episode_is_not_taken() -> None:
    """FAULTS 31."""
    known = [Episode(1, "a"), Episode(2, "b", "Autre", enclosure_url="https://radio.test/b.mp3")]
    swapped = feed(entry("b"), entry("a", url="https://radio.test/b.mp3", title="Autre"))
    assert len(keep(known, decide(known, swapped, NOW))) == 2


def test_known_guid_wins_over_another_guid_for_the_same_audio() -> None:
    known = [Episode(1, "g")]
    first, second = decide(known, feed(entry("other"), entry("g")), NOW)
    assert isinstance(first, Ignore) and second == Same(1)


def test_undated_entry_is_new_without_date_and_with_first_seen() -> None:
    """FAULTS 29."""
    (intent,) = decide([], feed(entry(published_at=None)), NOW)
    assert isinstance(intent, New) and (intent.published_at, intent.seen_at) == (None, NOW)


def test_date_far_in_the_future_is_no_date() -> None:
    """FAULTS 29."""
    (intent,) = decide([], feed(entry(published_at=NOW + timedelta(days=400))), NOW)
    assert isinstance(intent, New) and intent.published_at is None


def test_episode_no_longer_announced_is_left_alone() -> None:
    assert decide([Episode(1, "g")], feed(), NOW) == ()


def test_moved_feed_keeps_its_episodes() -> None:
    """FAULTS 32."""
    moved = feed(entry(url="https://radio.test/a.mp3"))
    assert decide([Episode(1, "g", enclosure_url="http://radio.test:80/a.mp3")], moved, NOW) == (
        Update(1, moved.entries[0], {"enclosure_url": "https://radio.test/a.mp3"}),
    )
    assert moved_feed("http://a.test/", "http://b.test/", None) == "http://b.test/"
    assert moved_feed("http://a.test/", "http://b.test/", "http://c.test/") == "http://c.test/"
    assert moved_feed("http://a.test/", None, None) is None


def test_long_guid_fits_a_database_index() -> None:
    (intent,) = decide([], feed(entry("é" * 2_000)), NOW)
    assert isinstance(intent, New) and len(intent.guid) <= 500
    assert decide(keep([], (intent,)), feed(entry("é" * 2_000)), NOW) == (Same(1),)


def test_ten_thousand_items_are_decided_in_time() -> None:
    """FAULTS 28."""
    entries = [entry(f"g{n}", f"https://radio.test/{n}.mp3") for n in range(10_000)]
    began = time.process_time()
    known = keep([], decide([], feed(*entries), NOW))
    assert all(isinstance(intent, Same) for intent in decide(known, feed(*entries), NOW))
    assert len(known) == 10_000 and time.process_time() - began < 10


ENTRIES = st.builds(
    entry,
    guid=st.sampled_from([None, "a", "b", "c"]),
    url=st.sampled_from([None, *(f"https://radio.test/{name}.mp3" for name in "abc")]),
    title=st.sampled_from(["", "Un", "Deux"]),
    published_at=st.sampled_from([None, DAY, DAY + timedelta(days=1)]),
)


@given(st.lists(st.lists(ENTRIES, max_size=5), max_size=4))
def test_reading_a_feed_again_changes_nothing_more(polls: list[list[Entry]]) -> None:
    """FAULTS 30, 31: guids stay unique, no audio has two episodes of one poll, and polls settle."""
    known: list[Episode] = []
    for entries in polls:
        known = keep(known, decide(known, feed(*entries), NOW))
    if polls:
        again = decide(known, feed(*polls[-1]), NOW)
        assert not any(isinstance(intent, New) for intent in again)


def test_examples_in_docstrings_hold() -> None:
    assert doctest.testmod(decisions).failed == 0
