"""Make the published edition what a merge came to, as one act: in history, undone at once.

Turns go and come as splits and merges make them do: those that go first, from the last, so that
each is put back where it was. Where a turn has times, words that the source brought share those
of their neighbours, as estimates.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import accumulate

from sqlalchemy import Connection

from media.correction.authors import Author
from media.correction.journal import ActKind, OpenAct, read_voices
from media.correction.typed import find_doubts
from media.schema import voice as voices
from media.texts.merging import Merge, MergedTurn
from media.texts.voices import TextVoices
from media.transcript import Doubt, DoubtKind, Edition, Turn, TurnKind, TurnState, Word
from media.transcripts import Attribution, StoredTurn, Voice


@dataclass(frozen=True, slots=True)
class Applied:
    """What a merge changed, and the turns that the edition has now."""

    act_id: int | None  # None: nothing
    changed: int
    added: int
    removed: int
    places: tuple[int, ...]  # the identity of each turn of the merge, in order


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A turn as it is to be."""

    turn: Turn
    voice: Voice | None
    before: StoredTurn | None  # None: it is new


def apply_merge(
    connection: Connection,
    episode_id: int,
    mine: Sequence[StoredTurn],
    theirs: Sequence[Turn],
    merge: Merge,
    speakers: Sequence[str | None],
    text_voices: TextVoices,
    author: Author,
    now: datetime,
) -> Applied:
    """Bring the published edition to a merge; `speakers`: whom each turn of mine was taken to be by."""
    renamed = _find_renamed(mine, merge, speakers)
    wanted = [
        _want(merged, mine, theirs, speakers, renamed, text_voices.find, at_most)
        for merged, at_most in zip(merge.turns, _ceilings(merge, mine), strict=True)
    ]
    kept = {held.before.id for held in wanted if held.before is not None}
    gone = [held for held in mine if held.id not in kept]
    fresh = [held for held in wanted if held.before is None]
    changed = [
        held
        for held in wanted
        if held.before is not None and (held.turn, held.voice) != (held.before.turn, held.before.voice)
    ]
    if not (gone or fresh or changed or renamed):
        return Applied(None, 0, 0, 0, tuple(held.before.id for held in wanted if held.before))
    linked = bool(gone or fresh)
    act = OpenAct(connection, ActKind.IMPORT, author, now, linked=linked, source=author.name)
    for row in read_voices(connection, voices.c.id.in_(renamed)) if renamed else []:
        act.name_voice(row, renamed[row.id], Attribution.IMPORTED)
    places = _write(act, episode_id, wanted, gone, _find_heirs(merge, wanted, mine))
    act_id = act.close().act_id
    return Applied(act_id, len(changed) + len(renamed), len(fresh), len(gone), places)


def _write(
    act: OpenAct,
    episode_id: int,
    wanted: Sequence[_Wanted],
    gone: Sequence[StoredTurn],
    heirs: dict[int, int],
) -> tuple[int, ...]:
    """Take turns away, change those that stay, add those that come; return all identities in order."""
    for going in reversed(gone):
        act.remove(going, heir=heirs.get(going.id))
    stays: list[StoredTurn] = []
    for held in wanted:
        if held.before is None:
            continue
        before = replace(held.before, position=len(stays))
        if (held.turn, held.voice) != (before.turn, before.voice):
            before = act.change(before, held.turn, voice=held.voice, read_by=before.read_by)
        stays.append(before)
    identities: list[int] = []
    follows = len(stays)
    for held in reversed(wanted):
        if held.before is not None:
            follows -= 1
            identities.append(stays[follows].id)
            continue
        added = act.add(
            stays[follows - 1] if follows else None,
            held.turn,
            episode_id=episode_id,
            edition=Edition.PUBLISHED,
            voice=held.voice,
            read_by=None,
        )
        identities.append(added.id)
    return tuple(reversed(identities))


def _find_renamed(mine: Sequence[StoredTurn], merge: Merge, speakers: Sequence[str | None]) -> dict[int, str]:
    """Find the voices that the source calls otherwise in all their turns: they are renamed, by identity."""
    names: dict[int, set[str | None]] = {}
    for merged in merge.turns:
        voice = None if merged.mine is None else mine[merged.mine].voice
        if voice is not None:
            names.setdefault(voice.id, set()).add(merged.speaker)
    held_names = {held.voice.name for held in mine if held.voice is not None}
    renamed: dict[int, str] = {}
    for number, held in enumerate(mine):
        voice = held.voice
        if voice is None or voice.name is None or speakers[number] != voice.name:
            continue
        new = names.get(voice.id, set())
        if len(new) == 1 and voice.name not in new:
            (name,) = new
            if name is not None and name not in held_names | set(renamed.values()):
                renamed[voice.id] = name
    return renamed


def _want(
    merged: MergedTurn,
    mine: Sequence[StoredTurn],
    theirs: Sequence[Turn],
    speakers: Sequence[str | None],
    renamed: dict[int, str],
    find_voice: Callable[[str], Voice],
    bounds: tuple[int | None, int | None],
) -> _Wanted:
    before = None if merged.mine is None else mine[merged.mine]
    voice = None if before is None else before.voice
    if voice is not None and voice.id in renamed:
        voice = replace(voice, name=renamed[voice.id], attribution=Attribution.IMPORTED)
        before = None if before is None else replace(before, voice=voice)
    elif merged.mine is None or merged.speaker != speakers[merged.mine]:
        voice = find_voice(merged.speaker) if merged.speaker else None
    if merged.kind is not TurnKind.SPEECH:
        return _Wanted(_want_event(merged, before, theirs, bounds), None, before)
    words = [_word(merged, at, mine, theirs) for at in range(len(merged.words))]
    timed = tuple(_fill_times(words, *bounds))
    texts = [word.text for word in timed]
    doubts = {*_carry_doubts(merged, mine), *find_doubts(texts)}
    is_new = any(word.mine is None for word in merged.words)
    state = TurnState.READ if before is None else before.turn.state
    turn = Turn(
        timed,
        None if voice is None else voice.number,
        start_ms=timed[0].start_ms,
        end_ms=timed[-1].end_ms,
        state=TurnState.READ if is_new and state is TurnState.VALIDATED else state,
        doubts=tuple(sorted(doubts, key=lambda doubt: (doubt.first_word, doubt.last_word))),
    )
    if before is not None and (turn.words, turn.voice) == (before.turn.words, before.turn.voice):
        return _Wanted(before.turn, voice, before)
    return _Wanted(turn, voice, before)


def _want_event(
    merged: MergedTurn,
    before: StoredTurn | None,
    theirs: Sequence[Turn],
    bounds: tuple[int | None, int | None],
) -> Turn:
    if before is not None:
        return before.turn
    source = None if merged.theirs is None else theirs[merged.theirs]
    start_ms, end_ms = bounds if source is None or source.start_ms is None else (None, None)
    if source is not None and source.start_ms is not None:
        start_ms, end_ms = source.start_ms, source.end_ms
    return Turn(kind=merged.kind, label=merged.label, start_ms=start_ms, end_ms=end_ms, state=TurnState.READ)


def _word(merged: MergedTurn, at: int, mine: Sequence[StoredTurn], theirs: Sequence[Turn]) -> Word:
    held = merged.words[at]
    if held.mine is not None:
        word = mine[held.mine.turn].turn.words[held.mine.word]
    elif held.theirs is not None:
        word = theirs[held.theirs.turn].words[held.theirs.word]
    else:
        word = Word(held.text)
    return replace(word, text=held.text, paragraph=held.paragraph)


def _carry_doubts(merged: MergedTurn, mine: Sequence[StoredTurn]) -> Iterator[Doubt]:
    """Keep the doubts on the words of mine that stay; those written in the text are read from it again."""
    places = {word.mine: at for at, word in enumerate(merged.words) if word.mine is not None}
    for number in sorted({place.turn for place in places}):
        turn = mine[number].turn
        written = set(find_doubts([word.text for word in turn.words]))
        for doubt in turn.doubts:
            if doubt in written or (
                doubt.kind is DoubtKind.DISCUSSED and any(w.mine is None for w in merged.words)
            ):
                continue
            own = [at for place, at in places.items() if _is_in(place.turn, place.word, number, doubt)]
            if own:
                yield Doubt(doubt.kind, min(own), max(own))


def _is_in(turn: int, word: int, number: int, doubt: Doubt) -> bool:
    return turn == number and doubt.first_word <= word <= doubt.last_word


def _ceilings(merge: Merge, mine: Sequence[StoredTurn]) -> list[tuple[int | None, int | None]]:
    """Say between which times each turn lies: those of the turns of mine that it is made of, else a gap."""
    spans: list[tuple[int | None, int | None]] = []
    for merged in merge.turns:
        own = {merged.mine} | {word.mine.turn for word in merged.words if word.mine is not None}
        held = [mine[number].turn for number in own if number is not None]
        starts = [turn.start_ms for turn in held if turn.start_ms is not None]
        ends = [turn.end_ms for turn in held if turn.end_ms is not None]
        spans.append((min(starts, default=None), max(ends, default=None)))
    after: int | None = None
    for at in range(len(spans) - 1, -1, -1):
        start_ms, _ = spans[at]
        if start_ms is None:
            before = next((end for _, end in reversed(spans[:at]) if end is not None), None)
            low = before if after is None else min(before or 0, after)
            spans[at] = (low, after if after is not None else low)
        after = spans[at][0]
    return spans


def _fill_times(words: Sequence[Word], start_ms: int | None, end_ms: int | None) -> Iterator[Word]:
    """Share time among words that have none, between their neighbours; none goes back."""
    if start_ms is None or end_ms is None:
        yield from (
            replace(word, start_ms=None, end_ms=None) if word.start_ms is None else word for word in words
        )
        return
    floor, at = start_ms, 0
    while at < len(words):
        word = words[at]
        if word.start_ms is not None and word.end_ms is not None:
            first = max(floor, word.start_ms)
            fixed = (
                word
                if first == word.start_ms
                else replace(word, start_ms=first, end_ms=max(first, word.end_ms))
            )
            yield fixed
            floor, at = max(floor, fixed.start_ms or 0), at + 1
            continue
        last = next((to for to in range(at, len(words)) if words[to].start_ms is not None), len(words))
        low = max(floor, words[at - 1].end_ms or floor) if at else floor
        high = max(low, (words[last].start_ms or low) if last < len(words) else end_ms)
        yield from _share(words[at:last], low, high)
        floor, at = low, last


def _share(words: Sequence[Word], low: int, high: int) -> Iterator[Word]:
    reached = [0, *accumulate(len(word.text) + 1 for word in words)]
    for at, word in enumerate(words):
        first, last = (low + (high - low) * length // reached[-1] for length in reached[at : at + 2])
        yield replace(word, start_ms=first, end_ms=last, heard=False)


def _find_heirs(merge: Merge, wanted: Sequence[_Wanted], mine: Sequence[StoredTurn]) -> dict[int, int]:
    """Say which turn that stays has words of each one that goes."""
    heirs: dict[int, int] = {}
    for merged, held in zip(merge.turns, wanted, strict=True):
        if held.before is not None:
            for word in merged.words:
                if word.mine is not None:
                    heirs.setdefault(mine[word.mine.turn].id, held.before.id)
    return heirs
