"""Feeds as values (FAULTS 24, 28, 29, 34, 35): pairs NAME.rss and NAME.json in `feeds/`, hostile bytes.

`ENTENDU_FUZZ=100000 pytest tests/ingest/test_feeds.py -k mutated` goes on for longer.
"""

import dataclasses
import doctest
import json
import os
import random
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzzing.soundness import SeenTags, check_html
from ingest import errors
from ingest.feeds import raw as feed_bytes
from ingest.feeds import sanitising
from ingest.feeds import values as feed_values
from ingest.feeds.feed import Feed, parse_feed
from ingest.feeds.reading import read_feed
from ingest.feeds.sanitising import clean_html, text_to_html
from ingest.feeds.values import MAX_DURATION_MS, read_date, read_duration, read_title

FOLDER = Path(__file__).parent / "cases"
CASES = sorted(path.stem for path in FOLDER.glob("*.rss"))
URL = "https://radio.test/rss"
FUZZ = int(os.environ.get("ENTENDU_FUZZ", "300"))


def plain(value: Any) -> Any:
    """Turn a value into what JSON holds."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    return value.isoformat() if isinstance(value, datetime) else value


@pytest.mark.parametrize("name", CASES)
def test_feed_reads_as_its_pair_says(name: str) -> None:
    feed = parse_feed((FOLDER / f"{name}.rss").read_bytes(), URL)
    assert plain(feed) == json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def test_reading_in_a_child_gives_the_same() -> None:
    data = (FOLDER / "rich.rss").read_bytes()
    assert read_feed(data, URL) == parse_feed(data, URL)


PAGES = [
    b"<!DOCTYPE html><html><body>Connexion</body></html>",
    b"\n<html lang=fr><head><title>x</title>",
    b'<?xml version="1.0"?>\n<!-- a --><!-- b -->\n<!DOCTYPE html PUBLIC "x" "y"><html><rss></rss></html>',
    "\ufeff<!doctype HTML>".encode(),
    "<!doctype html><p>é</p>".encode("utf-16"),
]
NOT_FEEDS = [
    b'{"version": "https://jsonfeed.org/version/1"}',
    b"[]",
    b"hello",
    b"\x89PNG\r\n\x1a\n" + bytes(99),
    b"\x1f\x8b\x08" + bytes(99),
    b'<?xml version="1.0"?><opml version="1.0"><body/></opml>',
    b"<svg><text>rss</text></svg>",
    b"<?xml version='1.0' encoding='klingon'?><x/>",
    bytes(range(256)) * 40,
    b"<!" * 50_000,
    b"<!--" * 50_000,
    b"<!DOCTYPE x [" + b"<!-- " * 9_000,
    b"<!DOCTYPE " + b'"' * 99_999 + b"<rss>",
]


@pytest.mark.parametrize("data", PAGES)
def test_page_or_login_wall_is_said_to_be_one(data: bytes) -> None:
    with pytest.raises(errors.PageInsteadOfFeedError) as caught:
        parse_feed(data, URL)
    assert URL in caught.value.message.msgid % caught.value.message.values


@pytest.mark.parametrize("data", NOT_FEEDS)
def test_what_is_no_feed_is_refused_quickly(data: bytes) -> None:
    """FAULTS 34."""
    began = time.process_time()
    with pytest.raises(errors.FeedError):
        parse_feed(data, URL)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("data", [b"", b" \n\t", bytes(10)])
def test_nothing_is_an_empty_feed(data: bytes) -> None:
    with pytest.raises(errors.EmptyFeedError):
        parse_feed(data, URL)


LAUGHS = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(12))
DOCTYPES = [
    '<!DOCTYPE rss [<!ENTITY x SYSTEM "file://{secret}">]>',
    '<!DOCTYPE rss [<!ENTITY % p SYSTEM "file://{secret}"> %p; <!ENTITY x "%p;">]>',
    '<!DOCTYPE rss SYSTEM "file://{secret}">',
    '<!DOCTYPE rss [<!ENTITY y "<a>"><!ENTITY x SYSTEM "file://{secret}">]>',
    '<!DOCTYPE rss [<!ENTITY x PUBLIC "-" "file://{secret}" >]>',
    "<!doctype rss [<!-- ']> --><!ENTITY x SYSTEM 'file://{secret}'>]>",
    '<!-- <a> --><!DOCTYPE rss [<!ENTITY x SYSTEM "php://filter/resource={secret}">]>',
    '<!DOCTYPE rss [<!ENTITY l0 "ha">' + LAUGHS + '<!ENTITY x "&l12;">]>',
    '<!DOCTYPE rss [<!ENTITY x "' + "A" * 60_000 + '">]>',
    '<!DOCTYPE rss [<!ENTITY x "&x;">]>',
]
ENCODINGS = ["utf-8", "utf-16", "utf-16-le", "utf-8-sig", "utf-32"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("doctype", DOCTYPES)
def test_entities_are_neither_resolved_nor_expanded(tmp_path: Path, doctype: str, encoding: str) -> None:
    """FAULTS 34."""
    secret = tmp_path / "secret"
    secret.write_text("PASSWORD")
    item = f"<item><title>{'&x;' * 500} fin</title><guid>&x;</guid><description>&x;</description></item>"
    start = '<?xml version="1.0" encoding="utf-16"?>' if "16" in encoding else ""
    text = start + doctype.replace("{secret}", str(secret))
    began = time.process_time()
    try:
        feed = parse_feed(f"{text}<rss version='2.0'><channel>{item}</channel></rss>".encode(encoding), URL)
    except errors.FeedError:
        return
    finally:
        assert time.process_time() - began < 5
    shown = str(feed)
    assert "PASSWORD" not in shown and len(shown) < 20_000 and "AAAA" not in shown and "haha" not in shown


CHANNEL = "<rss><channel><title>L’été</title></channel></rss>"


@pytest.mark.parametrize(
    ("data", "title"),
    [
        (CHANNEL.encode(), "L’été"),
        (("<?xml version='1.0' encoding='utf-16'?>" + CHANNEL).encode("utf-16"), "L’été"),
        (("<?xml version='1.0' encoding='windows-1252'?>" + CHANNEL).encode("cp1252"), "L’été"),
        (("<?xml version='1.0' encoding='utf-8'?>" + CHANNEL).encode("cp1252"), "L’été"),
        (("<?xml version='1.0' encoding='nonsense'?>" + CHANNEL).encode(), "L’été"),
        (b"\n\n  <?xml version='1.0'?><rss><channel><title>Late</title></channel></rss>", "Late"),
        (b"<rss><channel><title>\x0b\x1fa&#xD800;b&#0;c&#x110000;</title></channel></rss>", "abc"),
    ],
)
def test_bad_encodings_are_read_or_refused(data: bytes, title: str) -> None:
    """FAULTS 34."""
    feed = parse_feed(data, URL)
    feed.title.encode("utf-8")
    assert feed.title == title


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("ending", ["", "?>"])
def test_a_first_line_full_of_encodings_is_not_looked_through(encoding: str, ending: str) -> None:
    """FAULTS 35: feedparser took the cube of its length, a quarter of a minute for 64 kB."""
    flood = f"<?xml version='1.0'{ending}" + "encoding='" * 200_000
    read = f"<?xml version='1.0'?>{CHANNEL}".encode(encoding)
    assert parse_feed(read, URL).title == "L’été"
    if ending:
        assert parse_feed((flood + CHANNEL).encode(encoding), URL).title == "L’été"
        return
    with pytest.raises(errors.NotAFeedError):
        parse_feed((flood + CHANNEL).encode(encoding), URL)


def test_podcast_tags_under_another_prefix_are_found() -> None:
    data = b"""<rss version="2.0" xmlns:p="https://podcastindex.org/namespace/1.0"><channel><item><guid>1</guid>
    <p:person>A</p:person><p:person>B</p:person></item></channel></rss>"""
    assert [person.name for person in parse_feed(data, URL).entries[0].persons] == ["A", "B"]


def test_tags_of_live_items_are_not_the_shows() -> None:
    data = b"""<rss version="2.0" xmlns:podcast="https://podcastindex.org/namespace/1.0"><channel>
    <podcast:liveItem><title>Live</title><podcast:person>X</podcast:person></podcast:liveItem>
    <item><guid>1</guid><title>t</title></item></channel></rss>"""
    feed = parse_feed(data, URL)
    assert feed.persons == () and len(feed.entries) == 1 and feed.entries[0].persons == ()


def many(count: int, notes: str = "Des notes.") -> bytes:
    """Make a feed of many entries."""
    items = "".join(
        f"<item><title>Épisode {n}</title><guid>g{n}</guid><pubDate>Tue, 02 Jul 2024 15:30:00 +0200</pubDate>"
        f"<enclosure url='http://radio.test/{n}.mp3' type='audio/mpeg' length='{n + 1}'/>"
        f"<description>{notes}</description></item>"
        for n in range(count)
    )
    return f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode()


def test_ten_thousand_items_are_read_once_each_in_time() -> None:
    """FAULTS 28."""
    feed = read_feed(many(10_000), URL)  # which gives up by itself
    assert len({entry.guid for entry in feed.entries}) == 10_000


def test_ten_megabytes_of_notes_are_read_in_time() -> None:
    """FAULTS 24."""
    notes = (
        "&lt;p&gt;Un &lt;a href=&quot;http://x.test/&quot;&gt;lien&lt;/a&gt; et du texte&lt;/p&gt;\n" * 1_000
    )
    assert len(read_feed(many(110, notes), URL).entries) == 110


def test_feed_that_takes_too_long_is_given_up() -> None:
    """FAULTS 24, 35."""
    with pytest.raises(errors.FeedTooSlowError) as caught:
        read_feed(b"<rss><channel>" + b"<a>x</a>" * 1_800_000, URL, limit_s=1.0)
    assert not caught.value.transient


def test_feed_error_crosses_from_the_child_whole() -> None:
    with pytest.raises(errors.PageInsteadOfFeedError) as caught:
        read_feed(PAGES[0], URL)
    assert caught.value.url == URL and caught.value.message.values["url"] == URL


def test_deep_nesting_is_refused() -> None:
    """FAULTS 35."""
    with pytest.raises(errors.FeedTooComplexError):
        parse_feed(b"<rss><channel>" + b"<a>" * 100_000, URL)


def test_one_bad_entry_is_skipped_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    from ingest.feeds import feed as feeds

    def fail_on_second(raw: Any, tags: Any, url: str) -> Any:
        if raw["id"] == "g1":
            raise ValueError("bad")
        return original(raw, tags, url)

    original = feeds._read_entry
    monkeypatch.setattr(feeds, "_read_entry", fail_on_second)
    feed = parse_feed(many(3), URL)
    assert (len(feed.entries), feed.skipped) == (2, 1)


TOKENS = [
    b"<",
    b">",
    b"&",
    b"]]>",
    b"<![CDATA[",
    b"\0",
    b"\xff\xfe",
    b"&#xD800;",
    b"&#x110000;",
    b"<item>",
    b"</item>",
]
TOKENS += [
    b"<?",
    b"<!DOCTYPE a [",
    b"<!ENTITY x 'y'>",
    b"&x;",
    b"<!--",
    b"xmlns:a='b'",
    b"encoding='utf-7'",
    b"%",
    b"'",
    b'"',
]
TOKENS += [
    b"<svg><a xlink:href='javascript:x'>",
    b"<entry/>",
    b"http://[",
    b"9" * 400,
    b"<enclosure url='",
    b"<title type='xhtml'>",
]
TOKENS += [
    b"<content type='application/octet-stream' mode='base64'>!!!",
    b"<georss:polygon>1 2 x</georss:polygon>",
    b"<a:b>",
]


def mutate(data: bytes, dice: random.Random) -> bytes:
    """Damage a feed in some places."""
    damaged = bytearray(data)
    for _ in range(dice.randint(1, 12)):
        here, length = dice.randrange(len(damaged) + 1), dice.choice((1, 1, 2, 10, 200))
        match dice.randrange(5):
            case 0:
                del damaged[here : here + length]
            case 1:
                damaged[here:here] = dice.choice(TOKENS)
            case 2:
                damaged[here : here + length] = dice.randbytes(min(length, 10))
            case 3:
                damaged[here:here] = damaged[here : here + length * 4] * dice.choice((1, 2, 50))
            case _:
                there = dice.randrange(len(damaged) + 1)
                damaged[here : here + length] = damaged[there : there + length * 2]
    return bytes(damaged)


def check_sane(feed: Feed) -> None:
    """Hold what every feed that is read must hold."""
    json.dumps(plain(feed)).encode("utf-8")
    str(plain(feed)).encode("utf-8")  # no half of a character
    for entry in feed.entries:
        check_html(entry.description_html)
        assert entry.duration_ms is None or 0 < entry.duration_ms <= MAX_DURATION_MS
        for url in (entry.link, entry.image_url, entry.enclosure and entry.enclosure.url):
            assert url is None or url.lower().startswith(("http://", "https://"))


def test_mutated_feeds_are_read_or_refused() -> None:
    """FAULTS 35."""
    originals = [(FOLDER / f"{name}.rss").read_bytes() for name in CASES]
    for seed in range(FUZZ):
        dice = random.Random(seed)
        data = mutate(dice.choice(originals), dice)
        began = time.process_time()
        try:
            check_sane(parse_feed(data, URL))
        except errors.FeedError:
            pass
        except Exception as error:
            raise AssertionError(f"mutation {seed} raised") from error
        assert time.process_time() - began < 10, f"mutation {seed} hung"


DATES = """
0000-00-00 -1 0 99999-99-99 2024-13-01 2024-02-30 2024-07-02T99:99:99Z 1719927000 1e9 NaN null None
1970-01-01T00:00:00Z 0001-01-01T00:00:00+14:00 9999-12-31T23:59:59-14:00 1899-12-30 2024/07/02
02/07/2024 ٢٠٢٤-٠٧-٠٢ 20240702 2024-W27-2 2024-184 T15:30 24:00:00 now() tomorrow
2024-07-02T15:30:00+99:99
"""


@pytest.mark.parametrize("text", DATES.split())
def test_invalid_date_is_none_or_sane(text: str) -> None:
    """FAULTS 29."""
    date = read_date(text)
    assert date is None or 1920 <= date.year <= 2100
    data = f"<rss version='2.0'><channel><item><guid>1</guid><pubDate>{text}</pubDate></item></channel></rss>"
    assert parse_feed(data.encode(), URL).entries[0].published_at == date


@given(st.one_of(st.text(max_size=60), st.from_regex(r"[0-9TZ:+ .,a-zA-Zé-]{1,40}", fullmatch=True)))
def test_any_text_is_a_sane_date_or_none(text: str) -> None:
    """FAULTS 29."""
    date = read_date(text)
    assert date is None or (1920 <= date.year <= 2100 and date.utcoffset() is not None)


@given(
    st.integers(365 * 86_400, 130 * 365 * 86_400).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
)
def test_dates_survive_both_standard_spellings(moment: datetime) -> None:
    for text in (moment.strftime("%a, %d %b %Y %H:%M:%S GMT"), moment.isoformat()):
        assert read_date(text) == moment


@given(st.one_of(st.text(max_size=40), st.from_regex(r"[0-9:hms .,PT-]{1,20}", fullmatch=True)))
def test_any_text_is_a_sane_duration_or_none(text: str) -> None:
    duration = read_duration(text)
    assert duration is None or 0 < duration <= MAX_DURATION_MS


@given(st.integers(1, 100 * 3600 - 1))
def test_durations_survive_their_spellings(seconds: int) -> None:
    hours, rest = divmod(seconds, 3600)
    minutes, last = divmod(rest, 60)
    spellings = [
        f"{hours}:{minutes:02}:{last:02}",
        str(seconds),
        f"PT{hours}H{minutes}M{last}S",
        f"{seconds}.5",
    ]
    spellings += [f"{hours} h {minutes} min {last} s"]
    assert {read_duration(text) for text in spellings} == {seconds * 1000}


@given(st.text(max_size=200))
def test_title_is_one_safe_line(text: str) -> None:
    title = read_title(text)
    assert "\n" not in title and title == title.strip() and len(title) <= 500
    title.encode("utf-8")


PIECES = [
    "<a href='",
    "javascript:x",
    "java\u202escript:x",
    "&#x202e;",
    "'>",
    "<img src=//x.test>",
    "<svg/onload=x>",
    "<",
]
PIECES += [
    "<iframe src=//x.test></iframe>",
    "</p>",
    "<p style='background:url(//x.test)'>",
    "<math><mi>",
    "<!--",
    "-->",
]
PIECES += [
    "<form action=//x>",
    "<meta http-equiv=refresh content='0;//x'>",
    "text",
    "\0",
    "&lt;script&gt;",
    "<base href=//x>",
]


@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_html_loads_nothing_and_runs_nothing(markup: str) -> None:
    """FAULTS 48: what is stored."""
    for clean in (clean_html(markup, URL), text_to_html(markup)):
        seen = SeenTags()
        seen.feed(clean)
        assert seen.names <= {"p", "br", "a"} and seen.attributes <= {"href", "rel"}
        assert all(target.startswith(("http://", "https://")) for target in seen.targets)
        assert clean_html(clean, URL) == clean


@pytest.mark.parametrize("module", [feed_values, feed_bytes, sanitising])
def test_examples_in_docstrings_hold(module: Any) -> None:
    assert doctest.testmod(module).failed == 0
