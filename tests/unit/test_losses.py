"""The losses against numpy, torch.distributions and the lecture's own code."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.distributions import Normal, kl_divergence

from ecgae_lib.generator import synthetic
from ecgae_lib.losses import (
    best_beta,
    beta_loss,
    kl_to_standard_normal,
    loss_function,
    noise_variance,
    reconstruction_loss,
    vae_loss,
)
from ecgae_lib.models import VAE, LectureVAE
from ecgae_lib.training import fit
from tests.unit import lecture_code


@pytest.mark.parametrize("extras", [0, 1, 3])
def test_reconstruction_loss_is_the_mean_squared_error(extras):
    """For every model that returns the reconstruction first; and it can be learnt from."""
    x, gain = torch.randn(5, 1, 7, dtype=torch.float64), torch.tensor(3.0, requires_grad=True)
    figures = reconstruction_loss(lambda x: (gain * x, *[None] * extras), x)
    assert list(figures) == ["loss"] and figures["loss"].shape == ()
    figures["loss"].backward()
    power = np.mean(x.numpy() ** 2)
    assert (figures["loss"].item(), gain.grad.item()) == pytest.approx((4 * power, 4 * power))


# the variational losses


def kl_oracle(mu, logvar):
    """(B, d) -> (B,) by torch.distributions."""
    return kl_divergence(Normal(mu, logvar.exp().sqrt()), Normal(0.0, 1.0)).sum(-1)


def outcome(seed=0, batch=6, latent_dim=3, signal_length=50):
    """x_recon, x, mu, logvar as a VAE could give them, in float64."""
    generator = torch.Generator().manual_seed(seed)
    random = lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64)  # noqa: E731
    x_recon, x = random(2, batch, 1, signal_length)
    mu, logvar = 2 * random(2, batch, latent_dim)
    return x_recon, x, mu, logvar


def close(actual, true, tolerance=1e-12):
    torch.testing.assert_close(actual, true, rtol=tolerance, atol=tolerance)


@st.composite
def codes(draw):
    """mu and logvar, (B, d) each, in float64."""
    shape = draw(st.tuples(st.integers(1, 4), st.integers(1, 8)))
    number = st.floats(-10, 10)
    n = shape[0] * shape[1]
    mu, logvar = (draw(st.lists(number, min_size=n, max_size=n)) for _ in range(2))
    return tuple(torch.tensor(v, dtype=torch.float64).reshape(shape) for v in (mu, logvar))


@given(codes())
def test_kl_is_that_of_torch_distributions(code):
    """One number for each beat, never negative, and 0 for the standard normal only."""
    mu, logvar = code
    kl = kl_to_standard_normal(mu, logvar)
    assert kl.shape == (len(mu),)
    close(kl, kl_oracle(mu, logvar))
    assert (kl >= -1e-14).all()  # rounding: e^v - v - 1 loses digits where v is nearly 0
    farthest = torch.maximum(mu.abs(), logvar.abs()).amax(dim=-1)
    assert (kl[farthest > 1e-6] > 0).all()


@pytest.mark.parametrize("latent_dim", [1, 2, 8])
@pytest.mark.parametrize(("batch", "signal_length"), [(1, 450), (6, 50), (32, 7)])
def test_sum_or_mean(batch, signal_length, latent_dim):
    """The lecture's sums are B (L MSE + mean KL), so its loss is `vae_loss` at beta = 1/L."""
    result = x_recon, x, mu, logvar = outcome(0, batch, latent_dim, signal_length)
    mse, kl = nn.MSELoss()(x_recon, x), kl_oracle(mu, logvar).mean()
    loss, *_ = vae_loss(*result, beta=1 / signal_length)
    sums = loss_function(*result)
    close(sums, lecture_code.loss_function(*result))
    close(sums, batch * (signal_length * mse + kl))
    close(sums, batch * signal_length * loss)


@pytest.mark.parametrize("beta", [0, 3e-5, 0.005, 1, 4])
def test_vae_loss_is_mse_plus_beta_kl_per_beat(beta):
    x_recon, x, mu, logvar = outcome()
    loss, recon, kld = vae_loss(x_recon, x, mu, logvar, beta)
    assert loss.shape == recon.shape == kld.shape == ()
    close(recon, nn.MSELoss()(x_recon, x))
    close(kld, kl_oracle(mu, logvar).mean())
    close(loss, recon + beta * kld)


def test_vae_loss_teaches_decoder_and_encoder():
    x_recon, x, mu, logvar = outcome()
    learnt = [v.requires_grad_() for v in (x_recon, mu, logvar)]
    vae_loss(x_recon, x, mu, logvar, beta=0.3)[0].backward()
    x_recon, mu, logvar = (v.detach() for v in learnt)
    B, _, L = x.shape
    close(learnt[0].grad, 2 * (x_recon - x) / (B * L))
    close(learnt[1].grad, 0.3 * mu / B)
    close(learnt[2].grad, 0.3 * (logvar.exp() - 1) / 2 / B)


MODELS = [lambda: VAE(50), lambda: LectureVAE(50, latent_dim=3)]


@pytest.mark.parametrize("new_model", MODELS, ids=["VAE", "LectureVAE"])
def test_fit_learns_from_beta_loss(new_model):
    """`vae_loss` of a model and a batch; a large beta keeps the divergence small."""
    (beats, _), model, last = synthetic(40, signal_length=50), new_model(), {}
    torch.manual_seed(2)
    figures = beta_loss(0.3)(model, beats.x)
    torch.manual_seed(2)
    x_recon, mu, logvar, _ = model(beats.x)
    true = vae_loss(x_recon, beats.x, mu, logvar, 0.3)
    close(figures, dict(zip(("loss", "recon", "kld"), true, strict=True)), 1e-6)
    for beta in (1e-4, 1.0):
        torch.manual_seed(0)
        history = fit(new_model(), beats.x, beta_loss(beta), epochs=15, batch_size=16)
        assert all(list(figures) == ["loss", "recon", "kld"] for figures in history)
        for loss, recon, kld in zip(*map(history.__getitem__, next(iter(history))), strict=True):
            assert kld > 0 and loss == pytest.approx(recon + beta * kld, rel=1e-5)
        assert history["loss"][-1] < history["loss"][0]
        last[beta] = [*history][-1]
    assert last[1.0]["kld"] < 0.1 * last[1e-4]["kld"]


# beta, the decoder's noise and the evidence lower bound


@given(st.floats(1e-8, 1e3), st.integers(1, 5000))
def test_best_beta_and_noise_variance_undo_each_other(value, signal_length):
    assert best_beta(noise_variance(value, signal_length), signal_length) == pytest.approx(value)
    assert noise_variance(best_beta(value, signal_length), signal_length) == pytest.approx(value)


def log_likelihood(x_recon, x, beta):
    """log p(x|z) of each beat, (B,), for the Gaussian decoder that beta stands for."""
    sigma = torch.as_tensor(noise_variance(beta, x.shape[-1]), dtype=torch.float64).sqrt()
    return Normal(x_recon, sigma).log_prob(x).sum((1, 2))


@pytest.mark.parametrize("signal_length", [7, 450])
@pytest.mark.parametrize("beta", [3e-5, 0.005, 1.0])
def test_vae_loss_is_the_negative_elbo_but_for_scale_and_constant(beta, signal_length):
    """-ELBO = vae_loss / beta + (L/2) log(2 pi variance), the same for all signals and codes."""

    def both(seed):
        x_recon, x, mu, logvar = outcome(seed, signal_length=signal_length)
        elbo = (log_likelihood(x_recon, x, beta) - kl_oracle(mu, logvar)).mean()
        return vae_loss(x_recon, x, mu, logvar, beta)[0], -beta * elbo

    (loss, bound), *others = map(both, range(6))
    for other_loss, other_bound in others:
        assert abs(other_loss - loss) > 1e-3
        close(other_loss - loss, other_bound - bound, 1e-10)
    constant = signal_length / 2 * np.log(2 * np.pi * noise_variance(beta, signal_length))
    assert (bound - loss).item() == pytest.approx(beta * constant, rel=1e-9, abs=1e-10)


@pytest.mark.parametrize("signal_length", [7, 450])
@pytest.mark.parametrize("error", [0.05, 1.0, 3.0])
def test_best_beta_makes_the_beats_most_likely(error, signal_length):
    """The likelihood is lower a little to either side."""
    noise, x, *_ = outcome(signal_length=signal_length)
    x_recon = x + error * noise
    beta = best_beta(nn.MSELoss()(x_recon, x).item(), signal_length)
    below, top, above = (log_likelihood(x_recon, x, f * beta).sum() for f in (0.99, 1, 1.01))
    assert below < top > above
