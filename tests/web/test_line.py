"""A reader waits for an episode, a few times a day; an administrator stops one."""

from typing import Any

from starlette.testclient import TestClient

from media.episodes import EpisodeStatus, add_episode, get_episode
from media.progress import list_waiting
from media.wishes import MOST_WISHES, WISHES
from tests.web.conftest import NOW
from tests.web.test_admin import administrator, post, token_of

__all__ = ["administrator"]  # a fixture


def wait_for(client: TestClient, episode: int) -> int:
    token = token_of(client.get("/login").text)
    return client.post(f"/episode/{episode}/first", data={"form_token": token}).status_code


def read(client: TestClient, episode: int) -> str:
    english = {"accept-language": "en"}
    return client.get(f"/episode/{episode}", headers=english, follow_redirects=True).text


def test_a_reader_without_account_puts_an_episode_first(own_client: TestClient, own_archive: Any) -> None:
    assert "I am waiting for this one" in read(own_client, own_archive.waiting)
    assert wait_for(own_client, own_archive.waiting) == 303
    page = read(own_client, own_archive.waiting)
    assert "Somebody waits for this one" in page and "I am waiting" not in page
    with own_archive.database.read() as connection:
        assert list_waiting(connection, 1)[0].is_wished


def test_readers_may_not_put_everything_first(own_client: TestClient, own_archive: Any) -> None:
    with own_archive.database.write() as connection:
        show = get_episode(connection, own_archive.waiting).show_id
        added = [add_episode(connection, show, f"more-{n}", "Encore", NOW) for n in range(MOST_WISHES)]
    more = [getattr(episode, "id", episode) for episode in added]
    answers = [wait_for(own_client, episode) for episode in more]
    assert answers == [303] * WISHES.most + [429] * (len(more) - WISHES.most)
    assert wait_for(own_client, own_archive.talk) == 409  # it is transcribed
    assert wait_for(own_client, own_archive.private) == 404


def test_an_administrator_stops_an_episode(administrator: TestClient, own_archive: Any) -> None:
    assert f"/admin/cancel/{own_archive.working}" in administrator.get("/admin").text
    assert post(administrator, f"/admin/cancel/{own_archive.working}").status_code == 303
    with own_archive.database.read() as connection:
        assert get_episode(connection, own_archive.working).status is EpisodeStatus.SKIPPED
