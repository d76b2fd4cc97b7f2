"""An episode's documents: what it came from, another look at it, another edition; private or public."""

from collections.abc import Mapping
from urllib.parse import quote

from starlette.responses import Response

from media.episodes import episode_path
from media.errors import Message
from media.people.privacy import set_private
from media.texts.documents import GivenDocument, get_document, list_documents
from media.texts.drafts import add_draft
from media.texts.offers import list_offers
from web.episodes import public_episode
from web.errors import BadFormError
from web.importing.pages import PATH
from web.importing.previews import FORMAT_NAMES
from web.importing.uploads import Upload
from web.visits import Visit, number, redirect


def show_documents(visit: Visit) -> Response:
    """Show an episode's documents, what its feed offers, and the form for another edition."""
    with visit.site.database.read() as connection:
        episode = public_episode(connection, visit.request.path_params["id"], visit.account)
        documents = list_documents(connection, episode.id)
        offers = list_offers(connection, episode.id)
    context = {
        "episode": episode,
        "documents": documents,
        "offers": offers,
        "format_names": {str(name): Message(said) for name, said in FORMAT_NAMES.items()},
    }
    return visit.render("importing/documents.html", context)


def look_again(visit: Visit, fields: Mapping[str, str], _files: list[Upload]) -> Response:
    """Look again at how a document was understood, to decide otherwise."""
    if visit.account is None:
        raise BadFormError("nobody is signed in")
    with visit.site.database.write() as connection:
        episode = public_episode(connection, visit.request.path_params["id"], visit.account)
        held = get_document(connection, number(fields.get("document"), 0, 10**9))
        if held.document.episode_id != episode.id:
            raise BadFormError(f"document {held.document.id} is not of episode {episode.id}")
        document = held.document
        given = GivenDocument(
            document.name,
            held.content,
            document.source,
            document.media_type,
            document.url,
            document.choices,
        )
        draft_id = add_draft(
            connection,
            visit.account.id,
            given,
            visit.now,
            episode_id=episode.id,
            private=episode.private,
        )
    return redirect(f"{PATH}/{draft_id}")


def send_document(visit: Visit) -> Response:
    """Send a document as it came, to be saved and never shown by the browser."""
    with visit.site.database.read() as connection:
        held = get_document(connection, visit.request.path_params["document"])
        public_episode(connection, held.document.episode_id, visit.account)
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(held.document.name.rsplit('/', 1)[-1])}",
        "content-security-policy": "sandbox",
        "cache-control": "private, no-store",
    }
    return Response(held.content, headers=headers, media_type="application/octet-stream")


def change_privacy(visit: Visit, fields: Mapping[str, str], _files: list[Upload]) -> Response:
    """Publish a private episode, or keep a public one to those who are signed in."""
    with visit.site.database.write() as connection:
        episode = public_episode(connection, visit.request.path_params["id"], visit.account)
        account_id = None if visit.account is None else visit.account.id
        set_private(connection, episode.id, account_id, visit.now, private=fields.get("private") == "yes")
    return redirect(episode_path(episode.id, episode.title))
