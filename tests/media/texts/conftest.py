"""Documents as readers give them, without a reader: fields by hand, turns as lines of dialogue."""

from dataclasses import dataclass, field

from media.correction.typed import split_words
from media.texts.documents import GivenDocument
from media.texts.values import Block, BlockKind, Header, ReadText, ReadWord, TextFormat


@dataclass
class Page:
    """A document of lines: « Nom : texte », « [Jingle] », « == Titre == », or a paragraph."""

    text: str
    header: Header = field(default_factory=Header)
    stub: str | None = None

    @property
    def read(self) -> ReadText:
        """What a reader makes of it."""
        blocks = [block for line in self.text.splitlines() if (block := self._block(line.strip()))]
        return ReadText(
            TextFormat.PLAIN, self.text, "utf-8", self.header, tuple(blocks), published_at_url=self.stub
        )

    def given(self, name: str = "page.txt", source: str = "wiki.april.org") -> GivenDocument:
        """Give it under a name."""
        return GivenDocument(name, self.text.encode(), source)

    def _block(self, line: str) -> Block | None:
        if not line:
            return None
        if line.startswith("=="):
            return Block(BlockKind.HEADING, 0, 0, label=line.strip("= "))
        if line.startswith("["):
            return Block(BlockKind.EVENT, 0, 0, label=line.strip("[]"))
        name, colon, said = line.partition(" : ")
        words = tuple(ReadWord(word, 0, 0) for word in split_words(said if colon else line))
        return Block(BlockKind.SPEECH, 0, 0, speaker=name if colon else None, words=words)
