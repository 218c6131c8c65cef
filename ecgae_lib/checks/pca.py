"""The check of PCA by hand, notebook 4."""

from functools import partial

import numpy as np
from sklearn.decomposition import PCA

from ecgae_lib.checks.exercise import exercise
from ecgae_lib.checks.functions import compare


def directions(beats):
    """The directions (L, L) in which beats spread, as rows, the widest first."""
    return np.linalg.svd(beats, full_matrices=False)[2]


def mean_beat(train, test):
    """The mean of the training beats."""
    return train.mean(axis=0)


def test_mean(train, test):
    """The mean of the test beats."""
    return test.mean(axis=0)


def nothing(train, test):
    """No mean at all."""
    return 0


def one_number(train, test):
    """The mean over everything."""
    return train.mean()


def by_plane(train, test, k, less=mean_beat, plus=mean_beat, centre=mean_beat, keep=slice):
    """PCA by hand, in parts that can be changed.

    less, plus: what is subtracted from the test beats, and added at the end; centre: what is
    subtracted from the training beats; keep(k): which directions pass.
    """
    rows = directions(train - centre(train, test))[keep(k)]
    return plus(train, test) + (test - less(train, test)) @ rows.T @ rows


def by_levels(train, test, k):
    """With the mean of each beat, the wrong axis."""
    level = test.mean(axis=1, keepdims=True)
    rows = directions(train - train.mean(axis=1, keepdims=True))[:k]
    return level + (test - level) @ rows.T @ rows


def by_columns(train, test, k):
    """With the columns of the third result of the SVD, which are no directions."""
    rows = directions(train - train.mean(axis=0))[:, :k].T
    return train.mean(axis=0) + (test - train.mean(axis=0)) @ rows.T @ rows


def from_test(train, test, k, mean=test_mean):
    """With the directions of the test beats."""
    return by_plane(test, test, k, *[lambda *_: mean(train, test)] * 2)


def standardised(train, test, k):
    """With every sample divided by its spread."""
    spread = train.std(axis=0)
    return by_plane(train / spread, test / spread, k) * spread


WRONG_PCA = {
    (
        "you have not subtracted the mean beat: PCA's plane goes through it, not through zero",
        "subtract the mean of `train` before the SVD, and add it at the end",
    ): partial(by_plane, less=nothing, plus=nothing, centre=nothing),
    "the SVD takes the beats without their mean beat too": partial(by_plane, centre=nothing),
    (
        "the test beats have to lose the mean beat too, before they are projected",
        "what is subtracted before k numbers are made comes back afterwards",
    ): partial(by_plane, less=nothing, plus=nothing),
    "subtract the mean beat from the test beats too, before they are projected": partial(
        by_plane, less=nothing
    ),
    "the mean beat is missing in the result: add it again": partial(by_plane, plus=nothing),
    "the mean of the test beats is not known: take that of `train`, everywhere": partial(
        by_plane, less=test_mean, plus=test_mean
    ),
    "the directions come from the test beats: take those of `train`": partial(
        from_test, mean=mean_beat
    ),
    "all is taken from the test beats: such a PCA has seen its test": from_test,
    "you subtract the mean of all voltages, one number: the mean *beat* is meant": partial(
        by_plane, less=one_number, plus=one_number, centre=one_number
    ),
    "you subtract the mean of each beat, one number: the other axis is meant": by_levels,
    "you divide by the spread of each sample: PCA here does not": standardised,
    "you keep the directions of least variation: the first k are the widest": partial(
        by_plane, keep=lambda k: slice(-k, None)
    ),
    "you leave the first k directions out, and keep the others": partial(
        by_plane, keep=lambda k: slice(k, None)
    ),
    "you keep one direction: the first k of them may pass": partial(
        by_plane, keep=lambda k: [k - 1]
    ),
    "you keep all directions, so that nothing is left out: only k may pass": lambda a, b, k: b,
    "one direction too many passes": partial(by_plane, keep=lambda k: slice(k + 1)),
    "you draw the training beats: the test beats are asked for": lambda a, b, k: by_plane(a, a, k),
    "you draw the mean beat for all: what is done with the k numbers?": lambda a, b, k: (
        np.broadcast_to(a.mean(axis=0), b.shape)
    ),
    "numpy returns the directions as rows of its third result: you take columns": by_columns,
}


def by_sklearn(train, test, k):
    """What PCA of scikit-learn draws."""
    pca = PCA(k).fit(train)
    return pca.inverse_transform(pca.transform(test))


@exercise(
    "On the record it leaves the 0.0084 mV² of notebook 1 with k = 2. What every error of this "
    "course is held against is these few lines; try k = 8."
)
def pca_by_hand(answer):
    """A function (train, test, k): the test beats as PCA of the training beats draws them."""
    rng = np.random.default_rng(0)
    shapes = rng.normal(size=(6, 9)) * np.arange(6, 0, -1)[:, None]
    train, test = (3 + rng.normal(size=(n, 6)) @ shapes + np.arange(9) for n in (30, 12))
    what = "the test beats as PCA draws them are asked for, not their k numbers"
    compare(answer, by_sklearn, [(train, test, k) for k in (1, 2, 4)], what, WRONG_PCA)
