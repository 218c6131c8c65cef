"""Checks of notebook 8: rate and distortion."""

import numpy as np

from ecgae_lib.checks.exercise import exercise, filled
from ecgae_lib.losses import noise_variance
from ecgae_lib.scores import nearest_neighbour_accuracy, nearest_neighbour_ratio


@exercise("To be told.")
def two_active(beta):
    """A beta at which two of four principal variances exceed the noise, for 200 samples."""
    variances, noise = np.array([40, 12, 3, 0.5]), noise_variance(float(beta), 200)
    active = int((variances > noise).sum())
    if not noise > 0:
        return f"beta = {float(beta):g} is no weight: give a number above 0"
    if active != 2:
        return f"beta = {float(beta):g} stands for a noise of {noise:g} mV^2: {active} are used"


@exercise("To be told.")
def cheat(generator, x_train, x_test):
    """A generator of bad beats whose two nearest-neighbour shares have a mean near one half."""
    n, L = x_test.shape
    fakes = np.asarray(filled(generator(x_train.copy(), n)), dtype=float)
    if fakes.shape != (n, L):
        return f"asked for {n} beats of {L} samples, you return the shape {fakes.shape}"
    if not np.isfinite(fakes).all():
        return "some of your beats hold NaN or infinity"
    ratio = nearest_neighbour_ratio(fakes, x_train, x_test)
    if ratio <= 2:
        return f"your beats are too good: {ratio:.2f} times the distance of test beats"
    real, fake = nearest_neighbour_accuracy(x_test, fakes)
    if not 0.4 <= (real + fake) / 2 <= 0.6:
        return (
            f"{real:.0%} of the real and {fake:.0%} of your beats are recognised, in the mean "
            f"{(real + fake) / 2:.0%}: a neighbour of your beats must be a real one"
        )
