"""The editor of a passage, and the page of one turn, which does all of it without script."""

import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from babel import Locale
from sqlalchemy import Connection
from starlette.responses import JSONResponse, Response

from media.correction.claims import Passage
from media.correction.locks import refuse_locked
from media.correction.saving import Conflict, list_conflicts
from media.correction.sittings import find_last_act
from media.correction.speakers import Scope, count_scopes, list_places
from media.correction.typed import MAX_TURN_LENGTH
from media.episodes import Episode
from media.errors import Message, NotFoundError
from media.people.withdrawn import Withdrawn, read_withdrawn
from media.transcript import TurnKind, TurnState
from media.transcripts import StoredTurn, get_turns, hide_withdrawn, list_editions, list_speakers
from web.correction.marks import Piece, cut_marks, find_threshold
from web.correction.passages import author_of, find_passage, passage_path
from web.correction.sentences import (
    list_actions,
    list_tools,
    pack_texts,
    say_act,
    say_finished,
    say_scope,
)
from web.editions import EDITION_NAMES
from web.episodes import turn_words
from web.visits import Visit

SPEEDS = ("0.5", "0.6", "0.75", "0.9", "1", "1.25", "1.5", "1.75", "2")
LANGUAGES = ("en", "es", "de", "it", "pt", "ar", "br", "oc", "eu", "la", "fr")  # said on French radio
TOKEN_BYTES = 16


@dataclass(frozen=True, slots=True)
class EditedTurn:
    """One turn as it is corrected."""

    stored: StoredTurn
    pieces: tuple[Piece, ...]
    locked: bool  # words of it are withdrawn: what stands for them is not to be corrected

    @property
    def number(self) -> int:
        """Its place in the episode, from 1."""
        return self.stored.position + 1


def show_editor(visit: Visit) -> Response:
    """Show a passage to correct."""
    author = author_of(visit)
    with visit.site.database.read() as connection:
        episode, passage = _find(connection, visit)
        refuse_locked(connection, episode.id, passage.edition)
        editions = list_editions(connection, episode.id)
        turns = read_turns(connection, passage.turn_ids)
        last = find_last_act(connection, author, passage.turn_ids)
        conflicts = list_conflicts(connection, episode_id=episode.id, author=author)
    other = passage.claim if passage.claim is not None and not passage.claim.is_of(author) else None
    context = {
        "passage": passage,
        "turns": turns,
        "other": None if other is None else other.author.name,
        "has_two_texts": len(editions) > 1,
        "texts": pack_texts(visit.language),
        "tools": list_tools(visit.language),
        "actions": list_actions(visit.language),
        "speeds": SPEEDS,
        "decimal_sign": Locale.parse(visit.language).number_symbols["latn"]["decimal"],
        "max_length": MAX_TURN_LENGTH,
        "last_act": None if last is None else {"id": last.id, "said": say_act(last.kind, visit.language)},
        "finished": say_finished(visit.language) if is_finished(turns) else None,
        "conflicts": _standing(conflicts, turns),
        "act_token": make_token,
        "failure": None,
        **_frame(episode, passage),
    }
    return visit.render("correction/editor.html", context)


def show_turn(visit: Visit) -> Response:
    """Show all that can be done to one turn, as forms."""
    with visit.site.database.read() as connection:
        episode, passage = _find(connection, visit)
        return render_turn_page(visit, connection, episode, passage, visit.request.path_params["turn"])


def render_turn_page(
    visit: Visit,
    connection: Connection,
    episode: Episode,
    passage: Passage,
    turn_id: int,
    *,
    typed: str | None = None,
    failure: Message | None = None,
    status: int = 200,
) -> Response:
    """Show one turn's forms, with what somebody typed where it could not be saved."""
    turns = read_turns(connection, passage.turn_ids)
    places = [edited.stored.id for edited in turns]
    if turn_id not in places:
        raise NotFoundError(f"turn {turn_id} is not in this passage", kind="turn", name=str(turn_id))
    place = places.index(turn_id)
    edited = turns[place]
    before = (
        turns[place - 1].stored if place and turns[place - 1].stored.turn.kind is TurnKind.SPEECH else None
    )
    context = {
        "edited": edited,
        "stored": edited.stored,
        "before": before,
        "passage": passage,
        "typed": typed,
        "failure": failure,
        "names": list_names(connection, episode),
        "scopes": _list_scopes(connection, edited.stored, visit.language),
        "places": [place for place in list_places(connection, turn_id) if place.episode_id != episode.id],
        "languages": _list_languages(visit.language),
        "act_token": make_token,
        **_frame(episode, passage),
    }
    return visit.render("correction/turn.html", context, status)


def send_session(visit: Visit) -> Response:
    """Tell the editor who is signed in now, with a token for its forms."""
    account = visit.account
    found = None if account is None else {"account": account.id, "name": account.name}
    headers = {"cache-control": "no-store"}
    return JSONResponse(
        {"account": None} if found is None else found | {"token": visit.form_token()}, 200, headers
    )


def read_changed(
    connection: Connection, episode_id: int, passage: Passage, changed: Collection[int]
) -> tuple[list[EditedTurn], bool]:
    """Read the turns of a passage that an act changed, and whether a person has read all of it.

    What else is said there is read only where unsure words are to be marked, or words are withdrawn.
    """
    withdrawn = read_withdrawn(connection, [episode_id])
    here = [turn_id for turn_id in passage.turn_ids if turn_id in changed]
    turns = read_turns(connection, here, withdrawn)
    if not passage.states[TurnState.MACHINE]:
        return turns, True
    if not withdrawn.passages and all(one.stored.turn.state is not TurnState.MACHINE for one in turns):
        return turns, False
    whole = read_turns(connection, passage.turn_ids, withdrawn)
    return [edited for edited in whole if edited.stored.id in changed], is_finished(whole)


def read_turns(
    connection: Connection, turn_ids: Iterable[int], withdrawn: Withdrawn | None = None
) -> list[EditedTurn]:
    """Read turns to be corrected, in order; what is withdrawn is hidden here too."""
    held = sorted(get_turns(connection, turn_ids, public=False).values(), key=lambda turn: turn.position)
    if withdrawn is None:
        withdrawn = read_withdrawn(connection, {turn.episode_id for turn in held})
    shown = [hide_withdrawn(turn, withdrawn) for turn in held]
    threshold = find_threshold(turn.turn for turn in shown)
    return [
        EditedTurn(turn, cut_marks(turn.turn, threshold), turn.turn.words != whole.turn.words)
        for turn, whole in zip(shown, held, strict=True)
    ]


def render_turn(visit: Visit, episode: Episode, base: str, edited: EditedTurn) -> str:
    """Write one turn as the editor's page holds it."""
    context = {"edited": edited, "episode": episode, "base": base, **turn_words()}
    return visit.site.templates.render("correction/answered.html", visit.language, context).strip()


def is_finished(turns: Sequence[EditedTurn]) -> bool:
    """Tell whether a person has read all that is said here."""
    spoken = [edited.stored.turn for edited in turns if edited.stored.turn.kind is TurnKind.SPEECH]
    return all(turn.state is not TurnState.MACHINE for turn in spoken)


def list_names(connection: Connection, episode: Episode) -> list[str]:
    """List who may be speaking: people announced in the episode, then voices named in its show."""
    announced = [person.name for person in episode.people]
    return list(dict.fromkeys([*announced, *list_speakers(connection, episode.show_id)]))


def make_token() -> str:
    """Name one press of a form's button, so that a second press of it is the same."""
    return secrets.token_hex(TOKEN_BYTES)


def _find(connection: Connection, visit: Visit) -> tuple[Episode, Passage]:
    params = visit.request.path_params
    return find_passage(connection, params["episode"], params["passage"], visit)


def _frame(episode: Episode, passage: Passage) -> dict[str, Any]:
    return {
        "episode": episode,
        "base": passage_path(episode, passage),
        "edition_name": Message(EDITION_NAMES[passage.edition]),
        "has_audio": episode.listening_sha256 is not None,
        **turn_words(),
    }


def _standing(
    conflicts: Iterable[Conflict], turns: Sequence[EditedTurn]
) -> list[tuple[Conflict, EditedTurn]]:
    """Pair the texts that this person typed and that were refused with the turns as they are."""
    here = {edited.stored.id: edited for edited in turns}
    return [(held, here[held.turn_id]) for held in conflicts if held.turn_id in here]


def _list_scopes(connection: Connection, stored: StoredTurn, language: str) -> list[tuple[str, str]]:
    counts = count_scopes(connection, stored.id)
    return [
        (scope.value, say_scope(scope, counts[scope], language))
        for scope in Scope
        if scope is Scope.TURN or counts.get(scope, 0) > 0
    ]


def _list_languages(language: str) -> list[tuple[str, str]]:
    names = Locale.parse(language).languages
    return sorted(((code, names[code]) for code in LANGUAGES), key=lambda held: held[1])
