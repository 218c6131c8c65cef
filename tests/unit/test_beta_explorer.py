"""The sweep over beta: rate and distortion, compact weights, and what is refused."""

import numpy as np
import pytest
import torch
import traitlets
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch import nn
from torch.distributions import Normal, kl_divergence

from ecgae_lib.training import fit_together
from ecgae_lib.widgets import BetaExplorer
from ecgae_lib.widgets.export import compact
from tests.unit.maps import BEATS, build, check_map, encoded, expanded, shift, state_of

BETAS = (0.1, 0.005, 1e-4)


@pytest.fixture(scope="module")
def sweep():
    models = [build() for _ in BETAS]
    fit_together(models, BEATS.x, BETAS, epochs=12, batch_size=16, lr=1e-2)
    return dict(zip(BETAS, models, strict=True))


@pytest.fixture
def explorer(sweep):
    return BetaExplorer(sweep, BEATS)


# rate and distortion


def test_the_rate_is_the_mean_kl_in_nats(explorer, sweep):
    for beta, model in sweep.items():
        with torch.no_grad():
            mu, logvar = model.encode(BEATS.x)
        q, prior = Normal(mu, (0.5 * logvar).exp()), Normal(0.0, 1.0)
        rate = kl_divergence(q, prior).sum(dim=1).mean()
        assert explorer.rates[beta] == pytest.approx(rate.item(), rel=1e-4, abs=1e-6)
    assert explorer.rates[0.1] < 0.1 < 1 < explorer.rates[1e-4]


def test_the_distortion_is_the_error_with_drawn_z(explorer, sweep):
    """Against the model's own forward, averaged over many draws; the error with mu is smaller."""
    torch.manual_seed(5)
    for beta, model in sweep.items():
        with torch.no_grad():
            draws = [nn.functional.mse_loss(model(BEATS.x)[0], BEATS.x).item() for _ in range(60)]
        assert abs(explorer.distortions[beta] - np.mean(draws)) < 6 * np.std(draws) / 8**0.5
    with torch.no_grad():
        model = sweep[0.005]
        x_hat = model.decode(model.encode(BEATS.x)[0])
    assert nn.functional.mse_loss(x_hat, BEATS.x).item() < explorer.distortions[0.005]


def test_the_reader_s_random_stream_goes_on_and_the_draws_stay(sweep):
    torch.manual_seed(3)
    expected = torch.rand(3)
    torch.manual_seed(3)
    one = BetaExplorer(sweep, BEATS)
    assert torch.equal(torch.rand(3), expected)
    two, other = BetaExplorer(sweep, BEATS), BetaExplorer(sweep, BEATS, seed=1)
    np.testing.assert_array_equal(one.generated, two.generated)
    assert one.distortions == two.distortions and one.generated.shape == (12, 2)
    assert abs(one.generated - other.generated).min() > 0


# what the page gets


def test_betas_run_from_the_largest_and_every_model_is_where_it_belongs(sweep):
    explorer = BetaExplorer({beta: sweep[beta] for beta in (0.005, 1e-4, 0.1)}, BEATS)
    state = state_of(explorer)
    assert set(state) == {"_sweep", "_beats", "beta", "picked"}
    assert explorer.betas == list(BETAS) == state["_sweep"]["betas"]
    for beta, shown in zip(BETAS, state["_sweep"]["models"], strict=True):
        for name, values in zip(("codes", "spread"), encoded(sweep[beta]), strict=True):
            found = expanded(shown[name]).reshape(-1, 2)
            np.testing.assert_allclose(found, values, atol=abs(values).max() / 60_000)
        check_map(state["_sweep"]["extent"], encoded(sweep[beta])[0], round_prior=True)
        assert shown["rate"] == explorer.rates[beta]
        assert shown["distortion"] == explorer.distortions[beta]


numbers = st.floats(-1e6, 1e6, width=32)


@settings(max_examples=30)
@given(arrays(np.float32, st.integers(1, 200), elements=numbers))
def test_compact_numbers_are_as_near_as_16_bits_can_be(values):
    found = expanded(compact(values.astype("<f4").tobytes()))
    assert found.shape == values.shape
    for start in range(0, len(values), 64):
        block = values[start : start + 64].astype(float)
        allowed = abs(block).max() / 65_534 * (1 + 1e-5) + 1e-30
        assert abs(found[start : start + 64] - block).max() <= allowed + abs(block).max() * 1e-7


def test_the_models_are_copies(sweep):
    model = build()
    explorer = BetaExplorer({1: model, 2: sweep[0.1]}, BEATS)
    before = state_of(explorer)
    shift(model)
    assert state_of(explorer) == before
    assert all(p.requires_grad for p in model.parameters())


# traits and refusals


def test_beta_can_be_set_to_what_was_trained(explorer):
    assert explorer.beta == 0.005
    explorer.beta = 1e-4 * (1 + 1e-9)
    assert explorer.beta == 1e-4
    with pytest.raises(traitlets.TraitError, match=r"beta=0.2: the sweep has 0.1, 0.005, 0.0001"):
        explorer.beta = 0.2
    with pytest.raises(traitlets.TraitError, match="picked=60: expected 0 to 59"):
        explorer.picked = 60
