"""What a volunteer does at the editor, in real Chromium and with the keyboard alone."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from media.transcript import DoubtKind, TurnKind, TurnState
from media.transcripts import list_turns

pytestmark = pytest.mark.slow


def put_caret(volunteer: Any, before: str) -> None:
    """Put the caret before a word of the active turn, as arrow keys would."""
    volunteer.field.evaluate(
        "(field, word) => { const at = field.value.indexOf(word); field.setSelectionRange(at, at); }", before
    )


def test_five_minutes_are_taken_from_the_list_and_read_to_their_end(arrive: Any) -> None:
    reader = arrive("alice", "Alice")
    page = reader.page
    page.goto("/correct")
    page.get_by_role("button", name=re.compile("Relire 5 minutes|Correct 5 minutes")).focus()
    page.keyboard.press("Enter")
    expect(reader.field).to_be_focused()
    label = reader.field.get_attribute("aria-label") or ""
    assert "2, Julien Morvan, 0:0" in label
    for _ in reader.turns():
        page.keyboard.press("Control+Enter")
    expect(page.locator("[data-part=finished-told]")).to_be_visible()
    expect(page.locator("#end")).to_be_focused()
    assert {turn.turn.state for turn in reader.turns()} == {TurnState.READ}


def test_what_is_typed_is_saved_and_told_with_its_hour(volunteer: Any) -> None:
    turn = volunteer.turns()[0]
    volunteer.open(turn)
    volunteer.page.keyboard.press("Control+End")
    volunteer.page.keyboard.type(" Voilà.")
    expect(volunteer.saved).to_have_text(re.compile(r"\d\d:\d\d"))
    saved = volunteer.turns()[0]
    assert saved.turn.text.endswith("Voilà.")
    assert saved.turn.state is TurnState.READ
    assert saved.turn.words[-2] == turn.turn.words[-1]  # what was not typed over keeps its times
    expect(volunteer.field).to_be_focused()
    volunteer.page.keyboard.press("Control+z")
    expect(volunteer.field).not_to_have_value(re.compile(r"Voilà\."))  # the field's own undo still works


def test_enter_splits_backspace_merges_and_each_is_one_undo(volunteer: Any) -> None:
    turn = volunteer.turns()[1]
    words = turn.turn.words
    volunteer.open(turn)
    put_caret(volunteer, words[3].text)
    volunteer.page.keyboard.press("Enter")
    expect(volunteer.field).to_have_value(" ".join(word.text for word in words[3:]))
    expect(volunteer.field).to_be_focused()
    assert volunteer.turns()[2].turn.start_ms == words[3].start_ms
    volunteer.page.keyboard.press("Control+z")
    expect(volunteer.field).to_have_value(turn.turn.text)
    volunteer.page.keyboard.press("Control+y")
    expect(volunteer.page.locator(f"#t-{turn.id} .words")).to_have_text(
        " ".join(word.text for word in words[:3])
    )
    volunteer.open(volunteer.turns()[2])
    volunteer.page.keyboard.press("Backspace")
    expect(volunteer.field).to_have_value(turn.turn.text)
    assert volunteer.turns()[1].turn.words == words


def test_words_go_to_a_neighbour_and_voices_that_differ_are_asked_about(volunteer: Any) -> None:
    first, second = volunteer.turns()[3:5]
    volunteer.open(second)
    put_caret(volunteer, second.turn.words[2].text)
    volunteer.page.keyboard.press("Shift+PageUp")
    expect(volunteer.field).to_have_value(" ".join(word.text for word in second.turn.words[2:]))
    assert volunteer.text_of(first.id).endswith(second.turn.words[1].text)
    volunteer.page.keyboard.press("Control+z")
    expect(volunteer.field).to_have_value(second.turn.text)
    volunteer.page.keyboard.press("Control+Home")
    volunteer.page.keyboard.press("Backspace")
    panel = volunteer.page.locator(".panel")
    expect(panel).to_be_visible()
    expect(panel.locator("button").first).to_be_focused()
    panel.locator("button").last.focus()
    volunteer.page.keyboard.press("Enter")
    expect(panel).to_be_hidden()
    expect(volunteer.field).to_be_focused()
    assert volunteer.text_of(second.id) == second.turn.text


def test_a_voice_is_named_for_the_episode_with_its_count_and_one_undo(volunteer: Any) -> None:
    voices = [turn for turn in volunteer.turns() if turn.voice and turn.voice.number == 3]
    volunteer.open(voices[0])
    volunteer.page.keyboard.press("F2")
    name = volunteer.page.locator(".panel input[name=name]")
    expect(name).to_be_focused()
    name.fill("Hélène <b>Castaing</b>")
    volunteer.page.keyboard.press("Tab")
    while not volunteer.page.evaluate("document.activeElement.value === 'episode'"):
        volunteer.page.keyboard.press("ArrowDown")
    label = volunteer.page.locator(".panel label", has=volunteer.page.locator("[value=episode]"))
    expect(label).to_contain_text(str(len(voices)))
    volunteer.page.keyboard.press("Enter")
    expect(volunteer.said).to_contain_text(str(len(voices)))
    expect(volunteer.page.locator(f"#t-{voices[0].id} .speaker")).to_have_text("Hélène <b>Castaing</b>")
    assert {turn.voice.name for turn in volunteer.turns() if turn.voice.number == 3} == {
        "Hélène <b>Castaing</b>"
    }
    volunteer.page.locator("[data-part=undo]").focus()
    volunteer.page.keyboard.press("Enter")
    expect(volunteer.page.locator(f"#t-{voices[0].id} .speaker")).to_have_text("Voix 3")


def test_a_doubt_is_written_and_a_language_and_a_sound(volunteer: Any) -> None:
    turn = volunteer.turns()[6]
    word = turn.turn.words[1]
    volunteer.open(turn)
    put_caret(volunteer, word.text)
    volunteer.page.keyboard.press("Control+?")
    expect(volunteer.field).to_have_value(re.compile(r"\[[^\]]+ \?\]"))
    volunteer.page.keyboard.press("PageDown")
    expect(volunteer.page.locator(f"#t-{turn.id} .doubt")).to_be_visible()
    assert DoubtKind.MARKED in {
        doubt.kind for held in volunteer.turns() if held.id == turn.id for doubt in held.turn.doubts
    }
    volunteer.page.keyboard.press("Shift+F2")
    expect(volunteer.page.locator(".panel select")).to_be_focused()
    volunteer.page.keyboard.press("Enter")
    volunteer.page.locator(".panel button:not([type=button])").focus()
    volunteer.page.keyboard.press("Enter")
    expect(volunteer.said).not_to_have_text("")
    volunteer.page.keyboard.press("F4")
    expect(volunteer.page.locator(".panel input[name=label]")).to_be_focused()
    volunteer.page.keyboard.type("Rires")
    volunteer.page.keyboard.press("Enter")
    expect(volunteer.page.locator(".turn.event .heard", has_text="Rires")).to_be_visible()
    with volunteer.home.database.read() as connection:
        held = list_turns(connection, volunteer.home.talk)
    assert [turn.turn.label for turn in held if turn.turn.kind is TurnKind.EVENT] == ["Rires"]
    assert any(word.language for turn in held for word in turn.turn.words)


def test_unsure_words_are_reached_by_key_across_turns(volunteer: Any, unsure: Any) -> None:
    one, other = volunteer.turns()[-3], volunteer.turns()[-1]
    unsure(volunteer.home, one, 1)
    unsure(volunteer.home, other, 0, 2)
    volunteer.open(one)
    selected = "f => f.value.slice(f.selectionStart, f.selectionEnd)"
    for turn, place in ((one, 1), (other, 0), (other, 2)):
        volunteer.page.keyboard.press("F9")
        expect(volunteer.field).to_have_attribute("aria-label", re.compile(f" {turn.position + 1},"))
        assert volunteer.field.evaluate(selected) == turn.turn.words[place].text
    volunteer.page.keyboard.press("Shift+F9")
    assert volunteer.field.evaluate(selected) == other.turn.words[0].text


def test_playing_never_leaves_the_text_and_starts_a_little_earlier(volunteer: Any) -> None:
    volunteer.open(volunteer.turns()[0])
    audio = volunteer.page.locator("audio")
    until = "a => new Promise(done => { const look = () => (%s) ? done() : setTimeout(look, 50); look(); })"
    volunteer.page.keyboard.press("Control+Space")
    audio.evaluate(until % "!a.paused && a.currentTime > 3")
    volunteer.page.keyboard.press("F8")
    audio.evaluate(until % "a.paused")
    stopped = audio.evaluate("a => a.currentTime")
    volunteer.page.keyboard.press("Control+;")
    assert abs(audio.evaluate("a => a.currentTime") - stopped - 3) < 0.5
    volunteer.page.keyboard.press("Control+,")
    volunteer.page.keyboard.press("Control+!")
    assert audio.evaluate("a => a.playbackRate") == 1.25
    began = volunteer.page.evaluate(
        """() => new Promise(done => { const audio = document.querySelector('audio');
        audio.addEventListener('seeking', () => done(audio.currentTime), {once: true});
        document.querySelector('[data-part=play]').click(); })"""
    )
    assert abs(began - (stopped - 1.5)) < 0.3
    expect(volunteer.field).to_be_focused()


def test_pasted_markup_and_hidden_characters_stay_text(volunteer: Any) -> None:
    turn = volunteer.turns()[-2]
    volunteer.open(turn)
    volunteer.field.evaluate(
        """field => { field.setSelectionRange(0, field.value.length);
        const data = new DataTransfer();
        data.setData('text/plain', '<img src=x onerror=alert(1)>\\n\\u202eabc\\u0007 fin');
        data.setData('text/html', '<b>gras</b>');
        const options = {clipboardData: data, bubbles: true, cancelable: true};
        field.dispatchEvent(new ClipboardEvent('paste', options)); }"""
    )
    expect(volunteer.field).to_have_value("<img src=x onerror=alert(1)> abc fin")
    expect(volunteer.said).not_to_have_text("")
    volunteer.page.keyboard.press("PageUp")
    expect(volunteer.page.locator(f"#t-{turn.id} .words")).to_have_text(
        "<img src=x onerror=alert(1)> abc fin"
    )
    expect(volunteer.saved).to_have_text(re.compile(r"\d\d:\d\d"))
    assert volunteer.text_of(turn.id) == "<img src=x onerror=alert(1)> abc fin"


def test_a_text_that_is_too_long_is_said_so_and_kept(volunteer: Any) -> None:
    turn = volunteer.turns()[2]
    volunteer.open(turn)
    volunteer.field.evaluate(
        "field => { field.select(); document.execCommand('insertText', false, 'mot '.repeat(75_000)); }"
    )
    expect(volunteer.said).to_contain_text("300000")
    volunteer.page.keyboard.press("PageDown")
    expect(volunteer.page.locator(f"#t-{turn.id}")).to_have_class(re.compile("kept"))
    assert volunteer.text_of(turn.id) == turn.turn.text
    volunteer.page.keyboard.press("PageUp")
    assert len(volunteer.field.input_value()) == 300_000


def test_no_letter_outside_fields_does_anything(volunteer: Any) -> None:
    """WCAG 2.1.4."""
    volunteer.open(volunteer.turns()[0])
    volunteer.page.locator("#end").focus()
    before = volunteer.page.locator("#editor").inner_text()
    for letter in "abcdefghijklmnopqrstuvwxyz0123456789":
        volunteer.page.keyboard.press(letter)
    assert volunteer.page.locator("#editor").inner_text() == before
    assert volunteer.page.locator("audio").evaluate("audio => audio.paused")


def test_tab_leaves_the_field(volunteer: Any) -> None:
    """WCAG 2.1.2."""
    volunteer.open(volunteer.turns()[0])
    volunteer.page.keyboard.press("Tab")
    expect(volunteer.field).not_to_be_focused()
    volunteer.page.keyboard.press("Shift+Tab")
    expect(volunteer.field).to_be_focused()
