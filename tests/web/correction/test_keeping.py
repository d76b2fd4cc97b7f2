"""Nothing that is typed is lost: no network, a lapsed session, two people, a page that is stale."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete

from media import schema
from media.correction.acts import merge_turns, save_text
from media.correction.authors import Author
from media.correction.history import list_versions
from media.correction.saving import list_conflicts
from media.correction.typed import split_words

pytestmark = pytest.mark.slow

HOUR = re.compile(r"\d\d:\d\d")
OTHER = Author(None, "Awa")


def add_at_end(volunteer: Any, text: str) -> None:
    volunteer.page.keyboard.press("Control+End")
    volunteer.page.keyboard.type(text)


def expect_saved(volunteer: Any) -> None:
    """Wait until the archive has all that was typed, and the page says so."""
    expect(volunteer.saved).to_have_text(HOUR)
    expect(volunteer.page.locator("[data-part=unsaved]")).to_be_hidden()


def test_work_goes_on_offline_and_is_saved_on_return(volunteer: Any) -> None:
    one, other = volunteer.turns()[0:2]
    volunteer.open(one)
    volunteer.page.context.set_offline(True)
    add_at_end(volunteer, " Premier.")
    volunteer.page.keyboard.press("PageDown")
    add_at_end(volunteer, " Second.")
    volunteer.page.keyboard.press("PageDown")
    expect(volunteer.saved).to_contain_text("2 ")
    expect(volunteer.page.locator(f"#t-{one.id} .words")).to_contain_text("Premier.")
    volunteer.page.keyboard.press("Enter")  # asks for what cannot be done now, and says so
    assert volunteer.text_of(one.id) == one.turn.text
    volunteer.page.context.set_offline(False)
    volunteer.page.evaluate("window.dispatchEvent(new Event('online'))")
    expect_saved(volunteer)
    assert volunteer.text_of(one.id).endswith("Premier.")
    assert volunteer.text_of(other.id).endswith("Second.")


def test_a_page_that_is_closed_offline_gives_its_text_back(volunteer: Any) -> None:
    turn = volunteer.turns()[2]
    volunteer.open(turn)
    volunteer.page.route("**/text", lambda route: route.abort())
    add_at_end(volunteer, " Gardé ici.")
    expect(volunteer.saved).to_contain_text("1 ")
    assert volunteer.text_of(turn.id) == turn.turn.text
    volunteer.page.unroute("**/text")
    volunteer.open(turn)
    expect(volunteer.field).to_have_value(re.compile(r"Gardé ici\.$"))
    expect_saved(volunteer)
    assert volunteer.text_of(turn.id).endswith("Gardé ici.")
    assert volunteer.page.evaluate("Object.keys(localStorage).filter(k => k.includes('draft')).length") == 0


def test_an_answer_that_is_lost_saves_once(volunteer: Any) -> None:
    turn = volunteer.turns()[3]
    volunteer.open(turn)
    lost = []

    def lose(route: Any) -> None:
        route.fetch()
        lost.append(route.request.post_data)
        route.abort()

    volunteer.page.route("**/text", lose, times=1)
    add_at_end(volunteer, " Une fois.")
    expect(volunteer.saved).to_have_text(HOUR)
    assert lost
    with volunteer.home.database.read() as connection:
        assert [held.version for held in list_versions(connection, turn.id)] == [0, 1]


def test_two_people_on_one_turn_choose_and_nothing_is_lost(volunteer: Any) -> None:
    turn = volunteer.turns()[4]
    volunteer.open(turn)
    text = " ".join(split_words(turn.turn.text))
    with volunteer.home.database.write() as connection:
        save_text(connection, turn.id, turn.version, "Le début. " + text, OTHER, datetime.now(UTC))
    add_at_end(volunteer, " La fin.")
    box = volunteer.page.locator(f"#t-{turn.id} .conflict")
    expect(box).to_be_visible()
    expect(box).to_contain_text("Awa")
    expect(box.locator("blockquote")).to_have_text(
        [f"{text} La fin.", f"Le début. {text}", f"Le début. {text} La fin."]
    )
    expect(volunteer.field).to_have_value(f"{turn.turn.text} La fin.")
    with volunteer.home.database.read() as connection:
        assert [held.text for held in list_conflicts(connection, turn_id=turn.id)] == [
            f"{turn.turn.text} La fin."
        ]
    box.get_by_role("button").last.focus()
    volunteer.page.keyboard.press("Enter")
    expect(box).to_have_count(0)
    expect(volunteer.field).to_have_value(f"Le début. {text} La fin.")
    assert volunteer.text_of(turn.id) == f"Le début. {text} La fin."
    with volunteer.home.database.read() as connection:
        assert list_conflicts(connection, turn_id=turn.id) == []


def test_theirs_may_stay_and_mine_is_in_the_history(volunteer: Any) -> None:
    turn = volunteer.turns()[5]
    volunteer.open(turn)
    with volunteer.home.database.write() as connection:
        save_text(connection, turn.id, turn.version, "Tout autre chose.", OTHER, datetime.now(UTC))
    add_at_end(volunteer, " Le mien.")
    box = volunteer.page.locator(f"#t-{turn.id} .conflict")
    box.get_by_role("button").nth(1).focus()
    volunteer.page.keyboard.press("Enter")
    expect(volunteer.field).to_have_value("Tout autre chose.")
    with volunteer.home.database.read() as connection:
        kept = list_conflicts(connection, turn_id=turn.id, settled=True)
    assert [(held.text, held.resolution) for held in kept] == [(f"{turn.turn.text} Le mien.", "theirs")]


def test_a_session_that_lapses_loses_no_character(volunteer: Any) -> None:
    """WCAG 2.2.1: the text waits here, and goes once its author has signed in in another tab."""
    turn = volunteer.turns()[6]
    volunteer.open(turn)
    with volunteer.home.database.write() as connection:
        connection.execute(delete(schema.session).where(schema.session.c.account_id == volunteer.account.id))
    add_at_end(volunteer, " Toujours là.")
    link = volunteer.page.locator("[data-part=sign-in] a")
    expect(link).to_be_visible()
    expect(volunteer.field).to_have_value(re.compile(r"Toujours là\.$"))
    link.focus()
    with volunteer.page.context.expect_page() as opened:
        volunteer.page.keyboard.press("Enter")
    tab = opened.value
    tab.locator("#login").fill("voisin")
    tab.locator("#password").fill("une place de marché")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/")
    tab.close()
    volunteer.page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(volunteer.saved).to_have_text(HOUR)
    expect(link).to_be_hidden()
    assert volunteer.text_of(turn.id).endswith("Toujours là.")


def test_a_text_whose_turn_is_gone_stays_on_the_page(volunteer: Any) -> None:
    first, second = volunteer.turns()[7:9]
    volunteer.open(second)
    with volunteer.home.database.write() as connection:
        pair = (first.id, first.version), (second.id, second.version)
        merge_turns(connection, *pair, OTHER, datetime.now(UTC))
    add_at_end(volunteer, " Perdu ?")
    kept = volunteer.page.locator("#orphans textarea")
    expect(kept).to_have_value(f"{second.turn.text} Perdu ?")
    expect(volunteer.said).not_to_have_text("")
    with volunteer.home.database.read() as connection:
        assert [held.cause for held in list_conflicts(connection, turn_id=second.id)] == ["gone"]


def test_two_voices_of_one_machine_do_not_mix_their_drafts(arrive: Any) -> None:
    one = arrive("bruno", "Bruno")
    turn = one.turns()[-1]
    one.open(turn)
    one.page.route("**/text", lambda route: route.abort())
    add_at_end(one, " De Bruno.")
    expect(one.saved).to_contain_text("1 ")
    kept = one.page.evaluate("JSON.stringify(localStorage)")
    other = arrive("chloe", "Chloé")
    other.page.goto("/correct")
    other.page.evaluate("kept => Object.assign(localStorage, JSON.parse(kept))", kept)
    other.open(turn)
    assert "De Bruno" not in other.field.input_value()
    expect(other.page.locator(f"#t-{turn.id}")).not_to_have_class(re.compile("kept"))
