"""A catalogue and settings of its own, and documents as associations have them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from media.database import Database, open_database
from media.settings import Settings

PAGE = """[[Catégorie:Transcriptions]]
'''Titre :''' {title}<br />
'''Intervenants :''' Anne Martin - Luk<br />
'''Lieu :''' Radio Cause Commune<br />
'''Date :''' {day}<br />
'''Licence de la transcription :''' CC BY-SA 4.0<br />
==Transcription==
<b>Anne Martin : </b>Bonjour à toutes et à tous, voici l’émission numéro {number}.<br/>
Nous parlons du logiciel libre à la mairie.

[Jingle]

==Chronique==
<b>Luk : </b>Bonjour Anne, j’ai vu {number} ordinateurs repartir ??? [12 min 30] hier.

<b>Anne Martin : </b>Merci Luk, à la semaine prochaine.
"""


def write_page(number: int, title: str | None = None) -> str:
    """Write a volunteers' wiki page, one a number."""
    day = f"{1 + number % 28} {['janvier', 'mars', 'mai', 'juillet'][number % 4]} {2010 + number // 28}"
    return PAGE.format(title=title or f"Émission {number}", number=number, day=day)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an empty archive."""
    return Settings(data=tmp_path / "data")


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """Its catalogue."""
    opened = open_database(settings)
    yield opened
    opened.close()
