"""The archive for assistants: a Model Context Protocol server on standard input and output.

Two tools, both read-only: nothing is written down, no quote is made. What is withdrawn or private
is in neither. Each answer says which words a machine recognised and nobody has read, and links
to the second, so that an assistant cites instead of inventing. https://modelcontextprotocol.io
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import wraps
from typing import Annotated, Any, Literal

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from media.database import Database
from media.errors import EntenduError
from media.language import terminal_language, translate
from media.settings import Settings
from search import SearchIndex, SearchRequest, describe_result
from terminal.quoting import is_machine_made, read_passage

MAX_EXCERPTS = 20
READ_ONLY = ToolAnnotations(
    readOnlyHint=True, destructiveHint=False, idempotentHint=True, openWorldHint=False
)
INSTRUCTIONS = (
    "An archive of spoken shows, in which every word has its time. Search it, then quote by times. "
    "Give people the text exactly as the quote tool returns it, with its citation and link. "
    "Where machine_made is true, a machine recognised the words and nobody has checked them: say so, "
    "and tell people to listen at the link first. Where smoothed is true, people published an edited text: "
    "it is not word for word."
)
SEARCH = (
    "Search everything that was said. Returns excerpts with episode, speaker, times in milliseconds, state "
    "and link. The words of an excerpt with machine_made true were recognised by a machine and read by "
    "nobody: names in them may be wrong. Times and episode_id are what the quote tool wants."
)
QUOTE = (
    "Read the exact words said between two times of an episode, who says them and how that is known, "
    "what stands before and after, a citation and a link to the second. Reads only: no quote page is made. "
    "text=spoken is what was said (recognised by a machine, then perhaps corrected: see check); "
    "text=published is what people published, smoothed. Withdrawn words are refused."
)


def serve_assistant(settings: Settings, database: Database, index: SearchIndex) -> None:
    """Answer an assistant on standard input and output until it leaves."""
    make_server(settings, database, index).run("stdio")


def make_server(settings: Settings, database: Database, index: SearchIndex) -> MCPServer:
    """Make the server of an open house."""
    server = MCPServer("entendu", title="Entendu", instructions=INSTRUCTIONS, log_level="WARNING")

    @server.tool("search", description=SEARCH, annotations=READ_ONLY)
    @_told
    def search(
        query: Annotated[str, Field(description="Words; quotes for an exact phrase")],
        show: Annotated[str | None, Field(description="Short name of a show, as in its address")] = None,
        speaker: Annotated[str | None, Field(description="Name of a person")] = None,
        since: Annotated[date | None, Field(description="First day of publication")] = None,
        until: Annotated[date | None, Field(description="Last day of publication")] = None,
        limit: Annotated[int, Field(ge=1, le=MAX_EXCERPTS)] = 5,
    ) -> dict[str, Any]:
        request = SearchRequest(
            query,
            shows=(show,) if show else (),
            speakers=(speaker,) if speaker else (),
            since=since,
            until=until,
            limit=limit,
        )
        found = describe_result(index.search(request), settings.site_url)
        return {"total": found["total"], "excerpts": [_excerpt(held) for held in found["excerpts"]]}

    @server.tool("quote", description=QUOTE, annotations=READ_ONLY)
    @_told
    def quote(
        episode: Annotated[int, Field(description="episode_id of an excerpt", ge=1)],
        start: Annotated[str, Field(description="29:12, 0:29:12.5, or seconds: 1752.5")],
        end: Annotated[str, Field(description="As start; words whose middle lies between are quoted")],
        text: Annotated[
            Literal["spoken", "published"] | None, Field(description="Else the text that readers see first")
        ] = None,
    ) -> dict[str, Any]:
        return read_passage(database, settings, episode, start, end, text, datetime.now(UTC))

    return server


def _excerpt(found: dict[str, Any]) -> dict[str, Any]:
    kept = ("show", "episode", "episode_id", "published", "speaker", "start_ms", "end_ms", "text", "state",
            "edition", "url")  # fmt: skip
    machine = is_machine_made(found["edition"], found["state"])
    return {**{name: found[name] for name in kept}, "machine_made": machine}


def _told(tool: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Tell an assistant what went wrong in the sentence that people are told."""

    @wraps(tool)
    def call(*arguments: Any, **values: Any) -> dict[str, Any]:
        try:
            return tool(*arguments, **values)
        except EntenduError as error:
            raise ToolError(translate(error.message, terminal_language())) from error

    return call
