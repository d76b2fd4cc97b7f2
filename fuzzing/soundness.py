"""What holds of whatever was read, however damaged it came: nothing runs, nothing is beyond its bounds."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from itertools import pairwise

from ingest.feeds.decisions import MAX_FUTURE, New, decide
from ingest.feeds.feed import Feed
from ingest.feeds.values import MAX_DURATION_MS
from media.texts.values import UNPLACED, BlockKind, ReadText, turns_of
from media.transcript import Chapter

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
RUNNING = {
    "script",
    "img",
    "iframe",
    "svg",
    "form",
    "style",
    "input",
    "object",
    "embed",
    "link",
    "meta",
    "base",
}
LINKS = ("http://", "https://", "mailto:")
BETWEEN = "\ufeff\x00 \t\r\n\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u2028\u2029"


@dataclass(frozen=True, slots=True)
class Held:
    """An episode as the catalogue holds it after a feed was read."""

    id: int
    guid: str
    title: str
    description: str
    link: str | None
    published_at: datetime | None
    enclosure_url: str | None


class SeenTags(HTMLParser):
    """What a browser would act on."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.targets += [value or "" for name, value in attrs if name == "href"]


def check_html(markup: str) -> None:
    """Hold that HTML neither runs nor loads anything."""
    seen = SeenTags()
    seen.feed(markup)
    assert not seen.names & RUNNING, seen.names & RUNNING
    assert seen.attributes <= {"href", "rel", "lang"}, seen.attributes
    assert all(target.startswith(LINKS) for target in seen.targets), seen.targets


def check_texts(texts: Iterable[str | None]) -> None:
    """Hold that texts can be kept and sent: whole characters, none that hides or ends a line of a header."""
    for text in texts:
        if text is not None:
            text.encode("utf-8")
            assert not set(text) & set("\0\x1b\u202e\u2066"), text[:80]


def check_addresses(addresses: Iterable[str | None]) -> None:
    """Hold that addresses are of the web."""
    for address in addresses:
        assert address is None or address.lower().startswith(("http://", "https://")), address[:80]


def check_feed(feed: Feed) -> None:
    """Hold what every feed that is read holds, and that its episodes are decided once."""
    check_html(feed.description_html)
    check_addresses((feed.site_url, feed.image_url, feed.new_url))
    check_texts(
        (feed.title, feed.author, feed.language, feed.guid, *(person.name for person in feed.persons))
    )
    for entry in feed.entries:
        check_html(entry.description_html)
        check_texts((entry.title, entry.guid, *(person.name for person in entry.persons)))
        check_addresses((entry.link, entry.image_url, entry.chapters_url))
        check_addresses(link.url for link in entry.transcripts)
        check_addresses((entry.enclosure.url if entry.enclosure else None,))
        assert entry.duration_ms is None or 0 < entry.duration_ms <= MAX_DURATION_MS
    _check_decisions(feed)


def _check_decisions(feed: Feed) -> None:
    new = [intent for intent in decide([], feed, NOW) if isinstance(intent, New)]
    assert len({intent.guid for intent in new}) == len(new), "two episodes under one guid"
    held = []
    for number, intent in enumerate(new, 1):
        entry, date = intent.entry, intent.published_at
        assert date is None or date <= NOW + MAX_FUTURE + timedelta(seconds=1)
        url = entry.enclosure.url if entry.enclosure else None
        held.append(Held(number, intent.guid, entry.title, entry.description_html, entry.link, date, url))
    again = decide(held, feed, NOW)
    assert not any(isinstance(intent, New) for intent in again), "an episode is new twice"


def check_text(found: ReadText) -> None:
    """Hold what every reading of a document holds: blocks in order, words inside them, no word lost."""
    at = 0
    for block in found.blocks:
        if found.format not in UNPLACED:
            assert at <= block.begin <= block.end <= len(found.text)
            assert not found.text[at : block.begin].strip(BETWEEN)
            at = block.end
            assert all(block.begin <= word.begin < word.end <= block.end for word in block.words)
        assert block.kind is BlockKind.SPEECH or not block.words
    said = [word.text for turn in turns_of(found).turns for word in turn.words]
    assert said == [word.text for block in found.blocks for word in block.words]


def check_chapters(chapters: list[Chapter]) -> None:
    """Hold that chapters have titles and stand in order of time."""
    check_texts(chapter.title for chapter in chapters)
    assert all(chapter.title and (chapter.start_ms or 0) >= 0 for chapter in chapters)
    assert all((one.start_ms or 0) <= (next_one.start_ms or 0) for one, next_one in pairwise(chapters))
