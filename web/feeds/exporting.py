"""A transcript as a file, of the format that its address ends with and the edition asked for."""

from sqlalchemy import Connection
from starlette.responses import Response

from media.episodes import Episode
from media.errors import NotFoundError
from media.transcript import Edition
from media.transcripts import list_editions
from media.writing.formats import FORMATS, Format
from media.writing.gathering import gather_script
from media.writing.script import make_labels
from media.writing.subtitles import NoTimesError
from web.episodes import public_episode
from web.errors import WebError
from web.feeds.sending import send_kept
from web.visits import Visit


class NoTimesYetError(WebError):
    """Subtitles of a text without times are asked for."""

    status = 409
    msgid = NoTimesError.msgid


def send_export(visit: Visit) -> Response:
    """Send the transcript; another edition than the leading one where `text` names it."""
    wanted = visit.request.path_params["format"]
    if wanted not in FORMATS:
        raise NotFoundError(f"no format {wanted!r}", kind="format", name=wanted)
    format = FORMATS[wanted]
    with visit.site.database.read() as connection:
        episode = public_episode(connection, visit.request.path_params["id"])
        edition = read_edition(visit, connection, episode)
        content = write_export(visit, connection, episode, edition, format)
    ending = "" if edition is episode.edition else f"-{edition}"
    headers = {
        "content-disposition": f'attachment; filename="{episode.slug}{ending}.{wanted}"',
        "vary": "Accept-Language, Cookie",
    }
    return send_kept(visit.request, content, f"{format.media_type}; charset=utf-8", headers)


def read_edition(visit: Visit, connection: Connection, episode: Episode) -> Edition:
    """Read which edition is asked for; NotFoundError where the episode has no such text."""
    asked = visit.request.query_params.get("text")
    if asked is None:
        return episode.edition
    if asked not in set(Edition) or Edition(asked) not in list_editions(connection, episode.id):
        raise NotFoundError(f"episode {episode.id} has no text {asked!r}", kind="text", name=asked)
    return Edition(asked)


def write_export(
    visit: Visit, connection: Connection, episode: Episode, edition: Edition, format: Format
) -> bytes:
    """Write an episode's transcript for this reader; NoTimesYetError where cues need times."""
    script = gather_script(
        connection,
        episode,
        make_labels(visit.language),
        edition=edition,
        site_url=visit.site.settings.site_url,
        with_document=format.needs_document,
    )
    try:
        return format.render(script).encode()
    except NoTimesError as error:
        raise NoTimesYetError(str(error)) from error
