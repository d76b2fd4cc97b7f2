"""Who may use which route, stated a second time, beside what the routes themselves say.

A route that nothing here names fails its tests: whoever adds one says here who may use it.
"""

from media.people.accounts import Role
from tests.web.attacks.whole import ROLES

# By how a route begins, the longest that fits; `=` names one route alone.
MAY: dict[str, Role | None] = {
    "/admin": Role.ADMINISTRATOR,
    "=/metrics": Role.ADMINISTRATOR,  # or its token
    "/show/{slug}/settings": Role.ADMINISTRATOR,
    "/episode/{id:int}/voices": Role.ADMINISTRATOR,
    "/review/proposal/": Role.REVIEWER,
    "/import/episode/{id:int}/privacy": Role.REVIEWER,
    "/account": Role.VOLUNTEER,
    "/correct": Role.VOLUNTEER,
    "=/correct/session": None,  # says whether somebody is signed in
    "/review": Role.VOLUNTEER,
    "=/history/{turn:int}": None,
    "/history/": Role.VOLUNTEER,
    "/doubts": Role.VOLUNTEER,
    "/glossary": Role.VOLUNTEER,
    "/everywhere": Role.VOLUNTEER,
    "/effort": Role.VOLUNTEER,
    "/import": Role.VOLUNTEER,
    "/quotes/mine": Role.VOLUNTEER,
    "/q/{id}/heard": Role.VOLUNTEER,
    "=/": None,
    "/search": None,
    "=/transcribed.atom": None,
    "=/validated.atom": None,
    "=/shows": None,
    "=/shows.opml": None,
    "=/show/{slug}": None,
    "=/show/{slug}/feed.xml": None,
    "=/setup": None,  # gone once somebody has an account
    "=/login": None,
    "=/logout": None,
    "=/invitation/{token}": None,
    "=/propose/{turn:int}": None,
    "=/proposal/{secret:str}": None,
    "=/quotes": None,
    "=/quote/choose": None,
    "/q/": None,
    "/c/": None,
    "/embed/": None,
    "=/oembed": None,
    "=/health": None,
    "=/ready": None,
    "/episode/": None,
    "=/api": None,
    "/api/search": None,
    "/api/shows": None,
    "/api/episodes": None,
    "/api/status": None,
    "/api/quotes": None,  # one's own need an account: the answer is 401
}
MACHINE_S = {"/metrics"}  # asked by programs, who are led to no form: the answer is 401
OWN = {"/api/quotes"}  # for whoever is signed in, by what they answer
ONE_PERSON_S = {"sitting", "draft"}  # of things: nobody else may see them, whatever their role


def who_may(route: str) -> Role | None:
    """Say which role a route needs."""
    if f"={route}" in MAY:
        return MAY[f"={route}"]
    found = [begin for begin in MAY if route.startswith(begin)]
    assert found, f"{route}: say in tests/web/attacks/rules.py who may use it"
    return MAY[max(found, key=len)]


def is_enough(role: Role | None, needed: Role | None) -> bool:
    """Tell whether somebody of a role may use what needs another."""
    return ROLES.index(role) >= ROLES.index(needed)
