"""Write plain text and Markdown: a paragraph a paragraph, its speaker before the first.

Where a paragraph begins with words that look like a speaker's name, its own speaker is said
again before it, so that no reader, human or program, takes them for another's.
Markdown: https://spec.commonmark.org; all that could be markup is escaped.
"""

import re
from collections.abc import Iterator

from media.transcript import Chapter, TurnKind
from media.transcripts import StoredTurn
from media.writing.clocks import clock
from media.writing.script import (
    Script,
    clean,
    lay_out,
    list_paragraphs,
    list_particulars,
    looks_like_naming,
    moment_url,
    plain_name,
    sound_line,
)

COLON = "\N{NO-BREAK SPACE}: "
MARKUP = re.compile(r"([\\`*_\[\]<>&#|~$!])")
LINE_START = re.compile(r"^(\d+)([.)])|^([-+=:])")  # a list, a heading's underline, a definition


def render_text(script: Script) -> str:
    """Write plain text."""
    blocks = [script.title, "\n".join(list_particulars(script))]
    for part in lay_out(script):
        if isinstance(part, Chapter):
            blocks.append(f"== {clean(part.title)} ==")
            continue
        time = "" if part.turn.start_ms is None else f"[{clock(part.turn.start_ms)}] "
        if part.turn.kind is not TurnKind.SPEECH:
            blocks.append(time + sound_line(part, script.labels, script.language))
            continue
        for at, (name, said) in enumerate(_say(part, script)):
            blocks.append(("" if at else time) + (f"{name}{COLON}" if name else "") + said)
    return "\n\n".join(blocks) + "\n"


def render_markdown(script: Script) -> str:
    """Write Markdown: chapters as headings, names in bold, times as links to the sound."""
    particulars = "\n".join(f"- {escape_markdown(line)}" for line in list_particulars(script))
    blocks = [f"# {escape_markdown(script.title)}", particulars]
    for part in lay_out(script):
        start_ms = part.start_ms if isinstance(part, Chapter) else part.turn.start_ms
        time = _link(script, start_ms)
        if isinstance(part, Chapter):
            blocks.append(f"## {escape_markdown(clean(part.title))}" + (f" {time}" if time else ""))
            continue
        ahead = f"{time} " if time else ""
        if part.turn.kind is not TurnKind.SPEECH:
            heard = sound_line(part, script.labels, script.language)
            blocks.append(f"{ahead}*{escape_markdown(heard)}*")
            continue
        for at, (name, said) in enumerate(_say(part, script)):
            named = f"**{escape_markdown(name)}{COLON.rstrip()}** " if name else ""
            blocks.append(("" if at else ahead) + named + escape_markdown(said))
    return "\n\n".join(blocks) + "\n"


def escape_markdown(text: str) -> str:
    """Write a text so that Markdown shows it as it is.

    >>> escape_markdown("1. *a* <b> [c](d)")
    '1\\\\. \\\\*a\\\\* \\\\<b\\\\> \\\\[c\\\\](d)'
    """
    escaped = MARKUP.sub(r"\\\1", text)
    return LINE_START.sub(lambda found: f"{found[1] or ''}\\{found[2] or found[3]}", escaped)


def _say(held: StoredTurn, script: Script) -> Iterator[tuple[str, str]]:
    """Yield a turn's paragraphs, each with the name to write before it, if any."""
    name = plain_name(held, script.labels)
    for at, words in enumerate(list_paragraphs(held)):
        said = clean(" ".join(word.text for word in words))
        if looks_like_naming(said):
            yield name or script.labels.nobody, said
        else:
            yield "" if at else name, said


def _link(script: Script, start_ms: int | None) -> str:
    if start_ms is None:
        return ""
    url = moment_url(script, start_ms)
    return f"[{clock(start_ms)}](<{url}>)" if url else f"\\[{clock(start_ms)}\\]"
