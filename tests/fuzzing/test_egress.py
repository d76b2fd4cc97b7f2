"""No way out leads inside, and there are no other ways out (FAULTS 23)."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from fuzzing.egress import PATHS, list_addresses, try_addresses

ROOT = Path(__file__).parents[2]
ROOMS = ("media", "ingest", "search", "web", "terminal")
FETCHERS = {"fetch_bytes", "download_file", "open_answer", "send_get"}
GUARDED = "ingest/network/"
NETWORK = {
    *("socket", "ssl", "httpx", "httpcore", "http.client", "urllib.request", "ftplib", "smtplib", "requests"),
    *("aiohttp", "fsspec", "s3fs", "boto3", "botocore", "aiobotocore", "obstore"),
}
# Who else may know the network, and to reach what: never what a stranger names.
OTHERS = {
    "ingest/words/weights.py": "the speech model that a setting names; only httpx's errors are known here",
    "ingest/work/slots.py": "this machine's own name",
    "search/folder.py": "this machine's own name",
    "web/people/mailing.py": "the mail server that a setting names",
}
SETTING_NAMED = ("media/store/", "media/watching/", "web/watching/", "terminal/")  # what the operator names


@cache
def modules() -> list[tuple[str, ast.Module]]:
    paths = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    return [(path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf8"))) for path in paths]


def test_a_thousand_inner_addresses_are_written_in_many_spellings() -> None:
    assert len(list_addresses(80)) >= 1_000


def test_no_way_out_connects_to_an_inner_address_in_any_spelling() -> None:
    """The long form asks for all of them."""
    tally = try_addresses(seed=23, every=60)
    assert tally.refused == tally.cases and not tally.failures, tally.told


def test_whatever_fetches_what_a_stranger_named_is_tried() -> None:
    askers = {
        name
        for name, module in modules()
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", None)) in FETCHERS
        and not name.startswith(GUARDED)
    }
    assert askers == {module for module, _ in PATHS.values()}


def test_the_network_is_known_to_the_guarded_client_and_to_what_settings_name() -> None:
    found = {
        name
        for name, module in modules()
        for imported in _imported(module)
        if imported in NETWORK and not name.startswith((GUARDED, *SETTING_NAMED))
    }
    assert found <= OTHERS.keys()


def _imported(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            yield name if name in NETWORK else name.split(".")[0]


@pytest.mark.parametrize("module", [module for module, _ in PATHS.values()])
def test_a_way_out_names_a_module_that_is_there(module: str) -> None:
    assert (ROOT / module).is_file()
