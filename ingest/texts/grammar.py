"""Make blocks of lines: the volunteers' grammar, whatever markup the lines came in.

A page is fields, then headings, events, music breaks and paragraphs, of which some begin with a
name. Every line becomes one block (a field takes its second lines along), so that a person who
changes what a line is taken for changes nothing else. Where nothing marks a line as a heading, it
is guessed from what stands around it, and asked.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from ingest.texts.clocks import fold, split_heading
from ingest.texts.header import Field, announces, understand
from ingest.texts.lines import Line
from ingest.texts.speakers import Head, find_cast, is_speaker, read_head
from media.correction.typed import MARK
from media.errors import N_, Message
from media.texts.values import Block, BlockKind, Header, Question

HEADING_LENGTH = 120  # characters: a longer line that stands alone may be said
UNDECIDED_LENGTH = 300  # a longer one is said
MAX_HEAD_LINES = 80  # where a header ends at the latest
OUR_HEAD_LINES = 4  # what our own copies say between their title, their licence and their address
QUOTE_LINES = 5  # how long a « that nobody closed is believed
MAX_EVENT_LENGTH = 300

BODY_TITLES = {"transcription", "transcript", "retranscription"}
EVENT = re.compile(r"\[([^\[\]]*)\]\.?|\(([^()]{1,80})\)\.?|\*([^*]{1,80})\*", re.DOTALL)
MUSIC = re.compile(
    r"(?:(?:pause|intermède|interlude|respiration) musicale?|music break|musique)\s*(?::\s*(.{0,250}))?",
    re.IGNORECASE,
)
SUNG = re.compile(r"[♪♫🎵🎶](.*)", re.DOTALL)
ADDRESS = re.compile(r"<?(https?://[^\s<>]+)>?")
CHROME = re.compile(
    r"de \S.{0,60}wiki|from \S.{0,60}wiki|aller à la navigation.*|aller à\s?: .*"
    r"|jump to (?:navigation|search).*|récupérée de .*|retrieved from .*"
    r"|catégories?\s?: .*|cette page a été modifiée .*|modifier"
    r"|la dernière modification de cette page.*|outils personnels|espaces de noms|discussion",
    re.IGNORECASE,
)
STUB = re.compile(r"publiée?s?\b.{0,200}", re.IGNORECASE)
FIELD = re.compile(r"([^:\n]{1,60}?)[\s\xa0]*:(?!//)[\s\xa0]*(.*)", re.DOTALL)
OUR_TITLE = re.compile(r"^[^\n:]{1,300} — [^\n]{1,300}$")
OUR_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
SIGNED = re.compile(
    r"(transcrit|transcription|relu|relecture)(?:e)?(?: par)?[\s\xa0]+(\S.{0,100})", re.IGNORECASE
)
FINISHED = re.compile(r"[.!?…:;,][»”\"’)\]\s\xa0]*$")
ASKED = re.compile(r"[!?][»”\"’)\]\s\xa0]*$")
SOUNDS = (BlockKind.EVENT, BlockKind.MUSIC)

WHY_ALONE = N_(
    "This line of %(length)s characters stands alone and no mark says what it is: a heading, or speech?"
)


@dataclass(slots=True)
class Draft:
    """What some lines are taken for, until all of them are known."""

    lines: Sequence[Line]  # one, or a field's several
    kind: BlockKind
    label: str = ""
    value: str = ""
    speaker: str | None = None
    at: int = 0  # where speech begins in the line
    start_ms: int | None = None
    url: str | None = None
    asked: bool = False


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
    drafts = list(_draft_head(lines[:body], ends_head=body > 0 and _titles_body(lines[body - 1])))
    header, warnings = understand(
        Field(draft.label, draft.value, draft.url) for draft in drafts if draft.kind is BlockKind.FIELD
    )
    if not header.title and (title := _page_title(lines, body)):
        show, _, own = title.partition(" — ") if _is_ours(header) else ("", "", title)
        header = replace(header, title=own or show, show=header.show or show)
    drafts += _draft_body(lines[body:], [*known, *(person.name for person in header.people)])
    if not any(line.level or line.settled or line.start_ms is not None for line in lines):
        _guess_headings(drafts)
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


def build_block(draft: Draft) -> Block:
    """Make the block that a draft has become."""
    first = draft.lines[0]
    words = first.words(draft.at) if draft.kind is BlockKind.SPEECH else ()
    start_ms = first.start_ms if draft.start_ms is None else draft.start_ms
    return Block(
        draft.kind,
        first.begin,
        draft.lines[-1].end,
        draft.label,
        draft.value,
        draft.speaker,
        words,
        start_ms,
        first.end_ms,
        draft.url,
    )


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
        draft.label, draft.value = _split_field(text)


# ---- the header


def find_body(lines: Sequence[Line]) -> int:
    """Find where the header ends: after « Transcription », else after the fields that can be understood."""
    end = 0
    if any(line.settled or line.start_ms is not None for line in lines):
        return 0  # cues: whatever they hold is said
    for at, line in enumerate(lines[:MAX_HEAD_LINES]):
        if _titles_body(line):
            return at + 1
    titles = sum(line.level == 1 for line in lines)
    for at, line in enumerate(lines[:MAX_HEAD_LINES]):
        if line.level == 1 and titles == 1:  # the page's title
            end = at + 1
        if line.hidden or line.level == 1 or _is_chrome(line):
            continue
        if _is_known_field(line):
            end = at + 1
        elif at - end >= (OUR_HEAD_LINES if OUR_TITLE.search(lines[0].text) else 0):
            break
    return end


def _titles_body(line: Line) -> bool:
    return len(line.text) < 40 and fold(line.text).strip(" :") in BODY_TITLES and not line.hidden


def _is_chrome(line: Line) -> bool:
    return CHROME.fullmatch(line.text.strip()) is not None


def _is_known_field(line: Line) -> bool:
    found = FIELD.fullmatch(line.text.strip())
    if found and announces(found[1]) is not None:
        return len(found[2]) < 1000
    return (SIGNED.fullmatch(line.text.strip()) or OUR_DATE.fullmatch(line.text.strip())) is not None


def _draft_head(lines: Sequence[Line], *, ends_head: bool) -> Iterator[Draft]:
    """Draft the header's lines; a line right below a field's goes on with it."""
    held: Draft | None = None
    for at, line in enumerate(lines):
        text = line.text.strip()
        last = ends_head and at == len(lines) - 1
        if line.hidden or line.level or last or _is_chrome(line) or (at == 0 and not _is_field(line)):
            if held:
                yield held
            held = None
            yield Draft([line], BlockKind.MARKUP, url=line.url)
        elif held and held.value and not line.loose and not _is_field(line):
            held.lines = [*held.lines, line]
            held.value = f"{held.value}\n{text}"
        else:
            if held:
                yield held
            label, value = _split_field(text)
            held = Draft([line], BlockKind.FIELD, label, value, url=line.url)
    if held:
        yield held


def _is_field(line: Line) -> bool:
    found = FIELD.fullmatch(line.text.strip())
    return bool(line.url or line.strong_until(0) or SIGNED.fullmatch(line.text.strip())) or (
        found is not None and (len(found[1]) <= 30 or announces(found[1]) is not None)
    )


def _split_field(text: str) -> tuple[str, str]:
    if found := FIELD.fullmatch(text):
        return " ".join(found[1].split()), found[2].strip()
    if found := SIGNED.fullmatch(text):
        return found[1], found[2]
    if OUR_DATE.fullmatch(text):
        return "Date", text
    return " ".join(text.split()), ""


def _page_title(lines: Sequence[Line], body: int) -> str:
    """Find the page's own title: its first heading, or the line above the chrome of a copied page."""
    seen = [line for line in lines[: max(body, 3)] if not line.hidden]
    ours = body > 0 and seen and OUR_TITLE.search(seen[0].text)
    if seen and (seen[0].level == 1 or ours or (len(seen) > 1 and _is_chrome(seen[1]))):
        return " ".join(seen[0].text.split())[:300]
    return ""


def _is_ours(header: Header) -> bool:
    """Tell a copy that we wrote: its title says the show, and its licence and address follow."""
    return bool(header.licence and header.published)


def _find_stub(drafts: Sequence[Draft]) -> str | None:
    """Find where a page that was emptied says that its text is published."""
    seen = [draft for draft in drafts if draft.kind is not BlockKind.MARKUP]
    if len(seen) == 1 and STUB.fullmatch(seen[0].lines[0].text.strip()):
        return seen[0].lines[0].url or ""
    return None


# ---- the body


def _draft_body(lines: Sequence[Line], known: Collection[str]) -> Iterator[Draft]:
    heads = [(line, read_head(line)) for line in lines if not (line.hidden or line.level or line.settled)]
    cast = find_cast(heads, known)
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
                draft.start_ms = head.start_ms
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
    if _is_chrome(line):
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
    if found := MUSIC.fullmatch(text):
        title, artist = split_music(text)
        return Draft([line], BlockKind.MUSIC, title, artist, start_ms=start_ms) if found else None
    if found := SUNG.fullmatch(text):
        return Draft([line], BlockKind.MUSIC, found[1].strip(" ♪♫🎵🎶\n"), start_ms=start_ms)
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
    return Draft([line], BlockKind.MARKUP) if not text or _is_chrome(line) else None


def _count_quoted(text: str, quoted: int) -> int:
    """Count the lines since a guillemet was opened and not closed; 0 when none is."""
    opened, closed = text.rfind("«"), text.rfind("»")
    if opened > closed:
        return 1
    return 0 if closed > opened or not quoted or quoted >= QUOTE_LINES else quoted + 1


def _guess_headings(drafts: Sequence[Draft]) -> None:
    """Take lines that stand alone for headings, where a document marks none, and ask where unsure."""
    dialogue = any(draft.speaker for draft in drafts)
    shown = [draft for draft in drafts if draft.kind not in (BlockKind.MARKUP, BlockKind.FIELD)]
    before: BlockKind | None = None
    for draft, after in zip_longest(shown, shown[1:]):
        if draft.kind is BlockKind.SPEECH and draft.speaker is None and draft.lines[0].loose:
            _guess_heading(draft, before, after, dialogue=dialogue)
        before = draft.kind


def _guess_heading(draft: Draft, before: BlockKind | None, after: Draft | None, *, dialogue: bool) -> None:
    text = draft.lines[0].text[draft.at :].strip()
    if (
        len(text) > UNDECIDED_LENGTH
        or not text
        or not (text[0].isupper() or text[0].isdigit() or text[0] == "«")
    ):
        return
    asked = ASKED.search(text) is not None
    title, at_ms = split_heading(" ".join(text.split()))
    if at_ms is None and (after is None or not after.lines[0].loose or (FINISHED.search(text) and not asked)):
        return
    if at_ms is None and dialogue and after and after.speaker is None and after.kind not in SOUNDS:
        return
    if at_ms is not None and not dialogue:
        return
    sure = len(text) <= HEADING_LENGTH and (
        at_ms is not None or (not asked and before is not BlockKind.SPEECH)
    )
    if not dialogue:  # a text without speakers: a short line among paragraphs is a title
        if (
            asked
            or len(text) > HEADING_LENGTH
            or before is BlockKind.HEADING
            or (after and after.kind in SOUNDS)
        ):
            return
        sure = True
    elif not sure and before is BlockKind.SPEECH and (asked or len(text.split()) < 3):
        return
    draft.kind, draft.label, draft.asked = BlockKind.HEADING, title, not sure
    draft.start_ms = at_ms if at_ms is not None else draft.start_ms
