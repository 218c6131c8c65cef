"""What the variational autoencoders cost together, what they bring, and what they generate."""

from collections import defaultdict
from functools import partial
from itertools import pairwise
from statistics import median
from time import process_time

import numpy as np
import torch
from sklearn.mixture import GaussianMixture
from torch.nn.functional import mse_loss

from ecgae_lib.beats import record_208
from ecgae_lib.losses import LECTURE_BETA, best_beta, beta_loss, kl_to_standard_normal
from ecgae_lib.models import VAE, LectureVAE
from ecgae_lib.scores import nearest_neighbour_accuracy
from ecgae_lib.training import fit, fit_together
from tools.bench.clock import seconds, table
from tools.figures import lecture_loop

BETAS = (0.1, 0.03, 0.005, 0.0015, 5e-4, 1e-4, 2e-5, 1e-5)
TURNS, SEEDS, LECTURE_SEEDS, DRAWS = 5, 10, 3, 10
BEST_BETA = best_beta(0.0053, 450)  # from what the best VAE leaves as mean squared error
TRAINED_BETAS = (LECTURE_BETA, 5e-4, 1e-4, BEST_BETA)


def compare_vaes(train, test):
    time_together(train, test)
    models = [train_seed(seed, train) for seed in range(SEEDS)]
    compare_betas(models, test)
    compare_generation(models, train, test)


# 4. Eight betas for the price of five


def new_vaes():
    torch.manual_seed(0)
    return [VAE(450) for _ in BETAS]


def train_one(x, epochs):
    model = new_vaes()[BETAS.index(LECTURE_BETA)]
    fit(model, x, beta_loss(LECTURE_BETA), epochs=epochs, batch_size=32)
    return model


def train_all_alone(x, epochs):
    for model, beta in zip(new_vaes(), BETAS, strict=True):
        fit(model, x, beta_loss(beta), epochs=epochs, batch_size=32)


def train_all_together(x, epochs):
    models = new_vaes()
    fit_together(models, x, BETAS, epochs=epochs, batch_size=32)
    return models[BETAS.index(LECTURE_BETA)]


WAYS = {
    "one VAE": (train_one, 20),
    "8 one after another": (train_all_alone, 4),
    "8 by fit_together": (train_all_together, 20),
}


def time_together(train, test):
    print(f"4. VAEs of 8 betas, batches of 32, {TURNS} turns taken alternately; CPU time")
    times, trained = defaultdict(list), {}
    for _ in range(TURNS):
        for way, (function, epochs) in WAYS.items():
            spent, trained[way] = seconds(function, train, epochs, clock=process_time)
            times[way].append(spent / epochs)
    one = times["one VAE"]
    rows = []
    for way, (_, epochs) in WAYS.items():
        ratios = sorted(t / o for t, o in zip(times[way], one, strict=True))
        spread = f"{ratios[0]:.2f} to {ratios[-1]:.2f}"
        rows.append((way, str(epochs), median(times[way]), f"{median(ratios):.2f}", spread))
    table(["way", "epochs", "s per epoch", "times one", "over the turns"], rows)
    alone, together = (trained[way].encode(test)[0] for way in ("one VAE", "8 by fit_together"))
    apart = (alone - together).abs().max()
    print(f"beta = {LECTURE_BETA} alone and together, after 20 epochs: mu, up to")
    print(f"{alone.abs().max():.2g} in size, differs by at most {apart:.1e}\n")


# 5. What is left of a beat


def train_seed(seed, train):
    """{beta: a trained VAE}, all from the same seed."""
    torch.manual_seed(seed)
    models = {beta: VAE(450) for beta in TRAINED_BETAS}
    fit_together(list(models.values()), train, TRAINED_BETAS, epochs=50, seed=seed)
    return models


@torch.no_grad()
def error_and_divergence(model, test):
    """Mean squared error of decode(mu) in mV^2, and KL per beat in nats."""
    mu, logvar = model.encode(test)
    error = mse_loss(model.decode(mu), test).item()
    return error, kl_to_standard_normal(mu, logvar).mean().item()


def compare_betas(models, test):
    print(f"5. VAE, 50 epochs, {SEEDS} seeds: test error of decode(mu) in mV^2, KL per beat")
    rows = []
    for beta in TRAINED_BETAS:
        errors, nats = zip(*(error_and_divergence(m[beta], test) for m in models), strict=True)
        rows.append((f"{beta:.2g}", min(errors), median(errors), max(errors), median(nats)))
    table(["beta", "best MSE", "median", "worst", "median nats"], rows)
    print(f"the best beta, 2 MSE / L: {best_beta(rows[-1][2], 450):.2g} by the last row's median\n")


# 6. Are generated beats told from real ones?


def compare_generation(models, train, test):
    n = len(test)
    print(f"6. How many of {n} real test beats and {n} others have a neighbour of their own kind")
    rows = []
    for beta in (LECTURE_BETA, 5e-4, 1e-4):
        rows += generation_rows(f"VAE, beta {beta:.2g}", [m[beta] for m in models], train, test)
    lecture = [train_lecture_vae(seed, train) for seed in range(LECTURE_SEEDS)]
    rows += generation_rows("lecture's VAE, 2 copies", lecture, train, test)
    rows.append(("real", "training beats", *mean_scores(partial(some, train, n), test)))
    rows.append(("real", "the next of five time blocks", *neighbouring_blocks()))
    table(["beats of", "made from", "accuracy", "of the real", "of the others"], rows)
    print(
        f"median of {SEEDS} seeds (the lecture's: {LECTURE_SEEDS}), each the mean of {DRAWS} draws;"
    )
    print("0.5: not to be told apart\n")


def train_lecture_vae(seed, train):
    torch.manual_seed(seed)
    model = LectureVAE(450, copies=2)
    lecture_loop(model, train)
    return model


def generation_rows(name, models, train, test):
    """One row for each source of z: the medians over the models."""
    scores = defaultdict(list)
    for seed, model in enumerate(models):
        torch.manual_seed(seed)
        for source, draw in sources(model, train, test, seed).items():
            scores[source].append(mean_scores(lambda: model.decode(draw()), test))  # noqa: B023
    return [(name, source, *np.median(s, axis=0)) for source, s in scores.items()]


@torch.no_grad()
def sources(model, train, test, seed):
    """{where z comes from: a function that draws one for every test beat}."""
    n, mu = len(test), model.encode(test)[0]
    posterior = torch.cat([model.reparameterize(*model.encode(train)) for _ in range(3)])
    mixture = GaussianMixture(10, reg_covar=1e-4, random_state=seed).fit(posterior.double().numpy())
    mixture.random_state = np.random.RandomState(seed)  # one stream for all draws
    return {
        "N(0, I)": lambda: torch.randn_like(mu),
        "a mixture of 10": lambda: torch.tensor(mixture.sample(n)[0], dtype=mu.dtype),
        "the test beats' own mu": lambda: mu,
    }


@torch.no_grad()
def mean_scores(draw, test):
    """Accuracy and its two halves, real and other beats: the mean over the draws."""
    real = test[:, 0].numpy()
    halves = [nearest_neighbour_accuracy(real, draw()[:, 0].numpy()) for _ in range(DRAWS)]
    return accuracy(np.mean(halves, axis=0))


def accuracy(halves):
    return np.mean(halves), *halves


def some(x, n):
    return x[torch.randperm(len(x))[:n]]


def neighbouring_blocks():
    """The record in five equal parts of its time, each against the next."""
    blocks = record_208().x[:495, 0].numpy().reshape(5, 99, -1)
    halves = [nearest_neighbour_accuracy(*pair) for pair in pairwise(blocks)]
    return accuracy(np.mean(halves, axis=0))
