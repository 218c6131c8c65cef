"""Checks of notebook 6: what beta is."""

import numpy as np
import torch
from torch.distributions import Normal
from torch.nn.functional import mse_loss

from ecgae_lib.checks.exercise import exercise, judge, number
from ecgae_lib.checks.functions import compare
from ecgae_lib.losses import best_beta, noise_variance


@exercise(
    "In microvolts the lecture's 0.005 would read 5000, and the code would be the same. Whoever "
    "quotes a beta has to say of which unit, and of how many samples."
)
def in_microvolts(factor):
    """By what beta is multiplied where the same beats are given in microvolts."""
    return judge(factor, 1e6, {
        "that is how the signal grows; what becomes of its square?": 1000,
        "an error in microvolts squared is larger, and the KL has to keep up with it": 1e-6,
        "that is how the root of beta would shrink; look at the unit of beta": 1e-3,
        "the KL has no unit and stays the same, while the error does not": 1,
        "that is the lecture's beta itself in the new unit; by what was it multiplied?": 5000,
        "a microvolt is a millionth of a volt; here the beats were in mV": 1e12,
        "that is the power; which number is it?": 6,
        "the error is a mean over samples: how many there are does not matter here": 450e6,
        "the 2 in beta = 2 s² / L is there before and after": 2e6,
        "the 1/2 in s² = beta L / 2 is there before and after": 5e5,
        "the error falls to no zero, and the beats do not vanish": 0,
        "the square of 1000 has six zeros": 1e5,
    }, "with {:g} times the beta error and KL would not keep their balance",
       "By what is the squared error multiplied?")  # fmt: skip


@exercise(
    "The noise of a sample has not changed, but there are fewer samples that speak against the "
    "prior, and each counts for more in their mean. Try the other way: the same 0.7 s at 2000 Hz."
)
def beta_of_150(beta):
    """The beta on 150 samples with the noise that 4e-5 stands for on 450."""
    beta = number(beta)
    return judge(beta, 1.2e-4, {
        "then the noise would be a third as large: s² = beta L / 2": 4e-5,
        "turned round: with fewer samples the same noise asks for a larger beta": 4e-5 / 3,
        "L stands in s² = beta L / 2 once, not squared": 9 * 4e-5,
        "no root is taken: beta stands for a variance": 4e-5 * 3**0.5,
        "that is the noise variance that both stand for; which beta has it on 150 samples?": 0.009,
        "that is the noise in mV; which beta stands for it on 150 samples?": 0.009**0.5,
        "that is the noise of 4e-5 on 150 samples; the noise should stay": 0.003,
        "beta = 2 s² / L: the 2 is missing": 6e-5,
        "beta = 2 s² / L: there is a 2 too many": 2.4e-4,
        "that is the lecture's beta; nobody asks for it here": 0.005,
        "that is three times the lecture's beta; the beats ask for 4e-5": 0.015,
        "the factor alone is 3; by what is it multiplied?": 3,
        "a beta below 0 would stand for a negative variance": -1.2e-4,
    }, f"beta = {beta:g} stands for {beta * 75:.3g} mV² on 150 samples",
       "Which noise did 4e-5 stand for on 450 samples?")  # fmt: skip


def log_p(x_recon, x, s2):
    """log N(x; x_recon, s2) of every beat, by torch.distributions."""
    return Normal(x_recon, s2**0.5).log_prob(x).sum(dim=(1, 2))


def squares(x_recon, x):
    """The summed squared error of every beat."""
    return ((x_recon - x) ** 2).sum(dim=(1, 2))


WRONG_DENSITIES = {  # of r = x_recon, x and s2 = s
    "a density may be above 1, so its logarithm above 0: nothing is to be cut off":
        lambda r, x, s: log_p(r, x, s).clamp(max=0),
    "that is the negative logarithm: the better the drawing, the larger it should be":
        lambda r, x, s: -log_p(r, x, s),
    "the squared error has the wrong sign: far from x_recon a beat is less likely":
        lambda r, x, s: log_p(r, x, s) + squares(r, x) / s,
    "the constant has the wrong sign: the more noise, the lower is the density's top":
        lambda r, x, s: -squares(r, x) / (2 * s) + x.shape[-1] / 2 * np.log(2 * np.pi * s),
    "what does not depend on x is missing; a likelihood needs it, to compare two noises":
        lambda r, x, s: -squares(r, x) / (2 * s),
    "the constant belongs to each sample: times how many?":
        lambda r, x, s: -squares(r, x) / (2 * s) - np.log(2 * np.pi * s) / 2,
    "a 1/2 stands before the logarithm: the density holds a root":
        lambda r, x, s: -squares(r, x) / (2 * s) - x.shape[-1] * np.log(2 * np.pi * s),
    "a 2 pi belongs into the logarithm":
        lambda r, x, s: -squares(r, x) / (2 * s) - x.shape[-1] / 2 * np.log(s),
    "s2 belongs into the logarithm, too: wide noise has a low density":
        lambda r, x, s: -squares(r, x) / (2 * s) - x.shape[-1] / 2 * np.log(2 * np.pi),
    "the squared error is divided by 2 s2: the 2 is missing":
        lambda r, x, s: log_p(r, x, s) - squares(r, x) / (2 * s),
    "s2 is the variance; you take it for the standard deviation": lambda r, x, s: log_p(r, x, s**2),
    "s2 is the variance already; you take its root": lambda r, x, s: log_p(r, x, s**0.5),
    "you take the mean over the samples; independent samples add up":
        lambda r, x, s: log_p(r, x, s) / x.shape[-1],
    "one number for each beat is asked for; you add up the beats":
        lambda r, x, s: log_p(r, x, s).sum(),
    "one number for each beat is asked for; you take the mean of the beats":
        lambda r, x, s: log_p(r, x, s).mean(),
    "that is the density of each sample: add up the samples of a beat":
        lambda r, x, s: Normal(r, s**0.5).log_prob(x),
    "not every beat has 450 samples: ask x":
        lambda r, x, s: -squares(r, x) / (2 * s) - 225 * np.log(2 * np.pi * s),
    "that is the density itself, its logarithm is asked for": lambda r, x, s: log_p(r, x, s).exp(),
    "s2 is given: you always take 1": lambda r, x, s: log_p(r, x, 1.0),
}  # fmt: skip


@exercise(
    "With the lecture's 1.125 mV² a test beat that the repaired VAE misses by 0.0068 mV² has a log "
    "density of -441 nats. Try s2 = 0.0068: it is likelier by more than 900 nats."
)
def log_density(answer):
    """Gaussian log density per beat, against torch.distributions."""
    rng = torch.Generator().manual_seed(0)
    shapes = {1.0: (1, 1, 5), 0.25: (3, 1, 7), 1.125: (4, 1, 12)}
    cases = [(*torch.randn(2, *size, generator=rng).double(), s2) for s2, size in shapes.items()]
    near, *_ = cases[1]
    cases.append((near, near + 0.01, 0.0025))  # a density may be above 1, its logarithm above 0
    what = "one number for each beat is asked for, of shape (B,)"
    compare(answer, log_p, cases, what, WRONG_DENSITIES)


def likeliest(x_recon, x):
    """The beta whose noise variance is the mean squared error."""
    return best_beta(mse_loss(x_recon, x), x.shape[-1])


WRONG_BETAS = {  # of r = x_recon and x
    "that is the noise variance that is likeliest; which beta stands for it?": mse_loss,
    "s² = beta L / 2: solved for beta, the 2 stands above": lambda r, x: likeliest(r, x) / 2,
    "the L is missing: take the mean over the samples, then divide by their number once more":
        lambda r, x: 2 * mse_loss(r, x),
    "the error is a mean over beats and samples, not a sum":
        lambda r, x: likeliest(r, x) * x.numel(),
    "that is beta L / 2 with the error for beta: the other way round":
        lambda r, x: noise_variance(mse_loss(r, x), x.shape[-1]),
    "you divide by the error: the more is missed, the larger is the noise":
        lambda r, x: 1 / likeliest(r, x),
    "no root is taken: beta stands for a variance":
        lambda r, x: best_beta(mse_loss(r, x) ** 0.5, x.shape[-1]),
    "the errors are squared before their mean is taken":
        lambda r, x: best_beta((r - x).abs().mean(), x.shape[-1]),
    "not every beat has 450 samples: ask x": lambda r, x: best_beta(mse_loss(r, x), 450),
    "you divide by the number of beats; beta L / 2 has the samples of one":
        lambda r, x: best_beta(mse_loss(r, x), len(x)),
    "you subtract the mean error first; what is missed everywhere is missed, too":
        lambda r, x: best_beta((r - x).var(), x.shape[-1]),
    "that is a beta for each beat; a VAE has one for all":
        lambda r, x: 2 * ((r - x) ** 2).mean(dim=(1, 2)) / x.shape[-1],
}  # fmt: skip


@exercise(
    "Try it with the mean beat for every test beat: even that drawing asks for 3e-4 only, a "
    "seventeenth of the lecture's 0.005."
)
def likeliest_beta(answer):
    """A function (x_recon, x): the beta whose noise makes the beats x most likely."""
    rng = torch.Generator().manual_seed(0)
    pairs = [torch.randn(2, *s, generator=rng) for s in ((5, 1, 100), (3, 1, 450), (1, 1, 30))]
    cases = [(x_recon, x + 0.3) for x_recon, x in pairs]
    what = "one number is asked for, the beta for all beats"
    compare(answer, likeliest, cases, what, WRONG_BETAS)


@exercise(
    "So a paper's 4 may be a small price: here it is a 28th of the lecture's 0.005. What would "
    "Higgins' beta of the lecture be if the true noise were that of its reconstruction?"
)
def of_higgins(beta):
    """Our beta for Higgins' beta = 4, at a noise of 0.1 mV and 450 samples."""
    beta = number(beta)
    return judge(beta, 0.08 / 450, {
        "that is Higgins' beta itself: ours carries a unit, mV² per nat": 4,
        "the formula of section 6.1 leads from ours to Higgins'; here solve it for ours": 90_000,
        "0.1 mV is the deviation; the variance is its square": 0.8 / 450,
        "Higgins' is ours times L / (2 s²): solved for ours, the 2 stands above": 0.04 / 450,
        "that is ours for Higgins' beta = 1, the plain VAE": 0.02 / 450,
        "L is missing: the error is a mean over the samples": 0.08,
        "L is missing, and so is the 2": 0.04,
        "that would be right if the true noise were 1 mV": 8 / 450,
        "the noise is missing, and so is the 2": 4 / 450,
        "you divide by Higgins' beta: a larger one is larger for us, too": 0.005 / 450,
        "4e-5 is rounded, and measured; here the noise is 0.1 mV": 1.6e-4,
        "that is Higgins' beta of the lecture for this noise; asked is ours of Higgins' 4": 112.5,
        "that is 4 times the lecture's, which is no plain VAE": 0.02,
    }, f"beta = {beta:g} is {beta * 22_500:.3g} in Higgins' way of counting",
       "Which noise does it stand for, beside a true one of 0.01 mV²?", rtol=2e-3)  # fmt: skip
