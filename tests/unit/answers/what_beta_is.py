"""Answers to the exercises of notebook 6."""

import numpy as np
import torch

from ecgae_lib import checks
from tests.unit.answers import UNNAMED, Answers


def density(r, x, s2):
    return -((x - r) ** 2).sum(dim=(1, 2)) / (2 * s2) - x.shape[2] / 2 * np.log(2 * np.pi * s2)


def half_constant(r, x, s2):
    return density(r, x, s2) + np.log(2 * np.pi * s2) * (x.shape[2] - 1) / 2


def beta(r, x):
    return 2 * ((r - x) ** 2).mean() / x.shape[-1]


ANSWERS = {
    checks.in_microvolts: Answers(
        right=[1e6, 10**6, np.float32(1e6), 1000**2],
        wrong=[
            (1000, "its square"),
            (1e-6, "keep up"),
            (1e-3, "the unit of beta"),
            (1, "the error does not"),
            (5000, "the lecture's beta itself"),
            (1e12, "a millionth of a volt"),
            (6, "that is the power"),
            (450e6, "does not matter here"),
            (2e6, "there before and after"),
            (5e5, "there before and after"),
            (0, "do not vanish"),
            (1e5, "six zeros"),
            ("10**6", "without quotes"),
            (3, UNNAMED),
        ],
    ),
    checks.beta_of_150: Answers(
        right=[1.2e-4, 4e-5 * 3, np.float64(1.2e-4), torch.tensor(0.00012)],
        wrong=[
            (4e-5, "a third as large"),
            (4e-5 / 3, "turned round"),
            (3.6e-4, "not squared"),
            (6.93e-5, "no root"),
            (0.009, "the noise variance"),
            (0.09487, "the noise in mV"),
            (0.003, "on 150 samples; the noise"),
            (6e-5, "the 2 is missing"),
            (2.4e-4, "a 2 too many"),
            (0.005, "nobody asks"),
            (0.015, "three times the lecture's"),
            (3, "the factor alone"),
            (-1.2e-4, "negative variance"),
            (1e-4, "stands for 0.0075"),
        ],
    ),
    checks.log_density: Answers(
        right=[
            density,
            lambda r, x, s2: torch.distributions.Normal(r, s2**0.5).log_prob(x)[:, 0].sum(dim=1),
            lambda r, x, s2: density(r, x, s2).tolist(),
        ],
        wrong=[
            (lambda r, x, s2: density(r, x, s2).clamp(max=0), "above 1"),
            (lambda r, x, s2: -density(r, x, s2), "negative logarithm"),
            (lambda r, x, s2: density(r, x, s2) + ((r - x) ** 2).sum((1, 2)) / s2, "less likely"),
            (
                lambda r, x, s2: -density(r, x, s2) - ((r - x) ** 2).sum((1, 2)) / s2,
                "density's top",
            ),
            (lambda r, x, s2: -((r - x) ** 2).sum(dim=(1, 2)) / (2 * s2), "is missing"),
            (half_constant, "times how many"),
            (
                lambda r, x, s2: 2 * density(r, x, s2) + ((r - x) ** 2).sum((1, 2)) / 2 / s2,
                "a root",
            ),
            (lambda r, x, s2: density(r, x, s2) + x.shape[2] / 2 * np.log(2 * np.pi), "a 2 pi"),
            (lambda r, x, s2: density(r, x, s2) + x.shape[2] / 2 * np.log(s2), "wide noise"),
            (lambda r, x, s2: density(r, x, s2) - ((r - x) ** 2).sum((1, 2)) / 2 / s2, "the 2 is"),
            (lambda r, x, s2: density(r, x, s2**2), "for the standard deviation"),
            (lambda r, x, s2: density(r, x, s2**0.5), "you take its root"),
            (lambda r, x, s2: density(r, x, s2) / x.shape[2], "independent samples"),
            (lambda r, x, s2: density(r, x, s2).sum(), "you add up the beats"),
            (lambda r, x, s2: density(r, x, s2).mean(), "the mean of the beats"),
            (lambda r, x, s2: density(r, x, 1.0), "always take 1"),
            (lambda r, x, s2: np.nan * x.sum(dim=(1, 2)), "NaN"),
            (lambda r, x, s2: density(r, x, s2).exp(), "the density itself"),
            (lambda r, x, s2: density(r, x[:, :, :1].expand_as(x), s2), UNNAMED),
        ],
    ),
    checks.likeliest_beta: Answers(
        right=[
            beta,
            lambda r, x: float(beta(r, x)),
            lambda r, x: 2 * torch.nn.functional.mse_loss(r, x).item() / x.size(-1),
        ],
        wrong=[
            (lambda r, x: ((r - x) ** 2).mean(), "which beta stands"),
            (lambda r, x: beta(r, x) / 2, "the 2 stands above"),
            (lambda r, x: beta(r, x) * x.shape[2], "the L is missing"),
            (lambda r, x: beta(r, x) * x.numel(), "not a sum"),
            (lambda r, x: beta(r, x) * x.shape[2] ** 2 / 4, "the other way round"),
            (lambda r, x: 1 / beta(r, x), "divide by the error"),
            (lambda r, x: 2 * ((r - x) ** 2).mean().sqrt() / x.shape[2], "no root"),
            (lambda r, x: 2 * (r - x).abs().mean() / x.shape[2], "are squared"),
            (lambda r, x: 2 * ((r - x) ** 2).mean() / 450, "ask x"),
            (lambda r, x: 2 * ((r - x) ** 2).mean() / len(x), "number of beats"),
            (lambda r, x: 2 * (r - x).var() / x.shape[2], "the mean error first"),
            (lambda r, x: 2 * ((r - x) ** 2).mean(dim=(1, 2)) / x.shape[2], "for each beat"),
            (lambda r, x: (r - x) ** 2, "the shape (5, 1, 100)"),
            (lambda r, x: 4e-5, UNNAMED),
        ],
    ),
    checks.of_higgins: Answers(
        right=[0.08 / 450, 4 * 2 * 0.1**2 / 450, 1.778e-4, np.float32(0.08 / 450)],
        wrong=[
            (4, "carries a unit"),
            (90_000, "solve it for ours"),
            (0.8 / 450, "its square"),
            (0.04 / 450, "the 2 stands above"),
            (0.02 / 450, "the plain VAE"),
            (0.08, "L is missing"),
            (0.04, "so is the 2"),
            (8 / 450, "were 1 mV"),
            (4 / 450, "the noise is missing"),
            (0.005 / 450, "you divide"),
            (1.6e-4, "rounded"),
            (112.5, "of the lecture for this noise"),
            (0.02, "4 times the lecture's"),
            (1e-3, "22.5 in Higgins"),
        ],
    ),
}
