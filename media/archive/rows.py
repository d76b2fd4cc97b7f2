"""Rows of tables as lines of JSON, and back, whatever their columns hold.

A line is the row's columns in the table's order; moments are ISO 8601 in UTC, bytes are base64,
packed words are the JSON that they are. Reading refuses what a column cannot hold.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Column, Float, Integer, LargeBinary, String, Table, Text

from media.archive.errors import ArchiveDamagedError
from media.schema import UtcDateTime
from media.transcript import pack_words, unpack_words

ADDRESS = re.compile(r"https?://[^\s]+", re.IGNORECASE)
SHA256 = re.compile(r"[0-9a-f]{64}")
SUFFIX = re.compile(r"\.[a-z0-9]{1,7}")
ADDRESSES = frozenset({"url", "link", "site_url", "feed_url", "licence_url", "enclosure_url", "chapters_url"})
KINDS: tuple[tuple[Any, type | tuple[type, ...]], ...] = (
    (Boolean, bool),
    (Integer, int),
    (BigInteger, int),
    (Float, (int, float)),
    (Text, str),
    (String, str),
)


def write_row(table: Table, row: Mapping[str, Any]) -> str:
    """Write a row as a line."""
    held = {column.name: _write(column, row[column.name]) for column in table.c if column.name in row}
    return json.dumps(held, ensure_ascii=False, separators=(",", ":")) + "\n"


def read_rows(table: Table, lines: Iterable[bytes], name: str) -> Iterator[dict[str, Any]]:
    """Read the rows of a file; ArchiveDamagedError, with the line's number, for what is no row."""
    for number, line in enumerate(lines, start=1):
        try:
            yield _read_row(table, json.loads(line))
        except (ValueError, TypeError, KeyError, binascii.Error, RecursionError) as error:
            detail = f"{name}:{number}: {error}"
            raise ArchiveDamagedError(detail, "line", file=name, line=number) from error


def _read_row(table: Table, held: Any) -> dict[str, Any]:
    if not isinstance(held, dict) or not held.keys() <= {column.name for column in table.c}:
        raise ValueError("not a row of this table")
    return {name: _read(table.c[name], value) for name, value in held.items()}


def _write(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, UtcDateTime):
        return value.isoformat()
    if isinstance(column.type, LargeBinary):
        return base64.b64encode(value).decode()
    return json.loads(value) if _holds_words(column) else value


def _read(column: Column[Any], value: Any) -> Any:
    if value is None:
        if not column.nullable and not isinstance(column.type, JSON):
            raise ValueError(f"{column.name} is missing")
        return None
    if isinstance(column.type, UtcDateTime):
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError(f"{column.name} has no time zone")
        return moment
    if isinstance(column.type, LargeBinary):
        return base64.b64decode(value, validate=True)
    if _holds_words(column):
        return pack_words(unpack_words(json.dumps(value)))
    return _check(column, value)


def _check(column: Column[Any], value: Any) -> Any:
    expected = next((python for kind, python in KINDS if isinstance(column.type, kind)), object)
    is_flag = isinstance(value, bool) and expected not in (bool, object)  # Python takes it for a number
    if not isinstance(value, expected) or is_flag:
        raise ValueError(f"{column.name} is {value!r}")
    return _check_text(column.name, value) if isinstance(value, str) else value


def _check_text(name: str, value: str) -> str:
    if name in ADDRESSES and not ADDRESS.fullmatch(value):
        raise ValueError(f"{name} is no address of the web: {value!r}")
    if name.endswith("sha256") and not SHA256.fullmatch(value):
        raise ValueError(f"{name} is {value!r}")
    if name == "suffix" and not SUFFIX.fullmatch(value):
        raise ValueError(f"suffix is {value!r}")
    return value


def _holds_words(column: Column[Any]) -> bool:
    return column.name == "words" and column.table.name in ("turn", "turn_version")
