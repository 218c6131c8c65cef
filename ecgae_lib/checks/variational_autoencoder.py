"""Checks of notebook 5: the variational autoencoder."""

import numpy as np
import torch
from torch.distributions import Normal, kl_divergence

from ecgae_lib.checks.exercise import exercise, judge, number, numbers
from ecgae_lib.checks.functions import call, compare
from ecgae_lib.losses import kl_to_standard_normal


@exercise(
    "Section 5.8 puts a dotted circle of radius 2 around the prior: a beat there pays 2 nats for "
    "its place alone. Try how far out one bit, log 2 nats, leads."
)
def mu_of_8_nats(mu):
    """KL(N(mu, 1) || N(0, 1)) = 8 nats, by torch.distributions."""
    mu = number(mu)
    nats = float(kl_divergence(Normal(mu, 1.0), Normal(0.0, 1.0)))
    return judge(mu, 4, {
        "that one has 8 nats too; the positive one of the two is asked for": -4,
        "in the formula a 1/2 stands before the square": 8**0.5,
        "those are the nats; what is mu if its square, halved, makes so many?": 8,
        "that is the square of mu: take the root": 16,
        "a 1/2 before the square doubles what is on the other side; you halve it": 2,
        "sigma squared is 1 here, not 0: it cancels the 1 that is subtracted": 17**0.5,
        "the 1 that is subtracted is missing: it cancels sigma squared": 15**0.5,
        "mu is squared in the formula: take a root": 64,
    }, f"mu = {mu:g} gives {nats:g} nats",
       "Which terms of the formula in section 5.4 does sigma = 1 leave?")  # fmt: skip


@exercise(
    "A number that stays at the prior costs nothing, so a VAE may have more of them than it uses. "
    "Which one of the repaired VAE's two, seed 0, does section 5.8 find at 0.00 nats?"
)
def nats_of_16(nats):
    """One of 16 latent numbers at mu = 3, sigma = 1, the others at the prior."""
    return judge(nats, 4.5, {
        "in the formula a 1/2 stands before the square": 9,
        "independent numbers add up; you take their mean": 4.5 / 16,
        "that is mu; it is squared and halved": 3,
        "one of the sixteen is not like the prior": 0,
        "only one of the sixteen has this mu": 72,
        "a number at the prior is not a nat away from it": 19.5,
        "the 1 that is subtracted is missing, so that each silent number costs half a nat": 12.5,
        "a number at the prior does not cost half a nat: put its mu and sigma in": 12,
        "the 1 that is subtracted is missing": 5,
        "sigma squared is 1, not 0: it cancels the 1": 4,
        "that is in bits; the natural logarithm gives nats": 4.5 / np.log(2),
        "mu is squared before it is halved": 1.5,
        "a KL divergence is never below 0": -4.5,
    }, "{:g} nats are not the sum over the sixteen",
       "What does one silent number cost, and what the one that speaks?")  # fmt: skip


def std(logvar):
    """The standard deviation of a cloud."""
    return logvar.exp().sqrt()


WRONG_DRAWS = {  # of m = mu, v = logvar, e = eps
    "exp(logvar) is the variance; the noise is multiplied by the standard deviation":
        lambda m, v, e: m + e * v.exp(),
    "half of the variance is not its root: the 1/2 belongs into the exponent":
        lambda m, v, e: m + e * v.exp() / 2,
    "logvar can be negative, a standard deviation cannot: an exponential is missing":
        lambda m, v, e: m + e * v,
    "half of logvar is the logarithm of sigma: an exponential is missing":
        lambda m, v, e: m + e * v / 2,
    "all your clouds lie around 0: what moves each to its place?": lambda m, v, e: e * std(v),
    "that is the same point for every noise, on the rim of the cloud: where does eps come in?":
        lambda m, v, e: m + std(v),
    "that is the middle of the cloud, without any chance": lambda m, v, e: m,
    "all your clouds have the width 1: use logvar": lambda m, v, e: m + e,
    "your cloud is mirrored: a positive eps has to lead up from mu": lambda m, v, e: m - e * std(v),
    "middle and width have changed places": lambda m, v, e: e * m + std(v),
    "the larger your logvar, the smaller your cloud: look at the sign in the exponent":
        lambda m, v, e: m + e / std(v),
    "the noise is multiplied by sigma; you add them up": lambda m, v, e: m + e + std(v),
    "only the noise is multiplied by sigma, mu is not": lambda m, v, e: (m + e) * std(v),
    "sigma stretches the noise, not mu": lambda m, v, e: m * std(v) + e,
    "you standardise: that leads from a point back to its noise": lambda m, v, e: (e - m) / std(v),
    "logvar can be negative, so it has no root: an exponential is missing":
        lambda m, v, e: m + e * v.sqrt(),
    "sigma is the root of the variance: halve logvar in the exponent, do not double it":
        lambda m, v, e: m + e * (2 * v).exp(),
}  # fmt: skip


@exercise(
    "Now the chance comes from outside, and a gradient finds mu and logvar. On the training beats "
    "the repaired VAE, seed 0, has a sigma of 0.38 up and of 1.00 across, in the median: which of "
    "them tells the decoder something?"
)
def draw_z(draw):
    """A function (mu, logvar, eps): the point of each cloud that belongs to this noise."""
    rng = torch.Generator().manual_seed(0)
    cases = [tuple(torch.randn(3, *shape, generator=rng)) for shape in ((1, 1), (3, 2), (5, 4))]
    first, again = (numbers(call(draw, *cases[0])) for _ in range(2))
    if first is not None and again is not None and not np.array_equal(first, again, equal_nan=True):
        return "your point changes from call to call: the chance is in `eps`, draw no other"
    what = "a point for every cloud is asked for"
    compare(draw, lambda mu, logvar, eps: mu + eps * std(logvar), cases, what, WRONG_DRAWS)


@exercise(
    "One draw says 3; over many draws the mean is 2 sigma = 8. So a single gradient is right in "
    "the mean only, and that is enough to train with. Try eps = 0.5: which one gives that draw?"
)
def gradient_of_sigma(gradient):
    """d f / d sigma with f(z) = (z - 3)^2, z = mu + sigma eps: mu = 2, sigma = 4, eps = -0.5."""
    return judge(gradient, 3, {
        "that is the gradient of the mean over all draws; this one draw has its own": 8,
        "that is what mu gets: z moves with sigma, too, but not one to one": -6,
        "that is the mean gradient of mu; asked is this one draw's, of sigma": -2,
        "the derivative of a square has a factor 2": 1.5,
        "the sign is turned round: both eps and z - 3 are negative here": -3,
        "dz / dsigma is eps, not sigma": -24,
        "that is the gradient of log sigma: dz / dsigma is eps alone": 12,
        "that is the gradient of logvar; asked is that of sigma": 6,
        "f falls with z at the point that was drawn, not at mu": 1,
        "that is dz / dsigma: f has a slope there, too": -0.5,
        "that is f itself": 9,
        "z is a formula in sigma: a gradient passes through it": 0,
        "that is the score-function estimate; the trick goes through z": -1.6875,
    }, "{:g} is not the slope of f at z times the slope of z in sigma",
       "Where is z, and what is 2 (z - 3) there?")  # fmt: skip


@exercise(
    "For our 450 samples it would be 1/450, so `loss_function` asks for less than half of the "
    "lecture's 0.005. What would the two be for a beat of one second at 1000 Hz?"
)
def beta_of_sums(beta):
    """MSE + beta * KL is proportional to summed error + summed KL, for 400 samples."""
    return judge(beta, 1 / 400, {
        "divide, do not multiply: the mean error is smaller than the sum": 400,
        "with the sums both have the weight 1; which has the KL if the error is a mean?": 1,
        "the sum of the KL over the beats is divided by the beats, as the error is": 1 / 400 / 32,
        "that is the lecture's; here sums are asked for, over 400 samples": 0.005,
        "that would be right for our 450 samples": 1 / 450,
        "the 1/2 and the two latent numbers are within the KL already": 1 / 800,
        "no root is taken: both terms are divided by the same number": 1 / 20,
        "a negative weight would reward clouds far from the prior": -1 / 400,
        "the KL is not zero times as important: it is divided, too": 0,
    }, "with beta = {:g} the two losses weigh a nat differently",
       "Divide both sums by the beats and samples: what is left of each?")  # fmt: skip


def nats_from(mu_q, logvar_q, mu_p, logvar_p):
    """KL(q || p) of every beat, by torch.distributions."""
    q, p = Normal(mu_q, std(logvar_q)), Normal(mu_p, std(logvar_p))
    return kl_divergence(q, p).sum(dim=-1)


def added(distance, ratio, log_ratio=0, one=1):
    """The divergence of every beat from its parts, right or wrong."""
    return (distance + ratio - log_ratio - one).sum(dim=-1) / 2


WRONG_KLS = {  # of q = N(m, exp v) and p = N(n, exp w)
    "your p is always the prior: where are mu_p and logvar_p?":
        lambda m, v, n, w: kl_to_standard_normal(m, v),
    "q and p are swapped: the mean is taken over draws from q":
        lambda m, v, n, w: nats_from(n, w, m, v),
    "a divergence is never below 0: all signs are turned round":
        lambda *clouds: -nats_from(*clouds),
    "from q to p is not the way of q to the prior, less that of p":
        lambda m, v, n, w: kl_to_standard_normal(m, v) - kl_to_standard_normal(n, w),
    "the distance of the middles is squared":
        lambda m, v, n, w: added((m - n) / w.exp(), (v - w).exp(), v - w),
    "half of the difference of the logvars is the logarithm of sigma_p / sigma_q":
        lambda m, v, n, w: added((m - n) ** 2 / w.exp(), (v - w).exp(), 2 * (v - w)),
    "a 1/2 stands before all of it": lambda *clouds: 2 * nats_from(*clouds),
    "independent latent numbers add up; you take their mean":
        lambda *clouds: nats_from(*clouds) / clouds[0].shape[-1],
    "that is one number for each latent number: add them up for every beat":
        lambda *clouds: nats_from(*(c[..., None] for c in clouds)),
    "one number for each beat is asked for; you add up the beats":
        lambda *clouds: nats_from(*clouds).sum(),
    "between equal clouds lie 0 nats, with your formula more: what is subtracted?":
        lambda m, v, n, w: added((m - n) ** 2 / w.exp(), (v - w).exp(), v - w, one=0),
    "the logarithms cancel only if both clouds have the same width":
        lambda m, v, n, w: added((m - n) ** 2 / w.exp(), (v - w).exp()),
    "the logarithm of the ratio has the wrong sign: the smaller q is, the more nats":
        lambda m, v, n, w: added((m - n) ** 2 / w.exp(), (v - w).exp(), w - v),
    "the distance counts in widths of p: (z - mu_p)^2 is divided by the variance of p":
        lambda m, v, n, w: added((m - n) ** 2, (v - w).exp(), v - w),
    "the variance of q is divided by that of p, too: E (z - mu_p)^2 has two parts":
        lambda m, v, n, w: added((m - n) ** 2 / w.exp(), v.exp(), v - w),
    "the exponential of logvar is the variance; you take the standard deviation for it":
        lambda m, v, n, w: added((m - n) ** 2 / std(w), std(v - w), v - w),
    "logvar is the logarithm of the variance; you take it for that of sigma":
        lambda m, v, n, w: nats_from(m, 2 * v, n, 2 * w),
}  # fmt: skip


@exercise(
    "Between the clouds of the repaired VAE, seed 0, lie in the median 0.4 nats from one narrow "
    "beat to another, 62 from a narrow to a wide one, and 18 from a wide to a narrow one. Look at "
    "the ellipses of section 5.8: why is one of the two ways so much shorter?"
)
def kl_between(kl):
    """KL(q || p) of two Gaussian clouds for every beat, against torch.distributions."""
    rng = torch.Generator().manual_seed(0)
    shapes = (1, 1), (3, 2), (5, 4)
    cases = [tuple(torch.randn(4, *shape, generator=rng).double()) for shape in shapes]
    what = "one number of nats for each beat is asked for, of shape (B,)"
    compare(kl, nats_from, cases, what, WRONG_KLS)
