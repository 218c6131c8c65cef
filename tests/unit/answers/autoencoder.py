"""Answers to the exercises of notebook 4."""

from functools import partial

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


def by_class(x_hat, x, y, of=lambda error: error.mean()):
    error = ((x_hat - x) ** 2).mean(dim=(1, 2))
    return [float(of(error[y == c])) for c in range(int(y.max()) + 1)]


def four(x, latent_dim=4, **settings):
    torch.manual_seed(0)
    model = Autoencoder(450, latent_dim)
    fit(model, x, **(dict(epochs=60) | settings))
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


def levels(train, test, k):
    level = test.mean(axis=1, keepdims=True)
    return level + uncentred(train - train.mean(axis=1, keepdims=True), test - level, k)


def standard(train, test, k):
    mean, spread = train.mean(axis=0), train.std(axis=0)
    return mean + spread * uncentred((train - mean) / spread, (test - mean) / spread, k)


def uncentred(train, test, k):
    directions = np.linalg.svd(train)[2][:k]
    return test @ directions.T @ directions


def eigenvectors(train, test, k):
    mean = train.mean(axis=0)
    directions = np.linalg.eigh(np.cov(train.T))[1][:, ::-1][:, :k]
    return mean + (test - mean) @ directions @ directions.T


ANSWERS = {
    checks.best_with_period: Answers(
        right=[
            best_with_period,
            lambda x, p: np.hstack([x.reshape(len(x), -1, p).mean(1)] * (450 // p)),
            lambda x, p: torch.tensor(best_with_period(x, p)),
        ],
        wrong=[
            (lambda x, p: x, "the beat itself"),
            (lambda x, p: x - best_with_period(x, p), "leaves of the beat"),
            (lambda x, p: 0 * x, "zero everywhere"),
            (lambda x, p: np.tile(x[:, :p], 450 // p), "begins like the first period"),
            (lambda x, p: np.tile(x[:, -p:], 450 // p), "the last period"),
            (lambda x, p: np.tile(x.reshape(len(x), -1, p).sum(1), 450 // p), "add up"),
            (lambda x, p: np.tile(x.reshape(len(x), p, -1).mean(2), 450 // p), "neighbours"),
            (lambda x, p: x.reshape(len(x), -1, p).mean(1), "one period"),
            (lambda x, p: np.tile(np.median(x.reshape(len(x), -1, p), 1), 450 // p), "median"),
            (lambda x, p: np.repeat(x.reshape(len(x), -1, p).mean(1), 450 // p, 1), "`tile`"),
            (lambda x, p: x.mean(1, keepdims=True) + 0 * x, "one number for each beat"),
            (lambda x, p: best_with_period(x, 450 // p), "not the number of periods"),
            (lambda x, p: best_with_period(x, p).mean(0) + 0 * x, "average over the beats"),
            (lambda x, p: best_with_period(x, 225), UNNAMED),
        ],
    ),
    checks.error_by_class: Answers(
        right=[
            by_class,
            lambda x_hat, x, y: np.array(by_class(x_hat, x, y)),
            lambda x_hat, x, y: torch.tensor(by_class(x_hat, x, y)),
        ],
        wrong=[
            (lambda a, b, y: [float((a - b)[y == c].mean()) for c in range(y.max() + 1)], "square"),
            (lambda a, b, y: [float((a - b)[y == c].abs().mean()) for c in range(y.max() + 1)],
             "absolute error"),
            (lambda a, b, y: [float((a - b)[y == c].mean() ** 2) for c in range(y.max() + 1)],
             "you square the mean"),
            (lambda a, b, y: np.sqrt(by_class(a, b, y)), "the root"),
            (lambda a, b, y: 9 * np.array(by_class(a, b, y)), "over the samples"),
            (lambda a, b, y: by_class(a, b, y, of=torch.sum), "add up the beats"),
            (lambda a, b, y: np.array(by_class(a, b, y, of=torch.sum)) / len(y), "by all beats"),
            (lambda a, b, y: by_class(a, b, y)[::-1], "wrong order"),
            (lambda a, b, y: float(((a - b) ** 2).mean()), "one error for all"),
            (lambda a, b, y: ((a - b) ** 2).mean((1, 2)), "one error a beat"),
            (lambda a, b, y: by_class(a, b, y)[:2], "more than two classes"),
            (lambda a, b, y: by_class(0 * b, b, y), "where is x_hat"),
            (lambda a, b, y: by_class(a, b, y, of=torch.max), "the worst beat"),
            (lambda a, b, y: by_class(a, b, y, of=torch.median), UNNAMED),
            (lambda a, b, y: [2.5, 9.0], "one number for each class"),
        ],
    ),
    checks.beats_pca: Answers(
        right=[partial(four, epochs=30)],
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
            (9216, "has a bias too"),
            (9504, "only the biases"),
            (608, "channels count"),
            (544, "features do not go in alone"),
            (288, "how many numbers go in"),
            (46_112, "second convolution"),
            (14_432, "without any convolution"),
            (66, "the one before"),
            (578, "not two"),
            (4624, "with 16 outputs"),
            (3856, "second convolution"),
            (18_752, "two layers"),
            (27_123, "whole network"),
            (0, "from 1"),
            ("9248", "without quotes"),
            (9249, UNNAMED),
        ],
    ),
    checks.pca_by_hand: Answers(
        right=[pca_by_hand, eigenvectors, lambda a, b, k: pca_by_hand(a, b, k).tolist()],
        wrong=[
            (uncentred, "not subtracted the mean"),
            (lambda a, b, k: pca_by_hand(a, b, k) - a.mean(0), "mean beat is missing"),
            (lambda a, b, k: pca_by_hand(a - a.mean(0), b - b.mean(0), k) + b.mean(0),
             "mean of the test beats"),
            (lambda a, b, k: pca_by_hand(b - b.mean(0), b - a.mean(0), k) + a.mean(0),
             "directions come from the test"),
            (lambda a, b, k: pca_by_hand(b, b, k), "seen its test"),
            (lambda a, b, k: b, "all directions"),
            (lambda a, b, k: pca_by_hand(a, a, k), "draw the training beats"),
            (lambda a, b, k: PCA(k).fit(a).transform(b), "not their k numbers"),
            (lambda a, b, k: a.mean(0) + 0 * b, "the mean beat for all"),
            (lambda a, b, k: pca_by_hand(a, b, k + 1), "too many"),
            (lambda a, b, k: pca_by_hand(a, b + a.mean(0), k), "before they are projected"),
            (lambda a, b, k: uncentred(a - a.mean(), b - a.mean(), k) + a.mean(), "all voltages"),
            (lambda a, b, k: uncentred(a, b - a.mean(0), k) + a.mean(0), "SVD takes the beats"),
            (lambda a, b, k: uncentred(a - a.mean(0), b, k), "test beats have to lose"),
            (levels, "the other axis"),
            (standard, "the spread of each sample"),
            (lambda a, b, k: projected(a, b, lambda rows: rows[-k:]), "least variation"),
            (lambda a, b, k: projected(a, b, lambda rows: rows[k:]), "keep the others"),
            (lambda a, b, k: projected(a, b, lambda rows: rows[[k - 1]]), "keep one direction"),
            (lambda a, b, k: projected(a, b, lambda rows: rows[:, :k].T), "take columns"),
            (lambda a, b, k: pca_by_hand(a, b, 2), UNNAMED),
            (lambda a, b, k: np.linalg.svd(a)[2][:k], "the shape"),
            (lambda a, b, k: b @ np.linalg.svd(a)[1], "the shape (12,)"),
        ],
    ),
}  # fmt: skip
