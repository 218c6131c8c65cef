"""Checks of notebook 6: what beta is."""

import numpy as np
import torch
from torch.distributions import Normal

from ecgae_lib.checks.exercise import exercise, filled
from ecgae_lib.losses import best_beta


@exercise("To be told.")
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


@exercise("To be told.")
def likeliest_beta(answer):
    """A function (x_recon, x): the beta whose noise makes the beats x most likely."""
    rng = torch.Generator().manual_seed(0)
    for L in (100, 450):
        x, x_recon = torch.randn(2, 5, 1, L, generator=rng)
        mse = float(((x_recon - x) ** 2).mean())
        beta = float(filled(answer(x_recon.clone(), x.clone())))
        given = f"for 5 beats of {L} samples with an error of {mse:.3g} mV^2 you return {beta:.3g}"
        noise = beta * L / 2
        if not noise > 0:
            return f"{given}: a variance beta L / 2 is above 0"
        if not np.isclose(beta, best_beta(mse, L)):
            return (
                f"{given}. That stands for a noise variance beta L / 2 of {noise:.3g} mV^2, "
                f"{noise / mse:.3g} times the error" + nearby(noise / mse, L)
            )


def nearby(factor, samples):
    """What was probably forgotten, from how many times too large the noise is."""
    if np.isclose(factor, samples):
        return ": the error is a mean over the samples, not a sum"
    if np.isclose(factor, 5):
        return ": the error is a mean over the beats, too"
    if np.isclose(factor, samples / 2):
        return ": you return the noise; which beta stands for it?"
    return ""
