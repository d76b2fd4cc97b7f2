"""How a page is put into another: the frame to paste, its size, and where oEmbed describes it. Pure."""

from html import escape
from urllib.parse import urlencode

WIDTH, LEAST_WIDTH = 640, 200
LINE_HEIGHT, FRAME_HEIGHT, LETTER_WIDTH = 30, 300, 9.5  # pixels of embed.css, for a frame without scrolling
MAX_HEIGHT = 900


def discover(site_url: str, address: str) -> list[tuple[str, str]]:
    """List the type and the address of each description of an embed, for the head of its page."""
    query = urlencode({"url": address})
    return [
        (f"{kind}+oembed", f"{site_url.rstrip('/')}/oembed?{query}&format={form}")
        for form, kind in (("json", "application/json"), ("xml", "text/xml"))
    ]


def frame_code(source: str, title: str, width: int | str, height: int) -> str:
    """Write the frame that people paste; its title is what a screen reader says of it."""
    return (
        f'<iframe src="{escape(source)}" title="{escape(title)}" width="{width}" height="{height}" '
        'loading="lazy" style="border:0;max-width:100%"></iframe>'
    )


def estimate_height(text: str, width: int = WIDTH) -> int:
    """Say how high a frame of this width is to be for all of a text to be seen.

    >>> estimate_height("") < estimate_height("mot " * 60) < estimate_height("mot " * 60, 300)
    True
    """
    lines = -(-len(text) * LETTER_WIDTH // max(width - 60, LEAST_WIDTH - 60))
    return min(int(FRAME_HEIGHT + lines * LINE_HEIGHT), MAX_HEIGHT)
