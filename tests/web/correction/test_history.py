"""Every version of a turn is there and comes back; every act on an episode, with its way back."""

import re

from media.correction.authors import Author
from media.people import withdrawals
from media.people.accounts import Role
from media.transcript import TurnState
from tests.web.correction.people import NOW, Desk, Person, desk, reviewer, visitor, zoe

__all__ = ["desk", "reviewer", "visitor", "zoe"]  # fixtures


def test_a_turn_tells_who_changed_it_when_and_what(desk: Desk, zoe: Author, visitor: Person):
    turn = desk.turn(1)
    assert "nobody has changed it" in visitor.see(f"/history/{turn.id}")
    desk.read(1, "Bonjour, voici le funiculaire.", zoe)
    desk.read(1, "Bonsoir, voici le funiculaire.", zoe)
    page = visitor.see(f"/history/{turn.id}")
    assert "“Bonjour,” replaced by “Bonsoir,”" in page
    assert page.index('id="v-2"') < page.index('id="v-1"') < page.index('id="v-0"')
    assert "Zoe" in page
    assert "Written by the machine" in page
    assert f'href="/history/{turn.id}"' in visitor.see(f"/episode/{desk.archive.talk}")
    visitor.see("/history/999999", 404)


def test_any_version_is_restored_and_none_is_lost(desk: Desk, zoe: Author, reviewer: Person):
    first = desk.turn(1).turn
    turn = desk.read(1, "Bonjour, voici le funiculaire.", zoe)
    assert desk.finds("funiculaire") == 1
    fields = {"wanted": "0", "reason": "C’était juste."}
    answer = reviewer.send(f"/history/{turn.id}", f"/history/{turn.id}/restore", **fields)
    assert answer.headers["location"] == f"/history/{turn.id}?done=restored"
    held = desk.turn(1)
    assert (held.turn.words, held.turn.state) == (first.words, TurnState.READ)
    assert desk.finds("funiculaire") == 0
    page = reviewer.see(answer.headers["location"])
    assert "C’était juste." in page
    assert "funiculaire" in page
    stale = {"wanted": "1", "version": "1"}
    late = reviewer.send(f"/history/{turn.id}", f"/history/{turn.id}/restore", **stale)
    assert late.status_code == 409


def test_a_reader_restores_nothing(desk: Desk, zoe: Author, visitor: Person):
    turn = desk.read(1, "Bonjour, voici le funiculaire.", zoe)
    fields = {"wanted": "0", "version": str(turn.version), "form_token": "x"}
    assert visitor.client.post(f"/history/{turn.id}/restore", data=fields).status_code == 401
    assert desk.turn(1).turn.text == "Bonjour, voici le funiculaire."


def test_an_act_is_undone_by_who_did_it_or_by_a_reviewer(desk: Desk, zoe: Author, reviewer: Person):
    text = desk.turn(1).turn.text
    desk.read(1, "Bonjour, voici le funiculaire.", zoe)
    page = f"/history/episode/{desk.archive.talk}"
    with desk.browser(desk.person("ali", Role.VOLUNTEER)) as ali:
        seen = ali.see(page)
        assert "Text corrected" in seen
        assert f'action="{page}/undo"' not in seen
        token = re.search(r'name="form_token" value="([^"]+)"', seen)
        assert token is not None
        act = {"form_token": token[1], "act": "1"}
        assert ali.client.post(f"{page}/undo", data=act).status_code == 403
    assert desk.turn(1).turn.text == "Bonjour, voici le funiculaire."
    done = reviewer.send(page, f"{page}/undo")
    assert done.headers["location"].endswith("?done=undone")
    assert desk.turn(1).turn.text == text
    seen = reviewer.see(page)
    assert "Do it again" in seen
    with desk.browser(zoe) as own:
        again = own.send(page, f"{page}/undo")
    assert again.headers["location"].endswith("?done=redone")
    assert desk.turn(1).turn.text == "Bonjour, voici le funiculaire."


def test_an_act_that_cannot_be_undone_says_so(desk: Desk, zoe: Author, reviewer: Person):
    desk.read(1, "Bonjour, voici le funiculaire.", zoe)
    page = f"/history/episode/{desk.archive.talk}"
    html = reviewer.see(page)
    act = re.search(r'name="act" value="(\d+)"', html)
    token = re.search(r'name="form_token" value="([^"]+)"', html)
    assert act is not None
    assert token is not None
    desk.read(1, "Bonsoir.", zoe)
    late = reviewer.client.post(f"{page}/undo", data={"form_token": token[1], "act": act[1]})
    assert (late.status_code, "cannot be undone" in late.text) == (422, True)
    elsewhere = f"/history/episode/{desk.archive.text}/undo"
    wrong = reviewer.client.post(elsewhere, data={"form_token": token[1], "act": act[1]})
    assert wrong.status_code == 404


def test_no_reason_tells_a_withdrawn_name(desk: Desk, zoe: Author, visitor: Person, reviewer: Person):
    turn = desk.read(1, "Bonjour, voici le funiculaire.", zoe)
    fields = {"wanted": "0", "reason": "Hélène Castaing l’a dit."}
    reviewer.send(f"/history/{turn.id}", f"/history/{turn.id}/restore", **fields)
    with desk.archive.database.write() as connection:
        withdrawals.withdraw_name(connection, "Hélène Castaing", "demande", None, NOW)
    assert "Castaing" not in visitor.see(f"/history/{turn.id}").replace("<title>", "")
    assert "Castaing" not in reviewer.see(f"/history/episode/{desk.archive.talk}")
