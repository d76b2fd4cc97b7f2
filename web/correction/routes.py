"""Where passages are taken and corrected."""

from starlette.routing import Route

from media.people.accounts import Role
from web.correction import editor, hints, history, passages, proposing, review, saving, turning
from web.correction.answering import correct
from web.correction.kept_forms import keeping
from web.visits import form, page

VOLUNTEER, REVIEWER = Role.VOLUNTEER, Role.REVIEWER
PASSAGE = "/correct/{episode:int}/{passage:int}"
PASSAGE_OF_TEXT = "/correct/{episode:int}/{text:str}/{passage:int}"  # of the one that does not lead
TURN = "/correct/turn/{turn:int}"


def list_routes() -> list[Route]:
    """List this alcove's routes."""
    return [*_passages(), *_turns(), *_reviewing(), *_telling()]


def _passages() -> list[Route]:
    return [
        Route("/correct", page(passages.show_passages, VOLUNTEER)),
        Route("/correct/next", form(passages.take_next, VOLUNTEER), methods=["POST"]),
        Route("/correct/session", page(editor.send_session)),
        Route("/correct/at/{turn:int}", page(passages.find_turn, VOLUNTEER)),
        *_passage(PASSAGE),
        *_passage(PASSAGE_OF_TEXT),
    ]


def _passage(path: str) -> list[Route]:
    return [
        Route(path, page(editor.show_editor, VOLUNTEER)),
        Route(path + "/turn/{turn:int}", page(editor.show_turn, VOLUNTEER)),
        Route(path + "/hints", page(hints.send_hints, VOLUNTEER)),
        Route(path + "/claim", form(passages.take_passage, VOLUNTEER), methods=["POST"]),
        Route(path + "/release", form(passages.release_passage, VOLUNTEER), methods=["POST"]),
        Route(path + "/renew", correct(passages.renew_passage), methods=["POST"]),
        Route(path + "/undo", correct(saving.take_back), methods=["POST"]),
        Route(path + "/redo", correct(saving.do_again), methods=["POST"]),
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


def _reviewing() -> list[Route]:
    readings = keeping(review.decide_reading, review.show_reading_again, VOLUNTEER)
    proposals = keeping(review.decide_proposed, review.show_proposed_again, REVIEWER)
    return [
        Route("/review", page(review.show_queue, VOLUNTEER)),
        Route("/review/next", page(review.take_next, VOLUNTEER)),
        Route("/review/turn/{turn:int}", page(review.show_reading, VOLUNTEER), methods=["GET"]),
        Route("/review/turn/{turn:int}", readings, methods=["POST"]),
        Route("/review/proposal/{proposal:int}", page(review.show_proposed, REVIEWER), methods=["GET"]),
        Route("/review/proposal/{proposal:int}", proposals, methods=["POST"]),
    ]


def _telling() -> list[Route]:
    """History, and what visitors propose."""
    restored = keeping(history.restore_version, history.show_turn_again, VOLUNTEER)
    undone = keeping(history.undo_act, history.show_acts_again, VOLUNTEER)
    proposed = keeping(proposing.send, proposing.show_again)
    return [
        Route("/history/{turn:int}", page(history.show_turn)),
        Route("/history/{turn:int}/restore", restored, methods=["POST"]),
        Route("/history/episode/{episode:int}", page(history.show_acts, VOLUNTEER)),
        Route("/history/episode/{episode:int}/undo", undone, methods=["POST"]),
        Route("/propose/{turn:int}", page(proposing.show_form), methods=["GET"]),
        Route("/propose/{turn:int}", proposed, methods=["POST"]),
        Route("/proposal/{secret:str}", page(proposing.show_proposal)),
    ]
