"""`entendu queue`: the line of episodes to be transcribed; one put first, or stopped."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from media import progress, wishes
from media.episodes import get_episode, get_episodes
from terminal.opening import open_house
from terminal.saying import out, say

SHOWN = 20

app = typer.Typer(
    no_args_is_help=True, help=say("Episodes that wait: list them, put one first, stop one, ask again.")
)

Number = Annotated[int, typer.Argument(metavar="EPISODE", help=say("The number in the episode's address."))]


@app.command("list", help=say("List the episodes that come next, in order."))
def list_next(limit: Annotated[int, typer.Option(min=1, max=1000)] = SHOWN) -> None:
    with open_house() as (_, database), database.read() as connection:
        waiting = progress.list_waiting(connection, limit)
        held = get_episodes(connection, [row.episode_id for row in waiting])
        for row in waiting:
            episode = held[row.episode_id]
            mark = "! " if row.is_wished else ""
            out.print(f"{row.episode_id:>6} {mark}{episode.show_title} — {episode.title}", markup=False)


@app.command(help=say("Put an episode before all others: somebody waits for it."))
def first(episode: Number) -> None:
    with open_house() as (_, database), database.write() as connection:
        wishes.ask_first(connection, episode, datetime.now(UTC), reader=None)
        title = get_episode(connection, episode).title
    out.print(say("“%(title)s” comes next.", title=title))


@app.command(help=say("Stop the work on an episode, begun or not, until somebody asks again."))
def cancel(episode: Number) -> None:
    with open_house() as (_, database), database.write() as connection:
        title = get_episode(connection, episode).title
        stopped = progress.cancel(connection, episode)
    said = say("“%(title)s” is stopped.", title=title) if stopped else say("Nothing is to be stopped.")
    out.print(said)


@app.command(help=say("Put an episode that failed or was stopped back in the line."))
def again(episode: Number) -> None:
    with open_house() as (_, database), database.write() as connection:
        progress.ask_again(connection, episode)
        title, status = get_episode(connection, episode).title, get_episode(connection, episode).status
    out.print(f"{title}: {status}", markup=False)
