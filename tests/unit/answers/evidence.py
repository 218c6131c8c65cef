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


def without_logarithms(axis, log_joint):
    p = log_joint.exp()
    return of_weights(axis, p) / p.sum(dim=(1, 2))[:, None]


def largest_density(axis, log_joint):
    rows, columns = log_joint.amax(dim=2).argmax(dim=1), log_joint.amax(dim=1).argmax(dim=1)
    return torch.stack([axis[rows], axis[columns]], dim=1)


def lines(axis, log_joint):
    return mean(torch.arange(len(axis)), log_joint)


def gap(log_q, log_joint, step):
    log_p = torch.logsumexp(log_joint, dim=(0, 1)) + 2 * math.log(step)
    return log_p - elbo(log_q, log_joint, step)


def elbo(log_q, log_joint, step):
    return (log_q.exp() * (log_joint - log_q)).sum() * step**2


def on_the_grid(log_q, log_joint, step):
    p, q = (a.numpy() - np.logaddexp.reduce(a.numpy().ravel()) for a in (log_joint, log_q))
    return (np.exp(q) * (q - p)).sum()


def turned_round(log_q, log_joint, step):
    p, q = (a.flatten().log_softmax(dim=0) for a in (log_joint, log_q))
    return (p.exp() * (p - q)).sum()


def too_small(log_q, log_joint, step):
    return (log_joint.exp().sum() * step**2).log() - elbo(log_q, log_joint, step)


ANSWERS = {
    checks.perfect_encoder: Answers(
        right=[520, 520.0, np.float32(520), torch.tensor(520)],
        wrong=[
            (0, "that is the gap"),
            (-520, "the sign of log p(x)"),
            (np.exp(520), "that is the weight"),
            (math.log(520), "taken already"),
            (750.2, "bits"),
            (225.8, "base 10"),
            (260, "does not share"),
            (1040, "do not add up"),
            (520 / 450, "the whole beat"),
            (1, "the joint density"),
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
            (lambda w: w.exp().mean(dim=0).log(), "leaving the logarithm"),
            (lambda w: w.logsumexp(dim=0), "that of the mean"),
            (lambda w: w.mean(dim=0), "that is the ELBO"),
            (lambda w: w.logsumexp(dim=0) + math.log(len(w)), "the sign of log k"),
            (lambda w: w.logsumexp(dim=0) / len(w), "divide the logarithm"),
            (lambda w: w.logsumexp(dim=0) - len(w), "not its logarithm"),
            (lambda w: w.logsumexp(dim=0) - math.log(w.shape[1]), "the logarithm of B"),
            (lambda w: w.max(dim=0).values, "the largest weight"),
            (lambda w: bound(w - w.max(dim=0).values), "come back"),
            (lambda w: w.logsumexp(dim=1), "of shape (B,)"),
            (lambda w: w.logsumexp(dim=1) - math.log(w.shape[1]), "over the beats"),
            (lambda w: w.logsumexp(dim=(0, 1)) - math.log(w.numel()), "over the beats, too"),
            (lambda w: bound(w).exp(), "its logarithm is the bound"),
            (lambda w: bound(w).where(w[0] > 0, np.nan), "NaN"),
            (lambda w: bound(w.clamp(min=-5000)), UNNAMED),
        ],
    ),
    checks.two_draws: Answers(
        right=[HALF, 3.11, 3.1, 3.1123, torch.tensor(HALF)],
        wrong=[
            (math.log(100) / 2, "that is the ELBO"),
            (math.log(50.5), "the evidence"),
            (3.9, "the evidence"),
            (2.842, "in two orders"),
            (HALF + math.log(2), "the sum of two weights"),
            (1.961, "the mixed pair"),
            (4.605, "the larger weight alone"),
            (3.454, "the larger of two"),
            (HALF / math.log(10), "the natural logarithm"),
            (50.5, "the mean weight"),
            (math.exp(HALF), "you leave them"),
            (4.264, "a probability of 1/4"),
            (0, "is not 0"),
            (3, UNNAMED),
        ],
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
            (lambda a, j: mean(a, j).flip(1), "are swapped"),
            (largest_density, "density is largest"),
            (without_logarithms, "normalise the logarithms"),
            (lambda a, j: of_weights(a, j.exp()), "all your weights"),
            (lambda a, j: of_weights(a, (j - j.amax((1, 2), True)).exp()), "add up to 1"),
            (lambda a, j: of_weights(a, j.flatten().softmax(0).view_as(j)), "of its own"),
            (lambda a, j: of_weights(a, j.softmax(dim=1)), "along z_1 only"),
            (lambda a, j: of_weights(a, j.softmax(dim=2)), "along z_2 only"),
            (lines, "grid lines"),
            (lambda a, j: mean(a, j)[:, 0], "z_1 alone"),
            (lambda a, j: mean(a, j).T, "turned over"),
            (lambda a, j: mean(a, j).mean(dim=0), "the mean of all beats"),
            (lambda a, j: of_weights(a, j.softmax(1)).sum(), "of shape (B, 2)"),
            (lambda a, j: 0 * mean(a, j), "all your weights"),
            (lambda a, j: -mean(a, j), UNNAMED),
        ],
    ),
    checks.gap_on_grid: Answers(
        right=[gap, on_the_grid, lambda q, j, s: float(gap(q, j, s))],
        wrong=[
            (turned_round, "the mean is taken over the cloud q"),
            (lambda q, j, s: -gap(q, j, s), "subtract it"),
            (lambda q, j, s: -elbo(q, j, s), "minus the ELBO"),
            (elbo, "that is the ELBO"),
            (lambda q, j, s: gap(q, j, s) + elbo(q, j, s), "that is log p(x)"),
            (lambda q, j, s: gap(q, j, s) + elbo(q, j, s) * (1 - s**-2), "stands for an area"),
            (lambda q, j, s: gap(q, j, s) + elbo(q, j, s) * (1 - 1 / s), "not step"),
            (lambda q, j, s: gap(q, j, s) - 2 * math.log(s), "in the evidence every point"),
            (lambda q, j, s: gap(q, j, s) - math.log(s), "step counts twice"),
            (lambda q, j, s: gap(q, j, s) - (q.exp() * q).sum() * s**2, "is missing"),
            (lambda q, j, s: gap(q, j, s) - 2 * (q.exp() * q).sum() * s**2, "log q is subtracted"),
            (too_small, "without leaving the logarithm"),
            (lambda q, j, s: gap(q, j, s) + elbo(q, j, s) - (j - q).mean(), "all points alike"),
            (lambda q, j, s: (q - j).exp(), "one number is asked for"),
            (lambda q, j, s: 0.0, UNNAMED),
        ],
    ),
}
