"""Write the volunteers' wiki text: into the page that a text came from, else by their grammar.

The grammar is that of wiki.april.org (header fields, `==headings==` with their clock, bold names
with a no-break space before the colon, paragraphs parted by `<br/>`). Where a text came from a
wiki page, its page is written back with what was changed here, and all else as it was:
`media.writing.wiki_back`.
"""

from collections.abc import Iterator

from media.texts.values import TextFormat
from media.transcript import Chapter, TurnKind
from media.transcripts import StoredTurn
from media.writing.script import Script, clean, lay_out, list_paragraphs, speaker_name
from media.writing.wiki_back import write_back
from media.writing.wiki_text import (
    COLON,
    escape,
    is_said,
    name_speaker,
    write_anchor,
    write_clock,
    write_sound,
)

MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
    "novembre", "décembre",
)  # fmt: skip


def render_wiki(script: Script) -> str:
    """Write wiki text, into the page that the text came from where there is one."""
    held = script.document
    if held is not None and held.read.format is TextFormat.WIKI and not held.document.choices:
        return write_back(held, script.turns, script.labels)
    return render_wiki_page(script)


def render_wiki_page(script: Script) -> str:
    """Write a whole page by the grammar; moments stand in comments, for whoever aligns it again."""
    fields = "\n\n".join(_list_fields(script))
    body = "".join(_write_body(script)).strip("\n")
    return f"[[Catégorie:Transcriptions]]\n\n{fields}\n\n==Transcription==\n\n{body}\n"


def _list_fields(script: Script) -> Iterator[str]:
    episode, labels = script.episode, script.labels
    people = " - ".join(
        escape(clean(f"{person.name} {person.role}").replace(" - ", " – ")) for person in episode.people
    )
    published = episode.published_at
    day = (
        published
        and f"{published.day}{'er' * (published.day == 1)} {MONTHS[published.month - 1]} {published.year}"
    )
    minutes = round((episode.duration_ms or 0) / 60_000)
    values = (
        ("Titre", escape(clean(episode.title))),
        ("Émission", escape(clean(episode.show_title))),
        ("Intervenants", people),
        ("Date", day or ""),
        (
            "Durée",
            f"{minutes // 60} h {minutes % 60:02d} min"
            if minutes >= 60
            else f"{minutes} min" * (minutes > 0),
        ),
        ("Langue", script.language if script.language != "und" else ""),
    )
    yield from (f"'''{label}{COLON}''' {value}" for label, value in values if value)
    if script.page_url:
        yield f"'''[{script.page_url} Page de l’épisode]'''"
    named = escape(clean(script.licence.name(labels.language)))
    url = script.licence.url
    yield f"'''Licence de la transcription{COLON}''' " + (f"[{url} {named}]" if url else named)
    notes = [script.edition_label, script.licence.notice(labels.language), script.notice]
    yield f"'''NB{COLON}''' " + "<br/>\n".join(escape(clean(note)) for note in notes if note)


def _write_body(script: Script) -> Iterator[str]:
    """Yield the body's lines, each with what parts it from the one before."""
    before: str | None = None  # whom a reader takes a paragraph without a name for
    for part in lay_out(script):
        start_ms = part.start_ms if isinstance(part, Chapter) else part.turn.start_ms
        anchor = "" if start_ms is None else write_anchor(start_ms) + "\n"
        if isinstance(part, Chapter):
            at = "" if start_ms is None else f" {write_clock(start_ms)}"
            yield f"\n\n{anchor}=={escape(clean(part.title)).replace('=', '&#61;')}{at}=="
        elif part.turn.kind is not TurnKind.SPEECH:
            yield f"\n\n{anchor}{write_sound(part.turn)}"
        else:
            name = speaker_name(part, script.labels)
            yield f"\n\n{anchor}{_write_turn(part, name, before, script.labels.nobody)}"
            before = name or before


def _write_turn(held: StoredTurn, name: str, before: str | None, nobody: str) -> str:
    """Write a turn's paragraphs; one that would be read as something else follows on its line."""
    written = ""
    for at, words in enumerate(list_paragraphs(held)):
        said = clean(" ".join(word.text for word in words))
        if at:
            written += f"<br/>\n{escape(said, heads_line=True)}" if is_said(said) else f" {escape(said)}"
        elif name or before is not None or not is_said(said):
            written = name_speaker(name or nobody) + escape(said)
        else:
            written = escape(said, heads_line=True)
    return written
