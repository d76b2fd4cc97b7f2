"""Make a document an episode's published text; import it again, and keep every correction made here.

The first document gives the published edition its turns. A later one is merged: base is what the
last one gave, mine is what the turns are today, theirs is what it gives now. What the episode
announces (its title, day, people, licence) is filled in the same way, field by field: what was
changed here stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from media import schema
from media.changes import log_change
from media.correction.alignment import word_key
from media.correction.authors import Author
from media.correction.journal import stale_turn, take_episodes
from media.correction.saving import keep_refused
from media.episodes import EpisodeStatus, replace_chapters
from media.errors import NotFoundError
from media.licences import find_licence
from media.people.withdrawn import read_withdrawn
from media.progress import record_ready
from media.texts.applying import Applied, apply_merge
from media.texts.documents import (
    Document,
    GivenDocument,
    HeldDocument,
    add_document,
    latest_document,
)
from media.texts.errors import NoWordsError, OtherTextError, TimesBeyondError, TooManySpeakersError
from media.texts.merging import Clash, Merge, Spoken, merge_texts
from media.texts.resemblance import share_runs
from media.texts.values import Header, ReadText, TextTurns, turns_of
from media.texts.voices import TextVoices
from media.transcript import Chapter, Edition, TurnState
from media.transcripts import StoredTurn, list_turns, record_act, replace_turns
from media.writing.clocks import clock

MAX_SPEAKERS = 100
BEYOND_MS = 10_000  # a last cue may outlast the sound by this
LEAST_COMMON = 0.2  # of the runs of words of one text and its next edition; below, it is another text
LEAST_WORDS = 60  # fewer say nothing of what two texts share


@dataclass(frozen=True, slots=True)
class Installed:
    """What became of a document."""

    episode_id: int
    document_id: int | None  # None: the very document that was there
    turns: int = 0  # of the document: somebody's words
    sounds: int = 0  # of the document: music, jingles, laughter
    speakers: tuple[str, ...] = ()
    is_first: bool = False
    changed: int = 0  # turns that the merge changed, added or took away
    act_id: int | None = None  # that undoes the merge
    clashes: int = 0  # changed here and there: what was written here stayed
    published_at_url: str | None = None  # it only says where the text is


def install_text(
    connection: Connection,
    episode_id: int,
    read: ReadText,
    document: GivenDocument,
    author: Author,
    now: datetime,
    *,
    anyway: bool = False,
) -> Installed:
    """Make a document the published text of an episode, or bring that in line with it.

    TextRefusedError where it cannot be; `anyway` takes one that shares few words with the last.
    """
    take_episodes(connection, [episode_id])
    episode = _get_row(connection, episode_id)
    text = turns_of(read)
    if read.published_at_url is not None:
        return _keep_stub(connection, episode, read, document, author, now)
    check_text(text, document.name, _audio_ms(connection, episode))
    held = latest_document(connection, episode_id)
    if held is not None and _is_same(held, document, text):
        return _count(episode_id, text)
    voices = TextVoices(connection, episode_id, None if held is None else held.voices)
    if held is None:
        done = _install_first(connection, episode_id, text, voices, document, author, now)
    else:
        if not anyway:
            _check_common(held.base, text, document.name)
        done = _merge(connection, episode_id, held, text, voices, document, author, now)
    _fill_in(connection, episode, read.header, None if held is None else held.read.header)
    kept = add_document(
        connection,
        episode_id,
        document,
        read,
        text,
        now,
        account_id=author.account_id,
        voices=voices.identities,
    )
    if _has_no_audio(episode) and episode.status != EpisodeStatus.READY:
        record_ready(connection, episode_id, now)
    return replace(done, document_id=kept)


def check_text(text: TextTurns, name: str, audio_ms: int | None) -> None:
    """Raise TextRefusedError where a document's turns cannot be those of an episode of this length."""
    if not any(turn.words for turn in text.turns):
        raise NoWordsError(f"{name}: no speech", name=name)
    speakers = set(filter(None, text.speakers))
    if len(speakers) > MAX_SPEAKERS:
        count = len(speakers)
        raise TooManySpeakersError(f"{name}: {count} speakers", name=name, count=count, most=MAX_SPEAKERS)
    last_ms = max((word.start_ms or 0 for turn in text.turns for word in turn.words), default=0)
    if audio_ms is not None and last_ms > audio_ms + BEYOND_MS:
        shown = {"time": clock(last_ms), "end": clock(audio_ms)}
        raise TimesBeyondError(f"{name}: {last_ms} ms, of {audio_ms}", name=name, **shown)


def _install_first(
    connection: Connection,
    episode_id: int,
    text: TextTurns,
    voices: TextVoices,
    document: GivenDocument,
    author: Author,
    now: datetime,
) -> Installed:
    identities = {
        turn.voice: voices.find(speaker).id
        for turn, speaker in zip(text.turns, text.speakers, strict=True)
        if speaker and turn.voice is not None
    }
    turns = [replace(turn, state=TurnState.READ) for turn in text.turns]
    replace_turns(connection, episode_id, Edition.PUBLISHED, turns, identities)
    here = schema.episode.c.id == episode_id
    connection.execute(update(schema.episode).where(here).values(edition=Edition.PUBLISHED))
    stored = list_turns(connection, episode_id, Edition.PUBLISHED, public=False)
    _replace_headings(connection, episode_id, text, {at: held.id for at, held in enumerate(stored)})
    facts = {"name": document.name, "source": document.source}
    record_act(connection, episode_id, "imported", facts, now, author.account_id)
    log_change(connection, episode_id, now)
    return replace(_count(episode_id, text), is_first=True, changed=len(turns))


def _merge(
    connection: Connection,
    episode_id: int,
    held: HeldDocument,
    text: TextTurns,
    voices: TextVoices,
    document: GivenDocument,
    author: Author,
    now: datetime,
) -> Installed:
    mine = list_turns(connection, episode_id, Edition.PUBLISHED, public=False)
    names = {voice: name for name, voice in held.voices.items()}
    speakers = [_speaker(stored, names) for stored in mine]
    withdrawn = read_withdrawn(connection, [episode_id])
    frozen = [at for at, it in enumerate(mine) if withdrawn.touches(it.turn, episode_id, it.id, it.edition)]
    merge = merge_texts(
        _spoken(held.base),
        [Spoken(stored.turn, speaker) for stored, speaker in zip(mine, speakers, strict=True)],
        _spoken(text),
        frozen,
    )
    for name in filter(None, text.speakers):
        voices.find(name)
    source = Author(author.account_id, document.source)
    applied = apply_merge(connection, episode_id, mine, text.turns, merge, speakers, voices, source, now)
    _replace_headings(connection, episode_id, text, _places(text, merge, applied))
    _keep_clashes(connection, episode_id, merge.clashes, mine, text, source, now)
    if applied.act_id is None and held.base.chapters != text.chapters:
        record_act(connection, episode_id, "headings", {"name": document.name}, now, author.account_id)
        log_change(connection, episode_id, now)
    changed = applied.changed + applied.added + applied.removed
    return replace(
        _count(episode_id, text), changed=changed, act_id=applied.act_id, clashes=len(merge.clashes)
    )


def _speaker(stored: StoredTurn, names: Mapping[int, str]) -> str | None:
    """Say who a turn is by, as a document would: a voice that nobody named goes by its number there."""
    if stored.voice is None:
        return None
    return stored.voice.name or names.get(stored.voice.id, f"#{stored.voice.number}")


def _spoken(text: TextTurns) -> list[Spoken]:
    return [Spoken(turn, speaker) for turn, speaker in zip(text.turns, text.speakers, strict=True)]


def _places(text: TextTurns, merge: Merge, applied: Applied) -> dict[int, int]:
    """Say which stored turn has the beginning of each turn of the document, or else what comes next."""
    found: dict[int, int] = {}
    for merged, identity in zip(merge.turns, applied.places, strict=True):
        own = {merged.theirs, *(word.theirs.turn for word in merged.words if word.theirs is not None)}
        for number in own:
            if number is not None:
                found.setdefault(number, identity)
    following: int | None = None
    for number in range(len(text.turns) - 1, -1, -1):
        following = found.get(number, following)
        if following is not None:
            found[number] = following
    return found


def _replace_headings(
    connection: Connection, episode_id: int, text: TextTurns, places: Mapping[int, int]
) -> None:
    chapters = [
        Chapter(chapter.start_ms, chapter.title, places.get(chapter.turn)) for chapter in text.chapters
    ]
    replace_chapters(connection, episode_id, chapters, Edition.PUBLISHED)


def _keep_clashes(
    connection: Connection,
    episode_id: int,
    clashes: Sequence[Clash],
    mine: Sequence[StoredTurn],
    text: TextTurns,
    source: Author,
    now: datetime,
) -> None:
    """Keep what the source says of turns that were changed here too, as refused texts that history shows."""
    today = {held.id: held for held in list_turns(connection, episode_id, Edition.PUBLISHED, public=False)}
    for clash in clashes:
        current = today.get(mine[clash.mine].id)
        if current is None or clash.theirs is None:
            continue
        said = text.turns[clash.theirs].text
        if said and said != current.turn.text:
            keep_refused(connection, stale_turn(current, current.version, said), source, now, episode_id)


def _keep_stub(
    connection: Connection,
    episode: Row[Any],
    read: ReadText,
    document: GivenDocument,
    author: Author,
    now: datetime,
) -> Installed:
    """Record where a text is published; what is here stays."""
    url = read.published_at_url or None
    if url and not episode.link:
        here = schema.episode.c.id == episode.id
        connection.execute(update(schema.episode).where(here).values(link=url))
        record_act(connection, episode.id, "published elsewhere", {"url": url}, now, author.account_id)
    kept = add_document(
        connection,
        episode.id,
        document,
        read,
        TextTurns(),
        now,
        account_id=author.account_id,
        installed=False,
    )
    return Installed(episode.id, kept, published_at_url=url or "")


def _fill_in(connection: Connection, episode: Row[Any], header: Header, before: Header | None) -> None:
    """Fill what the episode announces where it says nothing, or still what the last document said."""
    old, new = _announced(before or Header()), _announced(header)
    changes = {
        name: value
        for name, value in new.items()
        if value and value != getattr(episode, name) and getattr(episode, name) in (None, "", [], old[name])
    }
    if changes:
        here = schema.episode.c.id == episode.id
        connection.execute(update(schema.episode).where(here).values(**changes))


def _announced(header: Header) -> dict[str, Any]:
    day, licence = header.published, find_licence(header.licence) or find_licence(header.licence_url)
    return {
        "title": header.title,
        "published_at": day and datetime(day.year, day.month, day.day, tzinfo=UTC),
        "language": header.language,
        "people": [[person.name, person.role] for person in header.people],
        "link": header.page_url,
        "declared_ms": header.duration_ms,
        "licence": licence.id if licence else header.licence or None,
        "licence_url": header.licence_url,
    }


def _is_same(held: HeldDocument, document: GivenDocument, text: TextTurns) -> bool:
    same: Document = held.document
    choices = dict(document.choices or {})
    return same.sha256 == document.sha256 and dict(same.choices) == choices and held.base == text


def _check_common(base: TextTurns, text: TextTurns, name: str) -> None:
    before, after = (
        [word_key(word.text) for turn in side.turns for word in turn.words] for side in (base, text)
    )
    if min(len(before), len(after)) < LEAST_WORDS:
        return
    score = share_runs(before, after)
    if score < LEAST_COMMON:
        raise OtherTextError(f"{name}: {score:.2f} in common", score=score, name=name)


def _count(episode_id: int, text: TextTurns) -> Installed:
    turns = sum(bool(turn.words) for turn in text.turns)
    names = tuple(dict.fromkeys(filter(None, text.speakers)))
    return Installed(episode_id, None, turns, len(text.turns) - turns, names)


def _get_row(connection: Connection, episode_id: int) -> Row[Any]:
    row = connection.execute(select(schema.episode).where(schema.episode.c.id == episode_id)).first()
    if row is None:
        raise NotFoundError(f"no episode {episode_id}", kind="episode", name=str(episode_id))
    return row


def _audio_ms(connection: Connection, episode: Row[Any]) -> int | None:
    """Say how long our copy of the audio lasts, where it is whole."""
    if episode.listening_sha256 is None or episode.partial:
        return None
    query = select(schema.audio.c.duration_ms).where(schema.audio.c.sha256 == episode.listening_sha256)
    return connection.execute(query).scalar()


def _has_no_audio(episode: Row[Any]) -> bool:
    return not (episode.original_sha256 or episode.listening_sha256 or episode.enclosure_url)
