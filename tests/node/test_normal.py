"""What the page of the KL explorer computes, against torch and scipy."""

import numpy as np
import pytest
from scipy import stats

from tests.node.run import called, needs_node
from tests.unit.test_kl_explorer import POINTS, divergence

pytestmark = needs_node
NORMAL = "kl_explorer/normal.js"


def test_the_divergence_and_its_parts():
    found = called(NORMAL, *(("divergence", mu, sigma) for mu, sigma in POINTS))
    for (mu, sigma), parts in zip(POINTS, found, strict=True):
        assert parts["kl"] == pytest.approx(divergence(mu, sigma), abs=1e-12)
        assert parts["distance"] == pytest.approx(divergence(mu, 1), abs=1e-12)
        assert parts["size"] == pytest.approx(divergence(0, sigma), abs=1e-12)


def test_the_density():
    z = np.linspace(-6, 6, 41).tolist()
    found = called(NORMAL, *(("pdf", v, mu, sigma) for mu, sigma in POINTS for v in z))
    expected = [stats.norm(mu, sigma).pdf(z) for mu, sigma in POINTS]
    np.testing.assert_allclose(found, np.ravel(expected), rtol=1e-12, atol=1e-300)


def test_the_estimate_is_the_mean_of_log_q_minus_log_p():
    eps = np.random.default_rng(0).normal(size=30)
    found = called(NORMAL, *(("estimate", mu, sigma, eps.tolist()) for mu, sigma in POINTS))
    for (mu, sigma), value in zip(POINTS, found, strict=True):
        z = mu + sigma * eps
        expected = (stats.norm(mu, sigma).logpdf(z) - stats.norm.logpdf(z)).mean()
        assert value == pytest.approx(expected, abs=1e-9)


def test_the_draws_are_standard_normal():
    draws = np.array(called(NORMAL, *[("draw",)] * 20_000))
    assert stats.kstest(draws, "norm").pvalue > 1e-6  # by chance once in a million
    assert abs(np.corrcoef(draws[:-1], draws[1:])[0, 1]) < 0.05
    worst = [("draw", dict(constant=value)) for value in (0, 1 - 2**-53)]
    assert None not in called(NORMAL, *worst)  # infinity would be null
