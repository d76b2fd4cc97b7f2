"""The editor's pure modules, in real Chromium: keys, words, and how two texts become one."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def page(browser: Browser, home: Any) -> Iterator[Page]:
    context = browser.new_context(base_url=home.settings.site_url, locale="fr-FR", bypass_csp=True)
    held = context.new_page()
    held.goto("/login")
    yield held
    context.close()


def ask(page: Page, module: str, expression: str, value: object = None) -> Any:
    """Evaluate an expression over a module `m` and a value `v`."""
    return page.evaluate(
        """async ([module, expression, value]) => {
        const folder = document.querySelector('link[rel=stylesheet]').href.replace(/[^/]*$/, '');
        const m = await import(folder + module);
        return await new Function('m', 'v', `return ${expression}`)(m, value); }""",
        [module, expression, value],
    )


def press(key: str, **held: bool) -> dict[str, Any]:
    modifiers = {f"{name}Key": held.get(name, False) for name in ("ctrl", "alt", "shift", "meta")}
    return {"key": key, **modifiers}


@pytest.mark.parametrize(
    ("event", "name"),
    [
        (press(" ", ctrl=True), "Ctrl+Space"),
        (press("?", ctrl=True, shift=True), "Ctrl+?"),  # AZERTY: Shift+comma, said by the sign itself
        (press("F9", shift=True), "Shift+F9"),
        (press("Z", ctrl=True, shift=True), "Ctrl+Shift+z"),
        (press("Enter"), "Enter"),
        (press("Control", ctrl=True), None),
    ],
)
def test_a_press_is_named_by_what_it_prints(page: Page, event: dict[str, Any], name: str | None) -> None:
    assert ask(page, "editor-keys.js", "m.nameOf(v)", event) == name


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Tab", "screenReader"),
        ("Escape", "screenReader"),
        ("Ctrl+Alt+a", "types"),
        ("Alt+k", "types"),
        ("Alt+F2", None),
        ("a", "types"),
        ("Ctrl+2", "digit"),
        ("Ctrl+w", "taken"),
        ("Ctrl+é", None),
        ("Ctrl+,", None),
        ("F4", None),
    ],
)
def test_keys_that_swallow_or_type_are_refused(page: Page, name: str, why: str | None) -> None:
    assert ask(page, "editor-keys.js", "m.refusal(v)", name) == why


def test_a_digit_of_an_azerty_row_is_refused_though_it_prints_a_letter(page: Page) -> None:
    assert ask(page, "editor-keys.js", "m.refusal('Ctrl+é', 'Digit2')") == "digit"


def test_no_preset_gives_a_key_twice_or_a_key_that_is_refused(page: Page) -> None:
    presets = ask(page, "editor-keys.js", "m.PRESETS")
    assert set(presets) == {"azerty", "mac", "bepo", "qwerty", "otranscribe"}
    for name, keys in presets.items():
        assert ask(page, "editor-keys.js", "m.findConflicts(v)", keys) == [], name
        given = [key for names in keys.values() for key in names if key not in {"Enter", "Backspace"}]
        assert [key for key in given if ask(page, "editor-keys.js", "m.refusal(v)", key)] == [], name


def test_two_actions_of_one_key_are_found(page: Page) -> None:
    keys = {"play": ["F8"], "help": ["F1", "F8"]}
    assert ask(page, "editor-keys.js", "m.findConflicts(v)", keys) == [["F8", ["play", "help"]]]


def test_stored_keys_that_are_not_keys_are_left_out(page: Page) -> None:
    keys = ask(
        page, "editor-keys.js", "m.readKeys(v)", {"play": ["Tab"], "back": 3, "forward": ["F6"], "x": 1}
    )
    assert (keys["play"], keys["back"], keys["forward"]) == (["Ctrl+Space", "F8"], ["Ctrl+,"], ["F6"])
    assert "x" not in keys


@pytest.mark.parametrize(
    ("text", "place", "word"),
    [
        ("un deux trois", 0, 0),
        ("un deux trois", 2, 1),
        ("un deux trois", 3, 1),
        ("un deux trois", 5, 1),  # inside a word: with that word
        ("un deux trois", 13, 3),
        ("«\u00a0un\u00a0» deux", 7, 1),
    ],
)
def test_a_cut_falls_between_words(page: Page, text: str, place: int, word: int) -> None:
    assert ask(page, "editor-words.js", "m.wordAfter(v[0], v[1])", [text, place]) == word


def test_marks_follow_what_is_typed_and_go_where_it_touches_them(page: Page) -> None:
    text = "le mooflow est là"
    moved = "m.moveMarks([[3, 10]], m.changeOf(v[0], v[1]))"
    assert ask(page, "editor-words.js", moved, [text, "tout " + text]) == [[8, 15]]
    assert ask(page, "editor-words.js", moved, [text, text + " !"]) == [[3, 10]]
    assert ask(page, "editor-words.js", moved, [text, text.replace("oo", "o")]) == []
    assert ask(page, "editor-words.js", moved, [text, text.replace("low", "lows")]) == []


@pytest.mark.parametrize(
    ("mine", "theirs", "both", "clean"),
    [
        ("le chat gris dort ici", "le chat noir dort là", "le chat gris dort là", True),
        ("un gris dort ici", "le gros dort ici", "le gros dort ici un gris dort ici", False),
        ("un chat noir dort ici", "le chat noir dort là", "un chat noir dort là", True),
        ("le chat noir dort ici", "le chat noir dort là", "le chat noir dort là", True),
        ("le chat noir dort", "le chat noir dort", "le chat noir dort", True),
    ],
)
def test_two_changes_of_one_text_are_put_together(
    page: Page, mine: str, theirs: str, both: str, clean: bool
) -> None:
    base = "le chat noir dort ici"
    united = ask(page, "editor-words.js", "m.uniteTexts(...v)", [base, mine, theirs])
    assert united == {"text": both, "clean": clean}


@pytest.mark.parametrize(
    ("now", "halves"),
    [
        ("un deux trois", ["un", "deux trois"]),
        ("un XYdeux trois", ["un", "XYdeux trois"]),  # typed at the cut while it was being answered
        ("un deux trois quatre", ["un", "deux trois quatre"]),
        ("une deux trois", ["une", "deux trois"]),
    ],
)
def test_what_is_typed_during_a_cut_stays(page: Page, now: str, halves: list[str]) -> None:
    assert ask(page, "editor-words.js", "m.shareTyped('un deux trois', v, 3)", now) == halves


def test_pasted_text_is_one_line_without_what_nobody_sees(page: Page) -> None:
    pasted = "un\r\n<b>deux</b>\u202e\u0007\ttrois\u00a0!"
    assert ask(page, "editor-words.js", "m.plainText(v)", pasted) == "un <b>deux</b> trois\u00a0!"
