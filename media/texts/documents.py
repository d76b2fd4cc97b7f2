"""Documents as they came: kept for ever, unchanged, with what was understood of them that day."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from media.errors import NotFoundError
from media.texts import tables
from media.texts.packing import pack_base, pack_reading, unpack_base, unpack_reading
from media.texts.values import BlockKind, ReadText, TextFormat, TextTurns

LIGHT = [
    column for column in tables.document.c if column.name not in ("content", "reading", "base", "voices")
]


@dataclass(frozen=True, slots=True)
class GivenDocument:
    """A document that somebody brings, or that a feed offers."""

    name: str
    content: bytes
    source: str  # whom its words are put down to: a site, or a person
    media_type: str = "text/plain"
    url: str | None = None
    choices: Mapping[int, BlockKind] | None = None  # what a person decided of its blocks

    @property
    def sha256(self) -> str:
        """Name the content."""
        return sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Document:
    """A document that is kept, as lists show it."""

    id: int
    episode_id: int
    name: str
    url: str | None
    sha256: str
    media_type: str
    format: TextFormat
    encoding: str
    made_at: datetime
    account_id: int | None
    source: str
    licence: str
    licence_url: str | None
    choices: Mapping[int, BlockKind]
    installed: bool  # its words became the published edition
    published_at_url: str | None  # it only says where the text is


@dataclass(frozen=True, slots=True)
class HeldDocument:
    """A document with its content, unchanged, and what was understood of it."""

    document: Document
    content: bytes
    read: ReadText
    base: TextTurns  # the turns that it gave then
    voices: Mapping[str, int]  # the identity of the voice of each name in it


def add_document(
    connection: Connection,
    episode_id: int,
    given: GivenDocument,
    read: ReadText,
    base: TextTurns,
    now: datetime,
    *,
    account_id: int | None = None,
    voices: Mapping[str, int] | None = None,
    installed: bool = True,
) -> int:
    """Keep a document, and return its identity; `voices`: the identity of each name's voice."""
    row = insert(tables.document).values(
        episode_id=episode_id,
        name=given.name,
        url=given.url,
        sha256=given.sha256,
        content=zlib.compress(given.content),
        media_type=given.media_type,
        format=read.format,
        encoding=read.encoding,
        made_at=now,
        account_id=account_id,
        source=given.source,
        licence=read.header.licence,
        licence_url=read.header.licence_url,
        choices=sorted((given.choices or {}).items()),
        voices=list((voices or {}).items()),
        reading=pack_reading(read, with_text=not _is_plain(given.content, read)),
        base=pack_base(base),
        installed=installed,
        published_at_url=read.published_at_url,
    )
    return int(connection.execute(row.returning(tables.document.c.id)).scalar_one())


def mark_installed(connection: Connection, document_id: int) -> None:
    """Note that a document's words became the published edition."""
    here = tables.document.c.id == document_id
    connection.execute(update(tables.document).where(here).values(installed=True))


def list_documents(connection: Connection, episode_id: int) -> list[Document]:
    """List an episode's documents, newest first."""
    here = tables.document.c.episode_id == episode_id
    query = select(*LIGHT).where(here).order_by(tables.document.c.id.desc())
    return [_document(row) for row in connection.execute(query)]


def get_document(connection: Connection, document_id: int) -> HeldDocument:
    """Read a document whole; NotFoundError where there is none."""
    held = _find(connection, tables.document.c.id == document_id)
    if held is None:
        raise NotFoundError(f"no document {document_id}", kind="document", name=str(document_id))
    return held


def latest_document(connection: Connection, episode_id: int) -> HeldDocument | None:
    """Read the document that the published edition was last brought in line with; None: there is none."""
    held = tables.document.c
    return _find(connection, (held.episode_id == episode_id) & held.installed)


def find_named(connection: Connection, name: str) -> list[Document]:
    """List the documents of this name, in any episode, newest first."""
    query = select(*LIGHT).where(tables.document.c.name == name).order_by(tables.document.c.id.desc())
    return [_document(row) for row in connection.execute(query)]


def _find(connection: Connection, where: Any) -> HeldDocument | None:
    query = select(tables.document).where(where).order_by(tables.document.c.id.desc()).limit(1)
    row = connection.execute(query).first()
    if row is None:
        return None
    content = zlib.decompress(row.content)
    read, base = unpack_reading(row.reading, content), unpack_base(row.base)
    return HeldDocument(_document(row), content, read, base, dict(row.voices))


def _is_plain(content: bytes, read: ReadText) -> bool:
    """Tell a document whose text is its bytes decoded, and nothing else."""
    try:
        return content.decode(read.encoding) == read.text
    except (UnicodeDecodeError, LookupError):
        return False


def _document(row: Row[Any]) -> Document:
    return Document(
        row.id,
        row.episode_id,
        row.name,
        row.url,
        row.sha256,
        row.media_type,
        TextFormat(row.format),
        row.encoding,
        row.made_at,
        row.account_id,
        row.source,
        row.licence,
        row.licence_url,
        {int(block): BlockKind(kind) for block, kind in row.choices},
        row.installed,
        row.published_at_url,
    )
