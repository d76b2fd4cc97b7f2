"""What each durable step of an episode does, and that doing it twice changes nothing.

A step reads what it needs from the catalogue and leaves there what lasts; what it returns is
kept by the work queue until the episode is saved, so it is small values only, never samples.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from ingest.alignment.episodes import align_episode
from ingest.errors import IngestError, WorkerDiedError, WorkerError
from ingest.feeds.chapters import fetch_chapters
from ingest.feeds.subscriptions import original_suffix
from ingest.importing.offered import take_preferred
from ingest.network.addresses import Network
from ingest.network.download import DownloadLimits, download_file
from ingest.network.fetching import MIB
from ingest.redaction import forget_whole_copy, hold_back_copy, redact_copy
from ingest.sound.chunks import Span, clip_spans, plan_chunks, share_speech
from ingest.sound.listening import Hearing, hear_copy, make_listening_copy
from ingest.sound.sniffing import sniff_file, sniff_media
from ingest.turns import build_turns
from ingest.voices.diarisation import HeardVoices, hear_voices
from ingest.words.recognition import ChunkTask, ChunkWords, Language, detect_task, recognise_task
from ingest.words.weights import find_model
from ingest.work.pool import Pool
from ingest.work.shifts import Shift
from media import files
from media.correction.retranscription import propose_retranscription
from media.database import Database
from media.episodes import (
    Episode,
    EpisodeStatus,
    adopt_republished,
    get_episode,
    replace_chapters,
    update_episode,
)
from media.errors import N_, DatabaseError
from media.language import translate
from media.progress import Hold, Step, begin_attempt, get_progress, is_held, record_progress, record_ready
from media.settings import Settings
from media.shows import Show, get_show
from media.store.errors import AudioMissingError
from media.store.values import AudioStore
from media.transcript import Doubt, Transcript, Word
from media.transcripts import list_speakers, save_machine_transcript
from media.workers import count_processes
from media.writing.clocks import clock

log = logging.getLogger(__name__)

TRIES = 3  # FAULTS 5: a part whose process dies as often is poison
SHARED_BY = 4  # processes, whatever there are: the same sound gives the same words on any machines
AHEAD = 2  # chunks for each process, so that none waits for the next
TASK_LIMIT_S = 3_600  # ten minutes of sound take two, on one slow core
NO_SPEECH_LANGUAGE = "fr"  # where none was given and nobody speaks
REPORT_EVERY_S = 1.0
COPY_SUFFIX = ".mp3"
KIB = 1024
ADDRESS_LENGTH = 12  # of the hash of an address: audio announced elsewhere since is another download
ORDER = tuple(Step)

Result = TypeVar("Result")


class NoAudioError(IngestError):
    """An episode was announced without sound, or its file is gone."""

    msgid = N_("The episode “%(title)s” has no audio: neither a file here nor an address to fetch it from.")


class PoisonPartError(WorkerError):
    """A part of the sound brings down every process that hears it, or the machine lacks memory."""

    msgid = N_(
        "The process doing “%(task)s” died %(count)d times on the sound from %(start)s to %(end)s, which was "
        "given up. Look at the machine's memory, or try fewer ENTENDU_WORKERS, then ask for it again."
    )


@dataclass(frozen=True, slots=True)
class Engines:
    """What hears: the functions that processes of the pool run, and where their model is."""

    find_model: Callable[[Settings], Path] = find_model
    detect: Callable[[ChunkTask], Language] = detect_task
    recognise: Callable[[ChunkTask], ChunkWords] = recognise_task
    hear: Callable[..., HeardVoices] = hear_voices


@dataclass(frozen=True, slots=True)
class Tools:
    """What steps work with; made once for each worker."""

    settings: Settings
    database: Database
    store: AudioStore
    network: Network
    pool: Pool
    engines: Engines
    worker: str  # this worker's name in the queue
    shift: Shift = field(default_factory=Shift)


@dataclass(frozen=True, slots=True)
class Plan:
    """How an episode's sound is shared out, and what the recogniser is told."""

    run: str
    audio_sha256: str  # of our copy
    duration_ms: int
    speech: tuple[Span, ...]
    chunks: tuple[Span, ...]
    language: str
    hotwords: tuple[str, ...]
    speakers: int | None
    ahead: int  # chunks to be in the queue at a time

    def part(self, number: int) -> "Plan":
        """Keep what recognising one chunk needs."""
        chunk = self.chunks[number]
        return replace(self, chunks=(chunk,), speech=tuple(clip_spans(self.speech, chunk)))


@dataclass(slots=True)
class Reporter:
    """Writes how far a run is: never back, at most once a second within a step, and never in its way."""

    tools: Tools
    hold: Hold
    _next: float = 0.0

    def __call__(self, step: Step, done: int = 0, total: int = 0) -> None:
        """Note that `done` of `total` are done; 0 in all: not known."""
        self._next = time.monotonic() + REPORT_EVERY_S
        try:
            with self.tools.database.write() as connection:
                if not is_held(connection, self.hold):
                    return
                held = get_progress(connection, self.hold.episode_id)
                if held is None or _place(step, done, total) >= _place(held.step, held.done, held.total):
                    record_progress(connection, self.hold.episode_id, step, done, total, now())
        except DatabaseError as error:
            log.warning("progress is not shown: %s", error)

    def downloaded(self, received: int, total: int | None) -> None:
        """Note how many bytes have come; called for every block."""
        if time.monotonic() >= self._next:
            self(Step.DOWNLOAD, received // KIB, (total or 0) // KIB)


def begin(tools: Tools, episode_id: int, run: str, attempt: int) -> Hold | None:
    """Note that this worker has the episode; None where it is no longer this run's to have."""
    with tools.database.write() as connection:
        status = get_episode(connection, episode_id).status
        held = get_progress(connection, episode_id)
        is_next = status is EpisodeStatus.WAITING and attempt == (held.attempts if held else 0) + 1
        is_resumed = status is EpisodeStatus.WORKING and held is not None and held.run == run
        if not is_next and not is_resumed:
            return None
        return begin_attempt(connection, episode_id, run, tools.worker, now())


def fetch_audio(tools: Tools, episode_id: int, report: Reporter) -> bool:
    """Have the original on disk, by its hash; False where it turns out to be an episode that we have."""
    with tools.database.read() as connection:
        episode = get_episode(connection, episode_id)
    if episode.original_sha256 is None:
        _download(tools, episode, report)
    if episode.enclosure_url:
        with tools.database.write() as connection:
            if adopt_republished(connection, episode_id, now()) is not None:
                log.info("%s / %s was published before", episode.show_title, episode.title)
                return False
    _take_chapters(tools, episode)
    return True


def prepare_audio(tools: Tools, hold: Hold) -> Plan:
    """Make our copy, find where people speak, and share the work out over all workers."""
    tools.engines.find_model(tools.settings)  # before an hour of decoding for nothing
    with tools.database.read() as connection:
        episode = get_episode(connection, hold.episode_id)
        show = get_show(connection, episode.show_id)
        names = list_speakers(connection, show.id)
        processes = max(count_processes(connection), tools.pool.size)
    sha256, hearing = _keep_copy(tools, episode)
    speech = hearing.speech
    chunks = plan_chunks(speech, share_speech(speech, SHARED_BY))
    given = episode.language or show.language
    plan = Plan(
        run=hold.run,
        audio_sha256=sha256,
        duration_ms=hearing.duration_ms,
        speech=speech,
        chunks=tuple(chunks),
        language=given or NO_SPEECH_LANGUAGE,
        hotwords=list_hotwords(show, episode, names),
        speakers=episode.speakers or show.speakers,
        ahead=AHEAD * processes,
    )
    if chunks and not given:
        with _copy_at_hand(tools, plan) as path:
            task = _task(tools, plan.part(0), path)
            heard = _run_in_pool(tools, plan, plan.chunks[0], tools.engines.detect, task)
        plan = replace(plan, language=heard.code)
    return plan


def recognise_part(tools: Tools, part: Plan) -> ChunkWords:
    """Recognise one chunk in a process of the pool."""
    with _copy_at_hand(tools, part) as path:
        return _run_in_pool(tools, part, part.chunks[0], tools.engines.recognise, _task(tools, part, path))


def separate_voices(tools: Tools, plan: Plan) -> HeardVoices:
    """Say who speaks when, and where there is music; voice prints end with the process's task."""
    hear = partial(tools.engines.hear, speakers=plan.speakers)
    whole = Span(0, plan.duration_ms)
    with _copy_at_hand(tools, plan) as path:
        return _run_in_pool(tools, plan, whole, hear, path, plan.speech, tools.settings)


def save_words(
    tools: Tools, hold: Hold, plan: Plan, heard: Sequence[ChunkWords], voices: HeardVoices
) -> None:
    """Join words and voices into turns, and keep them; the episode is ready when this returns.

    Nothing is changed where the run has been saved before, or another has the episode by now.
    """
    episode_id = hold.episode_id
    words, doubts = join_chunks(heard)
    turns = build_turns(words, doubts, voices.voices, plan.speech, voices.music)
    source = f"faster-whisper {tools.settings.model}"
    transcript = Transcript(turns, plan.language, source)
    if voices.notice:
        log.warning("episode %d: %s", episode_id, translate(voices.notice, "en"))
    with tools.database.write() as connection:
        if not is_held(connection, hold):
            return
        spans = [(span.start_ms, span.end_ms) for span in plan.speech]
        files.keep_speech(connection, plan.audio_sha256, spans)
        if not save_machine_transcript(connection, episode_id, transcript, hold.run, now()):
            propose_retranscription(connection, episode_id, hold.run, now())
        update_episode(connection, episode_id, {"spoken_language": plan.language})
        record_ready(connection, episode_id, now())


def take_text(tools: Tools, episode_id: int) -> bool:
    """Take the transcript that the feed offers, where the show prefers it; True where it has all times."""
    return take_preferred(tools.database, tools.network, tools.store, episode_id, now())


def keep_sound(tools: Tools, hold: Hold) -> None:
    """Make our copy of an episode whose published text has its times: nothing is to be recognised."""
    episode_id = hold.episode_id
    with tools.database.read() as connection:
        episode = get_episode(connection, episode_id)
        show = get_show(connection, episode.show_id)
    sha256, hearing = _keep_copy(tools, episode)
    language = episode.language or show.language or NO_SPEECH_LANGUAGE
    with tools.database.write() as connection:
        if not is_held(connection, hold):
            return
        spans = [(span.start_ms, span.end_ms) for span in hearing.speech]
        files.keep_speech(connection, sha256, spans)
        update_episode(connection, episode_id, {"spoken_language": language})
        record_ready(connection, episode_id, now())


def align_text(tools: Tools, episode_id: int) -> None:
    """Lay the published text of an episode, where it has one, on the words that were heard."""
    align_episode(tools.database, tools.store, episode_id, now())


def list_hotwords(show: Show, episode: Episode, names: Sequence[str]) -> tuple[str, ...]:
    """Gather what the recogniser could not guess, in the order that helps most: titles, people, terms."""
    people = [person.name for person in episode.people]
    wanted = [show.title, episode.title, *people, *names, *show.terms]
    return tuple(dict.fromkeys(word.strip() for word in wanted if word.strip()))


def join_chunks(heard: Sequence[ChunkWords]) -> tuple[list[Word], list[Doubt]]:
    """Put the words of consecutive chunks end to end, with their doubts."""
    words: list[Word] = []
    doubts: list[Doubt] = []
    for part in heard:
        shift = len(words)
        doubts += [
            replace(doubt, first_word=doubt.first_word + shift, last_word=doubt.last_word + shift)
            for doubt in part.doubts
        ]
        words += part.words
    return words, doubts


def _download(tools: Tools, episode: Episode, report: Reporter) -> None:
    settings = tools.settings
    if not episode.enclosure_url:
        raise NoAudioError(f"episode {episode.id} has neither file nor address", title=episode.title)
    address = hashlib.sha256(episode.enclosure_url.encode("utf-8", "surrogatepass")).hexdigest()
    arriving = tools.store.incoming_path(f"episode-{episode.id}.{address[:ADDRESS_LENGTH]}")
    if not arriving.is_file():  # else it came whole, and the storage could not be reached, or we were killed
        download_file(
            episode.enclosure_url,
            arriving,
            tools.network,
            sniff=sniff_media,
            limits=DownloadLimits(settings.max_audio_mb * MIB),
            on_progress=report.downloaded,
        )
    family, size = sniff_file(arriving), arriving.stat().st_size
    kept = files.AudioFile(files.hash_file(arriving), original_suffix(family), f"audio/{family}", size)
    tools.store.keep(arriving, kept.sha256, kept.suffix)
    with tools.database.write() as connection:
        files.add_audio(connection, kept)
        update_episode(connection, episode.id, {"original_sha256": kept.sha256})


def _take_chapters(tools: Tools, episode: Episode) -> None:
    if episode.chapters_url:
        chapters = fetch_chapters(episode.chapters_url, tools.network)
        if chapters:
            with tools.database.write() as connection:
                replace_chapters(connection, episode.id, chapters)


def _keep_copy(tools: Tools, episode: Episode) -> tuple[str, Hearing]:
    """Keep the listening copy of an episode, and return its hash and what is heard in it."""
    store, hours = tools.store, tools.settings.max_episode_hours
    with tools.database.read() as connection:
        original = files.get_audio(connection, episode.original_sha256 or "")
    if original is None:
        raise NoAudioError(f"episode {episode.id}: no row of its original", title=episode.title)
    arriving = store.incoming_path(f"copy-{episode.id}-{tools.worker}{COPY_SUFFIX}")
    for unfinished in arriving.parent.glob(f"*copy-{episode.id}-*"):  # by whoever held the episode before
        unfinished.unlink(missing_ok=True)
    try:
        with store.at_hand(original.sha256, original.suffix) as path:
            copy = make_listening_copy(path, arriving, max_hours=hours)
    except AudioMissingError as error:
        raise NoAudioError(f"episode {episode.id}: {error}", title=episode.title) from error
    hearing = hear_copy(arriving, max_hours=hours)
    sha256 = files.hash_file(arriving)
    size = arriving.stat().st_size
    store.keep(arriving, sha256, COPY_SUFFIX)
    kept = files.AudioFile(sha256, COPY_SUFFIX, "audio/mpeg", size, hearing.duration_ms, hearing.peaks)
    with tools.database.write() as connection:
        files.add_audio(connection, kept)
        update_episode(connection, episode.id, {"listening_sha256": sha256, "partial": copy.truncated})
        forget_whole_copy(connection, episode.id)
        hold_back_copy(connection, episode.id)  # what was withdrawn stays so when it is heard again
    redact_copy(tools.database, store, episode.id)
    return sha256, hearing


def _run_in_pool(tools: Tools, plan: Plan, span: Span, act: Callable[..., Result], *given: object) -> Result:
    """Run in a process of the pool; one that dies is given another try or two, and then no more."""
    for tried in range(1, TRIES + 1):
        try:
            return tools.pool.run(act, *given, limit_s=TASK_LIMIT_S, label=plan.run)
        except WorkerDiedError as error:
            log.warning("try %d at %s: %s", tried, span, error)
            last = error
    at = {"start": clock(span.start_ms), "end": clock(span.end_ms)}
    raise PoisonPartError(f"{span}: {last}", task=last.message.values["task"], **at, count=TRIES) from last


def _task(tools: Tools, part: Plan, path: Path) -> ChunkTask:
    return ChunkTask(
        audio=path,
        chunk=part.chunks[0],
        speech=part.speech,
        language=part.language,
        hotwords=part.hotwords,
        model=tools.engines.find_model(tools.settings),
        device=tools.settings.device,
        beam_size=tools.settings.beam_size,
    )


def _copy_at_hand(tools: Tools, plan: Plan) -> AbstractContextManager[Path]:
    return tools.store.at_hand(plan.audio_sha256, COPY_SUFFIX)


def _place(step: Step, done: int, total: int) -> tuple[int, float]:
    """Say where on its way a run is, so that two places can be compared."""
    return ORDER.index(step), done / total if total else 0.0


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)
