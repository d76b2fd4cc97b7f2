"""Where a mail server is named, a link is mailed too; where it fails, the page says so and shows the link."""

import socketserver
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.web.people.conftest import Person, open_browser
from web.people.mailing import is_address

PEOPLE = "/admin/people"


class Mailbox(socketserver.ThreadingTCPServer):
    """A mail server that takes whatever comes."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.received: list[str] = []


class Conversation(socketserver.StreamRequestHandler):
    """As little of RFC 5321 as a client needs."""

    def handle(self) -> None:
        self.wfile.write(b"220 ready\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = iter(self.rfile.readline, b".\r\n")
                assert isinstance(self.server, Mailbox)
                self.server.received.append(b"".join(lines).decode())
            self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
            if verb == b"QUIT":
                return


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def mailing(archive: Any, port: int) -> Any:
    mail = {"mail_url": f"smtp://127.0.0.1:{port}", "mail_from": "archive@radio.example"}
    return archive.settings.model_copy(update=mail)


@pytest.fixture
def administrator(own_archive: Any, mailbox: Mailbox) -> Iterator[Person]:
    with open_browser(mailing(own_archive, mailbox.server_address[1])) as client:
        person = Person(client)
        person.sign_in(own_archive.login, own_archive.password)
        yield person


def test_an_invitation_is_mailed_and_shown(administrator: Person, mailbox: Mailbox) -> None:
    fields = {"role": "volunteer", "address": "zoe@radio.example"}
    page = administrator.post(PEOPLE + "/invite", PEOPLE, **fields).text
    assert "It was mailed to zoe@radio.example too." in page
    (letter,) = mailbox.received
    assert "To: zoe@radio.example" in letter
    assert "From: archive@radio.example" in letter
    link = page.partition('class="link-made" value="')[2].partition('"')[0]
    assert link in letter.replace("=\r\n", "").replace("=3D", "=")


def test_a_server_that_does_not_answer_is_told(administrator: Person, mailbox: Mailbox) -> None:
    mailbox.shutdown()
    mailbox.server_close()
    fields = {"role": "volunteer", "address": "zoe@radio.example"}
    page = administrator.post(PEOPLE + "/invite", PEOPLE, **fields).text
    assert "It could not be mailed to zoe@radio.example" in page
    assert "/invitation/" in page


@pytest.mark.parametrize(
    "address", ["zoe", "a@b.example\r\nBcc: c@d.example", "a@b.example,c@d.example", "@"]
)
def test_what_is_no_address_is_refused(administrator: Person, mailbox: Mailbox, address: str) -> None:
    assert not is_address(address)
    answer = administrator.post(PEOPLE + "/invite", PEOPLE, role="volunteer", address=address)
    assert answer.status_code == 400
    assert mailbox.received == []


def test_without_a_server_nothing_is_asked_nor_mailed(own_archive: Any) -> None:
    with open_browser(own_archive.settings) as client:
        person = Person(client)
        person.sign_in(own_archive.login, own_archive.password)
        assert 'name="address"' not in person.get(PEOPLE).text
        fields = {"role": "volunteer", "address": "zoe@radio.example"}
        answer = person.post(PEOPLE + "/invite", PEOPLE, **fields)
        assert answer.status_code == 200
        assert "mailed" not in answer.text
