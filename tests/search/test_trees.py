"""What a query finds in a real index, and what it finds first."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from search.folder import IndexFolder
from search.matching import find_hits
from search.nodes import All, AnyOf, Clause, Node, Not
from search.query import parse_query
from search.snapshot import Snapshot, open_snapshot
from search.trees import build_tree

Finder = Callable[..., list[str]]
SAID = [
    "la plateforme libre", "une plate-forme libre", "la plateforme vraiment libre", "un plat de forme libre",
    "les élus locaux", "l’élue locale", "élu·e·s", "porte-parole", "le porte parole", "c’est-à-dire demain",
]  # fmt: skip
TERMS = st.sampled_from(
    ["plateforme", "plate-forme", "libre", "élu", "élues", "l’", "porte-parole", "est-ce", "le"]
)
LEAVES = st.one_of(
    TERMS,
    st.lists(TERMS, min_size=2, max_size=3).map(lambda words: '"' + " ".join(words) + '"'),
    st.sampled_from(["plat*", '"libre plateforme"~3']),
)
QUERIES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(" ".join),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}) OU ({pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"{pair[0]} -({pair[1]})"),
    ),
    max_leaves=4,
)


@pytest.fixture
def find(library: Any) -> Finder:
    """Index turns of these texts, once, and find those of a query, the best first."""

    def find_turns(query: str, *texts: str, **fields: Any) -> list[str]:
        if texts:
            library.add([(None, text) for text in texts], **fields)
            library.sync()
        result = library.search(query, per_episode=None)
        return [] if result.corrected else [excerpt.turn_text for excerpt in result.excerpts]

    return find_turns


def snapshot_of(library: Any) -> Snapshot:
    current = IndexFolder(library.settings.index_folder).current
    assert current is not None
    return open_snapshot(current)


def test_a_phrase_steps_over_a_compound_written_in_parts_or_as_one_word(find):
    find("rien", *SAID)
    assert set(find("« plateforme libre »")) == {SAID[0], SAID[1]}
    assert set(find("« plate-forme libre »")) == {SAID[0], SAID[1]}
    assert find("« une plateforme libre »") == [SAID[1]]
    assert find("« plate forme libre »") == [SAID[1]]
    assert set(find("« le porte parole »")) == {SAID[8]}
    assert set(find("porteparole")) == {SAID[7]}


def test_a_word_as_typed_comes_before_its_letters_and_those_before_its_other_forms(find):
    texts = ["voici des élus", "voici des élues et des eluś", "voici un élu", "voici un elu"]
    find("rien", *texts)
    assert find("élu")[0] == "voici un élu"
    assert find("elu")[:2] == ["voici un elu", "voici un élu"]
    assert find("élus")[0] == "voici des élus"


def test_words_in_a_row_come_before_near_ones_and_those_before_scattered_ones(find):
    between = " ".join(f"mot{number}" for number in range(30))
    row, near = f"{between} le logiciel libre {between}", f"{between} libre par son logiciel {between}"
    scattered = f"logiciel {between} libre {between} logiciel"
    find("rien", scattered, near, row)
    assert find("logiciel libre") == [row, near, scattered]


def test_a_title_that_says_the_word_raises_its_turns(find):
    find("rien", "on parle de vélo ici", title="La ville")
    find("rien", "on parle de vélo là", title="Le vélo en ville")
    assert find("vélo") == ["on parle de vélo là", "on parle de vélo ici"]


def test_english_is_found_by_its_own_stems_beside_french(library):
    library.add([(None, "the studies of many cities"), (None, "deux cités étudiées")])
    with library.database.write() as connection:
        connection.exec_driver_sql("UPDATE episode SET spoken_language = 'en'")
    library.add([(None, "une cité studieuse")])
    library.sync()
    assert [excerpt.turn_text for excerpt in library.search("study city").excerpts] == [
        "the studies of many cities"
    ]
    assert library.search("cité").excerpts[0].turn_text == "une cité studieuse"


def test_a_filter_takes_any_words_of_a_name_and_finds_nothing_for_a_name_of_nobody(library):
    library.add([("Étienne Gonnu", "bonjour"), ("Anne Étienne", "bonjour"), (None, "bonjour")])
    library.sync()
    assert library.search("bonjour intervenant:etienne").total == 2
    assert library.search('bonjour intervenant:"gonnu etienne"').total == 1
    assert library.search("intervenant:Gonnu").total == 1
    assert library.search("bonjour intervenant:personne").total == 0
    assert library.search("bonjour -intervenant:personne").total == 3


@settings(max_examples=60)
@given(text=QUERIES)
@example(text="élues l’")
@example(text="l")
def test_the_index_finds_what_a_reader_of_every_text_finds(library, text):
    """The tree over the index and the matching over the texts, made apart, agree."""
    if not library.settings.index_folder.exists():
        library.add([(None, said) for said in SAID])
        library.sync()
    parsed = parse_query(text)
    assert parsed.root is not None
    found = library.search(text, per_episode=None, limit=100)
    texts = set() if found.corrected else {excerpt.turn_text for excerpt in found.excerpts}
    assert texts == {said for said in SAID if says(parsed.root, said)}


def says(node: Node, text: str) -> bool:
    match node:
        case Clause():
            return any(find_hits(text, [node]))
        case All(nodes=nodes):
            return all(says(each, text) for each in nodes)
        case AnyOf(nodes=nodes):
            return any(says(each, text) for each in nodes)
        case Not(node=inner):
            return not says(inner, text)
    raise TypeError(node)


@given(st.text(max_size=80))
def test_a_text_answers_to_itself(text):
    """Analysing a query's own text finds it, as words and, without its quotation marks, as a phrase."""
    plain = "".join(" " if char in '"«»“”„＂()*~:-' else char for char in text).strip()
    quoted = parse_query(f'"{plain}"')
    for clause in (*quoted.clauses, *parse_query(plain.lower()).clauses):
        assert any(find_hits(text if clause.quoted else plain.lower(), [clause])), clause


def test_every_kind_of_node_makes_a_tree(library):
    library.add([("Étienne Gonnu", "bonjour à tous")])
    library.sync()
    snapshot = snapshot_of(library)
    query = "bonjour (a OU -b) avant:2030 après:2020 état:machine show:libre chapitre:x* speaker:gonnu abc*"
    assert build_tree(parse_query(query), snapshot) is not None
