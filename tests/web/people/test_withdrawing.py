"""What an administrator withdraws is in no page, export, API, search or sound (RGPD, art. 21)."""

import re
import subprocess
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
import pytest

from media import transcripts
from media.people import withdrawals
from search.indexing import sync_index
from tests.web.people.conftest import Person

LOG = "/admin/withdrawals"
SLUG = "valbrune-passe-au-logiciel-libre"


def addresses(episode: int) -> list[str]:
    exports = [f"/episode/{episode}/export.{kind}" for kind in ("vtt", "srt", "txt", "json")]
    page = f"/episode/{episode}"
    return [f"{page}/{SLUG}", f"/api/episodes/{episode}", f"{page}/words.json", *exports]


def public(visitor: Person, archive: Any) -> str:
    """Everything that the public can read of an episode."""
    return "\n".join(
        visitor.client.get(address, follow_redirects=True).text for address in addresses(archive.talk)
    )


def found(visitor: Person, archive: Any, words: str) -> int:
    """How many turns a search finds, once the index has followed."""
    sync_index(archive.settings, archive.database)
    answer = visitor.get(f'/api/search?q="{words}"').json()
    assert (answer["total"] > 0) is ("<blockquote" in visitor.get(f'/search?q="{words}"').text)
    return int(answer["total"])


@pytest.fixture
def spoken(own_archive: Any) -> Any:
    """A turn of a few sentences, and a word that only it has."""
    with own_archive.database.read() as connection:
        turns = transcripts.list_turns(connection, own_archive.talk)
    said = [(held, at, word.text) for held in turns for at, word in enumerate(held.turn.words)]
    texts = [text.casefold() for _, _, text in said]
    return next(
        (held, at, text)
        for held, at, text in said
        if text.isalpha() and len(text) > 7 and texts.count(text) == 1 and 3 < at < len(held.turn.words) - 3
    )


def loudest(content: bytes, start_ms: int, end_ms: int) -> int:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "mp3", "-i", "-", "-f", "s16le"]
    decoded = subprocess.run(
        [*command, "-ac", "1", "-ar", "16000", "-"], input=content, capture_output=True, check=True
    )
    samples = np.frombuffer(decoded.stdout, "<i2")[start_ms * 16 : end_ms * 16]
    return int(np.abs(samples.astype(int)).max())


def test_withdrawn_words_are_in_nothing_that_is_read_found_or_heard(
    administrator: Person, visitor: Person, own_archive: Any, spoken: Any
) -> None:
    held, at, word = spoken
    before = visitor.get(f"/episode/{own_archive.talk}/words.json")
    assert word in public(visitor, own_archive)
    assert found(visitor, own_archive, word) == 1
    page = f"{LOG}/episode/{own_archive.talk}?turn={held.id}"
    chosen = {
        "turn": str(held.id),
        "first": str(at),
        "last": str(at + 1),
        "reason": "À la demande d’une personne",
    }
    assert administrator.post(page, page, **chosen).status_code == 303
    read = public(visitor, own_archive)
    assert word not in read
    assert found(visitor, own_archive, word) == 0
    assert held.turn.words[at - 1].text in read
    assert "withdrawn" in read or "retiré" in read
    with own_archive.database.read() as connection:
        assert "À la demande" not in read
        acts = withdrawals.list_withdrawals(connection)
    stale = {"if-none-match": before.headers["etag"]}
    assert visitor.client.get(f"/episode/{own_archive.talk}/words.json", headers=stale).status_code == 200
    sound = f"/episode/{own_archive.talk}/audio.mp3"
    start, end = held.turn.words[at].start_ms, held.turn.words[at + 1].end_ms
    heard = visitor.get(sound)
    assert heard.headers["cache-control"] == "public, no-cache"
    assert loudest(heard.content, start, end) < 40
    assert loudest(heard.content, start - 2_000, start - 1_000) > 1_000
    part = visitor.client.get(sound, headers={"range": "bytes=0-99"})
    assert (part.status_code, part.headers["etag"]) == (206, heard.headers["etag"])
    lifted = administrator.post(LOG + "/lift", LOG, withdrawal=str(acts[0].id), reason="Accord")
    assert lifted.status_code == 303
    assert word in public(visitor, own_archive)
    assert found(visitor, own_archive, word) == 1
    assert loudest(visitor.get(sound).content, start, end) > 1_000


def test_a_withdrawn_name_is_nobody_everywhere(
    administrator: Person, visitor: Person, own_archive: Any
) -> None:
    assert "Julien Morvan" in public(visitor, own_archive)
    assert found(visitor, own_archive, "Julien Morvan") == 1
    done = administrator.post(LOG + "/name", LOG, name="julien  MORVAN", reason="Objection")
    assert done.status_code == 303
    assert found(visitor, own_archive, "logiciel") > 0
    assert found(visitor, own_archive, "Julien Morvan") == 0
    for page in (public(visitor, own_archive), visitor.get("/search?q=logiciel").text, visitor.get("/").text):
        assert "Julien Morvan" not in page
    assert "Julien Morvan" not in visitor.get("/api/search?q=logiciel").text
    spoken = administrator.get(f"{LOG}/1/spoken").text
    place = re.search(rf'href="({LOG}/episode/\d+)\?turn=(\d+)&amp;first=(\d+)&amp;last=(\d+)"', spoken)
    assert place is not None
    form = administrator.get(place[0][6:-1].replace("&amp;", "&")).text
    assert f'<option value="{place[3]}" selected>' in form
    fields = {"turn": place[2], "first": place[3], "last": place[4], "reason": "Objection"}
    assert administrator.post(place[1], place[1], **fields).status_code == 303
    assert administrator.post(LOG + "/name", LOG, name="?!", reason="x").status_code == 400


def test_a_withdrawn_episode_leaves_a_dated_notice_and_nothing_else(
    administrator: Person, visitor: Person, own_archive: Any
) -> None:
    page = f"{LOG}/episode/{own_archive.talk}"
    assert administrator.post(page + "/all", page, reason="Objection").status_code == 303
    sync_index(own_archive.settings, own_archive.database)
    for address in [*addresses(own_archive.talk)[:3], f"/episode/{own_archive.talk}/audio.mp3"]:
        answer = visitor.get(address)
        assert answer.status_code == 410, address
        assert "This episode was withdrawn on" in answer.text
    assert visitor.get("/api/search?q=logiciel%20facture").json()["total"] == 0
    assert "Valbrune" not in visitor.get("/").text + visitor.get("/api/episodes").text
    assert administrator.post(page + "/all", page, reason="encore").status_code == 400
    with own_archive.database.read() as connection:
        act = withdrawals.list_withdrawals(connection)[0]
    administrator.post(LOG + "/lift", LOG, withdrawal=str(act.id), reason="Accord")
    assert visitor.get(addresses(own_archive.talk)[0]).status_code == 200
    assert "Accord" in administrator.get(LOG).text


def test_what_cannot_be_withdrawn_is_refused_and_changes_nothing(
    administrator: Person, own_archive: Any, spoken: Any
) -> None:
    held, _, _ = spoken
    page = f"{LOG}/episode/{own_archive.talk}"
    for fields, status in (
        ({"turn": str(held.id), "first": "5", "last": "2", "reason": "x"}, 400),
        ({"turn": str(held.id), "first": "0", "last": "99999", "reason": "x"}, 400),
        ({"turn": str(held.id), "first": "-1", "last": "1", "reason": "x"}, 400),
        ({"turn": str(held.id), "reason": " "}, 400),
        ({"turn": "999999", "reason": "x"}, 404),
    ):
        assert administrator.post(page, page, **fields).status_code == status
    other = f"{LOG}/episode/{own_archive.text}"
    assert administrator.post(other, other, turn=str(held.id), reason="x").status_code == 404
    assert administrator.post(LOG + "/lift", LOG, withdrawal="9", reason="x").status_code == 404
    with own_archive.database.read() as connection:
        assert withdrawals.list_withdrawals(connection) == []


def test_only_administrators_come_there(visitor: Person, own_archive: Any) -> None:
    """FAULTS 52."""
    paths = [LOG, f"{LOG}/episode/{own_archive.talk}", "/admin/people"]
    for path in paths:
        assert visitor.get(path).status_code == 303
    visitor.sign_in("voisin", own_archive.password)
    for path in paths:
        assert visitor.get(path).status_code == 403
    for path in (LOG + "/name", LOG + "/lift", "/admin/people/invite", f"{LOG}/episode/1/all"):
        assert visitor.post(path, "/account", role="admin", name="x", reason="x").status_code == 403


def test_a_text_without_sound_is_withdrawn_too(
    administrator: Person, visitor: Person, own_archive: Any, tmp_path: Path
) -> None:
    with own_archive.database.read() as connection:
        turn = transcripts.list_turns(connection, own_archive.text)[0]
    page = f"{LOG}/episode/{own_archive.text}"
    done = administrator.post(page, page, turn=str(turn.id), first="4", last="4", reason="x")
    assert done.status_code == 303
    read = visitor.client.get(f"/episode/{own_archive.text}", follow_redirects=True).text
    assert "rivière" not in read.partition("<main")[2].replace("La Rivière", "").replace("la-riviere", "")
