"""Answers to the exercises of notebook 1."""

import numpy as np

from ecgae_lib import beats, checks
from tests.unit.answers import UNNAMED, Answers

train, test = beats.split(beats.record_208())
BEATS = (train.x[:, 0].numpy(), test.x[:, 0].numpy())


def smooth(t):
    return 60 / np.median(np.diff(t)[1:-1])


ANSWERS = {
    checks.resampling_fraction: Answers(
        right=[(18, 7), [18, 7], np.array([18, 7]), (18.0, np.int64(7))],
        wrong=[
            ((450, 175), "divided by the same"),
            ((36, 14), "divided by the same"),
            ((18, -7), "from 1 to"),
            ((0, 0), "from 1 to"),
            ((18, 0), "from 1 to"),
            (("18", "7"), "without quotes"),
            ((2.57, 1), "not a whole number"),
            (18 / 7, "not a pair"),
            ((3, 1), UNNAMED),
        ],
    ),
    checks.heart_rate: Answers(
        right=[
            lambda t: 60 / np.median(np.diff(t)),
            lambda t: float(60 / np.median(np.asarray(t)[1:] - t[:-1])),
            lambda t: np.float32(60 / np.quantile(np.diff(t), 0.5)),
        ],
        wrong=[
            (lambda t: [60 / np.median(np.diff(t))], "the shape (1,)"),
            (lambda t: t[999], "IndexError"),
            (lambda t: f"{60 / np.median(np.diff(t)):.0f}", "you return a str"),
            (smooth, UNNAMED),
        ],
    ),
    checks.share_a_moment: Answers(
        right=[
            lambda a, b: abs(a - b) < 0.7,
            lambda a, b: np.abs(a - b) <= 0.7,
            lambda a, b: max(a, b) - 0.25 < min(a, b) + 0.45,
        ],
        wrong=[
            (lambda a, b: max(0, 0.7 - abs(a - b)), "True or False"),
            (lambda a, b: int(abs(a - b) < 0.7), "you return 1"),
            (lambda a, b: "yes", "you return a str"),
            (lambda a, b: abs(a - b) < 0.65, "5.66 s share"),
            (lambda a, b: abs(a - b) < 0.75, "5.71 s share no"),
        ],
    ),
    checks.pca_numbers: Answers(
        right=[13, np.int64(13), 13.0],
        given=BEATS,
        wrong=[
            (12, "still too high"),
            (1, "still too high"),
            (14, "a smaller number"),
            (40, "a smaller number"),
            (0, "from 1 to"),
            (450, "from 1 to"),
            (-13, "from 1 to"),
            (0.001, "not a whole number"),
            (12.5, "not a whole number"),
            ("13", "without quotes"),
            ([13], "the shape (1,)"),
            (np.array([0.0011, 0.0009]), "the shape (2,)"),
        ],
    ),
    checks.error_of_offset: Answers(
        right=[0.01, 1e-2, np.float32(0.01), 0.1**2],
        wrong=[(0.02, UNNAMED)],
    ),
}
