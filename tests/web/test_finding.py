"""Find in an episode: the same turns as a search, each matched word, in order, with script or without."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.testclient import TestClient

from media.transcripts import list_turns
from search.answers import Excerpt, SearchRequest, SearchResult
from web.finding import MAX_TURNS, find_in_episode, send_found

TALK = "/episode/{}/valbrune-passe-au-logiciel-libre"


def ask(client: TestClient, archive: Any, text: str) -> Any:
    return client.get(f"/episode/{archive.talk}/find.json", params={"find": text}).json()


@pytest.mark.parametrize(
    "query", ["logiciel", "HELENE", '"logiciel libre"', "la facture OU bibliothèque", "l’outil"]
)
def test_the_turns_found_are_those_of_a_search_in_the_order_of_speech(
    client: TestClient, archive: Any, query: str
) -> None:
    spots = ask(client, archive, query)["spots"]
    with archive.database.read() as connection:
        turns = {held.id: held for held in list_turns(connection, archive.talk)}
    searched = SearchRequest(query, episode_id=archive.talk, per_episode=None, limit=100)
    app: Any = client.app
    found = {excerpt.turn_id for excerpt in app.state.site.index.search(searched).excerpts}
    assert {turn for turn, _, _ in spots} == found != set()
    places = [(turns[turn].position, begin, end) for turn, begin, end in spots]
    assert places == sorted(places)
    assert all(0 <= begin < end <= len(turns[turn].turn.text) for turn, begin, end in spots)


def test_each_word_found_is_whole_whatever_the_accents(client: TestClient, archive: Any) -> None:
    spots = ask(client, archive, "HELENE")["spots"]
    with archive.database.read() as connection:
        texts = {held.id: held.turn.text for held in list_turns(connection, archive.talk)}
    assert {texts[turn][begin:end] for turn, begin, end in spots} == {"Hélène"}
    assert len(spots) >= 3


def test_what_is_not_there_is_said(client: TestClient, archive: Any) -> None:
    found = ask(client, archive, "zzzyyyxxx")
    assert (found["spots"], found["rebuilding"]) == ([], None)
    assert ask(client, archive, "")["spots"] == []
    assert ask(client, archive, '"facture')["ignored"] == ['"']
    page = client.get(TALK.format(archive.talk) + "?find=zzzyyyxxx").text
    assert "Not in this episode" in page[page.index('id="found"') :]


def test_without_script_matches_are_marked_and_each_is_an_address(client: TestClient, archive: Any) -> None:
    total = len(ask(client, archive, "logiciel")["spots"])
    page = client.get(TALK.format(archive.talk) + "?find=logiciel&match=2").text
    words = page[page.index('id="transcript"') :]
    assert len(re.findall(r"<mark[ >]", words)) == total
    assert words.count('<mark class="here" id="found-here">') == 1
    assert re.search(rf'id="found"[^>]*>\s*2 of {total}\s*<', page)
    assert f'href="?find=logiciel&amp;match={3 % total or total}#found-here"' in page
    first = client.get(TALK.format(archive.talk) + "?find=logiciel&match=0").text
    assert f"1 of {total}" in first
    assert f"match={total}#found-here" in first  # before the first comes the last
    assert f"{total} of {total}" in client.get(TALK.format(archive.talk) + "?find=logiciel&match=999").text


def test_marks_stand_beside_doubts_and_change_no_text(client: TestClient, archive: Any) -> None:
    plain = client.get(TALK.format(archive.talk)).text
    with archive.database.read() as connection:
        doubtful = next(held for held in list_turns(connection, archive.talk) if held.turn.doubts)
    query = '"' + " ".join(word.text for word in doubtful.turn.words[2:5]) + '"'
    marked = client.get(TALK.format(archive.talk), params={"find": query}).text

    def words_of(page: str) -> list[str]:
        return re.findall(r'<p class="words"[^>]*>(.*?)</p>', re.sub(r"</?mark[^>]*>", "", page))

    assert "<mark" in marked
    assert words_of(marked) == words_of(plain)


def test_a_slug_that_is_missing_keeps_what_is_looked_for(client: TestClient, archive: Any) -> None:
    answer = client.get(f"/episode/{archive.talk}?find=eau&match=2")
    assert answer.headers["location"] == TALK.format(archive.talk) + "?find=eau&match=2"


def test_a_private_episode_tells_nothing(client: TestClient, archive: Any) -> None:
    """FAULTS 52."""
    assert client.get(f"/episode/{archive.private}/find.json?find=confidence").status_code == 404


class EndlessIndex:
    """An index in which every turn of an endless episode says the same."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.asked = 0

    def search(self, request: SearchRequest) -> SearchResult:
        """Answer a page full of turns."""
        self.asked += 1
        turns = range(request.offset, request.offset + request.limit)
        return SearchResult(10**6, request.text, 1, tuple(self._excerpt(turn) for turn in turns))

    def _excerpt(self, turn: int) -> Excerpt:
        where: Any = dict.fromkeys(Excerpt.__dataclass_fields__)
        return Excerpt(**{**where, "turn_id": turn, "turn_text": self.text})


def test_an_endless_episode_is_not_read_for_ever() -> None:
    index = EndlessIndex("le pont et le pont")
    found = find_in_episode(index, "pont", 1)
    assert index.asked == MAX_TURNS // 100
    assert len(found.spots) == 2 * MAX_TURNS


def test_offsets_are_those_of_scripts() -> None:
    asked = SimpleNamespace(query_params={"find": "pont"})
    visit: Any = SimpleNamespace(request=asked, index=EndlessIndex("😀 le pont"))
    body = bytes(send_found(visit, 1).body)
    assert b"[0,6,10]" in body
