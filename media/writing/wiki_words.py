"""One word of a wiki page replaced by another, the markup that it holds kept. Pure."""

import re
from dataclasses import dataclass
from html import unescape

from media.correction.typed import UNWANTED
from media.writing.wiki_text import escape

# Tags, comments, quotes, what begins a link, templates; lone brackets only where no reader sees them.
MARKUP = re.compile(
    r"<!--.*?-->|</?[A-Za-z][^<>]*>|'{2,5}|\[\[[^\[\]|]*\||\[https?://\S+\s?|\[\[|\]\]|\{\{.*?\}\}", re.DOTALL
)
ENTITY = re.compile(r"&#?\w{1,31};")


@dataclass(frozen=True, slots=True)
class Sign:
    """What stands for one visible character, or for none: markup."""

    source: str
    visible: bool


def replace_word(source: str, old: str, new: str) -> str:
    """Write a new word where an old one stands: only the characters that differ change.

    >>> replace_word("l’<em>Avril</em>,", "l’Avril,", "l’April,")
    'l’<em>April</em>,'
    """
    signs = read_signs(source, old)
    if signs is None:
        return escape(new)
    head = _count_common(old, new)
    tail = _count_common(old[head:][::-1], new[head:][::-1])
    middle = escape(new[head : len(new) - tail])
    written, at = "", 0
    for sign in signs:
        if not sign.visible:
            written += sign.source
            continue
        if at == head:
            written, middle = written + middle, ""
        if not head <= at < len(old) - tail:
            written += sign.source
        at += 1
    return written + middle


def find_markup(source: str, visible: str) -> str:
    """Keep of a word's source only the markup.

    >>> find_markup("l’<em>Avril</em>", "l’Avril"), find_markup("[rires]", "[rires]")
    ('<em></em>', '')
    """
    signs = read_signs(source, visible)
    return "" if signs is None else "".join(sign.source for sign in signs if not sign.visible)


def read_signs(source: str, visible: str) -> list[Sign] | None:
    """Tell a word's visible characters from the markup among them; None where they do not fit."""
    signs: list[Sign] = []
    at = shown = 0
    while at < len(source):
        wanted = visible[shown : shown + 1]
        entity = ENTITY.match(source, at)
        markup = MARKUP.match(source, at)
        if entity and unescape(entity[0]) == wanted:
            sign = Sign(entity[0], True)
        elif markup:
            sign = Sign(markup[0], False)
        elif source[at] == wanted or (wanted.isspace() and source[at].isspace()):
            sign = Sign(source[at], True)
        elif source[at] in "[]" or source[at].isspace() or UNWANTED.match(source[at]):
            sign = Sign(source[at], False)
        else:
            return None
        signs.append(sign)
        at += len(sign.source)
        shown += sign.visible
    return signs if shown == len(visible) else None


def is_balanced(source: str) -> bool:
    """Tell whether a stretch of a page closes all that it opens."""
    opened = len(re.findall(r"<[A-Za-z][^<>]*(?<!/)>", source)) - len(re.findall(r"<br\b", source))
    closed = len(re.findall(r"</[A-Za-z]", source))
    quotes = re.findall(r"'{2,5}", source)
    return (
        source.count("[") == source.count("]")
        and source.count("{") == source.count("}")
        and opened == closed
        and len(quotes) % 2 == 0
    )


def _count_common(one: str, other: str) -> int:
    length = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        length += 1
    return length
