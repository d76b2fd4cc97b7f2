"""The pages by which texts come in: give them, look at how they are understood, decide, import."""

from collections.abc import Mapping
from dataclasses import replace

from starlette.responses import Response

from ingest.alignment.episodes import align_episode
from ingest.importing.arriving import import_document
from ingest.importing.errors import ImportRefusedError
from ingest.texts.errors import TextError
from media.episodes import Episode, episode_path
from media.errors import N_, EntenduError, Message, NotFoundError
from media.people.accounts import Account
from media.people.privacy import list_private
from media.shows import list_shows
from media.texts.documents import GivenDocument
from media.texts.drafts import Draft, add_draft, choose, drop_draft, get_draft, list_drafts
from media.texts.errors import OtherTextError, TextRefusedError
from web.correction.passages import author_of
from web.errors import BadFormError
from web.importing.previews import KIND_NAMES, make_preview, read_answers, wishes_of
from web.importing.uploads import MAX_FILES, Upload
from web.visits import Visit, number, redirect

PATH = "/import"
MAX_NAME_LENGTH = 200
PASTED = "texte.txt"  # the name of what was pasted without one
MAX_SHOWN = 60  # drafts
DONE = {
    "imported": N_("Imported."),
    "dropped": N_("Given up: nothing of it is kept."),
    "some": N_("Those without a question are imported; these need a look."),
}


def show_start(visit: Visit) -> Response:
    """Show the form, what waits for a look, and the private episodes."""
    return _show_start(visit)


def take_uploads(visit: Visit, fields: Mapping[str, str], files: list[Upload]) -> Response:
    """Keep what was given to be looked at, and show how it is understood."""
    given = list(files)
    pasted = fields.get("text", "")
    if pasted.strip():
        name = " ".join(fields.get("name", "").split())[:MAX_NAME_LENGTH] or PASTED
        given.append(Upload(name, pasted.replace("\r\n", "\n").encode()))
    if not given:
        return _show_start(visit, Message(N_("Choose a file, or paste a text.")), 400)
    episode_id = number(fields.get("episode"), 0, 10**9) or None
    show = " ".join(fields.get("show", "").split())[:MAX_NAME_LENGTH] or None
    account = _account(visit)
    with visit.site.database.write() as connection:
        drafts = [
            add_draft(
                connection,
                account.id,
                GivenDocument(held.name, held.content, ""),
                visit.now,
                show=None if episode_id else show,
                episode_id=episode_id,
                private="private" in fields,
            )
            for held in given
        ]
    return redirect(f"{PATH}/{drafts[0]}" if len(drafts) == 1 else PATH)


def show_preview(visit: Visit) -> Response:
    """Show how a draft is understood."""
    return _show_preview(visit, _own_draft(visit))


def decide(visit: Visit, fields: Mapping[str, str], _files: list[Upload]) -> Response:
    """Take what was decided of a draft; then look again, import it, or give it up."""
    draft = _own_draft(visit)
    wanted = fields.get("do", "look")
    if wanted == "drop":
        with visit.site.database.write() as connection:
            drop_draft(connection, draft.id)
        return redirect(f"{PATH}?done=dropped")
    draft = _change(visit, draft, fields)
    if wanted != "import":
        return redirect(f"{PATH}/{draft.id}#asked")
    try:
        episode = _import(visit, draft, anyway="anyway" in fields)
    except (ImportRefusedError, TextError, TextRefusedError, NotFoundError) as error:
        return _show_preview(visit, draft, error)
    return redirect(episode_path(episode.id, episode.title))


def import_all(visit: Visit, _fields: Mapping[str, str], _files: list[Upload]) -> Response:
    """Import every draft that asks nothing; the others stay to be looked at."""
    left = 0
    for draft in _own_drafts(visit):
        preview = make_preview(visit.site.database, draft)
        if not preview.is_decided:
            left += 1
            continue
        try:
            _import(visit, draft, anyway=False)
        except (ImportRefusedError, TextError, TextRefusedError):
            left += 1  # its own page says why
    return redirect(f"{PATH}?done={'some' if left else 'imported'}")


def _import(visit: Visit, draft: Draft, *, anyway: bool) -> Episode:
    wishes = wishes_of(draft, anyway=anyway)
    site = visit.site
    done = import_document(
        site.database, site.settings, draft.content, draft.name, wishes, author_of(visit), visit.now
    )
    with site.database.write() as connection:
        drop_draft(connection, draft.id)
    if done.has_words and done.installed.document_id is not None:
        align_episode(site.database, site.store, done.episode.id, visit.now)
    return done.episode


def _change(visit: Visit, draft: Draft, fields: Mapping[str, str]) -> Draft:
    """Keep a form's decisions with the draft."""
    preview = make_preview(visit.site.database, draft)
    answers = read_answers(preview, fields) if preview.read is not None else dict(draft.choices)
    show = " ".join(fields.get("show", "").split())[:MAX_NAME_LENGTH] or None
    wishes = {"show": None if draft.episode_id else show, "private": "private" in fields}
    with visit.site.database.write() as connection:
        choose(connection, draft.id, answers, **wishes)
    return replace(draft, choices=answers, **wishes)  # type: ignore[arg-type]


def _show_start(visit: Visit, failure: Message | None = None, status: int = 200) -> Response:
    previews = [make_preview(visit.site.database, draft) for draft in _own_drafts(visit)[:MAX_SHOWN]]
    with visit.site.database.read() as connection:
        shows, private = list_shows(connection), list_private(connection)
    done = DONE.get(visit.request.query_params.get("done", ""))
    context = {
        "previews": previews,
        "can_import_all": sum(held.is_decided for held in previews) > 1,
        "shows": shows,
        "private": private,
        "failure": failure,
        "done": None if done is None else Message(done),
        "max_files": MAX_FILES,
    }
    return visit.render("importing/start.html", context, status)


def _show_preview(visit: Visit, draft: Draft, error: EntenduError | None = None) -> Response:
    preview = make_preview(visit.site.database, draft)
    with visit.site.database.read() as connection:
        shows = list_shows(connection)
    context = {
        "preview": preview,
        "draft": draft,
        "shows": shows,
        "failure": preview.failure if error is None else error.message,
        "may_insist": isinstance(error, OtherTextError),
        "kind_names": {str(kind): Message(name) for kind, name in KIND_NAMES.items()},
    }
    return visit.render("importing/preview.html", context, 200 if error is None else 422)


def _own_draft(visit: Visit) -> Draft:
    with visit.site.database.read() as connection:
        return get_draft(connection, visit.request.path_params["draft"], _account(visit).id)


def _own_drafts(visit: Visit) -> list[Draft]:
    with visit.site.database.read() as connection:
        return list_drafts(connection, _account(visit).id)


def _account(visit: Visit) -> Account:
    if visit.account is None:
        raise BadFormError("nobody is signed in")
    return visit.account
