"""What is heard of a quote, to take away: the clip in three formats, its captions, its film.

Everything is refused before any work, made once, and kept by what it contains: the sound that is
served (a copy with silence where something was withdrawn is another sound), the bounds, the words.
Players may ask for ranges. Nothing here depends on who asks, nor is kept without asking again:
what is withdrawn must not be heard from a browser's store.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from starlette.responses import FileResponse, Response

from ingest.sound.clips import ClipFormat, write_clip
from ingest.sound.films import Caption, FilmShape, FilmTitles, write_film
from ingest.sound.made import name_made
from media.errors import N_, EntenduError, Message, NotFoundError
from media.language import load_translations
from media.people.attempts import Budget
from media.quotes.showing import show_quote
from media.quotes.values import ShownQuote
from media.transcript import Edition
from media.writing.clocks import clock
from media.writing.script import make_labels
from web.clock import format_day
from web.listening import FRESH
from web.quotes.captions import Heard, cut_captions, read_heard, render_captions
from web.quotes.embedding import discover, estimate_height, frame_code
from web.quotes.making import CLIPS_FROM_ADDRESS, FILMS_FROM_ADDRESS, files_of, take_budget
from web.quotes.sounding import Sound, find_sound, name_file
from web.quotes.studio import Write
from web.visits import Visit

MADE_LIKE = 1  # grows when the same words and bounds are to give another file
ANYWHERE = {"cross-origin-resource-policy": "cross-origin"}  # public, and the same for everybody
SAID = {
    Edition.SPOKEN: N_("Captions word for word, by a machine and people"),
    Edition.PUBLISHED: N_("Captions from the published text, not word for word"),
}
FILM_NAMES = {FilmShape.SQUARE: N_("Square (1:1)"), FilmShape.WIDE: N_("Wide (16:9)")}
AGAIN_S = 5  # before the page that says “in preparation” looks again


def send_clip(visit: Visit) -> Response:
    """Send the clip of a quote, made if it was not; ranges are Starlette's."""
    wanted = visit.request.path_params["format"]
    if wanted not in set(ClipFormat):
        raise NotFoundError(f"no clip as {wanted!r}", kind="format", name=wanted)
    format = ClipFormat(wanted)
    sound = _read_sound(visit)
    tags = write_tags(sound, visit.site.settings.site_url, visit.site.settings.language)
    name = name_made({**_contents(sound), "format": format, "tags": tags}, format)

    def write(file: Any) -> None:
        with _copy(visit, sound) as copy:
            write_clip(copy, sound.bounds, format, tags, file)

    return _send(visit, sound, _make_now(visit, name, write), format.media_type, format)


def send_captions(visit: Visit) -> Response:
    """Send the words of a clip when they are spoken, as WebVTT."""
    language = visit.site.settings.language
    with visit.site.database.read() as connection:
        sound = find_sound(connection, _read_quote(visit, connection), language)
        heard = read_heard(connection, sound.episode.id, sound.bounds)
    captions = cut_captions(heard, make_labels(language))
    text = render_captions(captions, list_particulars(sound, heard, visit.site.settings.site_url, language))
    name = name_file(sound.quote, sound.bounds.start_ms, "vtt")
    headers = {"content-disposition": f'inline; filename="{name}"', "cache-control": FRESH, **ANYWHERE}
    return Response(text, headers=headers, media_type="text/vtt")


def send_film(visit: Visit) -> Response:
    """Send the film of a quote, or say that it is being made: the same address has it in a moment."""
    wanted = visit.request.path_params["shape"]
    if wanted not in set(FilmShape):
        raise NotFoundError(f"no film as {wanted!r}", kind="format", name=wanted)
    shape, site, language = FilmShape(wanted), visit.site, visit.site.settings.language
    with site.database.read() as connection:
        sound = find_sound(connection, _read_quote(visit, connection), language)
        heard = read_heard(connection, sound.episode.id, sound.bounds)
    captions = cut_captions(heard, make_labels(language))
    titles = write_titles(sound, heard, site.settings.site_url, language)
    tags = write_tags(sound, site.settings.site_url, language)
    name = _name_film(sound, shape, titles, captions, tags)
    if (made := files_of(site).find(name)) is not None:
        return _send(visit, sound, made, "video/mp4", "mp4", f"-{shape}")

    def write(file: Any) -> None:
        with _copy(visit, sound) as copy:
            write_film(copy, sound.bounds, shape, titles, captions, tags, file)

    if not site.studio.knows(name):
        take_budget(site, FILMS_FROM_ADDRESS, visit.address, visit.now)
    failure = site.studio.order(files_of(site), name, write, visit.now)
    context = {"quote": sound.quote, "failure": failure, "shape": FILM_NAMES[shape], "again": AGAIN_S}
    response = visit.render("quotes/preparing.html", context, 202 if failure is None else 500)
    response.headers["retry-after"] = str(AGAIN_S)
    if failure is None:
        response.headers["refresh"] = str(AGAIN_S)
    return response


def describe_taking(visit: Visit, connection: Connection, shown: ShownQuote) -> dict[str, object]:
    """Say what `quotes/clip.html` and `embed.html` need: what there is to take away, or why not."""
    if not shown.standing.is_shown:
        return {"clip": None, "clip_refused": None, "embed_code": None, "oembed": ()}
    return {**_describe_clips(visit, connection, shown), **_describe_embedding(visit, shown)}


def describe_film(sound: Sound, heard: Heard, site_url: str, language: str) -> str:
    """Write the alternative text of a film: what is seen in it, and every word that is heard."""
    say = load_translations(language).gettext
    labels, said = make_labels(language), list[str]()
    for caption in cut_captions(heard, labels):
        text = " ".join(word.text for word in caption.words)
        named = f"{caption.speaker}\N{NO-BREAK SPACE}: {text}" if caption.speaker else text
        same = said and caption.speaker and said[-1].startswith(f"{caption.speaker}\N{NO-BREAK SPACE}: ")
        if same:
            said[-1] += f" {text}"
        else:
            said.append(named)
    about = write_titles(sound, heard, site_url, language)
    seen = say("Captions on a dark ground, over the waveform of the sound.")
    particulars = ", ".join(filter(None, (about.show, about.episode, about.day, about.times)))
    return "\n".join([f"{seen} {particulars}.", *said, about.link])


def write_tags(sound: Sound, site_url: str, language: str) -> dict[str, str]:
    """Write the tags of a clip: what it is, who speaks, from where to where, under which licence."""
    quote, bounds = sound.quote, sound.bounds
    link = f"{site_url.rstrip('/')}/q/{quote.id}"
    times = _times(sound)
    licence = " — ".join(filter(None, (sound.licence.name(language), sound.licence.url, sound.notice)))
    return {
        "title": f"{quote.episode} ({times})",
        "artist": ", ".join(quote.speakers) or quote.show,
        "album": quote.show,
        "date": f"{quote.published_at:%Y-%m-%d}" if quote.published_at else "",
        "comment": f"{bounds.start_ms / 1_000:.3f}–{bounds.end_ms / 1_000:.3f} s, {link}",
        "copyright": licence,
        "url": link,
    }


def write_titles(sound: Sound, heard: Heard, site_url: str, language: str) -> FilmTitles:
    """Write what stands on every picture of a film."""
    quote = sound.quote
    link = f"{site_url.rstrip('/')}/q/{quote.id}".removeprefix("https://").removeprefix("http://")
    said = load_translations(language).gettext(SAID[heard.edition])
    day = format_day(quote.published_at, language)
    return FilmTitles(quote.show, quote.episode, day, _times(sound), link, said)


def list_particulars(sound: Sound, heard: Heard, site_url: str, language: str) -> list[str]:
    """List what goes with captions, a line each."""
    titles = write_titles(sound, heard, site_url, language)
    about = f"{titles.show} — {titles.episode}"
    link = f"{site_url.rstrip('/')}/q/{sound.quote.id}"
    when = ", ".join(filter(None, (titles.day, titles.times)))
    return [about, when, titles.said, sound.text_licence.notice(language), sound.text_notice, link]


def _describe_clips(visit: Visit, connection: Connection, shown: ShownQuote) -> dict[str, object]:
    try:
        sound = find_sound(connection, shown, visit.language)
    except NotFoundError:  # a text without sound: nobody looks for a clip of it
        return {"clip": None, "clip_refused": None}
    except EntenduError as error:
        return {"clip": None, "clip_refused": error.message}
    heard = read_heard(connection, sound.episode.id, sound.bounds)
    return {
        "clip": sound,
        "clip_refused": None,
        "clip_formats": tuple(ClipFormat),
        "clip_films": tuple((shape, Message(name)) for shape, name in FILM_NAMES.items()),
        "clip_edition": heard.edition,
        "clip_described": describe_film(
            sound, heard, visit.site.settings.site_url, visit.site.settings.language
        ),
    }


def _describe_embedding(visit: Visit, shown: ShownQuote) -> dict[str, object]:
    quote, site_url = shown.quote, visit.site.settings.site_url.rstrip("/")
    title = " — ".join(filter(None, (", ".join(quote.speakers), quote.show, quote.episode)))
    source = f"{site_url}/embed/q/{quote.id}"
    return {
        "embed_code": frame_code(source, title, "100%", estimate_height(quote.text)),
        "oembed": discover(site_url, f"{site_url}/q/{quote.id}"),
    }


def _read_sound(visit: Visit) -> Sound:
    with visit.site.database.read() as connection:
        return find_sound(connection, _read_quote(visit, connection), visit.site.settings.language)


def _read_quote(visit: Visit, connection: Connection) -> ShownQuote:
    return show_quote(connection, visit.request.path_params["id"])


def _contents(sound: Sound) -> dict[str, Any]:
    """Say what any file of this sound contains."""
    bounds = sound.bounds
    return {"like": MADE_LIKE, "audio": sound.audio.sha256, "bounds": [bounds.start_ms, bounds.end_ms]}


def _name_film(
    sound: Sound, shape: FilmShape, titles: FilmTitles, captions: list[Caption], tags: Mapping[str, str]
) -> str:
    words = [asdict(caption) for caption in captions]
    parts = {"shape": shape, "titles": asdict(titles), "captions": words, "tags": dict(tags)}
    return name_made({**_contents(sound), **parts}, "mp4")


def _copy(visit: Visit, sound: Sound) -> AbstractContextManager[Path]:
    return visit.site.store.at_hand(sound.audio.sha256, sound.audio.suffix)


def _make_now(visit: Visit, name: str, write: Write, budget: Budget = CLIPS_FROM_ADDRESS) -> Path:
    """Find a file, or make it within the budget of who asks."""
    files = files_of(visit.site)
    if (found := files.find(name)) is not None:
        return found
    take_budget(visit.site, budget, visit.address, visit.now)
    return visit.site.studio.make(files, name, write)


def _send(visit: Visit, sound: Sound, made: Path, media_type: str, suffix: str, what: str = "") -> Response:
    tag = made.stem
    if f'"{tag}"' in visit.request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={"etag": f'"{tag}"', "cache-control": FRESH})
    return FileResponse(
        made,
        headers={"etag": f'"{tag}"', "cache-control": FRESH, **ANYWHERE},
        media_type=media_type,
        filename=name_file(sound.quote, sound.bounds.start_ms, suffix, what),
        content_disposition_type="inline",
    )


def _times(sound: Sound) -> str:
    return f"{clock(sound.bounds.start_ms)}–{clock(sound.bounds.end_ms)}"
