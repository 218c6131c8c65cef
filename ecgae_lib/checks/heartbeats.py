"""Checks of notebook 1: heartbeats."""

import numpy as np

from ecgae_lib.checks.exercise import exercise, filled
from ecgae_lib.scores import pca_error


@exercise
def resampling_fraction(up_down):
    """175 samples shall become 450."""
    if np.shape(up_down) != (2,):
        return f"{up_down} is not a pair: give two whole numbers, (up, down)"
    up, down = up_down
    if not all(isinstance(n, int | np.integer) and n > 0 for n in (up, down)):
        return f"{up} and {down} are not two whole numbers above 0"
    if 175 * up != 450 * down:
        return f"175 samples times {up}/{down} makes {175 * up / down:g}, not 450"
    if (up, down) != (18, 7):
        return f"{up}/{down} reaches 450, but it is not in lowest terms"


@exercise
def heart_rate(rate):
    """A function from R-peak times in s to beats per minute, by the median."""
    answer = filled(rate(np.arange(0, 10, 0.5)))
    if np.ndim(answer) > 0:
        return f"expected one number, the function returns {np.size(answer)}"
    if not np.isclose(answer, 120):
        return f"an R peak every 0.5 s is 120 beats per minute, the function says {answer:g}"
    answer = rate(np.r_[0:5:0.5, 6:10:0.5])
    if not np.isclose(answer, 120):
        return f"with one beat missed the median is still 120, the function says {answer:g}"


@exercise
def share_a_moment(share):
    """Two windows from 0.25 s before to 0.45 s after their R peaks overlap or not."""
    for t_train, t_test in [(5, 5.6), (5.6, 5), (5, 5.8), (5.8, 5), (5, 5), (3, 9), (9, 3)]:
        answer, truth = filled(share(t_train, t_test)), abs(t_train - t_test) < 0.7
        if bool(answer) != truth:
            word = "share" if truth else "do not share"
            return f"the windows at {t_train} s and {t_test} s {word} a moment; you say {answer}"


@exercise
def pca_numbers(answer, x_train, x_test):
    """The smallest number of components with a test error below 0.001 mV^2."""
    most = min(x_train.shape) - 1
    if type(answer) is bool or not isinstance(answer, int | np.integer) or not 1 <= answer <= most:
        return f"{answer} is not a whole number from 1 to {most}"
    errors = [pca_error(k, x_train, x_test) for k in (answer - 1, answer)]
    if errors[1] >= 0.001:
        return f"with k = {answer} the error is {errors[1]:.5f} mV^2, still too high"
    if errors[0] < 0.001:
        return f"k = {answer} is enough, but so is k = {answer - 1}"
