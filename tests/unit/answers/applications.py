"""Answers to the exercises of notebook 10."""

import numpy as np
import torch

from ecgae_lib import beats, checks
from tests.unit.answers import UNNAMED, Answers

train, test = beats.split(beats.record_208())
THIN = tuple(part.x[:, 0, ::3].numpy() for part in (train, test))


def snr_gain(x, y, x_hat):
    return 10 * np.log10(((y - x) ** 2).sum() / ((x_hat - x) ** 2).sum())


def of_each(x, y, x_hat):
    return [snr_gain(*beat) for beat in zip(x, y, x_hat, strict=True)]


def without_squares(x, y, x_hat):
    return 10 * np.log10(np.abs(y - x).sum() / np.abs(x_hat - x).sum())


def of_signals(x, y, x_hat):
    return 10 * np.log10((y**2).sum() / (x_hat**2).sum())


ANSWERS = {
    checks.fewest_bits: Answers(
        right=[6, np.int64(6), 6.0, torch.tensor(6)],
        given=THIN,
        wrong=[
            (5, "rises by 14 %"),
            (1, "10 % are allowed"),
            (2, "10 % are allowed"),
            (7, "fewer are enough"),
            (32, "fewer are enough"),
            (48, "a whole beat"),
            (64, "2^b levels"),
            (0, "from 1 to"),
            (-6, "from 1 to"),
            (5.3, "not a whole number"),
            (0.1, "not a whole number"),
            ("6", "without quotes"),
            ([6], "the shape (1,)"),
        ],
    ),
    checks.wiener_keeps: Answers(
        right=[0.8, torch.tensor(0.8), 4 / 5, np.float32(0.8)],
        wrong=[
            (0.2, "takes away"),
            (4, "no deviation larger"),
            (1.25, "not S + N by S"),
            (0.25, "noise over beats"),
            (0.75, "S - N"),
            (0.667, "take no roots"),
            (0.94, "do not square"),
            (0.894, "a root at the end"),
            (0.64, "twice"),
            (1, "stayed"),
            (0, "only the mean"),
            (-0.8, "stays above"),
            (0.5, "varies more"),
            (5, "S + N"),
            ("0.8 mV", "without quotes"),
            (0.9, UNNAMED),
        ],
    ),
    checks.snr_gain: Answers(
        right=[
            snr_gain,
            lambda *given: float(snr_gain(*given)),
            lambda x, y, x_hat: 20 * np.log10(np.linalg.norm(y - x) / np.linalg.norm(x_hat - x)),
            lambda x, y, x_hat: 10 * np.log10(np.mean((x - y) ** 2) / np.mean((x - x_hat) ** 2)),
        ],
        wrong=[
            (lambda x, y, x_hat: snr_gain(x, x_hat, y), "the sign"),
            (lambda *given: 2 * snr_gain(*given), "twice"),
            (lambda *given: snr_gain(*given) / 10, "a tenth"),
            (lambda *given: snr_gain(*given) * np.log(10), "natural logarithm"),
            (lambda *given: snr_gain(*given) * np.log2(10), "base 2"),
            (lambda *given: 10 ** (snr_gain(*given) / 10), "ratio itself"),
            (without_squares, "squares are missing"),
            (of_signals, "compare the signals"),
            (lambda x, y, x_hat: snr_gain(x, 0 * y, x_hat), "after cleaning"),
            (lambda x, y, x_hat: snr_gain(x, 0 * y, y), "before cleaning"),
            (lambda x, y, x_hat: snr_gain(x_hat, y, x), "taken away"),
            (lambda *given: np.mean(of_each(*given)), "single beats"),
            (of_each, "for every beat"),
            (lambda x, y, x_hat: 10 * np.log10(np.var(y - x) / np.var(x_hat - x)), "no variance"),
            (lambda x, y, h: 10 * np.log10(np.mean(((y - x) / (h - x)) ** 2)), "comes last"),
            (lambda x, y, x_hat: 3.0, UNNAMED),
        ],
    ),
    checks.threshold: Answers(
        right=[
            lambda usual, share: np.quantile(usual, 1 - share),
            lambda usual, share: float(np.sort(usual)[round(len(usual) * (1 - share))]),
            lambda usual, share: np.percentile(usual, 100 * (1 - share)),
            lambda usual, share: sorted(usual)[::-1][int(len(usual) * share)],
        ],
        wrong=[
            (lambda usual, share: np.quantile(usual, share), "lower tail"),
            (lambda usual, share: np.percentile(usual, 100 - share), "no percentage"),
            (lambda usual, share: np.percentile(usual, share), "and that is the lower"),
            (lambda usual, share: np.quantile(usual, 1 - share / 2), "one tail"),
            (lambda usual, share: np.quantile(usual, max(0, 1 - 2 * share)), "not double"),
            (lambda usual, share: np.sort(usual)[int(len(usual) * share)], "lower tail"),
            (lambda usual, share: usual.max(), "no usual beat rings"),
            (lambda usual, share: (1 - share) * usual.max(), "largest score"),
            (lambda usual, share: usual.max() - share * np.ptp(usual), "range of scores"),
            (lambda usual, share: usual.mean() + 1.645 * usual.std(), "Gaussian"),
            (lambda usual, share: usual.mean() + 2 * usual.std(), "standard deviations"),
            (lambda usual, share: usual[int(len(usual) * (1 - share))], "sort them"),
            (lambda usual, share: share, "the share itself"),
            (lambda usual, share: np.quantile(usual, 0.95), "whatever the share"),
            (lambda usual, share: usual > 2, "the shape (2000,)"),
            (lambda usual, share: np.median(usual), UNNAMED),
        ],
    ),
    checks.true_alarms: Answers(
        right=[100 / 2098, 0.048, np.float64(0.0477), torch.tensor(0.0477)],
        wrong=[
            (0.98, "stay silent"),
            (0.02, "how many beats"),
            (1.0, "are not unusual"),
            (0.001, "among those that ring"),
            (100 / 1998, "all alarms"),
            (0.05, "all alarms"),
            (1998 / 2098, "false alarms"),
            (19.98, "by true ones"),
            (4.77, "percent"),
            (100, "a number of alarms"),
            (1998, "beside them"),
            (2098, "how many of them"),
            ("5 %", "without quotes"),
            (0.3, UNNAMED),
        ],
    ),
}
