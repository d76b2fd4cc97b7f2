"""Screen texts in French and English, by gettext.

The msgids are the English; the catalogue `locale/fr/LC_MESSAGES/entendu.po` is read as it is
written, so that no compiled file can be missing or stale. A test holds it complete.
"""

import os
from collections.abc import Sequence
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from media.errors import Message

LANGUAGES = ("fr", "en")
CATALOGUES = Path(__file__).parent / "locale"


@cache
def load_translations(language: str) -> NullTranslations:
    """Read the catalogue of a language; English is what the msgids say."""
    path = CATALOGUES / language / "LC_MESSAGES" / "entendu.po"
    if not path.is_file():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def choose_language(preferred: Sequence[str], default: str) -> str:
    """Choose among our languages the first that a reader prefers, or the default.

    >>> choose_language(["de", "en-GB", "fr"], "fr")
    'en'
    >>> choose_language([], "fr")
    'fr'
    """
    wanted = [tag.replace("-", "_") for tag in preferred]
    bases = [tag.split("_")[0] for tag in wanted]
    return negotiate_locale(bases, LANGUAGES) or default


def terminal_language() -> str:
    """Choose the language of the terminal, from its environment; English where it states none."""
    wanted = [os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG")]
    return choose_language([tag.split(".")[0] for tag in wanted if tag], "en")


def translate(message: Message, language: str) -> str:
    """Say a message in a language."""
    return load_translations(language).gettext(message.msgid) % dict(message.values)
