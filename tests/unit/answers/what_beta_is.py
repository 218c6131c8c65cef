"""Answers to the exercises of notebook 6."""

import numpy as np
import torch

from ecgae_lib import checks
from tests.unit.answers import UNNAMED, Answers


def density(r, x, s2):
    return -((x - r) ** 2).sum(dim=(1, 2)) / (2 * s2) - x.shape[2] / 2 * np.log(2 * np.pi * s2)


def beta(r, x):
    return 2 * ((r - x) ** 2).mean() / x.shape[-1]


ANSWERS = {
    checks.in_microvolts: Answers(
        right=[1e6, 10**6, np.float32(1e6), 1000**2],
        wrong=[
            ("10**6", "without quotes"),
            (3, UNNAMED),
        ],
    ),
    checks.beta_of_150: Answers(
        right=[1.2e-4, 4e-5 * 3, np.float64(1.2e-4), torch.tensor(0.00012)],
        wrong=[(1e-4, "stands for 0.0075")],
    ),
    checks.log_density: Answers(
        right=[
            density,
            lambda r, x, s2: torch.distributions.Normal(r, s2**0.5).log_prob(x)[:, 0].sum(dim=1),
            lambda r, x, s2: density(r, x, s2).tolist(),
        ],
        wrong=[
            (lambda r, x, s2: np.nan * x.sum(dim=(1, 2)), "NaN"),
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
            (lambda r, x: (r - x) ** 2, "the shape (5, 1, 100)"),
            (lambda r, x: 4e-5, UNNAMED),
        ],
    ),
    checks.of_higgins: Answers(
        right=[0.08 / 450, 4 * 2 * 0.1**2 / 450, 1.778e-4, np.float32(0.08 / 450)],
        wrong=[(1e-3, "22.5 in Higgins")],
    ),
}
