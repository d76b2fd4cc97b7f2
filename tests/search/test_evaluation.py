"""Our evaluation finds and scores what stock Whoosh does, and stops when it is late."""

import itertools
import random

import pytest
from whoosh import query
from whoosh.index import FileIndex

from search.evaluation import evaluate
from search.folder import IndexFolder
from search.schema import TEXT
from search.snapshot import open_snapshot
from search.storage import SealedStorage

WORDS = ["mairie", "libre", "logiciel", "oiseau", "le", "la", "et"]


@pytest.fixture
def many_segments(library):
    """Several segments, one of them with deleted passages."""
    rng = random.Random(7)
    library.sync()
    for number in range(6):
        texts = [" ".join(rng.choices(WORDS, [1, 2, 3, 1, 9, 9, 9], k=rng.randint(1, 40))) for _ in range(40)]
        episode_id = library.add([(None, text) for text in texts])
        if number % 2:  # two episodes in a segment
            library.sync()
    with library.database.write() as connection:
        connection.exec_driver_sql(f"UPDATE turn SET words = '[]' WHERE episode_id = {episode_id}")
    library.log(episode_id)
    library.sync()
    return IndexFolder(library.settings.index_folder).current


def test_terms_conjunctions_and_phrases_are_found_as_stock_whoosh_finds_them(many_segments):
    snapshot = open_snapshot(many_segments)
    assert len(snapshot.parts) > 1 and not snapshot.live.all()
    with FileIndex(SealedStorage(many_segments, snapshot.seal)).searcher() as stock:
        for one, other in itertools.permutations([*WORDS, "absent"], 2):
            both = [query.Term(TEXT, one), query.Term(TEXT, other)]
            for tree, scored in (
                (both[0], True),
                (query.And(both), True),
                (query.Phrase(TEXT, [one, other]), False),
            ):
                ours = evaluate(tree, snapshot)
                theirs = {hit.docnum: hit.score for hit in stock.search(tree, limit=None)}
                assert ours.documents.tolist() == sorted(theirs)
                if scored:
                    expected = [theirs[document] for document in ours.documents.tolist()]
                    assert ours.scores.tolist() == pytest.approx(expected, rel=1e-4)


def test_an_evaluation_past_its_deadline_is_partial(many_segments):
    snapshot = open_snapshot(many_segments)
    ticks = itertools.count()
    late = evaluate(query.Term(TEXT, "le"), snapshot, deadline=0, clock=lambda: next(ticks))
    whole = evaluate(query.Term(TEXT, "le"), snapshot)
    assert late.partial and not whole.partial
    assert set(late.documents) < set(whole.documents)
