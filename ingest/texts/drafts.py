"""What lines are taken for, until all of them are known, and the blocks that they become."""

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.texts.lines import Line
from media.texts.values import Block, BlockKind


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
    clock: int | None = None  # where a time stands, after a name, that may be all that is said


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
