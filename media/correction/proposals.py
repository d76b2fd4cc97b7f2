"""Corrections that wait for a reviewer: a visitor's, or a machine's that heard the episode again.

A visitor has no account: a secret link shows what became of the proposal, and only its SHA-256 is
kept. Whatever is accepted goes into the transcript by an ordinary act, with its proposer as author,
and is undone like any other.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from media.correction import tables
from media.correction.acts import TextChange, check_length, save_texts
from media.correction.alignment import align_words
from media.correction.authors import Author
from media.correction.errors import (
    EmptyProposalError,
    ProposalDecidedError,
    ReasonMissingError,
)
from media.correction.history import read_version
from media.correction.journal import ActKind, Outcome, at_version, gone_turn, stale_turn, take_turns
from media.correction.locks import refuse_locked
from media.correction.typed import clean_line, split_words
from media.errors import NotFoundError
from media.people.withdrawn import read_withdrawn
from media.transcripts import StoredTurn, get_turns

MAX_COMMENT_LENGTH = 2_000
TOKEN_BYTES = 24


class Source(StrEnum):
    """Whose proposal it is."""

    PERSON = "person"
    MACHINE = "machine"


class Fate(StrEnum):
    """What became of a proposal."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    ADJUSTED = "adjusted"  # accepted with other words
    RETURNED = "returned"  # with a reason
    OVERTAKEN = "overtaken"  # its words are no longer there, or a later machine heard them again


@dataclass(frozen=True, slots=True)
class Proposal:
    """A correction proposed for a turn."""

    id: int
    episode_id: int
    turn_id: int
    version: int  # of the turn that it was made for
    source: Source
    text: str  # a person's: the whole turn; a machine's: in place of the words replaced
    replaced: str  # what stands there: the whole turn, or these words of it
    first_word: int | None  # a machine's
    last_word: int | None  # less than the first where words are only added
    author: Author
    comment: str | None
    made_at: datetime
    fate: Fate
    decided_at: datetime | None
    decider: str | None
    answer: str | None
    act_id: int | None


def propose(
    connection: Connection,
    turn_id: int,
    version: int,
    text: str,
    author: Author,
    now: datetime,
    *,
    comment: str | None = None,
) -> tuple[int, str]:
    """Propose a text for a turn; returns the proposal's identity and the secret of its link.

    EmptyProposalError where it changes nothing; RefusedSaveError where the turn changed since.
    """
    check_length(TextChange(turn_id, version, text))
    held = take_turns(connection, [turn_id])
    if turn_id not in held:
        raise gone_turn(connection, turn_id, version, text)
    current = held[turn_id]
    refuse_locked(connection, current.episode_id, current.edition)
    clean = " ".join(split_words(text))
    seen = None if current.version == version else read_version(connection, turn_id, version)
    if seen is not None and seen.text != current.turn.text:
        raise stale_turn(current, version, text)
    if not clean or clean == " ".join(split_words(current.turn.text)):
        raise EmptyProposalError(f"nothing new for turn {turn_id}")
    secret = secrets.token_urlsafe(TOKEN_BYTES)
    row = insert(tables.proposal).values(
        episode_id=current.episode_id,
        turn_id=turn_id,
        version=current.version,
        source=Source.PERSON,
        text=clean,
        replaced=current.turn.text,
        made_at=now,
        account_id=author.account_id,
        author=clean_line(author.name),
        comment=clean_line(comment or "")[:MAX_COMMENT_LENGTH] or None,
        token_hash=_hash(secret),
        outcome=Fate.WAITING,
    )
    return int(connection.execute(row.returning(tables.proposal.c.id)).scalar_one()), secret


def list_proposals(
    connection: Connection,
    *,
    episode_id: int | None = None,
    turn_id: int | None = None,
    source: Source | None = None,
    fate: Fate | None = Fate.WAITING,
    limit: int = 100,
) -> list[Proposal]:
    """List proposals, people's first, the oldest first; `fate` None: whatever became of them.

    Without what was withdrawn, here and in `find_proposal`.
    """
    held = tables.proposal.c
    wanted = (
        (held.episode_id, episode_id),
        (held.turn_id, turn_id),
        (held.source, source),
        (held.outcome, fate),
    )
    query = select(tables.proposal).where(*[column == value for column, value in wanted if value is not None])
    order = query.order_by(held.source.desc(), held.id).limit(limit)
    return _without_withdrawn(connection, [_proposal(row) for row in connection.execute(order)])


def count_proposals(connection: Connection, author: Author | None = None) -> dict[Fate, int]:
    """Count people's proposals by what became of them; of one author where one is given."""
    held = tables.proposal.c
    query = select(held.outcome, func.count()).where(held.source == Source.PERSON).group_by(held.outcome)
    if author is not None:
        query = query.where(
            held.author == author.name, held.account_id.is_not_distinct_from(author.account_id)
        )
    counts = {Fate(fate): count for fate, count in connection.execute(query)}
    return {fate: counts.get(fate, 0) for fate in Fate}


def get_proposal(connection: Connection, proposal_id: int) -> Proposal:
    """Read a proposal as it was made, to decide on it; NotFoundError where there is none."""
    row = connection.execute(select(tables.proposal).where(tables.proposal.c.id == proposal_id)).first()
    if row is None:
        raise NotFoundError(f"no proposal {proposal_id}", kind="page", name=str(proposal_id))
    return _proposal(row)


def find_proposal(connection: Connection, secret: str) -> Proposal | None:
    """Find the proposal of a secret link."""
    query = select(tables.proposal).where(tables.proposal.c.token_hash == _hash(secret))
    row = connection.execute(query).first()
    return None if row is None else _without_withdrawn(connection, [_proposal(row)])[0]


def _without_withdrawn(connection: Connection, proposals: Sequence[Proposal]) -> list[Proposal]:
    """Put the notice in place of texts for a turn in which words are withdrawn, and hide withdrawn names."""
    withdrawn = read_withdrawn(connection, {proposal.episode_id for proposal in proposals})
    if not withdrawn.passages and not withdrawn.names:
        return list(proposals)
    turns = get_turns(connection, {proposal.turn_id for proposal in proposals}, public=False)
    shown = []
    for proposal in proposals:
        held, language = turns.get(proposal.turn_id), withdrawn.languages.get(proposal.episode_id)
        text, replaced = (withdrawn.hide_names(said, language) for said in (proposal.text, proposal.replaced))
        if proposal.episode_id in withdrawn.passages and (
            held is None or withdrawn.touches(held.turn, held.episode_id, held.id, held.edition)
        ):
            text = replaced = withdrawn.tell(proposal.episode_id)
        shown.append(replace(proposal, text=text, replaced=replaced))
    return shown


def write_text(connection: Connection, proposal: Proposal, current: StoredTurn) -> str:
    """Write the turn as a proposal would have it; ProposalDecidedError where its words have changed."""
    if proposal.source is Source.PERSON:
        return proposal.text
    return _with_words(connection, proposal, current)


def accept(connection: Connection, proposal_id: int, author: Author, now: datetime) -> Outcome:
    """Put a proposal's words in place; the proposer is the author, and `author` is who decided.

    A person's whose turn changed since raises TurnConflictError: adjust it. A machine's whose words
    changed since raises ProposalDecidedError.
    """
    proposal = _take(connection, proposal_id)
    current = _turn_of(connection, proposal)
    text = write_text(connection, proposal, current)
    if proposal.source is Source.PERSON and current.turn.text != proposal.replaced:
        raise stale_turn(current, proposal.version, proposal.text)
    writer = author if proposal.source is Source.MACHINE else proposal.author
    outcome = _apply(connection, proposal, current, text, writer, author, now)
    _decide(connection, proposal, Fate.ACCEPTED, author, now, act_id=outcome.act_id)
    return outcome


def adjust(
    connection: Connection, proposal_id: int, version: int, text: str, author: Author, now: datetime
) -> Outcome:
    """Accept a proposal with other words: `text` is the whole turn, typed over this version of it."""
    proposal = _take(connection, proposal_id)
    current = at_version(connection, take_turns(connection, [proposal.turn_id]), proposal.turn_id, version)
    outcome = _apply(connection, proposal, current, text, author, author, now)
    _decide(connection, proposal, Fate.ADJUSTED, author, now, act_id=outcome.act_id)
    return outcome


def return_proposal(
    connection: Connection, proposal_id: int, reason: str, author: Author, now: datetime
) -> None:
    """Leave the text as it is, and say why; a machine needs no reason."""
    proposal = _take(connection, proposal_id)
    answer = clean_line(reason)[:MAX_COMMENT_LENGTH]
    if not answer and proposal.source is Source.PERSON:
        raise ReasonMissingError(f"proposal {proposal_id} is returned without a reason")
    _decide(connection, proposal, Fate.RETURNED, author, now, answer=answer or None)


def _take(connection: Connection, proposal_id: int) -> Proposal:
    query = select(tables.proposal).where(tables.proposal.c.id == proposal_id).with_for_update()
    row = connection.execute(query).first()
    if row is None or row.outcome != Fate.WAITING:
        raise ProposalDecidedError(f"proposal {proposal_id} is not waiting")
    return _proposal(row)


def _turn_of(connection: Connection, proposal: Proposal) -> StoredTurn:
    held = take_turns(connection, [proposal.turn_id])
    if proposal.turn_id not in held:
        raise gone_turn(connection, proposal.turn_id, proposal.version, proposal.text)
    return held[proposal.turn_id]


def _with_words(connection: Connection, proposal: Proposal, current: StoredTurn) -> str:
    """Write a turn's text with a machine's words in place of those that it heard otherwise."""
    words = [word.text for word in current.turn.words]
    first, last = proposal.first_word or 0, proposal.last_word or 0
    if current.version != proposal.version:
        old = read_version(connection, current.id, proposal.version)
        moved = dict(align_words([word.text for word in old.turn.words], words)) if old else {}
        first, last = _follow(moved, first, last, len(old.turn.words) if old else 0, len(words))
    if first < 0 or " ".join(words[first : last + 1]) != proposal.replaced:
        raise ProposalDecidedError(f"the words of proposal {proposal.id} have changed")
    return " ".join([*words[:first], *proposal.text.split(" "), *words[last + 1 :]]).strip()


def _follow(moved: dict[int, int], first: int, last: int, old_length: int, length: int) -> tuple[int, int]:
    """Find where some words of a turn stand now, or the place between two; -1 where they changed."""
    if first <= last:
        places = [moved.get(at, -1) for at in range(first, last + 1)]
        whole = places == list(range(places[0], places[0] + len(places)))
        return (places[0], places[-1]) if whole else (-1, -1)
    before = -1 if first == 0 else moved.get(first - 1, -2)
    after = length if first == old_length else moved.get(first, -2)
    return (after, before) if after == before + 1 else (-1, -1)


def _apply(
    connection: Connection,
    proposal: Proposal,
    current: StoredTurn,
    text: str,
    writer: Author,
    checker: Author,
    now: datetime,
) -> Outcome:
    return save_texts(
        connection,
        [TextChange(current.id, current.version, text)],
        writer,
        now,
        kind=ActKind.PROPOSAL,
        reason=proposal.comment,
        checker=checker,
        facts={"proposal": proposal.id, "proposer": proposal.author.name, "decider": checker.name},
    )


def _decide(
    connection: Connection,
    proposal: Proposal,
    fate: Fate,
    author: Author,
    now: datetime,
    *,
    act_id: int | None = None,
    answer: str | None = None,
) -> None:
    connection.execute(
        update(tables.proposal)
        .where(tables.proposal.c.id == proposal.id)
        .values(outcome=fate, decided_at=now, decider=author.name, act_id=act_id, answer=answer)
    )


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _proposal(row: Row[Any]) -> Proposal:
    return Proposal(
        row.id,
        row.episode_id,
        row.turn_id,
        row.version,
        Source(row.source),
        row.text,
        row.replaced or "",
        row.first_word,
        row.last_word,
        Author(row.account_id, row.author),
        row.comment,
        row.made_at,
        Fate(row.outcome),
        row.decided_at,
        row.decider,
        row.answer,
        row.act_id,
    )
