"""Every page of volunteers works as forms, without script, and only for those who may."""

import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from media.correction.saving import list_conflicts
from media.episodes import get_episode
from media.transcripts import get_turns, list_turns
from media.volunteering import tables
from media.volunteering.listening import count_plays
from tests.web.conftest import open_client
from tests.web.volunteering.conftest import Busy, count_rows
from web.site import Site
from web.volunteering.hints import describe_hints


def read_form(page: str, action: str) -> dict[str, str]:
    """Read the fields of the form that goes to an address, as a browser would send them."""
    form = re.search(rf'<form[^>]*method="post" action="{re.escape(action)}".*?</form>', page, re.DOTALL)
    assert form, action
    fields = {}
    for tag in re.findall(r"<input[^>]*>", form.group()):
        held = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        unticked = held.get("type") in ("checkbox", "radio") and not tag.rstrip(">").endswith("checked")
        if "name" in held and not (unticked and " checked" not in tag):
            fields[held["name"]] = unescape(held.get("value", "on"))
    for name, text in re.findall(
        r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form.group(), re.DOTALL
    ):
        fields[name] = unescape(text)
    return fields


def begin(helper: TestClient) -> str:
    """Sit down for ten minutes; returns the address."""
    fields = read_form(helper.get("/doubts").text, "/doubts")
    answer = helper.post("/doubts", data=fields)
    assert answer.status_code == 303
    return str(answer.headers["location"])


def test_a_doubt_is_corrected_and_the_next_one_asked(helper: TestClient, own_busy: Busy):
    desk = begin(helper)
    page = helper.get(desk).text
    fields = read_form(page, desk + "/answer")
    first = fields["doubt"]
    answer = helper.post(desk + "/answer", data=fields | {"text": "Tournesol"})
    assert answer.status_code == 303
    after = helper.get(answer.headers["location"]).text
    assert "Written: “Tournesol”." in after
    assert read_form(after, desk + "/answer")["doubt"] != first
    with own_busy.database.read() as connection:
        turn = get_turns(connection, [int(fields["turn"])])[int(fields["turn"])]
    assert "Tournesol" in turn.turn.text


def test_the_latest_answer_is_taken_back_and_asked_first(helper: TestClient, own_busy: Busy):
    desk = begin(helper)
    fields = read_form(helper.get(desk).text, desk + "/answer")
    helper.post(desk + "/answer", data=fields | {"text": "Tournesol"})
    undo = read_form(helper.get(desk).text, desk + "/undo")
    back = helper.get(helper.post(desk + "/undo", data=undo).headers["location"]).text
    assert read_form(back, desk + "/answer")["text"] == fields["text"]
    with own_busy.database.read() as connection:
        turn = get_turns(connection, [int(fields["turn"])])[int(fields["turn"])]
    assert "Tournesol" not in turn.turn.text


def test_a_script_is_answered_in_json_with_the_doubt_after_the_one_shown(helper: TestClient):
    desk = begin(helper)
    page = helper.get(desk).text
    shown = re.findall(r'data-doubt="(\d+)"', page)
    assert len(shown) == 2
    fields = read_form(page, desk + "/answer") | {"shown": shown[1], "answer": "skipped"}
    body = helper.post(desk + "/answer", data=fields, headers={"accept": "application/json"}).json()
    assert (body["refused"], body["finished"]) == (False, False)
    assert body["told"] == "Skipped."
    assert re.findall(r'data-doubt="(\d+)"', body["next"])[0] not in shown


def test_what_is_typed_for_a_doubt_settled_meanwhile_is_kept(helper: TestClient, own_busy: Busy):
    desk = begin(helper)
    fields = read_form(helper.get(desk).text, desk + "/answer")
    helper.post(desk + "/answer", data=fields | {"text": "Premier"})
    late = helper.post(desk + "/answer", data=fields | {"text": "Second"})
    assert "told=refused" in late.headers["location"]
    with own_busy.database.read() as connection:
        (conflict,) = list_conflicts(connection, turn_id=int(fields["turn"]))
    assert "Second" in conflict.text


def test_a_correction_everywhere_is_shown_chosen_made_and_undone(helper: TestClient, own_busy: Busy):
    page = helper.get("/everywhere?heard=mooflow&written=MoveFlow").text
    assert "3 places" in page
    fields = read_form(page, "/everywhere")
    chosen = {name: value for name, value in fields.items() if name.startswith("place-")}
    assert len(chosen) == 3
    fields.pop(sorted(chosen)[-1])
    answer = helper.post("/everywhere", data=fields | {"heard": "mooflow", "written": "MoveFlow"})
    sweep = answer.headers["location"]
    assert "2 places corrected" in helper.get(sweep).text

    def said() -> str:
        with own_busy.database.read() as connection:
            return " ".join(held.turn.text for held in list_turns(connection, own_busy.second))

    assert said().count("MoveFlow") == 2
    assert "mooflows" in said()
    undo = read_form(helper.get(sweep).text, sweep + "/undo")
    helper.post(sweep + "/undo", data=undo)
    assert "Undone" in helper.get(sweep).text
    assert "MoveFlow" not in said()


def test_the_editor_is_offered_terms_with_how_often_they_are_elsewhere(helper: TestClient, own_busy: Busy):
    address = "/glossary/place-du-marche"
    token = read_form(helper.get(address).text, address + "/add")
    helper.post(address + "/add", data=token | {"spelling": "MoveFlow", "forms": "mooflow"})
    site = site_of(helper)
    with own_busy.database.read() as connection:
        turns = list_turns(connection, own_busy.second)
        show_id = get_episode(connection, own_busy.second).show_id
        offers = describe_hints(site, connection, show_id, turns)
    assert set(offers) == {held.id for held in turns}
    (offer,) = offers[turns[1].id]
    assert (offer["wrong"], offer["right"]) == ("Mooflow", "MoveFlow")
    assert (offer["others"], offer["episodes"]) == (2, 1)
    assert "3 places" in helper.get(offer["link"]).text


def site_of(helper: TestClient) -> Site:
    """The open site behind a client."""
    site: Site = helper.app.state.site  # type: ignore[attr-defined]
    return site


def test_a_term_is_added_edited_removed_and_refused_with_what_was_typed(helper: TestClient):
    address = "/glossary/place-du-marche"
    token = read_form(helper.get(address).text, address + "/add")
    helper.post(address + "/add", data=token | {"spelling": "MoveFlow", "forms": "mooflow, moove flo"})
    page = helper.get(address).text
    assert "<q>mooflow</q>" in page
    fields = token | {"known": "MoveFlow", "spelling": "Moveflow", "forms": "mooflow"}
    helper.post(address + "/edit", data=fields)
    assert "was “MoveFlow”" in helper.get(address).text
    helper.post(address + "/remove", data=token | {"known": "Moveflow"})
    assert "No term" in helper.get(address).text or "0 terms" in helper.get(address).text
    refused = helper.post(address + "/add", data=token | {"spelling": "??", "forms": "gardé"})
    assert refused.status_code == 422
    assert 'value="gardé"' in refused.text


def test_the_ledger_says_what_is_left(helper: TestClient):
    page = helper.get("/effort").text
    assert "What to do next" in page
    assert "Valbrune passe au logiciel libre" in page


@pytest.mark.parametrize("address", ["/doubts", "/glossary", "/everywhere", "/effort", "/doubts/1"])
def test_a_visitor_is_asked_to_sign_in(client: TestClient, address: str):
    assert client.get(address).headers["location"].startswith("/login")


def test_a_sitting_is_its_owners(helper: TestClient, own_busy: Busy):
    desk = begin(helper)
    with own_busy.database.write() as connection:
        other = tables.sitting.update().values(account_id=1)
        connection.execute(other)
    assert helper.get(desk).status_code == 404


def test_a_play_is_counted_and_leaves_nothing_of_who_played(own_archive: Any):
    with open_client(own_archive.settings) as client:
        address = f"/episode/{own_archive.talk}/plays"
        assert client.post(address).status_code == 204
        assert not client.cookies
        assert client.post(address, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    with own_archive.database.read() as connection:
        assert count_plays(connection, own_archive.talk) == 1
        row = connection.execute(select(tables.listening)).one()
    assert set(row._mapping) == {"episode_id", "plays", "counted_at"}


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "\u202emot", "a" * 5_000, "mot\x00\x07", "« ??? »", "' OR 1=1"]
)
def test_whatever_is_typed_is_only_text(helper: TestClient, own_busy: Busy, text: str):
    desk = begin(helper)
    fields = read_form(helper.get(desk).text, desk + "/answer")
    answer = helper.post(desk + "/answer", data=fields | {"text": text})
    assert answer.status_code == 303
    page = helper.get(answer.headers["location"])
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert count_rows(own_busy.database, tables.verdict) == 1
