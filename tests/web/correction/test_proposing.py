"""What can be refused when a visitor proposes: nothing that they typed is lost."""

import re
from datetime import UTC, datetime

import pytest

from media.correction import proposals
from media.correction.authors import Author
from media.correction.typed import MAX_TURN_LENGTH
from media.people import withdrawals
from media.people.attempts import take_try
from media.transcript import TurnKind
from media.transcripts import list_turns
from tests.web.correction.people import NOW, Desk, Person, desk, reviewer, visitor, zoe
from web.correction.proposing import FROM_ADDRESS

__all__ = ["desk", "reviewer", "visitor", "zoe"]  # fixtures
TYPED = "Ce que j’entends, moi."


def count(desk: Desk) -> int:
    with desk.archive.database.read() as connection:
        return len(proposals.list_proposals(connection, fate=None))


@pytest.mark.parametrize(
    "text", ["", "  ", "le même", "x" * (MAX_TURN_LENGTH + 1)], ids=["empty", "blank", "same", "long"]
)
def test_a_text_that_cannot_be_taken_comes_back_with_the_rest(desk: Desk, visitor: Person, text: str):
    turn = desk.turn(1)
    path = f"/propose/{turn.id}"
    sent = turn.turn.text if text == "le même" else text
    answer = visitor.send(path, path, text=sent, name="Ada", comment="J’y étais.")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert 'value="Ada"' in answer.text
    assert "J’y étais." in answer.text
    assert sent in answer.text
    assert count(desk) == 0


def test_an_old_page_a_turn_that_changed_and_one_that_is_gone_give_the_text_back(
    desk: Desk, zoe: Author, visitor: Person
):
    turn = desk.turn(1)
    path = f"/propose/{turn.id}"
    old = visitor.client.post(path, data={"text": TYPED, "version": "0", "form_token": "x"})
    assert (old.status_code, TYPED in old.text) == (403, True)
    visitor.see(path)
    desk.read(1, "Bonjour à tous.", zoe)
    late = visitor.send(path, path, text=TYPED, version="0")
    assert (late.status_code, TYPED in late.text, "Bonjour à tous." in late.text) == (409, True, True)
    gone = visitor.client.post("/propose/999999", data={"text": TYPED, "version": "0", "form_token": "x"})
    assert (gone.status_code, TYPED in gone.text) == (403, True)
    again = visitor.send(path, path, text=TYPED)
    assert again.headers["location"].startswith("/proposal/")
    assert count(desk) == 1


def test_too_many_proposals_from_one_address_wait_and_keep_their_text(desk: Desk, visitor: Person):
    path = f"/propose/{desk.turn(1).id}"
    with desk.archive.database.write() as connection:
        for _ in range(FROM_ADDRESS.most):
            take_try(connection, {FROM_ADDRESS: "testclient"}, datetime.now(UTC))
    answer = visitor.send(path, path, text=TYPED)
    assert (answer.status_code, TYPED in answer.text) == (429, True)
    assert count(desk) == 0


def test_markup_is_text_and_what_is_long_is_cut(desk: Desk, visitor: Person, reviewer: Person):
    path = f"/propose/{desk.turn(1).id}"
    sent = visitor.send(path, path, text="<b onclick=x>mot</b>", name="<i>" + "n" * 200, comment="c" * 9_000)
    page = visitor.see(sent.headers["location"])
    assert "<b onclick" not in page
    with desk.archive.database.read() as connection:
        (held,) = proposals.list_proposals(connection)
    assert (len(held.author.name), len(held.comment or "")) == (80, 2_000)
    assert "<i>n" not in reviewer.see(f"/review/proposal/{held.id}")


def test_who_gives_no_name_is_a_visitor(desk: Desk, visitor: Person):
    path = f"/propose/{desk.turn(1).id}"
    visitor.send(path, path, text=TYPED)
    with desk.archive.database.read() as connection:
        (held,) = proposals.list_proposals(connection)
    assert held.author.account_id is None
    assert held.author.name


def test_volunteers_are_led_to_the_editor(desk: Desk, reviewer: Person):
    turn = desk.turn(1)
    assert reviewer.client.get(f"/propose/{turn.id}").headers["location"] == f"/correct/at/{turn.id}"


def test_nothing_is_proposed_for_sounds_private_episodes_or_withdrawn_words(desk: Desk, visitor: Person):
    with desk.archive.database.read() as connection:
        (secret,) = list_turns(connection, desk.archive.private)
        held = list_turns(connection, desk.archive.talk)
    music = next(turn for turn in held if turn.turn.kind is not TurnKind.SPEECH)
    visitor.see(f"/propose/{secret.id}", 404)
    visitor.see(f"/propose/{music.id}", 404)
    turn = desk.turn(1)
    path = f"/propose/{turn.id}"
    token = re.search(r'name="form_token" value="([^"]+)"', visitor.see(path))
    assert token is not None
    with desk.archive.database.write() as connection:
        withdrawals.withdraw_words(connection, turn.id, (1, 1), "demande", None, NOW)
    assert "were withdrawn" in visitor.see(path)
    fields = {"text": TYPED, "version": "0", "form_token": token[1]}
    answer = visitor.client.post(path, data=fields)
    assert (answer.status_code, TYPED in answer.text) == (422, True)
    assert count(desk) == 0
