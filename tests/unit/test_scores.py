"""The scores of generated beats against scikit-learn, counting by hand, and known cheats."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import LeaveOneOut, cross_val_score
from sklearn.neighbors import KNeighborsClassifier

from ecgae_lib.scores import (
    classifier_accuracy,
    nearest_distances,
    nearest_neighbour_accuracy,
    nearest_neighbour_ratio,
    pca_error,
    precision_and_recall,
)

seeds = st.integers(0, 10_000)


def two_sets(seed, apart=0.0, n=40, m=40, L=5):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, L)), apart + rng.standard_normal((m, L))


def distances(x, others):
    """Every pair, one by one."""
    return np.array([[np.sqrt(sum((a - b) ** 2)) for b in others] for a in x])


@settings(max_examples=20)
@given(seed=seeds, apart=st.floats(0, 2), m=st.integers(5, 30))
def test_nearest_neighbours_are_those_of_scikit_learn_leaving_one_out(seed, apart, m):
    real, fake = two_sets(seed, apart, n=15, m=m)
    x, y = np.vstack([real, fake]), np.repeat([0, 1], [len(real), len(fake)])
    right = cross_val_score(KNeighborsClassifier(1), x, y, cv=LeaveOneOut())
    assert nearest_neighbour_accuracy(real, fake) == pytest.approx(
        (right[y == 0].mean(), right[y == 1].mean())
    )


@settings(max_examples=20)
@given(seed=seeds, k=st.integers(0, 5))
def test_pca_is_the_best_plane_by_singular_values(seed, k):
    train, test = two_sets(seed)
    mean = train.mean(axis=0)
    axes = np.linalg.svd(train - mean)[2][:k]  # (k, L)
    left = (test - mean) - (test - mean) @ axes.T @ axes
    assert pca_error(k, train, test) == pytest.approx(np.mean(left**2), abs=1e-12)


def test_the_traps_of_one_nearest_neighbour():
    """Noise has 0.5 in the mean, yet is no beat.  A copy stands where a beat itself would."""
    rng = np.random.default_rng(0)
    real, fake = 0.1 * rng.standard_normal((50, 100)), rng.standard_normal((50, 100))
    assert nearest_neighbour_accuracy(real, fake) == (1, 0)
    assert nearest_neighbour_accuracy(real, real.copy()) == (0, 0)


@settings(max_examples=20)
@given(seed=seeds, apart=st.floats(0, 3), k=st.integers(1, 5), m=st.integers(8, 20))
def test_precision_and_recall_by_counting(seed, apart, k, m):
    real, fake = two_sets(seed, apart, n=15, m=m)
    expected = []
    for x, others in ((fake, real), (real, fake)):
        radii = [sorted(row)[k] for row in distances(others, others)]
        among = [any(row <= radii) for row in distances(x, others)]
        expected.append(np.mean(among))
    assert precision_and_recall(real, fake, k) == pytest.approx(tuple(expected))


@settings(max_examples=20)
@given(seed=seeds, m=st.integers(1, 30))
def test_nearest_distances_by_counting(seed, m):
    x, others = two_sets(seed, m=m)
    assert nearest_distances(x, others) == pytest.approx(distances(x, others).min(axis=1))


def test_the_ratio_sees_copies_and_strangers():
    train, test = two_sets(2, n=200)
    assert nearest_neighbour_ratio(train[:30], train, test) == pytest.approx(0, abs=1e-6)
    assert nearest_neighbour_ratio(test, train, test) == 1
    assert nearest_neighbour_ratio(test + 10, train, test) > 3
    assert nearest_neighbour_ratio(10 * test, 10 * train, 10 * test) == pytest.approx(1)


def test_a_classifier_sees_a_shift_and_is_asked_about_beats_it_has_not_seen():
    """A neighbour of distance 0, itself, would make it perfect on pure chance."""
    assert classifier_accuracy(LogisticRegression(), *two_sets(3, apart=5)) > 0.95
    assert classifier_accuracy(DummyClassifier(), *two_sets(3, apart=5)) == 0.5
    same = [classifier_accuracy(KNeighborsClassifier(1), *two_sets(seed)) for seed in range(20)]
    assert np.mean(same) == pytest.approx(0.5, abs=0.07)


@pytest.mark.parametrize(
    "score", [nearest_neighbour_accuracy, precision_and_recall, nearest_distances]
)
def test_beats_of_another_length_are_refused(score):
    with pytest.raises(ValueError, match="expected"):
        score(np.zeros((40, 5)), np.zeros((40, 6)))
