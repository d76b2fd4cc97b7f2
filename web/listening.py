"""What is heard of an episode: audio by ranges, words' times, peaks.

The listening copy is served as it is: its name is the hash of its content, so it never changes
under one ETag. Ranges, also malformed ones, are Starlette's (FAULTS 47).
"""

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from media.episodes import Episode
from media.errors import NotFoundError
from media.files import AudioFile, get_audio, get_peaks
from media.transcripts import list_editions
from web.editions import read_shown
from web.episodes import public_episode
from web.reading import pack_times
from web.remote import RemoteResponse
from web.visits import Visit

FRESH = "public, no-cache"  # kept, but asked about each time
PRIVATE = "private, no-cache"


def send_audio(visit: Visit) -> Response:
    """Send the listening copy, whole or by ranges."""
    audio, caching = _listening_copy(visit)
    if _holds(visit.request, audio.sha256):
        return _unchanged(audio.sha256, caching)
    # Asked about each time: what was withdrawn since must not be heard from a browser's store.
    headers = {"etag": f'"{audio.sha256}"', "cache-control": caching}
    if caching == FRESH:  # public: a frame of ours in a sandbox is of no origin
        headers["cross-origin-resource-policy"] = "cross-origin"
    store = visit.site.store
    path = store.find(audio.sha256, audio.suffix)
    if path is None:
        return RemoteResponse(store, audio, headers)
    return FileResponse(path, headers=headers, media_type=audio.media_type)


def send_peaks(visit: Visit) -> Response:
    """Send the loudest sample of each tenth of a second, a byte each."""
    audio, caching = _listening_copy(visit)
    with visit.site.database.read() as connection:
        peaks = get_peaks(connection, audio.sha256)
    if peaks is None:
        raise NotFoundError(f"no peaks of {audio.sha256}", kind="peaks", name=audio.sha256)
    if _holds(visit.request, audio.sha256):
        return _unchanged(audio.sha256, caching)
    headers = {"etag": f'"{audio.sha256}"', "cache-control": caching}
    return Response(peaks, headers=headers, media_type="application/octet-stream")


def send_words(visit: Visit) -> Response:
    """Send when each word of the texts asked for is heard: a list a turn, [id, [gap, length, …]] in ms."""
    with visit.site.database.read() as connection:
        episode = public_episode(connection, visit.request.path_params["id"], visit.account)
        shown = read_shown(visit, episode, list_editions(connection, episode.id))
        tag = f"{episode.id}-{episode.revision}-{shown.choice}"
        if _holds(visit.request, tag):
            return _unchanged(tag, _caching(episode))
        texts = [visit.site.shelf.list_turns(connection, episode, edition) for edition in shown.editions]
    timed = [held for turns in texts for held in turns if held.turn.words and held.turn.start_ms is not None]
    words = [[held.id, pack_times(held.turn.words)] for held in timed]
    headers = {"etag": f'"{tag}"', "cache-control": _caching(episode)}
    return JSONResponse({"revision": episode.revision, "turns": words}, headers=headers)


def _listening_copy(visit: Visit) -> tuple[AudioFile, str]:
    with visit.site.database.read() as connection:
        episode = public_episode(connection, visit.request.path_params["id"], visit.account)
        audio = episode.listening_sha256 and get_audio(connection, episode.listening_sha256)
    if not audio:
        raise NotFoundError(f"episode {episode.id} has no audio", kind="audio", name=episode.title)
    return audio, _caching(episode)


def _caching(episode: Episode) -> str:
    """Say who may keep what is sent: of a private episode, the reader's own browser."""
    return PRIVATE if episode.private else FRESH


def _holds(request: Request, tag: str) -> bool:
    asked = request.headers.get("if-none-match", "")
    return f'"{tag}"' in [part.strip().removeprefix("W/") for part in asked.split(",")]


def _unchanged(tag: str, caching: str) -> Response:
    return Response(status_code=304, headers={"etag": f'"{tag}"', "cache-control": caching})
