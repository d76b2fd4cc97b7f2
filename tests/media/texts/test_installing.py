"""A document becomes an episode's published text; imported again, it loses no correction made here."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from media import episodes, shows
from media.correction.acts import merge_turns, save_text, split_turn
from media.correction.authors import Author
from media.correction.errors import LockedTextError
from media.correction.history import list_acts, list_versions
from media.correction.saving import list_conflicts
from media.correction.speakers import Scope, assign_speaker
from media.correction.undoing import undo
from media.database import Database
from media.episodes import EpisodeStatus, Person, list_chapters
from media.people.withdrawals import withdraw_words
from media.texts.documents import get_document, latest_document, list_documents
from media.texts.errors import NoWordsError, OtherTextError, TooManySpeakersError
from media.texts.installing import Installed, install_text
from media.texts.values import Header
from media.transcript import Edition, TurnState
from media.transcripts import Attribution, list_turns, list_voices
from tests.media.conftest import NOW
from tests.media.texts.conftest import Page

SAMIRA = Author(None, "Samira")
HEADER = Header(
    title="La mairie et le libre",
    published=date(2024, 7, 2),
    people=(Person("Anne", "host"), Person("Luk")),
    licence="CC BY-SA 4.0",
    language="fr",
)
TEXT = """== Ouverture ==
Anne : Bonjour à toutes et à tous.
La mairie de Malakoff passe au logiciel libre.
[Jingle]
== La chronique ==
Luk : Ah, ??? [32 min 50] enfin une bonne nouvelle.
Anne : Merci Luk, à la semaine prochaine."""
PAGE = Page(TEXT, HEADER)


@pytest.fixture
def episode_id(database: Database) -> int:
    with database.write() as connection:
        show = shows.add_show(connection, "Libre à vous !", NOW)
        return episodes.add_episode(connection, show.id, "text:1", "", NOW)


def install(database: Database, episode_id: int, page: Page = PAGE, **options: object) -> Installed:
    with database.write() as connection:
        return install_text(connection, episode_id, page.read, page.given(), SAMIRA, NOW, **options)  # type: ignore[arg-type]


def texts(database: Database, episode_id: int) -> list[str]:
    with database.read() as connection:
        held = list_turns(connection, episode_id)
    return [
        f"{turn.voice.name if turn.voice else None} : {turn.turn.text}"
        if turn.turn.words
        else f"[{turn.turn.label}]"
        for turn in held
    ]


def save(database: Database, episode_id: int, position: int, text: str) -> None:
    with database.write() as connection:
        held = list_turns(connection, episode_id)[position]
        save_text(connection, held.id, held.version, text, SAMIRA, NOW)


def edited(old: str, new: str) -> Page:
    assert old in TEXT
    return Page(TEXT.replace(old, new), HEADER)


def test_the_first_document_makes_the_published_edition(database: Database, episode_id: int):
    done = install(database, episode_id)
    assert (done.is_first, done.turns, done.sounds, done.speakers) == (True, 3, 1, ("Anne", "Luk"))
    with database.read() as connection:
        episode = episodes.get_episode(connection, episode_id)
        held = list_turns(connection, episode_id)
        voices = list_voices(connection, episode_id)
        chapters = list_chapters(connection, episode_id)
    assert (episode.edition, episode.status) == (Edition.PUBLISHED, EpisodeStatus.READY)
    assert (episode.title, episode.language, episode.licence) == (HEADER.title, "fr", "cc-by-sa-4.0")
    assert episode.published_at == datetime(2024, 7, 2, tzinfo=UTC)
    assert episode.people == HEADER.people
    assert [(voice.name, voice.attribution) for voice in voices] == [
        ("Anne", Attribution.IMPORTED),
        ("Luk", Attribution.IMPORTED),
    ]
    assert {turn.turn.state for turn in held} == {TurnState.READ}
    assert [word.text for word in held[0].turn.words if word.paragraph] == ["La"]
    assert [len(turn.turn.doubts) for turn in held] == [0, 0, 1, 0]
    assert [(chapter.title, chapter.turn_id) for chapter in chapters] == [
        ("Ouverture", held[0].id),
        ("La chronique", held[2].id),
    ]


def test_the_document_is_kept_unchanged_with_what_was_understood(database: Database, episode_id: int):
    done = install(database, episode_id)
    with database.read() as connection:
        held = get_document(connection, done.document_id or 0)
        latest = latest_document(connection, episode_id)
    assert latest == held
    assert held.content == TEXT.encode()
    assert held.read == PAGE.read
    assert held.document.source == "wiki.april.org"


def test_the_same_document_again_changes_nothing(database: Database, episode_id: int):
    install(database, episode_id)
    save(database, episode_id, 3, "Merci à Luk, à la semaine prochaine.")
    before = texts(database, episode_id)
    again = install(database, episode_id)
    assert (again.document_id, again.changed, again.clashes) == (None, 0, 0)
    assert texts(database, episode_id) == before
    with database.read() as connection:
        assert len(list_documents(connection, episode_id)) == 1


def test_a_page_edited_there_comes_back_as_one_act_of_its_source(database: Database, episode_id: int):
    install(database, episode_id)
    done = install(database, episode_id, edited("une bonne nouvelle", "une excellente nouvelle"))
    assert (done.changed, done.clashes) == (1, 0)
    with database.read() as connection:
        act = list_acts(connection, episode_id)[0]
        turn = list_turns(connection, episode_id)[2]
        versions = list_versions(connection, turn.id)
    assert (act.kind, act.author.name, act.id) == ("import", "wiki.april.org", done.act_id)
    assert turn.turn.text == "Ah, ??? [32 min 50] enfin une excellente nouvelle."
    assert [len(version.turn.words) for version in versions] == [9, 9]
    with database.write() as connection:
        undo(connection, act.id, SAMIRA, NOW)
    assert texts(database, episode_id)[2].endswith("une bonne nouvelle.")


def test_corrections_of_both_sides_are_kept(database: Database, episode_id: int):
    install(database, episode_id)
    save(
        database,
        episode_id,
        0,
        "Bonjour à vous toutes et à tous. La mairie de Malakoff passe au logiciel libre.",
    )
    done = install(database, episode_id, edited("Malakoff passe", "Malakoff est passée"))
    assert (done.changed, done.clashes) == (1, 0)
    said = "Anne : Bonjour à vous toutes et à tous. La mairie de Malakoff est passée au logiciel libre."
    assert texts(database, episode_id)[0] == said


def test_the_same_words_corrected_on_both_sides_stay_mine_and_are_told(database: Database, episode_id: int):
    install(database, episode_id)
    save(database, episode_id, 3, "Merci Lucas, à la semaine prochaine.")
    done = install(database, episode_id, edited("Merci Luk", "Merci Luke"))
    assert (done.changed, done.clashes) == (0, 1)
    assert texts(database, episode_id)[3] == "Anne : Merci Lucas, à la semaine prochaine."
    with database.read() as connection:
        (conflict,) = list_conflicts(connection, episode_id=episode_id)
    assert (conflict.text, conflict.author.name) == (
        "Merci Luke, à la semaine prochaine.",
        "wiki.april.org",
    )
    again = install(database, episode_id, edited("Merci Luk", "Merci Luke"))
    assert again.clashes == 0


def test_turns_cut_joined_and_named_here_stay_so(database: Database, episode_id: int):
    install(database, episode_id)
    with database.write() as connection:
        held = list_turns(connection, episode_id)
        split_turn(connection, held[0].id, 0, 6, SAMIRA, NOW)
        held = list_turns(connection, episode_id)
        assign_speaker(connection, held[1].id, held[1].version, "Zoé", Scope.TURN, SAMIRA, NOW)
        held = list_turns(connection, episode_id)
        merge_turns(connection, (held[3].id, held[3].version), (held[4].id, held[4].version), SAMIRA, NOW)
    before = texts(database, episode_id)
    done = install(database, episode_id, edited("logiciel libre", "logiciel vraiment libre"))
    assert done.changed == 1
    assert texts(database, episode_id) == [
        before[0],
        before[1].replace("logiciel libre", "logiciel vraiment libre"),
        *before[2:],
    ]


def test_turns_added_and_taken_out_there_follow_and_can_be_undone(database: Database, episode_id: int):
    install(database, episode_id)
    before = texts(database, episode_id)
    page = Page(TEXT.replace("[Jingle]\n", "Voix off : Cause commune.\nLuk : Oui.\n"), HEADER)
    done = install(database, episode_id, page)
    assert [line.partition(" : ")[0] for line in texts(database, episode_id)] == [
        "Anne",
        "Voix off",
        "Luk",
        "Luk",
        "Anne",
    ]
    with database.read() as connection:
        held = list_turns(connection, episode_id)
        chapters = list_chapters(connection, episode_id)
    assert [chapter.turn_id for chapter in chapters] == [held[0].id, held[3].id]
    with database.write() as connection:
        undo(connection, done.act_id or 0, SAMIRA, NOW)
    assert texts(database, episode_id) == before


def test_a_name_corrected_there_renames_the_voice(database: Database, episode_id: int):
    install(database, episode_id)
    install(database, episode_id, Page(TEXT.replace("Luk :", "Luke :"), HEADER))
    with database.read() as connection:
        assert [voice.name for voice in list_voices(connection, episode_id)] == ["Anne", "Luke"]
    assert texts(database, episode_id)[2].startswith("Luke :")


def test_voices_that_a_document_only_numbers_have_no_name_and_keep_the_one_given_here(
    database: Database, episode_id: int
):
    page = Page("SPEAKER_00 : Bonjour.\nSPEAKER_01 : Salut à vous.\nSPEAKER_00 : Merci bien.")
    install(database, episode_id, page)
    assert texts(database, episode_id)[0] == "None : Bonjour."
    with database.write() as connection:
        held = list_turns(connection, episode_id)
        assign_speaker(connection, held[0].id, 0, "Anne", Scope.EPISODE, SAMIRA, NOW)
    install(database, episode_id, replace(page, text=page.text.replace("Merci bien", "Merci beaucoup")))
    assert texts(database, episode_id) == [
        "Anne : Bonjour.",
        "None : Salut à vous.",
        "Anne : Merci beaucoup.",
    ]


def test_what_the_page_announces_follows_it_unless_it_was_changed_here(database: Database, episode_id: int):
    install(database, episode_id)
    with database.write() as connection:
        episodes.update_episode(connection, episode_id, {"title": "Un autre titre"})
    later = replace(HEADER, title="Titre corrigé", published=date(2024, 7, 3))
    install(database, episode_id, Page(TEXT + "\nLuk : Salut.", later))
    with database.read() as connection:
        episode = episodes.get_episode(connection, episode_id)
    assert (episode.title, episode.published_at) == ("Un autre titre", datetime(2024, 7, 3, tzinfo=UTC))


def test_a_stub_is_an_address_and_no_deletion(database: Database, episode_id: int):
    install(database, episode_id)
    before = texts(database, episode_id)
    stub = Page("Publié https://www.librealire.org/x - Juillet 2019", stub="https://www.librealire.org/x")
    done = install(database, episode_id, stub)
    assert (done.published_at_url, done.changed) == ("https://www.librealire.org/x", 0)
    assert texts(database, episode_id) == before
    with database.read() as connection:
        assert episodes.get_episode(connection, episode_id).link == "https://www.librealire.org/x"
        held = latest_document(connection, episode_id)
    assert held is not None and held.content == TEXT.encode()


def test_the_text_of_another_episode_is_refused_with_its_score_unless_asked_for(
    database: Database, episode_id: int
):
    words = " ".join(f"mot{number}" for number in range(80))
    others = " ".join(f"autre{number}" for number in range(80))
    install(database, episode_id, Page(f"Anne : {words}"))
    with pytest.raises(OtherTextError) as refused:
        install(database, episode_id, Page(f"Anne : {others}"))
    assert refused.value.score == 0
    assert texts(database, episode_id) == [f"Anne : {words}"]
    install(database, episode_id, Page(f"Anne : {others}"), anyway=True)
    assert texts(database, episode_id) == [f"Anne : {others}"]


def test_what_is_no_transcript_leaves_nothing(database: Database, episode_id: int):
    crowd = "\n".join(f"Personne {chr(97 + at // 26)}{chr(97 + at % 26)} : oui" for at in range(150))
    for page, error in ((Page("[Jingle]"), NoWordsError), (Page(crowd), TooManySpeakersError)):
        with pytest.raises(error):
            install(database, episode_id, page)
    with database.read() as connection:
        assert list_documents(connection, episode_id) == []
        assert list_voices(connection, episode_id) == []


def test_withdrawn_words_are_not_touched_by_another_edition_of_the_page(database: Database, episode_id: int):
    install(database, episode_id)
    with database.write() as connection:
        held = list_turns(connection, episode_id)
        withdraw_words(connection, held[2].id, (7, 8), "asked", None, NOW + timedelta(days=1))
    done = install(database, episode_id, edited("bonne nouvelle", "excellente nouvelle"))
    assert done.changed == 0
    with database.read() as connection:
        kept = list_turns(connection, episode_id, public=False)[2]
    assert kept.turn.text.endswith("une bonne nouvelle.")


def test_a_text_that_nobody_may_change_follows_its_source_and_goes_back(database: Database, episode_id: int):
    verbatim = replace(HEADER, licence="Verbatim")
    install(database, episode_id, Page(TEXT, verbatim))
    before = texts(database, episode_id)
    with pytest.raises(LockedTextError):
        save(database, episode_id, 0, "Autre chose.")
    done = install(database, episode_id, Page(TEXT.replace("Merci Luk", "Merci à Luk"), verbatim))
    assert texts(database, episode_id)[3].startswith("Anne : Merci à Luk")
    with database.write() as connection:
        undo(connection, done.act_id or 0, SAMIRA, NOW)
    assert texts(database, episode_id) == before
