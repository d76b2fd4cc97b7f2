"""The pages of importing in a real browser: both languages, both schemes, narrow; axe finds nothing."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.web.conftest import LOGIN, PASSWORD, Archive
from tests.web.test_accessibility import breaches

TIMEOUT_MS = 30_000
PLAIN = """Titre : {title}

Transcription

Anne Martin : Bonjour à toutes.

[Virgule musicale]

La mairie de Valbrune, de la longue veille active et opérationnelle sur les logiciels libres dans les
services publics (outils, métiers, écoles) au grand passage des outils collaboratifs de la ville entière

Luk : Ah, ??? [12 min 30] enfin.
"""


@pytest.mark.parametrize(("scheme", "width", "language"), [("dark", 360, "fr"), ("light", 1280, "en")])
def test_a_text_is_given_looked_at_and_imported_in_a_browser(
    home: Archive, browser: Browser, tmp_path: Path, scheme: str, width: int, language: str
):
    path = tmp_path / f"essai-{scheme}.txt"
    long_line = PLAIN.replace("dans les\n", "dans les ")
    path.write_text(long_line.format(title=f"Un essai {scheme}"), encoding="utf8")
    with browser.new_context(
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": width, "height": 800},
        locale=language,
        bypass_csp=True,  # axe is put into the page
    ) as context:
        context.set_default_timeout(TIMEOUT_MS)
        page = context.new_page()
        page.goto(f"{home.settings.site_url}/login?next=/import")
        page.locator("#login").fill(LOGIN)
        page.locator("#password").fill(PASSWORD)
        page.locator("form.stack button[type=submit]").click()
        assert breaches(page) == []
        page.screenshot(path=tmp_path / "start.png", full_page=True)
        page.locator("#files").set_input_files(path)
        page.locator("form.stack button.primary").click()
        expect(page.locator("h1")).to_have_text(path.name)
        assert breaches(page) == []
        expect(page.locator("fieldset input[type=radio]")).to_have_count(2)
        overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert overflow <= 0
        page.screenshot(path=tmp_path / "preview.png", full_page=True)
        page.locator("button[name=do][value=import]").click()
        expect(page.locator("h1")).to_have_text(f"Un essai {scheme}")
        page.locator("a[href^='/import/episode/']").last.click()
        expect(page.locator("h2").first).to_have_text(path.name)
        page.screenshot(path=tmp_path / "documents.png", full_page=True)
        assert breaches(page) == []
