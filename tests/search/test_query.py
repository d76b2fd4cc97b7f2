"""What a person typed, read into a tree, and the tree written as a query again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.clauses import MAX_NEAR_WORDS, MAX_SPAN
from search.lexing import MAX_DEPTH
from search.nodes import All, AnyOf, Clause, Field, Filter, Node, Not
from search.query import (
    MAX_PREFIXES,
    MAX_QUERY_LENGTH,
    MAX_QUERY_TERMS,
    format_node,
    parse_query,
)

SPACE = st.sampled_from(["", " ", "\u00a0"])
WORDS = ["mairie", "l’état", "plate-forme", "élu(e)s", "30", "000", "OU", "ET", "SAUF", "AND", "NOT", "abcd*"]
MARKS = [
    "-",
    "--",
    "(",
    ")",
    '"',
    "«",
    "»",
    "~5",
    "*",
    "état:relu",
    "show:",
    "avant:2024",
    "speaker:Gonnu",
    ":",
]
PIECES = st.sampled_from(WORDS + MARKS)
TYPED = st.text(max_size=60) | st.lists(PIECES | SPACE, max_size=14).map("".join)


def written(text: str) -> str:
    root = parse_query(text).root
    return format_node(root) if root else ""


@pytest.mark.parametrize(
    "text", ['la "mairie libre"', "la « mairie libre »", "la “mairie libre”", "la „mairie libre“"]
)
def test_all_quotation_marks_make_a_phrase(text):
    assert written(text) == 'la "mairie libre"'


@pytest.mark.parametrize(
    "text, meant",
    [
        ("mairie ville", "mairie ville"),
        ("mairie ET ville", "mairie ville"),
        ("mairie AND ville", "mairie ville"),
        ("a OU b ET c", "a OU (b c)"),
        ("a OR b SAUF c", "a OU (b -c)"),
        ("(a OU b) c", "(a OU b) c"),
        ("((a) (b c))", "a b c"),
        ("a NOT (b OU c)", "a -(b OU c)"),
        ("-(-a)", "a"),
        ("rendez-vous -gratuit", "rendez-vous -gratuit"),
        ('-"bon jour"', '-"bon jour"'),
        ("c'est-à-dire", "est-à-dire"),
        ("infor* libre", "infor* libre"),
        ("infor*, libre", "infor* libre"),
        ('"a b"~5', '"a b"~5'),
        ('"a b"~1', '"a b"'),
        ("pain ou vin", "pain ou vin"),
        ("-OU", '-"OU"'),
        ("OU", '"OU"'),
        ("(élu(e)s OU maire)", "élu(e)s OU maire"),
        ("30 000 euros", "30 000 euros"),
        ("30 (000)", "30 (000)"),
        ("Libre à vous !", "Libre à vous"),
        ("mairie MAIRIE mairies", "mairie"),
        ("intervenant:Gonnu", "intervenant:Gonnu"),
        ("a OU speaker:“Étienne Gonnu”", 'a OU speaker:"Étienne Gonnu"'),
        ("-show:libre", "-show:libre"),
        ("12:30 http://april.org", "12:30 http://april.org"),
        ("mairie ()", "mairie"),
    ],
)
def test_a_query_says_what_it_means(text, meant):
    assert written(text) == meant
    assert parse_query(text).ignored == ()


@pytest.mark.parametrize(
    "text, meant, ignored",
    [
        ('"mairie', "mairie", ('"',)),
        ("mairie »", "mairie", ("»",)),
        ("OU mairie", "mairie", ("OU",)),
        ("mairie OU", "mairie", ("OU",)),
        ("mairie ET", "mairie", ("ET",)),
        ("mairie SAUF", "mairie", ("SAUF",)),
        ("a OU OU b", "a OU b", ("OU",)),
        ("a - b", "a b", ("-",)),
        ("a * b", "a b", ("*",)),
        ("(((", "", ("(",)),
        ("(a))", "a", (")",)),
        ("intervenant:", "intervenant", ("intervenant:",)),
        ("intervenant: Gonnu", "Gonnu", ("intervenant:",)),
        ("avant:hier mairie", "mairie", ("avant:hier",)),
        ("après:2024-13 mairie", "mairie", ("après:2024-13",)),
        ("état:curieux", '"état:curieux"', ("état:curieux",)),
        ("ab*", "ab", ("*",)),
        ('"seul"~4', "seul", ("~4",)),
        ('"a b"~900', f'"a b"~{MAX_SPAN}', ("~900",)),
        ("!!!", "", ("!!!",)),
        ("-", "", ("-",)),
    ],
)
def test_what_does_not_parse_is_said_and_the_rest_is_looked_for(text, meant, ignored):
    root = parse_query(text).root
    assert (format_node(root) if root else "") == meant
    assert parse_query(text).ignored == ignored


def test_the_article_of_a_word_is_not_required_but_that_of_a_phrase_is():
    [word] = parse_query("l’association").clauses
    [phrase] = parse_query("« l’association »").clauses
    assert word.paths == ((("association",),),)
    assert phrase.paths == ((("l",), ("association",)),)


def test_a_compound_is_looked_for_in_parts_and_joined():
    [clause] = parse_query("plate-forme").clauses
    assert clause.paths == ((("plate",), ("forme",)), (("plateforme",),))


def test_words_are_read_in_every_language_that_was_spoken():
    [clause] = parse_query("plateformes", ("fr", "en")).clauses
    assert clause.paths == ((("plateforme", "plateform"),),)


@pytest.mark.parametrize(
    "text, day",
    [("2024", 19723), ("2024-07", 19905), ("2024-07-02", 19906), ("02/07/2024", 19906), ("7/2024", 19905)],
)
def test_dates_are_years_months_or_days_in_french_or_iso(text, day):
    assert parse_query(f"avant:{text}").root == Filter(f"avant:{text}", Field.BEFORE, day=day)
    assert parse_query(f"AFTER:{text}").root == Filter(f"AFTER:{text}", Field.AFTER, day=day)


def test_each_part_knows_the_query_without_it():
    parts = parse_query('mairie -gratuit ("a b" OU c) intervenant:Gonnu').parts
    assert [(part.source, part.without) for part in parts] == [
        ("mairie", '-gratuit ("a b" OU c) intervenant:Gonnu'),
        ("-gratuit", 'mairie ("a b" OU c) intervenant:Gonnu'),
        ('"a b" OU c', "mairie -gratuit intervenant:Gonnu"),
        ("intervenant:Gonnu", 'mairie -gratuit ("a b" OU c)'),
    ]
    assert [part.without for part in parse_query("a OU b").parts] == [""]


def test_what_is_excluded_is_not_highlighted():
    assert [clause.source for clause in parse_query("a -b (c OU -d)").clauses] == ["a", "c"]


def test_a_query_is_capped_in_length_terms_prefixes_depth_and_nearness():  # FAULTS 46
    long = parse_query("a" * MAX_QUERY_LENGTH + " reste")
    assert len(long.clauses) == 1 and long.ignored == (" reste",)
    exact = " ".join(f"mot{number}" for number in range(MAX_QUERY_TERMS))
    assert len(parse_query(exact).clauses) == MAX_QUERY_TERMS
    over = parse_query(exact + " trop")
    assert len(over.clauses) == MAX_QUERY_TERMS and over.ignored == ("trop",)
    prefixes = parse_query("aaaa* bbbb* cccc*")
    assert sum(bool(clause.starts) for clause in prefixes.clauses) == MAX_PREFIXES
    assert prefixes.ignored == ("*",)
    assert parse_query("(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH).ignored == ()
    assert parse_query("(" * 99 + "a" + ")" * 99).ignored == ("(", ")")
    words = " ".join(f"mot{number}" for number in range(MAX_NEAR_WORDS + 1))
    assert parse_query(f'"{words}"~5').ignored == ("~5",)


def test_a_quotation_too_long_stays_one_up_to_where_it_is_cut():
    parsed = parse_query("« " + "mot " * MAX_QUERY_LENGTH + "»")
    [clause] = parsed.clauses
    assert clause.quoted and len(clause.paths[0]) > MAX_QUERY_TERMS
    assert len(parsed.ignored) == 1


@given(TYPED)
def test_no_text_raises_or_is_dropped_without_a_word(text):
    parsed = parse_query(text)
    if parsed.root is None:
        assert parsed.ignored or not text.strip()
    assert all(clause.paths or clause.starts for clause in parsed.clauses)
    assert all(path and all(path) for clause in parsed.clauses for path in clause.paths)
    assert count_leaves(parsed.root) <= MAX_QUERY_TERMS


@given(TYPED)
def test_a_tree_written_as_a_query_reads_as_the_same_tree(text):
    parsed = parse_query(text)
    if parsed.root is not None:
        assert parse_query(format_node(parsed.root)).root == parsed.root


@given(TYPED)
def test_the_query_without_a_part_asks_for_all_the_others(text):
    parsed = parse_query(text)
    for at, part in enumerate(parsed.parts):
        rest = [other.node for number, other in enumerate(parsed.parts) if number != at]
        assert [other.node for other in parse_query(part.without).parts] == rest


@pytest.mark.parametrize(
    "unit", ["(", "-(", '"', "« ", "OU ", "SAUF ", "a:", "show:", "*", "~1", "a·", "élu(", "-"]
)
def test_a_query_bomb_makes_a_small_tree(unit):  # FAULTS 46
    assert count_leaves(parse_query(unit * 100_000).root) <= MAX_QUERY_TERMS
    assert count_leaves(parse_query(unit * 100_000 + "mot").root) <= MAX_QUERY_TERMS


def count_leaves(node: Node | None) -> int:
    match node:
        case None:
            return 0
        case All(nodes=nodes) | AnyOf(nodes=nodes):
            return sum(map(count_leaves, nodes))
        case Not(node=inner):
            return count_leaves(inner)
        case Clause() | Filter():
            return 1
