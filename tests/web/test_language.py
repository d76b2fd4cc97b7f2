"""Every sentence of the program has its French, with the same values in it."""

import contextlib
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

PROJECT = Path(__file__).parents[2]
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sd%]")
BARE_MARK = re.compile(r"(?<![\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\w/.?!»…%+])[!?;:](?=\s|$)|« | »")


@pytest.fixture(scope="module")
def french() -> Catalog:
    with (PROJECT / "media/locale/fr/LC_MESSAGES/entendu.po").open("rb") as file:
        return read_po(file, locale="fr")


@pytest.fixture(scope="module")
def sentences(tmp_path_factory: pytest.TempPathFactory) -> set[str | tuple[str, ...]]:
    """What every module and template says."""
    found = tmp_path_factory.mktemp("babel") / "entendu.pot"
    command = ["pybabel", "-q", "extract", "-F", "babel.cfg", "-k", "N_", "-k", "say", "-o", str(found), "."]
    with contextlib.chdir(PROJECT):
        CommandLineInterface().run(command)
    with found.open("rb") as file:
        held = [message.id for message in read_po(file) if message.id]
    return {msgid if isinstance(msgid, str) else tuple(msgid) for msgid in held}


def test_the_extraction_reads_templates_and_python(sentences: set[object]) -> None:
    assert "Speaking time" in sentences
    assert ("%(shown)s excerpt", "%(shown)s excerpts") in sentences
    assert "The login “%(login)s” is taken. Choose another." in sentences


def test_every_sentence_has_its_french(french: Catalog, sentences: set[str | tuple[str, ...]]) -> None:
    missing = []
    for msgid in sentences:
        message = french.get(msgid)
        texts = [] if message is None else [message.string] if isinstance(msgid, str) else message.string
        if message is None or not texts or not all(texts):
            missing.append(msgid)
    assert missing == []


def test_french_keeps_every_value(french: Catalog) -> None:
    for message in french:
        if not message.id:
            continue
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        texts = [message.string] if isinstance(message.id, str) else list(message.string)
        for text in texts:
            if text:
                kept = [sorted(PLACEHOLDER.findall(said)) for said in ids]  # one thing may go uncounted
                assert sorted(PLACEHOLDER.findall(text)) in kept, text


def test_french_is_set_as_french_is(french: Catalog) -> None:
    for message in french:
        for text in [message.string] if isinstance(message.string, str) else message.string:
            if message.id and text:
                assert "'" not in text, text
                assert not BARE_MARK.search(PLACEHOLDER.sub("x", text)), text
