"""Which episode a document is the text of."""

from datetime import date

from ingest.importing.choosing import Candidate, choose_episode
from media.texts.values import Header

DAY, OTHER_DAY = date(2024, 7, 2), date(2024, 7, 9)
MAIRIE = Header(title="La mairie et le libre", published=DAY)


def chosen(header: Header, *candidates: Candidate, name: str = "page.txt") -> int | None:
    found = choose_episode(header, name, candidates)
    return None if found is None else found.id


def test_a_document_imported_before_goes_to_its_episode():
    known = Candidate(1, "La mairie", DAY, documents=("page.txt",))
    assert chosen(Header(title="Autre titre", published=DAY), known) == 1
    assert chosen(Header(), known) == 1


def test_a_name_alone_is_no_proof_where_title_and_day_are_others():
    known = Candidate(1, "Autre chose", OTHER_DAY, documents=("page.txt",))
    assert chosen(MAIRIE, known) is None


def test_the_page_and_the_audio_that_a_document_names_decide():
    by_page = Candidate(1, "A", link="http://wiki.april.org/w/Mairie")
    by_audio = Candidate(2, "B", enclosure_url="https://media.april.org/a.ogg")
    assert chosen(Header(page_url="https://wiki.april.org/w/Mairie"), by_page, by_audio) == 1
    assert chosen(Header(audio_url="http://media.april.org/a.ogg"), by_page, by_audio) == 2


def test_title_and_day_decide_whatever_case_and_accents():
    same = Candidate(1, "LA MAIRIE, ET LE LIBRE", DAY)
    assert chosen(MAIRIE, same, Candidate(2, "La mairie et le libre", OTHER_DAY)) == 1
    assert chosen(Header(title="La mairie et le libre"), same) == 1


def test_the_day_alone_decides_where_one_episode_has_it_and_no_text_yet():
    assert chosen(MAIRIE, Candidate(1, "Émission du 2 juillet", DAY)) == 1
    assert chosen(MAIRIE, Candidate(1, "Émission du 2 juillet", DAY, documents=("autre.txt",))) is None
    assert chosen(MAIRIE, Candidate(1, "Matin", DAY), Candidate(2, "Soir", DAY)) is None


def test_two_episodes_that_fit_are_none():
    assert chosen(MAIRIE, Candidate(1, MAIRIE.title, DAY), Candidate(2, MAIRIE.title, DAY)) is None


def test_what_says_nothing_is_a_new_episode():
    assert chosen(Header(), Candidate(1, "", None)) is None
