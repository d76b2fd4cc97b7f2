"""`entendu workers`: who works on every machine, and draining one for maintenance."""

import time
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from media import workers
from media.database import Database
from media.errors import N_, MediaError
from media.workers import Worker, WorkerState
from terminal.opening import open_house
from terminal.saying import out, say

LOOK_EVERY_S = 1.0

app = typer.Typer(no_args_is_help=True, help=say("Workers of every machine: list them, drain one, resume."))

Name = Annotated[str, typer.Argument(help=say("A worker, or a machine and all its workers."))]
STATES = {
    WorkerState.WORKING: N_("working"),
    WorkerState.DRAINING: N_("finishing what it has in hand"),
    WorkerState.DRAINED: N_("drained: it may be stopped"),
}


class UnknownWorkerError(MediaError):
    """A name that is neither a worker's nor a machine's."""

    msgid = N_("No worker and no machine is named “%(name)s”. `entendu workers list` names them.")


@app.command("list", help=say("List the workers of every machine, and what each may use."))
def list_workers() -> None:
    with open_house() as (_, database):
        table = Table(box=None, pad_edge=False)
        for heading in (N_("Worker"), N_("State"), N_("Processes"), N_("Cores"), N_("Memory"), N_("Version")):
            table.add_column(say(heading))
        for worker in _read(database):
            card = worker.card
            memory = f"{card.memory_mb} MiB" if card.memory_mb else "—"
            table.add_row(
                card.name, _describe(worker), str(card.processes), str(card.cores), memory, card.version
            )
        out.print(table)


@app.command(help=say("Have a worker or a machine finish what it has in hand and take nothing new."))
def drain(
    name: Name,
    wait: Annotated[bool, typer.Option("--wait", help=say("Return once it may be stopped."))] = False,
) -> None:
    with open_house() as (_, database):
        if not _named(database, name):
            raise UnknownWorkerError(name, name=name)
        with database.write() as connection:
            workers.ask_to_drain(connection, name, datetime.now(UTC))
        out.print(
            say("%(name)s takes nothing new, restarts included, until `entendu workers resume`.", name=name)
        )
        while wait and any(_is_at_work(worker) for worker in _named(database, name)):
            time.sleep(LOOK_EVERY_S)
        if wait:
            out.print(say("%(name)s holds nothing: it may be stopped.", name=name))


@app.command(help=say("Have a drained worker or machine work again."))
def resume(name: Name) -> None:
    with open_house() as (_, database):
        with database.write() as connection:
            was_drained = workers.resume(connection, name)
        if not was_drained:
            raise UnknownWorkerError(name, name=name)
        out.print(say("%(name)s works again.", name=name))


def _read(database: Database) -> list[Worker]:
    with database.read() as connection:
        return workers.list_workers(connection)


def _named(database: Database, name: str) -> list[Worker]:
    return [worker for worker in _read(database) if name in (worker.card.name, worker.card.host)]


def _is_at_work(worker: Worker) -> bool:
    return worker.gone_at is None and worker.state is not WorkerState.DRAINED


def _describe(worker: Worker) -> str:
    if worker.gone_at is not None and worker.state is not WorkerState.DRAINED:
        return say("gone since %(when)s", when=f"{worker.gone_at.astimezone():%d/%m %H:%M}")
    return say(STATES[worker.state])
