"""What is heard of an episode: audio by ranges, words' times, peaks.

The listening copy is served as it is: its name is the hash of its content, so it never changes
under one ETag. Ranges, also malformed ones, are Starlette's (FAULTS 47).
"""

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from media.errors import NotFoundError
from media.files import AudioFile, audio_path, get_audio, get_peaks
from web.episodes import public_episode
from web.reading import pack_times
from web.visits import Visit

FRESH = "public, no-cache"  # kept, but asked about each time


def send_audio(visit: Visit) -> Response:
    """Send the listening copy, whole or by ranges."""
    audio = _listening_copy(visit)
    path = audio_path(visit.site.audio_folder, audio.sha256, audio.suffix)
    if not path.is_file():
        raise NotFoundError(f"{path} is missing", kind="file", name=audio.sha256)
    if _holds(visit.request, audio.sha256):
        return _unchanged(audio.sha256, FRESH)
    # Asked about each time: what was withdrawn since must not be heard from a browser's store.
    headers = {"etag": f'"{audio.sha256}"', "cache-control": FRESH}
    return FileResponse(path, headers=headers, media_type=audio.media_type)


def send_peaks(visit: Visit) -> Response:
    """Send the loudest sample of each tenth of a second, a byte each."""
    audio = _listening_copy(visit)
    with visit.site.database.read() as connection:
        peaks = get_peaks(connection, audio.sha256)
    if peaks is None:
        raise NotFoundError(f"no peaks of {audio.sha256}", kind="peaks", name=audio.sha256)
    if _holds(visit.request, audio.sha256):
        return _unchanged(audio.sha256, FRESH)
    headers = {"etag": f'"{audio.sha256}"', "cache-control": FRESH}
    return Response(peaks, headers=headers, media_type="application/octet-stream")


def send_words(visit: Visit) -> Response:
    """Send when each word is heard: a list a turn, [id, [gap, length, gap, length…]] in ms."""
    with visit.site.database.read() as connection:
        episode = public_episode(connection, visit.request.path_params["id"])
        tag = f"{episode.id}-{episode.revision}"
        if _holds(visit.request, tag):
            return _unchanged(tag, FRESH)
        turns = visit.site.shelf.list_turns(connection, episode)
    timed = [held for held in turns if held.turn.words and held.turn.start_ms is not None]
    words = [[held.id, pack_times(held.turn.words)] for held in timed]
    headers = {"etag": f'"{tag}"', "cache-control": FRESH}
    return JSONResponse({"revision": episode.revision, "turns": words}, headers=headers)


def _listening_copy(visit: Visit) -> AudioFile:
    with visit.site.database.read() as connection:
        episode = public_episode(connection, visit.request.path_params["id"])
        audio = episode.listening_sha256 and get_audio(connection, episode.listening_sha256)
    if not audio:
        raise NotFoundError(f"episode {episode.id} has no audio", kind="audio", name=episode.title)
    return audio


def _holds(request: Request, tag: str) -> bool:
    asked = request.headers.get("if-none-match", "")
    return f'"{tag}"' in [part.strip().removeprefix("W/") for part in asked.split(",")]


def _unchanged(tag: str, caching: str) -> Response:
    return Response(status_code=304, headers={"etag": f'"{tag}"', "cache-control": caching})
