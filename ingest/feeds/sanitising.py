"""Make HTML of strangers harmless, once, as the last step before it is kept.

What remains is text, links and lists: nothing that runs, nothing that loads from another host
(images, frames, styles), nothing that imitates the page around it (classes, identities, headings of
the first two levels). nh3 (Rust, html5ever) reads HTML as browsers do.
"""

import html
import re
from functools import lru_cache

import nh3

from ingest.feeds.values import read_address, remove_controls

MAX_HTML_LETTERS = 60_000  # deep nesting costs nh3 the square of its depth

_TAGS = {
    *("p", "br", "hr", "a", "em", "strong", "b", "i", "u", "s", "sub", "sup", "small", "mark", "span"),
    *("ul", "ol", "li", "dl", "dt", "dd", "blockquote", "q", "cite", "code", "pre", "abbr"),
    *("h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
_GONE_WITH_CONTENT = {
    *("script", "style", "iframe", "object", "embed", "noscript", "template", "svg", "math"),
    *("select", "textarea", "button", "title", "audio", "video"),
}
_HIGH_HEADING = re.compile(r"<(/?)h[12](?=[\s>/])", re.IGNORECASE)
_HALF_ADDRESS = re.compile(r"https?:(?!//)", re.IGNORECASE)
_UNSEEN_IN_ADDRESS = re.compile(r"[\x00-\x20]")  # browsers pass over them
_BLANK_LINES = re.compile(r"\n\s*\n")


def clean_html(markup: str, base: str | None = None) -> str:
    """Return harmless HTML; relative links are resolved against `base`, or lose their target.

    >>> clean_html('<p onclick="x()">Bon<script>x()</script>jour <img src="http://spy.test/1.gif">')
    '<p>Bonjour </p>'
    >>> clean_html('<a href="javascript:x()">a</a>')
    '<a rel="nofollow noopener noreferrer">a</a>'
    >>> clean_html('<a href="http:/logout">a</a>')
    '<a rel="nofollow noopener noreferrer">a</a>'
    """
    lowered = _HIGH_HEADING.sub(r"<\1h3", remove_controls(markup[:MAX_HTML_LETTERS]))
    clean = _clean_once(lowered, base)
    plain = remove_controls(clean)
    # An entity may have hidden a control character, and its removal may have joined two halves.
    return clean.strip() if plain == clean else remove_controls(_clean_once(plain, base)).strip()


def text_to_html(text: str) -> str:
    """Turn plain text into paragraphs.

    >>> text_to_html("Un\\ndeux\\n\\n3 < 4")
    '<p>Un<br>deux</p><p>3 &lt; 4</p>'
    """
    plain = remove_controls(text[:MAX_HTML_LETTERS]).replace("\r\n", "\n").strip()
    paragraphs = (html.escape(part.strip(), quote=False) for part in _BLANK_LINES.split(plain))
    return clean_html("".join(f"<p>{part}</p>" for part in paragraphs if part).replace("\n", "<br>"))


def _clean_once(markup: str, base: str | None) -> str:
    return _cleaner(read_address(base)).clean(markup)


@lru_cache(maxsize=16)  # a base is a feed's address: the same for all of its entries
def _cleaner(base: str | None) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=_TAGS,
        clean_content_tags=_GONE_WITH_CONTENT,
        attributes={"a": {"href"}, "*": {"lang"}},
        attribute_filter=_keep_attribute,
        url_schemes={"http", "https", "mailto"},
        url_relative=("rewrite_with_base", base) if base else "deny",
        link_rel="nofollow noopener noreferrer",
    )


def _keep_attribute(_tag: str, name: str, value: str) -> str | None:
    """Drop `http:/admin`, which has a scheme that is allowed and leads into the site that shows it."""
    is_half = name == "href" and _HALF_ADDRESS.match(_UNSEEN_IN_ADDRESS.sub("", value))
    return None if is_half else value
