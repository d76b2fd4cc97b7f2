"""The glossary keeps terms and who changed them, gives them to the recogniser, and learns."""

import pytest

from media.correction.acts import save_text
from media.shows import get_show, update_show
from media.transcripts import list_turns
from media.volunteering.glossary import (
    MAX_SPELLING,
    BadTermError,
    UnknownTermError,
    add_term,
    edit_term,
    import_terms,
    list_changes,
    list_proposed,
    list_terms,
    remove_term,
)
from media.volunteering.survey import follow_changes
from tests.media.volunteering.conftest import NOW, Archive


def test_terms_go_to_the_recogniser_those_misheard_in_most_ways_first(archive: Archive):
    with archive.database.write() as connection:
        add_term(connection, archive.market, "LibreOffice", archive.anne, NOW)
        add_term(connection, archive.market, "MoveFlow", archive.anne, NOW, ["mooflow", "mouve flo"])
        assert get_show(connection, archive.market).terms == ("MoveFlow", "LibreOffice", "Valbrune")
        assert get_show(connection, archive.river).terms == ()
        assert [term.spelling for term in list_terms(connection, archive.market)] == [
            "LibreOffice",
            "MoveFlow",
            "Valbrune",
        ]


def test_every_change_has_its_author_and_a_removed_term_is_gone(archive: Archive):
    with archive.database.write() as connection:
        add_term(connection, archive.market, "Mooveflow", archive.anne, NOW, ["mooflow"])
        edit_term(
            connection, archive.market, "Mooveflow", "MoveFlow", ["mooflow", "mou flo"], archive.paul, NOW
        )
        remove_term(connection, archive.market, "Valbrune", archive.paul, NOW)
        changes = list_changes(connection, archive.market)
        assert [(change.act, change.spelling, change.author) for change in changes] == [
            ("removed", "Valbrune", "Paul"),
            ("edited", "MoveFlow", "Paul"),
            ("added", "Mooveflow", "Anne"),
        ]
        assert changes[1].detail["was"] == "Mooveflow"
        assert get_show(connection, archive.market).terms == ("MoveFlow",)
        assert [(term.spelling, term.forms) for term in list_terms(connection, archive.market)] == [
            ("MoveFlow", ("mooflow", "mou flo"))
        ]
        with pytest.raises(UnknownTermError):
            remove_term(connection, archive.market, "Valbrune", archive.paul, NOW)


def test_a_removed_term_that_comes_back_by_another_way_is_a_term_again(archive: Archive):
    with archive.database.write() as connection:
        remove_term(connection, archive.market, "Valbrune", archive.anne, NOW)
        update_show(connection, archive.market, {"terms": ["Valbrune"]})
        assert [term.spelling for term in list_terms(connection, archive.market)] == ["Valbrune"]


@pytest.mark.parametrize("spelling", ["", "  ", "?!", "a" * (MAX_SPELLING + 1), "x\u202ey"])
def test_a_term_that_is_none_is_refused(archive: Archive, spelling: str):
    with archive.database.write() as connection, pytest.raises(BadTermError):
        add_term(connection, archive.market, spelling, archive.anne, NOW)


def test_terms_are_read_a_line_each(archive: Archive):
    lines = ["# noms", "MoveFlow = mooflow, mouve flo", "", "Étalab", "MoveFlow = mou flow"]
    with archive.database.write() as connection:
        assert import_terms(connection, archive.river, lines, archive.anne, NOW) == 3
        terms = {term.spelling: term.forms for term in list_terms(connection, archive.river)}
    assert terms == {"MoveFlow": ("mooflow", "mouve flo", "mou flow"), "Étalab": ()}


def test_a_correction_made_twice_proposes_a_term_until_it_is_one_or_was_removed(archive: Archive):
    def proposed() -> list[tuple[str, tuple[str, ...], int]]:
        while follow_changes(archive.database, NOW):
            pass
        with archive.database.read() as connection:
            return [
                (term.spelling, term.forms, term.times) for term in list_proposed(connection, archive.market)
            ]

    assert proposed() == []
    for count, episode in enumerate((archive.talk, archive.second)):
        with archive.database.write() as connection:
            held = list_turns(connection, episode)[0]
            text = held.turn.text.replace("mooflow", "MoveFlow")
            save_text(connection, held.id, held.version, text, archive.anne, NOW)
        assert bool(proposed()) == bool(count)
    assert proposed() == [("MoveFlow", ("mooflow",), 2)]
    with archive.database.write() as connection:
        add_term(connection, archive.market, "MoveFlow", archive.anne, NOW, ["mooflow"])
    assert proposed() == []
