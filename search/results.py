"""Make a selection into what readers are shown: excerpts cut from the catalogue as it is now.

The index may be a second behind: a turn that is gone, no longer public, or that no longer says
what was asked, is left out rather than shown.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from media.searched import ShownTurn, list_titles, read_shown
from search.answers import Excerpt, Facet
from search.excerpts import Cut, cut_excerpt, cut_opening
from search.nodes import All, AnyOf, Clause, Filter, Node, Not
from search.query import ParsedQuery
from search.snapshot import Snapshot


def read_excerpts(
    connection: Connection, snapshot: Snapshot, page: Sequence[int], parsed: ParsedQuery
) -> list[Excerpt]:
    """Cut the excerpts of a page of documents, in its order."""
    numbers = snapshot.columns.numbers
    places = [[int(numbers[name][at]) for name in ("turn", "first_word", "last_word")] for at in page]
    turns = read_shown(connection, [turn_id for turn_id, _, _ in places]) if places else {}
    clauses, worded = parsed.clauses, parsed.root is not None and says_words(parsed.root)
    excerpts = []
    for turn_id, first_word, last_word in places:
        turn = turns.get(turn_id)
        if turn is None or not turn.words:
            continue
        texts = turn.texts
        cut = cut_excerpt(texts, clauses, first_word, last_word, turn.language) if clauses else None
        if cut is None and not worded:
            cut = cut_opening(texts, min(first_word, len(texts) - 1))
        if cut is not None:
            excerpts.append(_excerpt(turn, " ".join(texts), cut))
    return excerpts


def says_words(node: Node) -> bool:
    """Tell whether all that matches says a word that was asked for: `intervenant:Zoé` alone asks for none."""
    match node:
        case Clause():
            return True
        case Filter() | Not():
            return False
        case All(nodes=nodes):
            return any(map(says_words, nodes))
        case AnyOf(nodes=nodes):
            return all(map(says_words, nodes))


def label_facets(
    connection: Connection, facets: Mapping[str, Sequence[tuple[str, int]]]
) -> dict[str, list[Facet]]:
    """Give facet values the labels that people read."""
    titles = list_titles(connection) if facets["show"] else {}
    return {
        name: [Facet(value, titles.get(value, value) if name == "show" else value, n) for value, n in counted]
        for name, counted in facets.items()
    }


def _excerpt(turn: ShownTurn, text: str, cut: Cut) -> Excerpt:
    start_ms: int | None = turn.words[cut.first_word][1]
    return Excerpt(
        show=turn.show,
        show_slug=turn.show_slug,
        episode=turn.episode,
        episode_id=turn.episode_id,
        published=turn.published_at,
        chapter=turn.find_chapter(start_ms),
        speaker=turn.speaker,
        voice=turn.voice,
        attribution=turn.attribution,
        start_ms=start_ms,
        end_ms=turn.words[cut.last_word][2],
        match_ms=turn.words[cut.first_match][1],
        text=cut.text,
        highlights=cut.highlights,
        turn_id=turn.id,
        turn_text=text,
        state=turn.state,
        doubtful=any(first <= cut.last_word and last >= cut.first_word for _, first, last in turn.doubts),
        language=turn.language,
        has_audio=turn.has_audio,
        transcribed_at=turn.transcribed_at,
        revision=turn.revision,
    )
