"""From words to a quote without script: chosen, frozen, told truthfully whatever becomes of them."""

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert
from starlette.testclient import TestClient

from media import schema
from media.correction.acts import save_text, split_turn
from media.correction.authors import Author
from media.people import accounts, sessions
from media.people.accounts import Role
from media.people.withdrawals import withdraw_words
from media.quotes.hearings import record_hearing
from media.transcript import Doubt, DoubtKind, Edition, TurnKind, TurnState, Word, pack_words
from media.transcripts import StoredTurn, list_turns
from tests.web.conftest import PASSWORD, open_client

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SAMIRA = Author(1, "Samira Benali")


class Reader:
    """Somebody at a browser without script, in English."""

    def __init__(self, client: TestClient, archive: Any) -> None:
        self.client, self.archive = client, archive

    def turn(self, place: int) -> StoredTurn:
        with self.archive.database.read() as connection:
            return list_turns(connection, self.archive.talk)[place]

    def choose(self, **choice: Any) -> str:
        page = self.client.get("/quote/choose", params={"episode": self.archive.talk, **choice})
        if page.status_code == 303:
            page = self.client.get(page.headers["location"])
        assert page.status_code == 200, page.text[:500]
        return page.text

    def quote(self, page: str, **changed: str) -> Any:
        form = re.search(r'<form method="post" action="/quotes".*?</form>', page, re.S)
        assert form is not None
        fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[0]))
        return self.client.post("/quotes", data=fields | changed)

    def made(self, **choice: Any) -> str:
        answer = self.quote(self.choose(**choice))
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    def see(self, path: str, status: int = 200) -> str:
        page = self.client.get(path)
        assert page.status_code == status, page.text[:500]
        return page.text


@pytest.fixture
def reader(own_client: TestClient, own_archive: Any) -> Reader:
    return Reader(own_client, own_archive)


@pytest.fixture
def volunteer(own_archive: Any) -> Iterator[Reader]:
    with own_archive.database.write() as connection:
        account = accounts.add_account(connection, "zoe", "Zoé Petit", Role.VOLUNTEER, PASSWORD, NOW)
        token = sessions.open_session(connection, account, datetime.now(UTC))
    with open_client(own_archive.settings) as client:
        client.cookies.set("entendu_session", token)
        yield Reader(client, own_archive)


def plain(page: str) -> str:
    """What a page says, as one line."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def preview(page: str) -> str:
    found = re.search(r'<blockquote id="preview".*?</blockquote>', page, re.S)
    assert found is not None
    return plain(found[0]).strip()


def test_a_turn_s_first_sentence_is_chosen_and_buttons_move_its_ends(reader: Reader) -> None:
    turn = reader.turn(2).id
    assert preview(reader.choose(turn=turn)).endswith("à toutes et à tous !")
    moved = reader.choose(turn=turn, first=0, last=7, move="end-earlier")
    assert preview(moved).endswith("à toutes et à")
    assert "time heard" in plain(moved)
    assert preview(reader.choose(turn=turn, first=3, last=4, move="start-sentence")).startswith(
        "Bonjour Julien"
    )


def test_words_left_out_show_as_a_cut_and_come_back(reader: Reader) -> None:
    turn = reader.turn(2).id
    asked = {"turn": turn, "first": 0, "last": 7, "leave": "1"}
    page = reader.choose(**asked, **{"from": f"{turn}.2", "to": f"{turn}.3"})
    assert preview(page) == "Bonjour Julien, […] toutes et à tous !"
    again = reader.choose(turn=turn, first=0, last=7, cut=f"{turn}.2-{turn}.3", back="0")
    assert "[…]" not in preview(again)


def test_a_choice_runs_on_into_the_next_turn_when_it_is_shown(reader: Reader) -> None:
    first, second = reader.turn(1), reader.turn(2)
    page = reader.choose(turn=first.id, first=0, end=second.id, last=1)
    assert "Julien Morvan" in preview(page)
    assert preview(page).endswith("Bonjour Julien,")
    assert "Show what comes after" in page
    assert f'data-turn="{reader.turn(3).id}"' in reader.choose(turn=second.id, after=1)


def test_a_quote_is_made_and_its_page_says_all_there_is_to_prove_it(reader: Reader) -> None:
    page = plain(reader.see(reader.made(turn=reader.turn(1).id, first=2, last=6)))
    turn = reader.turn(1).turn
    assert plain(" ".join(word.text for word in turn.words[2:7])) in page
    for said in ("Julien Morvan , named by a person", "word for word", "Place du Marché", "time heard"):
        assert said in page
    assert re.search(r"Our copy, SHA-256 [0-9a-f]{64}", page)


def test_the_same_words_chosen_twice_are_one_quote(reader: Reader) -> None:
    choice = {"turn": reader.turn(1).id, "first": 2, "last": 6}
    assert reader.made(**choice) == reader.made(**choice)


def test_words_that_changed_meanwhile_are_shown_again_before_they_are_quoted(reader: Reader) -> None:
    turn = reader.turn(2)
    page = reader.choose(turn=turn.id)
    with reader.archive.database.write() as connection:
        save_text(connection, turn.id, turn.version, "Bonsoir " + turn.turn.text, SAMIRA, NOW)
    answer = reader.quote(page)
    assert answer.status_code == 409
    assert "have changed since" in answer.text
    assert preview(answer.text).startswith("Bonsoir")
    assert reader.quote(answer.text).status_code == 303


def test_a_correction_a_split_and_a_withdrawal_are_each_told(reader: Reader) -> None:
    turn = reader.turn(2)
    path = reader.made(turn=turn.id, first=0, last=7)
    with reader.archive.database.write() as connection:
        text = turn.turn.text.replace("Bonjour Julien", "Bonsoir Julien", 1)
        turn = save_text(connection, turn.id, turn.version, text, SAMIRA, NOW).turns[0]
    page = reader.see(path)
    assert "These words have been corrected since" in page
    assert "<del>" in page
    assert plain(page).count("Bonjour Julien") >= 2
    assert "“Bonjour” replaced by “Bonsoir”" in plain(page)
    with reader.archive.database.write() as connection:
        turn = split_turn(connection, turn.id, turn.version, 3, SAMIRA, NOW).turns[0]
    page = plain(reader.see(path))
    assert re.search("the words were corrected — Samira Benali .* the turn was split — Samira Benali", page)
    with reader.archive.database.write() as connection:
        withdraw_words(connection, turn.id, (0, 2), "asked", None, NOW)
    page = reader.see(path)
    assert "withdrawn at a person’s request" in plain(page)
    assert "Bonjour Julien" not in plain(page)
    assert "Bonsoir Julien" not in plain(page)


def test_a_withdrawn_quote_is_gone_and_says_so(reader: Reader) -> None:
    turn = reader.turn(1)
    path = reader.made(turn=turn.id, first=2, last=6)
    with reader.archive.database.write() as connection:
        withdraw_words(connection, turn.id, (2, 6), "asked", None, NOW)
    page = reader.see(path, 410)
    assert "Withdrawn quotation" in page
    for word in ("bonjour", "Vous"):
        assert word in turn.turn.text
        assert word not in plain(page)
    assert "/audio.mp3" not in page


def test_who_is_signed_in_confirms_by_ear_and_both_are_shown(reader: Reader, volunteer: Reader) -> None:
    path = volunteer.made(turn=reader.turn(1).id, first=2, last=6)
    assert "Sign in to confirm" in reader.see(path)
    page = volunteer.see(path)
    token = re.search(r'action="/q/\w+/heard">.*?value="([^"]+)"', page, re.S)
    assert token is not None
    assert volunteer.client.post(f"{path}/heard", data={"form_token": token[1]}).status_code == 303
    assert re.search("Zoé Petit heard and confirmed on", plain(reader.see(path)))
    assert "Verified by ear" in reader.see(path)
    assert "You have confirmed it" in volunteer.see(path)


def test_a_turn_whose_words_were_heard_says_so_on_its_episode_s_page(volunteer: Reader) -> None:
    whole, part = volunteer.turn(1), volunteer.turn(2)
    ends = ((whole, 0, len(whole.turn.words) - 1), (part, 0, 7))
    paths = [volunteer.made(turn=held.id, first=first, last=last) for held, first, last in ends]
    episode = f"/episode/{volunteer.archive.talk}"
    address = volunteer.client.get(episode).headers.get("location", episode)
    assert "erified by ear" not in volunteer.see(address)
    for path in paths:
        with volunteer.archive.database.write() as connection:
            record_hearing(connection, path.removeprefix("/q/"), SAMIRA, NOW)
    page = volunteer.see(address)
    for held, said in ((whole, "Verified by ear"), (part, "Partly verified by ear")):
        turn = page.split(f'id="t-{held.id}"')[1].split("</li>")[0]
        assert re.search(rf'class="state">\w[^<]*</span>\s*<span class="state">{said}<', turn)
    assert page.count("erified by ear") == 2


def test_my_quotations_are_listed_and_one_is_taken_out(volunteer: Reader) -> None:
    assert "no quotation yet" in volunteer.see("/quotes/mine")
    path = volunteer.made(turn=volunteer.turn(1).id, first=2, last=6)
    page = volunteer.see("/quotes/mine")
    assert path in page
    fields = dict(
        re.findall(r'name="(form_token|quote)" value="([^"]+)"', page.split('action="/quotes/mine/drop"')[1])
    )
    assert volunteer.client.post("/quotes/mine/drop", data=fields).status_code == 303
    assert path not in volunteer.see("/quotes/mine")
    assert volunteer.see(path)


def test_doubtful_words_are_said_to_be_so_before_they_are_quoted(reader: Reader) -> None:
    turn = reader.turn(4)
    assert turn.turn.doubts == (Doubt(DoubtKind.LOOP, 3, 5),)
    assert "marked as doubtful" in reader.choose(turn=turn.id, first=2, last=4)
    assert "marked as doubtful" not in reader.choose(turn=turn.id, first=0, last=1)


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"spans": "9999.0-9999.3"}, 404, "There is nothing at this address"),
        ({"spans": ""}, 422, "Nobody says a word there"),
        ({"spans": "", "start": "9000", "end": "9010"}, 422, "outside of the episode"),
        ({"spans": "", "start": "12", "end": "10"}, 422, "Exchange its start and its end"),
        ({"episode": "999"}, 404, "There is nothing at this address"),
    ],
)
def test_what_cannot_be_quoted_is_answered_in_a_sentence(
    reader: Reader, fields: dict[str, str], status: int, said: str
) -> None:
    answer = reader.quote(reader.choose(turn=reader.turn(1).id), **fields)
    assert (answer.status_code, said in plain(answer.text)) == (status, True), plain(answer.text)


@pytest.mark.parametrize("path", ["/q/nulle-part", "/quote/choose?episode=1&turn=999", "/quote/choose"])
def test_what_does_not_exist_is_not_found(reader: Reader, path: str) -> None:
    reader.see(path, 404)


def test_a_private_episode_is_not_quoted(reader: Reader) -> None:
    reader.see(f"/quote/choose?episode={reader.archive.private}", 404)


def test_a_card_s_citation_begins_with_the_sentence_that_was_found(reader: Reader) -> None:
    page = reader.see("/search?q=%22voix+de+synthèse%22")
    address = re.search(r'href="(/quote/choose\?[^"]+)"', page)
    assert address is not None
    chosen = preview(reader.see(html.unescape(address[1])))
    assert chosen.startswith("Un mot d’abord")
    assert chosen.endswith("inventée.")


def test_of_two_texts_the_chooser_says_which_it_is_and_leads_to_the_other(reader: Reader) -> None:
    publish(reader, reader.turn(2))
    page = reader.choose(text="published", at="15.8", to="17")
    assert preview(page).startswith("Bonjour à tous.")
    assert "published text, smoothed" in plain(page)
    other = re.search(r'href="(/quote/choose\?[^"]*text=spoken[^"]*)"', page)
    assert other is not None
    assert preview(reader.see(html.unescape(other[1]))).startswith("Bonjour Julien,")
    quoted = plain(reader.see(str(reader.quote(page).headers["location"])))
    assert "these are not always the very words" in quoted
    assert "time estimated" in quoted


def publish(reader: Reader, spoken: StoredTurn) -> None:
    """Give an episode a published text of one turn, said when another is."""
    words = [
        Word(text, 15_700 + 400 * place, 16_000 + 400 * place, heard=False)
        for place, text in enumerate(["Bonjour", "à", "tous."])
    ]
    row = {"start_ms": words[0].start_ms, "end_ms": words[-1].end_ms, "words": pack_words(words)}
    with reader.archive.database.write() as connection:
        connection.execute(
            insert(schema.turn).values(
                episode_id=spoken.episode_id,
                edition=Edition.PUBLISHED,
                position=0,
                kind=TurnKind.SPEECH,
                state=TurnState.READ,
                doubts=[],
                **row,
            )
        )
