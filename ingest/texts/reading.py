"""Read a document that people wrote of an episode: bytes in, what they say out.

Every format becomes lines of what people see, and one grammar reads the lines. Reading the same
bytes with the same choices gives the same answer, in a time that grows with their size, and fails
only with a `TextError`. A text in several languages is read alike; no block's language is guessed,
because a few words say too little to tell.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from ingest.texts.clocks import fold
from ingest.texts.cues import read_cues
from ingest.texts.decoding import decode
from ingest.texts.detecting import detect
from ingest.texts.errors import (
    BrokenTextError,
    NoSpeechError,
    TooManyLinesError,
    TooManySpeakersError,
    TooManyWordsError,
    TooMuchMarkupError,
)
from ingest.texts.grammar import Understood, read_lines
from ingest.texts.header import read_language, read_particulars
from ingest.texts.markdown import read_markdown
from ingest.texts.pages import read_page
from ingest.texts.plain import read_plain
from ingest.texts.segments import IN_JSON, looks_like_json, parse_json, read_segments, recognise_json
from ingest.texts.timing import part_unnamed, settle_times
from ingest.texts.wiki import read_wiki
from media.errors import N_, Message
from media.texts.values import CUED, BlockKind, ReadText, TextFormat

MAX_WORDS = 200_000  # twelve hours of quick speech
MAX_LINES = 500_000  # twelve hours of subtitles of a word each
MAX_PARAGRAPHS = 100_000  # lines, empty ones too, of what people wrote without times
MAX_RUNS = 2 * MAX_WORDS  # between spaces, marks and all: more is refused before it is read
MAX_MARKS = 1_000_000  # of a page: two tags a word, of a day's words
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
    form, data = _recognise(text, name, hint)
    _check_size(form, text, name)
    understood = _understand(form, text, data, name, choices, known_speakers)
    blocks, untimed = settle_times(understood.blocks)
    if form in CUED:
        blocks = part_unnamed(blocks)
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


def _recognise(text: str, name: str, hint: TextFormat | None) -> tuple[TextFormat, Any]:
    """Tell the format, and parse what is JSON."""
    if hint in IN_JSON:
        return hint, parse_json(text, name)
    if hint is not None or not looks_like_json(text, name):
        return hint or detect(text, name), None
    data = parse_json(text, name)
    form = recognise_json(data)
    if form is None:
        reason = "it is none of the kinds of transcript that are known"
        raise BrokenTextError(reason, name=name, format="JSON")
    return form, data


def _check_size(form: TextFormat, text: str, name: str) -> None:
    """Refuse at once what would be refused after half a minute: reading costs its lines and words."""
    prose = form not in CUED and form not in IN_JSON
    most = MAX_PARAGRAPHS if prose else MAX_LINES
    if text.count("\n") + text.count("\r") > most:
        raise TooManyLinesError("too many lines", name=name, limit=most)
    if form in IN_JSON and text.count("{") > MAX_RUNS:
        raise TooManyWordsError(f"more than {MAX_RUNS} objects", name=name, limit=MAX_WORDS)
    if prose and len(text.split(maxsplit=MAX_RUNS)) > MAX_RUNS:
        raise TooManyWordsError(f"more than {MAX_RUNS} runs between spaces", name=name, limit=MAX_WORDS)


def _understand(
    form: TextFormat,
    text: str,
    data: Any,
    name: str,
    choices: Mapping[int, BlockKind],
    known: Collection[str],
) -> Understood:
    if form in IN_JSON:
        segments = read_segments(data, form, name)
        found = read_lines(segments.lines, choices, known)
        return replace(found, header=segments.header)
    if form in (TextFormat.VTT, TextFormat.SRT):
        cues = read_cues(text, vtt=form is TextFormat.VTT)
        found = read_lines(cues.lines, choices, known)
        header = replace(read_particulars(cues.note), language=read_language(cues.language))
        return replace(found, header=header, warnings=(*found.warnings, *cues.warnings))
    if form is TextFormat.WIKI:
        return read_lines(read_wiki(text), choices, known)
    if form is TextFormat.HTML:
        if text.count("<") + text.count("&") > MAX_MARKS:
            raise TooMuchMarkupError("too many tags", name=name, limit=MAX_MARKS)
        return _understand_page(text, choices, known)
    if form is TextFormat.MARKDOWN:
        return read_lines(read_markdown(text), choices, known)
    return read_lines(read_plain(text), choices, known)


def _understand_page(text: str, choices: Mapping[int, BlockKind], known: Collection[str]) -> Understood:
    page = read_page(text)
    found = read_lines(page.lines, choices, known)
    title = found.header.title or page.title
    language = found.header.language or read_language(page.language)
    return replace(found, header=replace(found.header, title=title, language=language))


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
