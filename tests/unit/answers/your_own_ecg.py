"""Answers to the exercises of notebook 11."""

import numpy as np
import torch
from sklearn.model_selection import GroupKFold

from ecgae_lib import checks
from tests.unit.answers import UNNAMED, Answers


def in_mv(adc, gain, zero):
    return (adc.astype(float) - zero) / gain


def rates(found, truth, fs, tolerance=0.1):
    free, hits = list(found), 0
    for r in truth:
        near = [f for f in free if abs(f - r) <= tolerance * fs]
        if near:
            free.remove(near[0])
            hits += 1
    return hits / len(truth), hits / len(found)


def nearest_first(found, truth, fs):
    apart, hits = abs(np.subtract.outer(found, truth)) / fs, 0
    while apart.size and apart.min() <= 0.1:
        row, column = np.unravel_index(apart.argmin(), apart.shape)
        apart, hits = np.delete(np.delete(apart, row, 0), column, 1), hits + 1
    return [hits / len(truth), hits / len(found)]


def rates_of_any(found, truth, fs):
    apart = abs(np.subtract.outer(truth, found)) <= 0.1 * fs
    return apart.any(axis=1).mean(), apart.any(axis=0).mean()


def positions_near(found, truth, fs):
    """The same number of hits in both rates, but hits of positions."""
    hits = rates_of_any(found, truth, fs)[1] * len(found)
    return hits / len(truth), hits / len(found)


def groups(patient, k):
    return [np.isin(patient, names) for names in np.array_split(np.unique(patient), k)]


def of_scikit_learn(patient, k):
    masks = np.zeros((k, len(patient)), dtype=bool)
    for mask, (_, test) in zip(masks, GroupKFold(k).split(patient, groups=patient), strict=True):
        mask[test] = True
    return masks


def shuffled(patient, k):
    fold = np.random.default_rng(0).integers(k, size=len(patient))
    return [fold == number for number in range(k)]


def in_blocks(patient, k):
    at = np.arange(len(patient))
    return [np.isin(at, block) for block in np.array_split(at, k)]


def positions(patient, k):
    return [np.flatnonzero(mask) for mask in groups(patient, k)]


def pairs(patient, k):
    return [(~mask, mask) for mask in groups(patient, k)]


def relative_beta(x, relative):
    return relative * (x - x.mean(dim=0)).square().mean()


ANSWERS = {
    checks.to_millivolts: Answers(
        right=[
            in_mv,
            lambda adc, gain, zero: [(int(a) - zero) / gain for a in adc],
            lambda adc, gain, zero: torch.tensor(adc.astype(int) - zero) / gain,
            lambda adc, gain, zero: adc / gain - zero / gain,
        ],
        wrong=[
            (lambda adc, gain, zero: (adc.astype(np.int16) - zero) / gain, "too small"),
            (lambda *given: 0.0, "the shape ()"),
            (lambda adc, gain, zero: adc / zero, UNNAMED),
        ],
    ),
    checks.detector_rates: Answers(
        right=[rates, lambda *given: np.array(rates(*given)), nearest_first],
        wrong=[
            (lambda *given: (*rates(*given), 1), "the shape (3,)"),
            (positions_near, UNNAMED),
        ],
    ),
    checks.patient_folds: Answers(
        right=[groups, lambda patient, k: np.array(groups(patient, k)), of_scikit_learn],
        wrong=[
            (shuffled, "a leak"),
            (in_blocks, "a leak"),
            (lambda p, k: [~mask for mask in groups(p, k)], "which to train on"),
            (lambda p, k: groups(p, k)[1:], "you return 1"),
            (lambda p, k: [p == name for name in np.unique(p)], "you return 5"),
            (lambda p, k: groups(p, k)[:1] * k, "is tested 2 times"),
            (lambda p, k: [p == name for name in np.unique(p)[:k]], "is tested 0 times"),
            (lambda p, k: [np.zeros(len(p), dtype=bool)] * k, "nobody to test on"),
            (lambda p, k: [np.ones(len(p), dtype=bool)] * k, "nobody to train on"),
            (positions, "positions or patients"),
            (pairs, "the shape (2, 9)"),
            (lambda p, k: np.isin(p, np.unique(p)[:k]), "one mask for each fold"),
            (lambda p, k: [mask.astype(int) for mask in groups(p, k)], "yours hold numbers"),
            (lambda p, k: (mask for mask in groups(p, k)), "the type generator"),
            (lambda p, k: [p[mask] for mask in groups(p, k)], "or patients"),
            (lambda p, k: dict(enumerate(groups(p, k))), "the type dict"),
        ],
    ),
    checks.relative_beta: Answers(
        right=[
            relative_beta,
            lambda x, relative: relative * float(x.var(dim=0).mean()),
            lambda x, relative: float(relative * np.mean((x - x.mean(0)).numpy() ** 2)),
        ],
        wrong=[(lambda x, r: 0.0005, UNNAMED)],
    ),
    checks.bytes_on_disk: Answers(
        right=[200_000 * 450 * 4, np.int64(360_000_000), 3.6e8, torch.tensor(360_000_000)],
        wrong=[
            ("360 MB", "without quotes"),
            (-360_000_000, "from 1 to"),
            (1_000_000, "5 for each beat"),
        ],
    ),
    checks.beta_of_louder: Answers(
        right=[0.002, 4 * 5e-4, np.float32(0.002), torch.tensor(0.002)],
        wrong=[
            ("4 beta", "without quotes"),
            (0.0015, UNNAMED),
        ],
    ),
}
