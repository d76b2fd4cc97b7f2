"""The OpenAPI 3.1 description of the JSON API, written by hand beside what it describes.

A test asks every path and holds each answer to its schema. https://spec.openapis.org/oas/v3.1.0
"""

from typing import Any

from media.episodes import EpisodeStatus
from media.quotes.values import Check, Fate
from media.transcript import DoubtKind, Edition, TurnKind, TurnState
from media.transcripts import Attribution
from search.answers import MAX_LIMIT, ORDERS
from web.searches import MAX_PAGE

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
IDENTITY: Schema = {"type": "integer", "minimum": 1}
MS: Schema = {
    "type": ["integer", "null"],
    "minimum": 0,
    "description": "Milliseconds from the audio's start.",
}
MAYBE_TEXT: Schema = {"type": ["string", "null"]}
SPAN: Schema = {
    "type": "array",
    "items": COUNT,
    "minItems": 2,
    "maxItems": 2,
    "description": "Characters, from 0: begin, and end not included.",
}


def describe_api(site_url: str) -> Schema:
    """Describe every path of the API, under the site's own address."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Entendu",
            "version": "1",
            "description": "Read an archive of spoken shows, and quote it: search, shows, episodes, words.",
        },
        "servers": [{"url": site_url.rstrip("/")}],
        "paths": _paths(),
        "components": {"schemas": _schemas()},
    }


def _paths() -> Schema:
    return {
        "/api": {"get": _operation("This description", {"type": "object"})},
        "/api/search": {
            "get": _operation("Excerpts that answer a query", _ref("Search"), _search_parameters())
        },
        "/api/shows": {"get": _operation("Every show", _object(shows=_list(_ref("Show"))))},
        "/api/episodes": {
            "get": _operation(
                "Episodes, newest first",
                _object(total=COUNT, offset=COUNT, limit=COUNT, episodes=_list(_ref("Episode"))),
                [_query("show", "Slug of a show", TEXT), _query("offset", "Episodes to pass over", COUNT)],
                missing=True,
            )
        },
        "/api/episodes/{id}": {
            "get": _operation(
                "One episode with its chapters and turns",
                _ref("EpisodeWithTurns"),
                [{"name": "id", "in": "path", "required": True, "schema": IDENTITY}],
                missing=True,
            )
        },
        "/api/quotes": {
            "get": _operation(
                "One’s own quotes, newest first; signed in only", _object(quotes=_list(_ref("Quote")))
            ),
            "post": _quoting(),
        },
        "/api/quotes/{id}": {
            "get": _with_failures(
                _operation(
                    "A quote as it was frozen, and how it stands",
                    _ref("Quote"),
                    [{"name": "id", "in": "path", "required": True, "schema": TEXT}],
                    missing=True,
                ),
                {"410": ("Its words were withdrawn: how it stands, without them", _ref("Quote"))},
            )
        },
        "/api/status": {"get": _operation("How many episodes stand where", _ref("Status"))},
    }


def _search_parameters() -> list[Schema]:
    return [
        _query("q", "What to search; quotes for an exact phrase", TEXT),
        _query("show", "Slug of a show; several: any of them", _list(TEXT)),
        _query("speaker", "Name of a speaker; several: any of them", _list(TEXT)),
        _query("year", "Year of publication; several: any of them", _list({"type": "integer"})),
        _query("since", "First day of publication", {"type": "string", "format": "date"}),
        _query("until", "Last day of publication", {"type": "string", "format": "date"}),
        _query("state", "How far the words were checked; several: any of them", _list(_one_of(TurnState))),
        _query("episode", "Identity of an episode", IDENTITY),
        _query("sort", "Order; “place” is the order of speech in one episode", {"enum": list(ORDERS)}),
        _query("limit", "Excerpts of a page", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT}),
        _query("page", "Page, from 1", {"type": "integer", "minimum": 1, "maximum": MAX_PAGE}),
    ]


def _schemas() -> Schema:
    episode = {
        "id": IDENTITY,
        "show": TEXT,
        "show_slug": TEXT,
        "title": TEXT,
        "published": {"type": ["string", "null"], "format": "date-time"},
        "duration_ms": MS,
        "language": MAYBE_TEXT,
        "status": _one_of(EpisodeStatus),
        "revision": COUNT,
        "url": {"type": "string", "format": "uri"},
    }
    return {
        "Error": _object(error=TEXT),
        "Show": _object(
            slug=TEXT,
            title=TEXT,
            author=TEXT,
            language=MAYBE_TEXT,
            description_html=TEXT,
            episodes=COUNT,
            transcribed=COUNT,
        ),
        "Episode": _object(**episode),
        "EpisodeWithTurns": _object(
            **episode, chapters=_list(_object(start_ms=COUNT, title=TEXT)), turns=_list(_ref("Turn"))
        ),
        "Turn": _object(
            id=IDENTITY,
            kind=_one_of(TurnKind),
            label=MAYBE_TEXT,
            voice={"type": ["integer", "null"], "minimum": 1},
            speaker=MAYBE_TEXT,
            attribution=_one_of(Attribution),
            start_ms=MS,
            end_ms=MS,
            text=TEXT,
            state=_one_of(TurnState),
            doubts=_list(_object(kind=_one_of(DoubtKind), first_word=COUNT, last_word=COUNT)),
        ),
        "Search": _search_schema(),
        "Quote": _quote_schema(),
        "Status": _object(shows=COUNT, episodes=_object(**{status.value: COUNT for status in EpisodeStatus})),
    }


def _search_schema() -> Schema:
    excerpt = _object(
        show=TEXT,
        episode=TEXT,
        episode_id=IDENTITY,
        published={"type": ["string", "null"], "format": "date-time"},
        speaker=MAYBE_TEXT,
        start_ms=MS,
        end_ms=MS,
        text=TEXT,
        highlights=_list(SPAN),
        turn_id=IDENTITY,
        turn_text=TEXT,
        state=_one_of(TurnState),
        edition=_one_of(Edition),
        url={"type": "string", "format": "uri"},
    )
    excerpt["additionalProperties"] = True
    found = _object(
        total=COUNT,
        query=TEXT,
        took_ms={"type": "number", "minimum": 0},
        excerpts=_list(excerpt),
        corrected=MAYBE_TEXT,
        suggestions=_list(_object(text=TEXT, count=COUNT)),
        ignored=_list(TEXT),
        partial={"type": "boolean"},
        rebuilding={"type": ["integer", "null"], "minimum": 0, "maximum": 100},
    )
    found["additionalProperties"] = True
    return found


def _quote_schema() -> Schema:
    date: Schema = {"type": ["string", "null"], "format": "date-time"}
    bound: Schema = {"oneOf": [_object(ms=COUNT, heard={"type": "boolean"}), {"type": "null"}]}
    piece = _object(
        turn_id=IDENTITY,
        version=COUNT,
        first_word=COUNT,
        last_word=COUNT,
        text=TEXT,
        speaker=MAYBE_TEXT,
        voice={"type": ["integer", "null"], "minimum": 1},
        attribution=_one_of(Attribution),
        state=_one_of(TurnState),
        start_ms=MS,
        end_ms=MS,
    )
    change = _object(fate=_one_of(Fate), made_at=date, author=MAYBE_TEXT, text=MAYBE_TEXT, reason=MAYBE_TEXT)
    standing = _object(
        fate=_one_of(Fate),
        fates=_list(_one_of(Fate)),
        revision=COUNT,
        says_the_same={"type": "boolean"},
        text=MAYBE_TEXT,
        start=bound,
        end=bound,
        withdrawn_at=date,
        changes=_list(change),
        differences=_list(_list(_object(before=TEXT, after=TEXT))),
    )
    return _object(
        id=TEXT,
        url=TEXT,
        text=MAYBE_TEXT,
        edition=_one_of(Edition),
        smoothed={"type": "boolean", "description": "Published by people, not word for word."},
        speakers=_list(TEXT),
        spans=_list(_list(piece)),
        before=TEXT,
        after=TEXT,
        start=bound,
        end=bound,
        show=TEXT,
        episode=TEXT,
        episode_id=IDENTITY,
        episode_url=MAYBE_TEXT,
        published=date,
        language=MAYBE_TEXT,
        check=_one_of(Check),
        licence=MAYBE_TEXT,
        licence_url=MAYBE_TEXT,
        notice=MAYBE_TEXT,
        revision=COUNT,
        original_sha256=MAYBE_TEXT,
        copy_sha256=MAYBE_TEXT,
        captured_at=date,
        author=MAYBE_TEXT,
        standing=standing,
        hearings=_list(_object(author=MAYBE_TEXT, made_at=date, revision=COUNT, overtaken_at=date)),
    )


def _operation(
    summary: str, schema: Schema, parameters: list[Schema] | None = None, *, missing: bool = False
) -> Schema:
    responses = {"200": {"description": summary, "content": {"application/json": {"schema": schema}}}}
    if missing:
        failure = {"application/json": {"schema": _ref("Error")}}
        responses["404"] = {"description": "There is no such thing", "content": failure}
    return {"summary": summary, "parameters": parameters or [], "responses": responses}


def _quoting() -> Schema:
    time: Schema = {
        "type": ["string", "number"],
        "description": "“29:12”, “0:29:12.5”, or seconds.",
    }
    asked = {
        "type": "object",
        "properties": {
            "episode": IDENTITY,
            "text": {
                **_one_of(Edition),
                "description": "Which of the episode’s texts; else the one that leads.",
            },
            "spans": _list({"type": "string", "pattern": r"^\d+\.\d+-\d+\.\d+$"}),
            "start": time,
            "end": time,
        },
        "required": ["episode"],
    }
    operation = _operation("Freeze words as a quote", _ref("Quote"), missing=True)
    operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": asked}}}
    operation["responses"]["201"] = operation["responses"].pop("200")
    failures = {
        "400": ("These words cannot be quoted, and why", _ref("Error")),
        "429": ("Too many quotes from one address; Retry-After says how long to wait", _ref("Error")),
    }
    return _with_failures(operation, failures)


def _with_failures(operation: Schema, failures: dict[str, tuple[str, Schema]]) -> Schema:
    for status, (description, schema) in failures.items():
        content = {"application/json": {"schema": schema}}
        operation["responses"][status] = {"description": description, "content": content}
    return operation


def _query(name: str, description: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _object(**properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _one_of(kinds: Any) -> Schema:
    return {"type": "string", "enum": [kind.value for kind in kinds]}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
