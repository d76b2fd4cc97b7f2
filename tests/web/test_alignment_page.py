"""Those who are signed in are told how a published text lies on its sound, with a link to each gap."""

from media.correction.authors import Author
from media.texts.alignment import (
    AlignmentReport,
    GapKind,
    KeptGap,
    VoiceEvidence,
    VoiceVerdict,
    save_alignment,
)
from media.texts.installing import install_text
from media.transcript import Edition
from media.transcripts import list_turns
from tests.media.texts.conftest import Page
from tests.web.conftest import LOGIN, NOW, Archive, open_client
from tests.web.importing.conftest import sign_in

TEXT = "Anne : Bonjour à toutes et à tous.\nLuk : Merci de votre visite."


def keep(archive: Archive, report: AlignmentReport) -> None:
    with archive.database.write() as connection:
        save_alignment(connection, archive.talk, report)


def read(archive: Archive, *, signed_in: bool = True) -> str:
    with open_client(archive.settings) as client:
        if signed_in:
            sign_in(client, LOGIN)
        answer = client.get(f"/episode/{archive.talk}", follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


def test_gaps_voices_and_unsure_paragraphs_are_told_to_those_who_are_signed_in(own_archive: Archive):
    with own_archive.database.write() as connection:
        page = Page(TEXT)
        install_text(connection, own_archive.talk, page.read, page.given(), Author(None, "Samira"), NOW)
        anne, luk = list_turns(connection, own_archive.talk, Edition.PUBLISHED)
    assert anne.voice and luk.voice
    gaps = (KeptGap(GapKind.SPEECH, 12_000, 72_000), KeptGap(GapKind.TEXT, 90_000, 90_500, luk.id, luk.id))
    voices = (
        VoiceEvidence(anne.voice.id, anne.voice.id, 61_000, 62_000, VoiceVerdict.NAMED),
        VoiceEvidence(luk.voice.id, anne.voice.id, 4_000, 9_000, VoiceVerdict.UNSURE),
    )
    report = AlignmentReport(NOW, 0.87, True, 11, 9, -60_000, ((anne.id, 0, 5_000),), gaps, {}, voices)
    keep(own_archive, report)
    told = " ".join(read(own_archive).split())
    assert "9 of 11 words were heard as they are written" in told and "87%" in told
    assert '<a class="time" href="#t=12.000">0:12</a>–1:12 — people speak, and the text says nothing' in told
    assert "nobody was heard to say it" in told
    assert "1:01 of the 1:02 that this voice speaks stand under this name (one and the same)" in told
    assert "run 1:00 ahead of this recording" in told and "1 time that the text names does not fit" in told
    assert "How this text was laid" not in read(own_archive, signed_in=False)


def test_a_text_of_another_episode_is_said_to_be_so_with_its_score(own_archive: Archive):
    keep(own_archive, AlignmentReport(NOW, 0.06, False, 11, 0))
    told = read(own_archive)
    assert "does not seem to be that of this recording (agreement: 6%)" in told
