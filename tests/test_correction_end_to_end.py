"""A transcript made right by people, in a real browser and with the keyboard only, from invitation to export.

The program runs as its processes do; the transcript is what the real model hears of the synthetic
show, whose truth is known. Nothing here is said about how long anything takes.
"""

import json
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from itertools import accumulate
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
from playwright.sync_api import Browser, Locator, expect, sync_playwright

from tests.keyboard import Person, wait_until
from tests.program import entendu, serving

pytestmark = pytest.mark.slow

CHROMIUM = Path("/usr/bin/chromium")
LENGTH_S = "330"
PATIENCE_MS = 30_000
PASSWORD = "une place de marché"
DOUBTS = 20
WORD = re.compile(r"[^\W\d_]{5,}")

Turn = dict[str, Any]
TimedWord = tuple[str, int, int]


@dataclass(frozen=True)
class Truth:
    """What is truly said, and by whom."""

    turns: list[Turn]

    def during(self, start_ms: int, end_ms: int) -> Turn:
        """Find what is said at a time."""
        return max(
            self.turns, key=lambda turn: min(end_ms, 1000 * turn["end"]) - max(start_ms, 1000 * turn["start"])
        )

    def words(self) -> list[str]:
        """List the words of it all."""
        return WORD.findall(" ".join(turn["text"] for turn in self.turns))


@dataclass(frozen=True)
class Archive:
    """The archive as anybody may ask it over HTTP."""

    base: str
    person: Person

    def ask(self, path: str) -> str:
        """Ask for a document."""
        answer = self.person.page.request.get(self.base + path)
        assert answer.ok, f"{path}: {answer.status}"
        return answer.text()

    def turns(self) -> list[Turn]:
        """Read what is said in the episode now, with the time of each word."""
        said = json.loads(self.ask("/api/episodes/1"))["turns"]
        packed = dict(json.loads(self.ask("/episode/1/words.json"))["turns"])
        return [turn | {"words": _time(turn, packed[turn["id"]])} for turn in said if turn["id"] in packed]

    def text(self) -> str:
        """Read all its words."""
        return " ".join(turn["text"] for turn in self.turns())

    def says(self, word: str) -> bool:
        """Tell whether a search finds a word, in the texts that it brings."""
        found = json.loads(self.ask(f"/api/search?q={word}"))["excerpts"]
        return any(word.casefold() in excerpt["text"].casefold() for excerpt in found)


@pytest.fixture(scope="module")
def base(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An archive of the first minutes of the synthetic show, transcribed, and served with its worker."""
    folder = tmp_path_factory.mktemp("correction")
    sound = folder / "emission.mp3"
    ffmpeg = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-t", LENGTH_S]
    subprocess.run(
        [*ffmpeg, "-i", shared / "audio" / "emission-courte.mp3", "-b:a", "96k", sound], check=True
    )
    added = entendu(folder, "add", str(sound), "--show", "Libre à vous", "--date", "2024-07-02")
    assert added.returncode == 0, added.stderr
    worked = entendu(folder, "work", "--once")
    assert worked.returncode == 0, worked.stderr
    with serving(folder) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
        held = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield held
        held.close()


@pytest.fixture
def arrive(browser: Browser, base: str) -> Iterator[Callable[[], Person]]:
    """People who arrive, each with a browser of their own; no script may fail on their pages."""
    failures: list[str] = []
    with ExitStack() as stack:

        def make() -> Person:
            context = browser.new_context(base_url=base, locale="fr-FR", bypass_csp=True)
            stack.callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
            page = context.new_page()
            page.on("pageerror", lambda error: failures.append(str(error)))
            return Person(page)

        yield make
    assert failures == []


def test_a_volunteer_invited_by_link_makes_a_passage_right_and_another_validates_it(
    arrive: Callable[[], Person], base: str, shared: Path
) -> None:
    expect.set_options(timeout=PATIENCE_MS)
    truth = Truth(json.loads((shared / "audio" / "emission-courte.json").read_text("utf-8"))["turns"])
    administrator, volunteer, reviewer = arrive(), arrive(), arrive()
    archive = Archive(base, arrive())

    found_the_archive(administrator)
    make_account(volunteer, invite(administrator, "volunteer"), "alice", "Alice")
    make_account(reviewer, invite(administrator, "reviewer"), "rene", "René")

    take_five_minutes(volunteer)
    heard, said = correct_a_turn(volunteer, archive, truth)
    split_and_merge(volunteer, archive)
    name_the_voices(volunteer, archive, truth)
    clear_doubts(volunteer)
    correct_everywhere_and_undo(volunteer, archive, truth)
    confirm_the_rest(volunteer)
    validate(reviewer, archive, said)

    wait_until(lambda: (archive.says(said), archive.says(heard)), lambda found: found == (True, False))
    search(arrive(), said, heard)
    exports_carry(archive, said, heard)


def found_the_archive(person: Person) -> None:
    """Make the first account, with the keyboard."""
    person.page.goto("/setup")
    person.fill_in(name="Camille", login="camille", password=PASSWORD)
    person.check("administration")
    person.follow(person.page.locator("a[href='/admin/people']"))
    person.check("people")


def invite(person: Person, role: str) -> str:
    """Make a link that lets somebody in; returns it."""
    page = person.page
    chosen = page.locator("input[name=role]:checked")
    person.reach(chosen)
    while chosen.get_attribute("value") != role:
        person.press("ArrowDown")
    person.fill_in(note=f"une personne: {role}")
    person.check("a link")
    return page.locator("#link").input_value()


def make_account(person: Person, link: str, login: str, name: str) -> None:
    """Follow a link, and make the account that it offers."""
    person.page.goto(link)
    person.check("invitation")
    person.fill_in(name=name, login=login, password=PASSWORD)
    expect(person.page.locator("header.site")).to_contain_text(name)


def field(person: Person) -> Locator:
    """The field of the turn being corrected."""
    return person.page.locator(".turn.active textarea")


def take_five_minutes(person: Person) -> None:
    """Take the passage where ears help most."""
    person.follow(person.page.locator("header.site a[href='/correct']"))
    person.check("passages")
    person.follow(person.page.locator("form[action='/correct/next'] button"))
    expect(field(person)).to_be_focused()
    person.check("a passage")


def go_to(person: Person, turn: int) -> None:
    """Go to a turn of the passage, from turn to turn."""
    page = person.page
    numbers = page.locator(".turn[data-version]").evaluate_all(
        "nodes => nodes.map(node => node.dataset.turn)"
    )
    active = page.locator(".turn.active")
    while (here := active.get_attribute("data-turn")) != str(turn):
        step = numbers.index(str(turn)) - numbers.index(here)
        wanted = numbers[numbers.index(here) + (1 if step > 0 else -1)]
        person.press("PageDown" if step > 0 else "PageUp")
        expect(active).to_have_attribute("data-turn", wanted)
    expect(field(person)).to_be_focused()


def shown(person: Person) -> list[Turn]:
    """List the turns of the passage on the page."""
    return person.page.locator(".turn[data-version]").evaluate_all(
        """nodes => nodes.map(node => ({id: Number(node.dataset.turn), voice: node.dataset.voice,
        start: Number(node.dataset.start), end: Number(node.dataset.end),
        text: node.querySelector('.words').textContent}))"""
    )


def correct_a_turn(person: Person, archive: Archive, truth: Truth) -> tuple[str, str]:
    """Write what is truly said in a turn; returns a word that was heard wrong, and one that was missed."""
    page = person.page
    true, said = fold(truth.words()), Counter(fold(WORD.findall(archive.text())))
    for turn in shown(person):
        right = truth.during(turn["start"], turn["end"])["text"]
        gone = [word for word in WORD.findall(turn["text"]) if said[word.casefold()] == 1]
        gone = [word for word in gone if not get_close_matches(word.casefold(), true, 1, 0.85)]
        come = [word for word in WORD.findall(right) if not get_close_matches(word.casefold(), said, 1, 0.85)]
        alike = SequenceMatcher(None, turn["text"], right).ratio()
        if gone and come and alike > 0.7:
            break
    else:
        raise AssertionError("the machine heard all of it right")
    go_to(person, turn["id"])
    person.write(right)
    expect(field(person)).to_have_value(right)
    person.check("a turn being typed")
    person.press("Control+Enter")
    come = max(come, key=len)
    kept = page.locator(f"#t-{turn['id']}")
    expect(kept.locator(".state-read")).to_be_visible()
    expect(kept.locator(".words")).to_contain_text(come)
    expect(page.locator("[data-part=saved]")).to_have_text(re.compile(r"\d\d:\d\d"))
    person.check("a turn confirmed")
    return max(gone, key=len), come


def split_and_merge(person: Person, archive: Archive) -> None:
    """Cut a turn in two and join it again; every word keeps its time."""
    page, before = person.page, archive.turns()
    turns = shown(person)
    longest = max(turns, key=lambda turn: len(turn["text"]))
    go_to(person, longest["id"])
    person.press("Control+Home", *["Control+ArrowRight"] * 6, "Enter")
    everyone = page.locator(".turn[data-version]")
    expect(everyone).to_have_count(len(turns) + 1)
    expect(field(person)).to_be_focused()
    tail = field(person).input_value()
    assert longest["text"].endswith(tail)
    assert len(archive.turns()) == len(before) + 1
    person.check("a turn split")
    person.press("Control+Home", "Backspace")
    expect(everyone).to_have_count(len(turns))
    expect(field(person)).to_have_value(longest["text"])
    assert times(archive.turns()) == times(before)
    person.check("turns merged")


def name_the_voices(person: Person, archive: Archive, truth: Truth) -> None:
    """Name each voice for the whole episode, after who truly speaks most with it."""
    page = person.page
    voices: dict[str, Counter[str]] = {}
    for turn in shown(person):
        speaker = truth.during(turn["start"], turn["end"])["speaker"]
        voices.setdefault(turn["voice"], Counter())[speaker] += turn["end"] - turn["start"]
    for voice, speakers in voices.items():
        name = speakers.most_common(1)[0][0]
        mine = [turn["id"] for turn in shown(person) if turn["voice"] == voice]
        go_to(person, mine[0])
        person.press("F2")
        expect(page.locator(".panel input[name=name]")).to_be_focused()
        person.check("who speaks")
        person.write(name)
        person.press("Tab")
        chosen = page.locator(".panel input[name=scope]:checked")
        while chosen.get_attribute("value") != "episode":
            person.press("ArrowDown")
        person.press("Enter")
        for turn in mine:
            expect(page.locator(f"#t-{turn} .speaker")).to_have_text(name)
    assert {turn["speaker"] for turn in archive.turns()} >= {"Étienne Gonnu", "Corinne Migeon"}
    person.check("voices named")


def clear_doubts(person: Person) -> None:
    """Answer twenty items of the queue: most as they are, some by typing, one undecided, one skipped."""
    page = person.page
    person.follow(page.locator("header.site a[href='/doubts']"))
    person.check("ten minutes")
    person.follow(page.locator("form.minutes button"))
    answer = page.locator(".typed")
    expect(answer).to_be_focused()
    person.check("a doubt")
    answered = 0
    for turn in range(DOUBTS + 2):
        doubt = page.locator("form.question").get_attribute("data-doubt")
        press = {5: "Control+?", 9: "F9"}.get(turn, "Enter")
        if press == "Enter" and page.locator("input.typed").count():
            person.write("Étienne Gonnu")
        elif turn in {3, 12}:
            person.write("tournesol")
        person.press(press)
        answered += press == "Enter"
        expect(page.locator(f'form.question:not([data-doubt="{doubt}"])')).to_be_visible()
        expect(answer).to_be_focused()
    assert answered == DOUBTS
    person.check("a doubt, after others")
    person.follow(page.locator("form[action$='/end'] button"))
    expect(page.locator(".harvest .lead")).to_contain_text(str(DOUBTS))
    person.check("minutes done")


def correct_everywhere_and_undo(person: Person, archive: Archive, truth: Truth) -> None:
    """Correct a word that the machine heard wrong more than once, wherever it is, and take it back."""
    page = person.page
    true = truth.words()
    often = Counter(WORD.findall(archive.text())).most_common()
    heard = next(word for word, count in often if count > 1 and word.casefold() not in fold(true))
    written = get_close_matches(heard, true, 1, 0.0)[0]
    before = archive.turns()
    person.follow(page.locator("nav.places a[href='/everywhere']"))
    person.check("correct everywhere")
    choices = page.locator(".choice input:checked")

    def count_places() -> int:
        person.fill_in(heard=heard, written=written)
        return choices.count()

    found = wait_until(count_places, lambda count: count > 1)
    person.check("places of a correction")
    person.follow(page.locator("#places button.primary"))
    expect(page.locator(".notice.done")).to_contain_text(str(found))
    person.check("corrected everywhere")
    corrected = archive.text()
    assert corrected.count(written) == " ".join(turn["text"] for turn in before).count(written) + found
    person.follow(page.locator("form[action$='/undo'] button"))
    person.check("correction undone")
    assert times(archive.turns()) == times(before)


def confirm_the_rest(person: Person) -> None:
    """Come back to the passage, and confirm turn after turn until all of it is read."""
    page = person.page
    person.follow(page.locator("header.site a[href='/correct']"))
    person.follow(page.locator(".passage.mine button"))
    expect(field(person)).to_be_focused()
    turns = shown(person)
    go_to(person, turns[0]["id"])
    for turn in turns:
        expect(page.locator(f"#t-{turn['id']}.active")).to_be_visible()
        person.press("Control+Enter")
    expect(page.locator("#end")).to_be_focused()
    expect(page.locator("[data-part=finished-told]")).to_be_visible()
    person.check("a passage done")


def validate(person: Person, archive: Archive, said: str) -> None:
    """Hear and validate, one after the other, what the volunteer read."""
    page = person.page
    person.follow(page.locator("header.site a[href='/review']"))
    person.check("what waits for a reviewer")
    person.follow(page.locator("a[href='/review/next']"))
    text = page.locator("#text")
    while text.count():
        if said in text.input_value():
            expect(page.locator("ins", has_text=said).first).to_be_visible()
            person.check("a reading, with what it changed")
        with page.expect_navigation(wait_until="load"):
            person.press("Control+Enter")
    person.check("nothing waits")
    assert {turn["state"] for turn in archive.turns()} == {"validated"}


def search(person: Person, said: str, heard: str) -> None:
    """Search as a reader does: the right word is marked in a card, the wrong one in none."""
    page = person.page
    page.goto("/")
    person.fill_in(q=said)
    expect(page.locator(".card mark").first).to_have_text(re.compile(said, re.IGNORECASE))
    person.check("the word found")
    person.fill_in(q=heard)
    marks = page.locator(".card mark", has_text=re.compile(f"^{heard}$", re.IGNORECASE))
    expect(marks).to_have_count(0)
    person.check("the word not found")


def exports_carry(archive: Archive, said: str, heard: str) -> None:
    """Every format has the new word, at its time, and no longer the old one."""
    turn = next(turn for turn in archive.turns() if said in turn["text"])
    start_ms, end_ms = next((start, end) for word, start, end in turn["words"] if said in word)
    assert turn["start_ms"] <= start_ms < end_ms <= turn["end_ms"]
    for form, sign in (("vtt", "."), ("srt", ",")):
        cues = [cue for cue in archive.ask(f"/episode/1/export.{form}").split("\n\n") if said in cue]
        bounds = re.findall(rf"(\d+):(\d\d):(\d\d)\{sign}(\d\d\d)", cues[0])
        begin, end = (1000 * (60 * (60 * int(h) + int(m)) + int(s)) + int(ms) for h, m, s, ms in bounds[:2])
        assert begin <= start_ms < end
    for form in ("vtt", "srt", "txt", "json"):
        exported = archive.ask(f"/episode/1/export.{form}")
        assert said in exported
        assert heard not in exported


def fold(words: list[str]) -> list[str]:
    return [word.casefold() for word in words]


def times(turns: list[Turn]) -> list[TimedWord]:
    return [word for turn in turns for word in turn["words"]]


def _time(turn: Turn, packed: list[int]) -> list[TimedWord]:
    """Give a turn's words their times, which are sent as a gap and a length each (ms)."""
    ends = list(accumulate(packed))[1::2]
    words = turn["text"].split(" ")
    return [(word, end - length, end) for word, end, length in zip(words, ends, packed[1::2], strict=True)]
