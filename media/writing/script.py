"""What a transcript is written from, and the few words of the reader's language that it needs."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from media.episodes import Episode
from media.errors import N_
from media.language import load_translations
from media.licences import Licence
from media.texts.documents import HeldDocument
from media.transcript import Chapter, Edition, TurnKind, Word
from media.transcripts import StoredTurn

MAX_SPEAKER_LENGTH = 40  # characters; longer, no reader takes what stands before a colon for a name
CHAPTER_SLACK_MS = 1_500  # a turn that starts this little before a chapter belongs to it
SPACES = re.compile(r"[^\S\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]+")
# Signs that turn the direction of what follows: a name could make other words look like its own.
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
NAMING = re.compile(rf"[^:]{{1,{MAX_SPEAKER_LENGTH}}}:(\s|$)")


@dataclass(frozen=True, slots=True)
class Labels:
    """The few words that a transcript needs in its reader's language."""

    language: str = "en"
    voice: str = "Voice %d"
    nobody: str = "Unknown voice"
    music: str = "[Music or jingle]"
    published: str = "Published text: edited by those who published it, not word for word."
    spoken: str = "Word for word: recognised by a machine, corrected by people."
    licence: str = "Licence"
    chapters: str = "Chapters"
    address: str = "Listen, search and check"


@dataclass(frozen=True, slots=True)
class Script:
    """One edition of an episode, with what goes with every copy of it."""

    episode: Episode
    turns: Sequence[StoredTurn]
    chapters: Sequence[Chapter]
    edition: Edition
    licence: Licence
    notice: str  # the house's own, as its people wrote it; may be empty
    page_url: str | None  # of the episode, on the site that gives this copy
    labels: Labels
    document: HeldDocument | None = None  # that the text came from, where its format writes into it

    @property
    def language(self) -> str:
        """The language spoken, ISO 639-1; `und` where nobody knows."""
        return self.episode.spoken_language or self.episode.language or "und"

    @property
    def title(self) -> str:
        """The show and the episode, on one line."""
        return f"{clean(self.episode.show_title)} — {clean(self.episode.title)}"

    @property
    def date(self) -> str | None:
        """The day of publication, as ISO 8601 writes it."""
        return f"{self.episode.published_at:%Y-%m-%d}" if self.episode.published_at else None

    @property
    def edition_label(self) -> str:
        """Say which of the two texts this is."""
        return self.labels.published if self.edition is Edition.PUBLISHED else self.labels.spoken

    @property
    def has_times(self) -> bool:
        """Tell whether any turn has a time."""
        return any(held.turn.start_ms is not None for held in self.turns)


def make_labels(language: str) -> Labels:
    """Say the labels in a language of ours."""
    say = load_translations(language).gettext
    return Labels(
        language,
        say(N_("Voice %d")),
        say(N_("Unknown voice")),
        say(N_("[Music or jingle]")),
        say(N_("Published text: edited by those who published it, not word for word.")),
        say(N_("Word for word: recognised by a machine, corrected by people.")),
        say(N_("Licence")),
        say(N_("Chapters")),
        say(N_("Listen, search and check")),
    )


def list_particulars(script: Script) -> list[str]:
    """List what goes with every copy, a line each: date, edition, licence, notices, address."""
    language = script.labels.language
    licence, notice = script.licence, script.licence.notice(language)
    named = clean(licence.name(language))
    lines = [
        script.date,
        script.edition_label,
        f"{script.labels.licence}\N{NO-BREAK SPACE}: {named}" + (f" ({licence.url})" if licence.url else ""),
        clean(notice) if notice != licence.name(language) else None,
        clean(script.notice),
        f"{script.labels.address}\N{NO-BREAK SPACE}: {script.page_url}" if script.page_url else None,
    ]
    return [line for line in lines if line]


def lay_out(script: Script) -> Iterator[Chapter | StoredTurn]:
    """Put each chapter before the turn that it begins with; emptied turns are left out."""
    waiting = list(script.chapters)
    for held in script.turns:
        while waiting and _begins(waiting[0], held):
            yield waiting.pop(0)
        if held.turn.words or held.turn.kind is not TurnKind.SPEECH:
            yield held
    yield from waiting


def list_paragraphs(held: StoredTurn) -> list[tuple[Word, ...]]:
    """Cut a turn's words where its paragraphs begin."""
    words = held.turn.words
    starts = [0, *(at for at, word in enumerate(words) if word.paragraph and at), len(words)]
    return [words[begin:end] for begin, end in pairwise(starts) if begin < end]


def speaker_name(held: StoredTurn, labels: Labels) -> str:
    """Name who speaks: as a person said, else by the number of the voice, else nobody."""
    if held.voice is None:
        return ""
    return clean(held.voice.name or "") or labels.voice % held.voice.number


def plain_name(held: StoredTurn, labels: Labels) -> str:
    """Name who speaks where only a colon parts the name from the words."""
    name = speaker_name(held, labels).replace(":", "·")
    return name if len(name) <= MAX_SPEAKER_LENGTH else name[: MAX_SPEAKER_LENGTH - 1].rstrip() + "…"


def looks_like_naming(text: str) -> bool:
    """Tell words that would be taken for a speaker's name, where only a colon parts the two.

    >>> looks_like_naming("Zoé\N{NO-BREAK SPACE}: oui"), looks_like_naming("à 12:30 pile")
    (True, False)
    """
    return NAMING.match(text) is not None


def sound_line(held: StoredTurn, labels: Labels, language: str) -> str:
    """Write what is heard in an event where words alone show that nobody says it.

    An event is in brackets. Music is as the volunteers write it in French (« Pause musicale »), and
    between notes, as subtitles have it, in other languages; readers know both, and our own label.
    """
    said = clean(held.turn.label or "")
    if not said or held.turn.kind is not TurnKind.MUSIC:
        return bracket(said or labels.music)
    joined_in_english = " by " in said and " par " not in said  # it would come back joined by « par »
    if language != "fr" or joined_in_english or said.endswith("."):
        return f"♪ {said} ♪"
    return f"Pause musicale\N{NO-BREAK SPACE}: {said}."


def bracket(label: str) -> str:
    """Put a label in brackets, once: those inside it become round.

    >>> bracket("Rires"), bracket("[Rires]"), bracket("[Rires] de [la salle]")
    ('[Rires]', '[Rires]', '[(Rires) de (la salle)]')
    """
    around = label.startswith("[") and label.find("]") == len(label) - 1
    inner = label[1:-1] if around else label
    return f"[{inner.replace('[', '(').replace(']', ')').strip()}]"


def clean(text: str) -> str:
    """Make one line of a text, without control characters or signs that turn its direction.

    >>> clean("Zoé\\n\\u202ebob\\x00 !")
    'Zoé bob !'
    """
    kept = "".join(char for char in SPACES.sub(" ", text) if unicodedata.category(char) not in {"Cc", "Cs"})
    return TURNING.sub("", kept).strip()


def moment_url(script: Script, start_ms: int | None) -> str | None:
    """Write the address of a moment of the episode's page, as W3C Media Fragments have it."""
    if script.page_url is None or start_ms is None:
        return None
    return f"{script.page_url}#t={start_ms // 1000}.{start_ms % 1000:03d}"


def _begins(chapter: Chapter, held: StoredTurn) -> bool:
    if chapter.turn_id is not None and chapter.turn_id == held.id:
        return True
    if chapter.start_ms is None or held.turn.start_ms is None:
        return False
    return held.turn.start_ms >= chapter.start_ms - CHAPTER_SLACK_MS
