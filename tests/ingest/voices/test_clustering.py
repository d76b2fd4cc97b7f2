"""Prints are sorted into as many voices as speak, and no voice is cut in two."""

import time

import numpy as np
import pytest

from ingest.voices.clustering import Prints, cluster_prints, nearest_voices, to_unit_length

LENGTH = 192
SPREAD = 0.55  # about the cosines measured: .85 with one's own mean


def people(count: int, seed: int = 1) -> Prints:
    """Means of voices, about .55 alike as real ones are."""
    random = np.random.default_rng(seed)
    common = random.normal(size=LENGTH)
    return to_unit_length((common + 0.9 * random.normal(size=(count, LENGTH))).astype(np.float32))


def talk(means: Prints, who: list[int], seed: int = 2) -> Prints:
    """A print of each of these people, in order."""
    noise = np.random.default_rng(seed).normal(size=(len(who), LENGTH)) * SPREAD / np.sqrt(LENGTH)
    return to_unit_length((means[who] + noise).astype(np.float32))


def turns(*lengths: tuple[int, int]) -> list[int]:
    """Who speaks, print after print, of (person, prints)."""
    return [person for person, prints in lengths for _ in range(prints)]


def found_groups(prints: Prints, who: list[int], speakers: int | None = None) -> set[frozenset[int]]:
    """The people whom each voice holds."""
    labels = nearest_voices(prints, cluster_prints(prints, speakers))
    return {frozenset(np.array(who)[labels == label].tolist()) for label in set(labels.tolist())}


def apart(count: int) -> set[frozenset[int]]:
    return {frozenset({person}) for person in range(count)}


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_as_many_voices_are_found_as_speak(count: int) -> None:
    who = turns(*((person, 25) for person in range(count))) * 3
    assert found_groups(talk(people(count), who), who) == apart(count)


def test_somebody_who_speaks_twelve_seconds_among_hours_is_not_lost() -> None:
    who = turns((0, 2_500), (1, 8), (2, 2_500))
    assert found_groups(talk(people(3), who), who) == apart(3)


@pytest.mark.parametrize("speakers", [3, 6])
def test_a_given_number_never_cuts_a_voice_in_two(speakers: int) -> None:
    who = turns((0, 120), (1, 60)) * 2
    assert found_groups(talk(people(2), who), who, speakers) == apart(2)


def test_a_given_number_counts_only_those_who_speak_at_length() -> None:
    who = turns((0, 100), (2, 6), (1, 100))
    assert found_groups(talk(people(3), who), who, 2) == apart(3)


def test_more_people_at_length_than_given_are_joined() -> None:
    who = turns((0, 60), (1, 60), (2, 60))
    assert len(found_groups(talk(people(3), who), who, 2)) == 2


def test_no_print_has_no_voice_and_a_few_have_one() -> None:
    assert len(cluster_prints(np.empty((0, LENGTH), np.float32))) == 0
    assert len(cluster_prints(talk(people(1), [0, 0, 0]))) == 1


def test_the_same_prints_give_the_same_voices() -> None:
    prints = talk(people(4), turns((0, 30), (1, 30), (2, 30), (3, 30)))
    np.testing.assert_array_equal(cluster_prints(prints), cluster_prints(prints))


def test_twelve_hours_are_sorted_in_seconds() -> None:
    who = turns(*((person % 6, 1_200) for person in range(24)))
    prints = talk(people(6), who)
    began = time.process_time()
    assert len(cluster_prints(prints)) == 6
    assert time.process_time() - began < 20
