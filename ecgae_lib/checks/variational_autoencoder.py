"""Checks of notebook 5: the variational autoencoder."""

import numpy as np
from torch.distributions import Normal, kl_divergence

from ecgae_lib.checks.exercise import exercise


@exercise("To be told.")
def mu_of_8_nats(mu):
    """KL(N(mu, 1) || N(0, 1)) = 8 nats, by torch.distributions."""
    mu = float(mu)
    nats = float(kl_divergence(Normal(mu, 1.0), Normal(0.0, 1.0)))
    if not np.isclose(nats, 8):
        return f"mu = {mu:g} gives {nats:g} nats, 8 are asked for"
    if mu < 0:
        return f"mu = {mu:g} gives 8 nats, but a positive one is asked for"


@exercise("To be told.")
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
