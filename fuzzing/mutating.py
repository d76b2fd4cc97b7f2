"""Damage done on purpose: to bytes, text, XML, JSON and sound, each along the lines of its own form.

Bytes thrown anywhere are mostly refused at the door. So half of the damage keeps a document's form
and changes what it holds: elements are repeated, nested, emptied and moved, and values become those
that have broken parsers before. The same dice give the same damage.
"""

import json
import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

MAX_BYTES = 64 * 1024  # of a damaged text: what takes a second is then slow, and not only large
MAX_SOUND_BYTES = 192 * 1024
REPEATS = (1, 1, 1, 2, 3, 20, 300)
LENGTHS = (1, 1, 2, 10, 200, 3_000)

Seeds = Sequence[bytes]
Mutate = Callable[[Seeds, Random], bytes]

VALUES = (
    "", " ", "0", "-1", "1e999", "NaN", "9" * 400, "99:99:99", "0000-00-00", "9999-12-31T23:59:59-14:00",
    "Tue, 31 Feb 2024 25:61:61 +9999", "http://", "http://[", "http://[::1]/", "//inner",
    "file:///etc/passwd",
    "javascript:alert(1)", "http://a:b@c/", "http://" + "a" * 5_000, "../../etc/passwd", "\0",
    "\ufeff", "\u202e",
    "\ud7ff",
    "e\u0301" * 300, "﷽" * 500, "a" * 20_000, "a " * 5_000, "<b>" * 400, "&lt;" * 900, "&amp;" * 900,
    "<!--", "-->", "]]>", "<![CDATA[", "<script>alert(1)</script>", "<svg/onload=alert(1)>", "' OR 1=1 --",
    "%s%n%x", "${jndi:ldap://x}", "{{7*7}}", "\r\nHost: inner", "=cmd|'/c calc'!A0", "١٢٣", "1_000", "0x10",
)  # fmt: skip
XML = tuple(
    part.encode()
    for part in (
        "<item>", "</item>", "<entry/>", "<channel>", "<?xml version='1.1'?>", "<?", "<!DOCTYPE a [",
        "<!--",
        "<!ENTITY x 'y'>", "&x;", "&#xD800;", "&#x110000;", "&#0;", "]]>", "<![CDATA[", "xmlns:a='b'",
        "<a:b>",
        "<!DOCTYPE rss [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>", "encoding='utf-7'", "encoding='utf-16'",
        "<title type='xhtml'>", "<content type='application/octet-stream' mode='base64'>!!!</content>",
        "<georss:polygon>1 2 x</georss:polygon>", "<gml:posList>1</gml:posList>", "<enclosure url='",
        "<link rel='enclosure' href='http://['/>", "<media:content url='x' fileSize='1e9'/>", "<textinput>",
        "<itunes:duration>-1:99</itunes:duration>", "<podcast:chapters url='//x'/>", "<source url='//x'>",
        "<podcast:transcript url='file:///x' type='text/vtt'/>", "<cc:license rdf:resource='x'/>",
        "<psc:chapter start='x'/>",
    )
)  # fmt: skip
MARKS = tuple(
    part.encode(errors="surrogatepass")
    for part in (
        "\n", "\n\n", "\r", "<", ">", "[", "]", "[[", "]]", "{{", "}}", "{|", "|}", "'''", "''", "==",
        " : ", "«", "»",
        "**", "# ", "> ", "- ", "`", "```\n", "<b>", "</b>", "</p>", "<pre>", "<ref>", "<nowiki>",
        "<!--", "-->", "&amp;", "&",
        "00:00:05.000", "99:99:99,999 --> 0", "1\n00:00:01,000 --> 00:00:02,000\n", "WEBVTT\n\n",
        "NOTE ", "<v Ana>", "???",
        "[inaudible]", "[12:34]", "(", ")", "\"", "~5", "*", "-", " OU ", " SAUF ", "intervenant:",
        "avant:", "http://a.b ",
        "\xa0", "\u202e", "\u2028", "\x85", "\0", "\ufeff", "\u0301", "\ud83d", "l’", "·", ",", ";",
        "bytes=", "0-", "-1,",
    )
)  # fmt: skip
BOXES: tuple[bytes, ...] = (
    b"RIFF",
    b"WAVE",
    b"fmt ",
    b"data",
    b"OggS",
    b"fLaC",
    b"ID3\x04\0\0",
    b"\xff\xfb\x90\x00",
    b"moov",
    b"trak",
)
BOXES += (
    b"stsz",
    b"stco",
    b"mdat",
    b"elst",
    b"\x1a\x45\xdf\xa3",
    b"\x1f\x43\xb6\x75",
    b"OpusHead",
    b"vorbis",
    b"dref",
)
BOXES += (
    b"Xing",
    b"VBRI",
    b"APIC",
    b"TAG",
    b"#EXTM3U\nhttp://127.0.0.1/x\n",
    b"ffconcat version 1.0\nfile '/etc/passwd'\n",
)
SIZES = (0, 1, 7, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)

_TAG = re.compile(rb"<[^<>]*>|[^<>]+|[<>]")
_VALUE = re.compile(rb"""=\s*("[^"]*"|'[^']*')""")


def mutate_feed(seeds: Seeds, dice: Random) -> bytes:
    """Damage XML: its elements and values, its bytes, or both."""
    data = dice.choice(seeds)
    if dice.random() < 0.6:
        parts = _TAG.findall(data)
        for _ in range(dice.randint(1, 6)):
            _change_element(parts, seeds, dice)
        data = b"".join(parts)[:MAX_BYTES]
    if dice.random() < 0.1:
        data = data.decode("utf-8", "replace").encode(
            dice.choice(("utf-16", "cp1252", "utf-32", "utf-8-sig")), "replace"
        )
    return scatter(data, XML, dice) if dice.random() < 0.5 else data[:MAX_BYTES]


def mutate_text(seeds: Seeds, dice: Random) -> bytes:
    """Damage text: its lines, its marks, its bytes."""
    lines = dice.choice(seeds).splitlines(keepends=True) or [b""]
    for _ in range(dice.randint(0, 4)):
        here, there = dice.randrange(len(lines) + 1), dice.randrange(len(lines) + 1)
        match dice.randrange(4):
            case 0:
                lines[here:here] = lines[here : here + 3] * dice.choice(REPEATS)
            case 1:
                del lines[here : there if there - here < 20 else here + 1]
            case 2:
                lines[here:here] = dice.choice(seeds).splitlines(keepends=True)[:40]
            case _:
                lines.insert(here, dice.choice(VALUES).encode() + b"\n")
    return scatter(b"".join(lines)[:MAX_BYTES], MARKS, dice)


def mutate_json(seeds: Seeds, dice: Random) -> bytes:
    """Damage JSON: its values, its shape, at times its bytes."""
    try:
        document = json.loads(dice.choice(seeds))
    except ValueError:
        return scatter(dice.choice(seeds), MARKS, dice)
    for _ in range(dice.randint(1, 4)):
        document = _change_node(document, dice)
    try:
        written = json.dumps(document, ensure_ascii=dice.random() < 0.5)
    except RecursionError:  # deeper than Python writes: by hand
        written = "[" * 100_000
    data = written.encode(errors="surrogatepass")[:MAX_BYTES]
    return scatter(data, MARKS, dice) if dice.random() < 0.2 else data


def mutate_sound(seeds: Seeds, dice: Random) -> bytes:
    """Damage a sound or film: its head mostly, its sizes, its order, its end."""
    held = bytearray(dice.choice(seeds))
    for _ in range(dice.choice((1, 3, 10, 60))):
        reach = dice.choice((64, 2_000, len(held)))
        here = dice.randrange(max(1, min(len(held), reach)))
        match dice.randrange(6):
            case 0 | 1:
                held[here : here + 1] = bytes([dice.randrange(256)])
            case 2:
                width, order = dice.choice((2, 4, 8)), dice.choice(("big", "little"))
                held[here : here + width] = (dice.choice(SIZES) & (1 << 8 * width) - 1).to_bytes(width, order)  # type: ignore[arg-type]
            case 3:
                held[here:here] = dice.choice(BOXES)
            case 4:
                other, length = dice.choice(seeds), dice.choice(LENGTHS)
                begin = dice.randrange(max(1, len(other)))
                held[here : here + length] = other[begin : begin + length]
            case _:
                held[here:here] = held[here : here + dice.choice(LENGTHS)] * dice.choice((1, 1, 2, 8))
    if dice.random() < 0.25:
        del held[dice.randrange(len(held) + 1) :]
    return bytes(held[:MAX_SOUND_BYTES])


def scatter(data: bytes, marks: Sequence[bytes], dice: Random) -> bytes:
    """Damage bytes in some places: cut, insert, overwrite, repeat, move."""
    held = bytearray(data)
    for _ in range(dice.randint(1, 8)):
        here, length = dice.randrange(len(held) + 1), dice.choice(LENGTHS)
        match dice.randrange(6):
            case 0:
                del held[here : here + length]
            case 1 | 2:
                held[here:here] = dice.choice(marks) * dice.choice(REPEATS)
            case 3:
                held[here : here + length] = dice.randbytes(min(length, 10))
            case 4:
                held[here:here] = held[here : here + length] * dice.choice(REPEATS)
            case _:
                there = dice.randrange(len(held) + 1)
                held[here : here + length] = held[there : there + length]
        del held[MAX_BYTES:]
    return bytes(held)


def _change_element(parts: list[bytes], seeds: Seeds, dice: Random) -> None:
    """Change one tag or text of a document that is cut into them."""
    here = dice.randrange(len(parts) + 1)
    span = slice(here, here + dice.choice((1, 1, 3, 9, 40)))
    match dice.randrange(8):
        case 0:
            parts[here : here + 1] = [_as_text(dice)]
        case 1 if here < len(parts):
            value = b'="' + _as_text(dice) + b'"'
            parts[here] = _VALUE.sub(lambda _: value, parts[here], count=dice.randint(1, 3))
        case 2:
            del parts[span]
        case 3:
            parts[here:here] = parts[span] * dice.choice(REPEATS)
        case 4:
            held = parts[span]
            del parts[span]
            there = dice.randrange(len(parts) + 1)
            parts[there:there] = held
        case 5:
            other = _TAG.findall(dice.choice(seeds))
            begin = dice.randrange(len(other))
            parts[here:here] = other[begin : begin + dice.choice((1, 5, 30))]
        case 6:
            parts.insert(here, dice.choice(XML))
        case _:
            tag = next((part for part in parts[here:] if part[:1] == b"<" and part[1:2].isalpha()), b"<a>")
            parts[here:here] = [tag] * dice.choice((1, 30, 190, 300))


def _as_text(dice: Random) -> bytes:
    value = dice.choice(VALUES)
    if dice.random() < 0.7:
        value = value.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return value.encode(errors="replace")


def _change_node(node: Any, dice: Random) -> Any:
    """Change one value, or one knot, of a document: here, or further down."""
    if isinstance(node, dict) and node and dice.random() < 0.8:
        name = dice.choice(list(node))
        return {**node, name: _change_node(node[name], dice)}
    if isinstance(node, list) and node and dice.random() < 0.8:
        at = dice.randrange(len(node))
        return [*node[:at], _change_node(node[at], dice), *node[at + 1 :]]
    match dice.randrange(8):
        case 0:
            return None
        case 1:
            return dice.choice((0, -1, 2**63, 10**40, 1e308, float("nan"), float("inf"), True, False, 0.1))
        case 2:
            return [node] * dice.choice(REPEATS)
        case 3:
            return {"a": node, "": node, "startTime": node, "segments": node}
        case 4:
            nested: Any = node
            for _ in range(dice.choice((5, 90, 400))):
                nested = [nested] if dice.random() < 0.5 else {"body": nested}
            return nested
        case 5:
            return node[: len(node) // 2] if isinstance(node, str | list) else {}
        case _:
            return dice.choice(VALUES)
