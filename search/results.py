"""Make a selection into what readers are shown: excerpts cut from the catalogue as it is now.

The index may be a second behind: a turn that is gone, no longer public, or that no longer says
what was asked, is left out rather than shown.
"""

from collections.abc import Iterable, Sequence
from itertools import takewhile

from sqlalchemy import Connection

from media.episodes import Episode, EpisodeStatus, get_episodes, list_chapters
from media.shows import list_shows
from media.transcript import Chapter
from media.transcripts import Attribution, StoredTurn, get_turns
from search.answers import Excerpt, Facet
from search.excerpts import Cut, cut_excerpt
from search.query import Clause
from search.selection import Selection
from search.snapshot import Snapshot


def read_excerpts(
    connection: Connection, snapshot: Snapshot, selection: Selection, clauses: Sequence[Clause]
) -> list[Excerpt]:
    """Cut the excerpts of a page, in its order."""
    numbers = snapshot.columns.numbers
    places = [
        [int(numbers[name][at]) for name in ("turn", "first_word", "last_word")] for at in selection.page
    ]
    turns = get_turns(connection, [turn_id for turn_id, _, _ in places])
    episodes = get_episodes(connection, {stored.episode_id for stored in turns.values()})
    shown = {key: episode for key, episode in episodes.items() if _is_public(episode)}
    chapters = {key: list_chapters(connection, key) for key in shown}
    excerpts = []
    for turn_id, first_word, last_word in places:
        stored = turns.get(turn_id)
        if stored is None or stored.episode_id not in shown:
            continue
        cut = cut_excerpt(stored.turn, clauses, first_word, last_word)
        if cut is not None:
            excerpts.append(_excerpt(stored, cut, shown[stored.episode_id], chapters[stored.episode_id]))
    return excerpts


def label_facets(connection: Connection, selection: Selection) -> dict[str, list[Facet]]:
    """Give facet values the labels that people read."""
    titles = {show.slug: show.title for show in list_shows(connection)} if selection.facets["show"] else {}
    return {
        name: [Facet(value, titles.get(value, value) if name == "show" else value, n) for value, n in counted]
        for name, counted in selection.facets.items()
    }


def _is_public(episode: Episode) -> bool:
    return not episode.private and episode.status is EpisodeStatus.READY


def _excerpt(stored: StoredTurn, cut: Cut, episode: Episode, chapters: Iterable[Chapter]) -> Excerpt:
    turn = stored.turn
    start_ms = turn.words[cut.first_word].start_ms
    begun = (
        [] if start_ms is None else list(takewhile(lambda chapter: chapter.start_ms <= start_ms, chapters))
    )
    doubtful = any(d.first_word <= cut.last_word and d.last_word >= cut.first_word for d in turn.doubts)
    return Excerpt(
        show=episode.show_title,
        show_slug=episode.show_slug,
        episode=episode.title,
        episode_id=episode.id,
        published=episode.published_at,
        chapter=begun[-1].title if begun else None,
        speaker=stored.voice.name if stored.voice else None,
        voice=stored.voice.number if stored.voice else None,
        attribution=stored.voice.attribution if stored.voice else Attribution.NONE,
        start_ms=start_ms,
        end_ms=turn.words[cut.last_word].end_ms,
        match_ms=turn.words[cut.first_match].start_ms,
        text=cut.text,
        highlights=cut.highlights,
        turn_id=stored.id,
        turn_text=turn.text,
        state=turn.state,
        doubtful=doubtful,
    )
