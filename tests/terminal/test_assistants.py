"""Quotes from a terminal, and from an assistant that speaks the protocol's own client, as a process."""

import asyncio
import json
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from sqlalchemy import func, select

from media.people import withdrawals
from media.quotes import tables
from tests.program import entendu, environment
from tests.web.conftest import NOW, Archive, make_archive


@pytest.fixture(scope="module")
def quoted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    sound = tmp_path_factory.mktemp("sound") / "silent.mp3"
    sound.write_bytes(b"never heard here")
    held = make_archive(tmp_path_factory.mktemp("assistants"), sound)
    yield held
    held.database.close()


def count_quotes(archive: Archive) -> int:
    with archive.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(tables.quote)).scalar_one())


def test_a_quote_is_printed_with_its_address_and_citation(quoted: Archive) -> None:
    data = quoted.settings.data
    done = entendu(data, "quote", str(quoted.talk), "0:20", "23.5")
    assert (done.returncode, done.stderr) == (0, "")
    with quoted.database.read() as connection:
        quote_id = connection.execute(select(tables.quote.c.id)).scalar_one()
    assert f"/q/{quote_id}" in done.stdout and "checked by nobody" in done.stdout
    assert "Valbrune passe au logiciel libre" in done.stdout or "Place du Marché" in done.stdout
    said = json.loads(
        entendu(data, "quote", str(quoted.talk), "20", "23.5", "--style", "apa", "--json").stdout
    )
    assert (said["id"], said["standing"]["fate"]) == (quote_id, "same")
    assert "2025, November 19" in said["citation"]


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("1", "30", "20"), 1),
        (("99", "10", "20"), 1),
        (("1", "10", "20", "--style", "latin"), 2),
    ],
)
def test_what_cannot_be_quoted_is_said_in_a_sentence(
    quoted: Archive, arguments: tuple[str, ...], status: int
) -> None:
    before = count_quotes(quoted)
    done = entendu(quoted.settings.data, "quote", *arguments)
    assert (done.returncode, count_quotes(quoted)) == (status, before)
    assert done.stderr and "Traceback" not in done.stderr


def test_an_assistant_searches_and_quotes_and_writes_nothing(quoted: Archive) -> None:
    before = count_quotes(quoted)
    with quoted.database.write() as connection:
        act = withdrawals.withdraw_words(connection, 3, None, "asked", None, NOW)
        start_ms = withdrawals.list_silenced(connection, quoted.talk)[0][0]
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "entendu", "mcp"], env=environment(quoted.settings.data)
    )

    async def talk() -> tuple[Any, ...]:
        async with Client(server) as client:
            tools = (await client.list_tools()).tools
            found = await client.call_tool("search", {"query": "bibliothèque", "limit": 2})
            excerpt = found.structured_content["excerpts"][0]
            times = {"start": str(excerpt["start_ms"] / 1000), "end": str(excerpt["end_ms"] / 1000)}
            read = await client.call_tool("quote", {"episode": excerpt["episode_id"], **times})
            span = {"start": str(start_ms / 1000), "end": str(start_ms / 1000 + 2)}
            gone = await client.call_tool("quote", {"episode": quoted.talk, **span})
            secret = await client.call_tool("quote", {"episode": quoted.private, "start": "0", "end": "2"})
            return tools, excerpt, read.structured_content, gone, secret

    tools, excerpt, read, gone, secret = asyncio.run(talk())
    with quoted.database.write() as connection:
        withdrawals.lift_withdrawal(connection, act, "agreed", None, NOW)
    assert {tool.name for tool in tools} == {"search", "quote"}
    assert all(tool.annotations.read_only_hint for tool in tools)
    assert all("machine" in tool.description for tool in tools)
    assert excerpt["machine_made"] and excerpt["url"].startswith("http")
    assert read["text"] in excerpt["text"] or excerpt["text"].strip("… ") in read["text"]
    assert read["machine_made"] and "#t=" in read["url"] and "#t=" in read["citation"] + read["url"]
    assert gone.is_error and "withdrawn" in gone.content[0].text
    assert secret.is_error and "confidence" not in str(secret)
    assert count_quotes(quoted) == before
