"""Answers to the exercises of notebook 7."""

import math

import numpy as np
import torch

from ecgae_lib import checks
from tests.unit.answers import UNNAMED, Answers

HALF = math.log(50.5) / 2 + math.log(100) / 4


def bound(w):
    return w.logsumexp(dim=0) - math.log(len(w))


def mean(axis, log_joint):
    p = log_joint.flatten(1).softmax(dim=1).view_as(log_joint)
    return torch.stack([p.sum(dim=2) @ axis.double(), p.sum(dim=1) @ axis.double()], dim=1)


def of_weights(axis, p):
    return torch.stack([p.sum(dim=2) @ axis.double(), p.sum(dim=1) @ axis.double()], dim=1)


def gap(log_q, log_joint, step):
    log_p = torch.logsumexp(log_joint, dim=(0, 1)) + 2 * math.log(step)
    return log_p - elbo(log_q, log_joint, step)


def elbo(log_q, log_joint, step):
    return (log_q.exp() * (log_joint - log_q)).sum() * step**2


def on_the_grid(log_q, log_joint, step):
    p, q = (a.numpy() - np.logaddexp.reduce(a.numpy().ravel()) for a in (log_joint, log_q))
    return (np.exp(q) * (q - p)).sum()


ANSWERS = {
    checks.perfect_encoder: Answers(
        right=[520, 520.0, np.float32(520), torch.tensor(520)],
        wrong=[
            (519, "how large is the gap here"),
            (521, "do they here"),
            ("log p(x)", "without quotes"),
        ],
    ),
    checks.bound_from: Answers(
        right=[
            bound,
            lambda w: np.logaddexp.reduce(w.numpy()) - np.log(len(w)),
            lambda w: (w.float().logsumexp(dim=0) - np.log(len(w))).tolist(),
        ],
        wrong=[
            (lambda w: w.logsumexp(dim=1), "of shape (B,)"),
            (lambda w: bound(w).where(w[0] > 0, np.nan), "NaN"),
            (lambda w: bound(w.clamp(min=-5000)), UNNAMED),
        ],
    ),
    checks.two_draws: Answers(
        right=[HALF, 3.11, 3.1, 3.1123, torch.tensor(HALF)],
        wrong=[(3, UNNAMED)],
    ),
    checks.enough_draws: Answers(
        right=[1000, 10**3, np.int64(1000), 1e3],
        wrong=[
            (1, "nats below"),
            (10, "nats below"),
            (100, "0.6"),
            (10**4, "fewer"),
            (10**5, "fewer"),
            (10**6, "fewer"),
            (10**9, "from 1 to"),
            (0, "from 1 to"),
            (-1000, "from 1 to"),
            (300, "power of ten"),
            (4.5, "not a whole number"),
            ("1000", "without quotes"),
            ([100, 1000], "one number"),
        ],
    ),
    checks.posterior_mean: Answers(
        right=[
            mean,
            lambda axis, log_joint: mean(axis, log_joint).numpy(),
            lambda axis, log_joint: mean(axis, log_joint - 5000).float(),
        ],
        wrong=[
            (lambda a, j: of_weights(a, j.softmax(1)).sum(), "of shape (B, 2)"),
            (lambda a, j: -mean(a, j), UNNAMED),
        ],
    ),
    checks.gap_on_grid: Answers(
        right=[gap, on_the_grid, lambda q, j, s: float(gap(q, j, s))],
        wrong=[
            (lambda q, j, s: (q - j).exp(), "one number is asked for"),
            (lambda q, j, s: 0.0, UNNAMED),
        ],
    ),
}
