"""Answers to the exercises of notebook 5."""

import numpy as np
import torch

from ecgae_lib import checks
from ecgae_lib.checks.variational_autoencoder import by_torch
from tests.unit.answers import UNNAMED, Answers


def kl(mu_q, logvar_q, mu_p, logvar_p):
    ratio = torch.exp(logvar_q - logvar_p)
    distance = (mu_q - mu_p) ** 2 * torch.exp(-logvar_p)
    return 0.5 * (ratio + distance - 1 + logvar_p - logvar_q).sum(dim=1)


def by_numpy(mu_q, logvar_q, mu_p, logvar_p):
    m, v, n, w = (a.numpy() for a in (mu_q, logvar_q, mu_p, logvar_p))
    return (np.exp(v - w) / 2 + (m - n) ** 2 / (2 * np.exp(w)) - 0.5 + (w - v) / 2).sum(axis=1)


def of_itself(mu_q, logvar_q, mu_p, logvar_p):
    return kl(mu_q, logvar_q, mu_q, logvar_q)


ANSWERS = {
    checks.mu_of_8_nats: Answers(
        right=[4, 4.0, np.float32(4), torch.tensor(4.0), 16**0.5],
        wrong=[
            (-4, "the positive one"),
            (2.828, "a 1/2 stands before"),
            (8, "those are the nats"),
            (16, "the square of mu"),
            (2, "you halve it"),
            (17**0.5, "not 0"),
            (15**0.5, "is missing"),
            (64, "take a root"),
            ("4", "without quotes"),
            ([4, -4], "one number"),
            (0, "gives 0 nats"),
            (3, "gives 4.5 nats"),
            (1e200, "nats"),
        ],
    ),
    checks.nats_of_16: Answers(
        right=[4.5, 9 / 2, np.float64(4.5), torch.tensor(4.5)],
        wrong=[
            (9, "a 1/2 stands before"),
            (4.5 / 16, "you take their mean"),
            (3, "that is mu"),
            (0, "not like the prior"),
            (72, "only one of the sixteen"),
            (19.5, "not a nat away"),
            (12.5, "half a nat"),
            (12, "half a nat"),
            (5, "the 1 that is subtracted"),
            (4, "sigma squared is 1"),
            (6.492, "bits"),
            (1.5, "squared before"),
            (-4.5, "never below 0"),
            (16, UNNAMED),
        ],
    ),
    checks.draw_z: Answers(
        right=[
            lambda mu, logvar, eps: mu + eps * torch.exp(0.5 * logvar),
            lambda mu, logvar, eps: mu + eps * torch.exp(logvar) ** 0.5,
            lambda mu, logvar, eps: mu.numpy() + np.exp(logvar.numpy() / 2) * eps.numpy(),
        ],
        wrong=[
            (lambda mu, logvar, eps: mu + eps * torch.exp(logvar), "is the variance"),
            (lambda mu, logvar, eps: mu + eps * 0.5 * torch.exp(logvar), "not its root"),
            (lambda mu, logvar, eps: mu + eps * logvar, "an exponential is missing"),
            (lambda mu, logvar, eps: mu + eps * 0.5 * logvar, "the logarithm of sigma"),
            (lambda mu, logvar, eps: mu + eps * logvar**0.5, "no root"),
            (lambda mu, logvar, eps: mu * torch.exp(0.5 * logvar) + eps, "stretches the noise"),
            (lambda mu, logvar, eps: (eps - mu) / torch.exp(0.5 * logvar), "standardise"),
            (lambda mu, logvar, eps: mu + eps * torch.exp(2 * logvar), "do not double"),
            (lambda mu, logvar, eps: eps * torch.exp(0.5 * logvar), "lie around 0"),
            (lambda mu, logvar, eps: mu + torch.exp(0.5 * logvar), "every noise"),
            (lambda mu, logvar, eps: mu, "without any chance"),
            (lambda mu, logvar, eps: mu + eps, "the width 1"),
            (lambda mu, logvar, eps: mu - eps * torch.exp(0.5 * logvar), "mirrored"),
            (lambda mu, logvar, eps: mu * eps + torch.exp(0.5 * logvar), "changed places"),
            (lambda mu, logvar, eps: mu + eps * torch.exp(-0.5 * logvar), "in the exponent"),
            (lambda mu, logvar, eps: mu + eps + torch.exp(0.5 * logvar), "you add them up"),
            (lambda mu, logvar, eps: (mu + eps) * torch.exp(0.5 * logvar), "mu is not"),
            (lambda mu, logvar, eps: mu + torch.randn_like(mu), "from call to call"),
            (lambda mu, logvar, eps: mu + eps * logvar.sum().exp(), UNNAMED),
        ],
    ),
    checks.gradient_of_sigma: Answers(
        right=[3, 3.0, torch.tensor(3.0), np.int64(3)],
        wrong=[
            (8, "over all draws"),
            (-6, "what mu gets"),
            (-2, "the mean gradient of mu"),
            (1.5, "a factor 2"),
            (-3, "the sign"),
            (-24, "eps, not sigma"),
            (12, "log sigma"),
            (6, "of logvar"),
            (1, "not at mu"),
            (-0.5, "a slope there, too"),
            (9, "f itself"),
            (0, "passes through"),
            (-1.6875, "score-function"),
            (2, UNNAMED),
        ],
    ),
    checks.beta_of_sums: Answers(
        right=[1 / 400, 0.0025, np.float32(0.0025), torch.tensor(1 / 400)],
        wrong=[
            (400, "divide, do not multiply"),
            (1, "both have the weight 1"),
            (1 / 400 / 32, "divided by the beats"),
            (0.005, "the lecture's"),
            (1 / 450, "our 450 samples"),
            (1 / 800, "within the KL already"),
            (1 / 20, "no root"),
            (1 / 16000, UNNAMED),
            (-1 / 400, "a negative weight"),
            (0, "not zero times"),
            ("1 / 400", "without quotes"),
            ([1 / 400], "the shape (1,)"),
        ],
    ),
    checks.kl_between: Answers(
        right=[kl, by_torch, by_numpy],
        wrong=[
            (lambda m, v, n, w: kl(m, v, 0 * n, 0 * w), "where are mu_p"),
            (lambda m, v, n, w: kl(n, w, m, v), "are swapped"),
            (lambda *clouds: 2 * kl(*clouds), "a 1/2 stands"),
            (lambda *clouds: kl(*clouds) / clouds[0].shape[1], "you take their mean"),
            (lambda *clouds: by_torch(*(c[..., None] for c in clouds)), "add them up"),
            (lambda *clouds: kl(*clouds).sum(), "you add up the beats"),
            (lambda *clouds: kl(*clouds) + clouds[0].shape[1] / 2, "between equal clouds"),
            (lambda m, v, n, w: kl(m, v, n, w) + (v - w).sum(1) / 2, "the logarithms cancel"),
            (lambda m, v, n, w: kl(m, v, n, w) + (v - w).sum(1), "the wrong sign"),
            (
                lambda m, v, n, w: kl(m, v, m, w) + ((m - n) ** 2).sum(1) / 2,
                "in widths of p",
            ),
            (
                lambda m, v, n, w: kl(m, v, n, w) + (v.exp() - (v - w).exp()).sum(1) / 2,
                "has two parts",
            ),
            (lambda m, v, n, w: kl(m, 2 * v, n, 2 * w), "for that of sigma"),
            (
                lambda m, v, n, w: kl(m, v / 2, n, w / 2) - (v - w).sum(1) / 4,
                "you take the standard deviation",
            ),
            (lambda *clouds: -kl(*clouds), "never below 0"),
            (lambda m, v, n, w: kl(m, v, 0 * n, 0 * w) - kl(n, w, 0 * n, 0 * w), "to the prior"),
            (
                lambda m, v, n, w: kl(m, v, n, w) - (v - w).sum(1) / 2,
                "the difference of the logvars",
            ),
            (
                lambda m, v, n, w: kl(m, v, m, w) + ((m - n) / w.exp()).sum(1) / 2,
                "the middles is squared",
            ),
            (of_itself, UNNAMED),
        ],
    ),
}
