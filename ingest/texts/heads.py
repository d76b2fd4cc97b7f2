"""The header of a document: which lines it has, and what labels and values they hold.

It ends at a heading « Transcription », else after the last field that can be understood at the
document's beginning; of a copy that we wrote, after our licence and address.
"""

import re
from collections.abc import Iterator, Sequence

from ingest.texts.clocks import fold
from ingest.texts.drafts import Draft
from ingest.texts.header import announces
from ingest.texts.lines import Line
from media.texts.values import BlockKind

MAX_HEAD_LINES = 80  # where a header ends at the latest
OUR_HEAD_LINES = 4  # what our own copies say between their title, their licence and their address

BODY_TITLES = {"transcription", "transcript", "retranscription"}
CHROME = re.compile(
    r"de \S.{0,60}wiki|from \S.{0,60}wiki|aller à la navigation.*|aller à\s?: .*"
    r"|jump to (?:navigation|search).*|récupérée de .*|retrieved from .*"
    r"|catégories?\s?: .*|cette page a été modifiée .*|modifier"
    r"|la dernière modification de cette page.*|outils personnels|espaces de noms|discussion",
    re.IGNORECASE,
)
FIELD = re.compile(r"([^:\n]{1,60}?)[\s\xa0]*:(?!//)[\s\xa0]*(.*)", re.DOTALL)
OUR_TITLE = re.compile(r"^[^\n:]{1,300} — [^\n]{1,300}$")
OUR_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
SIGNED = re.compile(
    r"(transcrit|transcription|relu|relecture)(?:e)?(?: par)?[\s\xa0]+(\S.{0,100})", re.IGNORECASE
)


def find_body(lines: Sequence[Line]) -> int:
    """Find where the header ends: after « Transcription », else after the fields that can be understood."""
    end = 0
    if any(line.settled or (line.start_ms is not None and not line.hidden) for line in lines):
        return 0  # cues: whatever they hold is said
    for at, line in enumerate(lines[:MAX_HEAD_LINES]):
        if titles_body(line):
            return at + 1
    titles = sum(line.level == 1 for line in lines)
    ours = OUR_TITLE.search(next((line.text for line in lines if not line.hidden), "")) is not None
    for at, line in enumerate(lines[:MAX_HEAD_LINES]):
        if line.level == 1 and titles == 1:  # the page's title
            end = at + 1
        if line.hidden or line.level == 1 or is_chrome(line):
            continue
        if _is_known_field(line):
            end = at + 1
        elif at - end >= (OUR_HEAD_LINES if ours else 0):
            break
    return end


def titles_body(line: Line) -> bool:
    """Tell the heading that ends the header."""
    return len(line.text) < 40 and fold(line.text).strip(" :") in BODY_TITLES and not line.hidden


def is_chrome(line: Line) -> bool:
    """Tell what a wiki shows around a page, and a copy takes along."""
    return CHROME.fullmatch(line.text.strip()) is not None


def _is_known_field(line: Line) -> bool:
    found = FIELD.fullmatch(line.text.strip())
    if found and announces(found[1]) is not None:
        return len(found[2]) < 1000
    return (SIGNED.fullmatch(line.text.strip()) or OUR_DATE.fullmatch(line.text.strip())) is not None


def draft_head(lines: Sequence[Line], *, ends_head: bool) -> Iterator[Draft]:
    """Draft the header's lines; a line right below a field's goes on with it."""
    held: Draft | None = None
    for at, line in enumerate(lines):
        text = line.text.strip()
        last = ends_head and at == len(lines) - 1
        if line.hidden or line.level or last or is_chrome(line) or (at == 0 and not _is_field(line)):
            if held:
                yield held
            held = None
            yield Draft([line], BlockKind.MARKUP, url=line.url)
        elif held and _goes_on(held) and not line.loose and not _is_field(line):
            held.lines = [*held.lines, line]
            held.value = f"{held.value}\n{text}"
        else:
            if held:
                yield held
            label, value = split_field(text)
            held = Draft([line], BlockKind.FIELD, label, value, url=line.url)
    if held:
        yield held


def _goes_on(field: Draft) -> bool:
    """Tell a field whose value may take a second line: notes, and what nobody knows."""
    return bool(field.value) and announces(field.label) in ("notes", None)


def _is_field(line: Line) -> bool:
    found = FIELD.fullmatch(line.text.strip())
    return bool(line.url or line.strong_until(0) or SIGNED.fullmatch(line.text.strip())) or (
        found is not None and (len(found[1]) <= 30 or announces(found[1]) is not None)
    )


def split_field(text: str) -> tuple[str, str]:
    """Split a header's line into label and value; a line without a colon is a label."""
    if found := FIELD.fullmatch(text):
        return " ".join(found[1].split()), found[2].strip()
    if found := SIGNED.fullmatch(text):
        return found[1], found[2]
    if OUR_DATE.fullmatch(text):
        return "Date", text
    return " ".join(text.split()), ""


def find_page_title(lines: Sequence[Line], body: int) -> str:
    """Find the page's own title: its first heading, or the line above the chrome of a copied page."""
    seen = [line for line in lines[: max(body, 3)] if not line.hidden]
    ours = body > 0 and seen and OUR_TITLE.search(seen[0].text)
    if seen and (seen[0].level == 1 or ours or (len(seen) > 1 and is_chrome(seen[1]))):
        return " ".join(seen[0].text.split())[:300]
    return ""
