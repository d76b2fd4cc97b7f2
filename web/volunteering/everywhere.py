"""One correction in many places: each shown in its sentence, to be heard and chosen, then one act."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response

from media.correction.authors import Author
from media.episodes import Episode, get_episodes
from media.errors import EntenduError, Message
from media.volunteering.everywhere import (
    BadCorrectionError,
    Occurrence,
    Pick,
    apply_everywhere,
    check_correction,
    get_sweep,
    list_sweeps,
    undo_sweep,
)
from media.volunteering.questions import bound_loop
from web.episodes import turn_words
from web.errors import BadFormError, ForbiddenError
from web.visits import Visit, field, redirect
from web.volunteering.finding import MAX_TURNS, Found, find_everywhere

MAX_PLACES = 50  # shown at once, and changed by one act: as many as a person can look at


@dataclass(frozen=True, slots=True)
class Place:
    """An occurrence, its episode, and the stretch of sound in which it is heard."""

    occurrence: Occurrence
    episode: Episode
    start_ms: int
    end_ms: int

    @property
    def value(self) -> str:
        """What a form sends of it."""
        held = self.occurrence.held
        return f"{held.id}.{held.version}.{self.occurrence.first_word}"


def show_places(visit: Visit) -> Response:
    """Show where a correction could be made; without one, ask for it."""
    params = visit.request.query_params
    heard, written = params.get("heard", ""), params.get("written", "")
    refusal: Message | None = None
    found, places = Found((), True), list[Place]()
    with visit.site.database.read() as connection:
        if heard or written:
            try:
                heard, written = check_correction(heard, written)
                found = find_everywhere(visit.site, connection, heard, written)
            except EntenduError as error:
                refusal = error.message
        shown = found.occurrences[:MAX_PLACES]
        episodes = get_episodes(connection, {occurrence.held.episode_id for occurrence in shown})
        places = [
            _place(occurrence, episodes) for occurrence in shown if occurrence.held.episode_id in episodes
        ]
        sweeps = list_sweeps(connection, 10)
    context = {
        "heard": heard,
        "written": written,
        "refusal": refusal,
        "found": found,
        "places": places,
        "asked": bool(heard and written) and refusal is None,
        "most": MAX_TURNS,
        "sweeps": sweeps,
        "nothing_chosen": "none" in params,
        **turn_words(),
    }
    return visit.render("volunteering/everywhere.html", context, 422 if refusal else 200)


def apply(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Correct the places that were chosen."""
    heard, written = field(fields, "heard"), field(fields, "written")
    try:
        heard, written = check_correction(heard, written)
    except BadCorrectionError:  # which the page says in words
        return redirect("/everywhere?" + urlencode({"heard": heard, "written": written}))
    picks = _read_picks(fields)
    author = _author(visit)
    with visit.site.database.write() as connection:
        sweep_id, left_out = apply_everywhere(connection, heard, written, picks, author, visit.now)
    if sweep_id is None:
        return redirect("/everywhere?" + urlencode({"heard": heard, "written": written, "none": 1}))
    return redirect(f"/everywhere/{sweep_id}" + (f"?left={left_out}" if left_out else ""))


def show_sweep(visit: Visit) -> Response:
    """Show what was corrected, with one button that takes it back."""
    left = visit.request.query_params.get("left", "")
    with visit.site.database.read() as connection:
        sweep = get_sweep(connection, visit.request.path_params["sweep"])
        episodes = get_episodes(connection, {episode for episode, _ in sweep.turns})
    context = {
        "sweep": sweep,
        "episodes": [
            episodes[key] for key in dict.fromkeys(key for key, _ in sweep.turns) if key in episodes
        ],
        "left_out": int(left) if left.isdecimal() and len(left) < 6 else 0,
    }
    return visit.render("volunteering/sweep.html", context)


def undo(visit: Visit, fields: Mapping[str, str]) -> Response:
    """Take a correction back everywhere."""
    author = _author(visit)
    with visit.site.database.write() as connection:
        sweep = undo_sweep(connection, visit.request.path_params["sweep"], author, visit.now)
    return redirect(f"/everywhere/{sweep.id}")


def _place(occurrence: Occurrence, episodes: Mapping[int, Episode]) -> Place:
    episode = episodes[occurrence.held.episode_id]
    turn = occurrence.held.turn
    return Place(
        occurrence,
        episode,
        *bound_loop(turn, occurrence.first_word, occurrence.last_word, episode.duration_ms),
    )


def _read_picks(fields: Mapping[str, str]) -> Sequence[Pick]:
    """Read the boxes that were ticked, « turn.version.word » each."""
    picks = []
    for name, value in fields.items():
        if not name.startswith("place-"):
            continue
        parts = value.split(".")
        if len(parts) != 3 or not all(
            part.isdecimal() and part.isascii() and len(part) < 10 for part in parts
        ):
            raise BadFormError(f"place {value[:40]!r}")
        picks.append(Pick(*(int(part) for part in parts)))
    return picks


def _author(visit: Visit) -> Author:
    if visit.account is None:
        raise ForbiddenError("nobody is signed in")
    return Author(visit.account.id, visit.account.name)
