"""Sort voice prints into voices, without knowing how many there are.

Spectral clustering over each print's nearest neighbours finds who speaks at length (the count is
where the eigenvalues leap; Park et al. 2020, and 3D-Speaker's p-pruning). It drowns whoever speaks
little, so prints that resemble no voice found are then sorted among themselves. The eigenvectors
are taken of `MAX_SAMPLED` prints at most, evenly spread over the episode: the cost is linear in its
length beyond about 25 minutes, and the second look finds whom the sample missed.
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
SAME_VOICE = 0.80  # cosine of two voices' means; measured: two halves of one ~.90, two voices <= .76
STRANGER = 0.60  # cosine of a print with the voice it is nearest to, under which it is another's
KINSHIP = 0.65  # mean cosine of prints that strangers share a voice at
FEWEST_PRINTS = 4  # a voice heard in fewer is nobody's
REFINEMENTS = 3
SEED = 7  # the same sound gives the same voices


def cluster_prints(prints: Prints, speakers: int | None = None) -> Prints:
    """Find the voices of prints in the order heard; return one mean print a voice.

    `speakers` is how many people speak at length: no more are found by the main search, and it
    looks for as many, but one voice is never cut in two to reach it. Others, who speak little, come
    in addition. No print, no voice.
    """
    if len(prints) < 2 * FEWEST_PRINTS:
        return to_unit_length(prints.mean(0, keepdims=True)) if len(prints) else prints
    sample = prints[_spread(len(prints), MAX_SAMPLED)]
    voices = _means(sample, _spectral_labels(sample, speakers))
    voices = _merge_alike(voices, sample, speakers)
    voices = _refine(voices, prints)
    return _refine(np.concatenate((voices, _strangers(voices, prints))), prints)


def nearest_voices(prints: Prints, voices: Prints) -> Labels:
    """Tell which voice each print resembles most."""
    return (prints @ voices.T).argmax(1)


def _spectral_labels(prints: Prints, speakers: int | None) -> Labels:
    affinity = _pruned_affinity(prints)
    laplacian = np.diag(affinity.sum(1)) - affinity
    most = min(MAX_VOICES, len(prints) - 1)
    values, vectors = eigh(laplacian, subset_by_index=(0, most))
    least = min(speakers or 1, most)
    count = least + int(np.diff(values)[least - 1 :].argmax())
    _, labels = kmeans2(vectors[:, :count], count, iter=30, minit="++", rng=SEED, missing="warn")
    return labels.astype(np.intp)


def _pruned_affinity(prints: Prints) -> NDArray[np.float32]:
    """Cosines of each print with its nearest neighbours only, made symmetric."""
    cosines = np.maximum(prints @ prints.T, 0)
    keep = min(len(prints), max(NEIGHBOURS_MIN, int(NEIGHBOURS_PART * len(prints))))
    floor = np.partition(cosines, len(prints) - keep, axis=1)[:, len(prints) - keep]
    cosines[cosines < floor[:, None]] = 0
    affinity: NDArray[np.float32] = (cosines + cosines.T) / 2
    np.fill_diagonal(affinity, 0)
    return affinity


def _merge_alike(voices: Prints, prints: Prints, speakers: int | None) -> Prints:
    """Join the two nearest voices while they are one person's, or too many."""
    while len(voices) > 1:
        cosines = voices @ voices.T - 2 * np.eye(len(voices), dtype=np.float32)
        one, other = np.unravel_index(cosines.argmax(), cosines.shape)
        if cosines[one, other] < SAME_VOICE and len(voices) <= (speakers or MAX_VOICES):
            break
        labels = nearest_voices(prints, voices)
        labels[labels == other] = one
        voices = _means(prints, labels)
    return voices


def _strangers(voices: Prints, prints: Prints) -> Prints:
    """Find the voices of prints that resemble none of those found."""
    strange = prints[(prints @ voices.T).max(1) < STRANGER]
    strange = strange[_spread(len(strange), MAX_SAMPLED)]
    if len(strange) < FEWEST_PRINTS:
        return strange[:0]
    labels = fcluster(linkage(strange, "average", "cosine"), 1 - KINSHIP, "distance").astype(np.intp)
    held, counts = np.unique(labels, return_counts=True)
    return _means(strange, labels, held[counts >= FEWEST_PRINTS])


def _refine(voices: Prints, prints: Prints) -> Prints:
    """Settle the means on the prints nearest to each, forgetting voices that almost nobody has."""
    for _ in range(REFINEMENTS):
        labels = nearest_voices(prints, voices)
        held, counts = np.unique(labels, return_counts=True)
        voices = _means(prints, labels, held[counts >= min(FEWEST_PRINTS, counts.max())])
    return voices


def _means(prints: Prints, labels: Labels, held: Labels | None = None) -> Prints:
    kept = np.unique(labels) if held is None else held
    means = [prints[labels == label].mean(0) for label in kept]
    return to_unit_length(np.array(means, np.float32).reshape(-1, prints.shape[1]))


def to_unit_length(rows: Prints) -> Prints:
    """Scale each row to length 1, so that products are cosines."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.maximum(lengths, np.finfo(np.float32).tiny)


def _spread(count: int, most: int) -> NDArray[np.intp]:
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(np.intp))
