"""Sort voice prints into voices, without knowing how many there are.

Spectral clustering over each print's nearest neighbours finds who speaks at length, their number
being where the eigenvalues leap (p-pruning as in 3D-Speaker; von Luxburg 2007). It may leave two
people in one voice, and drowns whoever speaks little: so a voice whose halves differ is cut, and
prints that resemble no voice are sorted among themselves. Eigenvectors are taken of `MAX_SAMPLED`
prints at most, evenly spread: past about 35 minutes the cost grows no faster than the episode,
and the second look finds whom the sample missed.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.cluster.vq import kmeans2
from scipy.linalg import eigh

Prints = NDArray[np.float32]  # one voice print a row, of length 1
Labels = NDArray[np.intp]

MAX_SAMPLED = 1_500
MAX_VOICES = 15
NEIGHBOURS_PART = 0.012  # of all prints
NEIGHBOURS_MIN = 6
# Cosines of means, measured: halves of one voice .79–.97, two people .49–.78.
ONE_VOICE = 0.80  # two voices from here on are one person's
TWO_VOICES = 0.76  # a voice whose halves are below is two people's
STRANGER = 0.60  # a print below this with every voice is somebody else's
KINSHIP = 0.65  # mean cosine of prints at which strangers share a voice
FEWEST_PRINTS = 4  # a voice with fewer is nobody's
FEWEST_OF_HALF = 5  # half a voice with fewer is not yet another's
AT_LENGTH_PRINTS = 7  # 12 s: from here on, somebody who speaks at length
AT_LENGTH_PART = 0.02  # and from this part of the episode's prints on
SETTLING_ROUNDS = 3
HALVING_ROUNDS = 10
SEED = 7  # the same sound gives the same voices


def cluster_prints(prints: Prints, speakers: int | None = None) -> Prints:
    """Find the voices of prints given in the order heard; return one mean print a voice.

    `speakers` is how many people speak at length: that many are looked for, and the nearest are
    joined where there are more; but one person is not cut in two to reach it, and those who speak
    little come in addition. No print, no voice.
    """
    if len(prints) < 2 * FEWEST_PRINTS:
        return to_unit_length(prints.mean(0, keepdims=True)) if len(prints) else prints
    voices = _main_voices(prints[_spread(len(prints), MAX_SAMPLED)], speakers)
    voices = _settle(voices, prints)
    voices = _settle(np.concatenate((voices, _strangers(voices, prints))), prints)
    return _join_beyond(voices, prints, speakers) if speakers else voices


def nearest_voices(prints: Prints, voices: Prints) -> Labels:
    """Tell which voice each print resembles most."""
    return np.asarray((prints @ voices.T).argmax(1), np.intp)


def to_unit_length(rows: Prints) -> Prints:
    """Scale each row to length 1, so that products are cosines."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, np.finfo(np.float32).tiny), np.float32)


def _main_voices(prints: Prints, speakers: int | None) -> Prints:
    values, vectors = _spectrum(prints)
    found = _voices_of(prints, vectors, 1 + int(np.diff(values).argmax()))
    for count in range(len(found) + 1, min(speakers or 0, len(values)) + 1):
        more = _voices_of(prints, vectors, count)
        found = max(found, more, key=lambda voices: len(_at_length(voices, prints)))
    return found


def _at_length(voices: Prints, prints: Prints) -> Labels:
    """Which voices are heard at length."""
    counts = np.bincount(nearest_voices(prints, voices), minlength=len(voices))
    return np.flatnonzero(counts >= max(AT_LENGTH_PRINTS, AT_LENGTH_PART * len(prints)))


def _spectrum(prints: Prints) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The smallest eigenvalues of the prints' graph, and their vectors as columns."""
    affinity = _pruned_affinity(prints)
    laplacian = np.diag(affinity.sum(1)) - affinity
    last = min(MAX_VOICES, len(prints) - 1)
    values, vectors = eigh(laplacian.astype(np.float64), subset_by_index=(0, last))
    return values, vectors


def _pruned_affinity(prints: Prints) -> Prints:
    """Cosines of each print with its nearest neighbours only, made symmetric."""
    cosines = np.maximum(prints @ prints.T, 0)
    dropped = len(prints) - min(len(prints), max(NEIGHBOURS_MIN, int(NEIGHBOURS_PART * len(prints))))
    floors = np.partition(cosines, dropped, axis=1)[:, dropped]
    cosines[cosines < floors[:, None]] = 0
    affinity = (cosines + cosines.T) / 2
    np.fill_diagonal(affinity, 0)
    return np.asarray(affinity, np.float32)


def _voices_of(prints: Prints, vectors: NDArray[np.float64], count: int) -> Prints:
    _, labels = kmeans2(vectors[:, :count], count, iter=30, minit="++", rng=SEED)
    voices = _means(prints, np.asarray(labels, np.intp))
    return _cut_mixed(_join_alike(voices, prints), prints)


def _join_alike(voices: Prints, prints: Prints) -> Prints:
    """Join the two nearest voices while they are one person's."""
    while len(voices) > 1:
        one, other, cosine = _nearest_pair(voices)
        if cosine < ONE_VOICE:
            break
        voices = _join(voices, prints, one, other)
    return voices


def _join_beyond(voices: Prints, prints: Prints, speakers: int) -> Prints:
    """Join the nearest of those who speak at length until there are no more than `speakers`."""
    while len(long := _at_length(voices, prints)) > speakers:
        one, other, _ = _nearest_pair(voices[long])
        voices = _join(voices, prints, long[one], long[other])
    return voices


def _nearest_pair(voices: Prints) -> tuple[int, int, float]:
    cosines = voices @ voices.T
    np.fill_diagonal(cosines, -1)
    one, other = divmod(int(cosines.argmax()), len(voices))
    return one, other, float(cosines[one, other])


def _join(voices: Prints, prints: Prints, one: int, other: int) -> Prints:
    labels = nearest_voices(prints, voices)
    labels[labels == other] = one
    return _means(prints, labels)


def _cut_mixed(voices: Prints, prints: Prints) -> Prints:
    """Cut each voice in two while its halves are two people's."""
    labels, settled = nearest_voices(prints, voices), []
    waiting = [prints[labels == label] for label in range(len(voices))]
    while waiting:
        held = waiting.pop()
        sides = _halve(held)
        halves = _means(held, sides)
        apart = len(halves) == 2 and float(halves[0] @ halves[1]) < TWO_VOICES
        if apart and np.bincount(sides).min() >= FEWEST_OF_HALF:
            waiting += [held[sides == side] for side in (0, 1)]
        elif len(held):
            settled.append(held.mean(0))
    return to_unit_length(np.array(settled, np.float32))


def _halve(prints: Prints) -> Labels:
    """Part prints along their widest direction, then by the nearer of the two means."""
    if len(prints) < 2 * FEWEST_OF_HALF:
        return np.zeros(len(prints), np.intp)
    centred = prints - prints.mean(0)
    _, directions = np.linalg.eigh(centred.T @ centred)
    sides = np.asarray(centred @ directions[:, -1] > 0, np.intp)
    for _ in range(HALVING_ROUNDS):
        sides = nearest_voices(prints, _means(prints, sides))
    return sides


def _strangers(voices: Prints, prints: Prints) -> Prints:
    """Find the voices of prints that resemble none of those found, two in a row at least.

    A print alone in that is mostly one that hears two people, where they take turns.
    """
    far = np.pad((prints @ voices.T).max(1) < STRANGER, 1)
    strange = prints[far[1:-1] & (far[:-2] | far[2:])]
    strange = strange[_spread(len(strange), MAX_SAMPLED)]
    if len(strange) < FEWEST_PRINTS:
        return prints[:0]
    tree = linkage(strange, "average", "cosine")
    labels = np.asarray(fcluster(tree, 1 - KINSHIP, "distance"), np.intp)
    return _means(strange, labels, FEWEST_PRINTS)


def _settle(voices: Prints, prints: Prints) -> Prints:
    """Move the means to the prints nearest to each, forgetting voices that almost no print has."""
    for _ in range(SETTLING_ROUNDS):
        labels = nearest_voices(prints, voices)
        voices = _means(prints, labels, min(FEWEST_PRINTS, int(np.bincount(labels).max())))
    return voices


def _means(prints: Prints, labels: Labels, fewest: int = 1) -> Prints:
    held, counts = np.unique(labels, return_counts=True)
    means = [prints[labels == label].mean(0) for label in held[counts >= fewest]]
    return to_unit_length(np.array(means, np.float32).reshape(len(means), prints.shape[1]))


def _spread(count: int, most: int) -> Labels:
    return np.unique(np.linspace(0, max(0, count - 1), min(count, most)).astype(np.intp))
