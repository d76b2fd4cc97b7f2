"""A page goes out, a volunteer edits it on the wiki, and it comes back as revisions put down to the wiki."""

from sqlalchemy import select

from ingest.texts import read_text
from media.correction import tables
from media.correction.authors import Author
from media.correction.saving import save_text
from media.database import Database
from media.episodes import add_episode, get_episode
from media.people.withdrawals import withdraw_words
from media.shows import add_show
from media.texts.documents import GivenDocument
from media.texts.installing import Installed, install_text
from media.texts.values import TextFormat
from media.transcripts import list_turns
from media.writing.formats import FORMATS
from media.writing.gathering import gather_script
from media.writing.script import Labels
from tests.media.conftest import NOW
from tests.media.writing.test_wiki import PAGE as VERBATIM

HERE = Author(None, "Zoé")
# Under the licence of the other page nobody may correct it here.
PAGE = VERBATIM.replace("https://www.gnu.org/licenses/ Verbatim", "https://x.test/ CC BY-SA 4.0")


def bring(database: Database, page: str) -> Installed:
    """Import a page as the wiki has it."""
    document = GivenDocument("page.wiki", page.encode(), "wiki.april.org", "text/x-wiki")
    read = read_text(page.encode(), "page.wiki", hint=TextFormat.WIKI)
    with database.write() as connection:
        return install_text(connection, 1, read, document, HERE, NOW)


def export(database: Database) -> str:
    with database.read() as connection:
        script = gather_script(connection, get_episode(connection, 1), Labels(), with_document=True)
    return FORMATS["wiki"].render(script)


def begin(database: Database) -> None:
    with database.write() as connection:
        show = add_show(connection, "Libre à vous\N{NO-BREAK SPACE}!", NOW)
        add_episode(connection, show.id, "g", "Souveraineté", NOW)
    bring(database, PAGE)


def test_a_page_goes_out_is_edited_and_comes_back_as_revisions_of_the_wiki(database: Database):
    begin(database)
    assert export(database) == PAGE
    with database.write() as connection:  # here, somebody corrects one passage
        said = next(held for held in list_turns(connection, 1) if "Merci" in held.turn.text)
        save_text(connection, said.id, said.version, said.turn.text.replace("à vous", "à nous"), HERE, NOW)
    page = export(database)
    assert page == PAGE.replace("à vous <ref>", "à nous <ref>")
    edited = page.replace("De retour.", "De retour ensemble.").replace("<b>Luk : </b>", "<b>Luc : </b>")
    brought = bring(database, edited)
    assert (brought.changed > 0, brought.clashes) == (True, 0)
    with database.read() as connection:
        authors = set(connection.execute(select(tables.act.c.author)).scalars())
        text = " ".join(held.turn.text for held in list_turns(connection, 1))
        names = {held.voice.name for held in list_turns(connection, 1) if held.voice}
    assert "wiki.april.org" in authors
    assert "De retour ensemble." in text
    assert "à nous" in text
    assert "Luc" in names
    assert export(database) == edited


def test_a_page_of_which_something_was_withdrawn_is_written_anew_without_it(database: Database):
    begin(database)
    with database.write() as connection:
        said = next(held for held in list_turns(connection, 1) if "Bonjour" in held.turn.text)
        withdraw_words(connection, said.id, None, "à sa demande", None, NOW)
    page = export(database)
    assert "l’April" not in page
    assert "april.org" not in page
    assert "<b>Luk\N{NO-BREAK SPACE}: </b>Merci" in page
