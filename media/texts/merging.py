"""Merge a document that was edited elsewhere with the corrections made here: base, mine, theirs.

Each edition is flattened to one row of marks: where a turn begins and who speaks, where a
paragraph begins, each word. What changed here and what changed there are then runs of the base's
marks, as in diff3 (Khanna, Kunal, Pierce, “A Formal Investigation of Diff3”, 2007), but cut at the
word. Every change made here stays; each change made there that touches none of them is taken; the
others are clashes, for people to settle. Hence nothing corrected here is ever lost, a document
that did not change changes nothing, and where nobody worked here the result is the document. Pure.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, takewhile

from media.correction.alignment import align_words
from media.transcript import Turn, TurnKind

SEAM = "\0"  # between the parts of a mark: no text holds it
TURN, WORD = "t" + SEAM, "w" + SEAM  # how marks begin: a turn's kind, and its speaker or label; a word
PARAGRAPH = "p"


@dataclass(frozen=True, slots=True)
class Spoken:
    """A turn, and who it is said by."""

    turn: Turn
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A word of an edition: the index of its turn, and its own in it."""

    turn: int
    word: int


@dataclass(frozen=True, slots=True)
class MergedWord:
    """A word of the result, and where it comes from; one that both editions have comes from both."""

    text: str
    paragraph: bool
    mine: Place | None
    theirs: Place | None


@dataclass(slots=True)
class MergedTurn:
    """A turn of the result."""

    kind: TurnKind
    label: str | None
    speaker: str | None
    mine: int | None  # the turn of mine that it is; None: it is new here
    theirs: int | None  # the turn of theirs that begins where it does
    words: list[MergedWord] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Clash:
    """Words that were changed on both sides: mine stayed."""

    mine: int  # the turn of mine
    theirs: int | None  # the turn of theirs that says it otherwise; None: it was taken out


@dataclass(frozen=True, slots=True)
class Merge:
    """What comes of two editions of one base."""

    turns: tuple[MergedTurn, ...]
    clashes: tuple[Clash, ...]


@dataclass(frozen=True, slots=True)
class _Change:
    """Marks of the base that another edition has otherwise."""

    begin: int  # in the base
    end: int
    first: int  # in the other edition
    last: int  # exclusive

    @property
    def is_insertion(self) -> bool:
        return self.begin == self.end


@dataclass(frozen=True, slots=True)
class _Row:
    """An edition as a row of marks, and which turn and word each of them is."""

    spoken: Sequence[Spoken]
    marks: list[str]
    places: list[Place]  # of a turn's or paragraph's mark: the word that follows it

    def turn_at(self, at: int) -> int:
        return self.places[min(max(at, 0), len(self.places) - 1)].turn


@dataclass(frozen=True, slots=True)
class _Kept:
    """A mark of the result."""

    mark: str
    mine: Place | None
    theirs: Place | None


def merge_texts(
    base: Sequence[Spoken], mine: Sequence[Spoken], theirs: Sequence[Spoken], frozen: Collection[int] = ()
) -> Merge:
    """Merge what became of one base here and there; `frozen`: turns of mine that are not to be touched."""
    rows = [_flatten(spoken) for spoken in (base, mine, theirs)]
    root, own, other = rows
    held = set(frozen)
    mine_pairs = [pair for pair in _pair(root, own) if own.places[pair[1]].turn not in held]
    their_pairs = _pair(root, other)
    changes = _find_changes(mine_pairs, len(root.marks), len(own.marks))
    wanted = _find_changes(their_pairs, len(root.marks), len(other.marks))
    taken, same, clashing = _sort_changes(rows, changes, wanted)
    kept = _lay_out(rows, dict(mine_pairs), dict(their_pairs), changes, taken, same)
    clashes = dict.fromkeys(_describe(own, other, change, against) for change, against in clashing)
    return Merge(tuple(_collect(kept, mine)), tuple(clash for clash in clashes if clash is not None))


def _flatten(spoken: Sequence[Spoken]) -> _Row:
    row = _Row(spoken, [], [])
    for number, held in enumerate(spoken):
        turn = held.turn
        said_by = held.speaker if turn.kind is TurnKind.SPEECH else turn.label
        row.marks.append(f"{TURN}{turn.kind}{SEAM}{said_by or ''}")
        row.places.append(Place(number, 0))
        for at, word in enumerate(turn.words):
            if word.paragraph and at:
                row.marks.append(PARAGRAPH)
                row.places.append(Place(number, at))
            row.marks.append(WORD + word.text)
            row.places.append(Place(number, at))
    return row


def _pair(one: _Row, other: _Row) -> list[tuple[int, int]]:
    """Pair equal marks: whole turns first, then words between those."""
    ones, others = _cut(one), _cut(other)
    wholes = align_words(
        [SEAM.join(one.marks[begin:end]) for begin, end in ones],
        [SEAM.join(other.marks[begin:end]) for begin, end in others],
    )
    pairs: list[tuple[int, int]] = []
    upto, other_upto = 0, 0
    for at, to in [*wholes, (len(ones), len(others))]:
        begin, end = ones[at] if at < len(ones) else (len(one.marks), len(one.marks))
        other_begin = others[to][0] if to < len(others) else len(other.marks)
        inner = align_words(one.marks[upto:begin], other.marks[other_upto:other_begin])
        pairs += [(first + upto, second + other_upto) for first, second in inner]
        pairs += [(begin + step, other_begin + step) for step in range(end - begin)]
        upto, other_upto = end, other_begin + end - begin
    return pairs


def _cut(row: _Row) -> list[tuple[int, int]]:
    begins = [at for at, mark in enumerate(row.marks) if mark.startswith(TURN)]
    return list(zip(begins, [*begins[1:], len(row.marks)], strict=True))


def _find_changes(pairs: Sequence[tuple[int, int]], length: int, other_length: int) -> list[_Change]:
    changes = []
    begin = first = 0
    for at, to in [*pairs, (length, other_length)]:
        if at > begin or to > first:
            changes.append(_Change(begin, at, first, to))
        begin, first = at + 1, to + 1
    return changes


def _sort_changes(
    rows: Sequence[_Row], changes: Sequence[_Change], wanted: Sequence[_Change]
) -> tuple[list[_Change], dict[_Change, _Change], list[tuple[_Change, _Change]]]:
    """Tell which of their changes are taken, which were made here too, and which clash with one of ours."""
    taken, same, clashing = list[_Change](), dict[_Change, _Change](), list[tuple[_Change, _Change]]()
    begin = 0
    for change in wanted:
        while begin < len(changes) and changes[begin].end < change.begin:
            begin += 1
        near = list(takewhile(lambda ours: ours.begin <= change.end, islice(changes, begin, None)))  # noqa: B023
        twin = next((ours for ours in near if _are_one(rows, ours, change)), None)
        against = next((ours for ours in near if _clash(rows, ours, change)), None)
        if twin is not None:
            same[twin] = change
        elif against is not None:
            clashing.append((against, change))
        else:
            taken.append(change)
    return taken, same, clashing


def _are_one(rows: Sequence[_Row], ours: _Change, change: _Change) -> bool:
    """Tell whether both sides made the very same change."""
    _, own, other = rows
    where = (ours.begin, ours.end) == (change.begin, change.end)
    return where and own.marks[ours.first : ours.last] == other.marks[change.first : change.last]


def _clash(rows: Sequence[_Row], ours: _Change, change: _Change) -> bool:
    """Tell changes that cannot both stand: of the same marks, of one place, or of one turn's beginning."""
    root, own, other = rows
    if ours.begin < change.end and change.begin < ours.end:
        return True
    if ours.is_insertion and change.is_insertion:
        return ours.begin == change.begin
    made = [own.marks[ours.first : ours.last], other.marks[change.first : change.last]]
    if (ours.is_insertion or change.is_insertion) and all(map(_has_words, made)):
        return True  # words put where the other side wrote others: in which order, nobody can say
    return _cuts(root, own, ours) and _cuts(root, other, change)


def _has_words(marks: Sequence[str]) -> bool:
    return any(mark.startswith(WORD) for mark in marks)


def _cuts(root: _Row, other: _Row, change: _Change) -> bool:
    """Tell a change of where a turn begins, or of who speaks in it."""
    marks = [*root.marks[change.begin : change.end], *other.marks[change.first : change.last]]
    return any(mark.startswith(TURN) for mark in marks)


def _lay_out(
    rows: Sequence[_Row],
    in_mine: dict[int, int],
    in_theirs: dict[int, int],
    changes: Iterable[_Change],
    taken: Iterable[_Change],
    same: dict[_Change, _Change],
) -> Iterator[_Kept]:
    """Yield the result's marks: those of the base that nobody changed, and both sides' changes."""
    root, own, other = rows
    ordered = [(change.begin, change.end, True, change) for change in changes]
    ordered += [(change.begin, change.end, False, change) for change in taken]
    upto = 0
    for begin, end, is_mine, change in [
        *sorted(ordered, key=lambda held: held[:3]),
        (len(root.marks), len(root.marks), True, _Change(0, 0, 0, 0)),
    ]:
        for at in range(upto, begin):
            theirs = in_theirs.get(at)
            yield _Kept(
                root.marks[at], own.places[in_mine[at]], None if theirs is None else other.places[theirs]
            )
        upto = max(upto, end)
        row = own if is_mine else other
        twin = same.get(change) if is_mine else None
        for step, at in enumerate(range(change.first, change.last)):
            if is_mine:
                also = None if twin is None else other.places[twin.first + step]
                yield _Kept(row.marks[at], row.places[at], also)
            else:
                yield _Kept(row.marks[at], None, row.places[at])


def _describe(own: _Row, other: _Row, ours: _Change, change: _Change) -> Clash | None:
    if not own.places:
        return None
    mine = own.turn_at(ours.first if ours.last > ours.first else ours.first - 1)
    if change.last > change.first:
        said = [at for at in range(change.first, change.last) if not other.marks[at].startswith(TURN)]
        return Clash(mine, other.turn_at(said[0] if said else change.first))
    before = other.turn_at(change.first - 1) if change.first else None
    after = other.turn_at(change.first) if change.first < len(other.places) else None
    return Clash(mine, before if before is not None and before == after else None)


def _collect(kept: Iterable[_Kept], mine: Sequence[Spoken]) -> list[MergedTurn]:
    """Cut the result's marks into turns, and say which of them are turns of mine."""
    turns: list[MergedTurn] = []
    begins_paragraph = False
    for held in kept:
        name, *rest = held.mark.split(SEAM)
        if held.mark.startswith(TURN):
            kind = TurnKind(rest[0])
            said_by = rest[1] or None
            is_speech = kind is TurnKind.SPEECH
            turn = MergedTurn(
                kind,
                None if is_speech else said_by,
                said_by if is_speech else None,
                None if held.mine is None else held.mine.turn,
                None if held.theirs is None else held.theirs.turn,
            )
            turns.append(turn)
            begins_paragraph = False
        elif name == PARAGRAPH:
            begins_paragraph = True
        elif turns:
            words = turns[-1].words
            words.append(MergedWord(rest[0], begins_paragraph and bool(words), held.mine, held.theirs))
            begins_paragraph = False
    left = [turn for turn in turns if turn.words or turn.kind is not TurnKind.SPEECH]
    _adopt(left, mine)
    return left


def _adopt(turns: Sequence[MergedTurn], mine: Sequence[Spoken]) -> None:
    """Let a turn that begins otherwise be the turn of mine that gave it most words."""
    claimed = {turn.mine for turn in turns if turn.mine is not None}
    for turn in turns:
        if turn.mine is not None:
            continue
        counts: dict[int, int] = {}
        for word in turn.words:
            if word.mine is not None and word.mine.turn not in claimed:
                counts[word.mine.turn] = counts.get(word.mine.turn, 0) + 1
        if counts:
            turn.mine = max(counts, key=lambda number: counts[number])
            claimed.add(turn.mine)
