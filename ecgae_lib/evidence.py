"""How likely a VAE finds a beat: log p(x), and bounds on it.

x: (B, 1, L) in mV.  The decoder's Gaussian noise has the variance that `beta` stands for.
An x or a beta without a likelihood raises TypeError or ValueError.
"""

import math

import torch
from torch.distributions import Normal

from ecgae_lib.beats import finite_signals
from ecgae_lib.expects import real, takes, tensor, whole
from ecgae_lib.losses import LECTURE_BETA, kl_to_standard_normal, noise_variance

NOISE = real(above=0)  # the beta that stands for the noise of the decoder


@takes(x_recon=tensor("...", "B", "1", "L"), x=tensor("B", "1", "L"), variance=NOISE)
def log_likelihood(x_recon, x, variance):
    """log p(x|z) = log N(x; x_recon, variance): Gaussian noise around what the decoder draws.

    x_recon: (..., B, 1, L).  Returns (..., B) in nats.
    """
    squares = ((x - x_recon) ** 2).sum(dim=(-2, -1))
    return -0.5 * (squares / variance + x.size(-1) * math.log(2 * math.pi * variance))


@takes(x=finite_signals, beta=NOISE)
def elbo(model, x, beta=LECTURE_BETA):
    """log p(x|z) - KL(q(z|x) || p(z)) with one z drawn from q: on average, the ELBO.

    Returns (B,) in nats.  Source: the lecture; Kingma & Welling 2014, arXiv:1312.6114, formula 7.
    """
    x_recon, mu, logvar, _ = model(x)
    variance = noise_variance(beta, x.size(-1))
    return log_likelihood(x_recon, x, variance) - kl_to_standard_normal(mu, logvar)


@takes(x=finite_signals, k=whole(1), beta=NOISE)
def importance_weighted_bound(model, x, k, beta=LECTURE_BETA):
    """log of the mean of k weights p(x, z) / q(z|x), with every z drawn from q.

    Returns (B,) in nats: one estimate per beat of a bound that rises with k to log p(x).
    Source: Burda et al. 2016, arXiv:1509.00519, formula 8.
    """
    mu, logvar = model.encode(x)
    q, prior = Normal(mu, (0.5 * logvar).exp()), Normal(0.0, 1.0)
    z = q.rsample((k,))  # (k, B, d)
    x_recon = model.decode(z.flatten(0, 1)).unflatten(0, (k, len(x)))  # (k, B, 1, L)
    log_weight = log_likelihood(x_recon, x, noise_variance(beta, x.size(-1)))
    log_weight = log_weight + (prior.log_prob(z) - q.log_prob(z)).sum(dim=-1)  # (k, B)
    return log_weight.logsumexp(dim=0) - math.log(k)


@torch.no_grad()
@takes(x=tensor("B", "1", "L"), z=tensor("n", "d"))
def squared_distances(model, x, z):
    """The squared distance of every beat to what the decoder draws at every z: (B, n) in mV^2.

    x: (B, 1, L).  z: (n, d).  In double precision, because the distances are differences.
    """
    x = x.flatten(1).double()
    squares = []
    for part in z.split(4096):  # all drawings at once would fill the memory
        x_recon = model.decode(part).flatten(1).double()  # (4096, L)
        lengths = (x**2).sum(dim=1)[:, None] + (x_recon**2).sum(dim=1)
        squares.append(lengths - 2 * x @ x_recon.T)
    return torch.cat(squares, dim=1)


@takes(x=finite_signals, beta=NOISE, reach=real(above=0), step=real(above=0))
def log_joint_grid(model, x, beta=LECTURE_BETA, reach=6.0, step=0.05):
    """log p(x, z) = log p(x|z) + log p(z) on a square grid of the latent plane.

    reach: the grid covers [-reach, reach] in both directions.  Returns the axis (n,) and
    (B, n, n) in nats, double precision; the second index belongs to z_1, the third to z_2.
    Raises ValueError unless the model has two latents and the grid is of use.
    """
    check_plane(model, x, reach, step)
    axis = torch.arange(-reach, reach + step / 2, step, dtype=x.dtype, device=x.device)
    z = torch.cartesian_prod(axis, axis)  # (n * n, 2)
    L, variance = x.size(-1), noise_variance(beta, x.size(-1))
    log_p_x = -0.5 * squared_distances(model, x, z) / variance
    log_p_x -= 0.5 * L * math.log(2 * math.pi * variance)
    log_p_z = Normal(0.0, 1.0).log_prob(z.double()).sum(dim=-1)
    return axis, (log_p_x + log_p_z).unflatten(1, (len(axis), len(axis)))


def log_evidence_grid(model, x, beta=LECTURE_BETA, reach=6.0, step=0.05):
    """log p(x) = log of the integral of p(x|z) p(z) over the latent plane, as a sum over a grid.

    Returns log p(x) and its error, (B,) each in nats.  The error is the difference to the sum over
    every second grid line, plus that to the sum without the outer twelfths.  The true one is
    smaller where both are small; above 0.05 nats take a smaller step or a larger reach.
    Raises ValueError as `log_joint_grid` does.
    """
    axis, log_joint = log_joint_grid(model, x, beta, reach, step)
    edge = -(-len(axis) // 12)
    sums = (log_joint, log_joint[:, ::2, ::2], log_joint[:, edge:-edge, edge:-edge])
    fine, coarse, inner = (s.flatten(1).logsumexp(dim=1) + 2 * math.log(step) for s in sums)
    return fine, (fine - coarse - math.log(4)).abs() + (fine - inner).abs()


def check_plane(model, x, reach, step):
    """Raise ValueError unless the model's latent space is a plane that the grid covers."""
    latent_dim = model.encode(x[:1])[0].size(-1)
    if latent_dim != 2:
        raise ValueError(f"the model has {latent_dim} latents: the grid covers a plane, give 2")
    if not reach / 1000 <= step <= reach / 6:
        raise ValueError(f"{reach=}, {step=}: expected a step from reach / 1000 to reach / 6")
