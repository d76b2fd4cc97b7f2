"""Make a selection into what readers are shown: excerpts cut from the catalogue as it is now.

The index may be a second behind: a turn that is gone, no longer public, or that no longer says
what was asked, is left out rather than shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from media.searched import ShownTurn, list_titles, read_shown
from search.answers import Excerpt, Facet
from search.excerpts import Cut, cut_excerpt, cut_opening
from search.nodes import All, AnyOf, Clause, Filter, Node, Not
from search.query import ParsedQuery
from search.snapshot import Snapshot


def read_excerpts(
    connection: Connection,
    snapshot: Snapshot,
    page: Sequence[int],
    parsed: ParsedQuery,
    *,
    of_both_texts: bool = True,
) -> list[Excerpt]:
    """Cut the excerpts of a page of documents, in its order; of an episode's two texts, one that answers."""
    numbers = snapshot.columns.numbers
    places = [[int(numbers[name][at]) for name in ("said", "first_word", "last_word")] for at in page]
    turns = read_shown(connection, [turn_id for turn_id, _, _ in places]) if places else {}
    cutting = _Cutting(parsed.clauses, parsed.root is not None and says_words(parsed.root))
    excerpts = []
    for document, (turn_id, first_word, last_word) in zip(page, places, strict=True):
        turn = turns.get(turn_id)
        cuts = [] if turn is None else [(turn, cutting.cut(turn, first_word, last_word))]
        is_answered = any(cut is not None and cut.answered == len(cutting.clauses) for _, cut in cuts)
        if of_both_texts and not is_answered:
            beside = _list_beside(snapshot, document)  # its other text may say more of what was asked
            others = read_shown(connection, beside).values() if beside else ()
            cuts += [(other, cutting.cut(other, 0, len(other.words))) for other in others]
        found = [(shown, cut) for shown, cut in cuts if cut is not None]
        if found:
            excerpts.append(_excerpt(*max(found, key=lambda pair: pair[1].answered)))
    return excerpts


@dataclass(frozen=True, slots=True)
class _Cutting:
    """What excerpts are cut around."""

    clauses: Sequence[Clause]
    is_worded: bool  # an excerpt without any of the words is none

    def cut(self, turn: ShownTurn, first_word: int, last_word: int) -> Cut | None:
        """Cut an excerpt of a turn, from some of its words if it can be; None where it answers nothing."""
        texts, cut = turn.texts, None
        if texts and self.clauses:
            cut = cut_excerpt(texts, self.clauses, first_word, last_word, turn.language)
        if texts and cut is None and not self.is_worded:
            cut = cut_opening(texts, min(first_word, len(texts) - 1))
        return cut


def _list_beside(snapshot: Snapshot, document: int) -> list[int]:
    """List the other turns that are found under the turn of a document: those of its episode's other text."""
    turn = snapshot.turn_numbers[document]
    begin, end = snapshot.turn_begins[turn], snapshot.turn_begins[turn + 1]
    said = snapshot.columns.numbers["said"]
    return sorted(set(said[begin:end].tolist()) - {int(said[document])})


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


def _excerpt(turn: ShownTurn, cut: Cut) -> Excerpt:
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
        turn_text=" ".join(turn.texts),
        state=turn.state,
        doubtful=any(first <= cut.last_word and last >= cut.first_word for _, first, last in turn.doubts),
        language=turn.language,
        has_audio=turn.has_audio,
        transcribed_at=turn.transcribed_at,
        revision=turn.revision,
        edition=turn.edition,
        leads=turn.leads,
    )
