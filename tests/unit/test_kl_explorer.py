"""The KL explorer: its Python side, and its arithmetic in JavaScript against torch and scipy."""

import math

import numpy as np
import pytest
import torch
import traitlets
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from torch.distributions import Normal, kl_divergence

from ecgae_lib.widgets import KLExplorer
from tests.node.run import in_node, needs_node

POINTS = [(0, 1), (2, 1), (-1.5, 0.4), (5, 0.05), (0.3, 3), (-5, 2.2)]


def divergence(mu, sigma):
    """In nats, by torch."""
    mu, sigma = torch.tensor([mu, sigma], dtype=torch.float64)
    return float(kl_divergence(Normal(mu, sigma), Normal(0.0, 1.0)))


@given(st.floats(-5, 5), st.floats(0.05, 3))
def test_the_divergence_and_its_parts(mu, sigma):
    explorer = KLExplorer(mu=mu, sigma=sigma)
    assert explorer.kl == pytest.approx(divergence(mu, sigma), abs=1e-9)
    assert explorer.distance == pytest.approx(divergence(mu, 1), abs=1e-9)
    assert explorer.size == pytest.approx(divergence(0, sigma), abs=1e-9)
    assert explorer.kl == pytest.approx(explorer.distance + explorer.size, abs=1e-9)


def test_the_draws_follow_mu_and_sigma_and_eps_stays():
    explorer = KLExplorer(eps=[0.5, -2])
    np.testing.assert_allclose(explorer.z, [1.8, 0.3])
    explorer.mu, explorer.sigma = -1, 3
    np.testing.assert_allclose(explorer.z, [0.5, -7])
    assert explorer.eps == [0.5, -2]
    assert KLExplorer().z.shape == (0,)
    explorer.set_state(dict(eps=[1, 2.5], mu=2))
    np.testing.assert_allclose(explorer.z, [5, 9.5])


def test_its_repr_can_be_compared():
    assert repr(KLExplorer(mu=2, sigma=1)) == "KLExplorer(mu=2.00, sigma=1.00, KL=2.00 nats)"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mu", 5.1), ("mu", math.nan), ("mu", math.inf), ("mu", "1"), ("sigma", 0), ("sigma", -1),
        ("sigma", 3.1), ("sigma", math.nan), ("eps", [math.nan]), ("eps", ["a"]), ("eps", 3),
        ("eps", [0.0] * 501), ("eps", [[1.0]]), ("eps", None),
    ],
)  # fmt: skip
def test_wrong_input_is_refused(name, value):
    explorer = KLExplorer(eps=[1.0])
    before = getattr(explorer, name)
    with pytest.raises(traitlets.TraitError, match=name):
        setattr(explorer, name, value)
    assert getattr(explorer, name) == before


# the page's arithmetic


@pytest.fixture(scope="module")
def found():
    rng = np.random.default_rng(0)
    z, eps = np.linspace(-6, 6, 41), rng.normal(size=30)
    given = dict(points=POINTS, z=z.tolist(), eps=eps.tolist(), n=20_000)
    return given, in_node("normal.mjs", given)


@needs_node
def test_the_page_computes_the_divergence_and_its_parts(found):
    for (mu, sigma), parts in zip(POINTS, found[1]["divergence"], strict=True):
        assert parts["kl"] == pytest.approx(divergence(mu, sigma), abs=1e-12)
        assert parts["distance"] == pytest.approx(divergence(mu, 1), abs=1e-12)
        assert parts["size"] == pytest.approx(divergence(0, sigma), abs=1e-12)


@needs_node
def test_the_page_computes_the_density(found):
    given, answer = found
    expected = [stats.norm(mu, sigma).pdf(given["z"]) for mu, sigma in POINTS]
    np.testing.assert_allclose(answer["pdf"], expected, rtol=1e-12, atol=1e-300)


@needs_node
def test_the_estimate_is_the_mean_of_log_q_minus_log_p(found):
    given, answer = found
    eps = np.array(given["eps"])
    for (mu, sigma), value in zip(POINTS, answer["estimate"], strict=True):
        z = mu + sigma * eps
        expected = (stats.norm(mu, sigma).logpdf(z) - stats.norm.logpdf(z)).mean()
        assert value == pytest.approx(expected, abs=1e-9)


@needs_node
def test_the_draws_are_standard_normal(found):
    draws = np.array(found[1]["draws"])
    assert stats.kstest(draws, "norm").pvalue > 1e-6  # by chance once in a million
    assert abs(np.corrcoef(draws[:-1], draws[1:])[0, 1]) < 0.05
    assert np.isfinite(found[1]["worst"]).all()
