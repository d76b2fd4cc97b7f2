"""Headings that nothing marks: lines that stand alone, told from speech by what stands around them."""

import re
from collections.abc import Sequence
from itertools import zip_longest

from ingest.texts.clocks import split_heading
from ingest.texts.drafts import Draft
from media.texts.values import BlockKind

HEADING_LENGTH = 120  # characters: a longer line that stands alone may be said
UNDECIDED_LENGTH = 300  # a longer one is said

FINISHED = re.compile(r"[.!?…:;,][»”\"’)\]\s\xa0]*$")
ASKED = re.compile(r"[!?][»”\"’)\]\s\xa0]*$")
SOUNDS = (BlockKind.EVENT, BlockKind.MUSIC)


def guess_headings(drafts: Sequence[Draft]) -> None:
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
