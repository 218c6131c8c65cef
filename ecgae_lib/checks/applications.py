"""Checks of notebook 10: applications."""

import numpy as np
from sklearn.decomposition import PCA

from ecgae_lib.checks.exercise import exercise, filled


def rounding_rise(bits, x_train, x_test):
    """By what share the error of PCA's eight numbers rises when each has this many bits."""
    pca = PCA(8).fit(x_train)
    seen, codes = pca.transform(x_train), pca.transform(x_test)
    low, step = seen.min(axis=0), np.ptp(seen, axis=0) / 2**bits
    rounded = low + (np.clip((codes - low) // step, 0, 2**bits - 1) + 0.5) * step
    errors = (((pca.inverse_transform(c) - x_test) ** 2).mean() for c in (rounded, codes))
    rounded_error, error = errors
    return rounded_error / error - 1


@exercise("To be told.")
def fewest_bits(bits, x_train, x_test):
    """The fewest bits for each of PCA's eight numbers that cost less than 10 % in error."""
    if not isinstance(bits, int | np.integer) or isinstance(bits, bool) or not 1 <= bits <= 32:
        return f"{bits!r} is no whole number of bits from 1 to 32"
    rise = rounding_rise(bits, x_train, x_test)
    if rise >= 0.1:
        return f"with {bits} bits each the error rises by {rise:.0%}: too few"
    if rounding_rise(bits - 1, x_train, x_test) < 0.1:
        return f"{bits} bits each are enough, but {bits - 1} are enough too"


@exercise("To be told.")
def wiener_keeps(kept):
    """What a Wiener filter leaves of 1 mV where beats vary by 4 mV^2 and noise by 1 mV^2."""
    mistakes = {
        0.2: "that is the share of the noise, which the filter takes away",
        4: "that is the ratio of the variances: the filter cannot make a deviation larger",
        1.25: "that is larger than before: divide S by S + N, not S + N by S",
        0.25: "that is noise over beats: divide S by S + N",
        0.75: "that is S - N over S: divide S by S + N",
        2 / 3: "that is right for standard deviations: the formula has variances",
        1: "then the noise stayed as it was",
    }
    kept = float(kept)
    near = [mistake for value, mistake in mistakes.items() if abs(kept - value) < 0.005]
    if near:
        return near[0]
    if abs(kept - 0.8) > 0.005:
        return f"{kept:g} is not S / (S + N) of 1 mV, with one variance for each matrix"


@exercise("To be told.")
def snr_gain(gain):
    """The gain in signal-to-noise ratio, in dB."""
    rng = np.random.default_rng(0)
    x = 3 + rng.standard_normal((5, 40))
    y, x_hat = x + rng.standard_normal(x.shape), x + 0.3 * rng.standard_normal(x.shape)
    before, after = ((y - x) ** 2).sum(), ((x_hat - x) ** 2).sum()
    right = 10 * np.log10(before / after)
    value = np.asarray(filled(gain(x.copy(), y.copy(), x_hat.copy())), dtype=float)
    if value.shape != ():
        return f"you return the shape {value.shape}: the gain of all beats together is one number"
    mistakes = {
        -right: "your gain has the wrong sign: the error before stands above the error after",
        2 * right: "you give twice the decibels: squares are powers, they take 10 log10, not 20",
        right / 10: "you give a tenth of the decibels: ten times the logarithm",
        10 * np.log(before / after): "you took the natural logarithm: decibels have log10",
        before / after: "that is the ratio itself: now its logarithm",
        10 * np.log10(np.abs(y - x).sum() / np.abs(x_hat - x).sum()): "you forgot the squares",
        10 * np.log10((y**2).sum() / (x_hat**2).sum()): "you compare signals: compare their errors",
        10 * np.log10((x**2).sum() / after): "that is the SNR after: the gain compares with before",
        np.mean(10 * np.log10(((y - x) ** 2).sum(1) / ((x_hat - x) ** 2).sum(1))): (
            "you average the decibels of single beats: add up the squares of all beats first"
        ),
    }
    if not np.isclose(value, right):
        near = [why for wrong, why in mistakes.items() if np.isclose(value, wrong)]
        return near[0] if near else f"you give {value:.3g} dB where {right:.3g} dB are gained"


@exercise("To be told.")
def threshold(cut):
    """A threshold at which a given share of the usual scores would ring."""
    usual = np.random.default_rng(0).gamma(2.0, size=2000)
    for share in (0.05, 0.2):
        value = np.asarray(filled(cut(usual.copy(), share)), dtype=float)
        if value.shape != () or not np.isfinite(value):
            return f"expected one finite number, you return {value}"
        mistake = wrong_threshold(float(value), usual, share)
        if mistake:
            return mistake


def wrong_threshold(cut, usual, share):
    """What is wrong with a threshold for this share of false alarms: a sentence or None."""
    rings = (usual > cut).mean()
    mistakes = {
        np.quantile(usual, share): "that is the lower tail, and nearly all usual beats ring",
        np.quantile(usual, share / 100): "the share is no percentage: 0.05 are five in a hundred",
        np.quantile(usual, 1 - share / 100): "the share is no percentage: 0.05 are five in 100",
        np.quantile(usual, 1 - share / 2): "an alarm has one tail: do not halve the share",
        usual.max(): "then no usual beat rings, and many an unusual one will not either",
        (1 - share) * usual.max(): "that is a share of the largest score, not of the beats",
        usual.mean() + 1.645 * usual.std(): "that would do for a Gaussian: these scores are not",
    }
    if abs(rings - share) > 0.002:
        near = [why for wrong, why in mistakes.items() if np.isclose(cut, wrong)]
        return near[0] if near else f"for a share of {share} a share of {rings:.3f} rings"


@exercise("To be told.")
def true_alarms(share):
    """100 unusual beats all found, 2 % of 99,900 usual ones ring: the share of true alarms."""
    share, true, false = float(share), 100, 0.02 * 99_900
    mistakes = {
        0.98: "that is the share of usual beats that stay silent: how many alarms are there?",
        0.02: "that is the share of usual beats that ring: how many beats are that?",
        1: "every unusual beat is found, but most of those that ring are not unusual",
        0.001: "that is the share of unusual beats: ask among those that ring",
        true / false: "you divided true by false alarms: divide by all alarms",
        false / (true + false): "that is the share of false alarms",
        100 * true / (true + false): "that is in percent: give a share, from 0 to 1",
    }
    right = true / (true + false)
    if abs(share - right) > 0.0006:
        near = [why for wrong, why in mistakes.items() if np.isclose(share, wrong, rtol=0.005)]
        return near[0] if near else f"{share:g} is not true alarms divided by all alarms"
