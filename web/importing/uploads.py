"""Forms that carry files: read within limits, by somebody signed in, checked as any form is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from media.people.accounts import Role
from web.errors import BadFormError, ForbiddenError, SignedOutError
from web.forms import show_nul
from web.security import check_form_token, check_origin
from web.site import site_of
from web.visits import Visit, begin_visit, may

MAX_FILES = 50  # at once
MAX_FIELDS = 1_000  # a page may ask about each of its lines
MAX_PASTED_BYTES = 8 << 20  # of one field that is no file


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as a browser sent it."""

    name: str  # shown and kept, never opened
    content: bytes


UploadAnswer = Callable[[Visit, Mapping[str, str], list[Upload]], Response]


def upload(answer: UploadAnswer, role: Role = Role.VOLUNTEER) -> Callable[[Request], object]:
    """Make an endpoint of a form that may carry files; nothing of it is read for those who may not."""

    async def endpoint(request: Request) -> Response:
        check_origin(request, site_of(request))
        visit = await run_in_threadpool(begin_visit, request)
        if visit.account is None:
            raise SignedOutError(f"{request.url.path} needs {role}")
        if not may(visit.account, role):
            raise ForbiddenError(f"{request.url.path} needs {role}")
        fields, files = await _read(request)
        check_form_token(visit.secret, fields.get("form_token", ""))
        return await run_in_threadpool(answer, visit, fields, files)

    return endpoint


async def _read(request: Request) -> tuple[dict[str, str], list[Upload]]:
    try:
        form = await request.form(max_files=MAX_FILES, max_fields=MAX_FIELDS, max_part_size=MAX_PASTED_BYTES)
    except HTTPException as error:
        raise BadFormError(f"form: {error.detail}") from error
    fields: dict[str, str] = {}
    files: list[Upload] = []
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            if value.filename:
                files.append(Upload(_plain_name(value.filename), await value.read()))
        else:
            fields[name] = show_nul(value)
    await form.close()
    return fields, files


def _plain_name(name: str) -> str:
    """Keep the last part of a file's name, without controls; it is only ever shown.

    >>> _plain_name("../../etc/Émission\\x00 1.txt")
    'Émission 1.txt'
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(char for char in last if char.isprintable()).strip()[:200] or "?"
