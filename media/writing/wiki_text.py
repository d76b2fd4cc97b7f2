"""Words as MediaWiki shows them as they are, and the volunteers' way of writing lines around them.

https://www.mediawiki.org/wiki/Help:Formatting. Only what would be markup is escaped, so that a
doubt (`??? [32 min 50]`) and a gloss in brackets stay as volunteers write them.
"""

import re

from media.transcript import Turn, TurnKind
from media.writing.script import bracket, clean

MAX_NAME_LENGTH = 80  # characters; in bold, more is no name
COLON = "\N{NO-BREAK SPACE}: "
ENTITY = re.compile(r"&(?=#?\w+;)")
MARKUP = re.compile(
    r"<|\[(?=\[|\w+:|//|https?:|mailto:)|(?<=\[)\[|(?<=\])\]|\](?=\])|\{(?=[{|])|(?<=\{)\{|\}(?=\})|(?<=[|}])\}"
)
QUOTES = re.compile(r"'{2,}")
SIGNED = re.compile(r"~{3,}|__(?=[A-Z])")
LINE_START = re.compile(r"^[=*#:; ]|^-{4}|=(?=\s*$)")
# What the volunteers' readers take for something else than a paragraph, at the head of a line.
NOT_SAID = re.compile(
    r"[\[(*♪♫]|[^:\n]{1,80}[\s\xa0]*:(?!//)|<?https?://|(pause|intermède|interlude|respiration|music|musique)\b"
    r"|\W*\d{1,3}:\d\d|(de|from|aller|jump|récupérée|retrieved|catégorie|cette page|modifier|la dernière"
    r"|outils|espaces|discussion|publié)",
    re.IGNORECASE,
)


def escape(text: str, *, heads_line: bool = False) -> str:
    """Write words so that a wiki shows them as they are; `heads_line`: nothing stands before them.

    >>> escape("R&D &amp; <b> [[lien]] ??? [32 min 50] {{x}}")
    'R&D &amp;amp; &lt;b> &#91;&#91;lien&#93;&#93; ??? [32 min 50] &#123;&#123;x&#125;&#125;'
    >>> escape("= titre =", heads_line=True)
    '&#61; titre &#61;'
    """
    escaped = MARKUP.sub(_entity, ENTITY.sub("&amp;", text))
    escaped = QUOTES.sub(lambda found: "&#39;" * len(found[0]), escaped)
    escaped = SIGNED.sub(_entity_of_first, escaped)
    return LINE_START.sub(_entity_of_first, escaped) if heads_line else escaped


def name_speaker(name: str) -> str:
    """Write who speaks, before the words: bold, with a no-break space before the colon."""
    return f"<b>{escape(safe_name(name))}{COLON}</b>"


def safe_name(name: str) -> str:
    """Make a name that no colon cuts, and short enough to be read as one."""
    name = clean(name).replace(":", "·") or "?"
    return name if len(name) <= MAX_NAME_LENGTH else name[: MAX_NAME_LENGTH - 1].rstrip() + "…"


def is_said(text: str) -> bool:
    """Tell whether a line of these words alone is read as a paragraph of whoever spoke before.

    >>> is_said("Oui, je crois."), is_said("Zoé\N{NO-BREAK SPACE}: non"), is_said("[rires]")
    (True, False, False)
    """
    return NOT_SAID.match(text) is None


def write_sound(turn: Turn) -> str:
    """Write an event or a music break."""
    if turn.kind is TurnKind.MUSIC:
        return write_music(turn.label or "")
    return write_event(turn.label or "")


def write_event(label: str) -> str:
    """Write what is heard, in brackets on a line of its own."""
    return f"[{escape(bracket(clean(label))[1:-1])}]"


def write_music(label: str) -> str:
    """Write a music break: « Pause musicale : titre par artiste. »."""
    said = clean(label).strip(" .")
    return f"Pause musicale{COLON}{escape(said)}." if said else "Pause musicale"


def write_clock(ms: int) -> str:
    """Write a moment as headings have it.

    >>> write_clock(2_877_000)
    '47’ 57'
    """
    return f"{ms // 60_000:02d}’ {ms // 1000 % 60:02d}"


def write_anchor(ms: int) -> str:
    """Write a moment that readers of the page do not see.

    >>> write_anchor(754_300)
    '<!-- t=754.300 -->'
    """
    return f"<!-- t={ms // 1000}.{ms % 1000:03d} -->"


def _entity(found: re.Match[str]) -> str:
    return "&lt;" if found[0] == "<" else f"&#{ord(found[0])};"


def _entity_of_first(found: re.Match[str]) -> str:
    return f"&#{ord(found[0][0])};{found[0][1:]}"
