"""Checks of notebook 10: applications."""

from functools import partial

import numpy as np
from sklearn.decomposition import PCA

from ecgae_lib.checks.exercise import agrees, exercise, judge, recognised, values, whole_number
from ecgae_lib.checks.functions import call, compare


def rounding_rise(bits, x_train, x_test):
    """By what share the error of PCA's eight numbers rises when each has this many bits."""
    pca = PCA(8).fit(x_train)
    seen, codes = pca.transform(x_train), pca.transform(x_test)
    low, step = seen.min(axis=0), np.ptp(seen, axis=0) / 2**bits
    rounded = low + (np.clip((codes - low) // step, 0, 2**bits - 1) + 0.5) * step
    errors = (((pca.inverse_transform(c) - x_test) ** 2).mean() for c in (rounded, codes))
    rounded_error, error = errors
    return rounded_error / error - 1


@exercise(
    "Five bits would cost 14 %, these cost 3 %. More numbers draw finer and must be rounded "
    "finer: with 32 numbers the same rule asks for 8 bits. Try it."
)
def fewest_bits(bits, x_train, x_test):
    """The fewest bits for each of PCA's eight numbers that cost less than 10 % in error."""
    bits = whole_number(bits, 1, 64)
    recognised(partial(agrees, bits), {
        "those are the bits of a whole beat; one of its eight numbers is asked for": 48,
        "those are the levels; b bits tell 2^b levels apart": 64,
    })  # fmt: skip
    loop = ". A loop over the bits, from few to many, finds the first that are enough"
    rise = rounding_rise(bits, x_train, x_test)
    if rise >= 0.1:
        told = f"with {bits} bits each the error rises by {100 * rise:.0f} %, and 10 % are allowed"
        return told, told + loop
    if rounding_rise(bits - 1, x_train, x_test) < 0.1:
        told = f"{bits} bits each are enough, but fewer are enough too"
        return told, told + loop


@exercise(
    "Where noise and beats vary alike it keeps one half, and where there is no noise all of it. "
    "Hum of one frequency lives in two directions only: how much of a beat does it cost?"
)
def wiener_keeps(kept):
    """What a Wiener filter leaves of 1 mV where beats vary by 4 mV^2 and noise by 1 mV^2."""
    return judge(kept, 0.8, {
        "that is the share of the noise, which the filter takes away": 0.2,
        "that is the ratio of the variances: the filter makes no deviation larger": 4,
        "that is larger than before: divide S by S + N, not S + N by S": 1.25,
        "that is noise over beats: divide S by S + N": 0.25,
        "that is S - N over S: divide S by S + N": 0.75,
        "4 and 1 are variances already: take no roots": 2 / 3,
        "4 and 1 are variances already: do not square them": 16 / 17,
        "you take a root at the end; the formula has none": 0.8**0.5,
        "you apply the filter twice": 0.64,
        "then the noise stayed as it was": 1,
        "then nothing of the beat is left, only the mean": 0,
        "that is the right size; a beat above the mean stays above it": -0.8,
        "noise and beats do not vary alike here: which of them varies more?": 0.5,
        "that is S + N: it stands below the line": 5,
        "that would be in percent: give mV": 80,
        "that would be in µV: give mV": 800,
    }, "{:g} mV is not S / (S + N) of 1 mV",
       "Each matrix is one variance here", rtol=6e-3)  # fmt: skip


def decibels(above, below):
    """By how many decibels the squares above exceed those below."""
    return 10 * np.log10((above**2).sum() / (below**2).sum())


def in_db(x, y, x_hat):
    """The gain in dB."""
    return decibels(y - x, x_hat - x)


WRONG_GAINS = {  # of x, y and h = x_hat
    "the sign is turned round: the error before stands above the error after":
        lambda x, y, h: -in_db(x, y, h),
    "twice the decibels: squares are powers, they take 10 log10 and not 20":
        lambda x, y, h: 2 * in_db(x, y, h),
    "a tenth of the decibels: one of them is a tenth of the logarithm's unit":
        lambda x, y, h: in_db(x, y, h) / 10,
    "you take the natural logarithm: decibels have the one to base 10":
        lambda x, y, h: in_db(x, y, h) * np.log(10),
    "you take the logarithm to base 2: decibels have the one to base 10":
        lambda x, y, h: in_db(x, y, h) * np.log2(10),
    "that is the ratio itself: now its logarithm": lambda x, y, h: 10 ** (in_db(x, y, h) / 10),
    "the squares are missing: you add up absolute errors":
        lambda x, y, h: 10 * np.log10(abs(y - x).sum() / abs(h - x).sum()),
    "you compare the signals: compare their errors, what is left after x is subtracted":
        lambda x, y, h: decibels(y, h),
    "that is the signal-to-noise ratio after cleaning: the gain compares it with before":
        lambda x, y, h: in_db(x, 0 * y, h),
    "that is the signal-to-noise ratio before cleaning: the gain compares it with after":
        lambda x, y, h: in_db(x, 0 * x, y),
    "the mean of an error is a part of it: do not subtract it, take squares and no variance":
        lambda x, y, h: 10 * np.log10(np.var(y - x) / np.var(h - x)),
    "the ratio comes last: add up the squares above and below first":
        lambda x, y, h: 10 * np.log10(((y - x) ** 2 / (h - x) ** 2).mean()),
    "you compare what was taken away with what was left: y - x is the noise, y - x_hat is not":
        lambda x, y, h: in_db(h, y, x),
    "you average the decibels of single beats: add up the squares of all beats first":
        lambda x, y, h: np.mean([in_db(*b) for b in zip(x, y, h, strict=True)]),
    "that is one gain for every beat: the gain of all beats together is one number":
        lambda x, y, h: [in_db(*b) for b in zip(x, y, h, strict=True)],
}  # fmt: skip


@exercise(
    "The network gains about one decibel on Wiener at 0.3 mV of muscle noise: a squared error "
    "smaller by a fifth. How large is the gain of a denoiser that always draws the mean beat?"
)
def snr_gain(gain):
    """The gain in signal-to-noise ratio, in dB."""
    rng, cases = np.random.default_rng(0), []
    for n, left, offset in ((5, 0.3, 3), (3, 0.8, -1), (8, 2, 0)):
        x, noise, rest = rng.standard_normal((3, n, 40)) * np.linspace(0.5, 2, n)[:, None]
        cases.append((x + offset, x + offset + noise[::-1], x + offset + left * rest))
    compare(gain, in_db, cases, "one number is asked for, a gain in dB", WRONG_GAINS)


WRONG_THRESHOLDS = {  # of the usual scores u and the share s
    "the share is no percentage: 0.05 are five in a hundred":
        lambda u, s: np.percentile(u, 100 - s),
    "the share is no percentage, and that is the lower tail": np.percentile,
    "then no usual beat rings, and many an unusual one will not either": lambda u, s: u.max(),
    "then every usual beat rings, or all but one": lambda u, s: u.min(),
    "that is a share of the largest score: what counts is a share of the beats":
        lambda u, s: (1 - s) * u.max(),
    "that is a share of the range of scores: what counts is a share of the beats":
        lambda u, s: u.max() - s * np.ptp(u),
    "that would do for a Gaussian, and for one share only: these scores are none":
        lambda u, s: u.mean() + 1.645 * u.std(),
    "two standard deviations above the mean do not ask how many beats lie there":
        lambda u, s: u.mean() + 2 * u.std(),
    "the scores come in no order: sort them first": lambda u, s: u[int(len(u) * (1 - s))],
    "that is the share itself: a threshold is a score": lambda u, s: s,
    "that is how many beats ring: at which score do so many?": lambda u, s: len(u) * s,
    "that is the place in the sorted scores: which score stands there?":
        lambda u, s: int(len(u) * (1 - s)),
    "that is for a share of 0.05, whatever the share": lambda u, s: np.quantile(u, 0.95),
}  # fmt: skip
WRONG_TAILS = {  # of the usual scores u and the share s
    "that is the lower tail: nearly all usual beats ring": np.quantile,
    "an alarm has one tail: do not halve the share": lambda u, s: np.quantile(u, 1 - s / 2),
    "an alarm has one tail: do not double the share":
        lambda u, s: np.quantile(u, max(0, 1 - 2 * s)),
}  # fmt: skip


def share_above(cuts, cases):
    """The share of the scores above each cut."""
    return np.array([(usual > cut).mean() for cut, (usual, _) in zip(cuts, cases, strict=True)])


@exercise(
    "Set for 5 % on the narrow training beats, scored by their distance to the mean narrow beat, "
    "it rings for 1 of 69 narrow test beats and for all 31 wide ones. Try it for 50 %."
)
def threshold(cut):
    """A threshold at which a given share of the usual scores would ring."""
    rng = np.random.default_rng(0)
    cases = [(rng.gamma(2.0, size=2000), 0.05), (rng.gamma(2.0, size=2000), 0.2)]
    cases += [(rng.normal(-400, 30, size=300), 0.02), (rng.exponential(size=60), 0.5)]
    what = "one number is asked for, a score"
    given = [float(values(call(cut, *case), (), what)) for case in cases]
    rings, shares = share_above(given, cases), np.array([share for _, share in cases])
    one_beat = np.array([1.01 / len(usual) for usual, _ in cases])  # left to the definition

    def made_by(wrong):
        return [wrong(*case) for case in cases]

    if (abs(rings - shares) <= one_beat).all():
        return None
    recognised(lambda wrong: agrees(given, made_by(wrong)), WRONG_THRESHOLDS)
    recognised(
        lambda wrong: (abs(rings - share_above(made_by(wrong), cases)) <= one_beat).all(),
        WRONG_TAILS,
    )
    worst = (abs(rings - shares) - one_beat).argmax()
    told = f"where a share of {shares[worst]} should ring, a share of {rings[worst]:.3f} does"
    return told, told + ". How large is the share of the scores that must stay silent?"


@exercise(
    "So less than one alarm in twenty, although every unusual beat is found. For how many of "
    "the usual beats may it ring, if every second alarm shall be true?"
)
def true_alarms(share):
    """100 unusual beats all found, 2 % of 99,900 usual ones ring: the share of true alarms."""
    true, false = 100, 0.02 * 99_900
    return judge(share, true / (true + false), {
        "that is the share of usual beats that stay silent: how many alarms are there?": 0.98,
        "that is the share of usual beats that ring: how many beats are that?": 0.02,
        "every unusual beat is found, but most of those that ring are not unusual": 1,
        "that is the share of unusual beats: ask among those that ring": 0.001,
        "you divide true by false alarms: divide by all alarms": true / false,
        "that is the share of false alarms": false / (true + false),
        "that is false alarms by true ones": false / true,
        "that is in percent: give a share, from 0 to 1": 100 * true / (true + false),
        "that is a number of alarms: give a share, from 0 to 1": true,
        "those are the false alarms: how many true ones stand beside them?": false,
        "those are all alarms: how many of them are true?": true + false,
        "that is the share of beats that ring: ask how many of those are unusual": 0.02098,
        "2 % of the usual beats ring, not 20 %": true / (true + 10 * false),
        "2 % of the usual beats ring, not 0.2 %": true / (true + false / 10),
    }, "{:g} is not true alarms divided by all alarms",
       "Count both of them for one day", rtol=0.01)  # fmt: skip
