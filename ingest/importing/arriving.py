"""Take a document in: read it, find or make its episode, make it the published text. All of it, or nothing.

Reading and comparing with what was heard happen outside of any transaction; the episode, its text
and its audio are then written in one.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import Connection

from ingest.alignment.aligning import align
from ingest.alignment.values import LEAST_SCORE, TextPiece
from ingest.feeds.subscriptions import FILE_SHOW, keep_sound
from ingest.importing.choosing import choose_episode, list_candidates
from ingest.importing.errors import AudioThereError, StubAloneError, UnknownChoiceError
from ingest.texts import read_text
from media import files
from media.correction.authors import Author
from media.database import Database
from media.episodes import Episode, EpisodeStatus, add_episode, get_episode, update_episode
from media.settings import Settings
from media.shows import Show, add_show, find_show
from media.texts.documents import GivenDocument
from media.texts.errors import OtherTextError
from media.texts.installing import Installed, check_text, install_text
from media.texts.values import BlockKind, ReadText, TextFormat, TextTurns, turns_of
from media.transcript import Edition
from media.transcripts import list_speakers, list_turns

UNTITLED_LENGTH = 12  # of a hash that stands for a name that no letter of can be shown


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person says of a document that they bring."""

    episode_id: int | None = None  # None: found by what the document says, or made
    show: str | None = None  # title or short name
    title: str | None = None
    day: date | None = None
    language: str | None = None
    choices: Mapping[int, BlockKind] = field(default_factory=dict)
    hint: TextFormat | None = None
    audio: Path | None = None
    private: bool | None = None  # None: as it is; public where it is new
    anyway: bool = False  # though it seems to be the text of another episode
    url: str | None = None  # where it was fetched
    media_type: str = "text/plain"


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a document that was taken in."""

    name: str
    read: ReadText
    installed: Installed
    episode: Episode
    is_new: bool  # the episode was made for it
    has_words: bool  # the episode's audio is recognised: the text can be aligned at once

    @property
    def open_questions(self) -> int:
        """How many lines nobody has decided on."""
        return len(self.read.questions)


def read_document(
    database: Database, content: bytes, name: str, wishes: Wishes, show: str | None = None
) -> ReadText:
    """Read a document, knowing who speaks in its show; leaves TextError."""
    with database.read() as connection:
        known = _known_speakers(connection, wishes, show)
    read = read_text(content, name, hint=wishes.hint, choices=wishes.choices, known_speakers=known)
    if not known and read.header.show and wishes.show is None and show is None:
        with database.read() as connection:
            known = _known_speakers(connection, wishes, read.header.show)
        if known:
            return read_text(content, name, hint=wishes.hint, choices=wishes.choices, known_speakers=known)
    return read


def import_document(
    database: Database,
    settings: Settings,
    content: bytes,
    name: str,
    wishes: Wishes,
    author: Author,
    now: datetime,
) -> Imported:
    """Take a document in; leaves the trees of TextError, TextRefusedError, AudioError, or nothing changed."""
    read = read_document(database, content, name, wishes)
    _check_choices(read, wishes, name)
    text = turns_of(read)
    if read.published_at_url is None:
        check_text(text, name, None)
    with database.read() as connection:
        found = find_episode(connection, read, name, wishes)
        if found is None and read.published_at_url is not None:
            raise StubAloneError(f"{name}: a stub", name=name, url=read.published_at_url or "?")
        heard = found is not None and _has_words(connection, found)
        if found is not None and heard and not wishes.anyway:
            check_heard(connection, found, text, name)
    sound = None if wishes.audio is None else keep_sound(settings, wishes.audio)
    given = GivenDocument(
        name,
        content,
        name_source(read, wishes.url, author),
        wishes.media_type,
        wishes.url,
        dict(wishes.choices),
    )
    with database.write() as connection:
        found = find_episode(connection, read, name, wishes)
        episode_id = found or _make_episode(connection, read, given, wishes, now)
        if sound is not None:
            _add_sound(connection, episode_id, sound)
        installed = install_text(connection, episode_id, read, given, author, now, anyway=wishes.anyway)
        _grant(connection, episode_id, wishes, is_new=found is None, now=now)
        episode = get_episode(connection, episode_id)
    return Imported(name, read, installed, episode, found is None, heard)


def find_episode(connection: Connection, read: ReadText, name: str, wishes: Wishes) -> int | None:
    """Find the episode that a document belongs to: as wished, or by what it says."""
    if wishes.episode_id is not None:
        return get_episode(connection, wishes.episode_id).id
    header = read.header
    if wishes.title or wishes.day:
        header = replace(header, title=wishes.title or header.title, published=wishes.day or header.published)
    show = _find_show(connection, read, wishes)
    found = choose_episode(header, name, list_candidates(connection, show.id if show else None, name))
    return None if found is None else found.id


def check_heard(connection: Connection, episode_id: int, text: TextTurns, name: str) -> None:
    """Raise OtherTextError where a text has too little to do with what was heard."""
    heard = [
        word
        for held in list_turns(connection, episode_id, Edition.SPOKEN, public=False)
        for word in held.turn.words
        if word.start_ms is not None
    ]
    pieces = [TextPiece(tuple(word.text for word in turn.words)) for turn in text.turns if turn.words]
    end_ms = max((word.end_ms or 0 for word in heard), default=0)
    score = align(pieces, heard, (), end_ms).score
    if score < LEAST_SCORE:
        raise OtherTextError(f"{name}: score {score:.2f} with what is heard", score=score, name=name)


def name_source(read: ReadText, url: str | None, author: Author) -> str:
    """Say whom a document's words are put down to: the site that it is from, or people.

    >>> read = ReadText(TextFormat.PLAIN, "", "utf-8")
    >>> name_source(read, "https://wiki.april.org/w/X", Author(None, "Luk"))
    'wiki.april.org'
    """
    address = url or read.header.page_url
    host = urlsplit(address).hostname if address else None
    return host or ", ".join(read.header.transcribers) or author.name


def _check_choices(read: ReadText, wishes: Wishes, name: str) -> None:
    asked = {question.block: question.choices for question in read.questions}
    for block, kind in wishes.choices.items():
        if kind not in asked.get(block, ()):
            raise UnknownChoiceError(f"{name}: {block}={kind}", name=name, choice=f"{block}={kind}")


def _known_speakers(connection: Connection, wishes: Wishes, show: str | None) -> Collection[str]:
    if wishes.episode_id is not None:
        episode = get_episode(connection, wishes.episode_id)
        people = [person.name for person in episode.people]
        return {*list_speakers(connection, episode.show_id), *people}
    wanted = wishes.show or show
    found = find_show(connection, wanted) if wanted else None
    return list_speakers(connection, found.id) if found else ()


def _find_show(connection: Connection, read: ReadText, wishes: Wishes) -> Show | None:
    name = wishes.show or read.header.show
    return find_show(connection, name) if name else None


def _has_words(connection: Connection, episode_id: int) -> bool:
    return bool(list_turns(connection, episode_id, Edition.SPOKEN, public=False))


def _make_episode(
    connection: Connection, read: ReadText, given: GivenDocument, wishes: Wishes, now: datetime
) -> int:
    show = _find_show(connection, read, wishes)
    if show is None:
        name = wishes.show or read.header.show or FILE_SHOW
        show = find_show(connection, name) or add_show(connection, name, now, language=wishes.language)
    stem = Path(given.name).stem.replace("_", " ").strip() or given.sha256[:UNTITLED_LENGTH]
    return add_episode(
        connection,
        show.id,
        f"text:{given.sha256}:{given.name}",
        wishes.title or read.header.title or stem,
        now,
        published_at=_moment(wishes.day or read.header.published),
        language=wishes.language or read.header.language,
    )


def _add_sound(connection: Connection, episode_id: int, sound: files.AudioFile) -> None:
    episode = get_episode(connection, episode_id)
    if episode.original_sha256 == sound.sha256:
        return
    if episode.original_sha256 is not None:
        raise AudioThereError(f"episode {episode_id} has audio", title=episode.title)
    files.add_audio(connection, sound)
    fields = {"original_sha256": sound.sha256, "status": EpisodeStatus.WAITING}
    update_episode(connection, episode_id, fields)


def _grant(connection: Connection, episode_id: int, wishes: Wishes, *, is_new: bool, now: datetime) -> None:
    """Write what the person said of the episode itself."""
    said = {"title": wishes.title, "published_at": _moment(wishes.day), "language": wishes.language}
    fields: dict[str, object] = {} if is_new else {name: value for name, value in said.items() if value}
    if wishes.private is not None:
        fields["private"] = wishes.private
    update_episode(connection, episode_id, fields, now)


def _moment(day: date | None) -> datetime | None:
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC)
