"""Make blocks of lines: the volunteers' grammar, whatever markup the lines came in.

A page is fields, then headings, events, music breaks and paragraphs, of which some begin with a
name. Every line becomes one block (a field takes its second lines along), so that a person who
changes what a line is taken for changes nothing else. Where nothing marks a line as a heading, it
is guessed from what stands around it, and asked.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ingest.texts.clocks import fold, split_heading
from ingest.texts.drafts import Draft, build_block
from ingest.texts.header import Field, understand
from ingest.texts.headings import guess_headings
from ingest.texts.heads import draft_head, find_body, find_page_title, is_chrome, split_field, titles_body
from ingest.texts.lines import Line
from ingest.texts.speakers import Head, find_cast, is_speaker, read_head
from media.correction.typed import MARK
from media.errors import N_, Message
from media.texts.values import Block, BlockKind, Header, Question

QUOTE_LINES = 5  # how long a « that nobody closed is believed
MAX_EVENT_LENGTH = 300

EVENT = re.compile(r"\[([^\[\]]*)\]\.?|\(([^()]{1,80})\)\.?|\*([^*]{1,80})\*", re.DOTALL)
MUSIC = re.compile(
    r"(?:(?:pause|intermède|interlude|respiration) musicale?|music break|musique)\s*(?::\s*(.{0,250}))?",
    re.IGNORECASE,
)
SUNG = re.compile(r"[♪♫🎵🎶](.*)", re.DOTALL)
OUR_MUSIC = re.compile(r"\[(?:musique ou jingle|music or jingle)\]", re.IGNORECASE)  # heard, and not named
ADDRESS = re.compile(r"<?(https?://[^\s<>]+)>?")
STUB = re.compile(r"publiée?s?\b.{0,200}", re.IGNORECASE)

WHY_ALONE = N_(
    "This line of %(length)s characters stands alone and no mark says what it is: a heading, or speech?"
)


@dataclass(frozen=True, slots=True)
class Understood:
    """Lines as understood."""

    header: Header = field(default_factory=Header)
    blocks: tuple[Block, ...] = ()
    questions: tuple[Question, ...] = ()
    warnings: tuple[Message, ...] = ()
    stub_url: str | None = None


def read_lines(lines: Sequence[Line], choices: Mapping[int, BlockKind], known: Collection[str]) -> Understood:
    """Make blocks of a document's lines; `choices` says what people take blocks for."""
    body = find_body(lines)
    drafts = list(draft_head(lines[:body], ends_head=body > 0 and titles_body(lines[body - 1])))
    header, warnings = understand(
        Field(draft.label, draft.value, draft.url) for draft in drafts if draft.kind is BlockKind.FIELD
    )
    if not header.title and (title := find_page_title(lines, body)):
        show, _, own = title.partition(" — ") if _is_ours(header) else ("", "", title)
        header = replace(header, title=own or show, show=header.show or show)
    drafts += _draft_body(lines[body:], [*known, *(person.name for person in header.people)])
    if not any(line.level or line.settled or line.start_ms is not None for line in lines):
        guess_headings(drafts)
    _say_clocks(drafts)
    _carry_anchors(drafts)
    stub_url = _find_stub(drafts)
    if stub_url is not None:
        for draft in drafts:
            draft.kind = BlockKind.MARKUP
    return Understood(header, *_decide(drafts, choices), tuple(warnings), stub_url)


def _decide(
    drafts: Sequence[Draft], choices: Mapping[int, BlockKind]
) -> tuple[tuple[Block, ...], tuple[Question, ...]]:
    questions = []
    for at, draft in enumerate(drafts):
        chosen = choices.get(at, draft.kind)
        if draft.asked:
            text = draft.lines[0].text
            why = Message(WHY_ALONE, {"length": len(text)})
            kinds = (BlockKind.HEADING, BlockKind.SPEECH)
            questions.append(Question(at, text, kinds, chosen, why))
        if chosen is not draft.kind:
            _recast(draft, chosen)
    return tuple(build_block(draft) for draft in drafts), tuple(questions)


def _recast(draft: Draft, kind: BlockKind) -> None:
    """Take a line for what a person says that it is."""
    text = " ".join(draft.lines[0].text.split())
    draft.kind, draft.label, draft.value = kind, "", ""
    if kind is BlockKind.SPEECH:
        return
    draft.speaker = None
    if kind is BlockKind.HEADING:
        draft.label, draft.start_ms = split_heading(text)
    elif kind is BlockKind.EVENT:
        draft.label = text.strip("[]")
    elif kind is BlockKind.MUSIC:
        draft.label, draft.value = split_music(text)
    elif kind is BlockKind.FIELD:
        draft.label, draft.value = split_field(text)


def _is_ours(header: Header) -> bool:
    """Tell a copy that we wrote: its title says the show, and its licence and address follow."""
    return bool(header.licence and header.published)


def _say_clocks(drafts: Sequence[Draft]) -> None:
    """Take a time after a name for what was said where nothing of the same person follows it."""
    follows = False
    for draft in reversed(drafts):
        if draft.kind is BlockKind.MARKUP:
            continue
        if draft.clock is not None and not follows:
            draft.at, draft.start_ms = draft.clock, None
        follows = draft.kind is BlockKind.SPEECH and draft.speaker is None


def _carry_anchors(drafts: Sequence[Draft]) -> None:
    """Date what follows a time that a comment holds."""
    anchor_ms: int | None = None
    for draft in drafts:
        if draft.kind is BlockKind.MARKUP:
            anchor_ms = draft.lines[0].start_ms if draft.lines[0].hidden else anchor_ms
        elif anchor_ms is not None:
            draft.start_ms = anchor_ms if draft.start_ms is None else draft.start_ms
            anchor_ms = None


def _find_stub(drafts: Sequence[Draft]) -> str | None:
    """Find where a page that was emptied says that its text is published."""
    seen = [draft for draft in drafts if draft.kind is not BlockKind.MARKUP]
    if len(seen) == 1 and STUB.fullmatch(seen[0].lines[0].text.strip()):
        return seen[0].lines[0].url or ""
    return None


def _draft_body(lines: Sequence[Line], known: Collection[str]) -> Iterator[Draft]:
    heads = [(line, read_head(line)) for line in lines if not (line.hidden or line.level or line.settled)]
    cast = find_cast([(line, head) for line, head in heads if _draft_sound(line, head) is None], known)
    by_line = {id(line): head for line, head in heads}
    named = [line.loose for line, head in heads if fold(head.name) in cast]
    # Where blank lines part the turns, nobody begins to speak inside « ».
    quoting = () if sum(named) * 2 > len(named) else {fold(name) for name in known}
    held: str | None = None  # who begins to speak with an event, and goes on after it
    quoted = 0  # lines since a « that is still open
    for line in lines:
        head = by_line.get(id(line))
        if head is None:
            draft = _draft_settled(line) if line.settled else _draft_marked(line)
            if draft.kind is BlockKind.SPEECH:
                draft.speaker = held if draft.speaker is None else draft.speaker
                held = None
            elif line.settled and line.speaker is not None:
                held = line.speaker
            yield draft
            continue
        draft = _draft_sound(line, head) or _draft_link(line) or Draft([line], BlockKind.SPEECH)
        if draft.kind is BlockKind.SPEECH:
            inside = quoted > 0 and not line.loose
            if is_speaker(head, cast, quoting=quoting if inside else None):
                draft.speaker, draft.at = cast.get(fold(head.name), head.name), head.at
                draft.start_ms, draft.clock = head.start_ms, head.clock
                quoted = 0
            else:
                _begin_unnamed(draft, line, head)
            quoted = _count_quoted(line.text[draft.at :], quoted)
        yield draft


def _begin_unnamed(draft: Draft, line: Line, head: Head) -> None:
    """Begin a paragraph after its time only; a time alone is markup that dates what follows."""
    draft.at, draft.speaker = head.after_time, line.speaker
    if head.start_ms is not None and (not head.name or head.after_time):
        draft.start_ms = head.start_ms
    if not line.text[draft.at :].strip():
        draft.kind = BlockKind.MARKUP


def _draft_marked(line: Line) -> Draft:
    """Draft what its format marks: a heading, hidden markup."""
    if line.hidden:
        return Draft([line], BlockKind.MARKUP, url=line.url)
    if is_chrome(line):
        return Draft([line], BlockKind.MARKUP)
    title, at_ms = split_heading(" ".join(line.text.split()))
    return Draft([line], BlockKind.HEADING, title, start_ms=at_ms, url=line.url)


def _draft_settled(line: Line) -> Draft:
    """Draft a cue or a segment whose format says who speaks."""
    return _draft_sound(line, Head(0)) or Draft([line], BlockKind.SPEECH, speaker=line.speaker)


def _draft_sound(line: Line, head: Head) -> Draft | None:
    """Draft an event or a music break that stands alone on its line, after its time perhaps."""
    text = line.text[head.after_time :].strip()
    start_ms = head.start_ms if head.after_time else None
    if len(text) > MAX_EVENT_LENGTH:
        return None
    if MUSIC.fullmatch(text):
        title, artist = split_music(text)
        return Draft([line], BlockKind.MUSIC, title, artist, start_ms=start_ms)
    if OUR_MUSIC.fullmatch(text):
        return Draft([line], BlockKind.MUSIC, start_ms=start_ms)
    if found := SUNG.fullmatch(text):
        title = " ".join(found[1].strip(" ♪♫🎵🎶\n").split())
        return Draft([line], BlockKind.MUSIC, title, start_ms=start_ms)
    if line.sound and text:
        return Draft([line], BlockKind.EVENT, " ".join(text.strip("[]").split()), start_ms=start_ms)
    found = EVENT.fullmatch(text)
    if not found or MARK.fullmatch(text):
        return None
    label = " ".join((found[1] or found[2] or found[3] or "").split())
    return Draft([line], BlockKind.EVENT, label, start_ms=start_ms) if label else None


def split_music(text: str) -> tuple[str, str]:
    """Split a music break into title and artist, at the last « par ».

    >>> split_music("Pause musicale : Fascist par Momma Swift.")
    ('Fascist', 'Momma Swift')
    >>> split_music("Pause musicale : Passe par ici par Les Uns."), split_music("Pause musicale")
    (('Passe par ici', 'Les Uns'), ('', ''))
    """
    found = MUSIC.fullmatch(text.strip())
    what = " ".join((found[1] or "" if found else text).split())
    what = what[:-1] if what.endswith(".") and not what.endswith("..") else what
    title, joint, artist = what.rpartition(" par ")
    if not joint:
        title, joint, artist = what.rpartition(" by ")
    return (title.strip(), artist.strip()) if joint else (what, "")


def _draft_link(line: Line) -> Draft | None:
    """Draft an address alone on its line, or what is left of the page around the text."""
    text = line.text.strip()
    if found := ADDRESS.fullmatch(text):
        return Draft([line], BlockKind.MARKUP, url=found[1])
    return Draft([line], BlockKind.MARKUP) if not text or is_chrome(line) else None


def _count_quoted(text: str, quoted: int) -> int:
    """Count the lines since a guillemet was opened and not closed; 0 when none is."""
    opened, closed = text.rfind("«"), text.rfind("»")
    if opened > closed:
        return 1
    return 0 if closed > opened or not quoted or quoted >= QUOTE_LINES else quoted + 1
