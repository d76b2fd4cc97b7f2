"""Citations have the forms that DOMAIN.md gives for its passage, and nothing in a name can break one."""

from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import mwparserfromhell
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from media.citing import STYLES, Citable, cite

TODAY = date(2026, 11, 22)
T = "Émission Libre à vous ! diffusée mardi 2 juillet 2024 sur radio Cause Commune"
U = "https://entendu.example.org/q/7fkq2m"
WORDS = (
    "on a des entreprises privées, à but lucratif, qui font leur beurre financièrement "
    "sur les données personnelles"
)
PASSAGE = Citable(
    quotation=WORDS,
    speakers=("Grégory Gutierez",),
    title=T,
    show="Libre à vous !",
    url=U,
    language="fr",
    hosts=("Étienne Gonnu",),
    guests=("Grégory Gutierez", "Corinne Migeon"),
    publishers=("April", "Radio Cause Commune"),
    place="Paris",
    published=date(2024, 7, 2),
    start_ms=1_752_400,
    end_ms=1_761_000,
    duration_ms=5_400_000,
    medium="OGG audio",
)
FORMS = {
    "presse": f"« {WORDS} », a déclaré Grégory Gutierez dans « Libre à vous ! » "
    "(Cause Commune, 2 juillet 2024, à 29 min 12 s).",
    "press": f"“{WORDS},” said Grégory Gutierez on “Libre à vous !” "
    "(Cause Commune, July 2, 2024, at 29 min 12 s).",
    "apa": f"Gonnu, É. (Host). (2024, July 2). {T} [Audio podcast episode]. In Libre à vous ! "
    f"April; Radio Cause Commune. {U}",
    "chicago": f"1. Grégory Gutierez, interview by Étienne Gonnu, “{T},” July 2, 2024, in Libre à vous !, "
    f"produced by April, podcast, OGG audio, 1:30:00, at 29:12, {U}.",
    "mla": f"Gonnu, Étienne, host. “{T}.” Libre à vous !, April / Radio Cause Commune, 2 July 2024, {U}.",
    "iso690": f"GONNU, Étienne, 2024. {T}. Libre à vous ! [en ligne]. [Podcast audio]. "
    "Paris : April ; Radio Cause Commune, 2 juillet 2024, 29 min 12 s. "
    f"Disponible à l’adresse : {U} [Consulté le 22 novembre 2026].",
    "wikipedia-fr": f"{{{{Lien web |langue=fr |auteur=Étienne Gonnu |titre={T} |url={U} |format=audio "
    "|site=Libre à vous ! |éditeur=April |date=2 juillet 2024 |description=à 29 min 12 s "
    f"|citation={WORDS} |consulté le=22 novembre 2026}}}}.",
    "wikipedia-en": f"{{{{cite podcast |url={U} |title={T} |website=Libre à vous ! |publisher=April "
    "|host=Étienne Gonnu |date=2 July 2024 |time=29:12 |language=fr "
    f"|quote={WORDS} |access-date=22 November 2026}}}}",
}
hostile = st.text(alphabet=st.sampled_from("aÉ é'’\"“<>&|{}[]=#%~^_$\\`*!?.,;:)(\n\u00a0"), max_size=25)


@pytest.mark.parametrize("style", FORMS)
def test_the_passage_is_cited_in_the_form_of_its_style(style: str) -> None:
    assert _plain(cite(PASSAGE, style, TODAY).text) == FORMS[style]


@pytest.mark.parametrize(("style", "said"), [("apa", "(Gonnu, 2024, 29:12)"), ("mla", "(Gonnu 00:29:12)")])
def test_styles_of_the_text_say_what_stands_in_it_with_the_moment(style: str, said: str) -> None:
    assert cite(PASSAGE, style, TODAY).in_text == said


def test_the_title_of_the_show_is_in_italics_where_a_style_wants_it() -> None:
    for style in ("apa", "chicago", "mla", "iso690"):
        assert "<i>Libre à vous !</i>" in cite(PASSAGE, style, TODAY).html


def test_french_spaces_do_not_break_before_signs() -> None:
    assert "«\N{NO-BREAK SPACE}on a" in cite(PASSAGE, "presse", TODAY).text
    assert "29\N{NO-BREAK SPACE}min\N{NO-BREAK SPACE}12\N{NO-BREAK SPACE}s" in (
        cite(PASSAGE, "presse", TODAY).text
    )


def test_a_host_who_speaks_is_not_their_own_interviewer() -> None:
    host = replace(PASSAGE, speakers=("Étienne Gonnu",))
    assert cite(host, "chicago", TODAY).text.startswith(f"1. Étienne Gonnu, “{T},”")


@pytest.mark.parametrize(
    ("words", "french", "english"),
    [
        ("C’est fini.", "« C’est fini », a déclaré", "“C’est fini,” said"),
        ("C’est fini ?", "« C’est fini ? », a déclaré", "“C’est fini ?” said"),
        ("C’est fini…", "« C’est fini… », a déclaré", "“C’est fini…” said"),
    ],
)
def test_a_sentence_of_the_press_goes_on_after_the_words(words: str, french: str, english: str) -> None:
    said = replace(PASSAGE, quotation=words)
    assert _plain(cite(said, "presse", TODAY).text).startswith(french)
    assert cite(said, "press", TODAY).text.startswith(english)


def test_several_hosts_are_joined_as_each_style_joins_them() -> None:
    two = replace(PASSAGE, hosts=("Samira Benali", "Julien Morvan"), publishers=())
    assert cite(two, "apa", TODAY).text.startswith("Benali, S., & Morvan, J. (Hosts). (2024, July 2).")
    assert cite(two, "mla", TODAY).text.startswith("Benali, Samira, and Julien Morvan, hosts. “")
    iso = _plain(cite(two, "iso690", TODAY).text)
    assert iso.startswith("BENALI, Samira et MORVAN, Julien, 2024. ")
    assert "[Podcast audio]. 2 juillet 2024, 29 min 12 s. Disponible" in iso.replace("Paris. ", "").replace(
        "Paris, ", ""
    )


def test_what_nobody_knows_is_left_out() -> None:
    poor = Citable("Oui", (), "Un essai ?", "Le Poste", U, "fr")
    assert cite(poor, "presse", TODAY).text.replace("\N{NO-BREAK SPACE}", " ") == (
        "« Oui », entend-on dans « Le Poste »."
    )
    assert cite(poor, "apa", TODAY).text == (
        f"Le Poste. (n.d.). Un essai ? [Audio podcast episode]. In Le Poste. {U}"
    )
    for style in STYLES:
        assert "None" not in cite(poor, style, TODAY).text


@given(st.tuples(*[hostile] * 6))
@example(("", "", "", "", "''", "'''"))
@example(("1. a\n- b\n---", "===", "&lt;b&gt;", "+ a", "1)", "-"))
@example(("~~~~", "__TOC__", "{{{1}}}", "[[a]]", "}}", "|x=1"))
@settings(max_examples=60)
def test_no_name_or_title_opens_a_tag_a_template_or_a_link(texts: tuple[str, ...]) -> None:
    words, speaker, title, show, host, publisher = texts
    cited = replace(
        PASSAGE,
        quotation=words,
        speakers=(speaker,),
        title=title,
        show=show,
        hosts=(host,),
        publishers=(publisher,),
    )
    for style in STYLES:
        citation = cite(cited, style, TODAY)
        assert _tags(citation.html) <= {"i"}
    assert _tags(cite(cited, "html", TODAY).text) == {"figure", "blockquote", "p", "figcaption", "a"} | (
        {"br"} if len(words.splitlines()) > 1 else set()
    )
    for style in ("wikipedia-fr", "wikipedia-en"):
        outer, *inner = mwparserfromhell.parse(cite(cited, style, TODAY).text).filter_templates()
        assert {str(template) for template in inner} <= {"{{!}}"}
        assert outer.get("url").value.strip() == U
    shown = MarkdownIt().render(cite(cited, "markdown", TODAY).text)
    assert _tags(shown) == {"blockquote", "p", "a"}
    assert shown.count("<a ") == 1


def _plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def _tags(html: str) -> set[str]:
    seen: set[str] = set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            seen.add(tag)

    Reader().feed(html)
    return seen
