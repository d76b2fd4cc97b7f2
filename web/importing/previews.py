"""How a document is understood, before it is imported: what a page shows of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from ingest.errors import IngestError
from ingest.importing.arriving import Wishes, find_episode, read_document
from media.database import Database
from media.episodes import Episode, get_episode
from media.errors import N_, EntenduError, Message
from media.texts.drafts import Draft
from media.texts.errors import TextRefusedError
from media.texts.installing import check_text
from media.texts.values import BlockKind, Question, ReadText, TextFormat, TextTurns, turns_of
from media.transcript import Turn

SHOWN_LETTERS = 400  # of a turn
FORMAT_NAMES = {
    TextFormat.WIKI: N_("a wiki page"),
    TextFormat.PLAIN: N_("plain text"),
    TextFormat.HTML: N_("a web page"),
    TextFormat.MARKDOWN: N_("Markdown"),
    TextFormat.VTT: N_("WebVTT subtitles"),
    TextFormat.SRT: N_("SubRip subtitles"),
    TextFormat.PODCASTING: N_("a podcast’s JSON transcript"),
    TextFormat.PODLOVE: N_("a Podlove transcript"),
    TextFormat.OTRANSCRIBE: N_("an oTranscribe text"),
    TextFormat.WHISPER: N_("a Whisper transcript"),
}
KIND_NAMES = {
    BlockKind.FIELD: N_("a line of the header"),
    BlockKind.HEADING: N_("a heading: a chapter begins"),
    BlockKind.SPEECH: N_("speech: somebody says it"),
    BlockKind.EVENT: N_("a sound"),
    BlockKind.MUSIC: N_("music"),
    BlockKind.MARKUP: N_("neither: kept, not shown"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the preview: a heading, a turn, or a sound."""

    heading: str | None = None
    speaker: str | None = None
    text: str = ""
    is_sound: bool = False
    is_cut: bool = False
    doubts: int = 0
    start_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, its place in the form, and what is taken."""

    question: Question
    field: str
    why: Message
    choices: tuple[tuple[str, Message, bool], ...]  # value, what it means, whether it is taken


@dataclass(frozen=True, slots=True)
class Preview:
    """A draft as understood, or why it is not."""

    draft: Draft
    read: ReadText | None = None
    failure: Message | None = None
    episode: Episode | None = None  # that it would go to; None: a new one
    format: Message | None = None
    speakers: tuple[tuple[str, int], ...] = ()
    turns: int = 0
    sounds: int = 0
    doubts: int = 0
    words: int = 0
    chapters: int = 0
    lines: tuple[Line, ...] = ()
    asked: tuple[Asked, ...] = field(default=())

    @property
    def is_decided(self) -> bool:
        """Whether it can be imported without another look."""
        return self.failure is None and not self.undecided

    @property
    def undecided(self) -> int:
        """How many questions nobody has answered."""
        return sum(asked.question.block not in self.draft.choices for asked in self.asked)


def wishes_of(draft: Draft, *, anyway: bool = False) -> Wishes:
    """Say what was asked of a draft."""
    return Wishes(
        episode_id=draft.episode_id,
        show=draft.show,
        choices=draft.choices,
        private=True if draft.private else None,
        anyway=anyway,
        url=draft.url,
        media_type=draft.media_type,
    )


def make_preview(database: Database, draft: Draft) -> Preview:
    """Read a draft as importing it would."""
    try:
        read = read_document(database, draft.content, draft.name, wishes_of(draft))
        text = turns_of(read)
        with database.read() as connection:
            episode = _find_episode(connection, read, draft)
        if read.published_at_url is None:
            check_text(text, draft.name, None)
    except (IngestError, TextRefusedError) as error:
        return Preview(draft, failure=error.message)
    spoken = [turn for turn in text.turns if turn.words]
    return Preview(
        draft,
        read,
        episode=episode,
        format=Message(FORMAT_NAMES[read.format]),
        speakers=_count_speakers(text),
        turns=len(spoken),
        sounds=len(text.turns) - len(spoken),
        doubts=sum(len(turn.doubts) for turn in text.turns),
        words=sum(len(turn.words) for turn in spoken),
        chapters=len(text.chapters),
        lines=tuple(_lines(text)),
        asked=tuple(_ask(question, draft.choices) for question in read.questions),
    )


def read_answers(preview: Preview, fields: Mapping[str, str]) -> dict[int, BlockKind]:
    """Read what a form decided of a preview's questions; those that it leaves out stay as they were."""
    answers = dict(preview.draft.choices)
    for asked in preview.asked:
        said = fields.get(asked.field)
        if said in {value for value, _, _ in asked.choices}:
            answers[asked.question.block] = BlockKind(said)
    known = {asked.question.block for asked in preview.asked}
    return {block: kind for block, kind in answers.items() if block in known}


def _find_episode(connection: Connection, read: ReadText, draft: Draft) -> Episode | None:
    try:
        found = find_episode(connection, read, draft.name, wishes_of(draft))
        return None if found is None else get_episode(connection, found)
    except EntenduError:
        return None


def _ask(question: Question, choices: Mapping[int, BlockKind]) -> Asked:
    taken = choices.get(question.block, question.taken)
    options = tuple((str(kind), Message(KIND_NAMES[kind]), kind is taken) for kind in question.choices)
    return Asked(question, f"choice-{question.block}", question.why, options)


def _count_speakers(text: TextTurns) -> tuple[tuple[str, int], ...]:
    counts: dict[str, int] = {}
    for turn, speaker in zip(text.turns, text.speakers, strict=True):
        if turn.words:
            counts[speaker or ""] = counts.get(speaker or "", 0) + 1
    return tuple(sorted(counts.items(), key=lambda held: -held[1]))


def _lines(text: TextTurns) -> list[Line]:
    headings: dict[int, list[Line]] = {}
    for chapter in text.chapters:
        line = Line(heading=chapter.title, start_ms=chapter.start_ms)
        headings.setdefault(chapter.turn, []).append(line)
    lines: list[Line] = []
    for at, (turn, speaker) in enumerate(zip(text.turns, text.speakers, strict=True)):
        lines += headings.get(at, [])
        lines.append(_line(turn, speaker))
    return lines


def _line(turn: Turn, speaker: str | None) -> Line:
    if not turn.words:
        return Line(text=turn.label or "", is_sound=True, start_ms=turn.start_ms)
    said = turn.text
    is_cut = len(said) > SHOWN_LETTERS
    if is_cut:
        said = said[:SHOWN_LETTERS].rsplit(" ", 1)[0]
    return Line(None, speaker, said, False, is_cut, len(turn.doubts), turn.start_ms)
