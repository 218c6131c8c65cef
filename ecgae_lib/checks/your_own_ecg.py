"""Checks of notebook 11: your own ECG."""

import numpy as np
import torch

from ecgae_lib.checks.exercise import exercise, judge, number, numbers
from ecgae_lib.checks.functions import call, compare


def spoilt(right, mistakes):
    """{hint: a function} that is right up to its result.  mistakes: {hint: what it does to it}."""
    return {
        hint: lambda *case, spoil=spoil: spoil(np.asarray(right(*case)))
        for hint, spoil in mistakes.items()
    }


def slow_millivolts(adc, gain, zero):
    """The voltage of every number, one by one, in Python's integers that know no end."""
    return [(int(step) - zero) / gain for step in adc]


WRONG_VOLTAGES = spoilt(slow_millivolts, {
    "you return volts: millivolts are asked for": lambda mV: mV / 1000,
    "you return microvolts: millivolts are asked for": lambda mV: mV * 1000,
    "the sign is turned round: a number above `zero` is a positive voltage": lambda mV: -mV,
    "a voltage below 0 is no mistake: do not cut it off": lambda mV: np.maximum(mV, 0),
    "a voltage below 0 keeps its sign: take no absolute value": abs,
    "the voltage has fractions of a mV: do not round it": np.round,
    "the voltage has fractions of a mV: do not cut them off": np.trunc,
})  # fmt: skip
WRONG_VOLTAGES |= {  # of adc a, gain g and zero z
    "`zero` is forgotten: the number that stands for 0 mV does not become 0": lambda a, g, z: a / g,
    "`zero` counts steps of the converter, as adc does; you take it for mV":
        lambda a, g, z: a / g - z,
    "`gain` steps are 1 mV, and you make `gain` mV of one step":
        lambda a, g, z: (a.astype(float) - z) * g,
    "you forget `gain`": lambda a, g, z: a.astype(float) - z,
    ("some numbers below `zero` become large positive voltages",
     "numbers below `zero` become large positive voltages: what does `uint16` know below 0?"):
        lambda a, g, z: (a - np.uint16(z)) / g,
    ("large numbers come out negative: your type is too small for them",
     "large numbers come out negative: `int16` ends at 32,767 and `uint16` does not"):
        lambda a, g, z: (a.astype(np.int16).astype(int) - z) / g,
    "the voltage has fractions of a mV: divide by `/`, not by `//`":
        lambda a, g, z: (a.astype(int) - z) // g,
    "a mean is no zero, use `zero`": lambda a, g, z: (a - a.mean()) / g,
}  # fmt: skip


@exercise(
    "Record 208 was stored with 200 steps a mV around 1024, in numbers from 0 to 2047. "
    "Which voltages could it hold at most, and what becomes of a larger one?"
)
def to_millivolts(convert):
    """A function (adc, gain, zero): numbers of a converter to mV."""
    rng = np.random.default_rng(0)
    cases = [(np.array([1025, 1224, 924, 1000], dtype=np.uint16), 200, 1024)]
    cases += [(rng.integers(0, 2**16, 12).astype(np.uint16), 1000, 2**15)]
    cases += [(rng.integers(0, 500, 5).astype(np.uint16), 83, 250)]
    what = "an array of as many voltages as `adc` has numbers is asked for"
    compare(convert, slow_millivolts, cases, what, WRONG_VOLTAGES, rtol=1e-3)


def one_to_one(found, truth, fs, after=0.1, before=0.1):
    """Each true beat takes the first free position near it."""
    free, hits = list(found), 0
    for r in truth:
        at_hand = [f for f in free if -before * fs < f - r < after * fs]
        if at_hand:
            free.remove(at_hand[0])
            hits += 1
    return np.array([hits / len(truth), hits / len(found)])


def any_near(found, truth, fs):
    """Section 11.2's `near`: how many positions stand at one beat does not matter."""
    apart = abs(np.subtract.outer(truth, found)) <= 0.1 * fs
    return apart.any(axis=1).mean(), apart.any(axis=0).mean()


DETECTED = [  # found, truth, fs
    ([260, 520, 770, 890, 1400], [250, 500, 750, 1000], 250),  # 3 of 4 are found
    ([240, 480], [250, 500], 250),  # up to 80 ms too early
    ([240, 260, 500], [250, 500], 250),  # one beat is found twice
    ([255], [245, 265], 250),  # one position near two beats
    ([145, 210], [100, 210], 500),  # 90 ms off
    ([115, 206], [100, 200], 100),  # 150 ms off
    ([30, 160, 171, 290, 430, 437, 560], [29, 165, 300, 425, 620], 128),
]

WRONG_RATES = {  # of found f, truth t and fs
    ("somewhere one position finds two beats, or two positions are right about one beat",
     "a position that has found its beat must be gone for the next one"): any_near,
    "the positions are samples: 0.1 s are more of them where `fs` is larger":
        lambda f, t, fs: one_to_one(f, t, 250),
    "the positions are samples, and 0.1 is in seconds: use `fs`":
        lambda f, t, fs: one_to_one(f, t, 1),
    "100 is right in ms, the positions are samples": lambda f, t, fs: one_to_one(f, t, 1000),
    "0.1 s is wider than you take it": lambda *given: one_to_one(*given, 0.05, 0.05),
    "0.1 s is the limit to each side, you allow more": lambda *given: one_to_one(*given, 0.2, 0.2),
    "a position may also come before its beat": lambda *given: one_to_one(*given, 0.1, 1e-9),
    "those are numbers of beats: give shares, from 0 to 1":
        lambda f, t, fs: one_to_one(f, t, fs) * [len(t), len(f)],
}  # fmt: skip
WRONG_RATES |= spoilt(one_to_one, {
    "the two rates are swapped: the first one is a share of the true beats": lambda r: r[::-1],
    "you divide by the true beats both times": lambda rates: rates[[0, 0]],
    "you divide by the positions both times": lambda rates: rates[[1, 1]],
    "those are percent: give shares, from 0 to 1": lambda rates: 100 * rates,
    "those are the shares of what is missed and of what is invented": lambda rates: 1 - rates,
    "one number hides which of the two rates is bad: return both": lambda rates: rates.mean(),
    "that is the sensitivity alone: return both rates": lambda rates: rates[0],
    "that is the PPV alone: return both rates": lambda rates: rates[1],
})  # fmt: skip


@exercise(
    "On section 11.2's noisy records `near` gives the same two rates, since no beat is found twice "
    "there. Only yours would tell you if it were. Try it with 0.1 mV of noise."
)
def detector_rates(rates):
    """A function (found, truth, fs): sensitivity and positive predictive value, within 100 ms."""
    cases = [(np.array(found), np.array(truth), fs) for found, truth, fs in DETECTED]
    compare(rates, one_to_one, cases, "two numbers are asked for, sensitivity and PPV", WRONG_RATES)


@exercise(
    "With as many folds as patients each of them is tested alone, by a model that has met all "
    "others. How many trainings would that be for section 11.3, and what would be gained?"
)
def patient_folds(folds):
    """A function (patient, k): k boolean masks, each patient in the test part of just one."""
    for patient in (np.array([7, 7, 31, 4, 4, 4, 12, 19, 31]), np.array(list("CABBADBCEEDAC"))):
        for k in (2, 3, 5):
            hint = fault_of_folds(call(folds, patient, k), patient, k)
            if hint:
                return hint, f"{hint}; look at k = {k} and the patients {patient}"


def fault_of_folds(folds, patient, k):
    """What is wrong with the masks of `patient_folds`, or None."""
    if not isinstance(folds, list | tuple | np.ndarray):
        return f"a list of masks is asked for, yours is of the type {type(folds).__name__}"
    masks = [np.asarray(mask) for mask in folds if numbers(mask) is not None]
    if len(masks) != len(folds):
        return "a mask is an array of True and False, one for each beat; yours hold something else"
    return fault_of_forms(masks, patient, k) or fault_of_parts(masks, patient, k)


def fault_of_forms(masks, patient, k):
    """What is wrong with number, shape and type of the masks, or None."""
    if len(masks) != k:
        return f"one mask for each fold is asked for, {k} of them; you return {len(masks)}"
    if all(m.shape == patient.shape and m.dtype.kind in "iuf" for m in masks):
        return "a mask holds True and False; yours hold numbers"
    if any(m.dtype.kind in "iuf" for m in masks):
        return "those are positions or patients: a mask says True or False for every beat"
    if any(m.shape != patient.shape for m in masks):
        return f"a mask has one entry for each beat; yours have the shape {masks[0].shape}"


def fault_of_parts(masks, patient, k):
    """What is wrong with who is tested where, or None.  masks: k boolean arrays."""
    for mask in masks:
        both = sorted(set(patient[mask]) & set(patient[~mask]))
        if both:
            return f"patient {both[0]} has beats on both sides of one fold, which is a leak"
        if mask.all():
            return "there is a fold that leaves nobody to train on"
        if not mask.any():
            return "there is a fold that leaves nobody to test on"
    times = np.sum(masks, axis=0)
    if k > 2 and (times == k - 1).all():
        return "a mask says which beats to test on; yours say which to train on"
    if (times != 1).any():
        first = (times != 1).argmax()
        return f"patient {patient[first]} shall be tested once, and is tested {times[first]} times"


def spread(x):
    """The mean squared deviation from the mean beat."""
    return x.var(dim=0, correction=0).mean()


WRONG_SPREADS = {
    "that is the spread around one voltage: the mean beat's shape is no variation": torch.var,
    "you take the square of the signal itself: nothing is subtracted": lambda x: (x**2).mean(),
    "you subtract a mean over the samples, not over the beats":
        lambda x: x.var(dim=-1, correction=0).mean(),
    "you take a standard deviation, in mV; beta is in mV²": lambda x: spread(x) ** 0.5,
    "you take standard deviations, in mV; beta is in mV²": lambda x: x.std(dim=0).mean(),
    "you take no squares; beta is in mV²": lambda x: (x - x.mean(dim=0)).abs().mean(),
    "you add up over the samples; the error is a mean": lambda x: spread(x) * x.shape[-1],
    "you add up over the beats; the error is a mean": lambda x: spread(x) * len(x),
    "you add up everything; the error is a mean": lambda x: spread(x) * x.numel(),
    "you take the noise for beta: notebook 6 has L / 2 between them":
        lambda x: spread(x) * 2 / x.shape[-1],
    "you divide, so that a smaller signal gets a larger beta": lambda x: 1 / spread(x),
    "that is the relative beta as it came: multiply it by sigma²": lambda x: 1,
    "that is one beta for each sample: take the mean over them too": lambda x: x.var(dim=0),
}  # fmt: skip
WRONG_BETAS = {
    hint: lambda x, relative, wrong=wrong: relative * wrong(x)
    for hint, wrong in WRONG_SPREADS.items()
} | {"that is sigma² alone: `relative` says how much of it": lambda x, relative: spread(x)}


@exercise(
    "For the training beats of record 208 a relative beta of 0.02 is 0.0012, between the "
    "lecture's 0.005 and notebook 9's 0.0005. Try it on your own beats."
)
def relative_beta(beta):
    """A function (x, relative): that many times the mean squared deviation from the mean beat."""
    rng, cases = torch.Generator().manual_seed(0), []
    for n, L, size, relative in ((200, 60, 0.5, 0.1), (150, 90, 0.2, 0.02), (300, 40, 2, 0.5)):
        shape = 3 * torch.sin(torch.arange(L) / 5) + 2
        # exponential: mean and median differ
        noise = size * torch.empty(n, 1, L).exponential_(generator=rng)
        cases.append((shape + noise * (1 + torch.arange(L) / L), relative))
    what = "one number is asked for, beta in mV²"
    compare(beta, lambda x, relative: relative * spread(x), cases, what, WRONG_BETAS, rtol=0.015)


@exercise(
    "These are 360 MB, which most memories hold. All beats of the MIT-BIH database are some "
    "110,000; of how many beats would the file outgrow yours?"
)
def bytes_on_disk(n):
    """The size of 200,000 beats of 450 samples as float32."""
    n, beats, samples = number(n), 200_000, 450
    return judge(n, beats * samples * 4, {
        "that is how many numbers there are: each takes several bytes": beats * samples,
        "that is one number per beat": beats * 4,
        "that is float64; the shelf holds float32": beats * samples * 8,
        "float32 has 32 bits, and eight bits are one byte": beats * samples * 32,
        "that is in megabytes: bytes are asked for": 360,
        "that is in kilobytes: bytes are asked for": 360_000,
        "that is in gigabytes: bytes are asked for": 0.36,
        "that is in mebibytes, 1024 times 1024 bytes: bytes are asked for": 360e6 / 2**20,
        "that is one beat": samples * 4,
        "that is the number of beats": beats,
        "the samples stand beside the beats: multiply, do not add": (beats + samples) * 4,
    }, f"{n:.0f} bytes are {n / beats:g} for each beat",
       f"For each of its samples these are {n / beats / samples:g}", whole=True)  # fmt: skip


@exercise(
    "Trained with it on beats of twice the size, notebook 9's VAE spends 4.1 nats, as it did. "
    "With 0.0005 it would spend 6.5. The relative beta, 0.0084, does not notice the amplifier."
)
def beta_of_louder(beta):
    """The beta that does for 2 x what 0.0005 mV² per nat did for x."""
    old = 0.0005
    return judge(beta, 4 * old, {
        (
            "the squared error grows by more than the voltage does",
            "an error of 0.1 mV becomes one of 0.2 mV: what do their squares do?",
        ): 2 * old,
        "then the error has grown, and the KL weighs less beside it": old,
        "you divide: the error has grown, the KL must not be left behind": old / 4,
        "you divide: the error has grown, and not the KL": old / 2,
        "that is the factor: which beta does it make of 0.0005?": 4,
        "that is the factor of the voltage": 2,
        "you take a root: how does a square grow?": old * 2**0.5,
        "you go too far: the error is a square, and no higher power": 8 * old,
        "you square the old beta; it is the voltage that is squared": old**2,
        "the lecture's beta does not know this amplifier either": 0.005,
        "that is relative to the spread; an absolute beta is asked for": 0.0084,
        "a weight is not negative": -4 * old,
    }, "the loss is error + beta KL; with {:g} its two parts have not grown alike",
       "By which factor does a squared error grow?", rtol=0.01)  # fmt: skip
