"""Checks of notebook 4: the variational autoencoder."""

import numpy as np
import torch
from torch.distributions import Normal, kl_divergence

from ecgae_lib.checks.exercise import exercise, filled


@exercise
def mu_of_8_nats(mu):
    """KL(N(mu, 1) || N(0, 1)) = 8 nats, by torch.distributions."""
    mu = float(mu)
    nats = float(kl_divergence(Normal(mu, 1.0), Normal(0.0, 1.0)))
    if not np.isclose(nats, 8):
        return f"mu = {mu:g} gives {nats:g} nats, 8 are asked for"
    if mu < 0:
        return f"mu = {mu:g} gives 8 nats, but a positive one is asked for"


@exercise
def beta_of_sums(beta):
    """MSE + beta * KL is proportional to summed error + summed KL, for 400 samples."""
    beta, samples = float(beta), 400
    mse, kl = np.array([0.3, 0.01, 0.1]), np.array([0.5, 4.0, 1.0])
    sums, ours = samples * mse + kl, mse + beta * kl
    if not np.allclose(ours / ours[0], sums / sums[0]):
        return (
            f"with beta = {beta:g} a beat with MSE 0.01 and 4 nats costs {ours[1] / ours[0]:.3f} "
            f"times one with MSE 0.3 and 0.5 nats; with the sums it is {sums[1] / sums[0]:.3f}. "
            "Divide both sums by the number of samples: what then stands before the KL?"
        )


@exercise
def log_density(answer):
    """Gaussian log density per beat, against torch.distributions."""
    rng = torch.Generator().manual_seed(0)
    x, x_recon = torch.randn(2, 3, 1, 7, generator=rng).double()
    for s2 in (1.0, 0.25, 1.125):
        expected = Normal(x_recon, s2**0.5).log_prob(x).sum(dim=(1, 2))
        given = torch.as_tensor(filled(answer(x_recon, x, s2)))
        if given.shape != expected.shape:
            return f"for 3 beats the result has shape {tuple(given.shape)}, not (3,): one per beat"
        apart = (given - expected).double()
        if apart.abs().max() > 1e-5:
            return f"for s2 = {s2:g} it is off by {apart[0]:.4g} for the first beat" + hint(apart)


def hint(apart):
    """What to look at if the answer is wrong by the same number for every beat."""
    if apart.std() > 1e-8:
        return ""
    return (
        " and by the same for every other: what does not depend on x is wrong. Is it missing, or "
        "not times the number of samples?"
    )
