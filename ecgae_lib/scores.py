"""How good are reconstructions?  And generated beats?  Four answers, each blind to something.

real, fake, train, test: (N, L) arrays in mV, one beat per row.  Distances are Euclidean.
Other shapes, NaN, no beat at all or fewer than are asked for raise ValueError.
"""

import numpy as np
from sklearn.decomposition import PCA
from sklearn.metrics import pairwise_distances_chunked
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.neighbors import NearestNeighbors

from ecgae_lib.expects import array, takes, whole

ROWS, OTHERS = array("N", "L"), array("M", "L")


@takes(k=whole(0), train=ROWS, test=OTHERS)
def pca_error(k, train, test):
    """Mean squared error in mV^2 that PCA with k numbers leaves; k = 0 is the mean beat."""
    if k == 0:
        return np.mean((test - train.mean(axis=0)) ** 2)
    pca = PCA(k).fit(train)
    return np.mean((pca.inverse_transform(pca.transform(test)) - test) ** 2)


@takes(real=ROWS, fake=OTHERS)
def nearest_neighbour_accuracy(real, fake):
    """How many real and how many fake beats have a nearest neighbour of their own kind.

    Both shares are near 0.5 if nobody can tell the two sets apart; give sets of equal size.
    Returns (share of real, share of fake).  Source: Lopez-Paz & Oquab 2017, arXiv:1610.06545; the
    two shares: Xu et al. 2018, arXiv:1806.07755.
    """
    x, is_fake = np.vstack([real, fake]), np.repeat([0, 1], [len(real), len(fake)])
    _, neighbours = NearestNeighbors(n_neighbors=1).fit(x).kneighbors()  # of all others
    right = is_fake[neighbours[:, 0]] == is_fake
    return right[is_fake == 0].mean(), right[is_fake == 1].mean()


@takes(real=ROWS, fake=OTHERS, folds=whole(2))
def classifier_accuracy(classifier, real, fake, folds=5):
    """Accuracy of a scikit-learn classifier on beats that it has not seen, by cross-validation."""
    x, is_fake = np.vstack([real, fake]), np.repeat([0, 1], [len(real), len(fake)])
    parts = StratifiedKFold(folds, shuffle=True, random_state=0)
    return cross_val_score(classifier, x, is_fake, cv=parts).mean()


@takes(x=ROWS, others=OTHERS)
def nearest_distances(x, others):
    """The distance of each x to the most similar of the others, (N,) in mV * sqrt(samples)."""
    distances, _ = NearestNeighbors(n_neighbors=1).fit(others).kneighbors(x)
    return distances[:, 0]


def nearest_neighbour_ratio(fake, train, test):
    """The median distance of fake beats to the training beats, divided by that of test beats.

    1: as far as new beats of the patient.  Near 0: copies of training beats.
    """
    far, usual = nearest_distances(fake, train), nearest_distances(test, train)
    return np.median(far) / np.median(usual)


@takes(real=ROWS, fake=OTHERS, k=whole(1))
def precision_and_recall(real, fake, k=3):
    """The share of fake beats among the real ones, and of real beats among the fake ones.

    A beat is among others if it lies within the distance of one of them to its k-th neighbour.
    Source: Kynkäänniemi et al. 2019, arXiv:1904.06991.
    """
    return share_among(fake, real, k), share_among(real, fake, k)


def share_among(x, others, k):
    """The share of x within the k-th-neighbour distance of at least one of the others."""
    nearest, _ = NearestNeighbors(n_neighbors=k).fit(others).kneighbors()  # without itself
    radii = nearest[:, -1]
    parts = pairwise_distances_chunked(x, others)  # some rows at a time: little memory
    return np.concatenate([(part <= radii).any(axis=1) for part in parts]).mean()
