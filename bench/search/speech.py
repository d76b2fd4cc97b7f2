"""Generate French speech of any amount: turns of 70 words in the mean, drawn by Zipf's law.

Words are made of French syllables, with plurals and elisions, under the commonest real ones, so
that no word list is needed. Some word rows are fixed expressions that come again and again, as in
real speech; phrases are asked for among them. The same seed gives the same speech, and a shorter
one is the beginning of a longer one.
"""

import random
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np

TURNS_AN_EPISODE = 150
MEAN_WORDS, SPREAD_WORDS, FEWEST_WORDS, MOST_WORDS = 68, 32, 8, 170
SHOWS, SPEAKERS, DAYS = 40, 400, 3_900
LEMMAS = 60_000
EXPRESSIONS = 4_000
# Mandelbrot's law; so 11,000 words hold 3,700 different ones, and as many of real transcripts 3,300.
ZIPF_SHIFT, ZIPF_EXPONENT = 2.7, 1.2

COMMONEST = """de la le et les des est un à que en une qui pas on ce c’est il du a pour dans qu’il sur plus
    avec ne nous je vous d’un au par mais d’une ça y l’on se sont fait être cette tout comme aussi ou si leur
    bien peut ils elle même très quand où donc faire deux été dire autres après sans ces encore""".split()  # noqa: SIM905
ONSETS = "b c ch d f g gr j l m n p pl pr qu r s t tr v br cl bl fr gn".split()  # noqa: SIM905
VOWELS = "a e é i o u ou an en on in ai eau eu oi è ê".split()  # noqa: SIM905
CODAS = ["", "", "", "", "r", "s", "t", "l", "ge", "que", "re", "te", "ment", "tion", "isme", "able"]


class Spoken(NamedTuple):
    """A generated turn."""

    episode: int  # from 0
    show: int
    day: int  # before the day of the bench
    speaker: str
    text: str


def make_vocabulary() -> list[str]:
    """Invent words that look French, all different, after the commonest real ones; the frequent first."""
    dice = random.Random(1)
    words = dict.fromkeys(COMMONEST)
    while len(words) < LEMMAS:
        syllables = dice.choice((1, 2, 2, 2, 3, 3))
        word = "".join(dice.choice(ONSETS) + dice.choice(VOWELS) for _ in range(syllables)) + dice.choice(
            CODAS
        )
        words[word] = None
        if dice.random() < 0.3:
            words[word + "s"] = None
        if word[0] in "aeéiou" and dice.random() < 0.5:
            words["l’" + word] = None
    return list(words)


def list_expressions(vocabulary: Sequence[str]) -> list[list[str]]:
    """Choose rows of two to four words that are often said together, the frequent first."""
    dice = random.Random(2)
    return [
        [vocabulary[dice.randrange(150, 8_000)] for _ in range(dice.randint(2, 4))]
        for _ in range(EXPRESSIONS)
    ]


def speak(vocabulary: Sequence[str], turns: int) -> Iterator[Spoken]:
    """Generate turns, by episode."""
    yield from islice(_speak_on(vocabulary), turns)


def _speak_on(vocabulary: Sequence[str]) -> Iterator[Spoken]:
    words = np.array(vocabulary, np.object_)
    expressions = list_expressions(vocabulary)
    heights, common = _cumulate(len(words)), _cumulate(len(expressions))
    dice = random.Random(3)
    episode = 0
    while True:
        draws = np.random.default_rng([4, episode])
        show, day = min(int(dice.expovariate(0.15)), SHOWS - 1), dice.randrange(DAYS)
        cast = [f"Personne {dice.randrange(SPEAKERS)}" for _ in range(dice.randint(2, 5))]
        lengths = np.clip(draws.normal(MEAN_WORDS, SPREAD_WORDS, TURNS_AN_EPISODE), FEWEST_WORDS, MOST_WORDS)
        for length in lengths.astype(int).tolist():
            said = words[np.searchsorted(heights, draws.random(length))].tolist()
            expression = expressions[int(np.searchsorted(common, draws.random()))]
            at = dice.randrange(length)
            said[at : at + len(expression)] = expression
            yield Spoken(episode, show, day, dice.choice(cast), _punctuate(said, dice))
        episode += 1


def _punctuate(said: list[str], dice: random.Random) -> str:
    begin = 0
    while begin < len(said):
        end = min(begin + dice.randint(6, 24), len(said))
        said[begin] = said[begin][0].upper() + said[begin][1:]
        if end - begin > 8:
            said[begin + 4] += ","
        said[end - 1] += dice.choice("....?!")
        begin = end
    return " ".join(said)


def _cumulate(count: int) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    heights = np.cumsum((np.arange(count) + ZIPF_SHIFT) ** -ZIPF_EXPONENT)
    return np.asarray(heights / heights[-1])
