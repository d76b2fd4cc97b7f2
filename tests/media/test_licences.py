"""Licences are found in what people write, with what each allows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.licences import UNKNOWN, describe_licence, find_licence, get_licence, list_choices


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Verbatim", "verbatim"),
        ("https://www.gnu.org/licenses/licenses.html#VerbatimCopying", "verbatim"),
        ("CC BY", "cc-by"),
        ("cc by-sa 4.0", "cc-by-sa-4.0"),
        ("CC-BY-NC-ND 3.0 FR", "cc-by-nc-nd-3.0"),
        ("http://creativecommons.org/licenses/by-nc-sa/2.0/fr/", "cc-by-nc-sa-2.0"),
        ("Creative Commons Attribution, CC By.", "cc-by"),
        ("Creative Commons Attribution-NonCommercial-NoDerivatives 4.0 International", "cc-by-nc-nd-4.0"),
        ("Creative Commons Paternité - Pas d’utilisation commerciale", "cc-by-nc"),
        ("licence Creative Commons CC0, domaine public", "cc0-1.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/deed.fr", "cc0-1.0"),
        ("Licence Art Libre version 1.3 ou ultérieure, CC BY-SA 2.0 et GFDL 1.3", "art-libre-1.3"),
        ("CC BY et Art Libre, sans modification", "cc-by"),
        ("GNU Free Documentation License", "gfdl-1.3"),
        ("© Radio X, tous droits réservés", "all-rights-reserved"),
        ("all-rights-reserved", "all-rights-reserved"),
        ("art-libre-1.3", "art-libre-1.3"),
    ],
)
def test_a_licence_is_found_in_what_people_write(said: str, found: str):
    licence = find_licence(said)
    assert licence is not None
    assert licence.id == found


@pytest.mark.parametrize("licence", list_choices(), ids=lambda licence: licence.id)
def test_every_choice_is_found_again_by_its_id_names_and_address(licence):
    assert get_licence(licence.id) == licence
    for said in (licence.id, licence.name_fr, licence.name_en, licence.url or licence.id):
        assert find_licence(said) == licence


def test_what_forbids_changes_or_parts_is_what_says_so():
    allowed = {held.id: (held.allows_changes, held.allows_clips) for held in list_choices()}
    assert allowed["verbatim"] == (False, False)
    assert allowed["cc-by-nd-4.0"] == (False, True)
    assert allowed["cc-by-sa-4.0"] == (True, True)
    assert allowed["all-rights-reserved"] == (False, False)


def test_what_is_not_known_stays_in_its_peoples_words():
    assert describe_licence(None) == UNKNOWN
    ours = describe_licence("Usage associatif", "https://exemple.org/droits")
    assert (ours.name("fr"), ours.url, ours.allows_changes) == (
        "Usage associatif",
        "https://exemple.org/droits",
        True,
    )
    assert describe_licence("la nôtre", "https://creativecommons.org/licenses/by/4.0/").id == "cc-by-4.0"


@given(st.text(max_size=300))
def test_no_text_breaks_the_finding(said: str):
    licence = find_licence(said)
    assert licence is None or get_licence(licence.id) == licence
