"""An episode's published text laid on what was heard of it, and what that tells kept.

Read, align, write: the work between lies outside any transaction, and is done again where
somebody changed the texts meanwhile. Aligning twice changes nothing the second time. No word, no
state and no version changes; a voice that a person named is never named otherwise.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import accumulate, pairwise

from sqlalchemy import Connection

from ingest.alignment.aligning import align
from ingest.alignment.values import Alignment, DatedWord, Hints, PlacedPiece, TextPiece
from ingest.alignment.voices import Said, VoicePair, pair_voices
from ingest.redaction import hold_back_copy, redact_copy
from media import files
from media.changes import log_change
from media.correction.alignment import align_words, word_key
from media.correction.journal import take_episodes
from media.database import Database
from media.episodes import get_episode
from media.people.withdrawals import place_withdrawn
from media.store.values import AudioStore
from media.texts.alignment import (
    AlignmentReport,
    GapKind,
    KeptGap,
    VoiceEvidence,
    VoiceVerdict,
    join_voices,
    place_headings,
    place_turns,
    save_alignment,
)
from media.texts.documents import latest_document
from media.transcript import Doubt, DoubtKind, Edition, Turn, TurnKind
from media.transcripts import Attribution, StoredTurn, Voice, list_turns, record_act

log = logging.getLogger(__name__)

TRIES = 3  # while people change the texts
LONGEST_DOUBT = 60  # words that somebody is asked about at once
MUSICAL = re.compile(r"jingle|virgule|musi|générique|interlude|chanson", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Task:
    """An episode's two texts, and what is known of its sound."""

    published: tuple[StoredTurn, ...]
    spoken: tuple[StoredTurn, ...]
    speech: tuple[tuple[int, int], ...]
    duration_ms: int
    hints: Hints


def align_episode(
    database: Database, store: AudioStore, episode_id: int, now: datetime
) -> AlignmentReport | None:
    """Give the words of an episode's published text their times; None where there is nothing to align.

    The report says by `holds` whether the text is this episode's: if not, no time is given. What was
    withdrawn of the text before it had times is silenced in our copy.
    """
    for _ in range(TRIES):
        with database.read() as connection:
            task = _read_task(connection, episode_id)
        if task is None:
            return None
        found = align(
            [_piece(held.turn) for held in task.published],
            [word for held in task.spoken for word in held.turn.words],
            task.speech,
            task.duration_ms,
            task.hints,
        )
        with database.write() as connection:
            take_episodes(connection, [episode_id])
            if _read_task(connection, episode_id) != task:
                continue
            report = _keep(connection, episode_id, task, found, now)
            if place_withdrawn(connection, episode_id, now):
                hold_back_copy(connection, episode_id)
        redact_copy(database, store, episode_id)
        return report
    log.warning("episode %d: its texts change too fast to be aligned", episode_id)
    return None


def _read_task(connection: Connection, episode_id: int) -> _Task | None:
    episode = get_episode(connection, episode_id)
    if episode.listening_sha256 is None:
        return None
    published, spoken = (
        tuple(list_turns(connection, episode_id, edition, public=False))
        for edition in (Edition.PUBLISHED, Edition.SPOKEN)
    )
    if not any(held.turn.words for held in published) or not any(held.turn.words for held in spoken):
        return None
    last_ms = max(held.turn.end_ms or 0 for held in spoken)
    return _Task(
        published,
        spoken,
        files.read_speech(connection, episode.listening_sha256) or (),
        max(episode.duration_ms or 0, last_ms),
        Hints(
            tuple(_read_clocks(connection, episode_id, published)),
            tuple(_spans(held.turn for held in spoken if held.turn.kind is TurnKind.MUSIC)),
            tuple(_voice_starts(spoken)),
        ),
    )


def _piece(turn: Turn) -> TextPiece:
    paragraphs = tuple(at for at, word in enumerate(turn.words) if at and word.paragraph)
    musical = turn.kind is TurnKind.MUSIC or (
        turn.kind is TurnKind.EVENT and MUSICAL.search(turn.label or "") is not None
    )
    return TextPiece(tuple(word.text for word in turn.words), paragraphs, musical and not turn.words)


def _spans(turns: Iterator[Turn]) -> Iterator[tuple[int, int]]:
    for turn in turns:
        if turn.start_ms is not None and turn.end_ms is not None:
            yield turn.start_ms, turn.end_ms


def _voice_starts(spoken: Sequence[StoredTurn]) -> Iterator[int]:
    speaking = [held for held in spoken if held.turn.words]
    for one, two in pairwise(speaking):
        if one.turn.voice != two.turn.voice and two.turn.start_ms is not None:
            yield two.turn.start_ms


def _read_clocks(
    connection: Connection, episode_id: int, published: Sequence[StoredTurn]
) -> Iterator[DatedWord]:
    """Find the moments that the text's document names, at the words as they are today."""
    document = latest_document(connection, episode_id)
    if document is None:
        return
    base = document.base
    dated = {(hint.turn, hint.word): hint.at_ms for hint in base.hints}
    for number, turn in enumerate(base.turns):
        if turn.words and turn.words[0].start_ms is not None:
            dated.setdefault((number, 0), turn.words[0].start_ms)
    if not dated:
        return
    then = [word_key(word.text) for turn in base.turns for word in turn.words]
    today = [word_key(word.text) for held in published for word in held.turn.words]
    places = [(at, word) for at, held in enumerate(published) for word in range(len(held.turn.words))]
    now_at = dict(align_words(then, today))
    firsts = list(accumulate((len(turn.words) for turn in base.turns), initial=0))
    for (number, word), at_ms in sorted(dated.items()):
        here = now_at.get(firsts[number] + word)
        if here is not None:
            yield DatedWord(*places[here], at_ms)


def _keep(
    connection: Connection, episode_id: int, task: _Task, found: Alignment, now: datetime
) -> AlignmentReport:
    words = [word for piece in found.pieces for word in piece.words]
    report = AlignmentReport(
        now,
        round(found.score, 4),
        found.holds,
        len(words),
        sum(word.heard for word in words) if found.holds else 0,
    )
    changed = 0
    if found.holds:
        placed = [_place(held, piece) for held, piece in zip(task.published, found.pieces, strict=True)]
        changed += place_turns(connection, zip(task.published, placed, strict=True))
        starts = {
            held.id: turn.start_ms
            for held, turn in zip(task.published, placed, strict=True)
            if turn.start_ms is not None
        }
        changed += place_headings(connection, episode_id, starts)
        pairs = pair_voices(list(_text_speech(task, found)), _heard_speech(task.spoken))
        evidence, joined = _join_pairs(connection, task, pairs)
        changed += joined
        report = replace(
            report,
            clock_shift_ms=found.clock_shift_ms,
            contradicted=tuple(
                (task.published[dated.piece].id, dated.word, dated.at_ms) for dated in found.contradicted
            ),
            gaps=tuple(_keep_gaps(task, found)),
            confidences={
                held.id: piece.confidences
                for held, piece in zip(task.published, found.pieces, strict=True)
                if piece.words
            },
            voices=evidence,
        )
    if save_alignment(connection, episode_id, report) or changed:
        facts = {"score": report.score, "words": report.words, "heard": report.heard}
        record_act(connection, episode_id, "aligned", facts, now)
        log_change(connection, episode_id, now)
    return report


def _place(held: StoredTurn, piece: PlacedPiece) -> Turn:
    """Give a turn its times, and doubts where nobody says its words."""
    turn = held.turn
    kept = [doubt for doubt in turn.doubts if doubt.kind is not DoubtKind.UNPLACED]
    doubts = [*kept, *_unplaced(piece)]
    words = tuple(
        replace(word, start_ms=at.start_ms, end_ms=at.end_ms, heard=at.heard)
        for word, at in zip(turn.words, piece.words, strict=True)
    )
    doubts.sort(key=lambda doubt: (doubt.first_word, doubt.last_word))
    return replace(
        turn,
        words=words,
        start_ms=piece.start_ms,
        end_ms=piece.end_ms,
        doubts=turn.doubts if set(doubts) == set(turn.doubts) else tuple(doubts),
    )


def _unplaced(piece: PlacedPiece) -> Iterator[Doubt]:
    """Yield doubts of words that nobody says, none longer than somebody can be asked about."""
    for first, last in piece.unplaced:
        for at in range(first, last + 1, LONGEST_DOUBT):
            yield Doubt(DoubtKind.UNPLACED, at, min(at + LONGEST_DOUBT - 1, last))


def _keep_gaps(task: _Task, found: Alignment) -> Iterator[KeptGap]:
    for gap in found.gaps:
        first, last = (place and task.published[place[0]].id for place in (gap.first, gap.last))
        yield KeptGap(GapKind(gap.kind), gap.start_ms, gap.end_ms, first, last)


def _text_speech(task: _Task, found: Alignment) -> Iterator[Said]:
    """Yield when the text's voices speak, where that is known."""
    for held, piece in zip(task.published, found.pieces, strict=True):
        if held.voice is not None and piece.words and not piece.unplaced:
            yield Said(held.voice.id, piece.start_ms, piece.end_ms)


def _heard_speech(spoken: Sequence[StoredTurn]) -> Iterator[Said]:
    for held in spoken:
        for word in held.turn.words if held.voice is not None else ():
            if word.start_ms is not None and word.end_ms is not None and held.voice is not None:
                yield Said(held.voice.id, word.start_ms, word.end_ms)


def _join_pairs(
    connection: Connection, task: _Task, pairs: Sequence[VoicePair]
) -> tuple[tuple[VoiceEvidence, ...], int]:
    """Make one voice of each sure pair, and say what became of every pair."""
    ours = {held.voice.id: held.voice for held in task.published if held.voice}
    theirs = {held.voice.id: held.voice for held in task.spoken if held.voice}
    evidence: dict[tuple[int, int], VoiceEvidence] = {}
    joined = 0
    for pair in pairs:
        one, two = ours[pair.text_voice], theirs[pair.heard_voice]
        verdict, kept, other = _judge(one, two, pair), one, two
        if verdict is VoiceVerdict.NAMED and one.name is None and two.name is not None:
            kept, other = two, one
        if verdict is VoiceVerdict.NAMED and kept.id != other.id:
            join_voices(connection, Edition.SPOKEN if kept is one else Edition.PUBLISHED, other, kept)
            joined += 1
        key = kept.id, kept.id if verdict is VoiceVerdict.NAMED else two.id
        before = evidence.get(key, VoiceEvidence(*key, 0, 0, verdict))
        evidence[key] = replace(
            before, shared_ms=before.shared_ms + pair.shared_ms, heard_ms=before.heard_ms + pair.heard_ms
        )
    return tuple(evidence[key] for key in sorted(evidence)), joined


def _judge(text: Voice, heard: Voice, pair: VoicePair) -> VoiceVerdict:
    """Say whether two voices become one: never against what a person said."""
    if text.id == heard.id:
        return VoiceVerdict.NAMED
    if not pair.is_sure:
        return VoiceVerdict.UNSURE
    named = heard.attribution is Attribution.HUMAN and text.name is not None
    return VoiceVerdict.KEPT if named and heard.name != text.name else VoiceVerdict.NAMED
