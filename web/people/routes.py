"""Where people come in and look after their account, and where administrators look after people."""

from starlette.routing import Route

from media.people.accounts import Role
from web.people import entering, own, people, signing_in, withdrawing
from web.visits import FormAnswer, form, page

ADMIN, ANYBODY = Role.ADMINISTRATOR, Role.VOLUNTEER  # anybody who has an account


def list_routes() -> list[Route]:
    """List this alcove's routes."""
    return [*_entrance(), *_own(), *_people(), *_withdrawals()]


def _entrance() -> list[Route]:
    return [
        Route("/setup", page(signing_in.show_setup)),
        _form("/setup", signing_in.make_administrator),
        Route("/login", page(signing_in.show_login)),
        _form("/login", signing_in.sign_in),
        _form("/logout", signing_in.sign_out),
        Route("/invitation/{token}", page(entering.show_invitation)),
        _form("/invitation/{token}", entering.accept_invitation),
    ]


def _own() -> list[Route]:
    return [
        Route("/account", page(own.show_account, ANYBODY)),
        _form("/account/name", own.change_name, ANYBODY),
        _form("/account/password", own.change_password, ANYBODY),
        _form("/account/sessions", own.revoke_session, ANYBODY),
        _form("/account/leave", own.leave, ANYBODY),
    ]


def _people() -> list[Route]:
    return [
        Route(people.PATH, page(people.show_people, ADMIN)),
        _form(f"{people.PATH}/invite", people.invite, ADMIN),
        _form(f"{people.PATH}/revoke", people.revoke, ADMIN),
        _form(f"{people.PATH}/reset", people.allow_reset, ADMIN),
        _form(f"{people.PATH}/role", people.change_role, ADMIN),
        _form(f"{people.PATH}/close", people.close, ADMIN),
        _form(f"{people.PATH}/reopen", people.reopen, ADMIN),
        _form(f"{people.PATH}/remove", people.remove, ADMIN),
    ]


def _withdrawals() -> list[Route]:
    episode = withdrawing.PATH + "/episode/{id:int}"
    return [
        Route(withdrawing.PATH, page(withdrawing.show_withdrawals, ADMIN)),
        _form(f"{withdrawing.PATH}/name", withdrawing.withdraw_name, ADMIN),
        _form(f"{withdrawing.PATH}/lift", withdrawing.lift, ADMIN),
        Route(withdrawing.PATH + "/{id:int}/spoken", page(withdrawing.show_spoken, ADMIN)),
        Route(episode, page(withdrawing.show_episode, ADMIN)),
        _form(episode, withdrawing.withdraw_words, ADMIN),
        _form(f"{episode}/all", withdrawing.withdraw_episode, ADMIN),
    ]


def _form(path: str, answer: FormAnswer, role: Role | None = None) -> Route:
    return Route(path, form(answer, role), methods=["POST"])
