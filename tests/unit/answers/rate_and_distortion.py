"""Answers to the exercises of notebook 8."""

import math

import numpy as np
import torch
from torch.distributions import Normal

from ecgae_lib import checks
from tests.unit.answers import UNNAMED, Answers
from tests.unit.answers.heartbeats import BEATS


def frontier(R, D):
    r, d = R[:, None] - R, D[:, None] - D
    return ~((r >= 0) & (d >= 0) & (r + d > 0)).any(axis=1)


def by_sorting(R, D):
    kept, best = np.zeros(len(R), bool), np.inf
    for rate in np.unique(R):
        lowest = D[rate == R].min()
        kept |= (rate == R) & (lowest == D) & (lowest < best)
        best = min(best, lowest)
    return kept


def log_aggregate(z, mu, std):
    return Normal(mu, std).log_prob(z[:, None]).sum(dim=-1).logsumexp(dim=1) - math.log(len(mu))


def plane(radius, n=161):
    span = torch.linspace(-radius, radius, n)
    z = torch.cartesian_prod(span, span)
    return z[z.norm(dim=1) < radius]


def hole(mu, logvar, radius, std=lambda logvar: (0.5 * logvar).exp(), n=161):
    z = plane(radius, n)
    return z[log_aggregate(z, mu, std(logvar)).argmin()]


def as_the_lesson(mu, logvar, radius):
    """With a distance of 0.05 between the lines, as on the lesson's map."""
    return hole(mu, logvar, radius, n=int(40 * radius) + 1).numpy()


def underflown(mu, logvar, radius):
    z = plane(radius)
    return z[log_aggregate(z, mu, (0.5 * logvar).exp()).exp().argmin()]


def crowd(mu, logvar, radius):
    z = plane(radius)
    return z[log_aggregate(z, mu, (0.5 * logvar).exp()).argmax()]


def square(mu, logvar, radius):
    span = torch.linspace(-radius, radius, 161)
    z = torch.cartesian_prod(span, span)
    return z[log_aggregate(z, mu, (0.5 * logvar).exp()).argmin()]


def noisy(x_train, n):
    return x_train[:n] + np.random.default_rng(0).standard_normal((n, x_train.shape[1]))


ANSWERS = {
    checks.two_active: Answers(
        right=[0.05, torch.tensor(0.11), 0.0301, np.float32(0.1)],
        wrong=[
            (0.005, "too many"),
            (1e-4, "too many"),
            (0.029, "too many"),
            (0.15, "too few"),
            (0.5, "too few"),
            (1, "too few"),
            (0.125, "too few"),
            (5, "the noise s²"),
            (11, "the noise s²"),
            (0, "above 0"),
            (-0.05, "above 0"),
            ("0.05", "without quotes"),
            ([0.03, 0.12], "one number"),
        ],
    ),
    checks.error_after: Answers(
        right=[0.0115, 0.012 - 0.0005, np.float32(0.0115)],
        wrong=[(0.02, UNNAMED)],
    ),
    checks.mismatch_of_islands: Answers(
        right=[6 - math.log(8), 3.92, 3.921, torch.tensor(3.9206)],
        wrong=[(5, UNNAMED)],
    ),
    checks.frontier: Answers(
        right=[frontier, by_sorting, lambda R, D: frontier(R, D).tolist()],
        wrong=[
            (lambda R, D: list(zip(R[frontier(R, D)], D[frontier(R, D)], strict=True)), "(n,)"),
            (lambda R, D: D.mean() > D, UNNAMED),
        ],
    ),
    checks.hole: Answers(
        right=[hole, as_the_lesson, lambda mu, logvar, radius: hole(mu, logvar, radius).tolist()],
        wrong=[
            (crowd, "most crowded"),
            (square, "outside the disc"),
            (lambda mu, logvar, radius: hole(mu, logvar, 6.0), "outside the disc"),
            (lambda mu, logvar, radius: hole(mu, logvar / 2, radius), "are emptier"),
            (lambda mu, logvar, radius: hole(mu, logvar, min(radius, 1.5)), "are emptier"),
            (lambda mu, logvar, radius: hole(mu, logvar, radius, n=9), "are emptier"),
            (underflown, "are emptier"),
            (lambda mu, logvar, radius: torch.zeros(2), "are emptier"),
            (lambda mu, logvar, radius: mu.mean(dim=0), "are emptier"),
            (lambda mu, logvar, radius: hole(mu, logvar, radius)[None], "of shape (2,)"),
            (lambda mu, logvar, radius: plane(radius), "of shape (2,)"),
            (lambda mu, logvar, radius: int(logvar.sum()), "of shape (2,)"),
        ],
    ),
    checks.cheat: Answers(
        given=BEATS,
        right=[
            noisy,
            lambda x, n: np.random.default_rng(1).standard_normal((n, x.shape[1])),
            lambda x, n: torch.tensor(noisy(x, n)),
        ],
        wrong=[
            (lambda x, n: x[:n], "too good"),
            (lambda x, n: x[:n] + 0.01 * noisy(0 * x, n), "too good"),
            (lambda x, n: np.repeat(x.mean(axis=0)[None], n, axis=0), "too good"),
            (lambda x, n: x[:n] + 5, "100% of your"),
            (lambda x, n: -x[:n], "closer to each other"),
            (lambda x, n: np.zeros((n, x.shape[1])), "closer to each other"),
            (lambda x, n: np.full((n, x.shape[1]), 42.0), "closer to each other"),
            (lambda x, n: x[: n - 1], "the shape"),
            (lambda x, n: x[:n].T, "the shape"),
            (lambda x, n: x[0], "the shape"),
            (lambda x, n: np.nan * x[:n], "NaN"),
            (lambda x, n: [list(x[0])] * (n - 1) + [[0]], "you return a list"),
            (lambda x, n: x[: 2 * n], "the shape"),
        ],
    ),
}
