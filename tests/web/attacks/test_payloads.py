"""Hostile texts in every column of the catalogue that holds text, on every page, feed, file and answer.

FAULTS 48. A column or a route that is added tomorrow is hostile tomorrow. What a browser makes of
each answer is told by a browser: its parser, over every element and attribute.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import Text, update

from ingest.feeds.sanitising import clean_html
from media import schema
from media.people.accounts import Role
from media.transcript import Word, pack_words
from search.indexing import sync_index
from tests.web.attacks.payloads import PAYLOADS, WORDS
from tests.web.attacks.rules import who_may
from tests.web.attacks.walking import walk
from tests.web.attacks.whole import Whole, make_whole

pytestmark = pytest.mark.slow

ALL = " ".join(PAYLOADS)
HTML, XML = (
    "text/html",
    ("application/atom+xml", "application/rss+xml", "application/xml", "text/xml", "text/x-opml"),
)
# Not what somebody wrote: read by the program as something else than words.
MACHINE_S = {
    "account.password_hash",
    "turn.words",  # packed: made hostile word by word, below
    "turn_version.words",
    "withdrawal.words",
    "doubt.words",
    "machine_transcript.source",
    "speaker.name",  # two of one show are never the same: below
    "show.feed_url",  # the same
    "episode.guid",
    "show.description",  # HTML, sanitised as the last step before storage: below
    "episode.description",
}
LOOK = """(text) => {
  const page = new DOMParser().parseFromString(text, "text/html"), wrong = [];
  const look = (root) => {
    for (const element of root.querySelectorAll("*")) {
      const name = element.localName;
      const data = element.getAttribute("type") === "application/ld+json";
      if (name === "script" && !element.hasAttribute("src") && !data) wrong.push(element.outerHTML);
      if (/^(object|embed|base|frame|frameset|applet|math|marquee|keygen)$/.test(name)) wrong.push(name);
      if (name === "style" && element.textContent.includes("hit")) wrong.push("a style");
      for (const {name: key, value} of element.attributes) {
        if (key.startsWith("on") || key === "srcdoc") wrong.push(`${name} ${key}=${value}`.slice(0, 200));
        if (/^(href|src|action|formaction|xlink:href|data|poster|cite|ping|to|content)$/.test(key)) {
          const bare = value.replace(/[\\u0000-\\u0020]/g, "").toLowerCase();
          if (/^(javascript|vbscript|data|feed|jar|view-source):/.test(bare) && key !== "content")
            wrong.push(`${name} ${key}=${value}`.slice(0, 200));
        }
      }
      const told = element.getAttribute("http-equiv") ?? "content-security-policy";
      if (name === "meta" && told.toLowerCase() !== "content-security-policy") wrong.push(element.outerHTML);
      if (name === "template") look(element.content);
    }
  };
  look(page);
  return wrong;
}"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, sound: Path) -> Iterator[Whole]:
    """An archive whose every text is hostile."""
    held = make_whole(tmp_path_factory.mktemp("hostile"), sound)
    database = held.archive.database
    with database.write() as connection:
        for table in schema.metadata.sorted_tables:
            for column in table.c:
                if isinstance(column.type, Text) and f"{table.name}.{column.name}" not in MACHINE_S:
                    connection.execute(update(table).values({column.name: ALL}))
        spoken = pack_words([Word(word, 9_000 + n, 9_001 + n) for n, word in enumerate(WORDS)])
        for words in (schema.turn, schema.metadata.tables["turn_version"]):
            turn = words.c.turn_id if "turn_id" in words.c else words.c.id
            connection.execute(update(words).where(turn == int(held.values["turn"][0])).values(words=spoken))
        first = schema.speaker.c.id == 1
        connection.execute(update(schema.speaker).where(first).values(name=ALL))
        connection.execute(update(schema.show).where(schema.show.c.id == 1).values(feed_url=ALL))
        cleaned = "".join(map(clean_html, (ALL, *PAYLOADS)))
        for described in (schema.show, schema.episode):  # by feeds and archives, through the one sanitiser
            connection.execute(update(described).values(description=cleaned))
        people = [["host", ALL], [ALL, ALL]]
        failure = ["There is no %(kind)s “%(name)s” here.", {"kind": ALL, "name": ALL}]
        connection.execute(update(schema.episode).values(people=people))
        connection.execute(update(schema.show).values(failure=failure))
    sync_index(held.archive.settings, database)
    yield held
    database.close()


def test_the_list_is_long_enough_and_nothing_in_it_is_there_twice() -> None:
    assert len(PAYLOADS) >= 150


@pytest.fixture(scope="module")
def parser(browser: Browser) -> Iterator[Page]:
    """A page on which a browser's parser can be asked."""
    page = browser.new_page()
    yield page
    page.close()


@pytest.mark.parametrize("role", [None, Role.ADMINISTRATOR], ids=str)
def test_no_answer_holds_anything_that_would_run(hostile: Whole, parser: Page, role: Role | None) -> None:
    looked = {HTML: 0, "xml": 0, "json": 0, "other": 0}
    with hostile.browse(role) as client:
        for address in walk(hostile.archive.settings, hostile.values, safe=True, one_each=role is not None):
            is_heard_or_seen = any(
                part in address.route for part in ("video", "clip", ".png", "audio", "cite")
            )
            if is_heard_or_seen or (who_may(address.route) is None) is not (role is None):
                continue
            answer = client.get(address.path)
            where = f"{address.path} {answer.status_code}"
            assert answer.status_code < 500 or address.path == "/ready", where
            kind = answer.headers.get("content-type", "").split(";")[0]
            if kind == HTML:
                looked[HTML] += 1
                assert parser.evaluate(LOOK, answer.text) == [], where
            elif kind in XML or kind.endswith("+xml"):
                looked["xml"] += 1
                check_xml(answer.content, parser, where)
            elif "json" in kind:
                looked["json"] += 1
                assert json.loads(answer.text) is not None
            else:
                looked["other"] += 1
            assert answer.headers["x-content-type-options"] == "nosniff", where
    assert looked[HTML] >= 12, looked
    assert role is not None or min(looked.values()) >= 3, looked


def check_xml(content: bytes, parser: Page, where: str) -> None:
    """Every text of a feed that programs take for HTML is as harmless as a page; no address runs."""
    for element in ElementTree.fromstring(content).iter():
        for text in (element.text or "", *element.attrib.values()):
            bare = "".join(text.split()).lower()
            is_address = element.tag.rsplit("}")[-1] in {"link", "url", "id", "uri", "enclosure", "docs"}
            if is_address or "href" in element.attrib:
                assert not bare.startswith(("javascript:", "vbscript:", "data:")), (where, element.tag)
        if element.attrib.get("type") == "html" or element.tag.rsplit("}")[-1] in {"description", "encoded"}:
            assert parser.evaluate(LOOK, element.text or "") == [], (where, element.tag)
