"""Every address of the program, from its own routes: one that is added tomorrow is walked tomorrow.

A route is filled with what `whole.Whole.values` holds. One whose `{…}` nothing fills fails the
walk: say here, or there, what does.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from starlette.applications import Starlette
from starlette.routing import Mount, Route

from ingest.sound.clips import ClipFormat
from ingest.sound.films import FilmShape
from media.citing import RECORDS, STYLES
from media.settings import Settings
from media.transcript import Edition
from media.writing.formats import FORMATS
from web.app import create_app

HOLE = re.compile(r"{(\w+)(?::\w+)?}")
SAFE = {"GET", "HEAD"}
# What a hole is called in `values`, where its own name says too little: by how its route begins.
MEANINGS = [
    ("/q/{id}/clip.", {"id": "quote", "format": "clip"}),
    ("/q/", {"id": "quote"}),
    ("/api/quotes/", {"id": "quote"}),
    ("/embed/q/", {"id": "quote"}),
    ("/admin/withdrawals/{id", {"id": "withdrawal"}),
    ("/episode/{id:int}/{slug}", {"id": "episode", "slug": "title"}),
    ("/", {"id": "episode", "format": "export"}),
]
FIXED: dict[str, list[str]] = {
    "clip": list(ClipFormat),
    "shape": list(FilmShape),
    "style": list(STYLES),
    "form": list(RECORDS),
    "export": list(FORMATS),
    "slug": ["place-du-marche"],
    "title": ["valbrune-passe-au-logiciel-libre"],
    "text": [str(Edition.SPOKEN)],
    "passage": ["0"],
    "start": ["20000"],
    "end": ["24000"],
    "sweep": ["1"],  # none was made: a page that is not there has its headers too
    "document": ["1"],
}
# What a page is asked, where it says nothing without.
QUESTIONS = {
    "/search": "?q=logiciel",
    "/search.atom": "?q=logiciel",
    "/api/search": "?q=logiciel",
    "/everywhere": "?heard=logiciel&written=programme",
    "/episode/{id:int}/find.json": "?find=logiciel",
    "/episode/{id:int}/context": "?turn={turn}",
    "/quote/choose": "?episode={episode}",
    "/oembed": "?url=http%3A%2F%2F127.0.0.1%3A8765%2Fq%2F{quote}",
}


@dataclass(frozen=True)
class Address:
    """One address of a route."""

    method: str
    route: str
    path: str

    @property
    def holes(self) -> set[str]:
        """What fills it, by the names of `values`."""
        return {meaning_of(self.route, name) for name in HOLE.findall(self.route)}


def routes(settings: Settings) -> list[Route]:
    """List the application's routes; its only mount is that of static files."""
    app: Starlette = create_app(settings)
    assert [route.path.split("/")[1] for route in app.routes if isinstance(route, Mount)] == ["static"]
    return [route for route in app.routes if isinstance(route, Route)]


def walk(
    settings: Settings, values: Mapping[str, Sequence[str]], *, safe: bool, one_each: bool = False
) -> Iterator[Address]:
    """Yield the addresses that change nothing, or those that forms are sent to."""
    for route in routes(settings):
        methods = (route.methods or set()) - {"HEAD"}
        for method in sorted(methods):
            if (method in SAFE) is safe:
                paths = list(fill(route.path, values))
                yield from (Address(method, route.path, path) for path in paths[: 1 if one_each else None])


def fill(route: str, values: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield a route's addresses, with whatever it is to be asked."""
    held = {**FIXED, **values}
    names = HOLE.findall(route)
    unfilled = [name for name in names if meaning_of(route, name) not in held]
    assert not unfilled, f"{route}: say in tests/web/attacks/walking.py what fills {unfilled}"
    question = QUESTIONS.get(route, "").format_map({name: given[0] for name, given in values.items()})
    for given in product(*(held[meaning_of(route, name)] for name in names)):
        parts = iter(given)
        yield HOLE.sub(lambda _hole, parts=parts: next(parts), route) + question


def meaning_of(route: str, name: str) -> str:
    """Say what a hole of a route is."""
    meanings = next(meanings for begins, meanings in MEANINGS if route.startswith(begins))
    return meanings.get(name, name)
