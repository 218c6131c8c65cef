"""Answers to the exercises of notebook 5."""

import numpy as np
import torch
from torch.distributions import Normal, kl_divergence

from ecgae_lib import checks
from tests.unit.answers import UNNAMED, Answers


def kl(mu_q, logvar_q, mu_p, logvar_p):
    ratio = torch.exp(logvar_q - logvar_p)
    distance = (mu_q - mu_p) ** 2 * torch.exp(-logvar_p)
    return 0.5 * (ratio + distance - 1 + logvar_p - logvar_q).sum(dim=1)


def by_numpy(mu_q, logvar_q, mu_p, logvar_p):
    m, v, n, w = (a.numpy() for a in (mu_q, logvar_q, mu_p, logvar_p))
    return (np.exp(v - w) / 2 + (m - n) ** 2 / (2 * np.exp(w)) - 0.5 + (w - v) / 2).sum(axis=1)


def by_torch(mu_q, logvar_q, mu_p, logvar_p):
    q, p = (Normal(m, (v / 2).exp()) for m, v in ((mu_q, logvar_q), (mu_p, logvar_p)))
    return kl_divergence(q, p).sum(dim=1)


def of_itself(mu_q, logvar_q, mu_p, logvar_p):
    return kl(mu_q, logvar_q, mu_q, logvar_q)


ANSWERS = {
    checks.mu_of_8_nats: Answers(
        right=[4, 4.0, np.float32(4), torch.tensor(4.0), 16**0.5],
        wrong=[
            ("4", "without quotes"),
            ([4, -4], "one number"),
            (0, "gives 0 nats"),
            (3, "gives 4.5 nats"),
            (1e200, "nats"),
        ],
    ),
    checks.nats_of_16: Answers(
        right=[4.5, 9 / 2, np.float64(4.5), torch.tensor(4.5)],
        wrong=[(16, UNNAMED)],
    ),
    checks.draw_z: Answers(
        right=[
            lambda mu, logvar, eps: mu + eps * torch.exp(0.5 * logvar),
            lambda mu, logvar, eps: mu + eps * torch.exp(logvar) ** 0.5,
            lambda mu, logvar, eps: mu.numpy() + np.exp(logvar.numpy() / 2) * eps.numpy(),
        ],
        wrong=[
            (lambda mu, logvar, eps: mu + torch.randn_like(mu), "from call to call"),
            (lambda mu, logvar, eps: mu + eps * logvar.sum().exp(), UNNAMED),
        ],
    ),
    checks.gradient_of_sigma: Answers(
        right=[3, 3.0, torch.tensor(3.0), np.int64(3)],
        wrong=[(2, UNNAMED)],
    ),
    checks.beta_of_sums: Answers(
        right=[1 / 400, 0.0025, np.float32(0.0025), torch.tensor(1 / 400)],
        wrong=[
            (1 / 16000, UNNAMED),
            ("1 / 400", "without quotes"),
            ([1 / 400], "the shape (1,)"),
        ],
    ),
    checks.kl_between: Answers(
        right=[kl, by_torch, by_numpy],
        wrong=[(of_itself, UNNAMED)],
    ),
}
