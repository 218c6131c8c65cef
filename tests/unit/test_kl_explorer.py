"""The KL explorer: its Python side."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.distributions import Normal, kl_divergence

from ecgae_lib.widgets import KLExplorer

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
