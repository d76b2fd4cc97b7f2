"""Two editions of one document become one: no correction is lost, and the rest follows the source."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from media.texts.merging import Merge, Spoken, merge_texts
from media.transcript import Turn, TurnKind, Word

WORDS = ["le", "la", "chat", "dort", "mairie", "libre", "et", "puis", "Malakoff", "???"]


def spoken(*lines: str) -> list[Spoken]:
    """Write turns as people do: « Nom : des mots / un autre paragraphe », « [Jingle] »."""
    turns = []
    for line in lines:
        if line.startswith("["):
            turns.append(Spoken(Turn(kind=TurnKind.EVENT, label=line.strip("[]"))))
            continue
        name, _, text = line.partition(" : ")
        words: list[Word] = []
        for number, part in enumerate(text.split(" / ")):
            words += [Word(word, paragraph=number > 0 and at == 0) for at, word in enumerate(part.split(" "))]
        turns.append(Spoken(Turn(tuple(words)), name))
    return turns


def lines_of(merge: Merge) -> list[str]:
    """Write a result as `spoken` reads it."""
    lines = []
    for turn in merge.turns:
        if turn.kind is not TurnKind.SPEECH:
            lines.append(f"[{turn.label}]")
        else:
            said = " ".join(("/ " if word.paragraph else "") + word.text for word in turn.words)
            lines.append(f"{turn.speaker} : {said}")
    return lines


def merged(base: list[str], mine: list[str], theirs: list[str]) -> list[str]:
    return lines_of(merge_texts(spoken(*base), spoken(*mine), spoken(*theirs)))


BASE = ["Anne : le chat dort bien", "[Jingle]", "Zoé : la mairie est libre / et fière"]

turns = st.lists(
    st.tuples(
        st.sampled_from(["Anne", "Zoé", "Luk"]), st.lists(st.sampled_from(WORDS), min_size=1, max_size=8)
    ),
    min_size=1,
    max_size=6,
).map(lambda held: [f"{name} : {' '.join(words)}" for name, words in held])


def test_words_changed_on_each_side_are_both_taken():
    mine = ["Anne : le chien dort bien", *BASE[1:]]
    theirs = ["Anne : le chat dort très bien", "[Jingle]", "Zoé : la mairie est libre / et très fière"]
    assert merged(BASE, mine, theirs) == [
        "Anne : le chien dort très bien",
        "[Jingle]",
        "Zoé : la mairie est libre / et très fière",
    ]


def test_the_same_words_changed_on_both_sides_clash_and_mine_stays():
    mine, theirs = (["Anne : le " + word + " dort bien", *BASE[1:]] for word in ("chien", "lapin"))
    merge = merge_texts(spoken(*BASE), spoken(*mine), spoken(*theirs))
    assert lines_of(merge) == mine
    assert [(clash.mine, clash.theirs) for clash in merge.clashes] == [(0, 0)]


def test_the_same_change_on_both_sides_is_no_clash():
    both = ["Anne : le chien dort bien", *BASE[1:]]
    merge = merge_texts(spoken(*BASE), spoken(*both), spoken(*both))
    assert (lines_of(merge), merge.clashes) == (both, ())


def test_a_turn_split_here_takes_words_corrected_there():
    mine = ["Anne : le chat", "Luk : dort bien", *BASE[1:]]
    theirs = ["Anne : le chat dort mal", *BASE[1:]]
    assert merged(BASE, mine, theirs) == ["Anne : le chat", "Luk : dort mal", *BASE[1:]]


def test_turns_that_the_source_adds_moves_or_takes_out_follow_it():
    theirs = ["Voix off : bonjour", BASE[0], "Luk : ah", BASE[2]]
    assert merged(BASE, BASE, theirs) == theirs


def test_a_turn_corrected_here_and_taken_out_there_stays():
    mine = [BASE[0], BASE[1], "Zoé : la mairie est LIBRE / et fière"]
    merge = merge_texts(spoken(*BASE), spoken(*mine), spoken(*BASE[:2]))
    assert lines_of(merge) == mine
    assert [clash.theirs for clash in merge.clashes] == [None]


def test_a_name_corrected_there_keeps_the_turn_and_its_words():
    merge = merge_texts(spoken(*BASE), spoken(*BASE), spoken("Hanna : le chat dort bien", *BASE[1:]))
    assert [(turn.speaker, turn.mine) for turn in merge.turns] == [("Hanna", 0), (None, 1), ("Zoé", 2)]
    assert [word.mine is not None for word in merge.turns[0].words] == [True] * 4


def test_turns_joined_there_and_cut_elsewhere_here_leave_no_word_without_speaker():
    mine = [BASE[0], "Zoé : la mairie est libre / et fière"]
    merge = merge_texts(spoken(*BASE), spoken(*mine), spoken("Anne : le chat dort bien la mairie est libre"))
    said = [word.text for turn in merge.turns for word in turn.words]
    assert said[:4] == ["le", "chat", "dort", "bien"]


def test_a_frozen_turn_is_left_as_it_is():
    theirs = ["Anne : le chat dort mal", *BASE[1:]]
    merge = merge_texts(spoken(*BASE), spoken(*BASE), spoken(*theirs), frozen=[0])
    assert lines_of(merge) == BASE
    assert len(merge.clashes) == 1


def test_an_edition_of_three_hours_is_merged_at_word_level():
    base = [f"Anne : mot{number} " + " ".join(f"w{number}x{at}" for at in range(60)) for number in range(500)]
    mine = [line.replace("w7x3 ", "CORRIGÉ ") for line in base]
    theirs = [line.replace("w7x9 ", "RELU ").replace("w499x1 ", "") for line in base]
    result = merged(base, mine, theirs)
    assert "CORRIGÉ" in result[7] and "RELU" in result[7] and "w499x1 " not in result[499]


@given(turns)
def test_merging_a_text_with_itself_changes_nothing(base: list[str]):
    merge = merge_texts(spoken(*base), spoken(*base), spoken(*base))
    assert (lines_of(merge), merge.clashes) == (base, ())
    assert [turn.mine for turn in merge.turns] == list(range(len(base)))


@given(turns, turns)
def test_where_nobody_worked_here_the_result_is_theirs(base: list[str], theirs: list[str]):
    merge = merge_texts(spoken(*base), spoken(*base), spoken(*theirs))
    assert (lines_of(merge), merge.clashes) == (theirs, ())
    assert {turn.theirs for turn in merge.turns} == set(range(len(theirs)))


@given(turns, turns)
def test_where_nothing_changed_there_the_result_is_mine(base: list[str], mine: list[str]):
    merge = merge_texts(spoken(*base), spoken(*mine), spoken(*base))
    assert (lines_of(merge), merge.clashes) == (mine, ())
    assert [turn.mine for turn in merge.turns] == list(range(len(mine)))


@settings(max_examples=150)
@given(turns, turns, turns)
def test_no_word_written_here_is_ever_lost(base: list[str], mine: list[str], theirs: list[str]):
    """Every word that is in mine more often than in the base is as often in the result."""
    before, here = (
        Counter(held.text for turn in spoken(*lines) for held in turn.turn.words) for lines in (base, mine)
    )
    merge = merge_texts(spoken(*base), spoken(*mine), spoken(*theirs))
    after = Counter(word.text for turn in merge.turns for word in turn.words if word.mine is not None)
    added = here - before
    assert added - after == Counter()


@settings(max_examples=150)
@given(turns, turns, turns)
def test_turns_of_mine_keep_their_order_and_are_used_once(
    base: list[str], mine: list[str], theirs: list[str]
):
    merge = merge_texts(spoken(*base), spoken(*mine), spoken(*theirs))
    used = [turn.mine for turn in merge.turns if turn.mine is not None]
    assert used == sorted(set(used))
    assert all(turn.words for turn in merge.turns)
