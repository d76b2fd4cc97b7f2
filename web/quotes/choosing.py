"""The chooser: a start and an end word, moved one at a time or by sentences, cuts between, then a quote.

Every choice is its address, and every button a plain form, so that it works by keyboard and
without script; `quote-choose.js` only spares the way to the server. What is shown says how each
bound's time is known, and which of an episode's texts the words are of.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from media.episodes import Episode
from media.errors import N_, Message, NotFoundError
from media.quotes.values import Place
from media.transcript import Edition
from media.transcripts import StoredTurn, list_editions, list_turns
from web.episodes import public_episode, read_seconds, turn_words
from web.quotes.saying import EDITION_NAMES, say_length, say_moment
from web.quotes.selections import (
    Move,
    Passage,
    Selection,
    choose,
    choose_sentence,
    choose_sentences,
    describe_words,
    find_word_from,
    find_word_until,
    keep_speech,
    name_bounds,
    read_spans,
)
from web.visits import Visit, number, redirect

MAX_TURN = 10**9
MAX_NEAR = 6  # turns shown on each side of what is chosen
MAX_TURNS = 60  # from the first to the last that is chosen
SEEN_LENGTH = 12
MOVES = {
    "start": (
        (Move.START_SENTENCE, N_("Start of sentence")),
        (Move.START_EARLIER, N_("One word earlier")),
        (Move.START_LATER, N_("One word later")),
        (Move.START_NEXT, N_("Next sentence")),
    ),
    "end": (
        (Move.END_BEFORE, N_("Sentence before")),
        (Move.END_EARLIER, N_("One word earlier")),
        (Move.END_LATER, N_("One word later")),
        (Move.END_SENTENCE, N_("End of sentence")),
    ),
}
CHANGED = N_("These words have changed since you chose them. Check them below, then quote.")


@dataclass(frozen=True)
class Shown:
    """What the chooser shows: a text of an episode, some of its turns, and the words chosen there."""

    episode: Episode
    edition: Edition
    editions: tuple[Edition, ...]
    selection: Selection
    before: int  # turns asked for before the chosen ones
    after: int
    more_before: bool
    more_after: bool

    def address(self, **changes: str) -> str:
        """Write the address of this choice, some of it changed."""
        fields = {"episode": str(self.episode.id), "text": str(self.edition)}
        near = {"before": str(self.before), "after": str(self.after)}
        near = {name: value for name, value in {**near, **changes}.items() if value != "0"}
        return "/quote/choose?" + self.selection.address(**fields, **near)


def show_chooser(visit: Visit) -> Response:
    """Show words to choose from; a move or a cut that is asked for leads to the address that it makes."""
    params = visit.request.query_params
    with visit.site.database.read() as connection:
        shown = read_choice(connection, params)
    changed = _change(shown.selection, params)
    if changed is not None:
        shown = Shown(**{**vars(shown), "selection": changed})
        return redirect(shown.address() + "#chosen")
    return show_choice(visit, shown)


def show_choice(visit: Visit, shown: Shown, failure: Message | None = None, status: int = 200) -> Response:
    """Show a choice, and why it could not be quoted."""
    selection, passage = shown.selection, shown.selection.passage
    turns = {held.id: held for held in passage.turns}
    chosen = [passage.places[at] for first, last in selection.runs() for at in range(first, last + 1)]
    context = {
        "shown": shown,
        "episode": shown.episode,
        "selection": selection,
        "parts": [(held, list(_words(selection, held, offset))) for held, offset in _with_offsets(passage)],
        "said": list(quote_runs(selection)),
        "said_by": list(dict.fromkeys(place.turn for place in chosen)),
        "turns": turns,
        "states": list(dict.fromkeys(turns[place.turn].turn.state for place in chosen)),
        "doubtful": any(_is_doubtful(turns[place.turn], place.word) for place in chosen),
        "moves": {
            side: [(move, Message(msgid)) for move, msgid in buttons] for side, buttons in MOVES.items()
        },
        "bounds": {"start": selection.first_word, "end": selection.last_word},
        "starts": say_moment(selection.first_word.start_ms, visit.language),
        "ends": say_moment(selection.last_word.end_ms, visit.language),
        "length": say_length(selection.length_ms, visit.language),
        "inner": [(at, passage.places[at]) for at in range(selection.first + 1, selection.last)],
        "edition_names": {held: Message(msgid) for held, msgid in EDITION_NAMES.items()},
        "has_audio": shown.episode.listening_sha256 is not None and selection.length_ms is not None,
        "words": [list(row) for row in describe_words(selection)],
        "seen": " ".join(f"{held.id}:{fingerprint(held)}" for held in passage.turns),
        "failure": failure,
        **turn_words(),
    }
    return visit.render("quotes/choose.html", context, status)


def fingerprint(held: StoredTurn) -> str:
    """Write what a turn says as a few characters, to tell whether it still says so."""
    return sha256(held.turn.text.encode()).hexdigest()[:SEEN_LENGTH]


def quote_runs(selection: Selection) -> list[tuple[StoredTurn, str]]:
    """List what is quoted, by turn, cuts shown as […]."""
    said: list[tuple[StoredTurn, list[str]]] = []
    words, turns = selection.passage.words, {held.id: held for held in selection.passage.turns}
    for run, (first, last) in enumerate(selection.runs()):
        for at in range(first, last + 1):
            held = turns[selection.passage.places[at].turn]
            if not said or said[-1][0].id != held.id:
                said.append((held, []))
            if run and at == first:
                said[-1][1].append("[…]")
            said[-1][1].append(words[at].text)
    return [(held, " ".join(texts)) for held, texts in said]


def read_choice(connection: Connection, params: Mapping[str, str]) -> Shown:
    """Read what an address chooses; NotFoundError where its episode or its turn is not there."""
    episode = public_episode(connection, number(params.get("episode"), 0, MAX_TURN))
    editions = list_editions(connection, episode.id)
    if not editions:
        raise NotFoundError(f"episode {episode.id} has no words", kind="transcript", name=episode.title)
    turn = number(params.get("turn"), 0, MAX_TURN)
    edition, turns = _find_text(connection, episode, editions, params.get("text"), turn)
    at_ms, to_ms = read_seconds(params.get("at")), read_seconds(params.get("to"))
    first = _place_of(turns, turn) if "turn" in params else _place_from(turns, at_ms)
    last = max(
        first, min(_place_of(turns, number(params.get("end"), turn, MAX_TURN), first), first + MAX_TURNS)
    )
    if "turn" not in params and to_ms is not None:
        last = max(first, min(_place_until(turns, to_ms), first + MAX_TURNS))
    before, after = (number(params.get(name), 0, MAX_NEAR) for name in ("before", "after"))
    low, high = max(0, first - before), min(len(turns), last + after + 1)
    passage = Passage(tuple(turns[low:high]))
    selection = _select(passage, params, turns[first], at_ms, to_ms)
    more = low > 0 and before < MAX_NEAR, high < len(turns) and after < MAX_NEAR
    return Shown(episode, edition, editions, selection, before, after, *more)


def _find_text(
    connection: Connection, episode: Episode, editions: Sequence[Edition], asked: str | None, turn: int
) -> tuple[Edition, list[StoredTurn]]:
    """Find the text that is asked for, else the one that the turn is of, else the one that leads."""
    wanted = [held for held in editions if held == asked] or list(editions)
    read = [(held, keep_speech(list_turns(connection, episode.id, held))) for held in wanted]
    with_turn = [pair for pair in read if any(held.id == turn for held in pair[1])]
    edition, turns = (with_turn or read)[0]
    if not turns:
        raise NotFoundError(f"episode {episode.id} says nothing", kind="transcript", name=episode.title)
    return edition, turns


def _select(
    passage: Passage, params: Mapping[str, str], start: StoredTurn, at_ms: int | None, to_ms: int | None
) -> Selection:
    bounds = name_bounds(params)
    if bounds is not None:
        first, last = (passage.find(place) for place in bounds)
        if first is not None:
            cuts = [(passage.find(span.first), passage.find(span.last)) for span in _spans(params)]
            held = [(low, high) for low, high in cuts if low is not None and high is not None]
            return choose(passage, first, first if last is None else last, held)
    if at_ms is not None and to_ms is not None:
        return choose_sentences(passage, find_word_from(passage, at_ms), find_word_until(passage, to_ms))
    if at_ms is not None:
        return choose_sentence(passage, find_word_from(passage, at_ms))
    return choose_sentence(passage, passage.find(Place(start.id, 0)) or 0)


def _spans(params: Mapping[str, str]) -> Any:
    values = params.getlist("cut") if hasattr(params, "getlist") else params.get("cut", "").split()
    return read_spans(values)


def _change(selection: Selection, params: Mapping[str, str]) -> Selection | None:
    if (move := params.get("move")) in set(Move):
        return selection.move(Move(move))
    if "leave" in params:
        spans = read_spans([f"{params.get('from', '')}-{params.get('to', '')}"])
        found = [(selection.passage.find(span.first), selection.passage.find(span.last)) for span in spans]
        for first, last in found:
            if first is not None and last is not None:
                return selection.cut(first, last)
        return selection
    if "back" in params:
        return selection.uncut(number(params.get("back"), MAX_TURN, MAX_TURN))
    return None


def _place_of(turns: Sequence[StoredTurn], turn_id: int, default: int | None = None) -> int:
    for place, held in enumerate(turns):
        if held.id == turn_id:
            return place
    if default is not None:
        return default
    raise NotFoundError(f"no turn {turn_id} to quote", kind="turn", name=str(turn_id))


def _place_from(turns: Sequence[StoredTurn], at_ms: int | None) -> int:
    """Find the first turn heard from a moment on."""
    later = (place for place, held in enumerate(turns) if (held.turn.end_ms or 0) > (at_ms or 0))
    return 0 if at_ms is None else next(later, 0)


def _place_until(turns: Sequence[StoredTurn], at_ms: int) -> int:
    """Find the last turn that has begun at a moment."""
    begun = (
        place
        for place, held in enumerate(turns)
        if held.turn.start_ms is not None and held.turn.start_ms <= at_ms
    )
    return max(begun, default=0)


def _with_offsets(passage: Passage) -> list[tuple[StoredTurn, int]]:
    return list(zip(passage.turns, passage.offsets, strict=True))


def _words(selection: Selection, held: StoredTurn, offset: int) -> list[tuple[int, str, str]]:
    return [
        (at, word.text, _standing(selection, at)) for at, word in enumerate(held.turn.words, start=offset)
    ]


def _standing(selection: Selection, at: int) -> str:
    if not selection.first <= at <= selection.last:
        return "out"
    return "cut" if selection.is_cut(at) else "in"


def _is_doubtful(held: StoredTurn, word: int) -> bool:
    return any(doubt.first_word <= word <= doubt.last_word for doubt in held.turn.doubts)
