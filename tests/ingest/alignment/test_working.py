"""The worker lays a published text on the sound once it has heard it, and keeps where people speak."""

from pathlib import Path

from media import files
from media.correction.authors import Author
from media.episodes import EpisodeStatus, get_episode
from media.texts.alignment import read_alignment
from media.texts.installing import install_text
from media.transcript import Edition
from media.transcripts import list_turns
from tests.ingest.workers import NOW, Place
from tests.media.texts.conftest import Page


def test_an_episode_with_a_text_is_aligned_when_it_has_been_heard(tmp_path: Path):
    place = Place.at(tmp_path / "data")
    try:
        place.add(1, tmp_path)
        page = Page("Anne : Ce texte n’est pas celui que la machine entend.")
        with place.database.write() as connection:
            install_text(connection, 1, page.read, page.given(), Author(None, "Samira"), NOW)
        place.finish()
        with place.database.read() as connection:
            episode = get_episode(connection, 1)
            report = read_alignment(connection, 1)
            speech = files.read_speech(connection, episode.listening_sha256 or "")
            published = list_turns(connection, 1, Edition.PUBLISHED)
    finally:
        place.close()
    assert episode.status is EpisodeStatus.READY
    assert report is not None and not report.holds
    assert speech and all(start < end for start, end in speech)
    assert [held.turn.start_ms for held in published] == [None]
