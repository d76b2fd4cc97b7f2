"""French queries over real transcripts, each with words of turns that it must find and must not find.

The transcripts are read where they lie; only the few words that name a turn are said here. A
judgement whose words no transcript says any more fails too: it would judge nothing.
"""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from media.transcript import Chapter, TurnState

Turns = list[tuple[str | None, str]]

SHOWS = {  # of each transcript: its show, its day, and its chapters, as seconds of our invention
    "000": ("Malakoff Infos", datetime(2022, 9, 1, tzinfo=UTC), ()),
    "001": ("Malakoff Infos", datetime(2025, 4, 1, tzinfo=UTC), ()),
    "002": ("Ville de Malakoff", datetime(2020, 9, 1, tzinfo=UTC), ()),
    "003": ("Malakoff Infos", datetime(2017, 4, 1, tzinfo=UTC), ()),
    "004": ("Libre à vous !", datetime(2024, 7, 2, tzinfo=UTC), ("Présentation", "Histoire des logiciels")),
}
VALIDATED = "Trente mille habitants"  # the turn of these words is validated
SEED = 3


@dataclass(frozen=True)
class Judgement:
    query: str
    finds: tuple[str, ...] = ()
    misses: tuple[str, ...] = ()


def judge(query: str, *finds: str, misses: tuple[str, ...] | str = ()) -> Judgement:
    return Judgement(query, finds, (misses,) if isinstance(misses, str) else misses)


INCLUSIVE = [
    judge("élus", "autres élu·e·s", "autres élu.e.s", "les élu-e-s", "Quand nous avons été élus"),
    judge("élues", "six autres élu·e·s", "six autres élu.e.s", "alerter les élu-e-s",
          misses="Quand nous avons été élus"),
    judge("élu·e·s", "six autres élu.e.s", "alerter les élu-e-s", "Quand nous avons été élus"),
    judge("élu(e)s", "six autres élu·e·s", "alerter les élu-e-s"),
    judge("animateurs", "ses animateurs·trices"),
    judge("animatrices", "ses animateurs·trices"),
    judge("animateurs/trices", "ses animateurs·trices"),
    judge("Malakoffiots", "nombre de Malakoffiot·tes", "entre les Malakoffiots"),
    judge("malakoffiottes", "nombre de Malakoffiot·tes", misses="entre les Malakoffiots"),
    judge("habitantes", "ouverts aux habitant·es", "aux habitant-e-s", misses="Trente mille habitants"),
    judge("habitant·e·s", "ouverts aux habitant·es", "Trente mille habitants"),
    judge("citoyennes", "citoyen-ne-s de Malakoff", "citoyen·ne·s en consommatrices"),
    judge("chacune", "pour que chacun-e puisse"),
    judge("administrées", "leurs administré-e-s"),
    judge("salarié", "droits des salarié·es"),
    judge("bienvenu", "Soyez les bienvenu·es"),
    judge("intervenantes", "propos des intervenant·e·s"),
    judge("« élus locaux »", misses="six autres élu·e·s"),
]  # fmt: skip
WORDS = [
    judge("usager", "plupart des usagers", misses="sur les usages, partant"),
    judge("usage", "sur les usages, partant", misses="plupart des usagers"),
    judge("maire", "la maire vous fait confiance", misses="arrivée à la mairie"),
    judge("mairie", "arrivée à la mairie", misses="la maire vous fait confiance"),
    judge("entrée", "une seule entrée pour", misses="entre guillemets"),
    judge("entre", "entre guillemets", misses="Soyez les bienvenu·es"),
    judge("réseau social", "réseaux sociaux ont pris", "réseau social Mastodon"),
    judge("local", "débattre de sujets locaux"),
    judge("terminaux", "un terminal à la paye"),
    judge("ECOLOGISTES", "Parti des écologistes"),
    judge("oeuvre", "mise en œuvre"),
    judge("ŒIL", "garder un œil"),
    judge("dematerialisation", "dématérialisation interne"),
    judge("information", "directrice des systèmes d’information"),
    judge("l'éducation", "L’Éducation nationale"),
    judge("aujourd'hui", "Aujourd’hui, la rediffusion", "retrouvent aujourd'hui dans"),
    judge("internet", "faudrait il qu’internet"),
    judge("quelqu’un", "rare d’avoir quelqu’un"),
    judge("D.S.I.", "DSI de la ville", "la DSI et", misses="Soyez les bienvenu·es"),
    judge("gafam", "indépendance aux GAFAM"),
    judge("780000", "plus de 780 000 logements"),
    judge("780 000 logements", "plus de 780 000 logements"),
    judge("2026", "MANDAT 2020-2026"),
    judge("2020", "MANDAT 2020-2026", "Depuis les élections municipales"),
    judge("2010", "écologistes depuis 2010/2011"),
    judge("libreavous", "émission est libreavous.org"),
    judge("libreavous.org", "émission est libreavous.org"),
    judge("causecommune.fm", "sur le site causecommune.fm"),
    judge("holiznacc0", "River par HoliznaCC0, disponible"),
    judge("X", "allez sur X", "sur X, je n’arrive pas", misses="réseau social Mastodon ont échangé"),
    judge("le la les", misses="Trente mille habitants"),
]  # fmt: skip
COMPOUNDS = [
    judge("plateforme", "plate-forme d'expression Decidim", "création d’une plateforme"),
    judge("plate-forme", "plate-forme d'expression Decidim", "création d’une plateforme"),
    judge("« plateforme d'expression »", "plate-forme d'expression", misses="création d’une plateforme"),
    judge("« une plateforme collaborative »", "création d’une plateforme", misses="plate-forme d'expression"),
    judge("« plate-forme collaborative »", "création d’une plateforme", misses="plate-forme d'expression"),
    judge("« telle plateforme permettrait »", "telle plate-forme permettrait"),
    judge("hauts de seine", "municipal dans la majorité à Malakoff"),
    judge("Hauts-de-Seine", "une des rares villes encore à gauche"),
    judge("décentralisation", "notamment post-décentralisation"),
    judge("postdécentralisation", "notamment post-décentralisation"),
    judge("vis à vis", "territoriales vis-à-vis des", "éclaire votre engagement"),
    judge("c’est-à-dire", "intimes - de leurs usagers", "à la fois informatiser"),
    judge("rendez-vous -gratuit", "obtenir un rendez-vous", misses="modèle gratuit"),
    judge("boîte e-mail", "800 boîtes e-mail"),
]  # fmt: skip
OPERATORS = [
    judge("« données personnelles »", "distinction à faire entre", misses="l'OpenData sera traitée"),
    judge('"donnees PERSONNELLES"', "distinction à faire entre"),
    judge("“personnelles données”", misses="distinction à faire entre"),
    judge("« font leur beurre financièrement »", "distinction à faire entre"),
    judge("« à la régie »", "Chaumard à la régie", misses="arrivée à la mairie"),
    judge("Mastodon ET Pixelfed", misses=("équivalent sur Instagram", "réseau social Mastodon ont")),
    judge("Mastodon OU Pixelfed", "équivalent sur Instagram", "réseau social Mastodon ont", "Elon Musk"),
    judge("Mastodon OR Pixelfed", "équivalent sur Instagram", "Elon Musk"),
    judge("Mastodon SAUF Musk", "réseau social Mastodon ont", misses="Elon Musk"),
    judge("Mastodon NOT Musk", "réseau social Mastodon ont", misses="Elon Musk"),
    judge("Mastodon AND Musk", "Elon Musk", misses="réseau social Mastodon ont"),
    judge("Mastodon -Musk", "réseau social Mastodon ont", misses="Elon Musk"),
    judge("pause ou musicale", misses="Nous venons d’écouter Fascist"),
    judge("interop*", "nous est chère", "manière de faire communiquer", misses="Trente mille habitants"),
    judge("municipaux*", "6 et 700 postes", "moyens de nos services municipaux"),
    judge("(Amstrad OU Mandrake) jeux", "disquettes que j’échange"),
    judge("Amstrad OU (Mandrake magie)", "acheter un Amstrad", misses="une distribution Mandrake"),
    judge('"données protection"~3', "politique de protection des données", "la structuration des données"),
    judge('"protection choix"~3', misses="la structuration des données"),
    judge("intervenant:migeon interopérabilité", "manière de faire communiquer", misses="nous est chère"),
    judge('speaker:"Étienne Gonnu" interopérabilité', "nous est chère", misses="manière de faire"),
    judge("interopérabilité -intervenant:Migeon", "nous est chère", misses="manière de faire communiquer"),
    judge("bonjour (intervenant:Chaumard OU intervenant:Migeon)", "Bonjour Étienne", "Merci de nous avoir",
          misses="Bonjour à toutes"),
    judge('émission:"Libre à vous" numérique', "Numérique et citoyenneté", misses="fracture numérique"),
    judge("show:malakoff numérique SAUF émission:ville", "miser sur le numérique", misses="sine qua non"),
    judge("numérique avant:2018", "miser sur le numérique", misses="sine qua non"),
    judge("numérique après:2018 before:2021-01", "sine qua non", misses="miser sur le numérique"),
    judge("after:02/07/2024 numérique", "assurer sa souveraineté numérique", misses="sine qua non"),
    judge("état:validé habitants", "Trente mille habitants", misses="municipal dans la majorité à Malakoff"),
    judge("habitants -state:validated", misses="Trente mille habitants"),
    judge('chapitre:"logiciel" bonjour', misses="Bonjour à toutes"),
    judge("chapter:présentation bonjour", "Bonjour à toutes"),
    judge("intervenant:Chaumard", "Bonjour Étienne", misses="Bonjour à toutes"),
]  # fmt: skip
UNPARSED = [
    judge("OU Pixelfed ET", "équivalent sur Instagram"),
    judge("(((Pixelfed", "équivalent sur Instagram"),
    judge("intervenant: Pixelfed", "équivalent sur Instagram"),
    judge("« Pixelfed", "équivalent sur Instagram"),
    judge("- Pixelfed *", "équivalent sur Instagram"),
    judge("avant:hier Pixelfed", "équivalent sur Instagram"),
]
JUDGEMENTS = INCLUSIVE + WORDS + COMPOUNDS + OPERATORS + UNPARSED


@pytest.fixture
def judged(library: Any, transcripts: Mapping[str, Turns], turn_maker: Any) -> Any:
    """The transcripts, each in a show of its own day, one of them in chapters, one turn validated."""
    for stem, spoken in transcripts.items():
        show, published, titles = SHOWS[stem[:3]]
        voices = {name: at for at, name in enumerate(dict.fromkeys(name for name, _ in spoken if name), 1)}
        made = turn_maker((voices.get(name) if name else None, text) for name, text in spoken)
        turns = tuple(
            replace(turn, state=TurnState.VALIDATED) if VALIDATED in turn.text else turn for turn in made
        )
        half = turns[len(turns) // 2].start_ms
        chapters = [Chapter(start, title) for start, title in zip((0, half), titles, strict=False)]
        library.add_turns(
            turns, voices, show=show, title="Le numéro du mois", published=published, chapters=chapters
        )
    library.sync()
    return library


def found_texts(library: Any, query: str) -> list[str]:
    """List the turns that a query finds as typed."""
    texts: list[str] = []
    while True:
        result = library.search(query, per_episode=None, limit=100, offset=len(texts))
        if result.corrected is not None or not result.excerpts:
            return texts
        texts += [plain(excerpt.turn_text) for excerpt in result.excerpts]


def is_in(words: str, texts: list[str]) -> bool:
    return any(words in text for text in texts)


def plain(text: str) -> str:
    return re.sub(r"\s", " ", text)


def test_every_judgement_holds(judged: Any, transcripts: Mapping[str, Turns]) -> None:
    assert len(JUDGEMENTS) >= 60
    said = [plain(text) for turns in transcripts.values() for _, text in turns]
    wrong = []
    for judgement in JUDGEMENTS:
        found = found_texts(judged, judgement.query)
        wrong += [
            f"nobody says « {words} »"
            for words in (*judgement.finds, *judgement.misses)
            if not is_in(words, said)
        ]
        wrong += [
            f"{judgement.query} lacks « {words} »" for words in judgement.finds if not is_in(words, found)
        ]
        wrong += [f"{judgement.query} finds « {words} »" for words in judgement.misses if is_in(words, found)]
    assert wrong == []


def test_whatever_is_quoted_from_a_turn_finds_it(judged: Any, transcripts: Mapping[str, Turns]) -> None:
    """Spans of up to 30 words, more than one phrase that the index looks for at once."""
    chance = random.Random(SEED)
    turns = [text for spoken in transcripts.values() for _, text in spoken if len(text.split()) > 8]
    lost = []
    for text in chance.sample(turns, 40):
        words = text.split()
        begin = chance.randrange(len(words) - 6)
        quoted = re.sub(r"[\"«»“”]", " ", " ".join(words[begin : begin + chance.randint(2, 30)]))[:280]
        quoted = quoted.rpartition(" ")[0]
        if re.search(r"\w", quoted) and not any(
            plain(quoted).strip() in re.sub(r"[\"«»“”]", " ", each)
            for each in found_texts(judged, f'"{quoted}"')
        ):
            lost.append(quoted)
    assert lost == []
