"""Answers to the exercises of notebook 4."""

from copy import deepcopy
from functools import cache

import numpy as np
import torch
from sklearn.decomposition import PCA
from torch import nn

from ecgae_lib import beats, checks
from ecgae_lib.models import VAE, Autoencoder
from ecgae_lib.training import fit
from tests.unit.answers import UNNAMED, Answers

torch.set_num_threads(1)
train, test = beats.split(beats.record_208())


def best_with_period(x, period):
    pieces = x.reshape(len(x), -1, period)
    return np.tile(pieces.mean(axis=1), pieces.shape[1])


def by_least_squares(x, period):
    repeat = np.tile(np.eye(period), (x.shape[1] // period, 1))  # (L, period)
    return (repeat @ np.linalg.lstsq(repeat, x.T, rcond=None)[0]).T


def by_class(x_hat, x, y, of=lambda error: error.mean()):
    error = ((x_hat - x) ** 2).mean(dim=(1, 2))
    return [float(of(error[y == c])) for c in range(int(y.max()) + 1)]


def four(x, latent_dim=4, epochs=25, lr=5e-3):
    return deepcopy(trained(x.numpy().tobytes(), x.shape, latent_dim, epochs, lr))


@cache
def trained(data, shape, latent_dim, epochs, lr):
    """Once for all who ask about the same beats."""
    torch.manual_seed(0)
    model = Autoencoder(450, latent_dim)
    x = torch.frombuffer(bytearray(data), dtype=torch.float32).view(shape)
    fit(model, x, epochs=epochs, lr=lr)
    return model


class Cheat(nn.Module):
    """Draws what it is given, past its code."""

    def forward(self, x):
        return x, torch.zeros(len(x), 4)

    def decode(self, z):
        return torch.zeros(len(z), 1, 450)


class Keeper(nn.Module):
    """Keeps what it is given, and draws that."""

    def forward(self, x):
        self.kept = x
        return x, torch.zeros(len(x), 4)

    def decode(self, z):
        return self.kept


def projected(train, test, choose):
    mean = train.mean(axis=0)
    directions = choose(np.linalg.svd(train - mean)[2])
    return mean + (test - mean) @ directions.T @ directions


def pca_by_hand(train, test, k):
    return projected(train, test, lambda rows: rows[:k])


def eigenvectors(train, test, k):
    mean = train.mean(axis=0)
    directions = np.linalg.eigh(np.cov(train.T))[1][:, ::-1][:, :k]
    return mean + (test - mean) @ directions @ directions.T


ANSWERS = {
    checks.best_with_period: Answers(
        right=[
            best_with_period,
            by_least_squares,
            lambda x, p: np.hstack([x.reshape(len(x), -1, p).mean(1)] * (450 // p)),
            lambda x, p: torch.tensor(best_with_period(x, p)),
        ],
        wrong=[(lambda x, p: best_with_period(x, 225), UNNAMED)],
    ),
    checks.error_by_class: Answers(
        right=[
            by_class,
            lambda x_hat, x, y: np.array(by_class(x_hat, x, y)),
            lambda x_hat, x, y: torch.tensor(by_class(x_hat, x, y)),
        ],
        wrong=[
            (lambda a, b, y: by_class(a, b, y, of=torch.median), UNNAMED),
            (lambda a, b, y: [2.5, 9.0], "one number for each class"),
        ],
    ),
    checks.beats_pca: Answers(
        right=[four],
        given=(train.x, test.x),
        wrong=[
            (lambda x: four(test.x, epochs=9), "other beats than the x"),
            (lambda x: four(torch.cat([train.x, test.x]), epochs=9), "other beats than the x"),
            (lambda x: four(torch.cat([x, test.x]), epochs=5), "other beats than the x"),
            (lambda x: Autoencoder(450, 4), "hardly more than the mean beat"),
            (lambda x: four(x, epochs=1, lr=1e-5), "hardly more than the mean beat"),
            (lambda x: four(x, epochs=3), "train it longer"),
            (lambda x: four(x, latent_dim=2, epochs=1), "2 numbers, four are asked for"),
            (lambda x: four(x, latent_dim=450, epochs=1), "450 numbers"),
            (lambda x: fit(Autoencoder(450, 4), x, epochs=1), "a History"),
            (lambda x: Cheat(), "not what `decode` makes"),
            (lambda x: Keeper(), "not what `decode` makes"),
            (lambda x: four, "a function"),
            (lambda x: "trained", "a str"),
            (Cheat(), "a tuple"),
            (lambda x: four(x[:, :, :400]), "ValueError"),
            (lambda x: VAE(450, 4).decode(x), "RuntimeError"),
        ],
    ),
    checks.weights_of_layer: Answers(
        right=[9248, np.int64(9248), 288 * 32 + 32],
        wrong=[
            (0, "from 1"),
            ("9248", "without quotes"),
            (9249, UNNAMED),
        ],
    ),
    checks.pca_by_hand: Answers(
        right=[pca_by_hand, eigenvectors, lambda a, b, k: pca_by_hand(a, b, k).tolist()],
        wrong=[
            (lambda a, b, k: PCA(k).fit(a).transform(b), "not their k numbers"),
            (lambda a, b, k: pca_by_hand(a, b, 2), UNNAMED),
            (lambda a, b, k: np.linalg.svd(a)[2][:k], "the shape"),
            (lambda a, b, k: b @ np.linalg.svd(a)[1], "the shape (12,)"),
        ],
    ),
}  # fmt: skip
