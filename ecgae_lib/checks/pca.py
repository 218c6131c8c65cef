"""The check of PCA by hand, notebook 4."""

from functools import partial

import numpy as np
from sklearn.decomposition import PCA

from ecgae_lib.checks.exercise import exercise
from ecgae_lib.checks.functions import compare


def by_plane(train, test, k, less=None, plus=None, centre=None, keep=slice):
    """PCA by hand, in parts that can be changed, each of them the mean beat unless it is given.

    less, plus: what is subtracted from the test beats, and added at the end; centre: what is
    subtracted from the training beats; keep(k): which directions pass.
    """
    less, plus, centre = (train.mean(axis=0) if m is None else m for m in (less, plus, centre))
    rows = np.linalg.svd(train - centre, full_matrices=False)[2][keep(k)]
    return plus + (test - less) @ rows.T @ rows


def by_columns(train, test, k):
    """With the columns of the third result of the SVD, which are no directions."""
    columns = np.linalg.svd(train - train.mean(axis=0))[2][:, :k]
    return train.mean(axis=0) + (test - train.mean(axis=0)) @ columns @ columns.T


WRONG_PCA = {  # of train a, test b, k
    ("you have not subtracted the mean beat: PCA's plane goes through it, not through zero",
     "subtract the mean of `train` before the SVD, and add it at the end"):
        partial(by_plane, less=0, plus=0, centre=0),
    "the SVD takes the beats without their mean beat too": partial(by_plane, centre=0),
    ("the test beats have to lose the mean beat too, before they are projected",
     "what is subtracted before k numbers are made comes back afterwards"):
        partial(by_plane, less=0, plus=0),
    "subtract the mean beat from the test beats too, before they are projected":
        partial(by_plane, less=0),
    "the mean beat is missing in the result: add it again": partial(by_plane, plus=0),
    "the mean of the test beats is not known: take that of `train`, everywhere":
        lambda a, b, k: by_plane(a, b, k, b.mean(axis=0), b.mean(axis=0)),
    "the directions come from the test beats: take those of `train`":
        lambda a, b, k: by_plane(b, b, k, a.mean(axis=0), a.mean(axis=0)),
    "all is taken from the test beats: such a PCA has seen its test":
        lambda a, b, k: by_plane(b, b, k),
    "you subtract the mean of all voltages, one number: the mean *beat* is meant":
        lambda a, b, k: by_plane(a, b, k, a.mean(), a.mean(), a.mean()),
    "you subtract the mean of each beat, one number: the other axis is meant":
        lambda a, b, k: by_plane(a, b, k, *[b.mean(axis=1)[:, None]] * 2, a.mean(axis=1)[:, None]),
    "you divide by the spread of each sample: PCA here does not":
        lambda a, b, k: by_plane(a / a.std(axis=0), b / a.std(axis=0), k) * a.std(axis=0),
    "you keep the directions of least variation: the first k are the widest":
        partial(by_plane, keep=lambda k: slice(-k, None)),
    "you leave the first k directions out, and keep the others":
        partial(by_plane, keep=lambda k: slice(k, None)),
    "you keep one direction: the first k of them may pass":
        partial(by_plane, keep=lambda k: [k - 1]),
    "you keep all directions, so that nothing is left out: only k may pass": lambda a, b, k: b,
    "one direction too many passes": partial(by_plane, keep=lambda k: slice(k + 1)),
    "you draw the training beats: the test beats are asked for": lambda a, b, k: by_plane(a, a, k),
    "you draw the mean beat for all: what is done with the k numbers?":
        lambda a, b, k: a.mean(axis=0) + 0 * b,
    "numpy returns the directions as rows of its third result: you take columns": by_columns,
}  # fmt: skip


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
