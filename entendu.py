"""The front door: the command line, one short function a command.

Each command prints what it did, in the terminal's language; `--json` where a program would read
it. Exit status: 0 done, 1 failed (one sentence says why), 2 misused. This is the only place that
knows every room: it reads the settings, opens the catalogue, and hands each room what it needs.
Rooms are imported where they are used, so that `entendu status` does not load a recogniser.
"""

import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.logging import RichHandler
from rich.text import Text

from media import episodes, formats, shows, transcripts
from media.database import Database, open_database
from media.errors import N_, EntenduError
from media.language import load_translations, terminal_language, translate
from media.people import accounts
from media.settings import Settings, read_settings
from media.transcript import TurnState

INDEX_EVERY_S = 0.5  # how often the change log is looked at while a worker runs

out = Console(highlight=False, soft_wrap=True, markup=False)
problems = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)


def say(msgid: str, **values: Any) -> str:
    """Say a sentence in the terminal's language."""
    sentence = load_translations(terminal_language()).gettext(msgid)
    return sentence % values if values else sentence


app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help=say("Find, hear, correct and cite everything said on a show, on your own machine."),
)


@app.command(help=say("A bundled episode, transcribed, indexed and served: the first thing to run."))
def demo(serve: bool = True) -> None:
    from ingest.feeds.demo import add_demo, demo_searches, demo_word

    with _house() as (settings, database):
        out.print(say("The demo episode is spoken by synthetic voices; it is transcribed here, now."))
        add_demo(database, settings, _now())
        _work(settings, database, once=True)
        for query in demo_searches():
            out.print()
            _print_result(_search(settings, database, query, limit=2))
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
    spoken = {"language": language, "speakers": speakers}
    added = 0
    with _house() as (settings, database):
        for source in sources:
            with _named_failures(leave=False):  # one that cannot be taken keeps no other out
                if source.startswith(("http://", "https://")):
                    show_id = _add_feed(settings, database, source, keep=keep, **spoken)
                else:
                    day = date.replace(tzinfo=UTC) if date else None
                    show_id = _add_file(
                        settings, database, Path(source), show=show, title=title, date=day, **spoken
                    )
                added += 1
                _add_terms(database, show_id, term or [])
        if added < len(sources):
            raise typer.Exit(1)
        out.print(say("Run `entendu work` to transcribe, or leave `entendu serve` running."))


@app.command(help=say("Process what is due: feeds, episodes, index; progress on a terminal."))
def work(
    once: Annotated[bool, typer.Option("--once", help=say("Stop when nothing is due any more."))] = False,
    index_only: Annotated[bool, typer.Option("--index-only", help=say("Only keep the index fresh."))] = False,
    beside: Annotated[bool, typer.Option("--beside", hidden=True)] = False,
) -> None:
    with _house() as (settings, database):
        if index_only:
            with _stopped_by_signals(beside=beside) as stop:
                _follow_changes(settings, database, stop)
        elif not _work(settings, database, once=once, beside=beside):
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

    if not set(state or ()) <= set(TurnState):
        raise typer.BadParameter(say("--state is machine, read or validated."))
    with _house() as (settings, database):
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
            _print_result(result)


@app.command(help=say("Write an episode's transcript: vtt, srt, txt or json."))
def export(
    episode: Annotated[int, typer.Argument(help=say("The number in the episode's address."))],
    format: Annotated[str, typer.Option(help="vtt | srt | txt | json")],
) -> None:
    if format not in formats.FORMATS:
        raise typer.BadParameter(say("--format is one of %(names)s.", names=", ".join(formats.FORMATS)))
    with _house() as (_, database), database.read() as connection:
        held = episodes.get_episode(connection, episode)
        turns = transcripts.list_turns(connection, episode)
        labels = formats.Labels(voice=say("Voice %d"), music=say("[Music or jingle]"))
        sys.stdout.write(formats.FORMATS[format][1](held, turns, labels))


@app.command(help=say("Serve the pages, with a worker beside unless --no-worker."))
def serve(
    host: str = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535)] = 8765,
    workers: Annotated[int, typer.Option(min=1, max=16, help=say("Web processes."))] = 1,
    worker: Annotated[bool, typer.Option(help=say("Transcribe beside."))] = True,
) -> None:
    with _house() as (settings, _):
        _serve(settings, host=host, port=port, workers=workers, with_worker=worker)


@app.command(help=say("Make an account, or give it another password (asked for, or on standard input)."))
def user(
    login: str,
    name: Annotated[str | None, typer.Option(help=say("Name that others see."))] = None,
    role: Annotated[accounts.Role, typer.Option()] = accounts.Role.ADMINISTRATOR,
    reset: Annotated[bool, typer.Option("--reset", help=say("Only change the password."))] = False,
) -> None:
    with _house() as (_, database):
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

    with _house() as (settings, database):
        count = rebuild_index(settings, database)
        out.print(say("Episodes indexed: %(count)d", count=count))


@app.command(help=say("Say what is there, what is under way, and what failed."))
def status(as_json: Annotated[bool, typer.Option("--json", help=say("As a JSON document."))] = False) -> None:
    from ingest.work.reports import describe_status, print_status

    with _house() as (settings, database):
        if as_json:
            sys.stdout.write(json.dumps(describe_status(settings, database), ensure_ascii=False) + "\n")
        else:
            print_status(out, settings, database, terminal_language())


@app.command(help=say("Check weights, decoder, disk, database and index, and say what to do."))
def doctor() -> None:
    with _named_failures():
        settings = read_settings()
        healthy = True
        for name, check in _checks(settings):
            try:
                out.print(f"✓ {say(name)}: {check()}", style="green")
            except EntenduError as error:
                healthy = False
                out.print(f"✗ {say(name)}: {translate(error.message, terminal_language())}", style="red")
        if not healthy:
            raise typer.Exit(1)


def main() -> None:
    """Run the command line, as the installed `entendu` does."""
    _set_up_logging()
    app()


def _set_up_logging() -> None:
    """Log a line an event to standard error; on a terminal, where bars are drawn, bugs only."""
    watched = sys.stderr.isatty()
    level = logging.ERROR if watched else logging.INFO
    handlers: list[logging.Handler] = [RichHandler(console=problems, show_path=False)] if watched else []
    log_format = "%(name)s: %(message)s" if watched else "%(asctime)s %(name)s: %(message)s"
    logging.basicConfig(level=level, format=log_format, handlers=handlers or None)
    for noisy in ("alembic", "faster_whisper", "httpx"):
        logging.getLogger(noisy).setLevel(max(level, logging.WARNING))
    queue = logging.getLogger("dbos")  # logs what we report ourselves
    queue.setLevel(logging.CRITICAL if watched else logging.WARNING)


@contextmanager
def _named_failures(*, leave: bool = True) -> Iterator[None]:
    """Turn what we understand into one sentence and exit status 1; a bug keeps its traceback."""
    try:
        yield
    except EntenduError as error:
        logging.getLogger("entendu").debug("%s", error, exc_info=True)
        problems.print(translate(error.message, terminal_language()), style="red")
        if leave:
            raise typer.Exit(1) from error


@contextmanager
def _house() -> Iterator[tuple[Settings, Database]]:
    with _named_failures():
        settings = read_settings()
        database = open_database(settings)
        try:
            yield settings, database
        finally:
            database.close()


def _work(settings: Settings, database: Database, *, once: bool, beside: bool = False) -> bool:
    """Run a worker here, its index following; return whether every episode it took went well."""
    from ingest.work.console import Display
    from ingest.work.worker import run_worker

    with _stopped_by_signals(beside=beside) as stop:
        follower = threading.Thread(target=_follow_changes, args=(settings, database, stop), daemon=True)
        follower.start()
        with Display(problems, say) as display:
            failures = run_worker(settings, database, once=once, stop=stop, show=display.show)
        if stop.is_set():
            os._exit(0)  # steps cut down here are taken again: a stop is a crash that was asked for
        stop.set()
        follower.join()
    for failure in failures:
        problems.print(f"{failure.title}: {translate(failure.message, terminal_language())}", style="red")
    return not failures


def _follow_changes(settings: Settings, database: Database, stop: threading.Event) -> None:
    """Keep this machine's index in line with the catalogue, until told to stop; then once more."""
    from search import sync_index

    while True:
        last = stop.wait(INDEX_EVERY_S)
        try:
            sync_index(settings, database)
        except EntenduError as error:
            logging.getLogger("entendu").warning("the index does not follow: %s", error)
        if last:
            return


@contextmanager
def _stopped_by_signals(*, beside: bool) -> Iterator[threading.Event]:
    """Set an event when the process is asked to stop, or when the one that it runs beside is gone."""
    stop = threading.Event()
    if beside:
        threading.Thread(target=_outlive, args=(stop,), daemon=True).start()
    asked = (signal.SIGTERM, signal.SIGINT)
    before = [signal.signal(name, lambda *_: stop.set()) for name in asked]
    try:
        yield stop
    finally:
        for name, handler in zip(asked, before, strict=True):
            signal.signal(name, handler)


def _outlive(stop: threading.Event) -> None:
    """Wait for the end of standard input, which ends with the process that we run beside."""
    sys.stdin.read()
    stop.set()


def _serve(settings: Settings, *, host: str, port: int, workers: int, with_worker: bool) -> None:
    from web.serving import run_site

    address = f"http://{host}:{port}"
    out.print(say("Serving %(address)s; Ctrl-C stops.", address=address))
    run_site(settings, host=host, port=port, processes=workers, with_worker=with_worker)


def _add_feed(settings: Settings, database: Database, url: str, **wanted: Any) -> int:
    """Subscribe to a feed, say what it brings, and return its show's identity."""
    from ingest.feeds.subscriptions import preview_feed, subscribe

    preview = preview_feed(url, settings)
    taken = subscribe(database, preview, settings, _now(), **wanted)
    with database.read() as connection:
        waiting = episodes.count_episodes(connection, taken.id)[episodes.EpisodeStatus.WAITING]
    said = N_("“%(title)s”: %(count)d episodes, %(waiting)d of them to transcribe.")
    out.print(say(said, title=taken.title, count=preview.episodes, waiting=waiting))
    return taken.id


def _add_file(settings: Settings, database: Database, path: Path, **wanted: Any) -> int:
    """Take an audio file in, say its number, and return its show's identity."""
    from ingest.feeds.subscriptions import add_file

    episode_id = add_file(database, settings, path, _now(), **wanted)
    out.print(say("Episode %(id)d: %(name)s", id=episode_id, name=path.name))
    with database.read() as connection:
        return episodes.get_episode(connection, episode_id).show_id


def _add_terms(database: Database, show_id: int, terms: list[str]) -> None:
    """Add names that the recogniser should know to those that the show has."""
    with database.write() as connection:
        held = shows.get_show(connection, show_id).terms
        shows.update_show(connection, show_id, {"terms": list(dict.fromkeys([*held, *terms]))})


def _search(settings: Settings, database: Database, text: str, **wanted: Any) -> Any:
    from search import SearchRequest, open_index, sync_index

    sync_index(settings, database)  # where no worker runs, the index is as old as its last one
    return open_index(settings, database).search(SearchRequest(text, **wanted))


def _print_result(result: Any) -> None:
    out.print(f"{result.query}: " + say("excerpts found: %(count)d", count=result.total), style="bold")
    for left_out in result.ignored:
        out.print(say("Left out: %(part)s", part=left_out))
    for excerpt in result.excerpts:
        when = "" if excerpt.start_ms is None else f"{formats.clock(excerpt.start_ms)} "
        who = excerpt.speaker or (say("Voice %d") % excerpt.voice if excerpt.voice else "")
        out.print(f"  {when}{excerpt.show} — {excerpt.episode}" + (f" — {who}" if who else ""), style="cyan")
        out.print(Text.assemble("    ", *_marked(excerpt.text, excerpt.highlights)))


def _marked(text: str, highlights: tuple[tuple[int, int], ...]) -> Iterator[str | tuple[str, str]]:
    last = 0
    for begin, end in highlights:
        yield text[last:begin]
        yield text[begin:end], "bold reverse"
        last = end
    yield text[last:]


def _checks(settings: Settings) -> list[tuple[str, Callable[[], str]]]:
    """List what `doctor` looks at; each check returns a few words or raises an EntenduError."""
    from ingest.words.weights import check_model
    from ingest.work.checks import check_decoder, check_speaker_model
    from media.files import check_disk
    from search.checks import check_index

    def on_catalogue(check: Callable[[Database], str]) -> str:
        database = open_database(settings)
        try:
            return check(database)
        finally:
            database.close()

    return [
        (N_("speech model"), lambda: check_model(settings)),
        (N_("speaker model"), lambda: check_speaker_model(settings)),
        (N_("decoder"), check_decoder),
        (N_("disk"), lambda: check_disk(settings.data)),
        (N_("catalogue"), lambda: on_catalogue(Database.check)),
        (N_("index"), lambda: on_catalogue(partial(check_index, settings))),
    ]


def _site_port(settings: Settings) -> int:
    return urlsplit(settings.site_url).port or 8765


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
