"""Checks of notebook 8: rate and distortion."""

import numpy as np
import torch
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from ecgae_lib.checks.exercise import exercise, judge, number, recognised, values
from ecgae_lib.checks.functions import call, compare
from ecgae_lib.losses import noise_variance
from ecgae_lib.scores import nearest_neighbour_accuracy, nearest_neighbour_ratio


@exercise(
    "Section 8.2 finds 16, 3.3 and 1.8 mV² along the first shapes of our beats. At how many of "
    "them would a linear VAE speak with the lecture's noise of 1.125 mV²?"
)
def two_active(beta):
    """A beta at which two of four principal variances exceed the noise, for 200 samples."""
    beta = number(beta)
    if beta <= 0:
        return f"beta = {beta:g} stands for no noise: it is a number above 0"
    noise = noise_variance(beta, 200)
    active = int((np.array([40, 12, 3, 0.5]) > noise).sum())
    if 3 <= beta < 12:
        return "that would do for the noise s² in mV²; which beta stands for it?"
    if active != 2:
        told = f"beta = {beta:g} stands for a noise of {noise:g} mV²: {FEW_OR_MANY[active < 2]}"
        return told, f"{told}. Between which two variances should the noise lie?"


FEW_OR_MANY = {True: "too few variances exceed it", False: "too many variances exceed it"}


@exercise(
    "In truth the curve bends upwards, so the error stays a little above this straight line: the "
    "next quarter buys less. In section 8.1 a nat between 0.005 and 5e-4 buys 0.0019 mV²."
)
def error_after(mse):
    """D = 0.012 mV² at beta = 0.002: the error a quarter of a nat further along the tangent."""
    return judge(mse, 0.0115, {
        "more nats draw better: the curve falls": 0.0125,
        "that is a whole nat further; asked is a quarter": 0.01,
        "then a nat would buy nothing; beta says what it buys": 0.012,
        "that is by how much the error falls; asked is where it is then": 0.0005,
        "a nat is no share of the error: what does it buy in mV²?": 0.009,
        "that is the loss D + beta R": 0.018,
        "the 3 nats are paid already: how many more are there?": 0.0055,
        "that is where the tangent would start, without any nats": 0.006,
        "the quarter multiplies what a nat buys; you divide by it": 0.004,
        "an error is not negative: what does a nat buy, in mV²?": 0.012 - 0.25,
        "no 2 is in it: the loss is D + beta R": 0.011,
        "that is half of what a quarter of a nat buys": 0.01175,
    }, "{:g} mV² do not lie on the tangent there",
       "Which slope has the curve where D + beta R is least?")  # fmt: skip


@exercise(
    "Islands tell all that can be told, log N; every further nat is a map out of shape. At 4e-5 "
    "section 8.4 finds 4.8 nats of information on our 397 beats, and 4.2 of mismatch."
)
def mismatch_of_islands(nats):
    """Eight clouds that do not overlap, 6 nats from the prior in the mean."""
    return judge(nats, 6 - np.log(8), {
        "that is the information: the rest of the 6 nats is asked for": np.log(8),
        "that is all of it; z tells which beat it came from, and that is paid from it": 6,
        "if it were 0, a draw from the prior would look like one from the clouds": 0,
        "log2 counts bits; in nats it is the natural logarithm": 3,
        "one of eight is worth the logarithm of 8, not 8": -2,
        "both parts together are 6 nats: subtract, do not add": 6 + np.log(8),
        "the 6 nats are the mean over the beats already": 0.75,
        "the 6 nats are the mean over the beats, not to be added up": 48,
        "how many beats are there? Take the logarithm of that": 6 - np.log(6),
        "in nats the logarithm is the natural one, not that of base 10": 6 - np.log10(8),
        "the two parts are added, so one of them is subtracted, not divided by": 6 / np.log(8),
        "the map has two axes, but a beat is one of eight": 6 - np.log(64),
        "that would be right for our 397 beats": 6 - np.log(397),
    }, "{:g} nats and the information do not make 6",
       "What does z tell if no two of eight clouds overlap?", rtol=6e-3)  # fmt: skip


def unbeaten(R, D, beats):
    """Where no other model `beats` this one: beats(r, d), what the other one has less of both."""
    r, d = R[:, None] - R, D[:, None] - D
    return ~(beats(r, d) & ~np.eye(len(R), dtype=bool)).any(axis=1)


def undominated(R, D):
    """Does no other model have at most this one's R and D, and one of them smaller?"""
    return unbeaten(R, D, lambda r, d: (r >= 0) & (d >= 0) & (r + d > 0))


WRONG_FRONTIERS = {
    "those are the dominated ones: yours is turned round": lambda R, D: ~undominated(R, D),
    "those have the smallest error; others cost fewer nats": lambda R, D: D.min() == D,
    "those cost the fewest nats; others draw better": lambda R, D: R.min() == R,
    "you keep both ends; what lies between may be worth its nats, too":
        lambda R, D: (D.min() == D) | (R.min() == R),
    "of two models with the same rate the one with the larger error is dominated":
        lambda R, D: unbeaten(R, D, lambda r, d: (r > 0) & (d > 0)),
    "two equal models do not dominate each other: one of the two numbers has to be smaller":
        lambda R, D: unbeaten(R, D, lambda r, d: (r >= 0) & (d >= 0)),
    "every model has at most its own rate and error: do not compare it with itself":
        lambda R, D: np.zeros(len(R), bool),
    "to dominate, another has to be at least as good in both, not in one of the two":
        lambda R, D: unbeaten(R, D, lambda r, d: (r > 0) | (d > 0)),
    "you look at those before it only: the models come in any order":
        lambda R, D: np.minimum.accumulate(D) >= D,
    "the mask should have the order of the models, not that of their rates":
        lambda R, D: undominated(R, D)[R.argsort()],
    "those are numbers of models; a mask has True or False for each":
        lambda R, D: np.flatnonzero(undominated(R, D)),
    "you drop what lies above a chord; no single model is better there in both":
        lambda R, D: np.isin(range(len(R)), [(D + b * R).argmin() for b in np.logspace(-4, 4, 99)]),
    "that keeps every model": lambda R, D: np.ones(len(R), bool),
}  # fmt: skip


@exercise(
    "Of one seed's five models in section 8.1 none is dominated; of all fifteen some are, since "
    "three seeds land nearly on one curve. Hand in `R.ravel()` and `D.ravel()`: by how much?"
)
def frontier(keep):
    """A function (R, D): which models no other one dominates, against all pairs."""
    rng = np.random.default_rng(0)
    cases = [tuple(rng.integers(1, 9, (2, 6)) / 4) for _ in range(5)]
    cases += [(np.array([1.0, 3, 2, 2, 2.5, 1]), np.array([4.0, 1, 3.8, 3.8, 3.9, 5]))]
    what = "True or False for each model is asked for, of shape (n,)"
    compare(keep, undominated, cases, what, WRONG_FRONTIERS)


def aggregate(mu, logvar):
    """The mean of all clouds, by torch.distributions."""
    clouds = Independent(Normal(mu, (logvar / 2).exp()), 1)
    return MixtureSameFamily(Categorical(torch.ones(len(mu))), clouds)


def disc(radius):
    """A grid of points within the radius, (n, 2)."""
    span = torch.linspace(-radius, radius, 201)
    plane = torch.cartesian_prod(span, span)
    return plane[plane.norm(dim=1) <= radius]


def emptiest(mu, logvar, radius):
    """The point of the disc at which the mean of these clouds is smallest."""
    return disc(radius)[aggregate(mu, logvar).log_prob(disc(radius)).argmin()]


WRONG_HOLES = {  # of mu m, logvar v, radius r
    "that is far from every middle, but clouds have widths: ask the density":
        lambda m, v, r: disc(r)[torch.cdist(disc(r), m).amin(dim=1).argmax()],
    "exp(logvar) is the variance; a cloud's width is the standard deviation":
        lambda m, v, r: emptiest(m, 2 * v, r),
    "your clouds have all the same width": lambda m, v, r: emptiest(m, 0 * v, r),
    "the first number is z_1, the second z_2: yours are swapped":
        lambda m, v, r: emptiest(m, v, r).flip(0),
    "the opposite point is the hole: a sign is turned round": lambda m, v, r: -emptiest(m, v, r),
}  # fmt: skip


def maps():
    """Clouds with holes, (mu, logvar, radius): wide ones, and tiny ones with nothing between."""
    rng = torch.Generator().manual_seed(0)
    wide = torch.randn(30, 2, generator=rng), 1.5 * torch.randn(30, 2, generator=rng) - 2.5, 1.2
    rng = torch.Generator().manual_seed(104)
    tiny = 1.5 * torch.randn(40, 2, generator=rng), torch.randn(40, 2, generator=rng) - 6, 2.0
    return wide, tiny


@exercise(
    "On the map of 4e-5 (seed 0, radius 1.5) q(z) is 29 powers of ten smaller there than in the "
    "crowd, and what is drawn lies 1.8 times as far from the training beats as test beats do. Try "
    "`codes[0.005]`: how deep is the hole of a larger beta?"
)
def hole(find):
    """A function (mu, logvar, radius): where the aggregate posterior is smallest in the disc."""
    what = "one point (z_1, z_2) is asked for, of shape (2,)"
    points = [torch.tensor(values(call(find, *case), (2,), what)) for case in maps()]
    recognised(lambda wrong: all(
        (point - wrong(*case)).norm() < 0.1 for point, case in zip(points, maps(), strict=True)
    ), WRONG_HOLES)  # fmt: skip
    for point, (mu, logvar, radius) in zip(points, maps(), strict=True):
        if point.norm() > radius + 1e-3:
            return "your point lies outside the disc: its distance from 0 is above the radius"
        log_q = aggregate(mu, logvar).log_prob
        emptier = float((log_q(disc(radius)) < log_q(point.float())).float().mean())
        if emptier > 0.99:
            return "that is the most crowded place; the emptiest is asked for"
        if emptier > 0.005:
            told = f"{emptier:.1%} of the disc of radius {radius:g} are emptier than your point"
            return told, f"{told}. Where a density is 0 for a computer, none is smallest"


@exercise(
    "One number hides which beats are told: print both shares for yours. What does "
    "`classifier_accuracy` with a random forest say to them?"
)
def cheat(generator, x_train, x_test):
    """A generator of bad beats whose two nearest-neighbour shares have a mean near one half."""
    n, L = x_test.shape
    fakes = values(call(generator, x_train, n), (n, L), f"{n} beats of {L} samples are asked for")
    ratio = nearest_neighbour_ratio(fakes, x_train, x_test)
    if ratio <= 2:
        told = f"your beats are too good: {ratio:.2f} times the distance of test beats"
        return told, f"{told}, and more than 2 are asked for"
    real, fake = nearest_neighbour_accuracy(x_test, fakes)
    if fake > 0.6:
        told = f"{fake:.0%} of your beats are told: they lie closer to each other than to real ones"
        return told, f"{told}. How must they differ, so that each is far from all the others?"
    if not 0.4 <= (real + fake) / 2 <= 0.6:
        return f"{real:.0%} of the real and {fake:.0%} of your beats are told, not half in the mean"
