"""An episode of two texts is found by the words of either, and each place of it once."""

import random

from media.episodes import Episode, get_episode, replace_chapters, update_episode
from media.transcript import Chapter, Edition, Transcript, Turn, Word, speech_turn
from media.transcripts import StoredTurn, list_turns, replace_turns, save_machine_transcript
from search.answers import SearchResult, describe_result
from tests.search.conftest import NOW, Library, make_turns

WORD_MS = 400
VOCABULARY = [
    a + b for a in ("ba", "ko", "lu", "mi", "ze", "tra", "plo") for b in ("dok", "rif", "vul", "gam")
]


def publish(library: Library, episode_id: int, turns: tuple[Turn, ...]) -> list[StoredTurn]:
    with library.database.write() as connection:
        replace_turns(connection, episode_id, Edition.PUBLISHED, turns, {})
        update_episode(connection, episode_id, {"edition": Edition.PUBLISHED}, NOW)
        return list_turns(connection, episode_id, Edition.PUBLISHED)


def say(text: str, start_ms: int) -> Turn:
    words = text.split(" ")
    return speech_turn(
        Word(word, start_ms + at * WORD_MS, start_ms + (at + 1) * WORD_MS) for at, word in enumerate(words)
    )


def test_each_text_shows_its_own_words_and_a_place_is_counted_once(library: Library):
    said = (say("euh donc le perroquet il est il est vert", 0), say("et puis la mairie", 20_000))
    episode_id = library.add_turns(said)
    first, second = publish(
        library, episode_id, (say("Le perroquet est vert.", 500), say("La commune, ensuite.", 20_200))
    )
    library.sync()
    both = library.search("perroquet vert")
    assert (both.total, [excerpt.turn_id for excerpt in both.excerpts]) == (1, [first.id])
    (excerpt,) = both.excerpts
    assert (excerpt.edition, excerpt.leads, excerpt.start_ms) == (Edition.PUBLISHED, True, 500)
    (mayor,) = library.search("mairie").excerpts
    assert (mayor.edition, mayor.text, mayor.start_ms) == (Edition.SPOKEN, "et puis la mairie", 20_000)
    (described,) = describe_result(library.search("mairie"), "https://example.org")["excerpts"]
    assert described["edition"] == "spoken" and "?text=spoken#t=20.000" in described["url"]
    (split,) = library.search("commune mairie").excerpts
    assert split.turn_id in {second.id, mayor.turn_id}
    assert library.search("perroquet -euh").total == 0


def test_what_was_said_alone_stands_where_it_was_said(library: Library):
    """A skipped chronicle, and a text that has no times at all."""
    said = (say("alpha un", 0), say("gamma deux", 30_000), say("alpha trois", 60_000))
    episode_id = library.add_turns(said)
    publish(library, episode_id, (say("alpha Un.", 0), say("alpha Trois.", 60_000)))
    library.sync()
    chronicle = library.search("gamma OU alpha", sort="place", per_episode=None)
    assert [excerpt.text for excerpt in chronicle.excerpts] == ["alpha Un.", "gamma deux", "alpha Trois."]
    publish(library, episode_id, make_turns([(None, "alpha Un."), (None, "alpha Trois.")], timed=False))
    library.sync()
    untimed = library.search("alpha", per_episode=None)
    assert untimed.total == 4
    assert {excerpt.start_ms for excerpt in untimed.excerpts} == {None, 0, 60_000}


def test_one_text_may_be_asked_for(library: Library):
    long = " ".join(["mot"] * 400)
    episode_id = library.add_turns((say(f"sable {long} sable", 0),))
    publish(library, episode_id, (say("Le sable mouille.", 0), say("Encore du sable.", 100_000)))
    library.sync()
    asked = {"episode_id": episode_id, "sort": "place", "per_episode": None}
    (spoken,) = {
        e.turn_id: e for e in library.search("sable", edition=Edition.SPOKEN, **asked).excerpts
    }.values()
    assert spoken.edition is Edition.SPOKEN
    written = library.search("sable", edition=Edition.PUBLISHED, **asked)
    assert [excerpt.edition for excerpt in written.excerpts] == [Edition.PUBLISHED] * 2
    assert library.search("mouille", edition=Edition.SPOKEN, **asked).total == 0


def test_headings_of_a_text_without_times_name_its_excerpts(library: Library):
    episode_id = library.add_turns(())
    turns = publish(
        library,
        episode_id,
        make_turns([(None, "avant"), (None, "le sable"), (None, "un crabe")], timed=False),
    )
    with library.database.write() as connection:
        headings = [Chapter(None, "La plage", turns[1].id), Chapter(None, "Les bêtes", turns[2].id)]
        replace_chapters(connection, episode_id, headings, Edition.PUBLISHED)
        update_episode(connection, episode_id, {"title": "Vacances"}, NOW)
    library.sync()
    found = {e.text: e.chapter for e in library.search("avant OU sable OU crabe", per_episode=None).excerpts}
    assert found == {"avant": None, "le sable": "La plage", "un crabe": "Les bêtes"}
    (excerpt,) = library.search("sable").excerpts
    assert (excerpt.start_ms, excerpt.text) == (None, "le sable")


def test_any_pair_of_texts_is_found_by_the_words_of_either_each_turn_once(library: Library):
    pairs = [make_pair(random.Random(seed)) for seed in range(12)]
    held = []
    for said, written in pairs:
        episode_id = library.add_turns(said)
        held.append((episode_id, said, publish(library, episode_id, written)))
    library.sync()
    for episode_id, said, written in held:
        for word in {word.text for turn in [*said, *(it.turn for it in written)] for word in turn.words}:
            result = library.search(word, episode_id=episode_id, per_episode=None, limit=100)
            check(result, word, [it for it in written if word in it.turn.text.split(" ")])
            is_said = any(word in turn.text.split(" ") for turn in said)
            assert result.total or not is_said, word


def check(result: SearchResult, word: str, written: list[StoredTurn]) -> None:
    """Every published turn that says the word is shown, once, and whatever is shown says it."""
    shown = [excerpt.turn_id for excerpt in result.excerpts]
    assert len(shown) == result.total
    assert all(word in excerpt.text.split(" ") for excerpt in result.excerpts)
    own = [excerpt.turn_id for excerpt in result.excerpts if excerpt.edition is Edition.PUBLISHED]
    assert sorted(own) == sorted(it.id for it in written)
    assert sum(facet.count for facet in result.facets["state"]) == result.total


def make_pair(chance: random.Random) -> tuple[tuple[Turn, ...], tuple[Turn, ...]]:
    """Make what was said, and what was published of it: other words, other turns, some without any time."""
    texts = []
    for _ in range(2):
        turns, at = [], chance.randrange(3_000)
        for _ in range(chance.randrange(1, 7)):
            text = " ".join(chance.choices(VOCABULARY, k=chance.choice([1, 4, 30, 260])))
            turns.append(say(text, at) if chance.random() < 0.9 else speech_turn(map(Word, text.split())))
            at = (turns[-1].end_ms or at) + chance.randrange(4_000)
        texts.append(tuple(turns))
    return texts[0], texts[1]


def test_a_new_transcript_leaves_the_published_text_alone(library: Library):
    episode_id = library.add_turns((say("premier jet", 0),))
    before = publish(library, episode_id, (say("Texte publié.", 0),))
    with library.database.write() as connection:
        again = Transcript((say("second jet", 0),), "fr", "test")
        assert save_machine_transcript(connection, episode_id, again, "again", NOW)
        assert list_turns(connection, episode_id) == before
        episode: Episode = get_episode(connection, episode_id)
    library.sync()
    assert episode.edition is Edition.PUBLISHED
    assert [library.search(word).total for word in ("premier", "second", "publié")] == [0, 1, 1]
