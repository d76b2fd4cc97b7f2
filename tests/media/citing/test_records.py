"""Records are read back by the libraries of those who read them."""

import json
from dataclasses import replace
from datetime import date
from urllib.parse import parse_qs

import bibtexparser
import rispy
from hypothesis import given, settings
from hypothesis import strategies as st
from pylatexenc.latex2text import LatexNodes2Text

from media.citing import RECORDS, write_coins
from tests.media.citing.test_styles import PASSAGE, T, U

TODAY = date(2026, 11, 22)
hostile = st.text(
    alphabet=st.sampled_from("aÉ é'’\"<>&|{}[]=#%~^_$\\!?.,;:@\n\u00a0"), min_size=1, max_size=25
)


def test_csl_json_holds_the_item_of_the_passage() -> None:
    (item,) = json.loads(_record("csl.json"))
    gonnu = [{"family": "Gonnu", "given": "Étienne"}]
    expected = {
        "type": "broadcast",
        "title": T,
        "container-title": "Libre à vous !",
        "author": gonnu,
        "host": gonnu,
        "guest": [{"family": "Gutierez", "given": "Grégory"}, {"family": "Migeon", "given": "Corinne"}],
        "publisher": "April ; Radio Cause Commune",
        "medium": "Podcast audio",
        "dimensions": "1:30:00",
        "issued": {"date-parts": [[2024, 7, 2]]},
        "URL": U,
    }
    assert expected.items() <= item.items()
    assert item["note"] == "29:12"


def test_ris_is_a_sound_with_its_moment() -> None:
    assert _record("ris").splitlines() == [
        "TY  - SOUND",
        "A1  - Gonnu, Étienne",
        f"TI  - {T}",
        "T2  - Libre à vous !",
        "PB  - April",
        "DA  - 2024/07/02",
        f"UR  - {U}",
        "N1  - 29:12",
        "ER  - ",
    ]


def test_biblatex_keeps_accents_and_bibtex_writes_them_as_latex_does() -> None:
    (audio,) = bibtexparser.parse_string(_record("biblatex.bib")).entries
    assert audio.entry_type == "audio"
    assert audio.key == "lav20240702"
    held = {field.key: field.value for field in audio.fields}
    assert held == {
        "author": "Gonnu, Étienne",
        "title": T,
        "organization": "April",
        "date": "2024-07-02",
        "url": U,
        "note": "29:12",
    }
    (misc,) = bibtexparser.parse_string(_record("bib")).entries
    assert misc.entry_type == "misc"
    assert LatexNodes2Text().latex_to_text(misc["title"]) == T


def test_coins_names_the_passage() -> None:
    fields = parse_qs(write_coins(PASSAGE))
    assert fields["rft.title"] == [T]
    assert fields["rft.identifier"] == [U]


@given(hostile, hostile, hostile)
@settings(max_examples=60)
def test_no_title_or_name_forges_a_field_or_a_record(title: str, show: str, host: str) -> None:
    cited = replace(PASSAGE, title=title, show=show, hosts=(host,))
    for form in ("bib", "biblatex.bib"):
        library = bibtexparser.parse_string(RECORDS[form][1](cited, TODAY))
        (entry,) = library.entries
        assert not library.failed_blocks
        assert entry["url"] == U
        assert {field.key for field in entry.fields} <= {
            *("author", "title", "organization", "date", "url", "note"),
            *("howpublished", "year", "month"),
        }
    (record,) = rispy.loads(RECORDS["ris"][1](cited, TODAY))
    assert record["urls"] == [U]
    assert record["notes"] == ["29:12"]
    assert json.loads(RECORDS["csl.json"][1](cited, TODAY))[0]["title"] == title


def _record(form: str) -> str:
    return RECORDS[form][1](PASSAGE, TODAY)
