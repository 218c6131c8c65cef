"""What a model is asked to make small.

x, x_recon: (B, 1, L) in mV.  mu, logvar: (B, d), the encoder's Gaussian q(z|x).
"""

import torch
from torch import nn

from ecgae_lib.expects import real, takes, tensor, whole

LECTURE_BETA = 0.005
CODES = dict(mu=tensor("B", "d"), logvar=tensor("B", "d"))
BEATS = dict(x_recon=tensor("B", "1", "L"), x=tensor("B", "1", "L"))


def reconstruction_loss(model, x):
    """Mean squared error between x and its reconstruction, the lecture's `nn.MSELoss()`.

    x: (B, 1, L) in mV.  Returns {"loss": scalar in mV^2}.
    """
    x_hat, *_ = model(x)
    return {"loss": nn.functional.mse_loss(x_hat, x)}


@takes(mu=tensor("...", "d"), logvar=tensor("...", "d"))
def kl_to_standard_normal(mu, logvar):
    """D_KL(N(mu, sigma^2) || N(0, I)) = 1/2 sum (mu^2 + sigma^2 - log sigma^2 - 1).

    mu, logvar: (..., d).  Returns (...) in nats.  Source: the lecture; Kingma & Welling 2014,
    arXiv:1312.6114, appendix B.
    """
    return 0.5 * torch.sum(mu**2 + logvar.exp() - logvar - 1, dim=-1)


@takes(**BEATS, **CODES)
def loss_function(x_recon, x, mu, logvar):
    """The lecture's loss: squared error and KL divergence, both summed over everything."""
    recon_loss = nn.functional.mse_loss(x_recon, x, reduction="sum")
    kl_loss = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
    return recon_loss + kl_loss


@takes(**BEATS, **CODES, beta=real(0))
def vae_loss(x_recon, x, mu, logvar, beta):
    """The loss of the lecture's training loop: mean squared error + beta * KL per beat.

    Returns loss, recon (mV^2) and kld (nats per beat).
    """
    recon = nn.functional.mse_loss(x_recon, x)
    kld = kl_to_standard_normal(mu, logvar).mean()
    return recon + beta * kld, recon, kld


@takes(beta=real(0))
def beta_loss(beta):
    """`vae_loss` in the form that `fit` takes: a function of model and batch."""

    def loss(model, x):
        x_recon, mu, logvar, _ = model(x)
        figures = vae_loss(x_recon, x, mu, logvar, beta)
        return dict(zip(("loss", "recon", "kld"), figures, strict=True))

    return loss


@takes(beta=real(0), signal_length=whole(1))
def noise_variance(beta, signal_length):
    """The variance beta * L / 2 (mV^2) of the Gaussian decoder that `vae_loss` stands for."""
    return beta * signal_length / 2


@takes(mse=real(0), signal_length=whole(1))
def best_beta(mse, signal_length):
    """The beta 2 * MSE / L whose noise variance equals the mean squared error (mV^2)."""
    return 2 * mse / signal_length
