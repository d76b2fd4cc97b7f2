"""The documents say what is true: commands, settings, targets, links and images exist.

Whoever adds a command, a setting or a make target is told here which page must learn of it.
"""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

import entendu
from media.settings import Settings

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
OPERATORS = ROOT / "docs" / "operators.md"
PAGES = [
    README,
    ROOT / "CHANGELOG.md",
    ROOT / "SECURITY.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *ROOT.glob("media/demo/*.md"),
]
DEPLOYED = sorted((ROOT / "deploy").iterdir())
PROGRAM = re.compile(r"(?:^|bin/)entendu (?=[a-z]|--help)(.*)")
FIRST_SCREEN_LINES = 40

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def read(page: Path) -> str:
    return page.read_text(encoding="utf8")


def code(text: str) -> Iterator[str]:
    """Yield every line of a fenced block of commands, and every inline piece of code."""
    for block in re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        yield from block.splitlines()
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE))


def command_lines(text: str) -> Iterator[str]:
    """Yield what follows `entendu` in code that runs it, with or without a path or a sudo before."""
    for line in code(text):
        if found := PROGRAM.search(line):
            yield found[1]


def parse(line: str) -> None:
    """Let the program's own parser read a command line; it raises for what it does not know.

    A command alone (`entendu add`) is its name in a sentence.
    """
    name, *arguments = shlex.split(line)
    if name != "--help":
        command = commands[name]
        if arguments:
            command.make_context(name, arguments)


commands: dict[str, Any] = get_command(entendu.app).commands  # type: ignore[attr-defined]


@pages
def test_documented_commands_are_real(page: Path) -> None:
    # `parse` raises a usage error for a command or an option that is not there; some pages name none.
    assert all(parse(line) is None for line in command_lines(read(page)))


def test_the_readme_shows_the_way_to_a_first_excerpt() -> None:
    shown = [shlex.split(line)[0] for line in command_lines(read(README))]
    assert shown[:5] == ["add", "work", "search", "user", "serve"]
    assert commands.keys() - set(shown) <= {"demo"}  # `make demo` runs it


def test_the_two_commands_are_on_the_first_screen() -> None:
    first_screen = read(README).splitlines()[:FIRST_SCREEN_LINES]
    assert {"make demo", "make test"} <= set(first_screen)
    assert "make test" in read(ROOT / ".ci" / "run").splitlines()


@pages
def test_make_targets_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", read(ROOT / "Makefile"), re.MULTILINE))
    named = {found[1] for line in code(read(page)) if (found := re.search(r"(?:^|sudo )make ([a-z]+)", line))}
    assert named <= targets


# Settings.


def documented_settings(page: Path) -> dict[str, list[str]]:
    rows = re.findall(r"^\| `(ENTENDU_\w+)` \| *(.*?) *\| (.+) \|$", read(page), re.MULTILINE)
    return {name: [default, meaning] for name, default, meaning in rows}


def real_settings() -> dict[str, list[str]]:
    return {
        f"ENTENDU_{name.upper()}": [shown_default(field.default), str(field.description)]
        for name, field in Settings.model_fields.items()
    }


def shown_default(value: object) -> str:
    if isinstance(value, tuple):
        return f"`{json.dumps(value)}`"
    return f"`{value}`" if str(value) else ""


def test_the_operators_table_of_settings_is_the_code() -> None:
    assert documented_settings(OPERATORS) == real_settings()


def test_the_readme_has_each_setting_with_its_default_and_a_meaning_in_french() -> None:
    documented, real = documented_settings(README), real_settings()
    assert {name: default for name, (default, _) in documented.items()} == {
        name: default for name, (default, _) in real.items()
    }
    assert not [name for name, (_, meaning) in documented.items() if meaning == real[name][1]]


@pytest.mark.parametrize("page", [*PAGES, *DEPLOYED], ids=lambda page: page.name)
def test_no_page_names_a_setting_that_is_not_there(page: Path) -> None:
    for_tests = {
        name
        for path in (ROOT / "tests").rglob("*.py")
        for name in re.findall(r'environ\.get\("(ENTENDU_\w+)"', read(path))
    }
    named = set(re.findall(r"ENTENDU_[A-Z][A-Z_]*", read(page)))
    assert named <= real_settings().keys() | for_tests


# Links and pictures.


def links(text: str) -> Iterator[str]:
    text = re.sub(r"^```.*?^```|`[^`\n]*`", "", text, flags=re.DOTALL | re.MULTILINE)
    yield from re.findall(r"\]\(([^)\s]+)\)", text)
    yield from re.findall(r'(?:src|srcset|href)="([^"\s]+)"', text)


def anchors(page: Path) -> set[str]:
    """The fragments of a page's headings, as GitHub and Forgejo make them."""
    titles = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", read(page), flags=re.S | re.M), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pages
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    for link in links(read(page)):
        if link.startswith(("https://", "http://")):
            continue
        path, _, fragment = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.is_relative_to(ROOT), link
        assert target.is_file(), f"{page.name} points to {link}, which is not there"
        assert not fragment or fragment in anchors(target), f"{page.name}: no heading for {link}"


def test_every_picture_says_what_it_shows() -> None:
    images = [image for page in PAGES for image in re.findall(r"<img [^>]*>|!\[[^\]]*\]", read(page))]
    assert images
    assert not [image for image in images if not re.search(r'alt="[^"]{20,}"|!\[[^\]]{20,}\]', image)]


def test_files_named_in_the_contributors_table_exist() -> None:
    named = re.findall(r"^\| (`[^|]+`) \|", read(ROOT / "docs" / "contributing.md"), re.MULTILINE)
    files = [name for cell in named for name in re.findall(r"`([^`]+)`", cell)]
    assert files
    assert not [name for name in files if not (ROOT / name).is_file()]


def test_the_french_page_is_set_as_french_is() -> None:
    french = re.sub(r"^```.*?^```|`[^`\n]*`|<[^>]*>", "¤", read(README), flags=re.DOTALL | re.MULTILINE)
    french = french.partition("## In English")[0]
    assert not re.findall(r".*(?:'| [;!?»]| :(?=\s)|« ).*", french)


# What is deployed.


@pytest.mark.parametrize(
    "unit", [path for path in DEPLOYED if path.suffix == ".service"], ids=lambda p: p.name
)
def test_services_start_what_exists(unit: Path) -> None:
    starts = re.findall(r"^ExecStart=/opt/entendu/\.venv/bin/entendu (.+)$", read(unit), re.MULTILINE)
    assert len(starts) == 1
    parse(starts[0])


def test_proxies_agree_with_the_program() -> None:
    """One port, one size of body; what the proxy keeps open, the program has not closed yet."""
    from web.security import LONG_TEXTS, MAX_BODY_BYTES, MAX_TEXT_BYTES, MAX_UPLOAD_BYTES, UPLOADS
    from web.serving import KEEP_ALIVE_S

    nginx, caddy = read(ROOT / "deploy" / "nginx.conf"), read(ROOT / "deploy" / "Caddyfile")
    service = read(ROOT / "deploy" / "entendu.service")
    assert "--host 127.0.0.1 --port 8765" in service
    assert "server 127.0.0.1:8765;" in nginx
    assert "reverse_proxy 127.0.0.1:8765 " in caddy
    kib = MAX_BODY_BYTES // 1024
    assert f"client_max_body_size {kib}k;" in nginx
    assert f"max_size {kib}KB" in caddy
    for mib in (MAX_TEXT_BYTES >> 20, MAX_UPLOAD_BYTES >> 20):
        assert f"client_max_body_size {mib}m;" in nginx
        assert f"max_size {mib}MB" in caddy
    assert f"^/({'|'.join(path.strip('/') for path in LONG_TEXTS)})/" in nginx
    assert f"location = {UPLOADS} " in nginx
    assert f"@texts path {' '.join(f'{path}*' for path in LONG_TEXTS)}" in caddy
    assert f"request_body {UPLOADS} " in caddy
    kept = [
        *re.findall(r"^    keepalive_timeout (\d+)s;  # less", nginx, re.M),
        *re.findall(r"keepalive (\d+)s", caddy),
    ]
    assert len(kept) == 2
    assert all(int(seconds) < KEEP_ALIVE_S for seconds in kept)
