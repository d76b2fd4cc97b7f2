"""Tell a person which of their browsers a session is in: its family, and nothing that tells two apart."""

import re

# The order matters: most of them also claim to be those after them.
FAMILIES = (
    ("Firefox", re.compile(r"Firefox/|FxiOS/")),
    ("Edge", re.compile(r"Edg(e|A|iOS)?/")),
    ("Opera", re.compile(r"OPR/|Opera")),
    ("Chrome", re.compile(r"Chrom(e|ium)/|CriOS/")),
    ("Safari", re.compile(r"Safari/")),
)


def name_browser(user_agent: str) -> str | None:
    """Name the family of a browser; None where it is none that we know.

    >>> name_browser("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")
    'Firefox'
    >>> name_browser("curl/8")
    """
    return next((name for name, pattern in FAMILIES if pattern.search(user_agent)), None)
