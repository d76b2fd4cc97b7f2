"""A list of feeds as OPML 2.0 (http://opml.org/spec2.opml), written by the XML writer."""

import re
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from media.writing.script import clean

FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # by XML 1.0


def write_opml(title: str, feeds: Iterable[tuple[str, str]]) -> bytes:
    """Write feeds, each a title and an address."""
    root = ET.Element("opml", {"version": "2.0"})
    ET.SubElement(ET.SubElement(root, "head"), "title").text = FORBIDDEN.sub("", clean(title))
    body = ET.SubElement(root, "body")
    for name, url in feeds:
        text = FORBIDDEN.sub("", clean(name)) or url
        held = {"type": "rss", "text": text, "title": text, "xmlUrl": FORBIDDEN.sub("", url)}
        ET.SubElement(body, "outline", held)
    ET.indent(root)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"
    ).encode()
