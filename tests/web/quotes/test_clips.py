"""Clips, films and captions of a quote: what is heard, sent as files; and what is refused, in words."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
import webvtt
from PIL import Image
from starlette.testclient import TestClient

from ingest.redaction import hold_back_copy, redact_copy
from media import shows
from media.correction.acts import save_text
from media.correction.authors import Author
from media.episodes import get_episode, update_episode
from media.people.attempts import take_try
from media.people.withdrawals import withdraw_words
from media.quotes.capturing import capture, find_span
from media.quotes.values import Quote
from media.store.opening import open_store
from media.transcript import Edition
from media.transcripts import list_turns
from tests.web.conftest import Archive, open_client
from web.quotes.making import CLIPS_FROM_ADDRESS

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SAMIRA = Author(1, "Samira Benali")
MP3_RATE = 16_000


@dataclass(frozen=True)
class Given:
    """A quote, an archive that may change, and a reader without account."""

    archive: Archive
    client: TestClient
    quote: Quote

    def get(self, what: str, **headers: str) -> Any:
        return self.client.get(f"/q/{self.quote.id}/{what}", headers=headers)

    def change_show(self, **fields: Any) -> None:
        with self.archive.database.write() as connection:
            show_id = get_episode(connection, self.archive.talk).show_id
            shows.update_show(connection, show_id, fields)


def make_quote(archive: Archive, start_ms: int, end_ms: int) -> Quote:
    with archive.database.write() as connection:
        span = find_span(connection, archive.talk, Edition.SPOKEN, start_ms, end_ms)
        return capture(connection, archive.talk, Edition.SPOKEN, [span], SAMIRA, NOW)


@pytest.fixture(scope="module")
def quote(archive: Archive) -> Quote:
    return make_quote(archive, 20_000, 32_000)


@pytest.fixture
def given(archive: Archive, quote: Quote) -> Iterator[Given]:
    """A quote in the archive that nobody changes."""
    with open_client(archive.settings) as client:
        yield Given(archive, client, quote)


@pytest.fixture
def own(own_archive: Archive) -> Iterator[Given]:
    with open_client(own_archive.settings) as client:
        yield Given(own_archive, client, make_quote(own_archive, 20_000, 32_000))


def made_files(given: Given) -> list[str]:
    return sorted(path.name for path in given.archive.settings.made_folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("what", "media_type", "head"),
    [
        ("clip.mp3", "audio/mpeg", b"ID3"),
        ("clip.opus", "audio/ogg; codecs=opus", b"OggS"),
        ("clip.wav", "audio/wav", b"RIFF"),
    ],
)
def test_a_clip_is_sent_whole_or_by_ranges_under_a_name_that_says_what_it_is(
    what: str, media_type: str, head: bytes, given: Given
) -> None:
    whole = given.get(what)
    assert (whole.status_code, whole.headers["content-type"]) == (200, media_type)
    assert whole.content.startswith(head)
    suffix = what.split(".")[1]
    assert (
        whole.headers["content-disposition"]
        == f'inline; filename="place-du-marche-2025-11-19-0h00m19s.{suffix}"'
    )
    part = given.get(what, range="bytes=10-29")
    assert (part.status_code, part.content) == (206, whole.content[10:30])
    assert given.get(what, **{"if-none-match": whole.headers["etag"]}).status_code == 304
    assert given.get(what, range="bytes=99999999-").status_code == 416


def test_a_clip_lasts_from_the_first_word_to_the_last(given: Given) -> None:
    sound = given.get("clip.wav").content
    rate = int.from_bytes(sound[24:28], "little")
    samples = (len(sound) - sound.index(b"data") - 8) // 2
    assert given.quote.start_ms is not None
    assert given.quote.end_ms is not None
    assert abs(samples * 1_000 / rate - (given.quote.end_ms - given.quote.start_ms)) < 1


def test_captions_are_the_words_that_are_heard_on_the_clip_s_own_clock(given: Given) -> None:
    answer = given.get("captions.vtt")
    assert answer.headers["content-type"].startswith("text/vtt")
    cues = list(webvtt.from_buffer(BytesIO(answer.content)))
    said = " ".join(cue.text.replace("\n", " ") for cue in cues)
    assert said.replace("\N{NO-BREAK SPACE}", " ") == given.quote.text.replace("\N{NO-BREAK SPACE}", " ")
    assert cues[0].start == "00:00:00.000"
    assert all(cue.start_in_seconds < cue.end_in_seconds <= 13 for cue in cues)
    assert f"/q/{given.quote.id}" in answer.text


def test_a_film_is_made_beside_while_its_address_says_so(given: Given) -> None:
    first = given.get("video-square.mp4")
    assert first.status_code == 202
    assert "Video in preparation" in first.text
    assert "<script" not in first.text.split("<main")[1]
    deadline = time.monotonic() + 60
    while (film := given.get("video-square.mp4")).status_code == 202:
        assert time.monotonic() < deadline
        assert film.headers["refresh"]
        time.sleep(0.2)
    assert (film.status_code, film.headers["content-type"]) == (200, "video/mp4")
    assert film.content[4:8] == b"ftyp"
    assert given.get("video-square.mp4", range="bytes=0-3").status_code == 206


@pytest.mark.parametrize("what", ["clip.flac", "clip.mp3%2F..%2F..", "video-round.mp4", "clip.", "clip.MP3"])
def test_what_nobody_makes_is_not_found(what: str, given: Given) -> None:
    assert given.get(what).status_code == 404


def test_an_id_that_does_not_exist_makes_nothing(given: Given) -> None:
    before = made_files(given)
    for what in ("clip.mp3", "captions.vtt", "video-wide.mp4", "card.png"):
        assert given.client.get(f"/q/nothere12345/{what}").status_code == 404
        assert given.client.get(f"/q/..%2f..%2fetc/{what}").status_code == 404
    assert made_files(given) == before


def test_a_show_may_forbid_clips_and_nothing_is_made(own: Given) -> None:
    own.change_show(clips=False)
    for what in ("clip.mp3", "captions.vtt", "video-wide.mp4"):
        answer = own.get(what)
        assert answer.status_code == 403
        assert "do not allow clips" in answer.text
    assert "do not allow clips" in own.client.get(f"/q/{own.quote.id}").text
    own.change_show(clips=True, licence="Verbatim")
    answer = own.get("clip.mp3")
    assert (answer.status_code, "Verbatim" in answer.text) == (403, True)
    own.change_show(licence="CC BY-SA 4.0")
    assert own.get("clip.mp3").status_code == 200
    assert len(made_files(own)) == 1


def test_the_licence_of_a_transcript_is_not_that_of_the_sound(own: Given) -> None:
    """April's: the transcript is Verbatim, the recording CC BY-SA."""
    own.change_show(licence="CC BY-SA 4.0")
    with own.archive.database.write() as connection:
        fields = {"licence": "verbatim", "notice": "Transcrit par nos soins."}
        update_episode(connection, own.archive.talk, fields)
    clip = own.get("clip.wav")
    assert clip.status_code == 200
    assert b"CC BY-SA 4.0" in clip.content
    assert b"Verbatim" not in clip.content
    captions = own.get("captions.vtt").text
    assert "La reproduction exacte" in captions
    assert "Transcrit par nos soins." in captions
    own.change_show(licence="Tous droits réservés")
    assert own.get("clip.wav").status_code == 403


def test_a_clip_too_short_or_too_long_is_refused_in_words(own: Given) -> None:
    long = make_quote(own.archive, 0, 150_000)
    short = make_quote(own.archive, 20_000, 20_400)
    answers = [own.client.get(f"/q/{quote.id}/clip.wav") for quote in (long, short)]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert "at most 120 seconds" in answers[0].text
    assert "at least 1 second" in answers[1].text
    assert made_files(own) == []


def test_a_thousand_clips_from_one_address_are_refused_in_words(own: Given) -> None:
    with own.archive.database.write() as connection:
        for _ in range(CLIPS_FROM_ADDRESS.most):
            take_try(connection, {CLIPS_FROM_ADDRESS: "testclient"}, datetime.now(UTC))
    answer = own.get("clip.mp3")
    assert answer.status_code == 429
    assert "minutes before the next" in answer.text
    assert made_files(own) == []
    with own.archive.database.write() as connection:
        other = capture(connection, own.archive.talk, Edition.SPOKEN, [own_span(own)], None, NOW)
    assert own.client.get(f"/q/{other.id}").status_code == 200, "reading goes on"


def own_span(own: Given) -> Any:
    with own.archive.database.read() as connection:
        return find_span(connection, own.archive.talk, Edition.SPOKEN, 5_000, 9_000)


def test_a_withdrawn_passage_is_given_as_nothing(own: Given) -> None:
    assert own.get("clip.mp3").status_code == 200
    withdraw(own, own.quote)
    for what in ("clip.mp3", "clip.wav", "captions.vtt", "video-wide.mp4"):
        answer = own.get(what)
        assert answer.status_code == 410, what
        assert own.quote.words[0].text not in answer.text
    assert b"PNG" in own.get("card.png").content


def test_what_is_withdrawn_inside_of_a_clip_is_silent_in_it_and_not_captioned(own: Given) -> None:
    middle = [word for word in own.quote.words if 24_000 <= (word.start_ms or 0) < 27_000]
    before = own.get("clip.wav")
    withdraw(own, make_quote(own.archive, 24_000, 27_000))
    after = own.get("clip.wav")
    assert after.status_code == 200
    assert len(after.content) == len(before.content)
    assert after.headers["etag"] != before.headers["etag"]
    assert own.quote.start_ms is not None
    rate = int.from_bytes(after.content[24:28], "little")
    at = after.content.index(b"data") + 8 + (25_500 - own.quote.start_ms) * rate // 1_000 * 2
    assert after.content[at : at + 2_000] == bytes(2_000)
    assert before.content[at : at + 2_000] != bytes(2_000)
    captions = own.get("captions.vtt").text
    assert " ".join(word.text for word in middle[2:5]) not in captions
    assert "audio was replaced" not in own.client.get(f"/q/{own.quote.id}").text


def test_the_page_still_lets_a_quote_be_heard_when_something_else_was_silenced(own: Given) -> None:
    withdraw(own, make_quote(own.archive, 60_000, 63_000))
    page = own.client.get(f"/q/{own.quote.id}").text
    assert "audio was replaced" not in page
    assert 'id="verify"' in page
    assert own.get("clip.mp3").status_code == 200


def withdraw(own: Given, quote: Quote) -> None:
    with own.archive.database.write() as connection:
        for piece in quote.pieces:
            withdraw_words(
                connection, piece.turn_id, (piece.first_word, piece.last_word), "demande", None, NOW
            )
        hold_back_copy(connection, own.archive.talk)
    redact_copy(own.archive.database, open_store(own.archive.settings), own.archive.talk)


def test_corrected_words_are_captioned_as_they_stand_today(own: Given) -> None:
    with own.archive.database.write() as connection:
        turns = {held.id: held for held in list_turns(connection, own.archive.talk)}
        held = turns[own.quote.pieces[0].turn_id]
        save_text(
            connection,
            held.id,
            held.version,
            held.turn.text.replace(own.quote.words[0].text, "Rectifié"),
            SAMIRA,
            NOW,
        )
    assert "Rectifié" in own.get("captions.vtt").text
    assert own.get("clip.mp3").status_code == 200


def test_another_recording_is_not_cut_by_old_times(own: Given) -> None:
    with own.archive.database.write() as connection:
        update_episode(connection, own.archive.talk, {"listening_sha256": None})
    assert own.get("clip.mp3").status_code == 404


def test_the_page_of_a_quote_offers_what_there_is_and_its_alternative_text(given: Given) -> None:
    page = given.client.get(f"/q/{given.quote.id}").text
    for what in ("clip.mp3", "clip.opus", "clip.wav", "captions.vtt", "video-square.mp4", "video-wide.mp4"):
        assert f'href="/q/{given.quote.id}/{what}"' in page
    assert "over the waveform" in page or "forme d’onde" in page
    assert "&lt;iframe src=" in page
    assert 'type="application/json+oembed"' in page


def test_cards_are_of_the_size_that_networks_show(given: Given) -> None:
    for path in (f"/q/{given.quote.id}/card.png", f"/c/{given.archive.talk}/20000-32000.png"):
        answer = given.client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
        with Image.open(BytesIO(answer.content)) as picture:
            assert picture.size == (1200, 630)
        assert len(answer.content) < 150_000
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("32000-20000", 400),
        ("0-10800000", 400),
        ("179000-190000", 400),
        ("20000-20100", 400),
        ("99999999999999999999-999999999999999999999", 404),
        ("20000-32000", 200),
    ],
)
def test_a_moment_has_a_page_and_what_is_none_is_said_in_words(path: str, status: int, given: Given) -> None:
    for end in ("", ".png"):
        answer = given.client.get(f"/c/{given.archive.talk}/{path}{end}")
        assert answer.status_code == status
    page = given.client.get(f"/c/{given.archive.talk}/{path}").text
    if status == 200:
        assert (
            f'property="og:image" content="http://127.0.0.1:8765/c/{given.archive.talk}/{path}.png"' in page
        )
        assert "#t=20.000,32.000" in page
    for hidden in (given.archive.private, given.archive.text, 10**6):
        assert given.client.get(f"/c/{hidden}/{path}").status_code == 404
