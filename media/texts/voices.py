"""Whose voice is meant by a name in a document: the episode's own of that name, or a new one."""

from collections.abc import Mapping

from sqlalchemy import Connection, func, insert, select

from media import schema
from media.correction.journal import find_voice
from media.correction.typed import clean_line
from media.texts.values import names_nobody
from media.transcripts import Attribution, Voice, find_speaker

MAX_NAME_LENGTH = 120


class TextVoices:
    """The voices of an episode, by what a document calls them; made as they are asked for."""

    def __init__(
        self, connection: Connection, episode_id: int, known: Mapping[str, int] | None = None
    ) -> None:
        self._connection = connection
        self._episode_id = episode_id
        self._held: dict[str, Voice] = {}
        self._known = dict(known or {})

    def find(self, name: str) -> Voice:
        """Find the voice that a document means, or add it: with the name, unless it is only a number."""
        if name not in self._held:
            self._held[name] = self._find(name)
        return self._held[name]

    @property
    def identities(self) -> dict[str, int]:
        """The identity of each voice that was asked for, by what the document calls it."""
        return {name: voice.id for name, voice in self._held.items()}

    def _find(self, name: str) -> Voice:
        if names_nobody(name):
            return self._find_numbered(name)
        said = clean_line(name)[:MAX_NAME_LENGTH]
        found = find_voice(self._connection, self._episode_id, name=said)
        return found or self._add(said, Attribution.IMPORTED)

    def _find_numbered(self, name: str) -> Voice:
        query = select(schema.voice.c.number).where(
            schema.voice.c.id == self._known.get(name, 0), schema.voice.c.episode_id == self._episode_id
        )
        number = self._connection.execute(query).scalar()
        found = number and find_voice(self._connection, self._episode_id, number=number)
        return found or self._add(None, Attribution.NONE)

    def _add(self, name: str | None, attribution: Attribution) -> Voice:
        here = schema.voice.c.episode_id == self._episode_id
        last = self._connection.execute(select(func.max(schema.voice.c.number)).where(here)).scalar()
        number = (last or 0) + 1
        row = insert(schema.voice).values(
            episode_id=self._episode_id,
            number=number,
            speaker_id=None if name is None else find_speaker(self._connection, self._episode_id, name),
            attribution=attribution,
        )
        identity: int = self._connection.execute(row.returning(schema.voice.c.id)).scalar_one()
        return Voice(identity, number, name, attribution)
