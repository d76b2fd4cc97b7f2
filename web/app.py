"""The web application: every route, what stands before them, what is opened and closed.

`create_app` takes the settings and nothing else; the catalogue and the index are opened when
the server starts, closed when it stops, and shared by the threads that answer.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from media.database import open_database
from media.errors import EntenduError
from media.people.accounts import Role
from media.settings import Settings
from media.store.opening import open_store
from search.index import open_index
from web import admin, api, episodes, following, home, line, listening, quoting, results, shows
from web.addresses import register_numbers
from web.correction import routes as correction
from web.failures import answer_gone, answer_http_failure, answer_known_failure, answer_surprise
from web.feeds import routes as feeds
from web.importing import routes as importing
from web.own_changes import OwnChanges
from web.people import routes as people
from web.pulse import keep_looking
from web.quotes import routes as quotes
from web.rendering import STATIC, Templates
from web.security import SecurityHeaders
from web.site import Site
from web.visits import form, page
from web.volunteering import routes as volunteering
from web.watching import routes as watching
from web.watching.readiness import Readiness
from web.watching.requests import Watched
from web.watching.tally import Tally

COMPRESSION_LEVEL = 6  # level 9 takes three times as long for one part in a hundred
ADMIN = Role.ADMINISTRATOR


class LastingFiles(StaticFiles):
    """Static files under an address that changes with them: kept by browsers for good."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """Send a file, and say that it will not change."""
        response = super().file_response(*args, **kwargs)
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response


def create_app(settings: Settings) -> Starlette:
    """Make the application of these settings; nothing is opened before it starts."""
    templates = Templates()
    tally = Tally(settings.metrics_folder)
    register_numbers()

    @asynccontextmanager
    async def open_site(app: Starlette) -> AsyncIterator[None]:
        database = await run_in_threadpool(open_database, settings)
        index = await run_in_threadpool(open_index, settings, database)
        site = app.state.site = Site(settings, database, index, templates, open_store(settings))
        app.state.tally, app.state.readiness = tally, Readiness()
        watch = asyncio.create_task(keep_looking(site.pulse, database))
        sharing = asyncio.create_task(tally.keep_sharing())
        try:
            yield
        finally:
            watch.cancel()
            sharing.cancel()
            database.close()

    app = Starlette(
        routes=[
            *_reading(),
            *people.list_routes(),
            *line.list_routes(),
            *correction.list_routes(),
            *volunteering.list_routes(),
            *importing.list_routes(),
            *quoting.list_routes(),
            *quotes.list_routes(),
            *feeds.list_routes(),
            *_episodes(),
            *_administration(),
            *_api(),
            *watching.list_routes(),
            _static(templates),
        ],
        middleware=[
            Middleware(Watched, tally=tally),
            Middleware(SecurityHeaders),
            Middleware(OwnChanges),
            Middleware(GZipMiddleware, compresslevel=COMPRESSION_LEVEL),
        ],
        exception_handlers={
            HTTPException: answer_http_failure,
            EntenduError: answer_known_failure,
            ClientDisconnect: answer_gone,
            Exception: answer_surprise,
        },
        lifespan=open_site,
    )
    app.router.redirect_slashes = False  # an address of ours is never written from a request's headers
    return app


def _reading() -> list[Route]:
    return [
        Route("/", page(home.show_home)),
        Route("/search", page(results.show_results)),
        Route("/search.atom", page(following.send_search)),
        Route("/transcribed.atom", page(following.send_transcribed)),
        Route("/validated.atom", page(following.send_validated)),
        Route("/shows", page(shows.show_shows)),
        Route("/show/{slug}", page(shows.show_show)),
    ]


def _episodes() -> list[Route]:
    return [
        Route("/episode/{id:int}/words.json", page(listening.send_words)),
        Route("/episode/{id:int}/audio.mp3", page(listening.send_audio)),
        Route("/episode/{id:int}/peaks", page(listening.send_peaks)),
        Route("/episode/{id:int}/context", page(episodes.show_context)),
        Route("/episode/{id:int}/find.json", page(episodes.send_found)),
        Route("/episode/{id:int}/voices", form(episodes.give_name, ADMIN), methods=["POST"]),
        Route("/episode/{id:int}", page(episodes.show_episode)),
        Route("/episode/{id:int}/{slug}", page(episodes.show_episode)),
    ]


def _administration() -> list[Route]:
    return [
        Route("/admin", page(admin.show_admin, ADMIN)),
        Route("/admin/feeds/preview", form(admin.preview, ADMIN), methods=["POST"]),
        Route("/admin/feeds", form(admin.add_feed, ADMIN), methods=["POST"]),
        Route("/admin/retry", form(admin.retry, ADMIN), methods=["POST"]),
        Route("/admin/retry-all", form(admin.retry_all, ADMIN), methods=["POST"]),
    ]


def _api() -> list[Route]:
    return [
        Route("/api", page(api.send_description)),
        Route("/api/search", page(api.send_search)),
        Route("/api/shows", page(api.send_shows)),
        Route("/api/episodes", page(api.send_episodes)),
        Route("/api/episodes/{id:int}", page(api.send_episode)),
        Route("/api/status", page(api.send_status)),
    ]


def _static(templates: Templates) -> Mount:
    return Mount(templates.static("").rstrip("/"), LastingFiles(directory=STATIC))
