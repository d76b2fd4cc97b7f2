"""What one person read waits for another, and proposals for a reviewer: by forms, without script."""

import re

from media.correction import proposals, retranscription
from media.correction.acts import save_text
from media.correction.authors import Author
from media.correction.proposals import Fate
from media.people import withdrawals
from media.people.accounts import Role
from media.transcript import Transcript, TurnState, speech_turn
from media.transcripts import list_turns, save_machine_transcript
from media.volunteering.listening import count_play
from tests.web.conftest import dialogue, say
from tests.web.correction.people import NOW, Desk, Person, desk, reviewer, visitor, zoe

__all__ = ["desk", "reviewer", "visitor", "zoe"]  # fixtures


def test_a_reviewer_takes_the_next_hears_it_and_validates_it(desk: Desk, zoe: Author, reviewer: Person):
    turn = desk.read(1, "Bonjour, voici le funiculaire.", zoe)
    assert ">1<span" in reviewer.see("/")  # said in the navigation
    page = reviewer.see("/review/next")
    assert "What Zoe changed" in page
    assert "<audio" in page
    path = f"/review/turn/{turn.id}"
    answer = reviewer.send(path, path, act="accept", text=turn.turn.text)
    assert "done=validated" in answer.headers["location"]
    assert "Nothing waits for you" in reviewer.see(answer.headers["location"])
    assert desk.turn(1).turn.state is TurnState.VALIDATED
    assert desk.finds("funiculaire") == 1
    with desk.browser(zoe) as reader:
        assert "1 accepted" in reader.see("/correct")


def test_what_changed_is_said_in_sentences_and_marked_for_screen_readers(
    desk: Desk, zoe: Author, reviewer: Person
):
    first = desk.turn(2).turn.text.split(" ")
    turn = desk.read(2, " ".join(["Bonsoir", *first[1:]]), zoe)
    page = reviewer.see(f"/review/turn/{turn.id}")
    assert f"<li>“{first[0]}” replaced by “Bonsoir”</li>" in page
    assert re.search(r'<del><span class="visually-hidden"> \[removed: </span>', page)
    assert re.search(r'<ins><span class="visually-hidden"> \[added: </span>Bonsoir', page)


def test_a_reviewer_adjusts_and_the_reading_stays_the_volunteer_s(desk: Desk, zoe: Author, reviewer: Person):
    turn = desk.read(1, "Bonjour, voici le funiculère.", zoe)
    path = f"/review/turn/{turn.id}"
    answer = reviewer.send(path, path, act="accept", text="Bonjour, voici le funiculaire.")
    assert "done=adjusted" in answer.headers["location"]
    held = desk.turn(1)
    assert (held.turn.state, held.read_by) == (TurnState.VALIDATED, zoe.account_id)
    assert (desk.finds("funiculaire"), desk.finds("funiculère")) == (1, 0)
    with desk.browser(zoe) as reader:
        assert "1 adjusted" in reader.see("/correct")


def test_what_is_returned_needs_a_reason_and_its_reader_reads_it(desk: Desk, zoe: Author, reviewer: Person):
    turn = desk.read(1, "Bonjour à tous.", zoe)
    path = f"/review/turn/{turn.id}"
    silent = reviewer.send(path, path, act="return", text=turn.turn.text, reason=" ")
    assert (silent.status_code, "Say why" in silent.text) == (422, True)
    both = reviewer.send(path, path, act="return", text="Bonsoir à tous.", reason="Non.")
    assert (both.status_code, "Bonsoir à tous." in both.text) == (422, True)
    answer = reviewer.send(path, path, act="return", text=turn.turn.text, reason="On entend « bonsoir ».")
    assert "done=returned" in answer.headers["location"]
    assert "Nothing waits for you" in reviewer.see("/review")
    with desk.browser(zoe) as reader:
        page = reader.see("/correct")
        assert "1 returned" in page
        assert "On entend" in page


def test_nobody_validates_what_they_read(desk: Desk, reviewer: Person):
    turn = desk.read(1, "Bonjour à tous.", reviewer.author)
    assert "Nothing waits for you" in reviewer.see("/review")
    path = f"/review/turn/{turn.id}"
    assert "You read this turn yourself" in reviewer.see(path)
    token = re.search(r'name="form_token" value="([^"]+)"', reviewer.see("/account"))
    assert token is not None
    fields = {"form_token": token[1], "version": str(turn.version), "act": "accept", "text": turn.turn.text}
    assert reviewer.client.post(path, data=fields).status_code == 422
    assert desk.turn(1).turn.state is TurnState.READ


def test_another_volunteer_validates_and_answers_no_proposal(desk: Desk, zoe: Author):
    turn = desk.read(1, "Bonjour à tous.", zoe)
    other = desk.read(2, "Et voici la suite.", zoe)
    proposal, _ = desk.propose(3, "Autre chose.")
    with desk.browser(desk.person("ali", Role.VOLUNTEER)) as ali:
        assert "2 turns read by others" in ali.see("/correct")
        queue = ali.see("/review")
        assert "/review/proposal/" not in queue
        path = f"/review/turn/{turn.id}"
        ali.send(path, path, act="accept", text=turn.turn.text)
        assert desk.turn(1).turn.state is TurnState.VALIDATED
        path = f"/review/turn/{other.id}"
        answer = ali.send(path, path, act="accept", text="Et voilà la suite.")
        assert "done=corrected" in answer.headers["location"]
        ali.see(f"/review/proposal/{proposal}", 403)
    held = desk.turn(2)
    assert (held.turn.text, held.turn.state) == ("Et voilà la suite.", TurnState.READ)
    assert held.read_by != zoe.account_id


def test_who_is_not_signed_in_reviews_nothing_and_keeps_what_they_typed(
    desk: Desk, zoe: Author, visitor: Person
):
    turn = desk.read(1, "Bonjour à tous.", zoe)
    for path in ("/review", "/review/next", f"/review/turn/{turn.id}", "/history/episode/1"):
        assert visitor.client.get(path).headers["location"].startswith("/login")
    late = visitor.client.post(f"/review/turn/{turn.id}", data={"text": "Ce que j’ai tapé.", "version": "1"})
    assert (late.status_code, "Ce que j’ai tapé." in late.text) == (401, True)
    assert desk.turn(1).turn.state is TurnState.READ


def test_a_turn_that_changed_meanwhile_gives_the_text_back(desk: Desk, zoe: Author, reviewer: Person):
    turn = desk.read(1, "Bonjour à tous.", zoe)
    path = f"/review/turn/{turn.id}"
    html = reviewer.see(path)
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html.split('id="decision"')[1]))
    desk.read(1, "Bonjour à toutes.", zoe)
    late = reviewer.client.post(path, data=hidden | {"act": "accept", "text": "Le mien."})
    assert (late.status_code, "Le mien." in late.text, "Bonjour à toutes." in late.text) == (409, True, True)
    assert desk.turn(1).turn.text == "Bonjour à toutes."


def test_what_is_played_most_comes_first_and_what_is_skipped_waits(desk: Desk, zoe: Author, reviewer: Person):
    one, two = desk.read(1, "Bonjour à tous.", zoe), desk.read(2, "Et voici la suite.", zoe)
    with desk.archive.database.write() as connection:
        count_play(connection, desk.archive.text, NOW)
        (other,) = list_turns(connection, desk.archive.text)
        save_text(connection, other.id, 0, "Au bord de l’eau.", zoe, NOW)
    order = re.findall(r'href="/review/turn/(\d+)"', reviewer.see("/review"))
    assert order == [str(other.id), str(one.id), str(two.id)]
    first = reviewer.client.get("/review/next").headers["location"]
    skip = re.search(r'data-act="skip" href="([^"]+)"', reviewer.see(first))
    assert skip is not None
    second = reviewer.client.get(skip[1]).headers["location"]
    assert second.startswith(f"/review/turn/{one.id}?skipped=t{other.id}")


def test_a_visitor_proposes_follows_the_link_and_reads_that_it_is_accepted(
    desk: Desk, visitor: Person, reviewer: Person
):
    turn = desk.turn(1)
    page = visitor.see(f"/episode/{desk.archive.talk}", 200)
    assert f'href="/propose/{turn.id}"' in page
    path = f"/propose/{turn.id}"
    text = "Bonjour, voici le funiculaire."
    sent = visitor.send(path, path, text=text, name="Ada", comment="J’y étais.")
    link = sent.headers["location"]
    thanks = visitor.see(link)
    assert "Thank you" in thanks
    link = link.partition("?")[0]
    assert f"{desk.archive.settings.site_url}{link}" in thanks
    assert "waits for a reviewer" in visitor.see(link)
    assert desk.turn(1).turn.text == turn.turn.text
    queue = reviewer.see("/review")
    assert "by Ada" in queue
    item = re.search(r'href="(/review/proposal/\d+)"', queue)
    assert item is not None
    asked = reviewer.see(item[1])
    assert "What Ada proposes" in asked
    assert "J’y étais." in asked
    answer = reviewer.send(item[1], item[1], act="accept", text=text)
    assert "done=accepted" in answer.headers["location"]
    assert "It was accepted" in visitor.see(link)
    assert desk.turn(1).turn.text == text
    assert desk.finds("funiculaire") == 1
    history = visitor.see(f"/history/{turn.id}")
    assert "Ada" in history
    assert "Restore" not in history


def test_a_proposal_is_adjusted_or_returned_and_its_author_reads_why(
    desk: Desk, visitor: Person, reviewer: Person
):
    first, secret = desk.propose(1, "Bonsoir à tous.")
    second, other = desk.propose(2, "Rien.")
    path = f"/review/proposal/{first}"
    reviewer.send(path, path, act="accept", text="Bonsoir à toutes.")
    page = visitor.see(f"/proposal/{secret}")
    assert "accepted with some other words" in page
    assert "“tous.” replaced by “toutes.”" in page
    path = f"/review/proposal/{second}"
    assert reviewer.send(path, path, act="return", text="Rien.", reason="").status_code == 422
    reviewer.send(path, path, act="return", text="Rien.", reason="On entend autre chose.")
    assert "On entend autre chose." in visitor.see(f"/proposal/{other}")
    visitor.see("/proposal/inconnu", 404)


def test_a_proposal_over_a_turn_that_changed_is_shown_against_what_it_says_now(
    desk: Desk, zoe: Author, reviewer: Person
):
    proposal, secret = desk.propose(1, "Bonsoir à tous.")
    desk.read(1, "Bonjour à tous.", zoe)
    path = f"/review/proposal/{proposal}"
    page = reviewer.see(path)
    assert "changed since this was proposed" in page
    assert "“Bonjour” replaced by “Bonsoir”" in page
    answer = reviewer.send(path, path, act="accept", text="Bonsoir à tous.")
    assert "done=accepted-adjusted" in answer.headers["location"]
    assert desk.turn(1).turn.text == "Bonsoir à tous."
    with desk.archive.database.read() as connection:
        found = proposals.find_proposal(connection, secret)
    assert found is not None
    assert found.fate is Fate.ADJUSTED
    again = reviewer.client.get(path)
    assert 'id="decision"' not in again.text


def test_what_a_machine_heard_otherwise_is_accepted_or_left(desk: Desk, zoe: Author, reviewer: Person):
    desk.read(1, desk.turn(1).turn.text + " Voilà.", zoe)
    turns, _ = dialogue()
    heard = tuple(
        speech_turn(say("funiculaire " + held.text.partition(" ")[2], held.start_ms or 0), held.voice)
        if place in {3, 5}
        else held
        for place, held in enumerate(turns)
        if held.words
    )
    with desk.archive.database.write() as connection:
        save_machine_transcript(connection, desk.archive.talk, Transcript(heard, "fr", "large"), "again", NOW)
        assert retranscription.propose_retranscription(connection, desk.archive.talk, "again", NOW) >= 2
    waiting = re.findall(r"/review/proposal/\d+", reviewer.see("/review"))
    one, two = [path for path in waiting if "funiculaire" in reviewer.see(path)]
    text = re.search(r'<textarea id="text".*?>(.*?)</textarea>', reviewer.see(one), re.S)
    assert text is not None
    assert "done=accepted" in reviewer.send(one, one, act="accept", text=text[1]).headers["location"]
    assert desk.finds("funiculaire") == 1
    kept = re.search(r'<textarea id="text".*?>(.*?)</textarea>', reviewer.see(two), re.S)
    assert kept is not None
    assert "set-aside" in reviewer.send(two, two, act="return", text=kept[1]).headers["location"]


def test_nothing_withdrawn_is_shown_to_those_who_review_or_propose(
    desk: Desk, zoe: Author, reviewer: Person, visitor: Person
):
    desk.read(1, "Mon adresse est secrète.", zoe)
    turn = desk.turn(1)
    proposal, secret = desk.propose(1, "Mon adresse est très secrète.")
    with desk.archive.database.write() as connection:
        withdrawals.withdraw_words(connection, turn.id, (3, 3), "demande", None, NOW)
    for person, path in (
        (reviewer, f"/review/turn/{turn.id}"),
        (reviewer, f"/review/proposal/{proposal}"),
        (reviewer, "/review"),
        (reviewer, f"/history/{turn.id}"),
        (visitor, f"/history/{turn.id}"),
        (visitor, f"/proposal/{secret}"),
    ):
        assert "secrète" not in person.see(path), path
    assert "secrète" not in visitor.client.get(f"/propose/{turn.id}").text
