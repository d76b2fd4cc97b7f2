"""Where texts come in, and where an episode's documents are."""

from starlette.routing import Route

from media.people.accounts import Role
from web.importing import episodes, pages
from web.importing.pages import PATH
from web.importing.uploads import UploadAnswer, upload
from web.visits import page

EPISODE = PATH + "/episode/{id:int}"


def list_routes() -> list[Route]:
    """List this alcove's routes."""
    return [
        Route(PATH, page(pages.show_start, Role.VOLUNTEER), methods=["GET"]),
        _post(PATH, pages.take_uploads),
        _post(f"{PATH}/all", pages.import_all),
        Route(PATH + "/{draft:int}", page(pages.show_preview, Role.VOLUNTEER), methods=["GET"]),
        _post(PATH + "/{draft:int}", pages.decide),
        Route(EPISODE, page(episodes.show_documents, Role.VOLUNTEER), methods=["GET"]),
        _post(EPISODE, episodes.look_again),
        _post(f"{EPISODE}/privacy", episodes.change_privacy, Role.REVIEWER),
        Route(PATH + "/document/{document:int}", page(episodes.send_document, Role.VOLUNTEER)),
    ]


def _post(path: str, answer: UploadAnswer, role: Role = Role.VOLUNTEER) -> Route:
    return Route(path, upload(answer, role), methods=["POST"])
