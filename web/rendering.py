"""Pages from templates: Jinja with escaping on, one environment for each language.

Templates hold the words (gettext), routes hold the choices. Nothing is ever marked safe here
but the descriptions of shows and episodes, which were sanitised as the last step before storage.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from media.episodes import episode_path
from media.language import LANGUAGES, load_translations, translate
from web import clock

TEMPLATES = Path(__file__).parent / "templates"
STATIC = Path(__file__).parent / "static"
VERSION_LENGTH = 12


class Templates:
    """Every page's template, in each language; `render` gives the HTML."""

    def __init__(self) -> None:
        self.version = hash_static()
        self._environments = {language: self._make(language) for language in LANGUAGES}

    def render(self, name: str, language: str, context: Mapping[str, Any]) -> str:
        """Fill a template with a context."""
        return self._environments[language].get_template(name).render(context)

    def static(self, path: str) -> str:
        """Write the address of a static file, which changes when any of them does."""
        return f"/static/{self.version}/{path}"

    def _make(self, language: str) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        environment.policies["ext.i18n.trimmed"] = True
        environment.install_gettext_translations(load_translations(language), newstyle=True)  # type: ignore[attr-defined]
        environment.globals.update(
            language=language, static=self.static, episode_path=episode_path, fragment=clock.format_fragment
        )
        environment.filters.update(_filters(language))
        return environment


def hash_static() -> str:
    """Name the present content of the static files: modules import each other under it."""
    digest = hashlib.sha256()
    for path in sorted(STATIC.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(STATIC).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:VERSION_LENGTH]


def _filters(language: str) -> dict[str, Any]:
    return {
        "position": clock.format_position,
        "iso_duration": clock.format_iso_duration,
        "day": lambda moment: clock.format_day(moment, language),
        "count": lambda number: clock.format_count(number, language),
        "share": lambda part: clock.format_share(part, language),
        "moment": lambda moment, now: clock.format_moment(moment, now, language),
        "say": lambda message: translate(message, language),
    }
