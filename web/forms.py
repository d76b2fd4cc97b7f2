"""Forms as they are read: few fields, none of them a file, no letter that a catalogue cannot keep."""

from starlette.exceptions import HTTPException
from starlette.requests import Request

from web.errors import BadFormError

MAX_FORM_FIELDS = 60


async def read_fields(request: Request, most: int = MAX_FORM_FIELDS) -> dict[str, str]:
    """Read a form's fields; BadFormError where it is none, or holds more than so many."""
    try:
        form = await request.form(max_files=0, max_fields=most)
    except HTTPException as error:
        raise BadFormError(f"form: {error.detail}") from error
    return {name: show_nul(value) for name, value in form.items() if isinstance(value, str)}


def show_nul(text: str) -> str:
    """Put the sign of what cannot be shown for NUL, as HTML does: PostgreSQL keeps none."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")
