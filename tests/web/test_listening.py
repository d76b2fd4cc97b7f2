"""Audio by ranges, words' times, peaks and exports, as a browser asks for them."""

import random
from typing import Any

import pytest
from starlette.testclient import TestClient


@pytest.fixture
def audio(archive: Any) -> str:
    return f"/episode/{archive.talk}/audio.mp3"


def test_audio_is_sent_by_ranges(client: TestClient, audio: str) -> None:
    whole = client.get(audio)
    assert (whole.status_code, whole.headers["content-type"]) == (200, "audio/mpeg")
    assert whole.headers["accept-ranges"] == "bytes"
    part = client.get(audio, headers={"range": "bytes=1000-1999"})
    assert part.status_code == 206
    assert part.content == whole.content[1000:2000]
    assert part.headers["content-range"] == f"bytes 1000-1999/{len(whole.content)}"
    assert "content-encoding" not in whole.headers


def test_audio_that_a_browser_holds_is_not_sent_again(client: TestClient, audio: str) -> None:
    tag = client.get(audio).headers["etag"]
    assert client.get(audio, headers={"if-none-match": tag}).status_code == 304
    assert client.get(audio, headers={"if-none-match": f'W/"x", {tag}'}).status_code == 304
    resumed = client.get(audio, headers={"range": "bytes=5-9", "if-range": tag})
    assert (resumed.status_code, len(resumed.content)) == (206, 5)
    assert client.get(audio, headers={"range": "bytes=5-9", "if-range": '"other"'}).status_code == 200


def test_no_malformed_range_harms(client: TestClient, audio: str) -> None:
    """FAULTS 47."""
    pieces = [
        "bytes",
        "=",
        "-",
        ",",
        "0",
        "99999999999",
        "5" * 5_000,
        " ",
        "é",
        "-1",
        "items",
        "0-",
        "-0",
        "9-1",
        "²",
    ]
    dice = random.Random(47)
    for _ in range(1_000):
        text = "bytes=" * dice.randrange(2) + "".join(dice.choices(pieces, k=dice.randrange(1, 9)))
        answer = client.get(audio, headers={"range": text.encode("utf-8")})
        assert answer.status_code in (200, 206, 400, 416), text
    many = ",".join(f"{2 * n}-{2 * n}" for n in range(5_000))
    assert client.get(audio, headers={"range": f"bytes={many}"}).status_code in (200, 416)


def test_words_come_small_and_only_once(client: TestClient, archive: Any) -> None:
    answer = client.get(f"/episode/{archive.talk}/words.json")
    document = answer.json()
    turn, times = document["turns"][0]
    assert times[:4] == [2_900, 260, 60, 260]
    assert isinstance(turn, int)
    again = client.get(
        f"/episode/{archive.talk}/words.json", headers={"if-none-match": answer.headers["etag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


def test_a_text_without_sound_has_no_audio(client: TestClient, archive: Any) -> None:
    assert client.get(f"/episode/{archive.text}/audio.mp3").status_code == 404
    assert client.get(f"/episode/{archive.text}/words.json").json()["turns"] == []


def test_peaks_are_bytes(client: TestClient, archive: Any) -> None:
    answer = client.get(f"/episode/{archive.talk}/peaks")
    assert answer.content == bytes(range(256))
    assert client.get(f"/episode/{archive.text}/peaks").status_code == 404


@pytest.mark.parametrize(
    ("kind", "media_type", "begins"),
    [
        ("vtt", "text/vtt", "WEBVTT"),
        ("srt", "application/x-subrip", "1\n"),
        ("txt", "text/plain", "Place du Marché"),
        ("json", "application/json", "{"),
    ],
)
def test_transcripts_are_taken_away(
    client: TestClient, archive: Any, kind: str, media_type: str, begins: str
) -> None:
    answer = client.get(f"/episode/{archive.talk}/export.{kind}")
    assert answer.headers["content-type"].startswith(media_type)
    assert answer.text.startswith(begins)
    name = f'attachment; filename="valbrune-passe-au-logiciel-libre.{kind}"'
    assert answer.headers["content-disposition"] == name
    assert "Julien Morvan" in answer.text


def test_an_unknown_format_is_not_there(client: TestClient, archive: Any) -> None:
    assert client.get(f"/episode/{archive.talk}/export.exe").status_code == 404
