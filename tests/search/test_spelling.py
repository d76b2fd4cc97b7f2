"""Likelier spellings: which words are doubted, which are proposed, and how they are written."""

from typing import Any

import pytest

from search.folder import IndexFolder
from search.query import parse_query
from search.snapshot import Snapshot, open_snapshot
from search.spelling import MUCH_MORE, list_spellings

SAID = [
    "Awa Diop parle de souveraineté numérique à Malakoff",
    "le logiciel libre et les données personnelles",
    "les usagers et l’usage",
    "une photographie d’Élysée",
    "nous votons le budget",
]


@pytest.fixture
def snapshot(library: Any) -> Snapshot:
    """An index of a few turns; « commune » is said often and « comune » once, as if misheard."""
    library.add([("Awa Diop", text) for text in SAID])
    library.add([("Étienne Gonnu", "la commune")] * (MUCH_MORE + 1) + [(None, "la comune")])
    library.sync()
    current = IndexFolder(library.settings.index_folder).current
    assert current is not None
    return open_snapshot(current)


def spelled(text: str, snapshot: Snapshot) -> str | None:
    return next(iter(list_spellings(parse_query(text), snapshot)), None)


@pytest.mark.parametrize(
    "typed, likelier",
    [
        ("malakof", "malakoff"),
        ("Malakof", "Malakoff"),
        ("MALAKOF", "MALAKOFF"),
        ("numreique", "numérique"),
        ("souverainnete", "souveraineté"),
        ("fotografie", "photographie"),
        ("diup", "Diop"),
        ("logiceil libre", "logiciel libre"),
        ('"logicels libre" -budgets', '"logiciel libre" -budgets'),
        ("données perosnnelles", "données personnelles"),
        ("logicel OU malakof", "logiciel OU malakoff"),
        ("intervenant:Gonu budget", "intervenant:Gonnu budget"),
        ('speaker:"etiene Gonnu"', 'speaker:"Étienne Gonnu"'),
        ("comune", "commune"),
    ],
)
def test_unknown_words_are_changed_for_words_that_were_said(typed, likelier, snapshot):
    found = spelled(typed, snapshot)
    assert found == likelier


@pytest.mark.parametrize(
    "typed",
    ["malakoff", "usager", "usage", "budget -xqzzt", "xqzzt", "le", "zz", "12345", "logi*", "commune",
     "intervenant:Gonnu", "avant:2024", "", "intervenant:Zzzz"],
)  # fmt: skip
def test_words_that_are_said_or_like_nothing_are_left_alone(typed, snapshot):
    assert list_spellings(parse_query(typed), snapshot) == ()


def test_a_rarer_word_is_never_proposed(snapshot):
    assert "comune" not in " ".join(list_spellings(parse_query("comunes communne"), snapshot))
