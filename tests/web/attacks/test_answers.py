"""What every answer of every route says, to each role: who may read, keep, frame it (FAULTS 48, 52, 54)."""

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from media.people.accounts import Role
from tests.web.attacks.rules import MACHINE_S, OWN, is_enough, who_may
from tests.web.attacks.walking import HOLE, Address, routes, walk
from tests.web.attacks.whole import ROLES, Whole

Answers = dict[Role | None, list[tuple[Address, "Answer"]]]
SECURED = {
    "x-content-type-options": "nosniff",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
EVERYWHERE = re.compile(r"unsafe|\*|https?:|data:|blob:")  # what no policy of ours lets in
NAMING = (
    *(
        "host",
        "via",
        "from",
        "origin",
        "referer",
        "base-url",
        "client-ip",
        "true-client-ip",
        "cf-connecting-ip",
    ),
    *(f"x-{what}" for what in ("host", "real-ip", "client-ip", "url-scheme", "http-host-override")),
    *(f"x-original-{what}" for what in ("host", "url")),
    *("x-rewrite-url", "x-http-method-override"),
    *(f"x-forwarded-{what}" for what in ("host", "server", "port", "prefix", "for", "scheme", "uri")),
)
STRANGE_HOSTS = [
    *({name: "evil.example"} for name in NAMING),
    {"host": "127.0.0.1:8765@evil.example"},
    {"host": "evil.example#127.0.0.1:8765"},
    {"host": "evil.example:80"},
    {"host": "evil.example/evil.example"},
    {"host": "evil.example, 127.0.0.1:8765"},
    {"host": "[::ffff:evil.example]"},
    {"host": ""},
    {"forwarded": 'host="evil.example";proto=https;for=evil.example'},
    {"x-forwarded-proto": "javascript", "x-forwarded-host": "evil.example"},
]


class Answer:
    """What is kept of an answer."""

    def __init__(self, response: object) -> None:
        self.status: int = response.status_code  # type: ignore[attr-defined]
        self.headers: dict[str, str] = dict(response.headers)  # type: ignore[attr-defined]
        self.content: bytes = response.content  # type: ignore[attr-defined]

    @property
    def caching(self) -> str:
        return self.headers.get("cache-control", "")


@pytest.fixture(scope="module")
def answers(whole: Whole) -> Answers:
    """Every page and file, as each role gets it."""
    found: Answers = {}
    for role in ROLES:
        with whole.browse(role) as client:
            found[role] = [
                (address, Answer(client.get(address.path)))
                for address in walk(whole.archive.settings, whole.values, safe=True, one_each=True)
            ]
    return found


def every(answers: Answers) -> Iterator[tuple[Role | None, Address, Answer]]:
    for role, held in answers.items():
        for address, answer in held:
            yield role, address, answer


def test_each_role_reads_what_it_may_and_no_more(answers: Answers) -> None:
    """FAULTS 52."""
    for role, address, answer in every(answers):
        if is_enough(role, who_may(address.route)):
            allowed = role is not None or address.route not in OWN
            assert (answer.status not in {401, 403}) is allowed, (role, address)
            assert answer.status < 500 or address.path == "/ready", (role, address)
        elif role is None and address.route in MACHINE_S:
            assert answer.status == 401, address
        elif role is None:
            assert answer.status == 303, address
            assert answer.headers["location"].startswith("/login?next="), address
        else:
            assert answer.status == 403, (role, address)


def test_every_answer_carries_the_guarding_headers_and_a_strict_policy(answers: Answers) -> None:
    for role, address, answer in every(answers):
        check_guarded(answer, f"{role} {address}", framed=address.route.startswith("/embed/"))


def check_guarded(answer: Answer, where: str, *, framed: bool = False) -> None:
    headers = answer.headers
    policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
    for name, wanted in SECURED.items():
        assert headers[name] == wanted, where
    assert headers["referrer-policy"] in {"same-origin", "no-referrer"}, where
    assert "cross-origin-resource-policy" in headers, where
    assert "server" not in headers, where
    framing = policy.pop("frame-ancestors", "")
    assert not [value for value in policy.values() if EVERYWHERE.search(value)], where
    if "sandbox" in policy and len(policy) == 1:
        return  # a file of somebody's, never shown
    assert policy["default-src"] in {"'self'", "'none'"}, where
    assert policy["base-uri"] == "'none'", where
    assert framing == ("*" if framed else "'none'"), where
    assert ("x-frame-options" in headers) is not framed, where


def test_refusals_files_and_answers_without_body_carry_them_too(whole: Whole) -> None:
    with whole.browse(None) as client:
        static = re.findall(r'"(/static/[^"]+)"', client.get("/").text)
        tag = client.get(static[0]).headers["etag"]
        held = [
            (client.get("/nothing"), 404),
            (client.get("/nothing/"), 303),
            (client.get("/static/x/app.css"), 404),
            (client.get(static[0].rsplit("/", 1)[0] + "/..%2f..%2fapp.py"), 404),
            (client.get(static[0]), 200),
            (client.get(static[0], headers={"if-none-match": tag}), 304),
            (client.head("/"), 200),
            (client.get("/admin", headers={"accept": "application/json"}), 401),
            (client.request("DELETE", "/shows"), 405),
            (client.request("PROPFIND", "/"), 405),
            (client.post("/login", data={"login": "x" * 100_000}), 413),
            (client.post("/login", data={"login": "x"}), 403),
            (client.get("/?lang=fr"), 303),
            (client.get("/api/nothing"), 404),
            (client.get(f"/episode/{whole.archive.talk}/audio.mp3", headers={"range": "bytes=9-1"}), 400),
            (client.get(f"/episode/{whole.archive.talk}/audio.mp3", headers={"range": "bytes=0-9"}), 206),
        ]
        for answer, status in held:
            assert answer.status_code == status, answer.request.url
            check_guarded(Answer(answer), str(answer.request.url))


def test_what_depends_on_who_asks_is_kept_by_no_shared_cache(answers: Answers) -> None:
    """What a cache between may keep is the same, byte for byte, for whoever asks, and sets no cookie."""
    anonymous = dict(answers[None])
    for role, address, answer in every(answers):
        if "public" in answer.caching or not re.search(r"private|no-store", answer.caching):
            assert "set-cookie" not in answer.headers, (role, address)
            first = anonymous[address]
            if 202 not in {first.status, answer.status}:  # a film that was being made
                assert answer.content == first.content, (role, address, answer.caching)


def test_whatever_is_shown_to_an_account_alone_says_so_to_caches(answers: Answers) -> None:
    for role, address, answer in every(answers):
        if answer.status == 200 and who_may(address.route) is not None:
            assert re.search(r"private|no-store", answer.caching), (role, address, answer.caching)


def test_a_private_episode_is_kept_by_nobody_s_cache(whole: Whole) -> None:
    """Its pages and its sound, to those who are signed in; strangers are told nothing of it."""
    private = {"episode": [str(whole.archive.private)]}
    told = 0
    with whole.browse(Role.VOLUNTEER) as client, whole.browse(None) as stranger:
        for address in walk(whole.archive.settings, {**whole.values, **private}, safe=True, one_each=True):
            if "episode" in address.holes:
                answer = client.get(address.path)
                told += answer.status_code == 200
                if answer.status_code == 200:
                    assert re.search(r"private|no-store", answer.headers["cache-control"]), address
                assert stranger.get(address.path).status_code in {303, 404}, address
    assert told >= 4  # its page, words, sound, drawing


def test_no_address_is_written_from_a_request(whole: Whole, answers: Answers) -> None:
    """FAULTS 54: not in a page, a feed, a link, a redirect, nor where an address ends with a slash."""
    some = [address for address, answer in answers[None] if not address.route.startswith("/q/{id}/video")]
    with whole.browse(None) as client:
        for place, headers in enumerate(STRANGE_HOSTS):
            for address in some[place % 8 :: 8]:
                check_own(client, address.path.split("?")[0], headers)
            for path in ("/shows/", "//evil.example/shows/", "/search?q=pain&lang=fr", "/api", "/shows.opml"):
                check_own(client, path.replace("evil.example", "x") if path[:2] != "//" else path, headers)


def check_own(client: TestClient, path: str, headers: dict[str, str]) -> None:
    answer = client.get(path, headers=headers)
    assert answer.status_code < 500 or path == "/ready", (path, headers)
    assert "evil.example" not in answer.headers.get("location", ""), (path, headers)
    assert b"evil.example" not in answer.content, (path, headers)


def test_no_number_or_letter_of_an_address_is_a_failure_of_ours(whole: Whole) -> None:
    """Twenty digits are no row's, and NUL is no letter: neither reaches the catalogue."""
    question = "q=%00&speaker=%00&next=%00&turn=%00&episode=9999999999999999999&at=1e999&page=" + "9" * 30
    with whole.browse(Role.ADMINISTRATOR) as client:
        for route in routes(whole.archive.settings):
            path = HOLE.sub("a%00b", re.sub(r"{\w+:int}", "9" * 30, route.path))
            token = whole.enter(client, Role.ADMINISTRATOR)
            if "GET" in (route.methods or set()):
                answer = client.get(f"{path}?{question}")
            else:
                fields = dict.fromkeys(("login", "name", "heard", "written", "text", "feed", "url"), "\0")
                answer = client.post(path, data={"form_token": token, **fields})
            assert answer.status_code < 500 or path == "/ready", (route.path, answer.status_code)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 60_000,
        b'{"episode":' + b"9" * 5_000 + b"}",
        b'{"episode":1,"start":"\\ud800","end":"x"}',
        b"\xff",
    ],
    ids=["nested", "a long number", "half a letter", "no text"],
)
def test_what_is_no_request_for_a_quote_is_refused(whole: Whole, body: bytes) -> None:
    with whole.browse(None) as client:
        answer = client.post("/api/quotes", content=body, headers={"content-type": "application/json"})
        assert answer.status_code == 400
