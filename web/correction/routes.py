"""Where passages are taken and corrected."""

from starlette.routing import Route

from media.people.accounts import Role
from web.correction import editor, hints, passages, saving, turning
from web.correction.answering import correct
from web.visits import form, page

VOLUNTEER = Role.VOLUNTEER
PASSAGE = "/correct/{episode:int}/{passage:int}"
TURN = "/correct/turn/{turn:int}"


def list_routes() -> list[Route]:
    """List this alcove's routes."""
    return [*_passages(), *_turns()]


def _passages() -> list[Route]:
    return [
        Route("/correct", page(passages.show_passages, VOLUNTEER)),
        Route("/correct/next", form(passages.take_next, VOLUNTEER), methods=["POST"]),
        Route("/correct/session", page(editor.send_session)),
        Route("/correct/at/{turn:int}", page(passages.find_turn, VOLUNTEER)),
        Route(PASSAGE, page(editor.show_editor, VOLUNTEER)),
        Route(PASSAGE + "/turn/{turn:int}", page(editor.show_turn, VOLUNTEER)),
        Route(PASSAGE + "/hints", page(hints.send_hints, VOLUNTEER)),
        Route(PASSAGE + "/claim", form(passages.take_passage, VOLUNTEER), methods=["POST"]),
        Route(PASSAGE + "/release", form(passages.release_passage, VOLUNTEER), methods=["POST"]),
        Route(PASSAGE + "/renew", correct(passages.renew_passage), methods=["POST"]),
        Route(PASSAGE + "/undo", correct(saving.take_back), methods=["POST"]),
        Route(PASSAGE + "/redo", correct(saving.do_again), methods=["POST"]),
    ]


def _turns() -> list[Route]:
    acts = {
        "text": saving.save,
        "confirm": saving.confirm,
        "split": turning.split,
        "merge": turning.merge,
        "boundary": turning.move_boundary,
        "speaker": turning.name_speaker,
        "language": turning.mark_language,
        "event": turning.write_event,
        "remove": turning.remove_event,
    }
    routes = [Route(f"{TURN}/{name}", correct(act), methods=["POST"]) for name, act in acts.items()]
    choice = Route("/correct/conflict/{conflict:int}", correct(saving.choose_text), methods=["POST"])
    return [*routes, choice]
