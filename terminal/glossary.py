"""`entendu glossary`: a show's terms from a terminal, for those who keep them in a file."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from media.correction.authors import Author
from media.errors import NotFoundError
from media.shows import find_show
from media.volunteering import glossary
from terminal.opening import open_house
from terminal.saying import out, say

KEEPER = Author(None, "entendu glossary")  # who is named in a glossary's history

app = typer.Typer(
    no_args_is_help=True,
    help=say("Names and words of a show, as they are to be written; the recogniser is told them."),
)

Show = Annotated[str, typer.Argument(help=say("The show's title, or the short name in its address."))]


@app.command("list", help=say("List a show's terms, with what was heard instead."))
def list_terms(show: Show) -> None:
    with open_house() as (_, database), database.read() as connection:
        for term in glossary.list_terms(connection, _show_id(connection, show)):
            out.print(f"{term.spelling} = {', '.join(term.forms)}" if term.forms else term.spelling)


@app.command(help=say("Add a term, or forms heard to the one there is."))
def add(
    show: Show,
    term: str,
    heard: Annotated[
        list[str] | None, typer.Option(help=say("What the machine writes instead; may be given again."))
    ] = None,
) -> None:
    with open_house() as (_, database), database.write() as connection:
        show_id = _show_id(connection, show)
        kept = glossary.add_term(connection, show_id, term, KEEPER, datetime.now(UTC), heard or ())
    out.print(say("Kept: %(term)s", term=kept.spelling))


@app.command(help=say("Take a term out."))
def remove(show: Show, term: str) -> None:
    with open_house() as (_, database), database.write() as connection:
        show_id = _show_id(connection, show)
        glossary.remove_term(connection, show_id, term, KEEPER, datetime.now(UTC))
    out.print(say("Taken out: %(term)s", term=term))


@app.command("import", help=say("Add a term a line: “spelling = form heard, other form”."))
def import_terms(show: Show, file: Annotated[Path, typer.Argument()]) -> None:
    from ingest.feeds.subscriptions import FileMissingError  # with all that reads feeds

    with open_house() as (_, database):
        try:
            lines = file.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise FileMissingError(f"{file}: {error}", path=str(file)) from error
        with database.write() as connection:
            show_id = _show_id(connection, show)
            count = glossary.import_terms(connection, show_id, lines, KEEPER, datetime.now(UTC))
    out.print(say("Terms read: %(count)d", count=count))


def _show_id(connection: Connection, name: str) -> int:
    show = find_show(connection, name)
    if show is None:
        raise NotFoundError(f"no show {name!r}", kind="show", name=name)
    return show.id
