"""The front door: the command line, one short function a command.

Each command prints what it did, in the terminal's language; `--json` where a program would read
it. Exit status: 0 done, 1 failed (one sentence says why), 2 misused. This is the only place that
knows every room: it reads the settings, opens the catalogue, and hands each room what it needs.
Rooms are imported where they are used, so that `entendu status` does not load a recogniser.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from media.database import Database
from media.errors import N_
from media.language import terminal_language
from media.people import accounts
from media.settings import Settings, read_settings
from media.transcript import Edition, TurnState
from terminal import keeping
from terminal.glossary import app as glossary
from terminal.line import app as line
from terminal.opening import open_house
from terminal.saying import named_failures, out, say, set_up_logging
from terminal.workers import app as workers

if TYPE_CHECKING:
    from search import SearchResult

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help=say("Find, hear, correct and cite everything said on a show, on your own machine."),
)


app.add_typer(glossary, name="glossary")
app.add_typer(line, name="queue")
app.add_typer(workers, name="workers")


@app.command(help=say("A bundled episode, transcribed, indexed and served: the first thing to run."))
def demo(serve: bool = True) -> None:
    from ingest.feeds.demo import add_demo, demo_searches, demo_word
    from terminal.results import print_result
    from terminal.working import run_here

    with open_house() as (settings, database):
        out.print(say("The demo episode is spoken by synthetic voices; it is transcribed here, now."))
        add_demo(database, settings, _now())
        run_here(settings, database, once=True)
        for query in demo_searches():
            out.print()
            print_result(_search(settings, database, query, limit=2))
        if serve:
            out.print()
            said = N_("Open %(url)s and try the word “%(word)s”.")
            out.print(say(said, url=settings.site_url, word=demo_word()))
            _serve(settings, host="127.0.0.1", port=_site_port(settings), workers=1, with_worker=True)


@app.command(help=say("Subscribe to a feed, or add audio files; `entendu work` then transcribes them."))
def add(
    sources: Annotated[list[str], typer.Argument(metavar="FEED_URL_OR_FILE...")],
    show: Annotated[str | None, typer.Option(help=say("Show that the files belong to."))] = None,
    title: Annotated[str | None, typer.Option(help=say("Title of the file's episode."))] = None,
    date: Annotated[
        datetime | None, typer.Option(help=say("Day of the broadcast."), formats=["%Y-%m-%d"])
    ] = None,
    language: Annotated[
        str | None, typer.Option(help=say("Language spoken, such as fr; else detected."))
    ] = None,
    speakers: Annotated[
        int | None, typer.Option(min=1, max=30, help=say("People who speak at length."))
    ] = None,
    keep: Annotated[
        int | None, typer.Option(min=0, help=say("Latest episodes to transcribe; 0: all."))
    ] = None,
    term: Annotated[
        list[str] | None, typer.Option(help=say("A name that the show often says; may be given again."))
    ] = None,
) -> None:
    if len(sources) > 1 and title:
        raise typer.BadParameter(say("--title names one file; give the others apart."))
    from terminal.adding import add_source, add_terms, list_sources

    of_file = {"show": show, "title": title, "date": date.replace(tzinfo=UTC) if date else None}
    spoken = {"language": language, "speakers": speakers}
    added = 0
    with open_house() as (settings, database):
        sources = list_sources(sources)
        for source in sources:
            with named_failures(leave=False):  # one that cannot be taken keeps no other out
                show_id = add_source(settings, database, source, _now(), keep=keep, of_file=of_file, **spoken)
                added += 1
                add_terms(database, show_id, term or [])
        if added < len(sources):
            raise typer.Exit(1)
        out.print(say("Run `entendu work` to transcribe, or leave `entendu serve` running."))


@app.command("import", help=say("Bring in transcripts that people wrote, with or without their audio."))
def import_texts(
    files: Annotated[list[Path], typer.Argument(metavar="FILE_OR_FOLDER...")],
    show: Annotated[str | None, typer.Option(help=say("Show that the texts belong to."))] = None,
    title: Annotated[str | None, typer.Option(help=say("Title of the file's episode."))] = None,
    date: Annotated[
        datetime | None, typer.Option(help=say("Day of the broadcast."), formats=["%Y-%m-%d"])
    ] = None,
    language: Annotated[str | None, typer.Option(help=say("Language spoken, such as fr."))] = None,
    audio: Annotated[
        Path | None, typer.Option(help=say("The file's sound, to be heard and aligned."))
    ] = None,
    episode: Annotated[
        int | None, typer.Option(help=say("The episode whose text it is, by its number; else found or made."))
    ] = None,
    choice: Annotated[
        list[str] | None, typer.Option(help=say("An answer to a question, such as 42=heading."))
    ] = None,
    private: Annotated[
        bool | None, typer.Option("--private/--public", help=say("Show it to nobody but volunteers."))
    ] = None,
    anyway: Annotated[
        bool, typer.Option("--anyway", help=say("Though it seems to be another episode's text."))
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help=say("As a JSON document."))] = False,
) -> None:
    from ingest.importing.arriving import Wishes
    from terminal.importing import describe_report, find_files, import_files, print_report, read_choices

    with open_house() as (settings, database):
        found = find_files(files)
        if len(found) > 1 and (title or audio or episode is not None or choice):
            raise typer.BadParameter(say("--title, --audio, --episode and --choice are of one file."))
        day, answers = date.date() if date else None, read_choices(choice or [])
        wishes = Wishes(
            episode, show, title, day, language, answers, audio=audio, private=private, anyway=anyway
        )
        taken = import_files(settings, database, found, wishes, _now())
        if as_json:
            sys.stdout.write(json.dumps(describe_report(taken), ensure_ascii=False) + "\n")
        else:
            print_report(taken)
        if any(held.failure for held in taken):
            raise typer.Exit(1)


@app.command(help=say("Process what is due: feeds, episodes, index; progress on a terminal."))
def work(
    once: Annotated[bool, typer.Option("--once", help=say("Stop when nothing is due any more."))] = False,
    index_only: Annotated[bool, typer.Option("--index-only", help=say("Only keep the index fresh."))] = False,
    beside: Annotated[bool, typer.Option("--beside", hidden=True)] = False,
) -> None:
    from terminal.following import follow_changes
    from terminal.working import run_here, stopped_by_signals

    with open_house() as (settings, database):
        if index_only:
            with stopped_by_signals(beside=beside) as stop:
                follow_changes(settings, database, stop)
        elif not run_here(settings, database, once=once, beside=beside):
            raise typer.Exit(1)


@app.command(help=say("Search everything that was said."))
def search(
    query: str,
    show: Annotated[
        list[str] | None, typer.Option(help=say("Only this show (the short name in its address)."))
    ] = None,
    speaker: Annotated[list[str] | None, typer.Option(help=say("Only this person."))] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help=say("From this day on."))
    ] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help=say("Up to this day."))] = None,
    state: Annotated[list[str] | None, typer.Option(help=say("machine, read or validated."))] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help=say("Excerpts to print."))] = 10,
    as_json: Annotated[bool, typer.Option("--json", help=say("As a JSON document."))] = False,
) -> None:
    from search import describe_result
    from terminal.results import print_result

    if not set(state or ()) <= set(TurnState):
        raise typer.BadParameter(say("--state is machine, read or validated."))
    with open_house() as (settings, database):
        result = _search(
            settings, database, query, shows=tuple(show or ()), speakers=tuple(speaker or ()), limit=limit,
            since=since.date() if since else None, until=until.date() if until else None,
            states=tuple(map(TurnState, state or ())),
        )  # fmt: skip
        if as_json:
            sys.stdout.write(
                json.dumps(describe_result(result, settings.site_url), ensure_ascii=False) + "\n"
            )
        else:
            print_result(result)


@app.command(help=say("Write an episode's transcript: txt, html, md, vtt, srt, json or wiki."))
def export(
    episode: Annotated[int, typer.Argument(help=say("The number in the episode's address."))],
    format: Annotated[str, typer.Option(help="txt | html | md | vtt | srt | json | wiki")],
    text: Annotated[
        Edition | None, typer.Option(help=say("Which text: published or spoken; else the one that leads."))
    ] = None,
) -> None:
    from media.writing.formats import FORMATS
    from terminal.exporting import write_export

    if format not in FORMATS:
        raise typer.BadParameter(say("--format is one of %(names)s.", names=", ".join(FORMATS)))
    with open_house() as (settings, database):
        write_export(settings, database, episode, format, text)


@app.command(help=say("Quote what is said between two times: the words, a lasting link, a citation."))
def quote(
    episode: Annotated[int, typer.Argument(help=say("The number in the episode's address."))],
    start: Annotated[str, typer.Argument(help=say("As 29:12, 0:29:12.5, or seconds."))],
    end: Annotated[str, typer.Argument(help=say("As the start."))],
    style: Annotated[str, typer.Option(help="presse | press | apa | chicago | mla | iso690…")] = "presse",
    text: Annotated[
        str | None, typer.Option(help=say("spoken or published; else the one that leads."))
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help=say("As a JSON document."))] = False,
) -> None:
    from terminal import quoting

    if style not in quoting.list_styles():
        raise typer.BadParameter(say("--style is one of %(names)s.", names=", ".join(quoting.list_styles())))
    if text is not None and text not in list(Edition):
        raise typer.BadParameter(say("--text is spoken or published."))
    with open_house() as (settings, database):
        shown = quoting.make_quote(database, episode, start, end, text, _now())
        citation = quoting.cite_quote(database, settings, shown, style, _now())
        if as_json:
            described = quoting.describe_made(shown, settings, citation)
            sys.stdout.write(json.dumps(described, ensure_ascii=False) + "\n")
        else:
            quoting.print_quote(shown, settings, citation)


@app.command(help=say("Let an assistant search and quote: a Model Context Protocol server, read-only."))
def mcp() -> None:
    from search import open_index, sync_index
    from terminal.assistants import serve_assistant

    with open_house() as (settings, database):
        sync_index(settings, database)
        serve_assistant(settings, database, open_index(settings, database))


@app.command(help=say("Write the whole archive as a folder of open files, or read one back with --restore."))
def archive(
    folder: Annotated[Path, typer.Argument(help=say("To write: one that does not exist yet."))],
    restore: Annotated[
        bool, typer.Option("--restore", help=say("Read it back into an empty archive."))
    ] = False,
    audio: Annotated[bool, typer.Option("--audio", help=say("With the sound."))] = False,
    everything: Annotated[
        bool,
        typer.Option("--everything", help=say("Accounts, history and what is private too, to move house.")),
    ] = False,
) -> None:
    from terminal.archiving import restore_here, write_archive

    with open_house() as (settings, database):
        if restore:
            restore_here(settings, database, folder, _now(), everything=everything)
        else:
            write_archive(settings, database, folder, audio=audio, everything=everything)


@app.command("export-opml", help=say("Write the feeds that are followed, as a list for other programs."))
def export_opml() -> None:
    from terminal.adding import write_feeds

    with open_house() as (_, database):
        write_feeds(database)


@app.command("move-audio", help=say("Copy all audio into a shared folder or S3 storage, each file verified."))
def move_audio(
    to: Annotated[str, typer.Argument(metavar="URL", help=say("A folder, or s3://bucket/prefix."))],
    source: Annotated[
        str | None, typer.Option("--from", metavar="URL", help=say("Where it lies; else ENTENDU_AUDIO_URL."))
    ] = None,
) -> None:
    from terminal import storing

    with open_house() as (settings, database):
        if not storing.move_audio(settings, database, source, to):
            raise typer.Exit(1)


@app.command(help=say("Serve the pages, with a worker beside unless --no-worker."))
def serve(
    host: str = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535)] = 8765,
    workers: Annotated[int, typer.Option(min=1, max=16, help=say("Web processes."))] = 1,
    worker: Annotated[bool, typer.Option(help=say("Transcribe beside."))] = True,
) -> None:
    with open_house() as (settings, _):
        _serve(settings, host=host, port=port, workers=workers, with_worker=worker)


@app.command(help=say("Make an account, or give it another password (asked for, or on standard input)."))
def user(
    login: str,
    name: Annotated[str | None, typer.Option(help=say("Name that others see."))] = None,
    role: Annotated[accounts.Role, typer.Option()] = accounts.Role.ADMINISTRATOR,
    reset: Annotated[bool, typer.Option("--reset", help=say("Only change the password."))] = False,
) -> None:
    with open_house() as (_, database):
        password = (
            typer.prompt(say("Password"), hide_input=True, confirmation_prompt=True)
            if sys.stdin.isatty()
            else sys.stdin.readline().rstrip("\n")
        )
        with database.write() as connection:
            if reset:
                accounts.change_password(connection, login, password)
            else:
                accounts.add_account(connection, login, name or login, role, password, _now())
        out.print(say("The account “%(login)s” is ready.", login=login))


@app.command(help=say("Rebuild the index from the catalogue; search goes on meanwhile."))
def reindex() -> None:
    from search import rebuild_index

    with open_house() as (settings, database):
        count = rebuild_index(settings, database)
        out.print(say("Episodes indexed: %(count)d", count=count))


@app.command(help=say("Say what is there, what is under way, and what failed."))
def status(as_json: Annotated[bool, typer.Option("--json", help=say("As a JSON document."))] = False) -> None:
    from ingest.work.reports import describe_status, print_status

    with open_house() as (settings, database):
        if as_json:
            sys.stdout.write(json.dumps(describe_status(settings, database), ensure_ascii=False) + "\n")
        else:
            print_status(out, settings, database, terminal_language())


@app.command(help=say("Check weights, decoder, disk, database and index, and say what to do."))
def doctor(
    deep: Annotated[bool, typer.Option("--deep", help=say("Every row, hash and index entry, too."))] = False,
    mend: Annotated[
        bool, typer.Option("--repair", help=say("With --deep: make again what can be made again."))
    ] = False,
) -> None:
    from terminal.examining import examine
    from terminal.health import look_around

    with named_failures():
        settings = read_settings()
        healthy = look_around(settings)
    if deep or mend:
        with open_house() as (_, database):
            healthy = examine(settings, database, mend=mend) and healthy
    if not healthy:
        raise typer.Exit(1)


app.command(help=say("Copy the catalogue and new audio into a folder, while everything runs."))(
    keeping.backup
)
app.command(help=say("Put a backup in an empty place."))(keeping.restore)
app.command("migrate-to", help=say("Move the archive to another database, checked row by row, and back."))(
    keeping.migrate_to
)


def main() -> None:
    """Run the command line, as the installed `entendu` does."""
    set_up_logging()
    app()


def _search(settings: Settings, database: Database, text: str, **wanted: Any) -> "SearchResult":
    from search import SearchRequest, open_index, sync_index

    sync_index(settings, database)  # where no worker runs, the index is as old as its last one
    return open_index(settings, database).search(SearchRequest(text, **wanted))


def _serve(settings: Settings, *, host: str, port: int, workers: int, with_worker: bool) -> None:
    from web.serving import run_site

    address = f"http://{host}:{port}"
    out.print(say("Serving %(address)s; Ctrl-C stops.", address=address))
    run_site(settings, host=host, port=port, processes=workers, with_worker=with_worker)


def _site_port(settings: Settings) -> int:
    return urlsplit(settings.site_url).port or 8765


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
