"""Read a document that people wrote of an episode: bytes in, what they say out.

Every format becomes lines of what people see, and one grammar reads the lines. Reading the same
bytes with the same choices gives the same answer, in a time that grows with their size, and fails
only with a `TextError`. A text in several languages is read alike; no block's language is guessed,
because a few words say too little to tell.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import PurePath

from ingest.texts.clocks import fold
from ingest.texts.decoding import decode
from ingest.texts.detecting import detect
from ingest.texts.errors import NoSpeechError, TooManySpeakersError, TooManyWordsError
from ingest.texts.grammar import Understood, read_lines
from ingest.texts.plain import read_plain
from ingest.texts.timing import settle_times
from ingest.texts.wiki import read_wiki
from media.errors import N_, Message
from media.texts.values import BlockKind, ReadText, TextFormat

MAX_WORDS = 400_000  # a day of quick speech
MAX_SPEAKERS = 500  # distinct names; a crowded assembly has some dozens
MANY_SPEAKERS = 40  # more than this is worth a look

NO_CHOICES: Mapping[int, BlockKind] = {}


def read_text(
    content: bytes,
    name: str,
    *,
    hint: TextFormat | None = None,
    choices: Mapping[int, BlockKind] = NO_CHOICES,
    known_speakers: Collection[str] = (),
) -> ReadText:
    """Read a document; `choices` says what people take its blocks for, by their index.

    `hint` is believed over what the document looks like. Raise the `TextError` tree.
    """
    name = PurePath(name).name or "?"
    text, encoding, warnings = decode(content, name)
    form = hint or detect(text, name)
    if len(text) > MAX_WORDS * 40:
        raise TooManyWordsError(f"{len(text)} characters", name=name, limit=MAX_WORDS)
    understood = _understand(form, text, name, choices, known_speakers)
    blocks, untimed = settle_times(understood.blocks)
    read = ReadText(
        form,
        text,
        encoding,
        understood.header,
        blocks,
        understood.questions,
        (*warnings, *understood.warnings, *untimed),
        understood.stub_url,
    )
    return _check(read, name)


def _understand(
    form: TextFormat, text: str, name: str, choices: Mapping[int, BlockKind], known: Collection[str]
) -> Understood:
    if form is TextFormat.WIKI:
        return read_lines(read_wiki(text), choices, known)
    return read_lines(read_plain(text), choices, known)


def _check(read: ReadText, name: str) -> ReadText:
    """Refuse what is no transcript, and say what is odd in one."""
    words = sum(len(block.words) for block in read.blocks)
    if words > MAX_WORDS:
        raise TooManyWordsError(f"{words} words", name=name, limit=MAX_WORDS)
    speakers = {fold(block.speaker) for block in read.blocks if block.speaker}
    if len(speakers) > MAX_SPEAKERS:
        raise TooManySpeakersError(f"{len(speakers)} speakers", name=name, limit=MAX_SPEAKERS)
    if not words and read.published_at_url is None:
        raise NoSpeechError("no words", name=name)
    warnings = list(read.warnings)
    if words and not speakers:
        warnings.append(Message(N_("Nobody is named in this text: who speaks stays unknown.")))
    if len(speakers) > MANY_SPEAKERS:
        text = N_("%(count)s speakers are named. Check that they are people, and not words before a colon.")
        warnings.append(Message(text, {"count": len(speakers)}))
    if read.published_at_url == "":
        text = N_("This page says that the text is published elsewhere, but its address is lost.")
        warnings.append(Message(text))
    return replace(read, warnings=tuple(warnings))
