"""The two texts of an episode: one or the other, or both by time; each found, followed and corrected."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page, expect
from starlette.testclient import TestClient

from media.episodes import replace_chapters, update_episode
from media.people.accounts import Role
from media.transcript import Chapter, Edition, Turn, TurnKind, TurnState, speech_turn
from media.transcripts import StoredTurn, list_turns, list_voices, replace_turns
from search.indexing import sync_index
from tests.web.conftest import NOW, say
from tests.web.correction.people import Desk
from web.editions import ONE_TEXT, Shown
from web.pairing import pair_turns
from web.reading import lay_out, read_turns

PATH = "/episode/{}/valbrune-passe-au-logiciel-libre"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def publish(archive: Any, **fields: Any) -> list[StoredTurn]:
    """Give the talk a published text: smoothed, in two chapters, its third turn in paragraphs."""
    with archive.database.write() as connection:
        said = [held for held in list_turns(connection, archive.talk) if held.turn.words]
        voices = {voice.number: voice.id for voice in list_voices(connection, archive.talk)}
        turns = [smooth(held, place) for place, held in enumerate(said) if place != 4]
        replace_turns(connection, archive.talk, Edition.PUBLISHED, turns, voices)
        update_episode(connection, archive.talk, {"edition": Edition.PUBLISHED, **fields}, NOW)
        written = list_turns(connection, archive.talk)
        headings = [Chapter(None, "Ouverture", written[0].id), Chapter(None, "Suite", written[3].id)]
        replace_chapters(connection, archive.talk, headings, Edition.PUBLISHED)
        connection.exec_driver_sql(f"UPDATE episode SET revision = revision + 1 WHERE id = {archive.talk}")
    sync_index(archive.settings, archive.database)
    return written


def smooth(held: StoredTurn, place: int) -> Turn:
    words = list(say(f"Écrit {place} : " + held.turn.text, held.turn.start_ms or 0))
    words[5] = replace(words[5], paragraph=place == 2)
    return replace(speech_turn(words, held.turn.voice), state=TurnState.VALIDATED)


def see(client: TestClient, archive: Any, query: str = "") -> str:
    page = client.get(PATH.format(archive.talk) + query)
    assert page.status_code == 200
    return page.text


def shown_turns(html: str) -> list[int]:
    return [int(found) for found in re.findall(r'<li id="t-(\d+)"', html)]


def test_readers_see_either_text_or_both(own_client: TestClient, own_archive: Any) -> None:
    with own_archive.database.read() as connection:
        spoken = list_turns(connection, own_archive.talk)
    assert 'class="editions"' not in see(own_client, own_archive)
    written = publish(own_archive, licence="CC BY-SA 4.0")
    page = see(own_client, own_archive)
    assert shown_turns(page) == [held.id for held in written]
    assert "Published text" in page and "by-sa/4.0" in page and '<span class="paragraph">' in page
    assert page.index("Ouverture") < page.index(">Suite</h2>") and "Word for word" in page
    assert shown_turns(see(own_client, own_archive, "?text=spoken")) == [held.id for held in spoken]
    both = see(own_client, own_archive, "?text=both")
    assert sorted(shown_turns(both)) == sorted(held.id for held in [*written, *spoken])
    ids = re.findall(r' id="([^"]+)"', both)
    assert len(ids) == len(set(ids))
    pairs = [shown_turns(pair) for pair in both.split('<div class="pair">')[1:]]
    first = next(held for held in spoken if held.turn.words)
    assert next(pair for pair in pairs if written[0].id in pair)[:2] == [written[0].id, first.id]
    assert see(own_client, own_archive, "?text=nonsense") == page or "Écrit 0" in page


def test_words_and_matches_are_those_of_the_text_that_is_shown(
    own_client: TestClient, own_archive: Any
) -> None:
    written = publish(own_archive)
    with own_archive.database.read() as connection:
        spoken = [
            held for held in list_turns(connection, own_archive.talk, Edition.SPOKEN) if held.turn.words
        ]
    lists = {"": written, "?text=spoken": spoken, "?text=both": [*written, *spoken]}
    tags = set()
    for query, turns in lists.items():
        answer = own_client.get(f"/episode/{own_archive.talk}/words.json{query}")
        assert [turn for turn, _ in answer.json()["turns"]] == [held.id for held in turns]
        tags.add(answer.headers["etag"])
        asked = {"find": "logiciel", **({"text": query[6:]} if query else {})}
        found = own_client.get(f"/episode/{own_archive.talk}/find.json", params=asked).json()
        says = [held.id for held in turns if "logiciel" in held.turn.text.casefold()]
        assert {turn for turn, _, _ in found["spots"]} == set(says)
    assert len(tags) == 3
    assert 'name="text" value="spoken"' in see(own_client, own_archive, "?text=spoken&find=logiciel")


def test_each_text_is_corrected_and_one_that_may_not_change_says_so(own_archive: Any) -> None:
    written = publish(own_archive)
    desk = Desk(own_archive)
    with desk.browser(desk.person("zoe", Role.VOLUNTEER)) as zoe:
        leading, other = f"/correct/{own_archive.talk}/0", f"/correct/{own_archive.talk}/spoken/0"
        with own_archive.database.read() as connection:
            said = list_turns(connection, own_archive.talk, Edition.SPOKEN)
            spoken = next(held for held in said if held.turn.words)
        assert shown_turns(zoe.see(leading))[0] == written[0].id
        assert shown_turns(zoe.see(leading + "?text=spoken"))[0] == said[0].id
        act = f"/correct/turn/{spoken.id}/text"
        answer = zoe.send(f"{other}/turn/{spoken.id}", act, text="Mot à mot, autrement.")
        assert answer.headers["location"].startswith(other + "#")
        with own_archive.database.write() as connection:
            now = list_turns(connection, own_archive.talk, Edition.SPOKEN)
            assert now[spoken.position].turn.text == "Mot à mot, autrement."
            assert list_turns(connection, own_archive.talk) == written
            update_episode(connection, own_archive.talk, {"licence": "Verbatim"}, NOW)
        refused = zoe.see(leading, 403)
        assert "Verbatim" in refused and "may not be changed" in refused
        act = f"/correct/turn/{written[0].id}/text"
        sent = zoe.send(f"{leading}/turn/{written[0].id}", act, text="Autre chose.")
        assert sent.status_code == 400 and "Autre chose." in sent.text
        assert shown_turns(zoe.see(other))[0] == said[0].id
        page = zoe.see(PATH.format(own_archive.talk))
        assert "allows no changes" in page and 'class="correct"' not in page
    with own_archive.database.read() as connection:
        assert list_turns(connection, own_archive.talk) == written


moments = st.lists(st.tuples(st.integers(0, 60_000), st.integers(1, 9_000)), max_size=12)


@given(leading=moments, other=moments, cuts=st.lists(st.integers(0, 60_000), max_size=3, unique=True))
def test_pairs_lose_no_turn_and_show_none_twice(
    leading: list[tuple[int, int]], other: list[tuple[int, int]], cuts: list[int]
) -> None:
    texts = [
        [
            StoredTurn(
                100 * number + at,
                7,
                at,
                Turn(kind=TurnKind.MUSIC, start_ms=start, end_ms=start + length),
                None,
                edition=edition,
            )
            for at, (start, length) in enumerate(sorted(held))
        ]
        for number, (edition, held) in enumerate([(Edition.PUBLISHED, leading), (Edition.SPOKEN, other)])
    ]
    chapters = [Chapter(start, str(start)) for start in sorted(cuts)]
    paired = pair_turns(lay_out(texts[0], chapters, None), read_turns(texts[1]))
    pairs = [pair for section in paired for pair in section.pairs]
    assert [read.stored for pair in pairs for read in pair.leading] == texts[0]
    beside = [read.stored.id for pair in pairs for read in pair.other]
    assert sorted(beside) == [held.id for held in texts[1]]
    assert all(pair.leading or pair.other for pair in pairs)


def test_an_address_shows_the_text_that_leads_unless_it_says_otherwise() -> None:
    both = Shown((Edition.PUBLISHED, Edition.SPOKEN), (Edition.PUBLISHED, Edition.SPOKEN), Edition.PUBLISHED)
    alone = replace(both, editions=(Edition.PUBLISHED,))
    assert (both.query, alone.query, ONE_TEXT.query) == ("?text=both", "", "")
    assert [name for name, _ in both.choices] == ["published", "spoken", "both"]
    assert ONE_TEXT.choices == [] and ONE_TEXT.searched == (None,)


@pytest.fixture
def reader(browser: Browser, home: Any) -> Iterator[Page]:
    """A French reader; no script fails on the page."""
    publish(home)
    context = browser.new_context(
        base_url=home.settings.site_url, locale="fr-FR", reduced_motion="reduce", bypass_csp=True
    )
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    yield page
    context.close()
    assert failures == []


@pytest.mark.slow
def test_both_are_followed_together_and_anybody_can_read_them(reader: Page, home: Any) -> None:
    reader.goto(PATH.format(home.talk) + "?text=both")
    marked = reader.locator('.turn[aria-current="true"]')
    reader.locator('[data-edition="published"] .time').nth(2).click()
    expect(marked).to_have_count(2)
    reader.get_by_role("searchbox").fill("logiciel")
    reader.get_by_role("searchbox").press("Enter")
    expect(reader.locator("#found")).to_contain_text("1 sur")
    assert "text=both" in reader.url and "find=logiciel" in reader.url
    for scheme in ("light", "dark"):
        reader.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for width in (1280, 360):
            reader.set_viewport_size({"width": width, "height": 900})
            assert reader.evaluate("document.documentElement.scrollWidth <= innerWidth")
            breaches = Axe().run(reader, options={"runOnly": TAGS}).response["violations"]
            assert breaches == [], [breach["help"] for breach in breaches]
    first, second = (reader.locator(".pair").first.locator(".side-text").nth(at) for at in (0, 1))
    lower, upper = second.bounding_box(), first.bounding_box()
    assert lower is not None and upper is not None and lower["y"] > upper["y"]
