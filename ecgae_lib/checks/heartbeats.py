"""Checks of notebook 1: heartbeats."""

from statistics import median

import numpy as np

from ecgae_lib.checks.exercise import exercise, judge, recognised, values, whole_number
from ecgae_lib.checks.functions import call, compare
from ecgae_lib.scores import pca_error


@exercise(
    "Every wave keeps its place in ms, so beats of different recorders lie on one time axis. "
    "Our own recorder has 360 samples a second: which fraction did section 1.6 use there?"
)
def resampling_fraction(up_down):
    """175 samples shall become 450."""
    if np.shape(up_down) != (2,):
        return f"{up_down} is not a pair: give two whole numbers, (up, down)"
    up, down = (whole_number(n, 1, 10**6) for n in up_down)
    recognised(lambda wrong: up * wrong[1] == down * wrong[0], {
        ("you have turned the fraction round", "`up` makes the signal longer"): (7, 18),
        "that leads from 360 samples a second; this recorder has 250": (25, 14),
        "that is the ratio of the two sampling rates; how many samples go in, how many come out?":
            (36, 25),
    })  # fmt: skip
    if 175 * up != 450 * down:
        return f"175 samples times {up}/{down} makes {175 * up / down:g}, not 450"
    if (up, down) != (18, 7):
        return f"{up}/{down} reaches 450, but both numbers can still be divided by the same one"


WRONG_RATES = {
    "the mean moves when one beat is missed: use the median": lambda t: 60 / np.diff(t).mean(),
    "you count R peaks; n peaks have n - 1 times between them":
        lambda t: 60 * len(t) / (t[-1] - t[0]),
    "that is a time between beats, in s: how many of them fill a minute?":
        lambda t: np.median(np.diff(t)),
    "you multiply by 60: the longer the time between beats, the slower the heart":
        lambda t: 60 * np.median(np.diff(t)),
    "the times are in seconds, you take them for milliseconds":
        lambda t: 60_000 / np.median(np.diff(t)),
    "that is in beats per second": lambda t: 1 / np.median(np.diff(t)),
    "you take the first time between two beats, not the median of all":
        lambda t: 60 / np.diff(t)[0],
    "the rate is the same for every recording: use `t`": lambda t: 120,
    "that is one rate for every pair of peaks: what is their median?": lambda t: 60 / np.diff(t),
    "that is the median of the times themselves: take their differences first":
        lambda t: 60 / np.median(t),
    "a rate is a number with fractions: do not round it":
        lambda t: round(60 / np.median(np.diff(t))),
}  # fmt: skip


@exercise(
    "Record 208 has 105 beats a minute by this function. Drop every tenth peak: it then says 104, "
    "while the mean falls from 100 to 90."
)
def heart_rate(rate):
    """A function from R-peak times in s to beats per minute, by the median."""
    rng = np.random.default_rng(0)
    steady, missed = np.arange(0, 10, 0.5), np.r_[0:5:0.5, 6:10:0.5]
    cases = [(steady,), (missed,), *((np.cumsum(rng.uniform(0.4, 1.5, n)),) for n in (4, 10, 30))]
    what = "one number is asked for, in beats per minute"
    compare(rate, lambda t: 60 / median(np.diff(t)), cases, what, WRONG_RATES)


WRONG_SHARES = {  # of R peaks at a and b
    "equal times are not needed: a window is 0.7 s long": lambda a, b: a == b,
    "one R peak need not lie in the other window: it is enough that the windows overlap":
        lambda a, b: a - 0.25 < b < a + 0.45,
    "a window before counts too: which of the two comes first?": lambda a, b: b - a < 0.7,
    "you ask for windows that lie apart; the other way round": lambda a, b: abs(a - b) >= 0.7,
    "that is always True: 4 s apart they share nothing": lambda a, b: True,
    "that is always False: equal windows share everything": lambda a, b: False,
    "how long is one window, before and after its R peak together?": lambda a, b: abs(a - b) < 0.45,
    "0.25 s is only the part before the R peak": lambda a, b: abs(a - b) < 0.25,
    "a window has 0.25 s before and 0.45 s after, not 0.45 s on both sides":
        lambda a, b: abs(a - b) < 0.9,
    "a window has 0.25 s before and 0.45 s after, not 0.25 s on both sides":
        lambda a, b: abs(a - b) < 0.5,
    "subtract one part of the window from the other? They stand side by side":
        lambda a, b: abs(a - b) < 0.2,
}  # fmt: skip


@exercise(
    "By this rule 94 of 100 test beats drawn at random share a moment with a training beat, and "
    "none after `split`. Count both with `train.t` and `test.t`."
)
def share_a_moment(share):
    """Two windows from 0.25 s before to 0.45 s after their R peaks overlap or not."""
    apart = [0, 0.1, 0.2, 0.3, 0.44, 0.46, 0.64, 0.66, 0.69, 0.71, 0.74, 0.8, 0.91, 4]
    pairs = [(5, 5 + d) for d in apart] + [(5 + d, 5) for d in apart]
    truth = [abs(a - b) < 0.7 for a, b in pairs]
    given = [call(share, *pair) for pair in pairs]
    for answer in given:
        values(answer, (), "True or False is asked for")
        if not isinstance(answer, bool | np.bool_):
            said = f"True or False is asked for, you return {answer!r}"
            return said, f"{said}: a comparison as it stands is True or False"
    if given == truth:
        return None
    recognised(lambda wrong: given == [wrong(*pair) for pair in pairs], WRONG_SHARES)
    a, b = next(pair for pair, g, t in zip(pairs, given, truth, strict=True) if g != t)
    if abs(a - b) < 0.7:
        return f"the windows around {a:g} s and {b:g} s share a moment; you say that they do not"
    return f"the windows around {a:g} s and {b:g} s share no moment; you say that they do"


@exercise(
    "So PCA needs that many numbers for what a network shall do with two. Notebook 4 asks which of "
    "them is the better judge of an autoencoder; try how slowly the error falls after that."
)
def pca_numbers(answer, x_train, x_test):
    """The smallest number of components with a test error below 0.001 mV^2."""
    k = whole_number(answer, 1, min(x_train.shape) - 1)
    errors = [pca_error(k, x_train, x_test) for k in (k - 1, k)]
    if errors[1] >= 0.001:
        told = f"with k = {k} the error on the test beats is {errors[1]:.5f} mV^2, still too high"
        return told, told + ". Fit to `x_train`, measure on `x_test`, in a loop over k"
    if errors[0] < 0.001:
        told = f"k = {k} is enough, but a smaller number is enough too"
        return told, told + ". A loop over k finds the first that is low enough"


@exercise(
    "PCA's 0.0084 mV² with two numbers are as bad as an error of 0.09 mV on every sample. "
    "Which waves of a beat are larger than that?"
)
def error_of_offset(mse):
    """The mean squared error of a reconstruction that lies 0.1 mV too high on 450 samples."""
    return judge(mse, 0.01, {
        "that is the error itself, in mV: it is squared, then the mean is taken": 0.1,
        "that is the sum over 450 samples: the mean is asked for": 4.5,
        "that is the sum of the errors, not squared, and no mean": 45,
        "you divide by the number of samples once too often": 0.01 / 450,
        "you take the root at the end: a mean squared error has the unit mV²": 0.1 / np.sqrt(450),
        "you take the root of 0.1, which makes a small number larger: square it": np.sqrt(0.1),
        "twice the error is not its square": 0.2,
        "half of the square is no mean": 0.005,
        "the error does not cancel: it is squared, and too high everywhere": 0,
        "a square is not negative": -0.01,
        "that is the square in other units: 0.1 mV are asked for, not 100 µV": 10_000,
    }, "{:g} mV² is not the mean over 450 equal squares", "What is 0.1 mV squared?")  # fmt: skip
