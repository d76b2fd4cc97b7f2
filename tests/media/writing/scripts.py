"""Scripts to write, hostile ones too: what a speaker, a title or a word may hold in the worst case."""

from hypothesis import strategies as st

from media.episodes import Episode, EpisodeStatus
from media.licences import find_licence
from media.transcript import Chapter, Edition, Turn, Word, speech_turn
from media.transcripts import Attribution, StoredTurn, Voice
from media.writing.script import Labels, Script
from tests.media.conftest import NOW

LABELS = Labels()
VERBATIM = find_licence("verbatim")
NASTY_WORDS = [
    "-->", "<v", "</v>", "<script>", "&amp;", "&lt;b&gt;", "WEBVTT", "NOTE", "STYLE", "1", "00:00:01,000",
    "00:00:01.000", "{{", "}}", "{\\an8}", "[[x]]", "''gras''", "'''", "==", "#", "*", "1.", "-", "~~~",
    "```",
    "[a](b)", "![i](j)", "|", "Zoé\N{NO-BREAK SPACE}:", "Luk:", "<!--", "-->x", "<br/>", "<nowiki>", "$x$",
    "\u202etxet", "é", "mot", "fin.", "quoi\N{NO-BREAK SPACE}?", "anticonstitutionnellement",
]  # fmt: skip
NASTY_NAMES = [
    None, "Zoé --> <b>", "</v><script>", "Luk\nZoé : x", "A: B", "**x**", "]]}}", "\u202eéoZ", "x" * 90,
]  # fmt: skip


def make_episode(title: str = "Le libre & <vous>", show: str = "Là-haut") -> Episode:
    return Episode(
        id=1, show_id=1, show_title=show, show_slug="la-haut", guid="g", title=title, description="",
        link=None, published_at=NOW, first_seen_at=NOW, language="fr", people=(), enclosure_url=None,
        enclosure_type=None, enclosure_bytes=None, declared_ms=None, chapters_url=None, speakers=None,
        original_sha256=None, listening_sha256=None, duration_ms=None, spoken_language="fr", partial=False,
        private=False, status=EpisodeStatus.READY, revision=1, transcribed_at=NOW,
    )  # fmt: skip


def make_script(turns: list[StoredTurn], chapters: tuple[Chapter, ...] = (), **fields: str) -> Script:
    assert VERBATIM is not None
    return Script(
        make_episode(**fields), turns, chapters, Edition.SPOKEN, VERBATIM, "Positions personnelles.",
        "https://archive.test/episode/1/le-libre-vous", LABELS,
    )  # fmt: skip


def stored(turn: Turn, position: int = 0, name: str | None = None) -> StoredTurn:
    voice = None if turn.voice is None else Voice(turn.voice, turn.voice, name, Attribution.HUMAN)
    return StoredTurn(position + 1, 1, position, turn, voice)


@st.composite
def spoken(draw: st.DrawFn, *, longest: int = 40, without: str = "\0") -> list[StoredTurn]:
    """Draw turns of hostile words and names."""
    clock, turns = 0, []
    drawn = [word for word in NASTY_WORDS if without not in word]
    for position in range(draw(st.integers(1, 4))):
        words = []
        for text in draw(st.lists(st.sampled_from(drawn), min_size=1, max_size=longest)):
            start = clock + draw(st.sampled_from([0, 40, 900]))
            clock = start + draw(st.integers(1, 600))
            begins = bool(words) and draw(st.integers(0, 9)) == 0
            words.append(Word(text, start, clock, paragraph=begins))
        turns.append(stored(speech_turn(words, 1), position, draw(st.sampled_from(NASTY_NAMES))))
    return turns
