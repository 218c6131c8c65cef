"""Checks of notebook 11: your own ECG."""

import numpy as np
import torch

from ecgae_lib.checks.exercise import exercise, filled


def recognised(value, mistakes, rtol=1e-3):
    """The sentence of the first mistake that gives this value, or None.  {sentence: value}."""
    for sentence, wrong in mistakes.items():
        if np.shape(value) == np.shape(wrong) and np.allclose(value, wrong, rtol=rtol, atol=0):
            return sentence
    return None


@exercise("To be told.")
def to_millivolts(convert):
    """A function (adc, gain, zero): numbers of a converter to mV."""
    adc, gain, zero = np.array([1025, 1224, 924], dtype=np.uint16), 200, 1024
    value, volts = np.asarray(filled(convert(adc, gain, zero)), dtype=float), adc.astype(float)
    right = (volts - zero) / gain
    mistakes = {
        "the number 1025 lies just above 0 mV here, you make 5 mV of it": volts / gain,
        "`zero` counts steps of the converter, as adc does; you take it for mV": volts / gain
        - zero,
        "200 steps are 1 mV: you make 200 mV of one step": (volts - zero) * gain,
        "you return volts, asked are millivolts": right / 1000,
        "you return microvolts, asked are millivolts": right * 1000,
        "the sign is turned round: a number above `zero` is a positive voltage": -right,
        "924 is below `zero`, yet you return a large positive voltage: unsigned numbers know "
        "nothing below 0": (adc - np.uint16(zero)) / gain,
    }
    if value.shape != right.shape:
        return f"for {len(adc)} numbers you return the shape {value.shape}"
    if not np.allclose(value, right, rtol=1e-3):
        usual = f"for the numbers {adc}, gain 200 and zero 1024 you return {value}"
        return recognised(value, mistakes) or usual


DETECTED = [  # (found, truth, fs), the two rates, and what it is about
    (([260, 520, 770, 900, 1400], [250, 500, 750, 1000], 250), (0.75, 0.6), "3 of 4 are found"),
    (([240, 480], [250, 500], 250), (1, 1), "both are found, up to 80 ms too early"),
    (([240, 260, 500], [250, 500], 250), (1, 2 / 3), "one beat is found twice"),
    (([255], [245, 265], 250), (0.5, 1), "one position lies near two beats"),
    (([145, 200], [100, 200], 500), (1, 1), "one position is 90 ms off, at 500 Hz"),
    (([115, 200], [100, 200], 100), (0.5, 0.5), "one position is 150 ms off, at 100 Hz"),
]


@exercise("To be told.")
def detector_rates(rates):
    """A function (found, truth, fs): sensitivity and positive predictive value, within 100 ms."""
    for (found, truth, fs), right, what in DETECTED:
        value = filled(rates(np.array(found), np.array(truth), fs))
        if np.shape(value) != (2,):
            return f"two numbers are asked for, you return {value!r}"
        if np.allclose(value, right):
            continue
        if np.allclose(value, right[::-1]):
            return "the two rates are swapped: the first one is a share of the true beats"
        return f"where {what} you return {value[0]:.3g} and {value[1]:.3g}"


@exercise("To be told.")
def patient_folds(folds):
    """A function (patient, k): k boolean masks, each patient in the test part of just one."""
    patient = np.array(list("CABBADBCEEDAC"))
    for k in (2, 3, 5):
        masks = [np.asarray(mask) for mask in filled(folds(patient, k))]
        mistake = fault_of_folds(masks, patient, k)
        if mistake:
            return f"for 13 beats of 5 patients and k = {k}: {mistake}"


def fault_of_folds(masks, patient, k):
    """What is wrong with the masks of `patient_folds`, or None."""
    if len(masks) != k or any(m.shape != patient.shape or m.dtype != bool for m in masks):
        forms = ", ".join(f"{m.dtype} {m.shape}" for m in masks)
        return f"expected {k} boolean masks of 13 beats, you return {forms}"
    for number, mask in enumerate(masks):
        both = sorted(set(patient[mask]) & set(patient[~mask]))
        if both:
            return f"patient {both[0]} has beats in both parts of fold {number}: a leak"
        if mask.all():
            return f"fold {number} leaves nobody to train on"
        if not mask.any():
            return f"fold {number} leaves nobody to test on"
    times = np.sum(masks, axis=0)
    if k > 2 and (times == k - 1).all():
        return "a mask says which beats to test on; yours say which to train on"
    if (times != 1).any():
        first = int((times != 1).argmax())
        return f"patient {patient[first]} is tested {times[first]} times, not once"


@exercise("To be told.")
def relative_beta(beta):
    """A function (x, relative): that many times the mean squared deviation from the mean beat."""
    n, L = 200, 60
    shape = 3 * torch.sin(torch.arange(L) / 5) + 2
    x = (shape + 0.5 * torch.randn(n, 1, L, generator=torch.Generator().manual_seed(0))).float()
    from_mean = (x - x.mean(dim=0)).square()
    value, variance = float(filled(beta(x, 0.1))), float(from_mean.mean())
    mistakes = {
        "that is the spread around one voltage: the mean beat's shape is no variation": x.var(),
        "you take the square of the signal itself: nothing is subtracted": x.square().mean(),
        "you take the standard deviation, in mV; beta is in mV²": variance**0.5,
        "you add up over the samples; the error is a mean over them": variance * L,
        "you take the noise for beta: notebook 6 has L / 2 between them": variance * 2 / L,
        "you divide, so that a smaller signal gets a larger beta": 1 / variance,
    }
    if not np.isclose(value, 0.1 * variance, rtol=0.02):
        usual = (
            f"of beats with variance {variance:.3g} mV² a relative beta of 0.1 is not {value:.3g}"
        )
        return recognised(value, {s: 0.1 * v for s, v in mistakes.items()}, 0.02) or usual


@exercise("To be told.")
def bytes_on_disk(n):
    """The size of 200,000 beats of 450 samples as float32."""
    if type(n) is bool or not isinstance(n, int | np.integer):
        return f"{n!r} is not a whole number of bytes"
    beats, samples = 200_000, 450
    mistakes = {
        "that is how many numbers there are: each takes several bytes": beats * samples,
        "that is one number per beat": beats * 4,
        "that is float64; `Beats` holds float32": beats * samples * 8,
        "float32 has 32 bits, not bytes": beats * samples * 32,
        "that is in megabytes": beats * samples * 4 // 10**6,
        "that is one beat": samples * 4,
    }
    if n != beats * samples * 4:
        return recognised(n, mistakes, 0) or f"{n} bytes are {n / beats:g} for each beat"
