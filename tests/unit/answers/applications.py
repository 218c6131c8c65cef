"""Answers to the exercises of notebook 10."""

import numpy as np
import torch

from ecgae_lib import beats, checks
from tests.unit.answers import UNNAMED, Answers

train, test = beats.split(beats.record_208())
THIN = tuple(part.x[:, 0, ::3].numpy() for part in (train, test))


def snr_gain(x, y, x_hat):
    return 10 * np.log10(((y - x) ** 2).sum() / ((x_hat - x) ** 2).sum())


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
        wrong=[(lambda x, y, x_hat: 3.0, UNNAMED)],
    ),
    checks.threshold: Answers(
        right=[
            lambda usual, share: np.quantile(usual, 1 - share),
            lambda usual, share: float(np.sort(usual)[round(len(usual) * (1 - share))]),
            lambda usual, share: np.percentile(usual, 100 * (1 - share)),
            lambda usual, share: sorted(usual)[::-1][int(len(usual) * share)],
        ],
        wrong=[
            (lambda usual, share: usual > 2, "the shape (2000,)"),
            (lambda usual, share: np.median(usual), UNNAMED),
        ],
    ),
    checks.true_alarms: Answers(
        right=[100 / 2098, 0.048, np.float64(0.0477), torch.tensor(0.0477)],
        wrong=[
            ("5 %", "without quotes"),
            (0.3, UNNAMED),
        ],
    ),
}
