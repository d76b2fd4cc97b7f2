"""The whole program as it is installed, `entendu serve` with its web process and its worker, killed."""

import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import time
from urllib.parse import urlencode

from faults.asking import make_word, read_turns
from faults.killing import last_words
from faults.networks import HERE, answers, ask_server
from faults.victims import becomes
from faults.worlds import World

SAVES = 30


def kill_site(world: World, dice: random.Random) -> str:
    """Kill every process of `entendu serve` at once while texts are saved over HTTP."""
    with socket.create_server((HERE, 0)) as free:
        port = free.getsockname()[1]
    with world.log.open("ab") as log:
        site = subprocess.Popen(
            [sys.executable, "-m", "entendu", "serve", "--port", str(port), "--no-worker"],
            env={**os.environ, "ENTENDU_DATA": str(world.data), "ENTENDU_SITE_URL": f"http://{HERE}:{port}"},
            stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        assert becomes(lambda: answers(port)), last_words(world)
        with world.open() as database:
            turns = read_turns(database, dice)
        due = dice.randrange(SAVES)
        for turn in turns[:due]:
            _save(world, port, turn.id, turn.version, turn.passage, f"{turn.text} ", make_word(dice))
        time.sleep(dice.uniform(0, 0.5))
    finally:
        os.killpg(site.pid, signal.SIGKILL)
        site.wait()
    return f"after {due} saves"


def _save(world: World, port: int, turn: int, version: int, passage: int, text: str, word: str) -> None:
    cookie, token = world.cookies[0], secrets.token_urlsafe(12)
    form = ask_server(port, "GET", "/correct/session", cookie)[1]["token"]
    fields = {"form_token": form, "version": str(version), "passage": str(passage), "token": token}
    body = urlencode(fields | {"text": text + word}).encode()
    status, answer = ask_server(port, "POST", f"/correct/turn/{turn}/text", cookie, body)
    world.ledger.note(["answer", status, answer.get("error", "")])
    if status == 200:
        world.ledger.note(["kept", turn, word, token, answer["act"]])
