"""Write today's words into the wiki page that they came from: what was not changed stays to the byte.

The page's words, as they were understood when it came, are aligned with today's. Each line of
today (a paragraph, an event) has at most one home in the page, the block that gave it most of its
words; between two words that both have side by side, the page's own characters are kept. So links,
emphasis, comments and spaces stay where they are, and markup around a word that went stays too.
Pure.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from media.correction.alignment import align_words
from media.texts.documents import HeldDocument
from media.texts.values import Block, BlockKind
from media.transcript import Turn, TurnKind
from media.transcripts import StoredTurn
from media.writing.script import Labels, list_paragraphs
from media.writing.wiki_text import escape, is_said, name_speaker, write_sound
from media.writing.wiki_words import find_markup, is_balanced, replace_word

SOUND = "\0"  # how the key of an event begins: no word holds it
SOUNDS = (BlockKind.EVENT, BlockKind.MUSIC)
PARTED = re.compile(r"(\s|<br\s*/?>)*", re.IGNORECASE)
# Emphasis of nothing and links without words, left where all that they held went.
EMPTY = re.compile(
    r"<(em|i|b|strong|u|s|span)\b[^<>]*>\s*</\1>|(?<!')('{2,3}|'{5})\2(?!')|\[https?://[^\s\]]+\s*\]",
    re.IGNORECASE,
)
ANCHOR = re.compile(r"<!-- t=[\d.]+ -->")
NAME = re.compile(
    r"(?:<(?:b|strong)>|''')?(?:[^<>':]|'(?!''))*(?::[\s\xa0]*)?(?:</(?:b|strong)>|''')?[\s\xa0]*(?::[\s\xa0]*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Place:
    """A word of the page: its block, and its own number there; an event is its block's only one."""

    block: int
    word: int


@dataclass(slots=True)
class Said:
    """A word or an event of today, and which one of the page it is."""

    text: str  # of a word; of an event, its key
    place: Place | None = None


@dataclass(slots=True)
class Line:
    """A paragraph or an event of today, and the block of the page that it is written in."""

    turn: Turn
    begins: bool  # a turn
    speaker: str | None
    said: list[Said] = field(default_factory=list)
    home: int | None = None


def write_back(held: HeldDocument, turns: Sequence[StoredTurn], labels: Labels) -> str:
    """Write a page with today's turns in it."""
    page = Page(held)
    lines = list(_list_lines(held, turns, labels))
    page.place(lines)
    lines = page.join_cut(lines)
    find_homes(lines)
    return page.write(lines, labels.nobody)


def _list_lines(held: HeldDocument, turns: Sequence[StoredTurn], labels: Labels) -> Iterator[Line]:
    named = {voice: name for name, voice in held.voices.items()}
    for stored in turns:
        turn, voice = stored.turn, stored.voice
        if turn.kind is not TurnKind.SPEECH:
            yield Line(turn, True, None, [Said(_sound_key(turn.label or ""))])
            continue
        speaker = None
        if voice is not None:
            speaker = voice.name or named.get(voice.id) or labels.voice % voice.number
        for at, words in enumerate(list_paragraphs(stored)):
            yield Line(turn, at == 0, speaker, [Said(word.text) for word in words])


def find_homes(lines: Sequence[Line]) -> None:
    """Give each line the block that gave it most of its words, and that gave most of its own to it."""
    counts = [Counter(said.place.block for said in line.said if said.place is not None) for line in lines]
    owners: dict[int, int] = {}
    for number, count in enumerate(counts):
        for block, shared in count.items():
            if block not in owners or shared > counts[owners[block]][block]:
                owners[block] = number
    for number, (line, count) in enumerate(zip(lines, counts, strict=True)):
        own = [block for block in count if owners[block] == number]
        line.home = max(own, key=lambda block: count[block], default=None)


class Page:
    """A wiki page as it came, and its words in order."""

    def __init__(self, held: HeldDocument) -> None:
        self.source = held.read.text
        self.blocks = held.read.blocks
        self.tokens = [
            (text, Place(number, word))
            for number, block in enumerate(self.blocks)
            for word, text in enumerate(_list_keys(block))
        ]
        self.starts: set[Place] = set()
        at = 0
        for turn in held.base.turns:
            self.starts.add(self.tokens[at][1])
            at += len(turn.words) or 1

    def place(self, lines: Sequence[Line]) -> None:
        """Find each word of today in the page: whole lines first, then words between those."""
        ours = [[said.text for said in line.said] for line in lines]
        theirs: list[list[tuple[str, Place]]] = []
        for token in self.tokens:
            if token[1].word == 0:
                theirs.append([])
            theirs[-1].append(token)
        wholes = align_words(
            [" ".join(text for text, _ in line) for line in theirs], [" ".join(line) for line in ours]
        )
        upto = other_upto = 0
        for at, to in [*wholes, (len(theirs), len(ours))]:
            between = [token for line in theirs[upto:at] for token in line]
            _place_words(between, [said for line in lines[other_upto:to] for said in line.said])
            if at < len(theirs):
                for said, (_, place) in zip(lines[to].said, theirs[at], strict=True):
                    said.place = place
            upto, other_upto = at + 1, to + 1

    def join_cut(self, lines: Sequence[Line]) -> list[Line]:
        """Join what only its length cut in two: a turn that begins inside a block, in the page as here."""
        joined: list[Line] = []
        for line in lines:
            first = line.said[0].place
            last = joined[-1].said[-1].place if joined else None
            is_cut = first is not None and last is not None and first.word > 0 and first in self.starts
            if is_cut and line.begins and last == Place(first.block, first.word - 1):  # type: ignore[union-attr]
                joined[-1].said += line.said
            else:
                joined.append(line)
        return joined

    def write(self, lines: Sequence[Line], nobody: str) -> str:
        """Write the page with these lines at home in it."""
        rewritten: dict[int, str] = {}
        after: dict[int, str] = {}
        speaker: str | None = None  # whom a reader takes a line without a name for
        home = -1
        fresh = True  # nobody has spoken since a heading or an event: a turn begins by itself
        for line in lines:
            if line.home is not None:
                fresh = fresh or self._has_heading(home, line.home)
                home = line.home
                rewritten[home] = self._write_line(line, speaker, nobody, fresh=fresh)
            else:
                after[home] = after.get(home, "") + _write_new(line, speaker, nobody, fresh=fresh)
            fresh = line.turn.kind is not TurnKind.SPEECH
            speaker = speaker if fresh or not line.begins else line.speaker or speaker
        return self._assemble(rewritten, after)

    def _assemble(self, rewritten: dict[int, str], after: dict[int, str]) -> str:
        written, at = "", 0
        for number, block in enumerate(self.blocks):
            between = self.source[at : block.begin]
            at = block.end
            is_body = block.kind in SOUNDS or (block.kind is BlockKind.SPEECH and block.words)
            if is_body and number not in rewritten:
                written += "" if PARTED.fullmatch(between) else between
                written = ANCHOR.sub("", written) if ANCHOR.fullmatch(written[-30:].strip()) else written
                continue
            if is_body and -1 in after:
                written += between + after.pop(-1).strip() + "\n\n" + rewritten[number]
            else:
                written += between + rewritten.get(number, self.source[block.begin : block.end])
            written += after.get(number, "")
        return written + self.source[at:] + after.get(-1, "")

    def _has_heading(self, begin: int, end: int) -> bool:
        return any(block.kind is BlockKind.HEADING for block in self.blocks[begin + 1 : end])

    def _write_line(self, line: Line, speaker: str | None, nobody: str, *, fresh: bool) -> str:
        assert line.home is not None  # noqa: S101 -- find_homes gave it
        block = self.blocks[line.home]
        if block.kind in SOUNDS:
            unchanged = line.said[0].text == _list_keys(block)[0]
            return self.source[block.begin : block.end] if unchanged else write_sound(line.turn)
        ahead = self.source[block.begin : block.words[0].begin]
        behind = self.source[block.words[-1].end : block.end]
        body = self._write_body(line, line.home)
        wanted = line.speaker if line.begins else None
        if block.speaker is not None and not line.begins and is_said(body):
            ahead = NAME.sub("", ahead, count=1)
        elif block.speaker is not None and line.begins and line.speaker != block.speaker:
            ahead = name_speaker(line.speaker or nobody)
        elif block.speaker is None and line.begins and not self._begins_alike(line, speaker, fresh=fresh):
            ahead = name_speaker(wanted or nobody) + ahead
        kept = {said.place.word for said in line.said if said.place and said.place.block == line.home}
        written = ahead + body + behind
        return written if len(kept) == len(block.words) else EMPTY.sub("", written)

    def _begins_alike(self, line: Line, speaker: str | None, *, fresh: bool) -> bool:
        """Tell whether a turn without a name in the page is still read as this one."""
        first = line.said[0].place
        begun = first in self.starts if first is not None else False
        return line.speaker == speaker and (fresh or begun)

    def _write_body(self, line: Line, home: int) -> str:
        written, last = "", -1
        for at, said in enumerate(line.said):
            place = said.place
            if place is not None and place.block == home:
                between = self._write_between(home, last, place.word)
                written += between if last >= 0 else between + (" " if written else "")
                written += self._write_word(place, said.text)
                last = place.word
            else:
                written += (" " if written else "") + self._write_strange(line.said, at)
        return written + self._write_between(home, last, len(self.blocks[home].words)).rstrip()

    def _write_between(self, home: int, last: int, following: int) -> str:
        """Write what stands between two words of a block; of the words that went, their markup."""
        words = self.blocks[home].words
        written = ""
        for at in range(last, following):
            if at > last:
                word = words[at]
                written += find_markup(self.source[word.begin : word.end], word.text)
            if 0 <= at < len(words) - 1:
                written += self.source[words[at].end : words[at + 1].begin]
        if following == last + 1:
            return written
        return close_up(written if last >= 0 else written.lstrip())

    def _write_word(self, place: Place, text: str) -> str:
        word = self.blocks[place.block].words[place.word]
        source = self.source[word.begin : word.end]
        return source if text == word.text else replace_word(source, word.text, text)

    def _write_strange(self, said: Sequence[Said], at: int) -> str:
        """Write a word that is new in this block: with the markup that it had in another, if it closes."""
        place = said[at].place
        if place is None:
            return escape(said[at].text)
        written = self._write_word(place, said[at].text)
        return written if is_balanced(written) else escape(said[at].text)


def close_up(between: str) -> str:
    """Leave one space where words went from between spaces, outside of the markup that they stood in.

    >>> close_up(" <em> "), close_up(" </em> ")
    (' <em>', '</em> ')
    """
    inside = re.sub(r"(<[A-Za-z][^<>]*>)[ \t\xa0]+", r"\1", between)
    return re.sub(r"[ \t\xa0]+(?=</)|(?<=[ \t\xa0])[ \t\xa0]+", "", inside)


def _place_words(theirs: Sequence[tuple[str, Place]], ours: Sequence[Said]) -> None:
    """Pair equal words, then those that stand in each other's place."""
    pairs = align_words([text for text, _ in theirs], [said.text for said in ours])
    begin = first = 0
    for at, to in [*pairs, (len(theirs), len(ours))]:
        for (text, place), said in zip(theirs[begin:at], ours[first:to], strict=False):
            if text.startswith(SOUND) == said.text.startswith(SOUND):
                said.place = place
        if at < len(theirs):
            ours[to].place = theirs[at][1]
        begin, first = at + 1, to + 1


def _write_new(line: Line, speaker: str | None, nobody: str, *, fresh: bool) -> str:
    """Write a line that the page does not have, after the one before it."""
    if line.turn.kind is not TurnKind.SPEECH:
        return "\n\n" + write_sound(line.turn)
    text = " ".join(said.text for said in line.said)
    if not line.begins:
        return f"<br/>\n{escape(text, heads_line=True)}" if is_said(text) else f" {escape(text)}"
    if fresh and line.speaker == speaker and is_said(text):
        return f"\n\n{escape(text, heads_line=True)}"
    return f"\n\n{name_speaker(line.speaker or nobody)}{escape(text)}"


def _list_keys(block: Block) -> list[str]:
    if block.kind is BlockKind.SPEECH:
        return [word.text for word in block.words]
    if block.kind is BlockKind.MUSIC:
        return [_sound_key(" par ".join(part for part in (block.label, block.value) if part))]
    return [_sound_key(block.label)] if block.kind is BlockKind.EVENT else []


def _sound_key(label: str) -> str:
    return SOUND + label
